"""All that is known of one run of a log folder, in words: where it lies, how it went, what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.plain import plain
from tui.text import clean
from tui.widgets.parts import Parts

Part = Literal["title", "name", "text", "bad"]
Words = Sequence[tuple[Part, str]]


class RunAbout(VerticalScroll, can_focus=True):
    """Lines of words, each of a part: a title, the name of what follows, text, or something bad."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "scroll_home", "To the top", show=False),
        Binding("end", "scroll_end", "To the bottom", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "run-about--title",
        "run-about--name",
        "run-about--text",
        "run-about--bad",
    }
    DEFAULT_CSS = """
    RunAbout {
        height: 1fr;
        padding: 0 1;
        scrollbar-size: 1 1;
        & > Static { height: auto; }
        & > .run-about--title { color: $text-primary; text-style: bold; }
        & > .run-about--name { color: $foreground 65%; }
        & > .run-about--text { color: $foreground; }
        & > .run-about--bad { color: $text-error; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._said: tuple[tuple[Part, str], ...] = ()
        self._parts = Parts(self, "run-about")

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)

    def show(self, words: Words) -> None:
        """Show these lines. Free when nothing changed."""
        if tuple(words) != self._said:
            self._said = tuple(words)
            self._write()

    def on_mount(self) -> None:
        self._write()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._parts.forget()
        self._write()

    def _write(self) -> None:
        for static in self.query(Static):
            said = Text()
            for part, words in self._said:
                safe = clean(words, keep_newlines=True)
                if self._ascii_only:
                    safe = "\n".join(map(plain, safe.split("\n")))
                said.append(safe + "\n", self._parts(part))
            static.update(said)
