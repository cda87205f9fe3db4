"""Line filters: Textual's, made to accept segments without a style or without colours; and two for signs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import DimFilter, LineFilter, Monochrome
from textual.strip import Strip
from textual.widget import Widget

from tui.text.glyphs import for_blocks
from tui.text.plain import plain


def filtered(widget: Widget, rows: Iterable[Strip]) -> list[Strip]:
    """Apply the app's line filters to rows of a widget that renders them itself."""
    rows = list(rows)
    for each in widget.get_line_filters():
        rows = [row.apply_filter(each, widget.background_colors[1]) for row in rows]
    return rows


@cache
def tolerant(line_filter: LineFilter) -> LineFilter:
    """Make a filter accept segments without a style; returns the same object for the same filter, because strips cache
    by it."""
    return _Coloured(line_filter) if isinstance(line_filter, Monochrome | DimFilter) else line_filter


class _Coloured(LineFilter):
    """Gives every segment both colours, then applies the filter `behind`."""

    def __init__(self, behind: LineFilter) -> None:
        super().__init__(behind.enabled)
        self._behind = behind

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        coloured = [Segment(text, _with_colours(style, background), control) for text, style, control in segments]
        return self._behind.apply(coloured, background)


class _Blocks(LineFilter):
    """Replaces signs by those that a console has."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        table = for_blocks()
        return [Segment(text.translate(table), style, control) for text, style, control in segments]


BLOCKS = _Blocks()


class _Ascii(LineFilter):
    """Replaces every other character by ASCII of the same width: gdtui's own signs are ASCII by then, but names of runs
    and tags, file names and a learner's texts may hold any character."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.text.isascii() else Segment(_in_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]


ASCII = _Ascii()


@lru_cache(maxsize=4096)
def _in_ascii(text: str) -> str:
    spelled = ((plain(char), cell_len(char)) for char in text)
    return "".join(found if len(found) == width else "?" * width for found, width in spelled)


@lru_cache(maxsize=4096)
def _with_colours(style: Style | None, background: Color) -> Style:
    if style is not None and style.color is not None and style.bgcolor is not None:
        return style
    usual = Style.from_color(background.get_contrast_text().rich_color, background.rich_color)
    return usual if style is None else usual + style
