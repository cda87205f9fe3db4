"""An app with one widget, for tests of widgets."""

from __future__ import annotations

from rich.style import Style
from textual.app import ComposeResult
from textual.widget import Widget

from tui.app.base import ResilientApp
from tui.widgets.ascii import ASCII_CLASS


class Stage(ResilientApp):
    """Shows only `widget`, in ASCII with `ascii_only`."""

    def __init__(self, widget: Widget, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.widget = widget
        self.set_class(ascii_only, ASCII_CLASS)

    def compose(self) -> ComposeResult:
        yield self.widget


Picture = list[list[tuple[str, Style | None]]]


def picture(widget: Widget) -> Picture:
    """The cells of a widget, row by row: characters and their styles."""
    strips = [widget.render_line(y) for y in range(widget.size.height)]
    return [[(char, segment.style) for segment in strip for char in segment.text] for strip in strips]


def changed_cells(before: Picture, after: Picture) -> int:
    """The number of cells in which two pictures of one size differ, which are written to the terminal."""
    return sum(a != b for old, new in zip(before, after, strict=True) for a, b in zip(old, new, strict=True))
