"""A learner's loss from a file: the same numbers as the course's own, also after resuming, its gradients in lesson 4,
and refused files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError, SettingError
from engine.events import Curve, Evaluated, Metrics, Remark
from engine.lessons import lesson
from engine.own import losses
from engine.settings import command_line, param_of, parse_settings
from tests.engine.idx import write_dataset
from tests.engine.lesson_runs import column, learned, only, run, table
from tests.engine.trainers import begun
from tui.cli.main import main
from tui.model.stepping import NAMED, words_of

LESSON = lesson("fashion-mnist")
SMALL = {
    "epochs": "1", "batch_size": "32", "train_examples": "120", "test_examples": "100", "hidden": "8",
    "test_every": "0",
}  # fmt: skip
SAME = """
import keras
import tensorflow as tf

def loss(labels, outputs):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, outputs)

def mean(labels, outputs):
    return tf.reduce_mean(loss(labels, outputs))

sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
rows = keras.losses.CategoricalCrossentropy(from_logits=True)
slip = keras.losses.SparseCategoricalCrossentropy()

class Sub(keras.losses.CategoricalCrossentropy):
    def __init__(self):
        super().__init__(from_logits=True)

one_hot_function = keras.losses.categorical_crossentropy
sparse_function = keras.losses.sparse_categorical_crossentropy
distance = keras.losses.mean_squared_error

class Mine(keras.losses.Loss):
    def call(self, labels, outputs):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(labels, tf.int32), outputs)
"""
TF = "import tensorflow as tf\n"
LOSS = "def loss(labels, outputs):\n"
KERAS = "import keras\nclass loss(keras.losses.Loss):\n"
NAMES = ("loss", "mean", "sparse", "rows", "Mine", "Sub")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_dataset(tmp_path_factory.mktemp("data"), 120, 100))


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("own"), SAME)


def written(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def settings(data: str, loss: str, **texts: str) -> Any:
    return parse_settings(LESSON.settings, {**SMALL, "data_dir": data, "loss": loss, **texts})


def stepped(chosen: Any, state: Any = None) -> tuple[np.ndarray, Any]:
    """The losses of the four steps of an epoch, or of the last two from `state` on, and the state after two."""
    with begun(chosen) as trainer:
        if state is not None:
            trainer.restore(state)
        first = [] if state is not None else [trainer.advance(0, 2).loss]
        between = trainer.state()
        return np.concatenate([*first, trainer.advance(2, 1).loss, trainer.advance(3, 1).loss]), between


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_of_a_file_has_the_course_s_value_and_gradient(name: str, same: str) -> None:
    own = losses.load(f"{same}:{name}", 3)
    logits, labels = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32), np.array([0, 2, 1, 1, 0])
    powers = np.exp(logits)
    expected = -np.log(powers / powers.sum(axis=1, keepdims=True))[np.arange(5), labels].mean()
    assert float(own.mean(labels.astype(np.int32), logits)) == pytest.approx(expected, rel=1e-5)


def test_a_function_of_keras_takes_what_the_class_of_that_name_does(same: str) -> None:
    found = [losses.load(f"{same}:{name}", 3) for name in ("one_hot_function", "sparse_function", "distance")]
    assert [each.takes_probabilities for each in found] == [True, True, False]
    labels = np.array([0, 2], np.int32)
    shares = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]], np.float32)
    entropy, distance = -np.log([0.7, 0.4]).mean(), np.square(shares - np.eye(3)[labels]).mean()
    values = [float(each.mean(labels, shares)) for each in found]
    np.testing.assert_allclose(values, [entropy, entropy, distance], rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mean", "rows"])
def test_a_network_trains_by_it_as_by_the_course_s_and_goes_on_number_for_number(
    name: str, same: str, data: str
) -> None:
    found, state = stepped(settings(data, f"{same}:{name}"))
    np.testing.assert_allclose(found, stepped(settings(data, "cross-entropy"))[0], rtol=1e-5)
    np.testing.assert_array_equal(stepped(settings(data, f"{same}:{name}"), state)[0], found[2:])


@pytest.mark.slow
def test_examples_that_are_compared_are_those_of_the_batch(tmp_path: Path, data: str) -> None:
    text = (
        "import tensorflow as tf\n\ndef loss(labels, outputs):\n    return tf.reduce_mean(outputs * 0.0) + {} * 1.0\n"
    )
    counted = text.format("tf.cast(tf.shape(outputs)[0], tf.float32) + 0.0 * outputs[0, 0]")
    found, _ = stepped(settings(data, written(tmp_path, counted)))
    np.testing.assert_array_equal(found, [32, 32, 32, 24])


@pytest.mark.slow
def test_a_run_names_the_loss_and_tests_by_it(same: str, data: str) -> None:
    events = list(LESSON.run(settings(data, f"{same}:slip")))
    said = [each.text for each in only(Remark, events)]
    assert "each step goes downhill on the loss mine.py:slip of a batch." in said[0]
    assert said[1].startswith("mine.py:slip takes probabilities, as its from_logits is False")
    assert only(Evaluated, events)[-1].loss > 0
    assert "cross-entropy" not in learned(events)


@pytest.mark.slow
def test_a_file_saved_during_a_run_is_read_by_the_next(tmp_path: Path, data: str) -> None:
    path = written(tmp_path, SAME)
    running = LESSON.run(settings(data, path))
    events = [next(running)]
    while not only(Metrics, events):
        events.append(next(running))
    Path(path).write_text("1 / 0\n")
    while not only(Evaluated, events):
        events.append(next(running))
    running.close()
    with pytest.raises(InputError, match="line 1: ZeroDivisionError"):
        losses.load(path, 10)


def test_the_setting_is_in_the_command_and_the_form_and_runs_no_file(tmp_path: Path) -> None:
    chosen = settings("", written(tmp_path, "raise RuntimeError\n"))
    assert f"--loss {tmp_path}/mine.py" in command_line(LESSON.id, chosen)
    assert words_of(param_of(LESSON.settings, "loss"), chosen.loss) == ("cross-entropy", "mse", NAMED)
    with pytest.raises(SettingError, match="--strategy: 'mirrored' is not accepted with a loss of a file"):
        settings("", "mine.py", strategy="mirrored")


@pytest.mark.parametrize(("name", "apart"), [("loss", 1e-9), ("rows", 1e-3)])
def test_lesson_4_shows_it_beside_the_course_s_two(name: str, apart: float, same: str) -> None:
    events = run("losses", loss=f"{same}:{name}")
    own = table(events, "own")
    theirs = [row[1] for row in table(events, "cross-entropy").rows if str(row[0]).startswith("b")]
    np.testing.assert_allclose(column(own, "tape"), theirs, rtol=1e-5)
    assert np.abs(column(own, "tape − difference")).max() < apart
    curves = {each.key: each for each in only(Curve, events)}
    np.testing.assert_allclose(curves["own-curve"].y, curves["cross-entropy-curve"].y[::4], rtol=1e-4, atol=1e-6)
    assert "There mine.py:" + name + " corrects with a slope of 1." in learned(events)


def test_lesson_4_names_a_loss_that_teaches_the_wrong_answer(tmp_path: Path) -> None:
    negated = "import tensorflow as tf\ndef loss(labels, outputs):\n    return -tf.nn."
    path = written(tmp_path, f"{negated}sparse_softmax_cross_entropy_with_logits(labels, outputs)\n")
    assert "grows with the right logit, with a slope of 1: it lowers it." in learned(run("losses", loss=path))


@pytest.mark.slow
def test_the_readme_s_loss_is_trained_on(tmp_path: Path, data: str) -> None:
    (text,) = re.findall(r"```python\n# focal.py\n(.*?)```", Path("README.md").read_text(), re.DOTALL)
    found, _ = stepped(settings(data, written(tmp_path, text)))
    assert np.isfinite(found).all()


# --- refused files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def loss(labels)\n", "mine.py, line 1: expected ':'"),
        ("x = 1\n", "mine.py has no loss loss; it has none"),
        ("class loss:\n    pass\n", "mine.py has no loss loss; it has none"),
        ("def loss(labels):\n    return labels\n", "takes 1 positional argument but 2 were given"),
        (LOSS + "    return nonsense\n", "line 2: NameError"),
        (LOSS + "    return 3.0\n", "line 1: it returned a float; expected a tensor"),
        (LOSS + "    return outputs\n", "outputs float32 [8, c] it returned float32 [8, 3]; expected float32 [8]"),
        (TF + LOSS + "    return tf.cast(outputs[:, 0], tf.float64)\n", "line 2: of labels int32 [8]"),
        ("import numpy as np\n" + LOSS + "    return np.mean(outputs)\n", "line 3: it leaves TensorFlow for NumPy"),
        ("import math\n" + LOSS + "    return math.exp(outputs)\n", "line 3: a function of Python's math"),
        (TF + LOSS + "    return tf.py_function(abs, [outputs], tf.float32)\n", "mine.py: a result has no known shape"),
        (TF + LOSS + "    return tf.cast(labels, tf.float32)\n", "line 2: it has no gradient"),
        (TF + LOSS + "    return tf.math.log(outputs[:, 0])\n", "line 2: its value or gradient is not finite"),
        (TF + LOSS + "    if outputs[0, 0] > 0:\n        return outputs[0]\n", "line 3: a tensor's value is not known"),
        ("import keras\nloss = keras.losses.SparseCategoricalCrossentropy(reduction=None)\n", "its reduction is"),
        ("import keras\nloss = keras.losses.MeanSquaredError(reduction='sum')\n", "its reduction is 'sum'"),
        (TF + LOSS + "    return outputs[:, 0] * tf.random.uniform([])\n", "it gives other values when"),
        (KERAS + "    def call(self, labels, outputs):\n        1 / 0\n", "line 4"),
        (KERAS + "    def __init__(self, a):\n        pass\n", "missing 1 required"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told_in_a_line(text: str, told: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as error:
        losses.load(path, 3)
    assert told in str(error.value).replace(str(tmp_path) + "/", "") and "\n" not in str(error.value)


def test_a_run_of_a_broken_file_fails_for_its_input(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, LOSS + "    return nonsense\n")
    with pytest.raises(InputError):  # before anything is shown: a file saved again is tried by a run's beginning
        next(lesson("losses").run(parse_settings(lesson("losses").settings, {"loss": path})))
    assert main(["--no-ui", "losses", "--loss", path, "--no-log"]) == 2
    assert "line 2: NameError" in capfd.readouterr().err
