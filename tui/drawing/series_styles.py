"""How the curves of several runs are told apart: a colour, a dash and a mark each, so never by colour alone."""

from __future__ import annotations

from tui.drawing.braille import Dash
from tui.drawing.line_plot import DASHED, DOTTED, SOLID

DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00")
LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#A66F00", "#000000")
"""Series colours for dark and for light backgrounds, distinguishable with any common colour blindness.

Source: M. Okabe and K. Ito, Color Universal Design, 2008; the yellow, too pale on white, is darkened to #A66F00.
"""
_DASHES: tuple[Dash, ...] = (SOLID, DASHED, DOTTED, (9, 3))
_MARKS = "*+@x#%"
"""None of them an o, which is where a path begins."""


def colour(slot: int, *, dark: bool) -> str:
    """The colour of the series in a slot, as #RRGGBB."""
    colours = DARK if dark else LIGHT
    return colours[slot % len(colours)]


def dash(slot: int) -> Dash:
    """The line style of the series in a slot: the first is solid."""
    return _DASHES[slot % len(_DASHES)]


def mark(slot: int) -> str:
    """The ASCII character that draws the series in a slot."""
    return _MARKS[slot % len(_MARKS)]


def sample(slot: int, *, ghost: bool, ascii_only: bool) -> str:
    """Two cells that show the line style in a legend."""
    if ghost:
        return ".." if ascii_only else "┈┈"
    return mark(slot) * 2 if ascii_only else ("━━", "╍╍", "┅┅", "━╍")[slot % 4]
