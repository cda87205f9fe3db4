"""Texts of a log, rendered from Markdown, scrubbed over their steps."""

from __future__ import annotations

from typing import ClassVar

from markdown_it import MarkdownIt
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.reactive import reactive
from textual.widgets import Markdown, Static

from engine.event_values import LoggedText
from tui.drawing.cells import Cells
from tui.plain import plain
from tui.text import clean
from tui.widgets.drawn import Bare
from tui.widgets.step_view import StepView

MOST_MARKDOWN = 8_000
MOST_MARKDOWN_LINES = 120
"""A longer text is shown as it is written: every block of Markdown, every cell of a table, is a widget of its own."""
MOST_CHARACTERS = 60_000
MOST_LINES = 2_000


class LoggedTexts(StepView):
    """The texts of one step. They come from outside: cleaned, links not followed, HTML shown as it is written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "roll(-1)", "Up", show=False),
        Binding("down", "roll(1)", "Down", show=False),
        Binding("pageup", "roll(-10)", "Page up", show=False),
        Binding("pagedown", "roll(10)", "Page down", show=False),
        Binding("m", "toggle_source", "As written"),
    ]
    DEFAULT_CSS = """
    LoggedTexts {
        layout: vertical;
        & > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; padding: 0 1; }
        & Markdown { padding: 0; margin: 0; background: transparent; }
        & Static { width: 1fr; height: auto; }
    }
    """

    as_written = reactive(False)
    """Whether Markdown is shown as it is written."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._told: tuple[str, bool] | None = None
        # Bullets and tables are drawn in characters beyond ASCII.
        self.set_reactive(LoggedTexts.as_written, ascii_only)

    def compose(self) -> ComposeResult:
        yield _HeaderRow(self)
        with VerticalScroll(can_focus=False):
            yield Markdown(parser_factory=parser, open_links=False)
            yield Static("", markup=False)

    def on_mount(self) -> None:
        self.tracks_changed(moved=True)

    def tracks_changed(self, *, moved: bool) -> None:
        if not self.children:
            return
        self.query_one(_HeaderRow).changed()
        text = text_of(self.shown)
        if self._ascii_only:
            text = "\n".join(map(plain, text.split("\n")))
        told = (text, self.as_written)
        if told != self._told:
            self._told = told
            self.call_later(self._tell, *told)

    async def _tell(self, text: str, as_written: bool) -> None:
        rendered = not as_written and len(text) <= MOST_MARKDOWN and text.count("\n") < MOST_MARKDOWN_LINES
        markdown, static = self.query_one(Markdown), self.query_one(Static)
        markdown.display, static.display = rendered, not rendered
        if rendered:
            static.update("")
            await markdown.update(text)
        else:
            static.update(text)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def watch_as_written(self) -> None:
        self.tracks_changed(moved=False)

    def action_toggle_source(self) -> None:
        """Show the text as it is written, or rendered."""
        self.as_written = not self.as_written

    def action_roll(self, rows: int) -> None:
        """Scroll by rows; a page by tens."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=rows if abs(rows) == 1 else rows // 10 * scroll.size.height, animate=False)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        for row in self.query(_HeaderRow):
            row.changed()

    def draw(self, width: int, height: int) -> Cells:
        return Cells(width, height)


class _HeaderRow(Bare):
    """The row above the text; what has the focus is the view."""

    DEFAULT_CSS = "_HeaderRow { height: 1; }"

    def __init__(self, view: LoggedTexts) -> None:
        super().__init__()
        self._view = view

    def draw(self, width: int, height: int) -> Cells:
        return self._view.header(width)

    def changed(self) -> None:
        """Something of the row is new."""
        self._canvas.changed()


def parser() -> MarkdownIt:
    """Markdown without what could bring a character back that was cleaned away: entities, and links that are shown by
    their address, which is decoded. HTML is text like any other."""
    return MarkdownIt("gfm-like").disable(["entity", "linkify", "autolink", "html_inline", "html_block"])


def text_of(entry: object) -> str:
    """The texts of an entry, cleaned."""
    if not isinstance(entry, LoggedText):
        return ""
    whole = "\n\n".join(entry.texts)
    cut = "\n".join(whole[:MOST_CHARACTERS].split("\n", MOST_LINES)[:MOST_LINES])
    left = len(whole) - len(cut)
    return clean(cut, keep_newlines=True) + (f"\n\n… and {left:,} characters more" if left else "")
