"""Faster gradients of convolutions on a CPU, with the results of Keras's layers, for tracing a step as a graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from engine.lazy import keras, tf

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
def faster(model: Any) -> Iterator[None]:
    """Let the Conv2D and MaxPooling2D layers of a model, those of its inner models included, compute their gradients
    faster while this lasts. On 2 cores a training step of two convolutions of 8 and 16 filters, each with a ReLU and
    max pooling, takes 0.87 of the time.

    The gradient of a bias is the sum of the outputs' gradients over the batch and all places. TensorFlow adds them up a
    place at a time, a row of as many numbers as there are filters. Adding up whole examples first, and then the places,
    takes a third to a half of the time for up to 20 filters.

    Max pooling passes each gradient on to one place. So the gradients of a ReLU and a bias before it can be computed
    from those of its own outputs, which are a quarter as many: in a Sequential or Functional model, where no code can
    see what is between the two layers.

    Layers of other classes, data formats and dtypes stay as they are.
    """
    convolved: dict[Any, Convolved] = {}
    layers = [each for each in model._flatten_layers() if _is_plain(each)]
    pooled = {id(layer) for graph in _graphs(model) for layer in _pooled(graph)}
    for layer in layers:
        if isinstance(layer, keras.layers.MaxPooling2D):
            layer.call = partial(_pool, layer, convolved)
        else:
            layer.call = partial(_convolve, layer, convolved if id(layer) in pooled else {})
    try:
        yield
    finally:
        for layer in layers:
            del layer.call


def _is_plain(layer: Any) -> bool:
    return (
        (type(layer) is keras.layers.MaxPooling2D or (type(layer) is keras.layers.Conv2D and layer.use_bias))
        and "call" not in vars(layer)
        and layer.data_format == "channels_last"
        and layer.compute_dtype == "float32"
    )


def _graphs(model: Any) -> Iterator[Any]:
    """The model and its inner models, as far as they are graphs of layers, which no code of a learner's own calls."""
    if isinstance(model, keras.Model) and type(model).__module__.partition(".")[0] == "keras":
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
