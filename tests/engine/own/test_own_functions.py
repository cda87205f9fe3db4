"""A typed function in the lessons: it gets settings, is drawn, descended and reported like the course's own."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.descent import chosen
from engine.errors import InputError, SettingError
from engine.events import Curve, PathEnded, PathsOpened, SurfaceDrawn
from engine.lazy import tf
from engine.lessons import lesson
from engine.own.expressions import parse
from engine.own.operations import FUNCTIONS
from engine.params import Choice, Choices, Domain, Formula
from engine.settings import command_line, parse_settings
from tests.engine.lesson_runs import column, curve, learned, only, remarks, run, table
from tui.cli.main import main
from tui.cli.parser import parse as parse_command
from tui.cli.request import Request

SECTION = Path("README.md").read_text().partition("## Your own function")[2].partition("\n## ")[0]
ROSENBROCK = "(1 - x)^2 + 100*(y - x^2)^2"
WELL = "x^4 - 3x^2 + x"
MISH = "x * tanh(log(1 + exp(x)))"
SURFACE = Choice(name="surface", default="bowl", options=("bowl", "saddle"), variables=("x", "y"))
SEVERAL = Choices(name="activation", default=("relu",), options=("relu", "tanh"), variables=("x",))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "text",
    [
        *(f"{name}(x)" for name, function in FUNCTIONS.items() if len(function.slopes) == 1),
        *("max(x, 1 - y)", "2^x", "x^y", "min(2, x)y", "x^2.5", "x^-3", "sin(2) x", "x^7 y"),
    ],
)
def test_tensorflow_has_the_values_and_slopes_of_the_closed_form(text: str, dtype: str) -> None:
    expression = parse(text, ("x", "y"))
    x, y = tf.constant([0.3, 0.6, 0.9], dtype), tf.constant([0.2, 0.5, 0.7], dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = expression(x, y, tf.math)
    slope = tape.gradient(value, x)
    assert value.dtype == slope.dtype == dtype
    accurate = 1e-5 if dtype == "float32" else 1e-12
    plain = [part.numpy().astype(np.float64) for part in (x, y)]
    np.testing.assert_allclose(value, expression(*plain, np), rtol=accurate)
    np.testing.assert_allclose(slope, expression.derivative("x")(*plain, np), rtol=10 * accurate, atol=accurate)


def test_a_choice_takes_an_expression_and_keeps_it_as_it_was_typed() -> None:
    assert SURFACE.parse(" x^2 + y^2 ") == "x^2 + y^2"
    assert SURFACE.parse("saddle") == "saddle"


def test_a_mistake_in_an_expression_is_pointed_at() -> None:
    with pytest.raises(SettingError) as error:
        SURFACE.parse("(x + y))^2")
    assert str(error.value) == "--surface: ')' is not expected here"
    assert error.value.pointed() == ("(x + y))^2", "       ^")


def test_a_mistyped_word_is_answered_with_the_words() -> None:
    with pytest.raises(SettingError, match="expected one of bowl, saddle, or an expression of x and y"):
        SURFACE.parse("sadle")


def test_a_file_whose_name_does_not_end_in_py_is_answered_with_the_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.txt").touch()
    monkeypatch.chdir(tmp_path)
    found = lesson("himmelblau")
    for text in ("mine.txt", "./mine.txt:bowl"):
        with pytest.raises(SettingError, match=rf"'{text}' is not accepted; expected .*, or FILE\.py\[:NAME\]"):
            parse_settings(found.settings, {"surface": text})


def test_a_list_takes_words_and_expressions_with_commas_in_them() -> None:
    assert SEVERAL.parse("relu, max(x, 0.1x),tanh(x)") == ("relu", "max(x, 0.1x)", "tanh(x)")
    assert SEVERAL.parse(SEVERAL.text(("max(x, 0)", "tanh"))) == ("max(x, 0)", "tanh")


@pytest.mark.parametrize(
    ("text", "value"), [("auto", ()), ("", ()), ("-3:3", ((-3.0, 3.0),)), ("0:1, -2:2", ((0.0, 1.0), (-2.0, 2.0)))]
)
def test_a_domain_is_read_and_written(text: str, value: Any) -> None:
    param = Domain(name="domain", default=(), dimensions=2)
    assert param.parse(text) == value
    assert param.parse(param.text(value)) == value


@pytest.mark.parametrize(
    "text", ["3:-3", "1:1", "1", "1:2:3", "a:b", "nan:1", "-inf:inf", "0:1e7", "1:1.00000001", "0:1,0:1,0:1", ":"]
)
def test_a_domain_that_cannot_be_drawn_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="low < high"):
        Domain(name="domain", default=(), dimensions=2).parse(text)


def test_a_formula_is_read() -> None:
    param = Formula(name="expression", default="x", variables=("x", "w"))
    assert param.parse("x w") == "x w"
    with pytest.raises(SettingError, match="'z' is not known"):
        param.parse("x z")


@pytest.mark.parametrize(
    ("lesson_id", "texts"),
    [("himmelblau", {"surface": ROSENBROCK, "domain": "-1:1"}), ("gradients", {"function": WELL, "start": "2"}),
     ("activations", {"activation": f"relu,{MISH},max(x, 0.1x)"}),
     ("autograd", {"expression": "w x^2", "function": "w^3"})],
)  # fmt: skip
def test_the_command_line_to_share_gives_the_same_settings(lesson_id: str, texts: dict[str, str]) -> None:
    settings = parse_settings(lesson(lesson_id).settings, texts)
    asked = parse_command([*shlex.split(command_line(lesson_id, settings))[1:], "--no-ui"], {})
    assert isinstance(asked, Request)
    assert asked.settings == (settings,)
    assert parse_settings(lesson(lesson_id).settings, settings.texts()) == settings


def test_a_typed_surface_is_descended_to_a_minimum_that_was_found() -> None:
    events = run("himmelblau", surface="(x - 1)^2 + 2(y + 1)^2", start="3,2", learning_rate="0.1")
    (drawn,) = only(SurfaceDrawn, events)
    (minimum,) = drawn.minima
    assert (minimum.label, minimum.found) == ("(1, −1)", True)
    (end,) = only(PathEnded, events)
    assert end.minimum == minimum
    assert "found 1 minimum of it here; there may be others" in remarks(events)
    z = (drawn.x - 1) ** 2 + 2 * (drawn.y[:, None] + 1) ** 2
    np.testing.assert_allclose(drawn.z, z, rtol=1e-12)


def test_a_typed_surface_brings_its_own_starts_and_rate() -> None:
    settings = parse_settings(lesson("himmelblau").settings, {"surface": ROSENBROCK})
    surface = chosen.surface_called(ROSENBROCK)
    assert (settings.start, settings.learning_rate) == (surface.starts, surface.learning_rate)


def test_a_typed_curve_is_the_course_s_double_well() -> None:
    typed, known = (
        run("gradients", function=name, steps="30", start="2", learning_rate="0.02") for name in (WELL, "double-well")
    )
    assert only(PathEnded, typed)[0].point == pytest.approx(only(PathEnded, known)[0].point, rel=1e-5)
    np.testing.assert_allclose(only(PathsOpened, typed)[0].gradients, only(PathsOpened, known)[0].gradients)
    assert "f′(x) = 4x³ − 6x + 1" in remarks(typed)
    compared = table(typed, "derivative")
    np.testing.assert_allclose(column(compared, "tape f′(x)"), column(compared, "closed form"), atol=1e-12)


def test_the_domain_sets_what_is_drawn() -> None:
    (drawn,) = only(SurfaceDrawn, run("himmelblau", domain="0:4,-1:5", steps="1"))
    assert (drawn.x[0], drawn.x[-1], drawn.y[0], drawn.y[-1]) == (0.0, 4.0, -1.0, 5.0)
    (curve_drawn,) = only(Curve, run("gradients", domain="-1:2", steps="1"))
    assert (curve_drawn.x[0], curve_drawn.x[-1]) == (-1.0, 2.0)


def test_a_typed_activation_is_mish() -> None:
    events = run("activations", activation=f"relu,{MISH}")
    drawn = curve(events, "x*tanh(log(1 + exp(x)))")
    np.testing.assert_allclose(drawn.y, drawn.x * np.tanh(np.log1p(np.exp(drawn.x))), rtol=1e-9, atol=1e-12)
    assert float(re.findall(r"within (\S+)\.", learned(events))[0]) < 1e-12


def test_an_activation_that_is_not_finite_everywhere_is_refused() -> None:
    with pytest.raises(InputError, match=r"log\(x\) has no finite value or slope at x = -10"):
        run("activations", activation="log(x)")


def test_a_typed_loss_has_its_tape_told_and_compared_with_the_rules() -> None:
    events = run("autograd", expression="x*w + sigmoid(b - t)*w", w="2")
    rules = table(events, "chain")
    np.testing.assert_allclose(column(rules, "tape"), column(rules, "by the rules"), rtol=1e-12)
    rows = table(events, "tape").rows
    for row in rows[1:]:
        same = [other for other in rows[1:] if other[0] == row[0]]
        assert sum(local * upstream for _, _, _, local, upstream, _ in same) == pytest.approx(row[5])  # type: ignore[operator]


def test_the_loss_of_the_course_typed_otherwise_has_its_gradient() -> None:
    events = run("autograd", expression="(b + w x - t)^2")
    known = run("autograd")
    gradient = {row[0]: row[5] for row in table(events, "tape").rows}
    assert gradient["w"] == pytest.approx({row[0]: row[5] for row in table(known, "tape").rows}["w"])


@pytest.mark.parametrize("function", ["w^5 - sin(w)", "2w", "log(w)", "abs(w)"])
def test_a_typed_function_is_differentiated_twice(function: str) -> None:
    second = table(run("autograd", function=function, w="1.5"), "second-order")
    np.testing.assert_allclose(column(second, "tape"), column(second, "closed form"), rtol=1e-12)


def test_a_loss_without_a_finite_value_is_refused() -> None:
    with pytest.raises(InputError, match=r"log\(w - x\) is no finite number at x = 3, w = 1"):
        run("autograd", expression="log(w - x)")


def test_a_mistake_on_the_command_line_is_shown_with_a_caret(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--no-ui", "gradients", "--function", "x^2 + sim(x)"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "gdtui: --function: 'sim' is not known; did you mean sin?",
        "  x^2 + sim(x)",
        "        ^",
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(line, marks=pytest.mark.slow if line.startswith("fashion-mnist --optimizer") else ())
        for line in re.findall(r"^gdtui (.*)$", SECTION, re.MULTILINE)
    ],
)
def test_the_readme_s_examples_run(
    line: str, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in re.findall(r"```python\n# (\w+\.py)\n(.*?)```", SECTION, re.DOTALL):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    given = shlex.split(line)
    short = {"fashion-mnist": ["--hidden", "32", "--train-examples", "512", "--test-examples", "100", "--epochs", "1"]}
    less = short.get(given[0], ["--steps", "5"] if "--start" in line else [])
    assert main([*given, "--json", "--logdir", str(tmp_path), *less]) == 0
    events = [json.loads(each) for each in capfd.readouterr().out.splitlines()]
    assert events[-1]["outcome"] == "done"
    rates = [event["rates"] for event in events if event["event"] in ("paths_grew", "metrics")]
    if rates:
        assert (rates[0] is not None and rates[0][0] != rates[-1][-1]) == ("--schedule" in line)
    (record,) = tmp_path.glob("*/*/run.json")
    settings = json.loads(record.read_text())["settings"]
    for option, text in zip(given[1::2], given[2::2], strict=True):
        assert text in settings[option[2:].replace("-", "_")]


@pytest.mark.parametrize(
    ("lesson_id", "name", "text", "known"),
    [("himmelblau", "surface", "x^2 + 3y^2 - x y", "saddle"), ("gradients", "function", "x^2 + 3x - 7", "parabola")],
)
def test_a_typed_function_is_searched_once_for_each_domain(lesson_id: str, name: str, text: str, known: str) -> None:
    kind = lesson(lesson_id).settings
    work = kind.preparation({name: text})
    assert work is not None
    work.call()
    assert kind.preparation({name: text, "steps": "7"}) is None
    if name == "surface":
        assert kind.preparation({name: text, "conditioning": "100"}) is None
    elsewhere = kind.preparation({name: text, "domain": "-2:2"})
    assert elsewhere is not None
    elsewhere.call()
    assert kind.preparation({name: text, "domain": "-2:2"}) is None


@pytest.mark.parametrize("text", ["saddle", "./mine.py", "x +", "himmelblau"])
def test_what_needs_no_search_or_is_refused_needs_no_preparation(text: str) -> None:
    assert lesson("himmelblau").settings.preparation({"surface": text}) is None
