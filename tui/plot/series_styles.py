"""Styles of the curves of several runs: a colour, a dash and a mark each, so colour is never needed to tell them
apart."""

from __future__ import annotations

from engine.colours import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILION, YELLOW
from tui.plot.braille import DASHED, DOTTED, SOLID, Dash
from tui.text.glyphs import ASCII, Glyphs

_DARKER_YELLOW = 0xA66F00
"""Replaces the yellow, which is too pale on white."""
DARK = (SKY_BLUE, ORANGE, GREEN, PURPLE, YELLOW, VERMILION)
LIGHT = (BLUE, VERMILION, GREEN, PURPLE, _DARKER_YELLOW, BLACK)
"""Series colours 0xRRGGBB for dark and for light backgrounds."""
PALETTE_256 = (39, 208, 36, 175, 178, 166)
"""The 256-colour numbers nearest to DARK that are readable on dark and on light, for plots that are printed."""
_DASHES: tuple[Dash, ...] = (SOLID, DASHED, DOTTED, (9, 3))


def colour(slot: int, *, dark: bool) -> str:
    """The colour of the series in a slot, as #RRGGBB."""
    colours = DARK if dark else LIGHT
    return f"#{colours[slot % len(colours)]:06X}"


def dash(slot: int) -> Dash:
    """The line style of the series in a slot: the first is solid."""
    return _DASHES[slot % len(_DASHES)]


def mark(slot: int) -> str:
    """The ASCII character that draws the series in a slot; none is an o, which marks the start of a path."""
    return ASCII.heads[slot % len(ASCII.heads)]


def sample(slot: int, glyphs: Glyphs, *, ghost: bool = False) -> str:
    """Two cells that show the line style in a legend."""
    return glyphs.ghost_line if ghost else glyphs.lines[slot % len(glyphs.lines)]
