"""Texts of a log, rendered from Markdown, with the keys to move through their steps."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.reactive import reactive
from textual.widgets import Static

from engine.log.event_values import LoggedText
from tui.plot.cells import Cells
from tui.text.clean import clean
from tui.widgets.cell_widget import CellWidget
from tui.widgets.document_view import DocumentView
from tui.widgets.log.step_view import StepView

MOST_MARKDOWN = 20_000
"""The most characters that are rendered; a longer text is shown as source. The slowest such text takes 0.3 s to
parse."""
MOST_CHARACTERS = 60_000
MOST_LINES = 2_000


class LoggedTexts(StepView):
    """The texts of one step. They are untrusted: cleaned, links not followed, HTML shown as text."""

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
        & > DocumentView { padding: 0 0 0 1; }
        & Static { width: 1fr; height: auto; }
    }
    """

    as_written = reactive(False)
    """Whether the Markdown source is shown."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._told: tuple[str, bool] | None = None

    def compose(self) -> ComposeResult:
        yield _HeaderRow(self)
        document = DocumentView()
        document.can_focus = False
        yield document
        with VerticalScroll(can_focus=False):
            yield Static("", markup=False)

    def on_mount(self) -> None:
        self.tracks_changed(moved=True)

    def tracks_changed(self, *, moved: bool) -> None:
        if not self.children:
            return
        self.query_one(_HeaderRow).changed()
        text = text_of(self.shown)
        told = (text, self.as_written)
        if told != self._told:
            self._told = told
            self._tell(*told)

    def _tell(self, text: str, as_written: bool) -> None:
        rendered = not as_written and len(text) <= MOST_MARKDOWN
        document, written = self.query_one(DocumentView), self.query_one(VerticalScroll)
        document.display, written.display = rendered, not rendered
        if rendered:
            document.show_text(text)
        else:
            self.query_one(Static).update("\n".join(map(self._glyphs.spelled, text.split("\n"))))
            written.scroll_home(animate=False)

    def watch_as_written(self) -> None:
        self.tracks_changed(moved=False)

    def action_toggle_source(self) -> None:
        """Show the text as source, or rendered."""
        self.as_written = not self.as_written

    def action_roll(self, rows: int) -> None:
        """Scroll by rows; a page by tens."""
        document = self.query_one(DocumentView)
        scroll = document if document.display else self.query_one(VerticalScroll)
        scroll.scroll_relative(y=rows if abs(rows) == 1 else rows // 10 * scroll.size.height, animate=False)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        for row in self.query(_HeaderRow):
            row.changed()

    def draw(self, width: int, height: int) -> Cells:
        return Cells(width, height)


class _HeaderRow(CellWidget):
    """The row above the text; the view, not the row, has the focus."""

    DEFAULT_CSS = "_HeaderRow { height: 1; }"

    def __init__(self, view: LoggedTexts) -> None:
        super().__init__()
        self._view = view

    def draw(self, width: int, height: int) -> Cells:
        return self._view.header(width)

    def changed(self) -> None:
        """Request a drawing of the row."""
        self._canvas.changed()


def text_of(entry: object) -> str:
    """The texts of an entry, cleaned."""
    if not isinstance(entry, LoggedText):
        return ""
    whole = "\n\n".join(entry.texts)
    cut = "\n".join(whole[:MOST_CHARACTERS].split("\n", MOST_LINES)[:MOST_LINES])
    left = len(whole) - len(cut)
    return clean(cut, keep_newlines=True) + (f"\n\n… and {left:,} characters more" if left else "")
