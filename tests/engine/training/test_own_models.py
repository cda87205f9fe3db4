"""A learner's own models, trained by `gdtui train FILE.py`: five of different kinds, each resumed step for step;
accepted definitions, and refused ones with one line."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError
from engine.events import Diverged, Evaluated, Event, Images, Learned, Metrics, Outcome, Remark, RunEnded, Snapshot
from engine.lazy import keras, tf
from engine.lesson import Turn
from engine.lessons import course, lesson
from engine.run.checkpoints import Checkpoints, restore
from engine.run.runner import Runner
from engine.run.sinks import Mailbox
from engine.settings import command_line, parse_settings
from engine.training import loop_choice, own_training
from engine.training.batches import tensor
from engine.training.shown_images import as_pixels
from tests.engine.lesson_runs import cut_and_resumed, losses

LESSON = lesson("train")
BATCH, EXAMPLES = 16, 50  # three whole batches of 40 to train on, and one of 8
SMALL = {"epochs": "2", "batch_size": str(BATCH), "log_every": "2", "loop": "graph"}

HEAD = """
import keras
import numpy as np
import tensorflow as tf

layers = keras.layers
random = np.random.default_rng(0)
"""

MLP = """
def model():
    return keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(3)])

def data():
    x = random.normal(size=(50, 6))
    return x, x[:, :3].argmax(axis=1)
"""

CONVOLUTIONAL = """
class_names = ["dark", "light"]
metrics = [keras.metrics.AUC(name="auc")]

def model():
    pixels = keras.Input((10, 8, 3))
    x = layers.Conv2D(4, 3, activation="relu")(layers.Rescaling(1 / 255)(pixels))
    x = layers.Conv2D(4, 3, activation="relu")(layers.MaxPooling2D()(x))
    return keras.Model(pixels, layers.Dense(1, "sigmoid")(layers.GlobalAveragePooling2D()(x)))

def data():
    images = random.integers(0, 255, (50, 10, 8, 3)).astype(np.uint8)
    return tf.data.Dataset.from_tensor_slices((images, images.mean(axis=(1, 2, 3)) > 127)).batch(7)
"""

NORMALISED = """
optimizer = keras.optimizers.SGD(0.1, momentum=0.9)

def model():
    middle = [layers.Dense(8, use_bias=False), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.4)]
    return keras.Sequential([*middle, layers.Dense(4, "softmax")])

def data():
    x = random.normal(size=(50, 5)).astype("float32")
    y = keras.utils.to_categorical(x[:, :4].argmax(axis=1), 4)
    return (x[:40], y[:40]), (x[40:], y[40:])
"""

REGRESSION = """
loss = "mae"
metrics = ["mse", lambda labels, outputs: abs(labels - outputs)]

def model():
    return keras.Sequential([keras.Input((1,)), layers.Dense(8, "tanh"), layers.Dense(8, "tanh"), layers.Dense(1)])

def data():
    x = np.linspace(-1, 1, 50)
    return x[:, None], np.sin(3 * x)
"""

RECURRENT = """
def loss(labels, outputs):
    return tf.square(labels - outputs)

def model():
    return keras.Sequential([keras.Input((5, 2)), layers.LSTM(4), layers.Dense(1)])

def data():
    x = random.normal(size=(50, 5, 2))
    train = tf.data.Dataset.from_tensor_slices((x[:40], x[:40].sum(axis=(1, 2))))
    return train, tf.data.Dataset.from_tensor_slices((x[40:], x[40:].sum(axis=(1, 2))))
"""

FIVE = {"mlp": MLP, "cnn": CONVOLUTIONAL, "normalised": NORMALISED, "regression": REGRESSION, "lstm": RECURRENT}


def written(folder: Path, code: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(HEAD + code)
    return str(path)


def settings(file: str, **texts: str) -> Any:
    return parse_settings(LESSON.settings, {**SMALL, "file": file, **texts})


def run(file: str, **texts: str) -> list[Event]:
    return list(LESSON.run(settings(file, **texts)))


def only(events: list[Event], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=() if each in ("mlp", "normalised") else pytest.mark.slow) for each in FIVE]
)
def test_five_kinds_of_models_train_and_are_resumed_step_for_step(name: str, tmp_path: Path) -> None:
    chosen = settings(written(tmp_path, FIVE[name]))
    whole, rest, step = cut_and_resumed(LESSON, chosen, 5)
    assert step == 5 and len(losses(whole)) == 6
    np.testing.assert_array_equal(losses(rest), losses(whole)[step:])
    assert only(rest, Evaluated)[-1].loss == only(whole, Evaluated)[-1].loss
    assert only(rest, Learned)[0].text == only(whole, Learned)[0].text
    assert np.isfinite(losses(whole)).all()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Event]]:
    folder = tmp_path_factory.mktemp("finished")
    return {name: run(written(folder, FIVE[name], f"{name}.py")) for name in ("mlp", "cnn", "normalised", "regression")}


def test_a_classifier_is_tested_by_class(finished: dict[str, list[Event]]) -> None:
    for name, classes in (("mlp", ("0", "1", "2")), ("cnn", ("dark", "light")), ("normalised", ("0", "1", "2", "3"))):
        last = only(finished[name], Evaluated)[-1]
        assert last.class_names == classes and last.confusion.sum() == 10
        assert last.accuracy == np.trace(last.confusion) / 10
        assert 0 <= last.train_accuracy <= 1
    assert list(only(finished["cnn"], Evaluated)[-1].metrics) == ["auc"]


def test_a_regression_has_no_classes(finished: dict[str, list[Event]]) -> None:
    last = only(finished["regression"], Evaluated)[-1]
    assert last.class_names == () and last.confusion.shape == (0, 0)
    assert np.isnan(last.accuracy) and last.train_accuracy is None
    assert last.metrics["mean_squared_error"] > 0
    assert not only(finished["regression"], Images)


def test_images_in_colour_are_shown_in_colour_and_large_ones_smaller(finished: dict[str, list[Event]]) -> None:
    shown = only(finished["cnn"], Images)[-1]
    assert shown.images.shape == (10, 10, 8, 3) and shown.images.dtype == np.uint8
    red = np.zeros((1, 200, 100, 3), np.float32)
    red[..., 0], red[0, :100, :, 0] = 1.0, 0.0
    assert as_pixels(red).shape == (1, 50, 25, 3)
    assert as_pixels(red)[0, [0, -1], 0].tolist() == [[0, 0, 0], [255, 0, 0]]
    assert as_pixels(red[..., :1]).shape == (1, 50, 25) and as_pixels(red[:, :9, :7]).shape == (1, 9, 7, 3)


def test_the_numbers_are_those_of_keras(tmp_path: Path, finished: dict[str, list[Event]]) -> None:
    """The model, the loss and the optimizer that follow from a file with a model and data alone."""
    own = made(settings(written(tmp_path, MLP)))
    own.own.model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    np.testing.assert_allclose(losses(finished["mlp"])[:3], losses_of_keras(own), rtol=1e-4)


@pytest.mark.slow
def test_an_update_function_takes_the_place_of_a_keras_optimizer(tmp_path: Path) -> None:
    update = (
        "def update(parameter, gradient, state, learning_rate, step):\n"
        "    state = 0.9 * state - learning_rate * gradient\n    return parameter + state, state\n"
    )
    found = {}
    for name, code in (("own", update), ("keras", "optimizer = keras.optimizers.SGD(momentum=0.9)\n")):
        file = settings(written(tmp_path, code + REGRESSION, f"{name}.py"), epochs="1", learning_rate="0.05")
        found[name] = list(LESSON.run(file))
    np.testing.assert_allclose(losses(found["own"]), losses(found["keras"]), rtol=1e-3)
    assert "the optimizer update at learning rate 0.05" in " ".join(each.text for each in only(found["own"], Remark))


def made(chosen: Any) -> Any:
    """The run that settings make, before it begins."""
    return own_training._made(chosen, own_training.devices.place(chosen))


def losses_of_keras(own: Any) -> list[float]:
    """The losses of Keras's own steps with the compiled model of a run, on the batches of its first epoch."""
    model, data, found = own.own.model, own.data, []
    order = own_run_order(len(data.inputs))
    for first in range(0, len(data.inputs), BATCH):
        batch = order[first : first + BATCH]
        model.reset_metrics()
        result = model.train_on_batch(data.prepare(data.inputs[batch]), data.labels[batch])
        found.append(float(np.ravel(result)[0]))
    return found


def own_run_order(count: int) -> np.ndarray:
    from engine.training.batches import epoch_order

    order: np.ndarray = epoch_order(count, 0, 1).numpy()
    return order


def test_a_model_alone_trains_on_fashion_mnist(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "def model():\n    return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10)])",
    )
    running = LESSON.run(settings(file, batch_size="1000"))
    events: list[Event] = []
    while not only(events, Metrics):
        events.append(next(running))
    running.close()
    assert only(events, Metrics)[0].total_steps == 120
    said = only(events, Remark)[0].text
    assert "7,850 parameters learn from 60,000 examples [28, 28] in 10 classes, and are tested on 10,000 others" in said
    assert only(events, Metrics)[0].loss[0] == pytest.approx(np.log(10), abs=0.5)


@pytest.mark.slow
def test_the_faster_loop_is_told_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_choice, "step_times", lambda *_: {"xla": 3.0, "graph": 1.0})
    chosen = settings(written(tmp_path, REGRESSION), loop="auto", epochs="1")
    whole, rest, _ = cut_and_resumed(LESSON, chosen, 1)
    said = [each.text for each in only(whole, Remark)]
    assert "The training loop is a plain TensorFlow graph; a step takes 33% of the time of the other." in said
    monkeypatch.setattr(loop_choice, "step_times", lambda *_: {"xla": 1.0, "graph": 3.0})
    again = "The training loop is a plain TensorFlow graph, which the run used before."
    assert again in [each.text for each in only(rest, Remark)]


COMPILED = """
from keras import Input, Sequential, layers, losses, metrics, optimizers
import numpy as np

optimiser = "adam"
MEAN = metrics.MeanMetricWrapper

def model():
    made = Sequential([Input((4,)), layers.Dense(3, "softmax")])
    made.compile(optimizers.SGD(0.25), "sparse_categorical_crossentropy", metrics=["accuracy", MEAN(top, "top")])
    return made

def top(labels, outputs):
    return outputs[:, 0]

def data():
    x = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
    return x, x[:, :3].argmax(1)
"""


def test_what_a_model_was_compiled_with_is_taken_where_the_file_defines_no_other(tmp_path: Path) -> None:
    begun, *_ = only(run(written(tmp_path, COMPILED), epochs="1"), Remark)
    assert "The loss is sparse categorical crossentropy, the optimizer SGD at learning rate 0.25." in begun.text
    assert begun.text.endswith("The file's optimiser is not read; optimizer is.")
    other = COMPILED.replace("optimiser", "optimizer").replace(
        "import numpy", "from keras import metrics\nimport numpy"
    )
    events = run(written(tmp_path, other, "other.py"), epochs="1")
    assert "the optimizer Adam at" in only(events, Remark)[0].text
    assert list(only(events, Evaluated)[0].metrics) == ["top"]


def test_a_memory_map_is_trained_on_where_it_lies(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", x[:, :3].argmax(axis=1).astype(np.int32))
    loaded = "np.load(FOLDER + '/x.npy', mmap_mode='r'), np.load(FOLDER + '/y.npy', mmap_mode='r')"
    code = (
        MLP.partition("def data")[0] + f"FOLDER = {str(tmp_path)!r}\ndef data():\n    d = {loaded}\n    return d, d\n"
    )
    own = made(settings(written(tmp_path, code)))
    own.begin(None)
    assert np.shares_memory(own.data.inputs, np.asarray(memoryview(own.trainer.data.at(0, 1)[0])))
    found = own.trainer.advance(0, 2).loss
    own.trainer.end()
    order = own_run_order(40)[:BATCH]
    expected = own.trainer.task.loss(own.data.labels[order], np.asarray(x[order]) @ np.zeros((6, 3), np.float32))
    assert found[0] == pytest.approx(float(expected), rel=0.5)


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.bool_])
def test_a_tensor_of_a_memory_map_has_its_memory(dtype: type[Any], tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((64, 64), dtype))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.shares_memory(mapped, np.asarray(memoryview(tensor(np.asarray(mapped)))))


def test_a_rate_is_set_live_and_by_default_is_the_optimizer_s(tmp_path: Path, finished: dict[str, list[Event]]) -> None:
    assert only(finished["normalised"], Metrics)[0].learning_rate == pytest.approx(0.1)
    file = written(tmp_path, REGRESSION)
    events = run(file, learning_rate="0", epochs="1")
    assert only(events, Metrics)[0].learning_rate == 0.0
    running = LESSON.run(settings(file))
    found = [next(running)]
    while len(only(found, Metrics)) < 2:
        found.append(running.send(Turn(settings(file, learning_rate="0.5"), 1)))
    running.close()
    assert only(found, Metrics)[-1].learning_rate == 0.5


def test_numbers_to_test_on_are_converted_to_the_type_of_those_to_train_on(tmp_path: Path) -> None:
    types = "(x[:40].astype(np.uint8), y[:40]), (x[40:].astype(float), y[40:].astype('float32'))"
    code = MLP.replace("random.normal(size=(50, 6))", "random.integers(0, 9, (50, 6))").replace(
        "return x, x[:, :3].argmax(axis=1)", f"y = x[:, :3].argmax(axis=1)\n    return {types}"
    )
    assert np.isfinite(only(run(written(tmp_path, code)), Evaluated)[-1].loss)


def test_examples_kept_apart_choose_an_epoch(tmp_path: Path) -> None:
    events = run(written(tmp_path, REGRESSION), validation="8")
    assert all(each.validation_loss > 0 and each.validation_accuracy is None for each in only(events, Evaluated))
    assert "By the examples kept apart" in only(events, Learned)[0].text


def test_a_loss_that_keras_sums_is_reported_as_a_sum(tmp_path: Path) -> None:
    code = MLP + "loss = keras.losses.SparseCategoricalCrossentropy(True, reduction='sum')\n"
    events = run(written(tmp_path, code))
    assert "After 2 epochs the loss summed over the test examples is " in only(events, Learned)[0].text


def test_a_loss_that_is_not_finite_ends_the_run_with_a_rate_to_try(tmp_path: Path) -> None:
    code = REGRESSION.replace('loss = "mae"', "optimizer = keras.optimizers.SGD(1e30)\n")
    lost = only(run(written(tmp_path, code)), Diverged)
    assert len(lost) == 1 and lost[0].suggested_learning_rate == pytest.approx(1e30 / 3, rel=1e-6)


# --- what is refused ------------------------------------------------------------------------------------------

MODEL = "def model():\n    return keras.Sequential([keras.Input((3,)), layers.Dense(2)])\n"


def returns(data: str) -> str:
    """A model of three inputs and two outputs, and what data() returns."""
    return f"{MODEL}def data():\n    return {data}\n"


def of(*middle: str) -> str:
    """A model with these layers in its middle, on data of its own."""
    layers = ", ".join(("keras.Input((3,))", *middle))
    data = "def data():\n    return np.ones((9, 3)), np.zeros(9, int)\n"
    return f"def model():\n    return keras.Sequential([{layers}])\n{data}"


GOOD = returns("np.zeros((9, 3)), np.zeros(9, int)")
LOSS = "def loss(labels, outputs):\n    return outputs @ outputs\n"

REFUSED = {
    "syntax": ("def model(:\n", r"mine\.py, line 8: "),
    "import": ("import no_such_module_x\n", r"mine\.py, line 8: ModuleNotFoundError: No module named 'no_such_mod"),
    "raised": ("def model():\n    return 1 / 0\n", r"mine\.py, line 9: ZeroDivisionError"),
    "missing": ("net = 3\n", r"mine\.py has no function model; it has none"),
    "no-model": ("def model():\n    return 3\n", r"mine\.py, line 8: model\(\) returned a int; expected a Keras model"),
    "data": ("data = 3\n" + MODEL, r"data is a int; expected a function data\(\)"),
    "data-form": (returns("3"), r"data\(\) returned a int; expected \(x, y\)"),
    "text": (returns("np.array(['a', 'b']), np.zeros(2)"), r"inputs are <U1 \[2\]; expected an array"),
    "empty": (returns("np.zeros((9, 0)), np.zeros(9)"), r"inputs are float64 \[9, 0\]; expected an array"),
    "count": (returns("np.zeros((9, 3)), np.zeros(8)"), r"9 inputs and 8 labels"),
    "shape": (returns("np.zeros((9, 4)), np.zeros(9)"), r"inputs are \[4\] each, and the model takes \[3\]"),
    "labels": (returns("np.zeros((9, 3)), np.arange(9)"), r"labels go from \d to \d, and the model has 2 outputs; exp"),
    "nan": (returns("np.full((9, 3), np.nan), np.zeros(9)"), r"inputs of example 0 hold a number that is not finite"),
    "endless": (returns("tf.data.Dataset.from_tensors((np.zeros(3), 1)).repeat()"), r"the Dataset never ends; take"),
    "no-data": (MODEL, r"without data\(\) a model trains on Fashion-MNIST and takes \[784\] or"),
    "loss": ("loss = 3\n" + MODEL, r"loss is a int; expected a Keras loss"),
    "loss-name": ("loss = 'nonsense'\n" + MODEL, r"mine\.py: ValueError: "),
    "loss-fails": (GOOD + LOSS, r"mine\.py, line 13: "),
    "optimizer": ("optimizer = 3\n" + MODEL, r"optimizer is a int; expected a Keras optimizer"),
    "names": ("class_names = 'ab'\n" + MODEL, r"class_names is no list of texts"),
    "names-count": ("class_names = ['a']\n" + GOOD, r"class_names holds 1 names; expected 2"),
    "outputs": (of("layers.Lambda(lambda x: x / 0.0)", "layers.Dense(2)"), r"the model's first outputs are not finite"),
    "layer": (
        "class Q(keras.layers.Layer):\n    def call(self, x):\n        return x * unknown\n"
        + of("Q()", "layers.Dense(2)"),
        r"mine\.py, line 10: NameError: name 'unknown' is not defined, in Q\.call\(\)",
    ),
    "branch": (
        "class Q(keras.layers.Layer):\n    def call(self, x):\n        return x if x[0, 0] > 0 else -x\n"
        + of("Q()", "layers.Dense(2)"),
        r"a tensor's value is not known to `if` and `while` .*: use tf\.where",
    ),
    "model-itself": (
        "model = keras.Sequential([layers.Dense(2)])\n",
        r"model is a Sequential; expected a function model",
    ),
    "update": (
        "def optimizer(p, g, s):\n    return p\n" + GOOD,
        r"optimizer can neither be called with no argument nor as",
    ),
    "class-numbers-loss": (
        "loss = 'categorical_crossentropy'\n" + GOOD,
        r"labels are class numbers, .* loss is categorical_crossentropy; expected sparse_categorical_crossentropy",
    ),
    "one-hot-loss": (
        "loss = 'sparse_categorical_crossentropy'\n" + returns("np.zeros((9, 3)), np.eye(2)[np.zeros(9, int)]"),
        r"labels are one-hot, .* loss is sparse_categorical_crossentropy; expected categorical_crossentropy",
    ),
    "metric": (
        "def odd(y, p):\n    return nonsense\nmetrics = [odd]\n" + GOOD,
        r"mine\.py, line 9: metric odd: NameError",
    ),
    "stateful": (
        of("layers.LSTM(2, stateful=True, name='mine')").replace("Input((3,))", "Input((3, 1), batch_size=16)"),
        r"the layer mine is stateful, and batches are drawn at random; expected stateful=False",
    ),
    **{
        step: (
            f"class Q(keras.Model):\n    def {step}(self, *given):\n        return 0\n\ndef model():\n    return Q()\n",
            rf"mine\.py, line 9: the model has {step}\(\) of its own, .* expected its loss as loss, or by add_loss\(\)",
        )
        for step in ("train_step", "compute_loss")
    },
    "averages": ("optimizer = keras.optimizers.Adam(use_ema=True)\n" + GOOD, r"use_ema.*expected use_ema=False"),
    "numbers": (
        returns("np.zeros((9, 3)), np.zeros(9)"),
        r"labels are \[\] each, and the model returns \[2\]; expected",
    ),
    "class-numbers": ("loss = 'mse'\n" + GOOD, r"labels are \[\] each, and the model returns \[2\]; expected"),
    "test-labels": (
        returns("(np.zeros((9, 3)), np.zeros(9, int)), (np.zeros((2, 3)), np.array([0, 2]))"),
        r"labels to test on go from 0 to 2, and the model has 2 outputs; expected 0 to 1",
    ),
    "float64": (of("layers.Dense(2, dtype='float64')"), r"the model computes in float64; expected float32"),
    "test-type": (
        returns("(np.zeros((9, 3), int), np.zeros(9, int)), (np.full((2, 3), 0.5), np.zeros(2, int))"),
        r"inputs to test on are float32, those to train on int64; expected one type",
    ),
    "test-labels-type": (
        returns("(np.zeros((9, 3)), np.zeros(9, int)), (np.zeros((2, 3)), np.full(2, 0.5))"),
        r"labels are \[\] each, and the model returns \[2\]; expected labels of that shape, or class numbers",
    ),
    "one": (returns("np.zeros((1, 3)), np.zeros(1, int)"), r"too few examples: 0 to train on, .* and 1 to test on"),
    "no-tests": (
        returns("(np.zeros((9, 3)), np.zeros(9, int)), (np.zeros((0, 3)), np.zeros(0, int))"),
        r"too few examples: 9 to train on, .* and 0 to test on",
    ),
    "not-finite": (
        "def loss(labels, outputs):\n    return tf.reduce_sum(tf.math.log(outputs - 1e9))\n" + GOOD,
        r"the loss is nan before the first step; expected a finite one",
    ),
    "nothing": (of("layers.Flatten()"), r"the model has no variable to train"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_with_a_file_is_one_line_with_its_own_line(name: str, tmp_path: Path) -> None:
    code, expected = REFUSED[name]
    with pytest.raises(InputError) as refused:
        run(written(tmp_path, code))
    assert re.search(expected, str(refused.value)), str(refused.value)
    assert str(refused.value).startswith(str(tmp_path)) and "\n" not in str(refused.value)


def test_a_file_that_is_not_there_or_not_named_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*none\.py: No such file"):
        run(str(tmp_path / "none.py"))
    with pytest.raises(InputError, match=r"no file is named; expected gdtui train FILE\.py"):
        run("")
    with pytest.raises(InputError, match=r"^--file: 'mine\.txt' is not accepted; expected the path of a Python file"):
        settings("mine.txt")


NEVER_ENDING = {
    "the file": "NEVER()\n",
    "the loss": "def loss(labels, outputs):\n    NEVER()\n",
    "the loss as the loop is traced": "def loss(labels, outputs):\n"
    "    if tf.inside_function():\n        NEVER()\n"
    "    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, outputs)\n",
}


@pytest.mark.parametrize("where", NEVER_ENDING)
def test_code_that_never_ends_is_stopped(where: str, tmp_path: Path) -> None:
    reached, schedule = tmp_path / "reached", tmp_path / "schedule.py"
    never = f"def NEVER():\n    open({str(reached)!r}, 'w').close()\n    while True:\n        pass\n"
    file = written(tmp_path, MLP + never + NEVER_ENDING[where])
    schedule.write_text("def schedule(step, total_steps, base_rate):\n    return base_rate\n")
    box = Mailbox()
    runner = Runner(LESSON, settings(file, schedule=str(schedule)), [box], run="r")
    runner.start()
    waiting = threading.Event()
    while not reached.exists():
        waiting.wait(0.01)
    runner.stop()
    assert runner.join(60)
    (ended,) = (each.event for each in box.take() if isinstance(each.event, RunEnded))
    assert (ended.outcome, ended.traceback) == (Outcome.STOPPED, "")


@pytest.mark.slow
def test_a_run_is_saved_stopped_and_taken_up_again(tmp_path: Path) -> None:
    chosen = settings(written(tmp_path, MLP), epochs="100000")
    box, store = Mailbox(), Checkpoints(tmp_path / "run", LESSON.id)
    runner = Runner(LESSON, chosen, [box], run="r", store=store)
    runner.start()
    while not any(isinstance(each.event, Metrics) for each in box.take()):
        assert box.wait(60)
    runner.stop()
    assert runner.join(60) and runner.outcome is Outcome.STOPPED
    found = restore(tmp_path / "run")
    assert found.snapshot.step == runner.step_number
    written(tmp_path, MLP + "# another comment\n")
    assert LESSON.resume is not None
    resumed = LESSON.resume(chosen, found.snapshot)
    events: list[Event] = []
    while not only(events, Metrics):
        events.append(next(resumed))
    resumed.close()
    assert only(events, Metrics)[0].first_step == found.snapshot.step + 1
    assert any("has changed since the run began: the numbers may differ" in each.text for each in only(events, Remark))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Dense(8,", "Dense(9,", r"^the checkpoint does not fit these settings: model/0: expected float32 \[6, 9\]"),
        ("size=(50, 6)", "size=(60, 6)", r"^data\(\) gives other examples than those"),
    ],
)
def test_another_model_or_other_data_do_not_go_on(before: str, after: str, expected: str, tmp_path: Path) -> None:
    chosen = settings(written(tmp_path, MLP))
    running = LESSON.run(chosen)
    event: Event = next(running)
    while not isinstance(event, Snapshot):
        event = running.send(Turn(chosen, 1, snapshot=isinstance(event, Metrics)))
    running.close()
    written(tmp_path, MLP.replace(before, after))
    assert LESSON.resume is not None
    with pytest.raises(InputError, match=expected):
        list(LESSON.resume(chosen, event))


def test_it_runs_as_a_lesson_but_is_none_of_the_course(tmp_path: Path) -> None:
    assert LESSON not in course()
    file = written(tmp_path, MLP, "a model.py")
    assert command_line(LESSON.id, settings(file)).startswith(f"gdtui train '{file}' --epochs 2")
    assert tf.config.threading is not None
