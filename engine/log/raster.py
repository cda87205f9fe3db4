"""Drawing the log's pictures: PNG files, text in Pillow's own font, blocks and lines on NumPy arrays.

A plotting library would take 10 to 500 ms a picture, this takes about 1 ms: each text is drawn once and then kept.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.colours import BLUE, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILION, YELLOW, rgb

Pixels = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
INK: Colour = (38, 38, 38)
FAINT: Colour = (206, 206, 206)
SERIES: tuple[Colour, ...] = tuple(rgb(colour) for colour in (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY_BLUE, YELLOW))

# Pillow's built-in font has only Latin letters: other characters of the formulas are spelled out.
_SPELLED = {
    "−": "-", "–": "-", "—": "-", "→": "->", "×": "x", "·": "·", "′": "'", "″": "''", "⁻": "^-", "ˣ": "^x", "√": "sqrt",
    "∇": "grad ", "∂": "d", "≤": "<=", "≥": ">=", "∞": "inf", "σ": "sigma", "η": "eta", "θ": "theta", "κ": "kappa",
    "β": "beta", "ρ": "rho", "μ": "mu", "µ": "mu", "λ": "lambda", "ε": "eps", "α": "alpha", "π": "pi", "Φ": "Phi",
    "φ": "phi",
}  # fmt: skip
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))


@dataclass(frozen=True)
class Paletted:
    """A picture of at most 256 colours: `pixels` uint8 [h, w] are rows of `palette` uint8 [n, 3]."""

    pixels: Pixels
    palette: Pixels

    def rgb(self) -> Pixels:
        """The same picture as RGB uint8 [h, w, 3]."""
        return self.palette[self.pixels]


def png(picture: Pixels | Paletted) -> bytes:
    """Encode grey uint8 [h, w], RGB uint8 [h, w, 3] or a palette picture as PNG, with the least compression."""
    from PIL import Image

    if isinstance(picture, Paletted):
        image = Image.fromarray(picture.pixels)
        image.putpalette(picture.palette.tobytes())
    else:
        image = Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def ramp(first: Colour, last: Colour, steps: int) -> Pixels:
    """Interpolate colours from `first` to `last`, evenly in RGB: uint8 [steps, 3]."""
    return np.rint(np.linspace(first, last, steps)).astype(np.uint8)


def blank(width: int, height: int, colour: Colour = WHITE) -> Pixels:
    """Make an RGB picture of one colour, uint8 [height, width, 3]."""
    return np.full((height, width, 3), colour, np.uint8)


def plain(text: str) -> str:
    """Reduce `text` to the characters of the built-in font; others are spelled out or become a question mark."""
    spelled = []
    for c in text:
        if c in _SUPERSCRIPTS:
            spelled.append("^" + _SUPERSCRIPTS[c])
        elif c in _SPELLED:
            spelled.append(_SPELLED[c])
        elif c.isascii():
            spelled.append(c if c.isprintable() else "?")
        else:
            base = unicodedata.normalize("NFKD", c)[0]
            spelled.append(base if base.isascii() and base.isprintable() else "?")
    return "".join(spelled)


@lru_cache(maxsize=1024)
def stencil(text: str, size: int = 11) -> Pixels:
    """Draw one line of text as ink uint8 [h, w], 255 where fully covered; all of one `size` have the same height."""
    font = _font(size)
    text = plain(text)
    left, _, right, _ = font.getbbox(text or " ")
    ascent, descent = font.getmetrics()
    from PIL import Image, ImageDraw

    image = Image.new("L", (max(int(right - min(left, 0)), 1), ascent + descent), 0)
    ImageDraw.Draw(image).text((-min(left, 0), 0), text, fill=255, font=font)
    ink = np.array(image)
    ink.setflags(write=False)
    return ink


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def stamp(ink: Pixels, text: str, x: float, y: float, *, size: int = 11, align: float = 0.0) -> None:
    """Put `text` on a layer of ink uint8 [h, w] with its upper left corner at (x, y).

    `align` 0.5 centres it on x, 1 ends it there. What lies outside the layer is left out.
    """
    letters = stencil(text, size)
    left, top = round(x - align * letters.shape[1]), round(y)
    shown = letters[max(-top, 0) :, max(-left, 0) :]
    place = ink[max(top, 0) :, max(left, 0) :][: shown.shape[0], : shown.shape[1]]
    np.maximum(place, shown[: place.shape[0], : place.shape[1]], out=place)


def spread(picture: Pixels, ink: Pixels, colour: Colour) -> None:
    """Blend `colour` into `picture`, RGB uint8 [h, w, 3], in proportion to the ink uint8 [h, w]."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    ground = picture[box].astype(np.float32)
    share = (ink[box] / np.float32(255.0))[..., None]
    picture[box] = np.rint(ground + share * (np.array(colour, np.float32) - ground)).astype(np.uint8)


def write(
    picture: Pixels, text: str, x: float, y: float, *, colour: Colour = INK, size: int = 11, align: float = 0.0
) -> None:
    """Draw `text` into an RGB picture; see `stamp`."""
    ink = np.zeros(picture.shape[:2], np.uint8)
    stamp(ink, text, x, y, size=size, align=align)
    spread(picture, ink, colour)


def polyline(picture: Pixels, points: npt.NDArray[np.floating[Any]], colour: Colour, width: int = 2) -> None:
    """Draw a line through `points` float [n, 2] of x and y in pixels; a point that is not finite breaks it."""
    from PIL import Image, ImageDraw

    # Points far outside are moved nearer: their lines leave the picture anyway, and Pillow overflows beyond.
    halves = np.rint(2 * np.clip(points, -1e4, 1e4))
    finite = np.isfinite(halves).all(axis=1)
    if not finite.any():
        return
    low = np.maximum(halves[finite].min(axis=0) // 2 - width, 0).astype(int)
    high = np.minimum(halves[finite].max(axis=0) // 2 + width + 2, picture.shape[1::-1]).astype(int)
    if (high <= low).any():
        return
    # Drawn at twice the size and halved, because Pillow's lines are jagged; only the box around the points.
    mask = Image.new("L", (2 * int(high[0] - low[0]), 2 * int(high[1] - low[1])), 0)
    draw = ImageDraw.Draw(mask)
    for first, last in _runs(finite):
        piece = halves[first:last] - 2 * low + 1
        moved = np.append(True, (np.diff(piece, axis=0) != 0).any(axis=1))
        draw.line([tuple(point) for point in piece[moved].tolist()], fill=255, width=2 * width, joint="curve")
    spread(picture[low[1] : high[1], low[0] : high[0]], np.asarray(mask.reduce(2)), colour)


def _runs(finite: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first index and one past the last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def disc(picture: Pixels, x: float, y: float, radius: float, colour: Colour, ring: Colour | None = None) -> None:
    """Fill a circle around (x, y), with a ring of another colour one pixel wide, clipped to the picture."""
    reach = int(radius) + 2
    if not (-reach <= x <= picture.shape[1] + reach and -reach <= y <= picture.shape[0] + reach):
        return
    left, top = max(int(x) - reach, 0), max(int(y) - reach, 0)
    part = picture[top : int(y) + reach + 1, left : int(x) + reach + 1]
    rows, columns = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
    away = np.hypot(columns - x, rows - y)
    if ring is not None:
        part[away <= radius + 1] = ring
    part[away <= radius] = colour
