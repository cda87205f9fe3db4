"""Keras's layers computed faster on a CPU, with the same results, where a step is traced."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from inspect import isfunction
from typing import Any, NamedTuple

from engine.lazy import is_of_keras, keras, tf

PIECES = 2
"""The number of pieces of a batch: see `in_pieces`."""

# In smaller pieces a batch takes as long or longer, and so it does where a kernel has fewer numbers, or so many that
# XLA divides its product among the cores.
SMALLEST_PIECE = 32
SMALLEST_KERNEL, LARGEST_KERNEL = 2**11, 2**16

# With this many filters TensorFlow's own gradient of a bias is as fast.
WIDE = 32

# The number of outputs from which TensorFlow's own gradient is faster: the batch's sum no longer fits into a cache.
LARGE = 2**20

# From this many examples on, a product with ones adds them up faster than a sum: in 0.55 to 0.95 of the time.
MANY = 128


class Convolved(NamedTuple):
    """What the outputs of a ReLU are computed from: a convolution's sums [b, h, w, filters] and a bias [filters]."""

    sums: Any
    bias: Any


@contextmanager
def calling(calls: Iterable[tuple[Any, Callable[..., Any]]]) -> Iterator[None]:
    """Let each of the layers compute by the function beside it while this lasts, in place of its own `call`."""
    replaced = []
    try:
        for layer, call in calls:
            layer.call = call
            replaced.append(layer)
        yield
    finally:
        for layer in replaced:
            del layer.call


def in_pieces(model: Any) -> AbstractContextManager[None]:
    """Let the Dense layers of a model compute a batch in two pieces while this lasts, if XLA compiles faster code so.

    On a CPU, XLA runs a product of a small kernel on one core; in two pieces a batch keeps two cores busy. On 2 cores a
    step of the course's network with 128 examples takes 0.93 of the time, with 64 0.93; with 32 it would take 1.00, and
    with 8 1.09. A kernel's gradient is then summed in another order, so the number of pieces must not depend on the
    machine's cores: a seed gives the same numbers everywhere.

    Layers of other classes and activations of a learner's own, which may compare the examples of a batch, stay as they
    are.
    """
    return calling([(each, partial(_piecewise, each)) for each in model._flatten_layers() if _is_divisible(each)])


def _is_divisible(layer: Any) -> bool:
    return (
        type(layer) is keras.layers.Dense
        and layer.built
        and "call" not in vars(layer)
        and SMALLEST_KERNEL <= math.prod(layer.kernel.shape) <= LARGEST_KERNEL
        and isfunction(layer.activation)  # a layer may compare the examples of a batch, as BatchNormalization does
        and is_of_keras(layer.activation)
    )


def _piecewise(layer: Any, inputs: Any, training: bool | None = None) -> Any:
    call = type(layer).call
    count = inputs.shape[0] if isinstance(inputs, tf.Tensor) and inputs.shape.rank == 2 else None
    if count is None or count % PIECES or count // PIECES < SMALLEST_PIECE:
        return call(layer, inputs, training)
    return tf.concat([call(layer, piece, training) for piece in tf.split(inputs, PIECES)], axis=0)


def faster_gradients(model: Any) -> AbstractContextManager[None]:
    """Let the Conv2D and MaxPooling2D layers of a model, those of its inner models included, compute their gradients
    faster in a plain graph while this lasts. On 2 cores a training step of two convolutions of 8 and 16 filters, each
    with a ReLU and max pooling, takes 0.87 of the time.

    The gradient of a bias is the sum of the outputs' gradients over the batch and all places. TensorFlow adds them up a
    place at a time, a row of as many numbers as there are filters. Adding up whole examples first, and then the places,
    takes a third to a half of the time for up to 20 filters.

    Max pooling passes each gradient on to one place. So the gradients of a ReLU and a bias before it can be computed
    from those of its own outputs, which are a quarter as many: in a Sequential or Functional model, where no code can
    see what is between the two layers.

    Layers of other classes, data formats and dtypes stay as they are.
    """
    convolved: dict[Any, Convolved] = {}
    pooled = {id(layer) for graph in _graphs(model) for layer in _pooled(graph)}

    def call(layer: Any) -> Callable[..., Any]:
        if isinstance(layer, keras.layers.MaxPooling2D):
            return partial(_pool, layer, convolved)
        return partial(_convolve, layer, convolved if id(layer) in pooled else {})

    return calling([(each, call(each)) for each in model._flatten_layers() if _is_plain(each)])


def _is_plain(layer: Any) -> bool:
    return (
        (type(layer) is keras.layers.MaxPooling2D or (type(layer) is keras.layers.Conv2D and layer.use_bias))
        and "call" not in vars(layer)
        and layer.data_format == "channels_last"
        and layer.compute_dtype == "float32"
    )


def _graphs(model: Any) -> Iterator[Any]:
    """The model and its inner models, as far as they are graphs of layers, which no code of a learner's own calls."""
    if isinstance(model, keras.Model) and is_of_keras(type(model)):
        yield model
        for layer in model.layers:
            yield from _graphs(layer)


def _pooled(graph: Any) -> Iterator[Any]:
    """The convolutions of a graph with a ReLU, whose outputs only a max pooling takes."""
    shown = {id(each) for each in keras.tree.flatten(graph.outputs)}
    for layer in graph.layers:
        outputs = {id(each) for node in layer._inbound_nodes for each in node.outputs}
        takers = {type(node.operation) for node in layer._outbound_nodes}
        of_relu = getattr(layer, "activation", None) is keras.activations.relu
        if of_relu and takers == {keras.layers.MaxPooling2D} and not outputs & shown:
            yield layer


def _convolve(layer: Any, convolved: dict[Any, Convolved], inputs: Any) -> Any:
    found = Convolved(layer.convolution_op(inputs, layer.kernel), tf.convert_to_tensor(layer.bias))
    outputs = _add(*found)
    if layer.activation is not None:
        outputs = layer.activation(outputs)
    convolved[outputs.ref()] = found
    return outputs


def _pool(layer: Any, convolved: dict[Any, Convolved], inputs: Any) -> Any:
    pool, found = type(layer).call, convolved.get(inputs.ref())
    if found is None:
        return pool(layer, inputs)
    # Compute the outputs once more, with other gradients. TensorFlow prunes the first ones if no operation reads them.

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def relu(sums: Any) -> tuple[Any, Any]:
        return tf.nn.relu(tf.nn.bias_add(sums, found.bias)), lambda given: given

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def with_gradients(pooled: Any, bias: Any) -> tuple[Any, Any]:
        def gradients(given: Any) -> tuple[Any, Any]:
            given = tf.raw_ops.ReluGrad(gradients=given, features=pooled)
            return given, _gradient_of_bias(given)

        return pooled, gradients

    return with_gradients(pool(layer, relu(found.sums)), found.bias)


def _gradient_of_bias(given: Any) -> Any:
    """The gradient of a bias, of the gradients of its outputs."""
    count, filters, size = given.shape[0], given.shape[-1], given.shape.num_elements()
    if filters >= WIDE or size is None or size > LARGE:
        return tf.raw_ops.BiasAddGrad(out_backprop=given)
    if count >= MANY:
        examples = tf.matmul(tf.ones((1, count)), tf.reshape(given, (count, -1)))
    else:
        examples = tf.reduce_sum(given, axis=0)
    return tf.reduce_sum(tf.reshape(examples, (-1, filters)), axis=0)


def _add(sums: Any, bias: Any) -> Any:
    """Add a bias [filters] to sums [b, h, w, filters]."""

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def add(sums: Any, bias: Any) -> tuple[Any, Any]:
        return tf.nn.bias_add(sums, bias), lambda given: (given, _gradient_of_bias(given))

    return add(sums, bias)
