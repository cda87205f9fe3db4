"""A lesson's text, from assets/lessons/<id>.md."""

from __future__ import annotations

from importlib import resources
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.drawing.document import Row, document_rows
from tui.markdown import Block, blocks
from tui.text import clean
from tui.widgets.parts import Parts

WIDEST = 92
"""Lines longer than this are hard to find back from."""


class LessonText(ScrollView, can_focus=True):
    """The text of one lesson, scrolled by the keyboard. It is one widget, so that another lesson is there at once."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lesson-text--title",
        "lesson-text--heading",
        "lesson-text--text",
        "lesson-text--strong",
        "lesson-text--em",
        "lesson-text--code",
        "lesson-text--block",
        "lesson-text--marker",
        "lesson-text--column",
        "lesson-text--rule",
    }
    DEFAULT_CSS = """
    LessonText {
        height: 1fr;
        padding: 1 0 0 1;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        & > .lesson-text--title { color: $text-primary; text-style: bold underline; }
        & > .lesson-text--heading { color: $text-primary; text-style: bold; }
        & > .lesson-text--text { color: $foreground; }
        & > .lesson-text--strong { color: $foreground; text-style: bold; }
        & > .lesson-text--em { color: $foreground; text-style: italic; }
        & > .lesson-text--code { color: $text-warning; background: $warning 12%; }
        & > .lesson-text--block { color: $foreground 90%; background: $panel; }
        & > .lesson-text--marker { color: $text-primary; }
        & > .lesson-text--column { color: $foreground; text-style: bold; }
        & > .lesson-text--rule { color: $foreground 35%; }
    }
    """

    def __init__(
        self, lesson: str = "", *, ascii_only: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._lesson = lesson
        self._blocks: list[Block] = blocks(lesson_text(lesson)) if lesson else []
        self._rows: list[Row] = []
        self._width = 0
        self._parts = Parts(self, "lesson-text")

    def show(self, lesson: str) -> None:
        """Show the text of this lesson, from its beginning."""
        if lesson == self._lesson:
            return
        self._lesson = lesson
        self._blocks = blocks(lesson_text(lesson))
        self.scroll_to(0, 0, animate=False)
        self._lay_out()

    @property
    def text(self) -> list[str]:
        """The whole text, row by row, as it is laid out now."""
        return ["".join(text for text, _ in row).rstrip() for row in self._rows]

    def on_resize(self, event: events.Resize) -> None:
        width = self.scrollable_content_region.width
        if width != self._width:
            self._width = width
            self._lay_out()

    def _lay_out(self) -> None:
        if self._width <= 0:
            return
        self._rows = document_rows(self._blocks, min(self._width - 1, WIDEST), ascii_only=self._ascii_only)
        widest = max(map(cell_len, self.text), default=0)
        self.virtual_size = Size(max(widest, self._width), len(self._rows) + 1)
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._parts.forget()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        row = self._rows[top + y] if top + y < len(self._rows) else ()
        strip = Strip([Segment(text, self._parts(role)) for text, role in row])
        width = self.scrollable_content_region.width
        return strip.crop_extend(left, left + width, self.rich_style).apply_style(self.rich_style)


def lesson_text(lesson: str) -> str:
    """The Markdown of a lesson, or a line that says there is none."""
    try:
        text = (resources.files("assets") / "lessons" / f"{lesson}.md").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return f"*There is no text for the lesson {lesson}.*"
    return clean(text, keep_newlines=True)
