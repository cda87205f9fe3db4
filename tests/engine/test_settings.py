"""Settings accept what they document, refuse the rest in one line, and read back what they write."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from engine.descent import chosen
from engine.errors import SettingError
from engine.lesson import Lesson
from engine.lessons import course, lesson
from engine.params import Choice, Choices, Folder, Integer, Number, Param, Starts, Switch
from engine.settings import (
    Settings,
    choice,
    choices,
    command_line,
    folder,
    integer,
    number,
    param_of,
    params_of,
    parse_settings,
    starts,
    switch,
)

RATE = Number(name="learning_rate", low=0.0, high=1e3)
DECAY = Number(name="beta_1", low=0.0, high=0.9999999, optional=True)
STEPS = Integer(name="steps", low=1, high=100_000)
NAME = Choice(name="surface", options=("bowl", "saddle"))
NAMES = Choices(name="optimizer", options=("sgd", "adam", "lion"))
SWITCH = Switch(name="shuffle")
POINTS = Starts(name="start")
PLACES = Starts(name="start", dimensions=1, most=3)
FOLDER = Folder(name="data_dir")
PARAMS: tuple[Param, ...] = (RATE, DECAY, STEPS, NAME, NAMES, SWITCH, POINTS, PLACES, FOLDER)

each_param = pytest.mark.parametrize("param", PARAMS, ids=lambda param: f"{type(param).__name__}-{param.name}")
each_lesson = pytest.mark.parametrize("taught", course(), ids=lambda taught: taught.id)

quick = hypothesis_settings(deadline=None, max_examples=60)


@dataclass(frozen=True, kw_only=True)
class AllKinds(Settings):
    """One setting of each kind, and one that depends on another."""

    rate: float = number(0.5, low=-2.0, high=1e3, help="rate", live=True)
    decay: float | None = number(None, low=0.0, high=1.0, optional=True, help="decay")
    steps: int = integer(3, low=1, high=10**9, help="steps")
    kind: str = choice("small", ("small", "large"), help="kind")
    names: tuple[str, ...] = choices(("a",), ("a", "b", "c"), help="names")
    shuffle: bool = switch(True, help="shuffle")
    start: tuple[tuple[float, ...], ...] = starts(((1.0, 0.0),), help="start")
    data: str = folder(help="data")

    @classmethod
    def suggested(cls, given: Any) -> dict[str, str]:
        return {"rate": "7"} if given.get("kind") == "large" and "rate" not in given else {}


def one_line(error: SettingError) -> bool:
    """Whether an error can be shown: one line, not too long, nothing that moves a cursor."""
    text = str(error)
    return bool(text) and all(c.isprintable() for c in text) and len(text) < 500


def refusal(param: Param, text: str) -> str:
    with pytest.raises(SettingError) as caught:
        param.parse(text)
    assert one_line(caught.value)
    return str(caught.value)


# --- each kind ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("param", "text", "value"),
    [
        (RATE, "0.01", 0.01),
        (RATE, " 1e-3 ", 0.001),
        (RATE, "1000", 1000.0),
        (RATE, "-0", 0.0),
        (RATE, "1_000", 1000.0),
        (DECAY, "default", None),
        (DECAY, "", None),
        (DECAY, "0.9", 0.9),
        (STEPS, "200", 200),
        (STEPS, "+7", 7),
        (STEPS, "1_000", 1000),
        (NAME, " bowl ", "bowl"),
        (NAMES, "adam", ("adam",)),
        (NAMES, "lion, sgd,lion", ("lion", "sgd")),
        (SWITCH, "on", True),
        (SWITCH, "No", False),
        (POINTS, "-4,0", ((-4.0, 0.0),)),
        (POINTS, "1,0; -4,0 ;4,0", ((1.0, 0.0), (-4.0, 0.0), (4.0, 0.0))),
        (PLACES, "2.5;-1", ((2.5,), (-1.0,))),
        (FOLDER, "", ""),
        (FOLDER, "/a folder/ü", "/a folder/ü"),
    ],
)
def test_a_setting_reads_what_a_person_writes(param: Param, text: str, value: Any) -> None:
    found = param.parse(text)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("param", "text"),
    [
        (RATE, ""),
        (RATE, "nan"),
        (RATE, "inf"),
        (RATE, "-inf"),
        (RATE, "1e999"),
        (RATE, "-1e-9"),
        (RATE, "1000.0001"),
        (RATE, "0,1"),
        (RATE, "0x10"),
        (RATE, "1 2"),
        (RATE, "default"),
        (RATE, "9" * 5000),
        (RATE, "a" * 10**6),
        (DECAY, "None"),
        (DECAY, "1"),
        (STEPS, "0"),
        (STEPS, "100001"),
        (STEPS, "1e3"),
        (STEPS, "2.0"),
        (STEPS, "9" * 5000),
        (STEPS, "٣"),
        (STEPS, "３"),
        (RATE, "٠.٥"),
        (RATE, "1\u00a0"),
        (POINTS, "٣,1"),
        (NAME, "Bowl"),
        (NAME, "bowl,saddle"),
        (NAME, ""),
        (NAMES, ""),
        (NAMES, "sgd,"),
        (NAMES, "sgd;adam"),
        (SWITCH, "maybe"),
        (SWITCH, ""),
        (POINTS, ""),
        (POINTS, "1"),
        (POINTS, "1,2,3"),
        (POINTS, "1,2;"),
        (POINTS, "1,nan"),
        (POINTS, "inf,0"),
        (POINTS, "1e7,0"),
        (POINTS, ";".join(["1,2"] * 65)),
        (PLACES, "1,2"),
        (PLACES, "1;2;3;4"),
        (FOLDER, "a\nb"),
        (FOLDER, "\x1b[2J"),
        (FOLDER, "\ud800"),
    ],
    ids=lambda part: repr(part)[:20] if isinstance(part, str) else part.name,
)
def test_a_setting_refuses_the_rest_in_one_line(param: Param, text: str) -> None:
    said = refusal(param, text)
    assert said.startswith(param.option + ": ") and said.endswith(f"expected {param.accepted}")


@pytest.mark.parametrize(
    ("param", "value"),
    [
        (RATE, True),
        (RATE, None),
        (RATE, "0.1"),
        (RATE, math.nan),
        (RATE, 10**400),
        (RATE, [0.1]),
        (STEPS, 1.0),
        (STEPS, True),
        (STEPS, 10**5000),
        (NAME, 3),
        (NAMES, "sgd"),
        (NAMES, ()),
        (NAMES, ("sgd", 1)),
        (NAMES, (["sgd"],)),
        (SWITCH, 1),
        (SWITCH, "on"),
        (POINTS, ()),
        (POINTS, (1.0, 2.0)),
        (POINTS, ((1.0, math.nan),)),
        (POINTS, ((1.0, True),)),
        (POINTS, ((1.0, 10**400),)),
        (POINTS, "1,2"),
        (FOLDER, None),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_value_of_another_kind_is_refused_too(param: Param, value: Any) -> None:
    with pytest.raises(SettingError) as caught:
        param.check(value)
    assert one_line(caught.value)


def test_a_refusal_says_what_was_given_and_what_is_expected() -> None:
    assert refusal(RATE, "2e3") == "--learning-rate: '2e3' is not accepted; expected a number from 0 to 1000"
    assert refusal(STEPS, "0.5").endswith("expected a whole number from 1 to 100000")
    assert refusal(NAME, "hill") == "--surface: 'hill' is not accepted; expected one of bowl, saddle"
    assert refusal(NAMES, "sgd,hill").startswith("--optimizer: 'hill' is not accepted")
    assert "from 0 to 1 or 'default'" in refusal(DECAY, "2")
    assert "points x,y separated by ';'" in refusal(POINTS, "x") and "numbers x separated" in refusal(PLACES, "x")
    assert refusal(SWITCH, "2").endswith("expected on or off")


def test_control_characters_are_shown_as_replaced_and_long_texts_cut() -> None:
    said = refusal(NAME, "bowl\x1b[2J\r\n\u202e" + "x" * 1000)
    assert "bowl\ufffd[2J\ufffd\ufffd\ufffdxxx" in said and "x..." in said and len(said) < 150


@each_param
@quick
@given(text=st.text())
def test_any_text_is_a_value_that_is_accepted_or_an_error_of_one_line(param: Param, text: str) -> None:
    try:
        value = param.parse(text)
    except SettingError as error:
        assert one_line(error)
    else:
        assert param.check(value) == value
        assert param.parse(param.text(value)) == value


NUMBERLIKE = st.from_regex(r"\A[-+ ]?(\d[\d_]{0,5}|nan|inf|\.)?(\.\d{0,4})?([eE][-+]?\d{1,4})?[,; ]?\d?\Z")


@pytest.mark.parametrize("param", [RATE, DECAY, STEPS, POINTS, PLACES], ids=lambda param: param.name)
@quick
@given(text=NUMBERLIKE)
def test_so_is_any_text_that_looks_like_a_number(param: Param, text: str) -> None:
    try:
        value = param.parse(text)
    except SettingError as error:
        assert one_line(error)
    else:
        assert param.parse(param.text(value)) == value


# --- settings of a lesson -------------------------------------------------------------------------------------

VALUES = st.fixed_dictionaries(
    {},
    optional={
        "rate": st.floats(-2.0, 1e3),
        "decay": st.none() | st.floats(0.0, 1.0),
        "steps": st.integers(1, 10**9),
        "kind": st.sampled_from(["small", "large"]),
        "names": st.lists(st.sampled_from("abc"), min_size=1, unique=True).map(tuple),
        "shuffle": st.booleans(),
        "start": st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=4).map(tuple),
        "data": st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8),
        "seed": st.integers(0, 2**31 - 1),
        "speed": st.floats(0.0, 1e6),
    },
)


@quick
@given(values=VALUES)
def test_texts_read_back_to_the_very_same_settings(values: dict[str, Any]) -> None:
    made = AllKinds(**values)
    assert parse_settings(AllKinds, made.texts()) == made


def read_command(command: str) -> dict[str, str]:
    """The value that a command line gives each option, repeated ones joined, as parsed by the command line's own
    parser."""
    words = shlex.split(command)[2:]
    found: dict[str, str] = {}
    separators = {"names": ",", "start": ";"}
    while words:
        option = words.pop(0).removeprefix("--")
        if option in ("shuffle", "no-shuffle"):
            found["shuffle"] = "off" if option.startswith("no-") else "on"
            continue
        text = words.pop(0)
        found[option] = found[option] + separators[option] + text if option in found else text
    return found


@quick
@given(values=VALUES)
def test_a_command_line_repeats_the_run(values: dict[str, Any]) -> None:
    made = AllKinds(**values)
    command = command_line("all", made)
    assert command.startswith("gdtui all")
    assert parse_settings(AllKinds, read_command(command)) == made


@quick
@given(values=VALUES)
def test_a_command_line_says_nothing_that_goes_without_saying(values: dict[str, Any]) -> None:
    made = AllKinds(**values)
    said = read_command(command_line("all", made))
    for name in said:
        without = {key: text for key, text in said.items() if key != name}
        assert parse_settings(AllKinds, without) != made


@pytest.mark.parametrize(
    ("texts", "command"),
    [
        ({}, "gdtui himmelblau"),
        ({"start": "-4,0;4,0"}, "gdtui himmelblau --start -4,0 --start 4,0"),
        ({"optimizer": "adam,sgd"}, "gdtui himmelblau --optimizer adam --optimizer sgd"),
        ({"surface": "rosenbrock"}, "gdtui himmelblau --surface rosenbrock"),
        (
            {"surface": "rosenbrock", "learning_rate": "0.01"},
            "gdtui himmelblau --learning-rate 0.01 --surface rosenbrock",
        ),
    ],
)
def test_a_run_is_one_line_to_share(texts: dict[str, str], command: str) -> None:
    taught = lesson("himmelblau")
    assert command_line(taught.id, parse_settings(taught.settings, texts)) == command


@pytest.mark.parametrize(
    ("lesson_id", "texts"),
    [
        ("gradients", {"function": "x^4 - x + 7", "domain": "-2:2"}),
        ("himmelblau", {"surface": "x^2 + y^4 + 7x", "domain": "-2:2"}),
    ],
)
def test_no_search_is_made_for_the_line(lesson_id: str, texts: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    taught = lesson(lesson_id)
    made = parse_settings(taught.settings, texts)
    searched: list[object] = []
    monkeypatch.setattr(chosen.search, "search", lambda *given: searched.append(given))
    said = command_line(taught.id, made)
    assert not searched
    assert "--domain -2:2" in said and "--start" not in said and "--learning-rate" not in said


def test_the_files_of_a_lesson_and_of_a_model_stand_where_they_belong() -> None:
    made = parse_settings(lesson("train").settings, {"file": "model.py", "epochs": "3"})
    assert command_line("mine", made, "mine.py") == "gdtui --lesson-file mine.py mine model.py --epochs 3"


def test_a_word_with_a_space_or_a_quote_survives_the_shell() -> None:
    made = AllKinds(data="/my data/it's")
    assert read_command(command_line("all", made)) == {"data": "/my data/it's"}


def test_an_unknown_setting_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SettingError, match=r"no setting is called 'rat'; expected one of rate, decay, .*, speed"):
        parse_settings(AllKinds, {"rat": "1"})
    with pytest.raises(SettingError) as caught:
        param_of(AllKinds, "\x1b[2J\n" * 1000)
    assert one_line(caught.value)


def test_settings_made_in_code_are_checked_as_well() -> None:
    with pytest.raises(SettingError, match="--rate: 'nan'"):
        AllKinds(rate=math.nan)
    with pytest.raises(SettingError, match="--names"):
        AllKinds(names=("z",))


def test_a_setting_can_be_changed_by_its_text() -> None:
    made = AllKinds(steps=5)
    assert made.changed("rate", "2") == AllKinds(steps=5, rate=2.0)
    with pytest.raises(SettingError):
        made.changed("rate", "fast")


def test_what_is_given_outweighs_what_is_suggested() -> None:
    assert parse_settings(AllKinds, {"kind": "large"}).rate == 7.0
    assert parse_settings(AllKinds, {"kind": "large", "rate": "1"}).rate == 1.0


def test_what_every_lesson_shares_comes_last() -> None:
    assert [param.name for param in params_of(AllKinds)][-2:] == ["seed", "speed"]


# --- the lessons' own -----------------------------------------------------------------------------------------


@each_lesson
def test_the_defaults_are_within_their_bounds_and_read_back(taught: Lesson[Any]) -> None:
    made = taught.settings()
    assert parse_settings(taught.settings, made.texts()) == made
    assert command_line(taught.id, made) == f"gdtui {taught.id}"


@each_lesson
def test_every_setting_has_a_help_line_and_an_option(taught: Lesson[Any]) -> None:
    for param in params_of(taught.settings):
        assert param.help and "\n" not in param.help and param.accepted
        assert param.option == "--" + param.name.replace("_", "-")


@each_lesson
def test_every_lesson_can_be_paced_seeded_and_found_by_its_id(taught: Lesson[Any]) -> None:
    names = {field.name for field in fields(taught.settings)}
    assert {"seed", "speed"} <= names and param_of(taught.settings, "speed").live
    assert lesson(taught.id) is taught


def test_the_course_is_in_order() -> None:
    assert [taught.number for taught in course()] == [1, 2, 3, 4, 5, 6, 7]
    expected = "gradients autograd activations losses himmelblau fashion-mnist tensorboard"
    assert " ".join(taught.id for taught in course()) == expected
    with pytest.raises(KeyError):
        lesson("himmelblue")


@pytest.mark.parametrize("surface", ["rosenbrock", "bowl", "saddle"])
def test_another_surface_brings_its_own_starts_and_rate(surface: str) -> None:
    from engine.descent import surfaces

    taught = lesson("himmelblau")
    made: Any = parse_settings(taught.settings, {"surface": surface})
    chosen = surfaces.surface(surface)
    assert (made.start, made.learning_rate) == (chosen.starts, chosen.learning_rate)
    kept: Any = parse_settings(taught.settings, {"surface": surface, "start": "1,1", "learning_rate": "0.5"})
    assert (kept.start, kept.learning_rate) == (((1.0, 1.0),), 0.5)


@pytest.mark.parametrize("text", ["-5", "0", "1e5", "nan", "1e-320", "x", "\x00"])
def test_a_wrong_conditioning_is_named(text: str) -> None:
    with pytest.raises(SettingError, match="--conditioning: "):
        parse_settings(lesson("himmelblau").settings, {"surface": "bowl", "conditioning": text})


@pytest.mark.parametrize("name", ["surface", "function"])
def test_a_wrong_choice_is_named(name: str) -> None:
    taught = lesson("himmelblau" if name == "surface" else "gradients")
    with pytest.raises(SettingError, match=f"--{name}: 'hill'"):
        parse_settings(taught.settings, {name: "hill"})


@each_lesson
@hypothesis_settings(deadline=None, max_examples=30)
@given(texts=st.dictionaries(st.text(max_size=12), st.text(max_size=20), max_size=3), data=st.data())
def test_any_texts_at_all_make_settings_or_an_error_of_one_line(
    taught: Lesson[Any], texts: dict[str, str], data: st.DataObject
) -> None:
    names = [param.name for param in params_of(taught.settings)]
    known = data.draw(st.dictionaries(st.sampled_from(names), st.text(max_size=20) | NUMBERLIKE, max_size=3))
    for given_texts in (texts, known):
        try:
            made = parse_settings(taught.settings, given_texts)
        except SettingError as error:
            assert one_line(error)
        else:
            assert parse_settings(taught.settings, made.texts()) == made
