"""How paths on a map are told apart: a colour and a mark each, no two of the first 36 the same in both."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tui.drawing import series_styles
from tui.drawing.braille import Dash
from tui.drawing.palettes import blended, parsed

_HEADS = "●◆■▲▼▶"
_STARTS = "○◇□△▽▷"


@lru_cache(maxsize=256)
def colour(slot: int, *, dark: bool) -> str:
    """The colour of the path in a slot, as #RRGGBB: the series' own, further from the map's lightness."""
    end = 0xFFFFFF if dark else 0x000000
    mixed = blended(np.array(parsed(series_styles.colour(slot, dark=dark)), np.int32), end, 0.22 if dark else 0.36)
    return f"#{int(mixed):06X}"


def head(slot: int, *, ascii_only: bool) -> str:
    """The mark where a path is now."""
    return series_styles.mark(_turned(slot)) if ascii_only else _HEADS[_turned(slot)]


def start(slot: int, *, ascii_only: bool) -> str:
    """The mark where a path began: the same form, hollow."""
    return "o" if ascii_only else _STARTS[_turned(slot)]


def dash(slot: int, *, plain: bool) -> Dash:
    """The path's line style: by colour the first six are solid, without (`plain`) every one has its own."""
    return series_styles.dash(slot if plain else slot // len(_HEADS))


def _turned(slot: int) -> int:
    """Forms go round as colours do, but each time one further."""
    return (slot + slot // len(_HEADS)) % len(_HEADS)
