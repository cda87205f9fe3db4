"""Pictures for the log of a classifier: images as a titled grid, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.events import IntArray
from engine.log.raster import INK, WHITE, Colour, Paletted, Pixels, ramp, stamp

RIGHT: Colour = (0, 110, 80)
WRONG: Colour = (190, 30, 30)
_TITLE = 13
_SIDE = 56
_MARGIN = 4

# Pixels of a cell of the matrix, and of its side if there are many.
_CELL, _MOST_SIDE = 34, 900

# Both pictures use palette numbers: a third of the bytes to compress. The grid's palette: 128 greys for the images,
# then three ramps from white to a text colour.
_TEXT, _RIGHT, _WRONG = 128, 192, 224
_GRID_PALETTE = np.concatenate(
    [ramp((0, 0, 0), WHITE, 128), ramp(WHITE, INK, 64), ramp(WHITE, RIGHT, 32), ramp(WHITE, WRONG, 32)]
)

# The matrix's palette: white to deep blue in 24 shades, and plain white, each with 8 steps to its text colour.
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
) -> Paletted | Pixels:
    """Draw images uint8 [n, h, w] or [n, h, w, 3] side by side, each under its true class and, if known, the predicted
    one. Small ones are enlarged by a whole number. The picture has a palette if the images are grey, else it is RGB.

    A wrong prediction is written in red and its image framed.
    """
    columns = max(1, min(columns, len(images)))
    scale = max(_SIDE // max(images.shape[1:3]), 1)
    height, width = images.shape[1] * scale, images.shape[2] * scale
    lines = 1 if predictions is None else 2
    across, down = max(width, 76) + 2 * _MARGIN, height + lines * _TITLE + 2 * _MARGIN
    shape = (max(-(-len(images) // columns), 1) * down, columns * across)
    pixels = np.full(shape, _TEXT, np.uint8)
    boxes = []
    inks = {ramp_: np.zeros(shape, np.uint8) for ramp_ in (_TEXT, _RIGHT, _WRONG)}
    for place in range(len(images)):
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
        boxes.append(np.s_[y : y + height, x : x + width])
    for first, ink in inks.items():
        levels = ink >> (2 if first == _TEXT else 3)
        np.copyto(pixels, levels + np.uint8(first), where=levels > 0)
    grey, paletted = images.ndim == 3, Paletted(pixels, _GRID_PALETTE)
    picture = pixels if grey else paletted.rgb()
    for image, box in zip(images, boxes, strict=True):
        picture[box] = (image >> 1 if grey else image).repeat(scale, axis=0).repeat(scale, axis=1)
    return paletted if grey else picture


def confusion_picture(confusion: IntArray, class_names: Sequence[str]) -> Paletted:
    """Draw the confusion matrix int [c, c] with its counts: rows true, columns predicted, shaded by the share of the
    row. With many classes the cells are smaller, and leave out the counts, and then the names."""
    classes = len(confusion)
    cell = max(min(_CELL, _MOST_SIDE // max(classes, 1)), 1)
    left, top = 78, 78
    side = classes * cell
    ground = np.full((top + side + _MARGIN, left + side + _MARGIN), _SHADES, np.uint8)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    # The square root keeps the few mistakes visible beside the many right answers.
    shades = np.rint(np.sqrt(shares) * (_SHADES - 1)).astype(np.uint8)
    cells = ground[top : top + side, left : left + side]
    cells[...] = shades.repeat(cell, axis=0).repeat(cell, axis=1)
    if cell > 3:
        cells[::cell] = cells[:, ::cell] = _SHADES
    ink = np.zeros(ground.shape, np.uint8)
    for row in range(classes) if cell >= _TITLE else ():
        y = top + row * cell + cell // 2 - 6
        stamp(ink, class_names[row], left - 5, y, align=1.0)
        for column in range(classes) if cell == _CELL else ():
            if count := int(confusion[row, column]):
                stamp(ink, f"{count}", left + (column + 0.5) * cell, y, align=0.5)
    if cell >= _TITLE:
        _stamp_upwards(ink, class_names, left, top - 5, cell)
    stamp(ink, "true", _MARGIN, top - 18)
    stamp(ink, "predicted", _MARGIN, top - 34)
    return Paletted(ground * np.uint8(_INKS) + (ink >> 5), _MATRIX_PALETTE)


def _stamp_upwards(ink: Pixels, names: Sequence[str], left: int, bottom: int, cell: int) -> None:
    """Write the columns' names vertically, so there is room for long ones."""
    turned = np.rot90(ink, -1)  # a view: drawing into it draws into the picture
    for column, name in enumerate(names):
        stamp(turned, name, turned.shape[1] - bottom, left + column * cell + cell // 2 - 6)
