"""The gradients of convolutions, and of max pooling after them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import pytest

from engine.lazy import keras, tf
from engine.training.convolutions import MANY, faster


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


@pytest.mark.parametrize(("name", "count"), [*((name, 8) for name in MODELS), ("of every kind", MANY)])
def test_the_loss_and_the_gradients_are_those_of_keras(name: str, count: int) -> None:
    layers, replaced = MODELS[name]
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((14, 14, 4)), *layers(), keras.layers.Flatten(), keras.layers.Dense(3)])
    images = tf.constant(np.random.default_rng(0).normal(size=(count, 14, 14, 4)), tf.float32)

    def found(context: AbstractContextManager[None]) -> tuple[list[Any], int]:
        @tf.function(autograph=False)
        def step() -> Any:
            with tf.GradientTape() as tape, context:
                loss = tf.reduce_mean(tf.square(model(images, training=True) - 1.0))
            return loss, tape.gradient(loss, model.trainable_variables)

        of_tensorflow = sum(each.type == "BiasAddGrad" for each in step.get_concrete_function().graph.get_operations())
        loss, gradients = step()
        return [loss, *gradients], of_tensorflow

    expected, all_biases = found(nullcontext())
    values, of_tensorflow = found(faster(model))
    assert of_tensorflow == all_biases - replaced
    for mine, theirs in zip(values, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    assert found(nullcontext())[1] == all_biases


def test_the_gradients_of_a_relu_before_max_pooling_are_those_of_the_pooled_outputs() -> None:
    model = keras.Sequential([keras.Input((14, 14, 4)), conv(8, 3, activation="relu"), keras.layers.MaxPooling2D()])

    @tf.function(autograph=False)
    def step(images: Any) -> Any:
        with tf.GradientTape() as tape, faster(model):
            loss = tf.reduce_mean(model(images, training=True))
        return tape.gradient(loss, model.trainable_variables)

    operations = step.get_concrete_function(tf.TensorSpec((8, 14, 14, 4))).graph.get_operations()
    assert [each.outputs[0].shape for each in operations if each.type == "ReluGrad"] == [(8, 6, 6, 8)]
