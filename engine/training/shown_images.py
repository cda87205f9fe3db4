"""Inputs of a model as images for the log and the screen."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.events import Images, IntArray

Array = npt.NDArray[Any]

# The sides of an image in pixels: smaller inputs are not images, larger ones are reduced.
LEAST, MOST = 6, 64

# The course logs its first 25 test images, as a 5 by 5 grid.
SHOWN = 25


def of_test(
    step: int, inputs: Array, labels: IntArray, predictions: IntArray, class_names: tuple[str, ...]
) -> tuple[Images, ...]:
    """The first test inputs with their labels and predicted classes, one by one and as a grid; none if they are no
    images."""
    if not are_images(inputs):
        return ()
    first = as_pixels(inputs[:SHOWN]), labels[:SHOWN], predictions[:SHOWN], class_names
    return Images("val-onebyone-images:", step, *first), Images("val-images:", step, *first, as_grid=True)


def are_images(inputs: Array) -> bool:
    """Whether inputs [n, …] can be shown as images: [n, h, w], or with 1, 3 or 4 channels."""
    shape = inputs.shape[1:]
    sized = len(shape) in (2, 3) and min(shape[:2]) >= LEAST and len(inputs) > 0
    return sized and (len(shape) == 2 or shape[2] in (1, 3, 4))


def as_pixels(images: Array) -> npt.NDArray[np.uint8]:
    """Convert images to uint8 with sides of at most MOST pixels: grey [n, h, w], or RGB [n, h, w, 3] without the alpha
    channel. Bytes stay unchanged; other numbers are scaled from black for the least to white for the greatest."""
    pixels = images.astype(np.float64)
    if pixels.ndim == 4:
        pixels = pixels[..., 0] if pixels.shape[3] == 1 else pixels[..., :3]
    apart = -(-max(pixels.shape[1:3]) // MOST)
    if apart > 1:
        count, height, width = (len(pixels), *(side // apart for side in pixels.shape[1:3]))
        blocks = pixels[:, : height * apart, : width * apart].reshape(count, height, apart, width, apart, -1)
        pixels = blocks.mean(axis=(2, 4)).reshape(count, height, width, *pixels.shape[3:])
    if images.dtype != np.uint8:
        low, high = pixels.min(), pixels.max()
        pixels = (pixels - low) * (255 / (high - low) if high > low else 0.0)
    return np.rint(pixels).astype(np.uint8)
