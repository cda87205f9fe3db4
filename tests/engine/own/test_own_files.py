"""A learner's function from a file: it is used like the course's own, and errors are reported with their line in it."""

from __future__ import annotations

import ast
import os
import re
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.descent import chosen
from engine.errors import InputError
from engine.events import Curve, Outcome, PathEnded, RunEnded, SurfaceDrawn
from engine.lessons import lesson
from engine.own import files
from engine.run.runner import Runner
from engine.settings import parse_settings
from tests.engine.lesson_runs import column, only, run, table
from tui.cli.main import main

TF = "import tensorflow as tf\n"
BOWL = "import tensorflow as tf\n\ndef surface(x, y):\n    return tf.square(x - 1.0) + 2.0 * y * y\n"


def written(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def refused(path: str, default: str = "surface", arity: int = 2) -> str:
    with pytest.raises(InputError) as error:
        files.load("--surface", path, default, arity)
    assert "\n" not in str(error.value)
    return str(error.value).replace(str(Path(path).parent) + "/", "")


def test_a_surface_from_a_file_is_descended_to_the_minimum_found(tmp_path: Path) -> None:
    path = written(tmp_path, BOWL)
    events = run("himmelblau", surface=path, start="3,2", learning_rate="0.1")
    (drawn,) = only(SurfaceDrawn, events)
    assert drawn.key == path
    (minimum,) = drawn.minima
    np.testing.assert_allclose(minimum.point, (1.0, 0.0), atol=1e-6)
    assert only(PathEnded, events)[0].minimum == minimum


def test_a_curve_from_a_file_has_its_slope_by_the_tape(tmp_path: Path) -> None:
    path = written(tmp_path, "def wave(x):\n    return x**4 - 3 * x**2 + x\n")
    events = run("gradients", function=f"{path}:wave", start="2", learning_rate="0.02")
    (drawn,) = only(Curve, events)
    np.testing.assert_allclose(drawn.gradient, 4 * drawn.x**3 - 6 * drawn.x + 1, rtol=1e-9, atol=1e-9)
    assert only(PathEnded, events)[0].minimum is not None


def test_an_activation_from_a_file_is_tabulated(tmp_path: Path) -> None:
    path = written(
        tmp_path, "import tensorflow as tf\n\ndef activation(x):\n    return x * tf.tanh(tf.math.softplus(x))\n"
    )
    samples = table(run("activations", activation=path), path)
    np.testing.assert_allclose(column(samples, "tape f′(x)"), column(samples, "closed form"), atol=1e-9)


def test_a_function_with_constants_of_float32_is_taken_in_float32(tmp_path: Path) -> None:
    path = written(
        tmp_path, "import tensorflow as tf\nC = tf.constant(2.0)\n\ndef surface(x, y):\n    return C * x * x + y * y\n"
    )
    assert files.load("--surface", path, "surface", 2).dtype == "float32"


def test_a_file_that_was_changed_is_run_again(tmp_path: Path) -> None:
    path = written(tmp_path, BOWL)
    before = chosen.surface_called(path)
    written(tmp_path, BOWL.replace("- 1.0", "- 2.0"))
    after = chosen.surface_called(path)
    assert before.key != after.key
    assert (before.minima[0].point[0], after.minima[0].point[0]) == pytest.approx((1.0, 2.0))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def surface(x, y)\n    return x\n", "mine.py, line 1: expected ':'"),
        ("import not_there_at_all\n", "mine.py, line 1: ModuleNotFoundError: No module named 'not_there_at_all'"),
        ("x = 1\n\n1 / 0\n", "mine.py, line 3: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "mine.py, line 1: SystemExit: 3"),
        ("def other(x, y):\n    return x\n", "mine.py has no function surface; it has other"),
        ("surface = 3\n", "mine.py has no function surface; it has none"),
        ("def surface(x, y):\n    return x[7] + y\n", "line 2"),
        ("def surface(x):\n    return x\n", "takes 1 positional argument but 2 were given"),
        ("import numpy as np\n\ndef surface(x, y):\n    return np.sin(x)\n", "line 4: it leaves TensorFlow for"),
        ("def surface(x, y):\n    return 3.0\n", "it returned a float; expected a tensor"),
        (TF + "def surface(x, y):\n    return tf.reduce_sum(x)\n", "the same shape and dtype"),
        (TF + "def surface(x, y):\n    return tf.stop_gradient(x * y)\n", "it has no gradient"),
        (TF + "def surface(x, y):\n    return tf.sqrt(-x * x - 1.0) + y\n", "it has no finite value or gradient"),
        (TF + "def surface(x, y):\n    return x * y + tf.random.normal([])\n", "it gives other values when it is call"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_reported_in_a_line(text: str, told: str, tmp_path: Path) -> None:
    assert told in refused(written(tmp_path, text))


def test_a_file_that_raises_as_ctrl_c_does_is_reported_by_the_engine_s_thread(tmp_path: Path) -> None:
    path = written(tmp_path, "raise KeyboardInterrupt\n")
    said = []
    thread = threading.Thread(target=lambda: said.append(refused(path)))
    thread.start()
    thread.join()
    assert said == ["--surface: mine.py, line 1: KeyboardInterrupt: no message"]


def test_a_function_that_is_defined_only_beyond_one_is_tried_there(tmp_path: Path) -> None:
    path = written(tmp_path, TF + "def function(x):\n    return tf.sqrt(x - 1.0)\n")
    assert files.load("--function", path, "function", 1)(np.array(5.0), np) == 2.0


def test_a_file_may_import_modules_beside_it(tmp_path: Path) -> None:
    found = []
    for folder, factor in (("one", 2), ("two", 3), ("one", 4)):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "helper_beside.py").write_text(f"def scaled(x):\n    return {factor} * x\n")
        later = "def function(x):\n    from helper_beside import scaled\n    return first(scaled(x))\n"
        path = tmp_path / folder / f"mine{factor}.py"
        path.write_text("from helper_beside import scaled as first\n" + later)
        found.append(float(files.load("--function", str(path), "function", 1)(np.array(1.0), np)))
    assert found == [4.0, 9.0, 16.0]


def test_a_module_beside_a_file_takes_the_place_of_no_library_s(tmp_path: Path) -> None:
    (tmp_path / "colorsys.py").write_text("raise RuntimeError\n")
    (tmp_path / "mine.py").write_text("import colorsys\ndef function(x):\n    return colorsys.ONE_THIRD * x\n")
    assert files.load("--function", str(tmp_path / "mine.py"), "function", 1)(np.array(3.0), np) == 1.0


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    assert refused(str(tmp_path / "none.py")) == "--surface: cannot read none.py: No such file or directory"


def test_a_pipe_in_place_of_a_file_is_reported_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.py")
    assert "cannot read mine.py: it is a named pipe" in refused(str(tmp_path / "mine.py"))
    assert files.checksum(str(tmp_path / "mine.py")) == -1


def test_a_file_that_is_no_text_is_reported(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8 text" in refused(str(tmp_path / "mine.py"))


def test_a_run_of_a_broken_file_fails_for_its_input(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "def surface(x, y):\n    return nonsense\n")
    assert main(["--no-ui", "himmelblau", "--surface", path, "--no-log"]) == 2
    assert "line 2: NameError" in capfd.readouterr().err


def test_the_readme_s_file_is_descended(tmp_path: Path) -> None:
    (text,) = re.findall(r"```python\n# mine.py\n(.*?)```", Path("README.md").read_text(), re.DOTALL)
    (drawn,) = only(SurfaceDrawn, run("himmelblau", surface=written(tmp_path, text), steps="5"))
    assert drawn.minima


def test_a_screen_shows_the_function_that_a_run_took_and_runs_no_file(tmp_path: Path) -> None:
    path = written(tmp_path, BOWL)
    assert chosen.surface_on_show(path, 10.0, ()) is None
    taken = chosen.surface_called(path)
    written(tmp_path, "raise RuntimeError\n")
    shown = chosen.surface_on_show(path, 10.0, ())
    assert shown is not None and shown.key == taken.key


def test_settings_name_a_file_without_running_it(tmp_path: Path) -> None:
    settings = parse_settings(lesson("himmelblau").settings, {"surface": written(tmp_path, "raise RuntimeError\n")})
    assert settings.texts()["surface"].endswith("mine.py")


class Ends:
    """A sink that waits for the run's end."""

    def __init__(self) -> None:
        self.ended: RunEnded | None = None

    def __call__(self, delivery: object) -> None:
        event = getattr(delivery, "event", None)
        self.ended = event if isinstance(event, RunEnded) else self.ended


@pytest.mark.parametrize(
    "text",
    [
        "open(BEGUN, 'w')\nwhile True:\n    pass\n",
        "open(BEGUN, 'w')\nwhile True:\n    try:\n        1 / 0\n    except Exception:\n        pass\n",
    ],
)
def test_a_file_that_never_ends_is_stopped(text: str, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    path = written(tmp_path, f"BEGUN = {str(begun)!r}\n{text}")
    taught = lesson("himmelblau")
    runner = Runner(taught, parse_settings(taught.settings, {"surface": path}), sinks=(), run="own")
    runner.start()
    waited = threading.Event()
    while not begun.exists():
        waited.wait(0.01)
    runner.stop()
    assert runner.join(60)
    assert runner.outcome is Outcome.STOPPED


def test_nothing_else_runs_code_that_it_reads() -> None:
    allowed = {
        Path("engine/own/files.py"),
        Path("engine/exercises/autograd.py"),
    }  # the latter: its own code
    for path in [*Path("engine").rglob("*.py"), *Path("tui").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node, "id", getattr(node, "attr", ""))
            if called in ("exec", "eval", "exec_module", "spec_from_file_location", "SourceFileLoader", "run_path"):
                assert path in allowed
