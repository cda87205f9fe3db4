"""A scrolled text in Markdown, laid out to the available width: one widget for a text of any length."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.geometry import Size

from tui.text.document import document_rows
from tui.text.markdown import Block, blocks
from tui.widgets.rows_view import RowsView

WIDEST = 92
"""The widest line: from the end of a longer one the next is hard to find."""


class DocumentView(RowsView):
    """Shows a text, scrolled by the keyboard."""

    PREFIX = "document"

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "document--title",
        "document--heading",
        "document--text",
        "document--strong",
        "document--em",
        "document--strike",
        "document--code",
        "document--block",
        "document--marker",
        "document--column",
        "document--rule",
    }
    DEFAULT_CSS = """
    DocumentView {
        height: 1fr;
        padding: 1 0 0 1;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        & > .document--title { color: $text-primary; text-style: bold underline; }
        & > .document--heading { color: $text-primary; text-style: bold; }
        & > .document--text { color: $foreground; }
        & > .document--strong { color: $foreground; text-style: bold; }
        & > .document--em { color: $foreground; text-style: italic; }
        & > .document--strike { color: $foreground; text-style: strike; }
        & > .document--code { color: $text-warning; background: $code-ground; }
        & > .document--block { color: $foreground; background: $panel; }
        & > .document--marker { color: $text-primary; }
        & > .document--column { color: $foreground; text-style: bold; }
        & > .document--rule { color: $foreground 35%; }
    }
    """

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._blocks: list[Block] = blocks(text) if text else []

    def show_text(self, text: str) -> None:
        """Show this text from its beginning. It must be clean."""
        self._blocks = blocks(text)
        self.scroll_to(0, 0, animate=False)
        self.changed()

    def lay_out(self) -> None:
        self._rows = document_rows(self._blocks, min(self._width - 1, WIDEST), self._glyphs)
        widest = max(map(cell_len, self.text), default=0)
        self.virtual_size = Size(max(widest, self._width), len(self._rows) + 1)
        self.refresh()
