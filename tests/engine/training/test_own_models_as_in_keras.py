"""Learners' models, trained and tested as Keras's `fit` and `evaluate` do it: masks, 16 bits, metrics, Datasets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from engine.events import Evaluated, Remark
from engine.lazy import keras
from tests.engine.lesson_runs import losses
from tests.engine.training.test_own_models import (
    BATCH,
    MLP,
    losses_of_keras,
    made,
    only,
    own_run_order,
    run,
    settings,
    written,
)

MASKED = """
metrics = ["mae"]
loss = "mse"

def model():
    series = keras.Input((5, 2))
    x = layers.LSTM(4, return_sequences=True)(layers.Masking()(series))
    return keras.Model(series, layers.Dense(1)(x))

def data():
    x = random.normal(size=(50, 5, 2)).astype("float32")
    x[::3, 2:] = 0.0
    return (x[:40], x[:40].sum(-1)), (x[40:], x[40:].sum(-1) + 3.0)
"""

LINEAR = """
def model():
    return keras.Sequential([keras.Input((3,)), layers.Dense(1)])

def data():
    x = random.normal(size=(50, 3)).astype("float32")
    return x, x.sum(axis=1)
"""


@pytest.fixture
def policy() -> Iterator[None]:
    """A test may set the policy of new layers."""
    kept = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(kept)


def test_only_places_that_are_not_masked_count_in_steps_and_in_tests(tmp_path: Path) -> None:
    file = written(tmp_path, MASKED)
    own = made(settings(file))
    model, data = own.own.model, own.data
    model.compile("adam", "mse", metrics=["mae"], jit_compile=False)
    expected = losses_of_keras(own)
    tested = model.evaluate(data.test_inputs, data.test_labels, batch_size=50, verbose=0)
    events = run(file, epochs="1")
    np.testing.assert_allclose(losses(events), expected, rtol=1e-4)
    last = only(events, Evaluated)[-1]
    np.testing.assert_allclose([last.loss, last.metrics["mean_absolute_error"]], tested, rtol=1e-4)


def test_a_mean_over_unmasked_places_is_not_computed_in_halves(tmp_path: Path) -> None:
    ignoring = MLP + "loss = keras.losses.SparseCategoricalCrossentropy(True, ignore_class=2)\n"
    for name, code in (("masked", MASKED), ("ignoring", ignoring)):
        with pytest.raises(InputError, match="--loop halves: the loss is a mean over those places of a batch that are"):
            run(written(tmp_path, code, f"{name}.py"), loop="halves")


@pytest.mark.usefixtures("policy")
def test_a_loss_by_its_name_and_one_s_own_are_computed_in_32_bits(tmp_path: Path) -> None:
    losses_of = {
        "name": 'loss = "mse"\n',
        "own": "def loss(labels, outputs):\n    return tf.square(labels - outputs[:, 0])\n",
    }
    for name, loss in losses_of.items():
        code = "keras.config.set_dtype_policy('mixed_bfloat16')\n" + loss + LINEAR
        assert np.isfinite(losses(run(written(tmp_path, code, f"{name}.py")))).all()


@pytest.mark.usefixtures("policy")
def test_small_gradients_are_scaled_in_float16(tmp_path: Path) -> None:
    small = LINEAR.replace("Dense(1)", "Dense(1, kernel_initializer='zeros')").replace(
        "x.sum(axis=1)", "3e-6 * x[:, 0]"
    )
    code = "keras.config.set_dtype_policy('mixed_float16')\nloss = 'mse'\n" + small
    events = run(written(tmp_path, code), epochs="4", learning_rate="1e-6")
    assert losses(events)[-1] < 0.9 * losses(events)[0]


def test_the_accuracy_by_its_name_is_what_is_measured_anyway(tmp_path: Path) -> None:
    for name in ("accuracy", "acc"):
        events = run(written(tmp_path, f"metrics = ['{name}']\n" + MLP, f"{name}.py"), epochs="1")
        assert only(events, Evaluated)[0].metrics == {}


def test_what_layers_add_to_the_loss_is_summed(tmp_path: Path) -> None:
    layer = (
        "class Adding(keras.layers.Layer):\n    def call(self, x):\n"
        "        self.add_loss(tf.reduce_mean(tf.square(x), axis=1))\n        return x\n"
    )
    plain, adding = (
        losses(
            run(written(tmp_path, layer + MLP.replace("layers.Dense(8", f"{extra}layers.Dense(8"), name), epochs="1")
        )
        for extra, name in (("", "plain.py"), ("Adding(), ", "adding.py"))
    )
    own = made(settings(written(tmp_path, MLP)))
    batch = own.data.inputs[own_run_order(40)[:BATCH]]
    np.testing.assert_allclose(adding[0] - plain[0], np.square(batch).mean(axis=1).sum(), rtol=1e-4)


TABLE = """
def model():
    table = layers.Embedding(9, 4)
    return keras.Sequential([keras.Input((2,), dtype="int32"), table, layers.Flatten(), layers.Dense(2)])

def data():
    x = random.integers(0, 9, (60, 2))
    y = x[:, 0] % 2
    return (x, y), (x[:9], y[:9])
"""


@pytest.mark.parametrize("loop", ["graph", "xla"])
def test_an_index_beyond_the_table_of_an_embedding_is_refused(loop: str, tmp_path: Path) -> None:
    code = TABLE.replace("    y =", "    x[55] = 99\n    y =")
    with pytest.raises(InputError, match=r"inputs go from 0 to 99, and the table of \S+ has 9 rows; expected 0 to 8"):
        run(written(tmp_path, code), loop=loop)


def test_one_that_a_layer_makes_is_refused_when_a_step_meets_it(tmp_path: Path) -> None:
    code = TABLE.replace(" table,", " layers.Lambda(lambda x: x * 2), table,").replace("(0, 9,", "(0, 4,")
    code = code.replace("    y =", "    x[55] = 8\n    y =")
    with pytest.raises(InputError, match=r"mine\.py: an operation of the model failed: indices\[.*\] = 16 is not in"):
        run(written(tmp_path, code))


def test_weights_of_losses_are_refused(tmp_path: Path) -> None:
    code = LINEAR.replace("return keras.Seq", "made = keras.Seq").replace(
        "Dense(1)])", "Dense(1)])\n    made.compile('sgd', 'mse', loss_weights=2.0)\n    return made"
    )
    with pytest.raises(
        InputError, match="the model is compiled with loss_weights, which are not used; expected them in"
    ):
        run(written(tmp_path, code))


def test_the_accuracy_of_a_series_of_classes_is_the_one_that_keras_chooses(tmp_path: Path) -> None:
    code = (
        "metrics = ['accuracy']\nloss = keras.losses.SparseCategoricalCrossentropy(True)\n"
        "def model():\n    return keras.Sequential([keras.Input((5, 2)), layers.Dense(3)])\n\n"
        "def data():\n    x = random.normal(size=(50, 5, 2))\n    return x, x.argmax(axis=2)\n"
    )
    last = only(run(written(tmp_path, code), epochs="1"), Evaluated)[-1]
    assert 0 < last.metrics["accuracy"] < 1


def test_the_accuracy_beside_any_loss_is_the_one_that_keras_chooses(tmp_path: Path) -> None:
    several = "metrics = ['accuracy']\nloss = 'binary_focal_crossentropy'\n" + DISTANCES
    series = (
        "metrics = ['accuracy']\n"
        "def loss(labels, outputs):\n    return keras.losses.sparse_categorical_crossentropy(labels, outputs, True)\n"
        "def model():\n    return keras.Sequential([keras.Input((5, 2)), layers.Dense(3)])\n\n"
        "def data():\n    x = random.normal(size=(50, 5, 2))\n    return x, x.argmax(axis=2)\n"
    )
    for name, code in (("several", several), ("series", series)):
        file = written(tmp_path, code, f"{name}.py")
        own = made(settings(file))
        model, data = own.own.model, own.data
        model.compile("adam", own.own.loss, metrics=["accuracy"], jit_compile=False)
        _, expected = model.evaluate(data.test_inputs, data.test_labels, verbose=0)
        (accuracy,) = own.own.metrics
        accuracy.reset_state()
        accuracy.update_state(data.test_labels, model.predict(data.test_inputs, verbose=0))
        assert float(accuracy.result()) == pytest.approx(expected)


def test_a_metric_may_use_what_numpy_s_arrays_have(tmp_path: Path) -> None:
    code = "def right(labels, outputs):\n    return (outputs.argmax(axis=1) == labels).astype('float32')\n"
    last = only(run(written(tmp_path, code + "metrics = [right]\n" + MLP), epochs="1"), Evaluated)[-1]
    assert last.metrics["right"] == pytest.approx(last.accuracy)


def test_whole_labels_to_train_on_and_others_to_test_on_are_a_regression(tmp_path: Path) -> None:
    code = LINEAR.replace(
        "return x, x.sum(axis=1)", "y = x.sum(axis=1)\n    return (x, np.rint(y).astype(int)), (x, y)"
    )
    assert np.isfinite(only(run(written(tmp_path, code), epochs="1"), Evaluated)[-1].loss)


SINGLE = """
class Mine(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = layers.Dense(1)

    def call(self, x):
        return self.last(tf.reshape(x, (-1, 1)))

def model():
    return Mine()

def data():
    x = random.normal(size=48)
    return tf.data.Dataset.from_tensor_slices((x, 2 * x))"""


def test_a_dataset_of_batches_or_of_examples_is_told_apart_or_refused(tmp_path: Path) -> None:
    for name, batched in (("single.py", ""), ("batched.py", ".batch(8)")):
        run(written(tmp_path, SINGLE + batched + "\n", name), epochs="1")
    with pytest.raises(InputError, match=r"the Dataset may hold examples or batches of 8; expected keras.Input"):
        run(written(tmp_path, SINGLE + ".batch(8, drop_remainder=True)\n"), epochs="1")


# --- losses -------------------------------------------------------------------------------------------------------

DISTANCES = """
def model():
    return keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(3, "sigmoid")])

def data():
    x = random.normal(size=(50, 6)).astype("float32")
    return x, (x[:, :3] > 0.3).astype("float32")
"""

LOSSES = {
    "of each number": "def call(self, y, p):\n        return tf.square(y - p)",
    "of all numbers in a row": "def call(self, y, p):\n        return tf.reshape(tf.square(y - p), [-1])",
    "of each class": "def call(self, y, p):\n        return 1 - tf.reduce_sum(y * p, 0) / tf.reduce_sum(y + p, 0)",
    "of all together": "def call(self, y, p):\n        return tf.reduce_mean(tf.square(y - p))",
}


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "function"])
@pytest.mark.parametrize("what", LOSSES)
def test_a_loss_may_return_any_shape(what: str, reduction: str, tmp_path: Path) -> None:
    if reduction == "function":
        code = LOSSES[what].replace("call(self, ", "loss(").replace("\n        ", "\n    ") + "\n"
    else:
        code = f"class Own(keras.losses.Loss):\n    {LOSSES[what]}\nloss = Own(reduction='{reduction}')\n"
    file = written(tmp_path, code + DISTANCES)
    own = made(settings(file))
    own.own.model.compile("adam", own.own.loss, jit_compile=False)
    expected = losses_of_keras(own)
    np.testing.assert_allclose(losses(run(file, epochs="1", loop="graph")), expected, rtol=1e-4)


SIGMOIDS = {
    "in an inner model": "keras.Sequential([layers.Dense(1, 'sigmoid')])(x)",
    "as an operation": "keras.ops.sigmoid(layers.Dense(1)(x))",
    "before a reshaping": "layers.Flatten()(layers.Dense(1, 'sigmoid')(x))",
}
BINARY = """
optimizer = keras.optimizers.Adam(0.1)
metrics = ["binary_accuracy"]

def data():
    x = random.normal(size=(80, 6)).astype("float32")
    return x, (x[:, 0] > 0.5).astype(int)
"""
GRAPH = "def model():\n    x = inputs = keras.Input((6,))\n    return keras.Model(inputs, {})\n"
SUBCLASS = """
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.last, self.first = layers.Dense(1, "sigmoid"), layers.Dense(4, "relu")

    def call(self, x):
        return self.last(self.first(x))

def model():
    return Own()
"""


@pytest.mark.parametrize("code", [*(GRAPH.format(each) for each in SIGMOIDS.values()), SUBCLASS])
def test_probabilities_of_two_classes_are_known_wherever_they_are_computed(code: str, tmp_path: Path) -> None:
    events = run(written(tmp_path, BINARY + code), epochs="20")
    last = only(events, Evaluated)[-1]
    assert last.accuracy == pytest.approx(last.metrics["binary_accuracy"]) and last.accuracy > 0.8


def test_logits_of_two_classes_stay_logits(tmp_path: Path) -> None:
    own = made(settings(written(tmp_path, BINARY + GRAPH.format("layers.Dense(1)(x)"))))
    assert own.kind.answer == "binary" and own.kind.logits


def test_class_numbers_may_be_of_a_float_type_and_a_count_may_have_several_quantiles(tmp_path: Path) -> None:
    floats = MLP.replace("argmax(axis=1)", "argmax(axis=1).astype('float32')")
    named = made(settings(written(tmp_path, "loss = 'sparse_categorical_crossentropy'\n" + floats)))
    assert (named.kind.answer, named.data.labels.dtype) == ("class", np.int32)
    pinball = "def loss(y, p):\n    return tf.reduce_mean(tf.maximum(0.9 * (y - p), 0.1 * (p - y)), axis=-1)\n"
    counts = MLP.replace("x[:, :3].argmax(axis=1)", "random.poisson(5, (50, 1))")
    counted = made(settings(written(tmp_path, pinball + counts)))
    assert (counted.kind.answer, counted.data.labels.dtype) == ("numbers", np.float32)


# --- forms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("takes", "given"), [((1,), "x[:, 0]"), ((2, 3, 1), "x.reshape(-1, 2, 3)"), ((2, 3), "x.reshape(-1, 2, 3, 1)")]
)
def test_a_last_dimension_of_one_is_added_or_removed(takes: tuple[int, ...], given: str, tmp_path: Path) -> None:
    code = f"""
def model():
    return keras.Sequential([keras.Input({takes}), layers.Flatten(), layers.Dense(1)])

def data():
    x = random.normal(size=(50, 6)).astype("float32")
    return {given}, x.sum(axis=1)
"""
    own = made(settings(written(tmp_path, code)))
    assert own.data.inputs.shape[1:] == own.data.test_inputs.shape[1:] == takes


def test_halves_of_the_data_may_be_lists_of_arrays(tmp_path: Path) -> None:
    code = MLP.replace(
        "return x, x[:, :3].argmax(axis=1)", "y = x[:, :3].argmax(axis=1)\n    return [x, y], [x[:9], y[:9]]"
    )
    own = made(settings(written(tmp_path, code)))
    assert (len(own.data.inputs), len(own.data.test_inputs)) == (50, 9)


@pytest.mark.parametrize("loss", ["['mse']", "{'out': 'mse'}"])
def test_the_loss_of_the_only_output_may_be_in_a_list_or_a_dictionary(loss: str, tmp_path: Path) -> None:
    assert made(settings(written(tmp_path, f"loss = {loss}\n" + LINEAR))).own.loss.name == "mean_squared_error"


# --- what is not used ---------------------------------------------------------------------------------------------


def test_what_fit_takes_is_told_to_be_not_read(tmp_path: Path) -> None:
    events = run(written(tmp_path, "class_weight = {0: 1.0, 1: 2.0}\nepochs = 5\n" + MLP), epochs="1")
    said = " ".join(each.text for each in only(events, Remark))
    assert "class_weight is not read; weights belong in the loss." in said
    assert "epochs is not read; --epochs is." in said


@pytest.mark.parametrize(
    "inner", ["use_ema=True", "learning_rate=keras.optimizers.schedules.ExponentialDecay(1, 1, 1)"]
)
def test_a_loss_scale_optimizer_hides_no_optimizer_that_is_refused(inner: str, tmp_path: Path) -> None:
    code = f"optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam({inner}))\n"
    with pytest.raises(InputError, match=r"use_ema, whose averages|its learning rate is a schedule"):
        made(settings(written(tmp_path, code + MLP)))


def test_python_code_of_a_step_that_fails_is_told_by_its_reason(tmp_path: Path) -> None:
    code = """
class Broken(layers.Layer):
    def call(self, x, training=False):
        def fail(values):
            raise RuntimeError("my augmentation broke")
        found = tf.numpy_function(fail, [x], tf.float32) if training else x
        return tf.ensure_shape(found, x.shape)
"""
    code += MLP.replace('layers.Dense(8, "relu")', 'Broken(), layers.Dense(8, "relu")')
    with pytest.raises(InputError, match=r"RuntimeError: my augmentation broke"):
        run(written(tmp_path, code), loop="graph")
