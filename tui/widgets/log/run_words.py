"""The base of the panes that describe one run in words."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.text.clean import clean
from tui.widgets.ascii import DrawsAscii
from tui.widgets.component_styles import ComponentStyles


class RunWords(DrawsAscii, VerticalScroll):
    """Lines of words, each with a style: title, name (of what follows), text, changed, bad."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "run-words--title",
        "run-words--name",
        "run-words--text",
        "run-words--changed",
        "run-words--bad",
    }
    DEFAULT_CSS = """
    RunWords {
        height: 1fr;
        padding: 0 1;
        scrollbar-size: 1 1;
        & > Static { height: auto; }
        & > .run-words--title { color: $text-primary; text-style: bold; }
        & > .run-words--name { color: $text-quiet; }
        & > .run-words--text { color: $foreground; }
        & > .run-words--changed { color: $text-accent; text-style: bold; }
        & > .run-words--bad { color: $text-error; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._parts = ComponentStyles(self, "run-words")

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)

    def on_mount(self) -> None:
        self.write()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._parts.forget()
        if self.is_mounted:
            self.write()

    @abstractmethod
    def words(self) -> Text:
        """The words to show."""

    def write(self) -> None:
        """Show the present words."""
        for static in self.query(Static):
            static.update(self.words())

    def line(self, said: Text, words: str, style: str) -> None:
        """Add words, and end their line."""
        self.piece(said, f"{words}\n", style)

    def piece(self, said: Text, words: str, style: str) -> None:
        """Add words, cleaned, and in ASCII if the terminal shows no more."""
        safe = clean(words, keep_newlines=True)
        safe = "\n".join(map(self._glyphs.spelled, safe.split("\n")))
        said.append(safe, self._parts(style))
