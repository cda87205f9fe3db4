"""The gradients of convolutions, and of max pooling after them; dense layers in pieces."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import pytest

from engine.lazy import keras, tf
from engine.training.faster_layers import LARGEST_KERNEL, MANY, SMALLEST_PIECE, faster_gradients, in_pieces


def conv(*given: Any, **options: Any) -> Any:
    return keras.layers.Conv2D(*given, bias_initializer="normal", **options)


def inner() -> Any:
    return keras.Sequential([conv(4, 3, activation="relu"), keras.layers.Conv2D(2, 1)])


class Blurred(keras.layers.Conv2D):  # type: ignore[misc]
    """A layer of a learner's own, which Keras's operation must go on computing."""

    def call(self, inputs: Any) -> Any:
        return super().call(inputs) / 2.0


class TwoBranches(keras.layers.Layer):  # type: ignore[misc]
    """A convolution whose outputs are pooled, and added as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = conv(8, 3, activation="relu"), conv(6, 3)
        self.pooling = keras.layers.MaxPooling2D()

    def call(self, inputs: Any) -> Any:
        outputs = self.first(inputs)
        return tf.reduce_sum(outputs, axis=(1, 2, 3))[:, None] + keras.layers.Flatten()(
            self.second(self.pooling(outputs))
        )


class Sensitive(keras.layers.Layer):  # type: ignore[misc]
    """Multiplies the outputs of a convolution by the gradient of the pooled ones."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.pooling = conv(8, 3, activation="relu"), keras.layers.MaxPooling2D()

    def call(self, inputs: Any) -> Any:
        with tf.GradientTape() as tape:
            outputs = self.conv(inputs)
            tape.watch(outputs)
            top = tf.reduce_sum(tf.square(self.pooling(outputs)))
        return outputs * tape.gradient(top, outputs)


def shows_both() -> Any:
    """A model in which one convolution's outputs are pooled and shown, and those of another are only pooled."""
    inputs = keras.Input((14, 14, 4))
    first = conv(4, 3, activation="relu")(inputs)
    second = conv(4, 3, activation="relu")(first)
    flat = keras.layers.Flatten()
    outputs = [first, keras.layers.MaxPooling2D()(first), keras.layers.MaxPooling2D()(second)]
    return keras.Sequential(
        [keras.Model(inputs, outputs), keras.layers.Lambda(lambda given: tf.concat([flat(each) for each in given], 1))]
    )


def without_activation() -> Any:
    layer = conv(4, 3)
    layer.activation = None
    return layer


MODELS: dict[str, tuple[Callable[[], list[Any]], int]] = {
    "of every kind": (
        lambda: [
            conv(8, 3, activation="relu", padding="same"),
            conv(8, 3, strides=2, activation="softmax"),
            conv(6, (3, 1), dilation_rate=2, groups=2),
            conv(4, 2, activation="relu", use_bias=False),
        ],
        3,
    ),
    "in a model of their own": (lambda: [inner(), keras.layers.MaxPooling2D()], 2),
    "before max pooling": (
        lambda: [
            conv(8, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            conv(4, 2, activation="tanh"),
            keras.layers.MaxPooling2D(3, strides=1, padding="same"),
            conv(4, 3, activation="relu", padding="same"),
            keras.layers.MaxPooling2D(3, strides=2, padding="same"),
        ],
        3,
    ),
    "of many filters before max pooling": (
        lambda: [conv(32, 3, activation="relu"), keras.layers.MaxPooling2D(), keras.layers.MaxPooling2D()],
        0,
    ),
    "of a layer's own code": (lambda: [TwoBranches()], 2),
    "in an inner model that shows their outputs": (lambda: [shows_both(), keras.layers.Lambda(tf.nn.relu)], 2),
    "without an activation": (lambda: [without_activation(), keras.layers.MaxPooling2D()], 1),
    "whose outputs a gradient is taken of": (lambda: [Sensitive()], 2),
    "of many filters or large outputs": (lambda: [conv(32, 3), keras.layers.UpSampling2D(8), conv(16, 1)], 0),
    "of a learner's own class": (lambda: [Blurred(4, 3, activation="relu")], 0),
    "in 16 bits": (lambda: [conv(4, 3, dtype="mixed_bfloat16")], 0),
}


def step_of(model: Any, inputs: Any, context: AbstractContextManager[None], kind: str) -> tuple[list[Any], int]:
    """A loss and its gradients, traced in `context`, and the number of operations of a kind in the trace."""

    @tf.function(autograph=False)
    def step() -> Any:
        with tf.GradientTape() as tape, context:
            loss = tf.reduce_mean(tf.square(model(inputs, training=True) - 1.0))
        return loss, tape.gradient(loss, model.trainable_variables)

    of_kind = sum(each.type == kind for each in step.get_concrete_function().graph.get_operations())
    loss, gradients = step()
    return [loss, *gradients], of_kind


@pytest.mark.parametrize(("name", "count"), [*((name, 8) for name in MODELS), ("of every kind", MANY)])
def test_the_loss_and_the_gradients_are_those_of_keras(name: str, count: int) -> None:
    layers, replaced = MODELS[name]
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((14, 14, 4)), *layers(), keras.layers.Flatten(), keras.layers.Dense(3)])
    images = tf.constant(np.random.default_rng(0).normal(size=(count, 14, 14, 4)), tf.float32)

    expected, all_biases = step_of(model, images, nullcontext(), "BiasAddGrad")
    values, of_tensorflow = step_of(model, images, faster_gradients(model), "BiasAddGrad")
    assert of_tensorflow == all_biases - replaced
    for mine, theirs in zip(values, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    assert step_of(model, images, nullcontext(), "BiasAddGrad")[1] == all_biases


def test_the_gradients_of_a_relu_before_max_pooling_are_those_of_the_pooled_outputs() -> None:
    model = keras.Sequential([keras.Input((14, 14, 4)), conv(8, 3, activation="relu"), keras.layers.MaxPooling2D()])

    @tf.function(autograph=False)
    def step(images: Any) -> Any:
        with tf.GradientTape() as tape, faster_gradients(model):
            loss = tf.reduce_mean(model(images, training=True))
        return tape.gradient(loss, model.trainable_variables)

    operations = step.get_concrete_function(tf.TensorSpec((8, 14, 14, 4))).graph.get_operations()
    assert [each.outputs[0].shape for each in operations if each.type == "ReluGrad"] == [(8, 6, 6, 8)]


def centred(outputs: Any) -> Any:
    """An activation of a learner's own, which compares the examples of a batch."""
    return outputs - tf.reduce_mean(outputs, axis=0)


class Doubled(keras.layers.Dense):  # type: ignore[misc]
    """A layer of a learner's own."""

    def call(self, inputs: Any) -> Any:
        return 2.0 * super().call(inputs)


WHOLE = 2 * SMALLEST_PIECE

DENSE: dict[str, tuple[Callable[[], list[Any]], int, int]] = {
    "some of all layers": (
        lambda: [
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(64, activation="softmax", use_bias=False),
            keras.Sequential([keras.layers.Dense(40, activation="tanh", kernel_regularizer="l2")]),
        ],
        WHOLE,
        3,
    ),
    "a batch too small": (lambda: [keras.layers.Dense(64)], WHOLE - 2, 0),
    "an odd batch": (lambda: [keras.layers.Dense(64)], WHOLE + 1, 0),
    "a kernel too large": (lambda: [keras.layers.Dense(LARGEST_KERNEL // 64 + 1)], WHOLE, 1),  # the last layer's is not
    "an activation of a learner's own": (lambda: [keras.layers.Dense(64, activation=centred)], WHOLE, 0),
    "an activation that is a layer": (
        lambda: [keras.layers.Dense(64, activation=keras.layers.BatchNormalization())],
        WHOLE,
        0,
    ),
    "of a learner's own class": (lambda: [Doubled(64)], WHOLE, 0),
    "of series": (lambda: [keras.layers.Reshape((1, 64)), keras.layers.Dense(64), keras.layers.Flatten()], WHOLE, 0),
}


@pytest.mark.parametrize("name", DENSE)
def test_in_pieces_dense_layers_compute_what_keras_computes(name: str) -> None:
    layers, count, divided = DENSE[name]
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((64,)), *layers(), keras.layers.Dense(3)])
    inputs = tf.constant(np.random.default_rng(0).normal(size=(count, 64)), tf.float32)
    expected, _ = step_of(model, inputs, nullcontext(), "Split")
    values, splits = step_of(model, inputs, in_pieces(model), "Split")
    assert splits == divided
    for mine, theirs in zip(values, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    assert step_of(model, inputs, nullcontext(), "Split")[1] == 0
