"""A learner's optimizer from a file: the same numbers as Keras's own, path by path, also after resuming, and refused
files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.descent import basins, optimizers, schedules, surfaces
from engine.descent.schedules import ScheduleSettings
from engine.errors import InputError, SettingError
from engine.events import Event, PathsGrew, PathsOpened
from engine.lazy import keras
from engine.lessons import lesson
from engine.own import optimizers as own_optimizers
from engine.settings import parse_settings
from engine.training.batches import spec
from engine.training.loop import Trainer
from engine.training.step import classification
from engine.training.task import TrainingTask
from tests.engine.lesson_runs import learned, only, remarks, run
from tui.cli.main import main

TF = "import tensorflow as tf\n"
KERAS = "import keras\n"
MOMENTUM = """
def momentum(parameter, gradient, state, learning_rate, step):
    state = 0.9 * state - learning_rate * gradient
    return parameter + state, state
"""
ADAM = """
import tensorflow as tf

def adam_state(parameter):
    return {"m": tf.zeros_like(parameter), "v": tf.zeros_like(parameter)}

def adam(parameter, gradient, state, learning_rate, step):
    m = 0.9 * state["m"] + 0.1 * gradient
    v = 0.999 * state["v"] + 0.001 * gradient**2
    rate = learning_rate * tf.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    return parameter - rate * m / (tf.sqrt(v) + 1e-7), {"m": m, "v": v}
"""
UNIT = """
import tensorflow as tf

def update(parameter, gradient, state, learning_rate, step):
    return parameter - learning_rate * gradient / tf.norm(gradient), state
"""
UPDATE_REVERSED = """
import tensorflow as tf

def update_state(parameter):
    return tf.zeros(()), tf.zeros_like(parameter)

def update(parameter, gradient, state, learning_rate, step):
    velocity = 0.9 * state[1] + learning_rate * gradient
    return parameter - velocity, (state[0] + 1.0, velocity)
"""
SUBCLASS = """
import keras

class Halved(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, learning_rate / 2)

made = keras.optimizers.SGD(0.3, clipnorm=1.0)

def factory():
    return keras.optimizers.Adam(beta_1=0.5)
"""


def written(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def steps(events: list[Event]) -> np.ndarray:
    return np.concatenate([event.points for event in only(PathsGrew, events)], axis=1)


def raced(*optimizer: str, **texts: str) -> list[Event]:
    given = {"start": "1,0;-4,0;4,0", "learning_rate": "0.01", "steps": "60", **texts}
    return run("himmelblau", optimizer=",".join(optimizer), **given)


@pytest.mark.parametrize(("text", "name"), [(MOMENTUM, "momentum"), (ADAM, "adam")])
def test_a_rule_written_as_a_function_takes_the_steps_of_keras(text: str, name: str, tmp_path: Path) -> None:
    events = raced(f"{written(tmp_path, text)}:{name}", name)
    mine, theirs = np.split(steps(events), 2)
    np.testing.assert_allclose(mine, theirs, rtol=2e-5, atol=2e-5)
    assert np.ptp(theirs) > 1


@pytest.mark.parametrize(
    ("text", "name", "kept"),
    [
        (MOMENTUM, "momentum", ("state", True, 1)),
        (ADAM, "adam", ("m", False, 1)),
        (UPDATE_REVERSED, "update", ("state[1]", True, -1)),
        (UNIT, "update", None),
    ],
)
def test_the_momentum_of_a_rule_is_found_in_its_state_and_named(
    text: str, name: str, kept: tuple[str, bool, int] | None, tmp_path: Path
) -> None:
    path = f"{written(tmp_path, text)}:{name}"
    assert own_optimizers.momentum_of(path) is None
    own_optimizers.load(path)
    found = own_optimizers.momentum_of(path)
    assert (None if found is None else (found.name, found.in_steps, found.sign)) == kept


def test_a_run_shows_the_momentum_of_a_rule_as_that_of_keras(tmp_path: Path) -> None:
    path = f"{written(tmp_path, MOMENTUM)}:momentum"
    events = raced(path, "momentum", "sgd", steps="5")
    (grown,) = only(PathsGrew, events)
    mine, theirs, none = np.split(grown.momenta, 3)
    np.testing.assert_allclose(mine, theirs, rtol=2e-5, atol=2e-5)
    assert np.isnan(none).all()


def test_a_curve_is_descended_by_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, MOMENTUM)
    mine, theirs = np.split(
        steps(run("gradients", optimizer=f"{path}:momentum,momentum", start="2.5", steps="30", learning_rate="0.02")), 2
    )
    np.testing.assert_allclose(mine, theirs, rtol=2e-5, atol=2e-6)


def test_a_race_names_the_file_and_its_folder_is_left_out(tmp_path: Path) -> None:
    path = f"{written(tmp_path, MOMENTUM)}:momentum"
    events = raced(path, "adam", steps="5")
    (opened,) = only(PathsOpened, events)
    assert opened.labels[0] == "mine.py:momentum from (1, 0)"
    assert opened.optimizers[0] == path
    assert "mine.py:momentum: θ ← mine.py:momentum(θ, g, η)." in remarks(events)
    assert str(tmp_path) not in remarks(events) + learned(events)


@pytest.mark.parametrize(
    ("text", "name"), [(UNIT, "update"), (SUBCLASS, "made"), pytest.param(SUBCLASS, "factory", marks=pytest.mark.slow)]
)
def test_no_path_is_felt_by_another(text: str, name: str, tmp_path: Path) -> None:
    path = f"{written(tmp_path, text)}:{name}"
    together = steps(raced(path, steps="20"))
    alone = steps(raced(path, steps="20", start="-4,0"))
    np.testing.assert_allclose(together[1], alone[0], rtol=1e-5, atol=1e-6)


def test_a_subclass_and_an_instance_of_keras_s_optimizer_do_what_they_say(tmp_path: Path) -> None:
    path = written(tmp_path, SUBCLASS)
    halved, plain = np.split(steps(raced(f"{path}:Halved", "sgd", learning_rate="0.008")), 2)
    np.testing.assert_allclose(halved, steps(raced("sgd", learning_rate="0.004")), rtol=1e-5, atol=1e-5)
    assert not np.allclose(halved, plain)
    clipped = np.concatenate([np.array([[[4.0, 0.0]]]), steps(raced(f"{path}:made", start="4,0", steps="5"))], axis=1)
    np.testing.assert_allclose(np.linalg.norm(np.diff(clipped, axis=1), axis=2), 0.01, rtol=1e-3)


@pytest.mark.slow
def test_basins_are_those_of_the_rule(tmp_path: Path) -> None:
    himmelblau = surfaces.surface("himmelblau")
    path = written(tmp_path, MOMENTUM + SUBCLASS)
    mine, theirs = (
        basins.basins(himmelblau, rule, 0.005, 80, width=12, height=10) for rule in (f"{path}:momentum", "momentum")
    )
    np.testing.assert_array_equal(mine.reached, theirs.reached)
    assert len(set(mine.reached.ravel())) > 2


@pytest.mark.slow
def test_basins_are_those_of_a_keras_optimizer_that_moves_each_element_alone(tmp_path: Path) -> None:
    himmelblau = surfaces.surface("himmelblau")
    path = written(tmp_path, SUBCLASS)
    halved, plain = (
        basins.basins(himmelblau, rule, rate, 80, width=12, height=10)
        for rule, rate in ((f"{path}:Halved", 0.02), ("sgd", 0.01))
    )
    np.testing.assert_array_equal(halved.reached, plain.reached)
    factory = basins.basins(himmelblau, f"{path}:factory", 0.1, 80, width=64, height=64)
    assert len(set(factory.reached.ravel())) > 2
    with pytest.raises(InputError, match=r"^mine.py:made uses all of a variable for each element, as clipping"):
        basins.basins(himmelblau, f"{path}:made", 0.01, 80, width=4, height=4)


@pytest.mark.parametrize(
    ("made", "alone"),
    [("Adam()", True), ("Lion()", True), ("SGD(0.1, 0.9, clipvalue=1.0)", True), ("SGD(clipnorm=1.0)", False),
     ("Adam(global_clipnorm=1e9)", False)],
)  # fmt: skip
def test_whether_an_optimizer_moves_each_element_alone_is_found(made: str, alone: bool, tmp_path: Path) -> None:
    path = written(tmp_path, f"{KERAS}optimizer = keras.optimizers.{made}\n")
    assert own_optimizers.load(path).for_many_rows is alone


@pytest.mark.slow
def test_a_file_that_was_saved_again_is_taken_by_the_next_run(tmp_path: Path) -> None:
    path = written(tmp_path, MOMENTUM)
    before = steps(raced(f"{path}:momentum", steps="5"))
    written(tmp_path, MOMENTUM.replace("0.9", "0.5"))
    after = steps(raced(f"{path}:momentum", steps="5"))
    np.testing.assert_allclose(before[:, 0], after[:, 0], rtol=1e-6)
    assert not np.allclose(before[:, 2:], after[:, 2:])


# --- networks -------------------------------------------------------------------------------------------------


def trainer(optimizer: Any, schedule: str = "constant") -> Trainer:
    """A small network in a plain graph, at the beginning of its first epoch."""
    random = np.random.default_rng(1)
    inputs, labels = random.normal(size=(60, 6)).astype(np.float32), random.integers(0, 3, 60)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    made = Trainer(TrainingTask(model, optimizer, loss, classification), spec(inputs), spec(labels), 10, loop="graph")
    weights = [np.random.default_rng(place).normal(size=each.shape) for place, each in enumerate(model.weights)]
    made.begin(inputs, labels, [inputs], weights)
    made.schedule = schedules.schedule(ScheduleSettings(schedule=schedule), 12)
    made.learning_rate = 0.05
    made.shuffle(0, 1)
    return made


def losses(made: Trainer, first: int, count: int) -> np.ndarray:
    return made.advance(first, count, first).loss


@pytest.mark.parametrize(
    ("name", "keras_class"), [pytest.param("momentum", "SGD", marks=pytest.mark.slow), ("adam", "Adam")]
)
def test_a_network_trains_as_with_keras_s_rule(name: str, keras_class: str, tmp_path: Path) -> None:
    own = own_optimizers.load(f"{readme(tmp_path, 'rules.py')}:{name}").make(False)
    theirs = getattr(keras.optimizers, keras_class)(**({"momentum": 0.9} if name == "momentum" else {}))
    found, expected = (losses(trainer(each, "one-cycle"), 0, 6) for each in (own, theirs))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert expected[-1] < expected[0]


def test_a_state_goes_on_bit_for_bit_with_its_schedule(tmp_path: Path) -> None:
    path = f"{written(tmp_path, ADAM)}:adam"
    whole, begun, resumed = (trainer(own_optimizers.load(path).make(False), "one-cycle") for _ in range(3))
    expected = losses(whole, 0, 6)
    head = losses(begun, 0, 2)
    resumed.restore(begun.state())
    resumed.learning_rate = 0.05
    np.testing.assert_array_equal(np.concatenate([head, losses(resumed, 2, 4)]), expected)
    assert len(begun.state()) == 4 + 2 + 2 * 4  # weights, the step and the rate, m and v of each weight


def test_a_rule_sees_the_whole_of_a_kernel_that_a_layer_keeps_in_two_parts(tmp_path: Path) -> None:
    from engine.training.layers import SplitDense

    text = UNIT.replace("tf.norm(gradient)", "(tf.norm(gradient) + tf.norm(parameter)) + 0 * state")
    path = written(tmp_path, text)
    random = np.random.default_rng(2)
    kernel, gradient = random.normal(size=(2, 6, 3)).astype(np.float32)
    expected = kernel - np.float32(0.1) * gradient / (np.linalg.norm(gradient) + np.linalg.norm(kernel))
    layer = SplitDense(3)
    layer.build((None, 6))
    optimizer = own_optimizers.load(path).make(False)
    optimizer.build(layer.trainable_variables)
    optimizer.learning_rate.assign(0.1)
    for part, value in zip(layer.kernel_parts, np.split(kernel, 2), strict=True):
        part.assign(value)
    optimizer.apply([*np.split(gradient, 2), np.ones(3, np.float32)], layer.trainable_variables)
    np.testing.assert_allclose(layer.kernel.numpy(), expected, rtol=1e-5)
    assert [tuple(each.shape) for each in optimizer.variables[2:]] == [(6, 3), (3,)]


def test_replicas_take_no_optimizer_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="--strategy: 'mirrored' is not accepted with an optimizer of a file"):
        parse_settings(lesson("fashion-mnist").settings, {"optimizer": "mine.py", "strategy": "mirrored"})


# --- refused files --------------------------------------------------------------------------------------------

UPDATE = "def update(parameter, gradient, state, learning_rate, step):\n"


def refused(path: str) -> str:
    with pytest.raises(InputError) as error:
        own_optimizers.load(path)
    assert "\n" not in str(error.value)
    return str(error.value).replace(str(Path(path).parent) + "/", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def update(parameter, gradient)\n", "mine.py, line 1: expected ':'"),
        ("x = 1\n1 / 0\n", "mine.py, line 2: ZeroDivisionError"),
        ("x = 1\n", "mine.py has no optimizer optimizer or update; it has none"),
        (TF + "def update(parameter, gradient):\n    return parameter\n", "line 2: update can neither be called"),
        (UPDATE + "    return parameter - gradient\n", "line 1: it returned a tensor; expected (parameter, state)"),
        (UPDATE + "    return parameter, None\n", "line 1: the state that it returned is None; expected a"),
        (UPDATE + "    return 1.0, state\n", "line 1: the parameter that it returned is a float; expected a tensor"),
        (UPDATE + "    return parameter[:1], state\n", "the parameter that it returned is float32 [1, 2]; expe"),
        (TF + UPDATE + "    return tf.cast(parameter, 'float64'), state\n", "line 2: the parameter that"),
        (UPDATE + "    return parameter, (state, state)\n", "line 1: the state became a tuple of 2"),
        (UPDATE + "    return parameter, state[0]\n", "float32 [2]; expected float32 [3, 2]"),
        (UPDATE + "    return parameter / (step - 2), state\n", "mine.py: a number is not finite after 3 steps whose"),
        ("import numpy as np\n" + UPDATE + "    return parameter - np.sign(gradient), state\n", "line 3: it leaves"),
        (UPDATE + "    if gradient > 0:\n        return parameter, state\n", "line 2: a tensor's value is not known"),
        ("n = 0\n" + UPDATE + "    global n\n    n += 1\n    return parameter - n * gradient, state\n", "same steps"),
        ("v = 0\n" + UPDATE + "    global v\n    v = v + gradient\n    return parameter - v, state\n", "line 2: th"),
        (UPDATE + "    return parameter - nonsense, state\n", "mine.py, line 2: NameError"),
        ("def update_state(p):\n    return nonsense\n" + UPDATE + "    return parameter, state\n", "line 2: NameError"),
        ("def update_state():\n    pass\n" + UPDATE + "    return parameter, state\n", "line 1: update_state is expe"),
        ("def optimizer():\n    return 3\n", "line 1: it made a int; expected a keras.optimizers.Optimizer"),
        (KERAS + "optimizer = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(1.0, 9))\n", "a schedule"),
        (KERAS + "optimizer = keras.optimizers.SGD(use_ema=True)\n", "use_ema, whose averages no test would use"),
        (KERAS + "class optimizer(keras.optimizers.SGD):\n    def update_step(self, *given):\n        1/0\n", "line 4"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told_in_a_line(text: str, told: str, tmp_path: Path) -> None:
    assert told in refused(written(tmp_path, text))


def test_a_run_of_a_broken_file_fails_for_its_input(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, UPDATE + "    return nonsense, state\n")
    assert main(["--no-ui", "himmelblau", "--optimizer", path, "--no-log"]) == 2
    assert "line 2: NameError" in capfd.readouterr().err


@pytest.mark.parametrize("lesson_id", ["himmelblau", "fashion-mnist"])
def test_settings_name_a_file_without_running_it(lesson_id: str, tmp_path: Path) -> None:
    path = written(tmp_path, "raise RuntimeError\n")
    settings = parse_settings(lesson(lesson_id).settings, {"optimizer": path, "schedule": path})
    assert settings.texts()["optimizer"] == path
    with pytest.raises(SettingError, match=re.escape("adamw, nadam, lion, or FILE.py[:NAME]")):
        parse_settings(lesson(lesson_id).settings, {"optimizer": "sdg"})


def test_the_label_of_a_rule_is_short() -> None:
    labels = [optimizers.label(name) for name in ("sgd", "/a/b/mine.py", "~/x.py:mine")]
    assert labels == ["sgd", "mine.py", "x.py:mine"]


def readme(tmp_path: Path, name: str) -> str:
    """The README's file of this name."""
    (text,) = re.findall(rf"```python\n# {name}\n(.*?)```", Path("README.md").read_text(), re.DOTALL)
    return written(tmp_path, text, name)
