"""Compiled classifier training: a Keras model and a Keras optimizer inside one XLA loop, data held on the device.

The training images stay on the device as bytes; each step gathers its batch from them by an order that is a true
permutation, a pure function of (seed, epoch). One call of the compiled loop takes as many steps as it is told, so that
its length can be fitted to about 50 ms; every step's loss leaves it. The last, short batch of an epoch is padded and
its padding weighs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import optimizers
from engine.datasets import Dataset
from engine.events import FloatArray, Histogram, IntArray
from engine.lazy import keras, tf
from engine.lesson import choice, folder, integer, number
from engine.optimizers import OptimizerSettings

ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid")

# The course's network: 784-256-128-64-32-10.
HIDDEN = (256, 128, 64, 32)

# A call's losses are a buffer of this many steps, and a longer call is several.
STEPS_A_CALL = 512

# Images that the model looks at in one call of a test: all 10,000 at once would take 50 MB more and be no faster.
PREDICTED = 2_000

# What a call should last: short enough that a key acts soon, long enough that the call itself costs nothing.
CALL_S = 0.05


@dataclass(frozen=True, kw_only=True)
class ClassifierSettings(OptimizerSettings):
    """What a classifier run can be told."""

    epochs: int = integer(30, low=1, high=10_000, unit="epochs", help="passes over the training set")
    batch_size: int = integer(128, low=1, high=10_000, unit="examples", help="examples a step averages over")
    optimizer: str = choice("adam", optimizers.NAMES, help="the update rule")
    learning_rate: float = number(1e-3, low=0.0, high=1e3, live=True, help="η, how far one step goes")
    activation: str = choice("relu", ACTIVATIONS, help="what bends the hidden layers", group="model")
    output_activation: str = choice(
        "linear", ("linear", "relu"), help="relu clips the logits at 0: a slip worth watching fail", group="model"
    )
    train_examples: int = integer(60_000, low=100, high=60_000, help="how many training images to use", group="data")
    test_examples: int = integer(10_000, low=100, high=10_000, help="how many test images to use", group="data")
    data_dir: str = folder(help="IDX files or a Keras cache folder, instead of the data shipped", group="data")
    log_every: int = integer(100, low=1, high=100_000, unit="steps", help="steps between logged scalars", group="log")
    test_every: int = integer(
        500, low=0, high=1_000_000, unit="steps", help="steps between tests inside an epoch; 0 is never", group="log"
    )


@dataclass(frozen=True)
class Stretch:
    """k steps: `loss` and `mse` float32 [k], the gradient's global L2 norm at the last, and how many of the examples
    seen were classified rightly before their step. `finite` is False where a weight is no longer finite after them."""

    loss: FloatArray
    mse: FloatArray
    gradient_norm: float
    correct: int
    finite: bool


def network(activation: str, output_activation: str) -> Any:
    """The course's multilayer perceptron 784-256-128-64-32-10 as a `keras.Sequential`, built."""
    layers = [keras.layers.Dense(width, activation=activation) for width in HIDDEN]
    output = keras.layers.Dense(10, activation=None if output_activation == "linear" else output_activation)
    return keras.Sequential([keras.Input((784,)), *layers, output])


def mean_losses(logits: Any, labels: Any, weights: Any) -> tuple[Any, Any]:
    """Cross-entropy in nats, and mean squared error of the softmax against the one-hot label, each averaged over the
    examples by `weights`: logits float32 [b, c], labels int32 [b], weights float32 [b]."""
    total = tf.reduce_sum(weights)
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    squared = tf.reduce_mean(tf.square(tf.nn.softmax(logits) - tf.one_hot(labels, logits.shape[-1])), axis=1)
    return tf.reduce_sum(cross_entropy * weights) / total, tf.reduce_sum(squared * weights) / total


def train_step(model: Any, optimizer: Any, images: Any, labels: Any, weights: Any) -> tuple[Any, Any, Any, Any]:
    """One step of gradient descent on a batch: forward, loss, backward, update. Runs inside the compiled loop."""
    with tf.GradientTape() as tape:
        logits = model(images, training=True)
        loss, mse = mean_losses(logits, labels, weights)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    right = tf.cast(tf.argmax(logits, axis=1, output_type=tf.int32) == labels, tf.float32)
    return loss, mse, tf.cast(tf.reduce_sum(right * weights), tf.int32), gradients


def epoch_order(count: int, seed: Any, epoch: Any) -> Any:
    """The order of an epoch's examples: a permutation int32 [count], the same for the same seed and epoch."""
    return tf.random.experimental.stateless_shuffle(tf.range(count), seed=tf.stack([seed, epoch]))


class Trainer:
    """Compiled training of one network by one optimizer on `count` examples. One run uses it at a time: hold `lock`."""

    def __init__(self, settings: ClassifierSettings, count: int) -> None:
        self.lock = Lock()
        self.count = count
        self.batch_size = settings.batch_size
        self.steps_an_epoch = -(-count // settings.batch_size)
        self.model = network(settings.activation, settings.output_activation)
        self.optimizer = optimizers.build(settings.optimizer, settings)
        self.optimizer.build(self.model.trainable_variables)
        self._initial = [variable.numpy() for variable in self.optimizer.variables]
        images, labels = tf.TensorSpec((count, 784), tf.uint8), tf.TensorSpec((count,), tf.int32)
        order, number = tf.TensorSpec((count,), tf.int32), tf.TensorSpec((), tf.int32)
        self._advance = tf.function(
            self._loop, input_signature=[images, labels, order, number, number], jit_compile=True
        )
        self._order = tf.function(lambda seed, epoch: epoch_order(count, seed, epoch), input_signature=[number, number])
        self._predict = tf.function(
            lambda pixels: self.model(_scaled(pixels), training=False),
            input_signature=[tf.TensorSpec((None, 784), tf.uint8)],
        )
        self._images = self._labels = self._test_images = self._epoch_order = None

    def begin(self, dataset: Dataset, test_examples: int, seed: int) -> None:
        """Start anew on the first examples of `dataset`: weights Glorot uniform, biases zero, the optimizer as new.

        Source: X. Glorot, Y. Bengio, AISTATS 2010, equation 16.
        """
        self._images = tf.constant(dataset.train_images[: self.count].reshape(-1, 784))
        self._labels = tf.constant(dataset.train_labels[: self.count].astype(np.int32))
        self._test_images = tf.constant(dataset.test_images[:test_examples].reshape(-1, 784))
        for layer, variable in enumerate(self.model.trainable_variables):
            shape = variable.shape
            initializer = keras.initializers.GlorotUniform(seed=seed * 1000 + layer) if len(shape) > 1 else None
            variable.assign(initializer(shape) if initializer else np.zeros(shape, np.float32))
        for variable, value in zip(self.optimizer.variables, self._initial, strict=True):
            variable.assign(value)

    def end(self) -> None:
        """Let the data go; the compiled loop and the weights stay."""
        self._images = self._labels = self._test_images = self._epoch_order = None

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Every variable of the model and of the optimizer by its path: all that the steps so far have changed."""
        return {name: variable.numpy() for name, variable in self._variables().items()}

    def restore(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Put every variable where `state` found it. Raises ValueError where a name, a shape or a dtype differs."""
        variables = self._variables()
        for name, variable in variables.items():
            if name not in state:
                raise ValueError(f"{name} is missing")
            found, expected = state[name], variable.numpy()
            if (found.shape, found.dtype) != (expected.shape, expected.dtype):
                raise ValueError(
                    f"{name}: expected {expected.dtype} {list(expected.shape)}, found {found.dtype} {list(found.shape)}"
                )
        for name, variable in variables.items():
            variable.assign(state[name])

    def _variables(self) -> dict[str, Any]:
        named = {f"model/{place}": variable for place, variable in enumerate(self.model.variables)}
        return named | {f"optimizer/{place}": variable for place, variable in enumerate(self.optimizer.variables)}

    def shuffle(self, seed: int, epoch: int) -> None:
        """Fix the order of the examples for `epoch`."""
        self._epoch_order = self._order(tf.constant(seed), tf.constant(epoch))

    def compile(self) -> None:
        """Compile the loop now, taking no step. Needs `begin` and `shuffle`; costs nothing the second time."""
        self._call(0, 0)

    @property
    def learning_rate(self) -> float:
        """η of the steps to come; setting it does not trace again."""
        return float(self.optimizer.learning_rate.numpy())

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.optimizer.learning_rate.assign(value)

    def advance(self, first: int, steps: int) -> Stretch:
        """Take `steps` steps (at most STEPS_A_CALL) of the epoch, from its step `first` (0 is its first) on.

        Stops behind the first step whose loss is not finite; the losses of the steps not taken are left out.
        """
        taken, loss, mse, norm, correct, finite = self._call(first, steps)
        k = int(taken)
        return Stretch(loss.numpy()[:k], mse.numpy()[:k], float(norm), int(correct), bool(finite))

    def predict(self) -> FloatArray:
        """Logits float32 [n, 10] for the test images."""
        count = int(self._test_images.shape[0])
        pieces = [self._predict(self._test_images[i : i + PREDICTED]).numpy() for i in range(0, count, PREDICTED)]
        logits: FloatArray = np.concatenate(pieces)
        return logits

    def histograms(self, first: int) -> tuple[Histogram, ...]:
        """The weights as they are, and the gradients of the batch at the epoch's step `first`, binned."""
        images, labels, weights = self._batch(self._images, self._labels, self._epoch_order, tf.constant(first))
        with tf.GradientTape() as tape:
            loss, _ = mean_losses(self.model(images, training=True), labels, weights)
        gradients = tape.gradient(loss, self.model.trainable_variables)
        found = []
        for place, (variable, gradient) in enumerate(zip(self.model.trainable_variables, gradients, strict=True)):
            name = f"layer-{place // 2 + 1}/{variable.name}"
            found.append(histogram(f"weights/{name}", variable.numpy()))
            found.append(histogram(f"gradients/{name}", gradient.numpy()))
        return tuple(found)

    def _call(self, first: int, steps: int) -> Any:
        return self._advance(self._images, self._labels, self._epoch_order, tf.constant(first), tf.constant(steps))

    def _batch(self, images: Any, labels: Any, order: Any, step: Any) -> tuple[Any, Any, Any]:
        """The batch of the epoch's step `step`: scaled images, labels, and weights that are 0 past the epoch's end."""
        place = step * self.batch_size + tf.range(self.batch_size)
        chosen = tf.gather(order, tf.minimum(place, self.count - 1))
        weights = tf.cast(place < self.count, tf.float32)
        return _scaled(tf.gather(images, chosen)), tf.gather(labels, chosen), weights

    def _loop(self, images: Any, labels: Any, order: Any, first: Any, steps: Any) -> Any:
        def body(i: Any, losses: Any, mses: Any, norm: Any, correct: Any, _: Any) -> Any:
            batch = self._batch(images, labels, order, first + i)
            loss, mse, right, gradients = train_step(self.model, self.optimizer, *batch)
            # The norm of the last step alone: computed at every step it would cost a quarter of the speed.
            norm = tf.cond(i == steps - 1, lambda: tf.linalg.global_norm(gradients), lambda: norm)
            losses = tf.tensor_scatter_nd_update(losses, [[i]], [loss])
            mses = tf.tensor_scatter_nd_update(mses, [[i]], [mse])
            return i + 1, losses, mses, norm, correct + right, tf.math.is_finite(loss)

        buffer = tf.zeros((STEPS_A_CALL,))
        start = (tf.constant(0), buffer, buffer, tf.constant(0.0), tf.constant(0), tf.constant(True))
        ended = tf.while_loop(lambda i, *rest: (i < steps) & rest[-1], body, start)
        # A NaN behind a ReLU leaves the loss finite, and XLA's reduce_max drops NaN: ask every weight.
        weights = [tf.reduce_all(tf.math.is_finite(variable)) for variable in self.model.trainable_variables]
        return *ended[:-1], tf.reduce_all(weights)


def _scaled(pixels: Any) -> Any:
    """Bytes as float32 in [0, 1]."""
    return tf.cast(pixels, tf.float32) / 255.0


def histogram(tag: str, values: FloatArray, bins: int = 30) -> Histogram:
    """`values` of any shape counted in `bins` equal bins from their least to their greatest finite element."""
    finite = values[np.isfinite(values)]
    counts, edges = np.histogram(finite, bins)
    mean, std = (float(finite.mean()), float(finite.std())) if finite.size else (0.0, 0.0)
    return Histogram(tag, edges.astype(np.float64), counts, mean, std, float(np.linalg.norm(values)))


_trainers: dict[Hashable, Trainer] = {}


def trainer(settings: ClassifierSettings, dataset: Dataset) -> Trainer:
    """The trainer for the settings and the data's size, compiled at its first call and kept for the next runs."""
    count = min(settings.train_examples, len(dataset.train_labels))
    own = tuple(getattr(settings, name) for name in optimizers.rule(settings.optimizer).reads)
    key = (settings.optimizer, own, settings.activation, settings.output_activation, settings.batch_size, count)
    if key not in _trainers:
        _trainers[key] = Trainer(settings, count)
    return _trainers[key]


def confusion_matrix(labels: IntArray, predictions: IntArray, classes: int) -> IntArray:
    """Counts int64 [classes, classes]: row the true class, column the predicted."""
    flat: IntArray = np.bincount(labels.astype(np.int64) * classes + predictions, minlength=classes * classes)
    return flat.reshape(classes, classes)


def mean_cross_entropy(logits: FloatArray, labels: IntArray) -> float:
    """Mean cross-entropy in nats of logits float32 [n, c] against labels [n], in NumPy."""
    highest = logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits - highest).sum(axis=1)) + highest[:, 0]
    return float(np.mean(log_sum - logits[np.arange(len(labels)), labels]))


class Cadence:
    """Fits the number of steps in a call to CALL_S, from how long the last ones took. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._rate = 0.0
        self._began = 0.0

    @property
    def steps(self) -> int:
        """How many steps the next call should take."""
        return int(min(max(self._rate * CALL_S, 1), STEPS_A_CALL)) if self._rate else 8

    def begin(self) -> None:
        """A call begins now."""
        self._began = self._clock()

    def end(self, steps: int) -> float:
        """A call of `steps` steps ends now; returns its steps per second."""
        rate = steps / max(self._clock() - self._began, 1e-9)
        self._rate = rate if not self._rate else 0.5 * (self._rate + rate)
        return rate
