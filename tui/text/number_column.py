"""A column of numbers as texts of one width, aligned on the decimal point and the exponent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.events import Cell

_LEAST_FIXED = 1e-3
_MOST_FIXED = 1e7
"""If the column's largest number is between these, it is written as 0.0123, otherwise as 1.23e-05."""


def is_numeric(cells: Sequence[Cell]) -> bool:
    """Whether a column holds only numbers (None is allowed, but not alone)."""
    return any(cell is not None for cell in cells) and not any(isinstance(cell, str) for cell in cells)


def aligned(cells: Sequence[Cell], digits: int = 6) -> list[str]:
    """Format numbers as texts of one width, with `digits` significant digits in the largest of them.

    An exact zero is `0`, while a small number keeps two digits (`4.5e-05`). None is a dash.
    """
    if all(isinstance(cell, int) or cell is None for cell in cells):
        texts = ["-" if cell is None else str(cell) for cell in cells]
    else:
        numbers = [math.nan if cell is None or isinstance(cell, str) else float(cell) for cell in cells]
        texts = _fixed(numbers, digits) or _scientific(numbers, digits)
        texts = ["-" if cell is None else text for cell, text in zip(cells, texts, strict=True)]
    width = max((len(text) for text in texts), default=0)
    return [text.rjust(width) for text in texts]


def _fixed(numbers: Sequence[float], digits: int) -> list[str]:
    """Texts with the same number of decimals; empty if that would not show most of the numbers."""
    sizes = [abs(number) for number in numbers if _ordinary(number)]
    if not sizes or not _LEAST_FIXED <= max(sizes) < _MOST_FIXED:
        return []
    decimals = max(digits - 1 - math.floor(math.log10(max(sizes))), 2 if max(sizes) < 1000 else 0)
    unit = 10.0**-decimals
    if 3 * sum(size < 95 * unit for size in sizes) >= len(sizes):
        return []
    texts = []
    for number in numbers:
        text = f"{number:.{decimals}f}" if _ordinary(number) else _word(number)
        rounded_away = _ordinary(number) and abs(number) < 9.5 * unit and float(text) != number
        texts.append(f"{number:.1e}" if rounded_away else text)
    return _on_the_point(_without_common_zeros(texts))


def _scientific(numbers: Sequence[float], digits: int) -> list[str]:
    decimals = min(max(digits - 3, 1), 3)
    texts = [f"{number:.{decimals}e}" if _ordinary(number) else _word(number) for number in numbers]
    mantissas = [text.split("e")[0] for text in texts if "e" in text]
    spare = min((len(text) - len(text.rstrip("0")) for text in mantissas), default=0)
    short = [(text, text.partition("e")) for text in texts]
    texts = [f"{m[: len(m) - spare].rstrip('.')}e{power}" if e else text for text, (m, e, power) in short]
    return _on_the_point(texts)


def _ordinary(number: float) -> bool:
    return bool(number) and math.isfinite(number)


def _word(number: float) -> str:
    """The word for NaN, inf and zero, which has no sign."""
    return "NaN" if math.isnan(number) else f"{number}" if math.isinf(number) else "0"


def _without_common_zeros(texts: Sequence[str]) -> list[str]:
    """Drop the last decimals that are zero in every number, and the point if no decimal is left."""
    fixed = [text for text in texts if "." in text and "e" not in text]
    spare = min((len(text) - len(text.rstrip("0")) for text in fixed), default=0)
    return [text[: len(text) - spare].rstrip(".") if text in fixed else text for text in texts]


def _on_the_point(texts: Sequence[str]) -> list[str]:
    """Pad on the right to align decimal points; a number without one ends where its point would be."""
    tails = [_tail(text) for text in texts]
    most = max((tail for tail in tails if tail is not None), default=0)
    return [text + " " * (most - (most if tail is None else tail)) for text, tail in zip(texts, tails, strict=True)]


def _tail(text: str) -> int | None:
    """Count the characters from the point, or the exponent, on; None for a word, which is aligned with the column's
    end."""
    if not text[-1].isdigit():
        return None
    mark = "." if "." in text else "e" if "e" in text else ""
    return len(text) - text.index(mark) if mark else 0
