"""The question before leaving would lose a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.dialogs.dialog import Dialog


class QuitScreen(Dialog[bool]):
    """Asks whether to end the run and leave; answers True to leave."""

    DIALOG_TITLE = "Leave?"
    KEYS = "y, enter leave   n, esc stay"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter,q", "leave", "Leave"),
        Binding("n", "close", "Stay"),
    ]

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose_inside(self) -> Iterable[Widget]:
        yield Static(self._words, markup=False, classes="dialog-text")

    def action_leave(self) -> None:
        """End the run and leave."""
        self.dismiss(True)
