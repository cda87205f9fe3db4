"""The classifier lessons' network: by default the course's, five dense layers, 784-256-128-64-32-10."""

from __future__ import annotations

import math
from typing import Any

from engine.errors import InputError
from engine.lazy import keras, tf
from engine.training import variables
from engine.training.classifier_settings import ClassifierSettings

IMAGE = (28, 28)
CLASSES = 10

FILTERS = (8, 16)
"""The filters of the two convolutions."""

# Two convolutions leave at least a pixel of an image with these sides.
_LEAST_SIDE = 10


def network(
    settings: ClassifierSettings,
    policy: str = "float32",
    image: tuple[int, ...] = IMAGE,
    classes: int = CLASSES,
) -> Any:
    """The network of the settings, from flat images float32 [b, 784] to
    logits float32 [b, 10], as a `keras.Sequential`; other data have
    images of another shape and other classes.

    Hidden layers compute in the precision of the Keras dtype policy
    `policy`.
    """
    from engine.training.layers import SplitDense

    layers = keras.layers
    features = math.prod(image)
    model = keras.Sequential([keras.Input((features,))])
    if settings.convolution:
        features = convolved(image)
        for layer in convolutions(settings, policy, image):
            model.add(layer)
    for place, units in enumerate(settings.hidden):
        options = kernel_options(settings, policy)
        if not settings.batch_norm:
            options["activation"] = settings.activation
        if place == 0 and features % 2 == 0:
            model.add(SplitDense(units, **options))
        else:
            model.add(layers.Dense(units, **options))
        if settings.batch_norm:
            model.add(layers.BatchNormalization(dtype=policy))
            bend = settings.activation
            model.add(layers.Activation(bend, dtype=policy))
        if settings.dropout:
            share = settings.dropout
            model.add(layers.Dropout(share, dtype=policy))
    options = kernel_options(settings, "float32")
    options["activation"] = settings.output_activation
    model.add(layers.Dense(classes, **options))
    return model


def convolutions(
    settings: ClassifierSettings,
    policy: str,
    image: tuple[int, ...] = IMAGE,
) -> list[Any]:
    """Two convolutions, each with pooling, from flat images
    float32 [b, 784] to [b, 400]."""
    layers = keras.layers
    shape = (*image[:2], math.prod(image[2:]))
    found = [layers.Reshape(shape, dtype=policy)]
    for filters in FILTERS:
        options = kernel_options(settings, policy)
        options["activation"] = settings.activation
        found.append(layers.Conv2D(filters, 3, **options))
        found.append(layers.MaxPooling2D(dtype=policy))
    return [*found, layers.Flatten(dtype=policy)]


def kernel_options(settings: ClassifierSettings, policy: str) -> dict[str, Any]:
    """Arguments of every layer that has a kernel."""
    weight = settings.l2
    penalty = keras.regularizers.L2(weight) if weight else None
    return {"kernel_regularizer": penalty, "dtype": policy}


def initial_weights(model: Any, seed: int, initializer: str = "glorot_uniform") -> list[Any]:
    """Values for what the network trains: kernels drawn by a Keras
    initializer, scales (gamma) one, all else zero.

    Source of Glorot's: X. Glorot, Y. Bengio, AISTATS 2010, equation 16.
    """
    trained = model.trainable_variables
    weights = variables.values_of(trained)
    draw = getattr(keras.initializers, initializer.title().replace("_", ""))
    for place, whole in enumerate(variables.wholes(trained)):
        shape = weights[place].shape
        if whole.name != "kernel":
            weights[place][:] = float(whole.name == "gamma")
        elif initializer == "zeros":
            weights[place][:] = 0.0
        else:
            weights[place] = draw(seed=seed * 1000 + place)(shape).numpy()
    return weights


def scaled(images: Any) -> Any:
    """The pipeline's scaling: bytes 0 to 255 as float32 in [0, 1];
    floats stay as they are."""
    if images.dtype.is_floating:
        return images
    return tf.cast(images, tf.float32) / 255.0


def convolved(image: tuple[int, ...]) -> int:
    """How many numbers two convolutions leave of an image: each side is
    less 2 and halved, twice.

    Raises InputError where the image is too small.
    """
    if min(image[:2]) < _LEAST_SIDE:
        height, width = image[:2]
        raise InputError(
            f"--convolution: images of {height}x{width} are too small; expected at least {_LEAST_SIDE}x{_LEAST_SIDE}"
        )
    height, width = (((side - 2) // 2 - 2) // 2 for side in image[:2])
    return height * width * FILTERS[-1]


def in_words(
    settings: ClassifierSettings,
    image: tuple[int, ...] = IMAGE,
    classes: int = CLASSES,
) -> str:
    """The network in a few words, with its widths from the pixels to the
    classes. Raises InputError."""
    first = math.prod(image)
    if settings.convolution:
        first = convolved(image)
    widths = "-".join(map(str, (first, *settings.hidden, classes)))
    if not settings.convolution:
        return f"a network {widths}"
    small, large = FILTERS
    return f"two convolutions of {small} and {large} filters and dense layers {widths}"
