"""Pictures for the log of a classifier: images as a titled grid, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.events import IntArray
from engine.raster import INK, WHITE, Colour, Paletted, Pixels, ramp, stamp

RIGHT: Colour = (0, 110, 80)
WRONG: Colour = (190, 30, 30)
_TITLE = 13
_MARGIN = 4

# Both pictures are drawn as palette numbers, which is a third of the bytes to compress. The grid's: 128 greys for the
# images, then three ramps from white to the colour of a text.
_GREYS, _TEXT, _RIGHT, _WRONG = 0, 128, 192, 224
_GRID_PALETTE = np.concatenate(
    [ramp((0, 0, 0), WHITE, 128), ramp(WHITE, INK, 64), ramp(WHITE, RIGHT, 32), ramp(WHITE, WRONG, 32)]
)

# The matrix's: white to a deep blue in 24 shades and plain white, each with 8 steps to the colour of its text.
_SHADES, _INKS = 24, 8
_DARK = 12
_PALE, _DEEP = (247, 251, 255), (8, 48, 107)
_MATRIX_PALETTE = np.concatenate(
    [
        ramp(tuple(shade), WHITE if number >= _DARK else INK, _INKS)
        for number, shade in enumerate(ramp(_PALE, _DEEP, _SHADES).tolist())
    ]
    + [ramp(WHITE, INK, _INKS)]
)


def image_grid(
    images: npt.NDArray[np.uint8],
    labels: IntArray,
    predictions: IntArray | None,
    class_names: Sequence[str],
    *,
    columns: int = 5,
    scale: int = 2,
) -> Paletted:
    """Grey images uint8 [n, h, w] side by side, each under its true class and, where known, the predicted one.

    A wrong prediction is written in red and its image framed.
    """
    columns = max(1, min(columns, len(images)))
    height, width = images.shape[1] * scale, images.shape[2] * scale
    lines = 1 if predictions is None else 2
    across, down = max(width, 76) + 2 * _MARGIN, height + lines * _TITLE + 2 * _MARGIN
    shape = (max(-(-len(images) // columns), 1) * down, columns * across)
    pixels = np.full(shape, _TEXT, np.uint8)
    inks = {ramp_: np.zeros(shape, np.uint8) for ramp_ in (_TEXT, _RIGHT, _WRONG)}
    for place, image in enumerate(images):
        left, top = place % columns * across, place // columns * down
        middle = left + across // 2
        stamp(inks[_TEXT], class_names[int(labels[place])], middle, top + 2, align=0.5)
        y, x = top + _MARGIN + lines * _TITLE, middle - width // 2
        if predictions is not None:
            right = predictions[place] == labels[place]
            found = f"as {class_names[int(predictions[place])]}"
            stamp(inks[_RIGHT if right else _WRONG], found, middle, top + 2 + _TITLE, align=0.5)
            if not right:
                pixels[y - 2 : y + height + 2, x - 2 : x + width + 2] = _WRONG + 31
        pixels[y : y + height, x : x + width] = (image >> 1).repeat(scale, axis=0).repeat(scale, axis=1)
    for first, ink in inks.items():
        levels = ink >> (2 if first == _TEXT else 3)
        np.copyto(pixels, levels + np.uint8(first), where=levels > 0)
    return Paletted(pixels, _GRID_PALETTE)


def confusion_picture(confusion: IntArray, class_names: Sequence[str], *, cell: int = 34) -> Paletted:
    """The confusion matrix int [c, c] with its counts: rows true, columns predicted, shaded by the share of the row."""
    classes = len(confusion)
    left, top = 78, 78
    side = classes * cell
    ground = np.full((top + side + _MARGIN, left + side + _MARGIN), _SHADES, np.uint8)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    # The square root, so that the few mistakes show beside the many that are right.
    shades = np.rint(np.sqrt(shares) * (_SHADES - 1)).astype(np.uint8)
    cells = ground[top : top + side, left : left + side]
    cells[...] = shades.repeat(cell, axis=0).repeat(cell, axis=1)
    cells[::cell] = cells[:, ::cell] = _SHADES
    ink = np.zeros(ground.shape, np.uint8)
    for row in range(classes):
        y = top + row * cell + cell // 2 - 6
        stamp(ink, class_names[row], left - 5, y, align=1.0)
        for column in range(classes):
            if count := int(confusion[row, column]):
                stamp(ink, f"{count}", left + (column + 0.5) * cell, y, align=0.5)
    _stamp_upwards(ink, class_names, left, top - 5, cell)
    stamp(ink, "true", _MARGIN, top - 18)
    stamp(ink, "predicted", _MARGIN, top - 34)
    return Paletted(ground * np.uint8(_INKS) + (ink >> 5), _MATRIX_PALETTE)


def _stamp_upwards(ink: Pixels, names: Sequence[str], left: int, bottom: int, cell: int) -> None:
    """The columns' names, turned a quarter so that long ones have room."""
    turned = np.rot90(ink, -1)  # a view: drawing into it draws into the picture
    for column, name in enumerate(names):
        stamp(turned, name, turned.shape[1] - bottom, left + column * cell + cell // 2 - 6)
