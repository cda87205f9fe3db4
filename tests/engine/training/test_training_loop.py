"""The training loop with models, data and losses of every kind. The course's own network is in
test_classifier_lessons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError
from engine.events import Snapshot
from engine.lazy import keras, tf
from engine.run.checkpoints import Checkpoints, restore
from engine.training import loop_choice, updates, variables
from engine.training.batches import epoch_order, spec
from engine.training.devices import Place
from engine.training.loop import Trainer
from engine.training.loop_choice import LOOPS, Loop
from engine.training.step import classification, regression
from engine.training.task import TrainingTask

COUNT, TEST, BATCH = 70, 20, 16
STEPS_AN_EPOCH = 5  # four of 16 examples and one of 6


def pictures(dtype: str = "uint8") -> tuple[np.ndarray, np.ndarray]:
    """Images [n, 12, 12, 1] with a bright square whose place is the label, 0 to 3."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, COUNT + TEST)
    images = random.integers(0, 100, (COUNT + TEST, 12, 12, 1))
    for image, label in zip(images, labels, strict=True):
        row, column = 6 * (label // 2), 6 * (label % 2)
        image[row : row + 6, column : column + 6] += 100
    return images.astype(dtype), labels


def convolutional() -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(4),
        ]
    )


def with_state() -> Any:
    """A network whose layers have state: moving averages, and the seeds of Dropout."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(16, use_bias=False, kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.3, seed=7),
            layers.Dense(4),
        ]
    )


def trainer_of(
    model: Any,
    data: tuple[np.ndarray, np.ndarray],
    loss: Any = None,
    measure: Callable[..., Any] = classification,
    optimizer: Any = None,
    loop: Loop | None = None,
    batch: int = BATCH,
    state: dict[str, Any] | None = None,
) -> Trainer:
    """A trainer at the beginning of its first epoch, or in `state` there."""
    inputs, labels = data
    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    task = TrainingTask(model, optimizer or keras.optimizers.Adam(0.01), loss, measure)
    trainer = Trainer(task, spec(inputs[:COUNT]), spec(labels[:COUNT]), batch, loop=loop)
    trainer.begin(inputs[:COUNT], labels[:COUNT], [inputs[COUNT:]])
    trainer.shuffle(0, 1)
    if state is not None:
        trainer.restore(state)
    trainer.compile()
    return trainer


def take(trainer: Trainer, first: int, last: int) -> np.ndarray:
    """The losses of the steps `first` to `last`, counted from 0 over the epochs, the last left out."""
    losses = []
    while first < last:
        epoch, step = divmod(first, STEPS_AN_EPOCH)
        trainer.shuffle(0, epoch + 1)
        stretch = trainer.advance(step, min(last - first, STEPS_AN_EPOCH - step))
        losses.append(stretch.loss)
        first += len(stretch.loss)
    return np.concatenate(losses)


def by_keras(model: Any, data: tuple[np.ndarray, np.ndarray], loss: Any, optimizer: Any, loop: Loop) -> np.ndarray:
    """The losses of an epoch trained by Keras itself, on the same batches, compiled by XLA or not: XLA draws other
    random numbers from a seed."""
    inputs, labels = data
    model.compile(optimizer=optimizer, loss=loss, jit_compile=loop != "graph")
    order = epoch_order(COUNT, 0, 1).numpy()
    batches = [order[i : i + BATCH] for i in range(0, COUNT, BATCH)]
    found = []
    for chosen in batches:
        model.reset_metrics()
        found.append(model.train_on_batch(inputs[chosen], labels[chosen]))
    return np.array(found)


BUILDS = [
    (with_state, "graph"),
    *(
        pytest.param(*each, marks=pytest.mark.slow)
        for each in ((convolutional, "graph"), (convolutional, "halves"), (with_state, "xla"))
    ),
]


@pytest.mark.parametrize(
    ("build", "loop"),
    BUILDS,
)
def test_an_epoch_is_what_keras_makes_of_it(build: Callable[[], Any], loop: Loop) -> None:
    """The short last batch, moving averages, regularization and Dropout included."""
    first, second = build(), build()
    second.set_weights(first.get_weights())
    trainer = trainer_of(first, pictures(), loop=loop)
    found = take(trainer, 0, STEPS_AN_EPOCH)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    expected = by_keras(second, pictures(), loss, keras.optimizers.Adam(0.01), loop)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    for mine, theirs in zip(first.weights, second.weights, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(
        trainer.predict().outputs, second.predict(pictures()[0][COUNT:], verbose=0), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize(
    ("build", "loop"),
    BUILDS,
)
def test_a_run_goes_on_from_a_checkpoint_bit_for_bit(build: Callable[[], Any], loop: Loop, tmp_path: Path) -> None:
    cut_off, other = (trainer_of(build(), pictures(), loop=loop) for _ in range(2))
    begun = cut_off.state()
    losses = take(cut_off, 0, 14)
    end = cut_off.state()
    checkpoints = Checkpoints(tmp_path, "a lesson")
    for cut in (1, 4, 5, 12):
        cut_off.restore(begun)
        before = take(cut_off, 0, cut)
        checkpoints.save(Snapshot(cut, 1 + cut // STEPS_AN_EPOCH, cut_off.state()), {})
        other.restore(restore(tmp_path).snapshot.arrays)
        np.testing.assert_array_equal(np.concatenate([before, take(other, cut, 14)]), losses)
        for name, value in other.state().items():
            np.testing.assert_array_equal(value, end[name])


@pytest.mark.slow
def test_a_run_whose_updates_are_compiled_goes_on_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the graph, where only the updates of large variables are."""
    monkeypatch.setattr(updates, "SMALLEST_COMPILED", 12 * 12 * 16)
    cut_off, other = (trainer_of(with_state(), pictures(), loop="graph") for _ in range(2))
    graph = cut_off.functions["graph", BATCH, False].get_concrete_function().graph.as_graph_def()
    assert sum(each.attr["_XlaMustCompile"].b for each in graph.library.function) == 1
    take(cut_off, 0, 3)
    other.restore(cut_off.state())
    np.testing.assert_array_equal(take(other, 3, 7), take(cut_off, 3, 7))
    for name, value in cut_off.state().items():
        np.testing.assert_array_equal(other.state()[name], value)


def test_a_state_holds_what_layers_keep_and_what_they_draw_from() -> None:
    trainer = trainer_of(with_state(), pictures(), loop="graph")
    before = trainer.state()
    take(trainer, 0, 1)
    changed = {name for name, value in trainer.state().items() if not np.array_equal(value, before[name])}
    assert changed >= {f"model/{place}" for place in range(len(trainer.model.variables))}


def test_histograms_leave_the_state_as_it_was() -> None:
    trainer = trainer_of(with_state(), pictures(), loop="graph")
    take(trainer, 0, 3)
    before = trainer.state()
    found = trainer.histograms(STEPS_AN_EPOCH - 1)
    tags = [tag.removeprefix("weights/") for tag in (each.tag for each in found) if tag.startswith("weights/")]
    assert tags == ["layer-1/kernel", "layer-2/gamma", "layer-2/beta", "layer-3/kernel", "layer-3/bias"]
    for name, value in trainer.state().items():
        np.testing.assert_array_equal(value, before[name])


def test_histograms_leave_a_kernel_as_it_was_that_a_layer_normalises() -> None:
    layers = keras.layers
    kernel = layers.SpectralNormalization(layers.Dense(4))
    trainer = trainer_of(
        keras.Sequential([keras.Input((12, 12, 1)), layers.Flatten(), kernel]), pictures(), loop="graph"
    )
    take(trainer, 0, 1)
    before = trainer.state()
    trainer.histograms(0)
    for name, value in trainer.state().items():
        np.testing.assert_array_equal(value, before[name])


# --- any data, any loss ---------------------------------------------------------------------------------------


def line() -> tuple[Any, ...]:
    x = np.linspace(-1, 1, COUNT + TEST)[:, None]  # float64
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
    return model, (x, np.sin(3 * x[:, 0])), keras.losses.MeanSquaredError(), regression


def words() -> tuple[Any, ...]:
    tokens = np.random.default_rng(1).integers(0, 20, (COUNT + TEST, 6))
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((6,), dtype="int64"), layers.Embedding(20, 4), layers.GlobalAveragePooling1D(), layers.Dense(1)]
    )
    labels = (tokens[:, :1] < 10).astype(np.float32)
    return model, (tokens, labels), keras.losses.BinaryCrossentropy(from_logits=True), regression


def series() -> tuple[Any, ...]:
    x = np.random.default_rng(2).normal(size=(COUNT + TEST, 5, 2)).astype(np.float32)
    model = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])
    return model, (x, x.sum(axis=(1, 2))), keras.losses.Huber(), regression


def picture_to_picture() -> tuple[Any, ...]:
    images, _ = pictures("float32")
    pixels = keras.Input((12, 12, 1))
    seen = keras.layers.Conv2D(2, 3, padding="same", activation="relu")(pixels)
    model = keras.Model(pixels, keras.layers.Concatenate()([seen, pixels]))
    model = keras.Model(pixels, keras.layers.Conv2D(1, 1)(model.output))
    return model, (images / 200, images[:, ::-1] / 200), keras.losses.mean_absolute_error, regression


@pytest.mark.parametrize(
    ("build", "loop"),
    [
        pytest.param(line, "xla", marks=pytest.mark.slow),
        pytest.param(words, "graph", marks=pytest.mark.slow),
        pytest.param(words, "xla", marks=pytest.mark.slow),
        pytest.param(series, "graph", marks=pytest.mark.slow),
        (series, "halves"),
        (picture_to_picture, "graph"),
        (lambda: (*picture_to_picture()[:2], keras.losses.MeanSquaredError(), regression), "graph"),
    ],
)
def test_data_and_losses_of_every_kind_train_as_in_keras(build: Callable[[], tuple[Any, ...]], loop: Loop) -> None:
    model, data, loss, measure = build()
    other = keras.models.clone_model(model)
    other.set_weights(model.get_weights())
    trainer = trainer_of(model, data, loss, measure, keras.optimizers.SGD(0.1, momentum=0.9), loop)
    found = take(trainer, 0, STEPS_AN_EPOCH)
    expected = by_keras(other, data, loss, keras.optimizers.SGD(0.1, momentum=0.9), loop)
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    expected_outputs = other.predict(data[0][COUNT:], verbose=0)
    np.testing.assert_allclose(trainer.predict().outputs, expected_outputs, rtol=1e-3, atol=1e-4)
    assert all(np.isfinite(each.counts).all() for each in trainer.histograms(0))


def test_a_loss_that_keras_does_not_reduce_is_averaged() -> None:
    model, data, _, measure = line()
    found = []
    for reduction in (None, "sum_over_batch_size"):
        same = keras.models.clone_model(model)
        same.set_weights(model.get_weights())
        found.append(take(trainer_of(same, data, keras.losses.Huber(reduction=reduction), measure, loop="graph"), 0, 5))
    np.testing.assert_allclose(*found, rtol=1e-6)


def test_the_norm_of_a_sparse_gradient_is_that_of_its_sum() -> None:
    """A word that comes several times in a batch has several rows in the gradient."""
    model, (tokens, labels), loss, measure = words()
    chosen = epoch_order(COUNT, 0, 1).numpy()[:BATCH]
    with tf.GradientTape() as tape:
        value = loss(labels[chosen], model(tokens[chosen]))
    gradients = map(tf.convert_to_tensor, tape.gradient(value, model.trainable_variables))
    expected = np.sqrt(sum(np.sum(np.square(each)) for each in gradients))
    found = trainer_of(model, (tokens, labels), loss, measure, loop="graph").advance(0, 1)
    assert found.gradient_norm == pytest.approx(float(expected), rel=1e-5)


def test_a_regression_reports_its_mean_squared_error() -> None:
    model, data, loss, measure = line()
    stretch = trainer_of(model, data, loss, measure, loop="graph").advance(0, STEPS_AN_EPOCH)
    np.testing.assert_allclose(stretch.mse, stretch.loss, rtol=1e-6)
    assert stretch.correct == 0


# --- compiled by XLA or not -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("of_xla", "faster"), [(0.5, "xla"), (2.0, "graph")])
def test_the_faster_loop_is_found_whatever_a_call_costs(of_xla: float, faster: Loop) -> None:
    """Compiling takes seconds, and a call of XLA's loop as long as fifty steps."""
    now, called = 0.0, set()

    def take(loop: Loop, steps: int) -> int:
        nonlocal now
        if loop not in called:
            now += 30.0 if loop == "xla" else 1.0
        called.add(loop)
        now += 0.0001 * ((50 + of_xla * steps) if loop == "xla" else steps)
        return steps

    times = loop_choice.step_times(take, ("graph", "xla"), 512, lambda: now)
    assert min(times, key=times.__getitem__) == faster


@pytest.mark.parametrize(
    ("graph_ms", "xla_ms", "halves_ms", "fastest", "reason"),
    [
        (2.6, 1.5, 1.0, "halves", "; a step takes 67% of the time of the next fastest"),
        (2.6, 1.5, 1.8, "xla", "; a step takes 83% of the time of the next fastest"),
        (2.1, 17.0, 0.1, "graph", "; a step takes 12% of the time of the other"),  # half of XLA's is still longer
        (0.1, 0.03, 0.01, "xla", "; a step takes 30% of the time of the other"),  # two calls take longer than a step
    ],
)
def test_halves_are_timed_where_they_can_win(
    graph_ms: float, xla_ms: float, halves_ms: float, fastest: Loop, reason: str
) -> None:
    now, ms = 0.0, {"graph": graph_ms, "xla": xla_ms, "halves": halves_ms}

    def take(loop: Loop, steps: int) -> int:
        nonlocal now
        now += steps * ms[loop] / 1e3
        return steps

    def timed(clock: Callable[[], float] = lambda: now) -> tuple[Loop, str]:
        times = loop_choice.step_times
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop_choice, "step_times", lambda *given: times(*given, clock))
            return loop_choice.fastest(take, 512, lambda: divisible)

    divisible = True
    assert timed() == (fastest, reason)
    divisible = False
    assert timed()[0] == min(("graph", "xla"), key=ms.__getitem__)


def centred() -> Any:
    """A network in which the examples of a batch affect each other."""
    layers = keras.layers
    less_mean = layers.Lambda(lambda x: x - keras.ops.mean(x, axis=0), output_shape=(8,))
    return keras.Sequential([keras.Input((12, 12, 1)), layers.Flatten(), layers.Dense(8), less_mean, layers.Dense(4)])


class Gate(keras.layers.Layer):  # type: ignore[misc]
    """A layer in which each example sees the largest of its batch, once the gate has opened."""

    def build(self, _: Any) -> None:
        self.gate = self.add_weight(shape=(), initializer="zeros")

    def call(self, x: Any) -> Any:
        return x + self.gate * keras.ops.max(x, axis=0, keepdims=True)


def gated() -> Any:
    layers = keras.layers
    return keras.Sequential([keras.Input((12, 12, 1)), layers.Flatten(), layers.Dense(4), Gate()])


def embedded() -> Any:
    layers = keras.layers
    pixels = [keras.Input((12, 12, 1)), layers.Flatten(), layers.Embedding(256, 2)]
    return keras.Sequential([*pixels, layers.Flatten(), layers.Dense(4)])


def norm(labels: Any, outputs: Any) -> Any:
    """A loss of all examples together."""
    return tf.sqrt(tf.reduce_sum(tf.square(outputs - tf.one_hot(labels, 4))))


def of_sixteen(labels: Any, outputs: Any) -> Any:
    """A loss that needs batches of 16 and of 6."""
    rows = {16: 8, 6: 3}[outputs.shape[0]]
    return tf.reduce_mean(tf.reshape(outputs, (2, rows, 4))) + 0.0 * tf.cast(labels, tf.float32)


@pytest.mark.parametrize(
    ("build", "loss", "batch", "reason"),
    [
        (centred, None, 16, "the halves of a batch do not add up to the whole"),
        (gated, None, 16, "the halves of a batch do not add up to the whole"),
        (centred, norm, 16, "the halves of a batch do not add up to the whole"),
        (centred, of_sixteen, 16, "half of a batch cannot be computed"),
        (embedded, None, 16, "a sparse gradient, as of an Embedding, is not added up"),
        (centred, None, 15, "a batch of 15 examples has no halves"),
        pytest.param(with_state, None, 16, "a step changes the state of the model", marks=pytest.mark.slow),
    ],
)
def test_a_batch_whose_halves_do_not_add_up_to_it_is_not_halved(
    build: Callable[[], Any], loss: Any, batch: int, reason: str
) -> None:
    with pytest.raises(InputError, match=f"--loop halves: .*{reason}"):
        trainer_of(build(), pictures(), loss, loop="halves", batch=batch)


def test_a_large_recurrent_layer_can_be_halved() -> None:
    """In it noise of the size of its weights would grow at each step in time."""
    x = np.random.default_rng(2).normal(size=(COUNT + TEST, 60, 2)).astype(np.float32)
    model = keras.Sequential([keras.Input((60, 2)), keras.layers.LSTM(128), keras.layers.Dense(1)])
    trainer = trainer_of(model, (x, x.sum(axis=(1, 2))), keras.losses.Huber(), regression, loop="halves")
    assert np.isfinite(take(trainer, 0, 2)).all()


class Small(keras.layers.Layer):  # type: ignore[misc]
    """A layer that adds the mean square of its inputs to the loss."""

    def call(self, x: Any) -> Any:
        self.add_loss(10.0 * keras.ops.mean(keras.ops.square(x)))
        return x


def test_what_layers_and_regularizers_add_to_the_loss_counts_in_halves() -> None:
    """The trainer refuses halves that give another loss than a graph."""
    _, data, loss, measure = series()
    layers = keras.layers
    recurrent = layers.LSTM(4, kernel_regularizer=keras.regularizers.L2(10.0))
    model = keras.Sequential([keras.Input((5, 2)), recurrent, Small(), layers.Dense(1)])
    assert trainer_of(model, data, loss, measure, loop="halves").loop == "halves"


def test_a_loss_of_a_learner_s_own_class_is_computed_in_its_own_dtype() -> None:
    class Squares(keras.losses.Loss):  # type: ignore[misc]
        def call(self, y: Any, p: Any) -> Any:
            return tf.reduce_mean(tf.square(y - p), axis=[1, 2, 3])

    model, data, _, measure = picture_to_picture()
    whole = tuple((each * 200).astype(np.int32) for each in data)
    found = take(trainer_of(model, (data[0], whole[1]), Squares(), measure, loop="graph"), 0, 2)
    assert np.isfinite(found).all()


def test_a_batch_that_has_no_halves_is_trained_in_another_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_choice, "HALVES_S", -1.0)  # they are tried, however fast the others are
    assert trainer_of(centred(), pictures(), of_sixteen).loop in ("graph", "xla")


def test_a_run_in_halves_goes_on_in_halves_without_another_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Near a minimum rounding makes a large part of a loss."""
    first = trainer_of(*line(), loop="halves")
    monkeypatch.setattr(Trainer, "_undivided", lambda *_: "tried again")
    second = trainer_of(*line(), loop="halves", state=first.state())
    np.testing.assert_array_equal(take(second, 0, 7), take(first, 0, 7))


def test_timing_takes_no_more_steps_at_once_than_there_are() -> None:
    asked = []

    def call(_: Loop, steps: int) -> int:
        asked.append(steps)
        return steps

    loop_choice.step_times(call, ("graph", "xla"), 4)
    assert max(asked) <= 4


@pytest.mark.slow
def test_timing_the_loops_changes_no_number() -> None:
    model, data, loss, measure = line()
    before = trainer_of(model, data, loss, measure, loop="graph").state()
    timed = trainer_of(model, data, loss, measure)
    assert timed.loop in LOOPS
    for name, value in before.items():
        np.testing.assert_array_equal(timed.state()[name], value)


@pytest.mark.slow
def test_a_resumed_run_takes_the_loop_that_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_choice, "step_times", lambda *_: {"xla": 1.0, "graph": 1.1})
    first = trainer_of(*line())
    monkeypatch.setattr(loop_choice, "step_times", lambda *_: {"xla": 2.0, "graph": 0.5})
    second = trainer_of(*line())
    assert (first.loop, second.loop) == ("xla", "graph")
    second.restore(first.state())
    second.compile()
    assert second.loop == "xla"
    np.testing.assert_array_equal(take(second, 0, 7), take(first, 0, 7))


@pytest.mark.slow
def test_a_model_that_draws_random_numbers_is_not_left_to_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """An LSTM has a seed, and draws only where it drops."""
    monkeypatch.setattr(loop_choice, "step_times", lambda *_: {"xla": 1.0, "graph": 1.1})
    assert trainer_of(with_state(), pictures()).loop == "graph"
    assert trainer_of(*series()).loop == "xla"


def test_what_xla_cannot_compile_is_trained_as_a_graph() -> None:
    def sorted_by_python(x: Any) -> Any:
        found = tf.numpy_function(lambda each: np.sort(each, axis=1), [x], tf.float32)
        return tf.stop_gradient(tf.ensure_shape(found, x.shape))

    sort = keras.layers.Lambda(sorted_by_python, output_shape=(3,))
    model = keras.Sequential([keras.Input((3,)), sort, keras.layers.Dense(1, kernel_initializer="zeros")])
    x = np.random.default_rng(3).normal(size=(COUNT + TEST, 3)).astype(np.float32)
    loss, optimizer = keras.losses.MeanSquaredError(), keras.optimizers.SGD(0.1)
    trainer = trainer_of(model, (x, x.max(axis=1)), loss, regression, optimizer)
    assert trainer.loop == "graph"
    losses = take(trainer, 0, 20 * STEPS_AN_EPOCH)
    assert losses[-5:].mean() < 0.1 * losses[:5].mean()


# --- replicas -------------------------------------------------------------------------------------------------


def test_replicas_refuse_a_model_with_state() -> None:
    place = Place(strategy=tf.distribute.MirroredStrategy(["CPU:0"]))
    with place.making():
        model = with_state()
        optimizer = keras.optimizers.Adam()
    task = TrainingTask(model, optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), classification)
    images, labels = pictures()
    with pytest.raises(ValueError, match="only models without state"):
        Trainer(task, spec(images), spec(labels), BATCH, place)


# --- kernels in parts -----------------------------------------------------------------------------------------


def test_a_kernel_in_parts_is_shown_whole_with_its_slots() -> None:
    from engine.training.layers import SplitDense

    model = keras.Sequential([keras.Input((6,)), SplitDense(4, "relu"), keras.layers.Dense(2)])
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    shown = [(each.layer.split("/")[-1].startswith("split"), each.name) for each in variables.wholes(model.variables)]
    assert shown == [(True, "kernel"), (True, "bias"), (False, "kernel"), (False, "bias")]
    shapes = [value.shape for value in variables.values_of(model.variables)]
    assert shapes == [(6, 4), (4,), (4, 2), (2,)]
    slots = [value.shape for value in variables.values_of(optimizer.variables)]
    assert slots == [(), (), (6, 4), (6, 4), (4,), (4,), (4, 2), (4, 2), (2,), (2,)]
    given = [np.random.default_rng(4).normal(size=shape).astype(np.float32) for shape in shapes]
    variables.assign(model.variables, given)
    for value, expected in zip(variables.values_of(model.variables), given, strict=True):
        np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(model.layers[0].kernel, given[0])
    x = np.ones((3, 6), np.float32)
    expected = np.maximum(x @ given[0] + given[1], 0) @ given[2] + given[3]
    np.testing.assert_allclose(model(x), expected, rtol=1e-4)
