"""The run as one command line, to copy and share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.dialogs.dialog import Dialog


class ShareScreen(Dialog[None]):
    """Shows a command line in full. It has already been copied, if the terminal supports that."""

    DIALOG_TITLE = "The run as a command line"
    KEYS = "y copy again   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy again"),
        Binding("q,enter", "close", "Close", show=False),
    ]

    def __init__(self, command: str, *, changed: bool = False) -> None:
        super().__init__()
        self._command = command
        self._changed = changed

    def compose_inside(self) -> Iterable[Widget]:
        yield Static(self._command, markup=False, classes="dialog-command")
        words = "\nCopied, where the terminal lets programs set its clipboard (OSC 52)."
        if self._changed:
            words += " Settings were changed during the run; the line holds those it began with."
        yield Static(words, markup=False, classes="dialog-text")

    def on_mount(self) -> None:
        self.action_copy()

    def action_copy(self) -> None:
        """Copy the command to the clipboard."""
        self.app.copy_to_clipboard(self._command)
