"""The facts about one run of a log folder, in words: its folder, its outcome, what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from tui.views.log_views import Part
from tui.widgets.log.run_words import RunWords


class RunAbout(RunWords, can_focus=True):
    """One run of a log folder."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "scroll_home", "To the top", show=False),
        Binding("end", "scroll_end", "To the bottom", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._said: tuple[tuple[Part, str], ...] = ()

    def show(self, words: Sequence[tuple[Part, str]]) -> None:
        """Show these lines. Costs nothing if nothing has changed."""
        if tuple(words) != self._said:
            self._said = tuple(words)
            self.write()

    def words(self) -> Text:
        said = Text()
        for part, words in self._said:
            self.line(said, words, part)
        return said
