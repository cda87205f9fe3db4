"""Lines as dots, and dots as braille characters: a cell is two dots wide and four high."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tui.plot.clipping import clipped

Float64 = npt.NDArray[np.float64]
Dots = npt.NDArray[np.bool_]
Dash = tuple[int, int] | None
"""Numbers of dots drawn and left out, alternating; None draws all."""
SOLID: Dash = None
DASHED: Dash = (5, 4)
DOTTED: Dash = (1, 2)

_BITS = np.array([[0, 3], [1, 4], [2, 5], [6, 7]], dtype=np.intp)
"""The bit of each dot in its cell. Source: The Unicode Standard, block U+2800, Braille Patterns."""
_DOTS = np.argsort(_BITS.ravel())
"""The dot of each bit, counted along the rows of a cell."""
BLANK = chr(0x2800)
_BRAILLE = np.array([chr(0x2800 + code) for code in range(256)], dtype="<U1")


def trace(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], width: int, height: int, dash: Dash = None) -> Dots:
    """Draw a line through points given in dots, y downwards, as dots bool [height, width]; NaN is a gap.

    A point between two gaps is one dot. `dash` is how many dots are drawn and how many left out, alternating; the first
    dot after a gap is always drawn.
    """
    dots = np.zeros((height, width), dtype=bool)
    known = np.isfinite(x) & np.isfinite(y)
    shown = known if dash is None else known & ~np.concatenate([[False], known[:-1]])
    _set(dots, x[shown], y[shown])
    joined = known[:-1] & known[1:]
    x0, y0 = x[:-1][joined], y[:-1][joined]
    dx, dy = x[1:][joined] - x0, y[1:][joined] - y0
    lengths = np.ceil(np.maximum(np.abs(dx), np.abs(dy)) - 1e-6)
    # A segment longer than the picture must leave it: clip it first, or it would have too many dots.
    long = lengths > width + height
    if long.any():
        x0[long], y0[long], dx[long], dy[long] = _cut(x0[long], y0[long], dx[long], dy[long], width, height)
        lengths = np.ceil(np.maximum(np.abs(dx), np.abs(dy)) - 1e-6)
    lengths = lengths.astype(np.intp)
    total = int(lengths.sum())
    if not total:
        return dots
    segment = np.repeat(np.arange(len(lengths)), lengths)
    along = np.arange(total)
    part = (along - np.repeat(np.cumsum(lengths) - lengths, lengths)) / lengths[segment]
    drawn = slice(None) if dash is None else along % sum(dash) < dash[0]
    _set(dots, (x0[segment] + part * dx[segment])[drawn], (y0[segment] + part * dy[segment])[drawn])
    return dots


def _cut(
    x: Float64, y: Float64, dx: Float64, dy: Float64, width: int, height: int
) -> tuple[Float64, Float64, Float64, Float64]:
    """Clip segments from (x, y) by (dx, dy) to the picture; one that is outside becomes a point far outside.

    A dot's centre is a whole number, so the picture extends half a dot beyond its first and last dots.
    """
    start = np.stack([x, y], axis=1) + 0.5
    with np.errstate(over="ignore"):
        a, b, inside = clipped(start, start + np.stack([dx, dy], axis=1), width, height)
    inside &= np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    a, b = np.where(inside[:, None], a - 0.5, -1e6), np.where(inside[:, None], b - 0.5, -1e6)
    return a[:, 0], a[:, 1], (b - a)[:, 0], (b - a)[:, 1]


def _set(dots: Dots, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> None:
    height, width = dots.shape
    columns, rows = np.rint(x), np.rint(y)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    dots[rows[inside].astype(np.intp), columns[inside].astype(np.intp)] = True


def braille(dots: Dots) -> npt.NDArray[np.str_]:
    """Convert dots bool [4h, 2w] to characters '<U1' [h, w]; a cell without a dot is U+2800, as wide as a space."""
    height, width = dots.shape[0] // 4, dots.shape[1] // 2
    blocks = dots.reshape(height, 4, width, 2).transpose(0, 2, 1, 3).reshape(height, width, 8)
    codes = np.packbits(blocks[:, :, _DOTS], axis=2, bitorder="little")[:, :, 0]
    chars: npt.NDArray[np.str_] = _BRAILLE[codes]
    return chars


def touched(dots: Dots) -> npt.NDArray[np.bool_]:
    """Which cells, bool [h, w], have a dot, for dots bool [4h, 2w]."""
    height, width = dots.shape[0] // 4, dots.shape[1] // 2
    return np.asarray(dots.reshape(height, 4, width, 2).any(axis=(1, 3)))


def scattered(
    rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], width: int, height: int
) -> npt.NDArray[np.str_]:
    """Draw dots at `rows`, `columns` [n], all within 4·height by 2·width, as characters '<U1' [height, width]."""
    bits = np.zeros((width * height, 8), dtype=bool)
    bits[rows // 4 * width + columns // 2, _BITS[rows % 4, columns % 2]] = True
    chars: npt.NDArray[np.str_] = _BRAILLE[np.packbits(bits, bitorder="little")].reshape(height, width)
    return chars
