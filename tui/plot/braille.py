"""Lines as dots, and dots as braille: a cell is two dots wide and four high."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Dots = npt.NDArray[np.bool_]
Dash = tuple[int, int] | None

_BITS = np.array([[0, 3], [1, 4], [2, 5], [6, 7]], dtype=np.intp)
"""The number of each dot's bit in its cell. Source: The Unicode Standard, block U+2800, Braille Patterns."""
_DOTS = np.argsort(_BITS.ravel())
"""Which dot, counted along the rows of a cell, each bit is."""
BLANK = chr(0x2800)
_BRAILLE = np.array([chr(0x2800 + code) for code in range(256)], dtype="<U1")


def trace(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], width: int, height: int, dash: Dash = None) -> Dots:
    """The dots bool [height, width] of a line through points given in dots, y downwards; NaN is a gap.

    A point between two gaps is one dot. `dash` is how many dots are drawn and how many left out, in turn.
    """
    dots = np.zeros((height, width), dtype=bool)
    known = np.isfinite(x) & np.isfinite(y)
    if dash is None:
        _set(dots, x[known], y[known])
    joined = known[:-1] & known[1:]
    x0, y0 = x[:-1][joined], y[:-1][joined]
    dx, dy = x[1:][joined] - x0, y[1:][joined] - y0
    # A segment longer than the picture can only leave it; its dots outside are dropped, so their number is bounded.
    lengths = np.minimum(np.ceil(np.maximum(np.abs(dx), np.abs(dy)) - 1e-6), 4 * (width + height)).astype(np.intp)
    total = int(lengths.sum())
    if not total:
        return dots
    segment = np.repeat(np.arange(len(lengths)), lengths)
    along = np.arange(total)
    part = (along - np.repeat(np.cumsum(lengths) - lengths, lengths)) / lengths[segment]
    drawn = slice(None) if dash is None else along % sum(dash) < dash[0]
    _set(dots, (x0[segment] + part * dx[segment])[drawn], (y0[segment] + part * dy[segment])[drawn])
    return dots


def _set(dots: Dots, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> None:
    height, width = dots.shape
    columns, rows = np.rint(x).astype(np.intp), np.rint(y).astype(np.intp)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    dots[rows[inside], columns[inside]] = True


def braille(dots: Dots) -> npt.NDArray[np.str_]:
    """Characters '<U1' [h, w] for dots bool [4h, 2w]; a cell without a dot is U+2800, as wide as a space."""
    height, width = dots.shape[0] // 4, dots.shape[1] // 2
    blocks = dots.reshape(height, 4, width, 2).transpose(0, 2, 1, 3).reshape(height, width, 8)
    codes = np.packbits(blocks[:, :, _DOTS], axis=2, bitorder="little")[:, :, 0]
    chars: npt.NDArray[np.str_] = _BRAILLE[codes]
    return chars


def touched(dots: Dots) -> npt.NDArray[np.bool_]:
    """Which cells bool [h, w] have a dot, for dots bool [4h, 2w]."""
    height, width = dots.shape[0] // 4, dots.shape[1] // 2
    return np.asarray(dots.reshape(height, 4, width, 2).any(axis=(1, 3)))


def scattered(
    rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], width: int, height: int
) -> npt.NDArray[np.str_]:
    """Characters '<U1' [height, width] for dots at `rows`, `columns` [n], all within 4·height by 2·width dots."""
    bits = np.zeros((width * height, 8), dtype=bool)
    bits[rows // 4 * width + columns // 2, _BITS[rows % 4, columns % 2]] = True
    chars: npt.NDArray[np.str_] = _BRAILLE[np.packbits(bits, bitorder="little")].reshape(height, width)
    return chars
