"""Compiled classifier training: a Keras model and a Keras optimizer inside one XLA loop, data held on the device.

The training images stay on the device as bytes; each step gathers its batch from them by an order that is a true
permutation, a pure function of (seed, epoch). One call of the compiled loop takes as many steps as it is told, so that
its length can be fitted to about 50 ms; every step's loss leaves it. The last, short batch of an epoch is padded and
its padding weighs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import optimizers, scores, workers
from engine.cadence import STEPS_A_CALL
from engine.classifier_settings import ClassifierSettings
from engine.datasets import ALIGNMENT, Dataset
from engine.devices import Place
from engine.events import FloatArray, Histogram
from engine.lazy import keras, tf

# The course's network: 784-256-128-64-32-10.
PIXELS = 784
HIDDEN = (256, 128, 64, 32)
CLASSES = 10

# The first layer multiplies an image's upper and its lower half by a kernel each and adds: x W + b in two products that
# go on at once, one on a core, where XLA would have two cores share one product and wait for each other. On 2 cores a
# step of 128 examples then takes 0.95 of the time. To split a kernel that is one variable would copy it at every step.
HALVES = 2

# Images that the model looks at in one call of a test: all 10,000 at once would take 50 MB more and be no faster.
PREDICTED = 2_000

# On a CPU, XLA gives each product behind the first layer one core; in two pieces a batch keeps two cores busy. On 2
# cores a step of 128 examples takes 0.91 of the time, of 64 0.93, of 32 1.01, of 8 it would take 1.09. The sums are
# then made in another order, so how many pieces there are must not depend on the cores: a seed means the same
# everywhere.
PIECES = 2
SMALLEST_PIECE = 16


@dataclass(frozen=True)
class Stretch:
    """k steps: `loss` and `mse` float32 [k], the gradient's global L2 norm at the last, and how many of the examples
    seen were classified rightly before their step. `finite` is False where a weight is no longer finite after them."""

    loss: FloatArray
    mse: FloatArray
    gradient_norm: float
    correct: int
    finite: bool


def network(activation: str, output_activation: str, policy: str = "float32") -> Any:
    """The course's multilayer perceptron 784-256-128-64-32-10 as a `keras.Model`, built: from an image's upper and
    lower half, [b, 392] each, to logits float32 [b, 10]. Hidden layers compute in the precision of `policy`."""
    from engine.layers import Bias

    width, *widths = HIDDEN
    # The first layer: as Dense(width, activation) on whole images, the kernel in two.
    halves = [keras.Input((PIXELS // HALVES,)) for _ in range(HALVES)]
    products = [keras.layers.Dense(width, use_bias=False, dtype=policy)(half) for half in halves]
    # Within one of the products, TensorFlow's graph optimizer would stumble over the bias.
    summed = Bias(dtype=policy)(keras.layers.Add(dtype=policy)(products))
    first = keras.Model(halves, keras.layers.Activation(activation, dtype=policy)(summed), name="first")
    layers = [keras.layers.Dense(width, activation=activation, dtype=policy) for width in widths]
    output = keras.layers.Dense(
        CLASSES, activation=None if output_activation == "linear" else output_activation, dtype="float32"
    )
    behind = keras.Sequential([keras.Input((width,)), *layers, output], name="behind")
    return keras.Model(halves, behind(first(halves)))


def whole(values: Sequence[Any]) -> list[Any]:
    """What the model has for each of its variables (weights, gradients), both halves' kernels first, as the course's
    network has it: kernel and bias of each layer in turn, the first layer's kernel in one piece."""
    return [tf.concat(values[:HALVES], 0), *values[HALVES:]]


def halved(values: Sequence[Any]) -> list[Any]:
    """What `whole` made one, in two again."""
    kernel, *others = values
    return [*tf.split(kernel, HALVES), *others]


def mean_losses(logits: Any, labels: Any, weights: Any) -> tuple[Any, Any]:
    """Cross-entropy in nats, and mean squared error of the softmax against the one-hot label, each averaged over the
    examples: logits float32 [b, c], labels int32 [b], weights float32 [b], whose sum over the batch is 1."""
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    squared = tf.reduce_mean(tf.square(tf.nn.softmax(logits) - tf.one_hot(labels, logits.shape[-1])), axis=1)
    return tf.reduce_sum(cross_entropy * weights), tf.reduce_sum(squared * weights)


def logits_of(model: Any, halves: Sequence[Any], pieces: int = 1) -> Any:
    """The model's logits [b, 10] for the halves of images, float32 [b, 392] each. Between its first layer and its last
    the batch goes on in so many equal `pieces`, which may be computed at once."""
    first, behind = model.get_layer("first"), model.get_layer("behind")
    *hidden, output = behind.layers
    taken = tf.split(first(halves), pieces)
    for layer in hidden:
        taken = [layer(piece) for piece in taken]
    return output(tf.concat(taken, 0))


def gradients_of(
    model: Any, optimizer: Any, halves: Sequence[Any], labels: Any, weights: Any, pieces: int = 1
) -> tuple[Any, Any, Any, Any]:
    """Forward, loss, backward: both losses, how many were classified rightly, and the gradients of the first loss.

    In float16 the optimizer has the loss scaled, so that small gradients do not vanish; its `apply` scales them back.
    """
    with tf.GradientTape() as tape:
        logits = logits_of(model, halves, pieces)
        loss, mse = mean_losses(logits, labels, weights)
        scaled = optimizer.scale_loss(loss)
    gradients = tape.gradient(scaled, model.trainable_variables)
    right = (tf.argmax(logits, axis=1, output_type=tf.int32) == labels) & (weights > 0.0)
    return loss, mse, tf.reduce_sum(tf.cast(right, tf.int32)), gradients


def train_step(
    model: Any, optimizer: Any, halves: Sequence[Any], labels: Any, weights: Any, pieces: int = 1
) -> tuple[Any, Any, Any, Any]:
    """One step of gradient descent on a batch. Runs inside the compiled loop."""
    loss, mse, right, gradients = gradients_of(model, optimizer, halves, labels, weights, pieces)
    update(optimizer, gradients, model.trainable_variables)
    return loss, mse, right, gradients


def update(optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
    """Let the optimizer take its step, in place.

    XLA copies a variable that it writes while it may still be read, as a kernel is until the gradient of its layer's
    input is made. So each step's rate waits for the gradient that is known last of those that are quickly made, the
    first layer's bias's: 0 times it is added. Without the copies a step takes 0.97 of the time on 2 cores. Those that
    Lion, or skipping a step in float16, makes by itself stay.
    """
    rate = optimizer.learning_rate
    given = tf.identity(rate)
    rate.assign(given + 0.0 * gradients[HALVES][0])
    optimizer.apply(gradients, variables)
    rate.assign(given)


def epoch_order(count: int, seed: Any, epoch: Any) -> Any:
    """The order of an epoch's examples: a permutation int32 [count], the same for the same seed and epoch."""
    return tf.random.experimental.stateless_shuffle(tf.range(count), seed=tf.stack([seed, epoch]))


class Trainer:
    """Compiled training of one network by one optimizer on `count` examples. One run uses it at a time: hold `lock`."""

    def __init__(self, settings: ClassifierSettings, count: int, place: Place) -> None:
        self.lock = Lock()
        self.count = count
        self.place = place
        self.batch_size = settings.batch_size
        self.steps_an_epoch = -(-count // settings.batch_size)
        with place.making():
            self.model = network(settings.activation, settings.output_activation, place.policy)
            self.optimizer = optimizers.build(settings.optimizer, settings)
            if place.policy == "mixed_float16":
                self.optimizer = keras.optimizers.LossScaleOptimizer(self.optimizer)
            self.optimizer.build(self.model.trainable_variables)
        self._initial = [variable.numpy() for variable in self.optimizer.variables]
        # To read it from its variable took 0.2 ms, twice a call.
        self._learning_rate = float(self.optimizer.learning_rate.numpy())
        number = tf.TensorSpec((), tf.int32)
        if place.strategy is None:
            images, labels = tf.TensorSpec((count, PIXELS), tf.uint8), tf.TensorSpec((count,), tf.int32)
            order = tf.TensorSpec((count,), tf.int32)
            self._step: Callable[..., Any] = self._step_alone
            # Without AutoGraph, which would read and rewrite Keras's code for nothing: half a second less.
            self._advance = tf.function(
                self._loop,
                input_signature=[images, labels, order, number, number],
                autograph=False,
                jit_compile=True,
            )
        else:
            # Collectives do not compile; what is between them does.
            self._step = workers.shared_step(
                place.strategy, self.optimizer, self.model.trainable_variables, self._share_of_step
            )
            self._advance = tf.function(self._loop)
        self._called: Callable[..., Any] = self._advance
        self._order = tf.function(
            lambda seed, epoch: epoch_order(count, seed, epoch), input_signature=[number, number], autograph=False
        )
        self._predict = tf.function(
            lambda pixels: self.model(tf.split(_scaled(pixels), HALVES, 1), training=False),
            input_signature=[tf.TensorSpec((None, PIXELS), tf.uint8)],
            autograph=False,
        )
        self._images: Any = None
        self._labels: Any = None
        self._test_images: Any = None
        self._epoch_order: Any = None

    def begin(self, dataset: Dataset, test_examples: int, seed: int) -> None:
        """Start anew on the first examples of `dataset`: weights Glorot uniform, biases zero, the optimizer as new.

        Source: X. Glorot, Y. Bengio, AISTATS 2010, equation 16.
        """
        with self.place.computing():
            self._images = _tensor(dataset.train_images[: self.count].reshape(-1, PIXELS))
            self._labels = tf.constant(dataset.train_labels[: self.count].astype(np.int32))
            self._test_images = _tensor(dataset.test_images[:test_examples].reshape(-1, PIXELS))
        if self.place.strategy is not None:
            self._images = workers.on_each_device(self.place.strategy, self._images)
        weights: list[Any] = []
        for layer, (rows, columns) in enumerate(pairwise((PIXELS, *HIDDEN, CLASSES))):
            weights.append(keras.initializers.GlorotUniform(seed=seed * 1000 + 2 * layer)((rows, columns)))
            weights.append(tf.zeros(columns))
        for variable, value in zip(self.model.trainable_variables, halved(weights), strict=True):
            variable.assign(value)
        for variable, value in zip(self.optimizer.variables, self._initial, strict=True):
            variable.assign(value)
        self._learning_rate = float(self.optimizer.learning_rate.numpy())

    def end(self) -> None:
        """Let the data go; the compiled loop and the weights stay."""
        if self.place.workers is not None:
            self.place.workers.leave()
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
        self._learning_rate = float(self.optimizer.learning_rate.numpy())

    def _variables(self) -> dict[str, Any]:
        named = {f"model/{place}": variable for place, variable in enumerate(self.model.variables)}
        return named | {f"optimizer/{place}": variable for place, variable in enumerate(self.optimizer.variables)}

    def shuffle(self, seed: int, epoch: int) -> None:
        """Fix the order of the examples for `epoch`."""
        with self.place.computing():
            self._epoch_order = self._order(tf.constant(seed), tf.constant(epoch))

    def compile(self) -> None:
        """Compile the loop now, taking no step. Needs `begin` and `shuffle`; costs nothing the second time."""
        if self.place.strategy is None:
            # Called by itself, the one function that there is to choose costs 0.2 ms less a call.
            self._called = self._advance.get_concrete_function()
            self._call(0, 0)
        else:  # what a shared step calls is compiled when it is first called
            state = self.state()
            self._call(0, 1)
            self.restore(state)

    @property
    def learning_rate(self) -> float:
        """η of the steps to come, as float32 has it; setting it does not trace again."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate = float(np.float32(value))
        self.optimizer.learning_rate.assign(value)

    def advance(self, first: int, steps: int) -> Stretch:
        """Take `steps` steps (at most STEPS_A_CALL) of the epoch, from its step `first` (0 is its first) on.

        Stops behind the first step whose loss is not finite; the losses of the steps not taken are left out. Of several
        workers, the chief says how many steps, and at which learning rate. Raises WorkerLost.
        """
        if self.place.workers is not None:
            steps, self.learning_rate = self.place.workers.agree(steps, self.learning_rate)
        taken, loss, mse, norm, correct, finite = self._call(first, steps)
        k = int(taken)
        return Stretch(loss.numpy()[:k], mse.numpy()[:k], float(norm), int(correct), bool(finite))

    def predict(self) -> FloatArray:
        """Logits float32 [n, 10] for the test images."""
        count = int(self._test_images.shape[0])
        with self.place.computing():
            pieces = [self._predict(self._test_images[i : i + PREDICTED]).numpy() for i in range(0, count, PREDICTED)]
        logits: FloatArray = np.concatenate(pieces)
        return logits

    def histograms(self, first: int) -> tuple[Histogram, ...]:
        """The weights as they are, and the gradients of the batch at the epoch's step `first`, binned."""
        with self.place.computing():
            images = workers.on_this_device(self.place.strategy, self._images)
            halves, labels, weights = self._batch(images, self._labels, self._epoch_order, tf.constant(first))
            with tf.GradientTape() as tape:
                loss, _ = mean_losses(self.model(halves, training=True), labels, weights)
            variables = self.model.trainable_variables
            both = zip(whole(variables), whole(tape.gradient(loss, variables)), strict=True)
        found = []
        for place, (tensor, gradient) in enumerate(both):
            name = f"layer-{place // 2 + 1}/{('kernel', 'bias')[place % 2]}"
            found.append(scores.histogram(f"weights/{name}", tensor.numpy()))
            found.append(scores.histogram(f"gradients/{name}", gradient.numpy()))
        return tuple(found)

    def _call(self, first: int, steps: int) -> Any:
        with self.place.computing():
            given = (self._images, self._labels, self._epoch_order, tf.constant(first), tf.constant(steps))
            if self.place.workers is not None:
                return self.place.workers.watch(self._called, *given)
            return self._called(*given)

    def _batch(
        self, images: Any, labels: Any, order: Any, step: Any, share: Any = 0, shares: int = 1
    ) -> tuple[Any, Any, Any]:
        """One share of the batch of the epoch's step `step`: the halves of scaled images, labels, and weights that are
        0 for what lies past the batch's or the epoch's end and whose sum over all shares is 1."""
        size = -(-self.batch_size // shares)
        within = share * size + tf.range(size)
        place = step * self.batch_size + within
        chosen = tf.gather(order, tf.minimum(place, self.count - 1))
        there = (within < self.batch_size) & (place < self.count)
        examples = tf.minimum(self.batch_size, self.count - step * self.batch_size)
        weights = tf.cast(there, tf.float32) / tf.cast(examples, tf.float32)
        rows = tf.reshape(images, (HALVES * self.count, PIXELS // HALVES))
        halves = [_scaled(tf.gather(rows, HALVES * chosen + half)) for half in range(HALVES)]
        return halves, tf.gather(labels, chosen), weights

    def _step_alone(self, images: Any, labels: Any, order: Any, step: Any) -> Any:
        batch = self._batch(images, labels, order, step)
        return train_step(self.model, self.optimizer, *batch, self._pieces(batch[1]))

    def _share_of_step(self, images: Any, labels: Any, order: Any, step: Any, share: Any, shares: int) -> Any:
        batch = self._batch(images, labels, order, step, share, shares)
        return gradients_of(self.model, self.optimizer, *batch, self._pieces(batch[1]))

    def _pieces(self, labels: Any) -> int:
        """In how many pieces a batch, or a share of one, is taken."""
        size = int(labels.shape[0])
        divides = size % PIECES == 0 and size // PIECES >= SMALLEST_PIECE
        return PIECES if self.place.kind == "CPU" and divides else 1

    def _loop(self, images: Any, labels: Any, order: Any, first: Any, steps: Any) -> Any:
        def body(i: Any, losses: Any, mses: Any, norm: Any, correct: Any, _: Any) -> Any:
            scale = self.optimizer.scale_loss(1.0)
            loss, mse, right, gradients = self._step(images, labels, order, first + i)
            # The norm of the last step alone: computed at every step it would cost a quarter of the speed.
            norm = tf.cond(i == steps - 1, lambda: tf.linalg.global_norm(gradients) / scale, lambda: norm)
            losses = tf.tensor_scatter_nd_update(losses, [[i]], [loss])
            mses = tf.tensor_scatter_nd_update(mses, [[i]], [mse])
            return i + 1, losses, mses, norm, correct + right, tf.math.is_finite(loss)

        buffer = tf.zeros((STEPS_A_CALL,))
        start = (tf.constant(0), buffer, buffer, tf.constant(0.0), tf.constant(0), tf.constant(True))
        ended = tf.while_loop(lambda i, *rest: (i < steps) & rest[-1], body, start, parallel_iterations=1)
        # A NaN behind a ReLU leaves the loss finite, and XLA's reduce_max drops NaN: ask every weight, by their sum.
        sums = [tf.reduce_sum(variable) for variable in self.model.trainable_variables]
        return *ended[:-1], tf.math.is_finite(tf.add_n(sums))


def _scaled(pixels: Any) -> Any:
    """Bytes as float32 in [0, 1]."""
    return tf.cast(pixels, tf.float32) / 255.0


def _tensor(array: npt.NDArray[np.uint8]) -> Any:
    """`array` as a tensor where functions are called: on a CPU its very memory, else a copy. Nobody may write to it."""
    if array.ctypes.data % ALIGNMENT:
        return tf.constant(array)
    lent = array.view()
    lent.setflags(write=True)  # NumPy lends no read-only memory
    return tf.identity(tf.experimental.dlpack.from_dlpack(lent.__dlpack__()))


_trainers: dict[Hashable, Trainer] = {}


def trainer(settings: ClassifierSettings, dataset: Dataset, place: Place | None = None) -> Trainer:
    """The trainer for the settings, the data's size and the place, compiled at its first call and kept."""
    place = place or Place()
    count = min(settings.train_examples, len(dataset.train_labels))
    own = tuple(getattr(settings, name) for name in optimizers.rule(settings.optimizer).reads)
    key = (settings.optimizer, own, settings.activation, settings.output_activation, settings.batch_size, count, place)
    if key not in _trainers:
        _trainers[key] = Trainer(settings, count, place)
    return _trainers[key]
