"""Styles of paths on a map: a colour and a mark each; the first 36 pairs are different."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tui.plot import series_styles
from tui.plot.braille import Dash
from tui.plot.palettes import blended, parsed
from tui.text.glyphs import Glyphs

_FORMS = 6
"""The number of forms of marks."""


@lru_cache(maxsize=256)
def colour(slot: int, *, dark: bool) -> str:
    """The colour of the path in a slot, as #RRGGBB: the series' own, made more different from the map's lightness."""
    end = 0xFFFFFF if dark else 0x000000
    mixed = blended(np.array(parsed(series_styles.colour(slot, dark=dark)), np.int32), end, 0.22 if dark else 0.36)
    return f"#{int(mixed):06X}"


def head(slot: int, glyphs: Glyphs) -> str:
    """The mark at a path's present position."""
    return glyphs.heads[_turned(slot)]


def start(slot: int, glyphs: Glyphs) -> str:
    """The mark at a path's start: the same form, hollow."""
    return glyphs.starts[_turned(slot)]


def dash(slot: int, *, plain: bool) -> Dash:
    """The path's line style: with colour the first six are solid, without (`plain`) each has its own."""
    return series_styles.dash(slot if plain else slot // _FORMS)


def _turned(slot: int) -> int:
    """Repeat the forms as colours repeat, but shifted by one each time."""
    return (slot + slot // _FORMS) % _FORMS
