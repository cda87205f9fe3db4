"""The dialog with the app's log: what TensorFlow and other libraries wrote that was not meant for the screen."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from engine.files import open_regular
from tui.screens.dialogs.dialog import Dialog
from tui.text.clean import clean

MOST_BYTES = 200_000
"""The bytes read from the end of the log: more than a user scrolls through."""


class AppLogScreen(Dialog[None]):
    """The end of the log. It is read when the dialog opens and on request, never automatically."""

    DIALOG_TITLE = "Log"
    KEYS = "↑ ↓ scroll   r read again   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "read", "Read again"),
        Binding("w,q", "close", "Close", show=False),
    ]

    def __init__(self, path: Path | None, messages: str = "") -> None:
        super().__init__()
        self._path = path
        self._messages = messages

    def compose_inside(self) -> Iterable[Widget]:
        with VerticalScroll():
            yield Static("", markup=False, id="log-text")

    def on_mount(self) -> None:
        self.action_read()

    def action_read(self) -> None:
        """Read the log again, and show its end."""
        self.query_one("#log-text", Static).update(log_text(self._path, self._messages))
        self.query_one(VerticalScroll).scroll_end(animate=False)


def log_text(path: Path | None, messages: str = "") -> str:
    """The log's last lines and, before them, the messages that the app itself keeps; clean."""
    parts = [messages.strip()] if messages.strip() else []
    if path is not None:
        try:
            with os.fdopen(open_regular(path), "rb") as file:
                file.seek(0, 2)
                file.seek(max(file.tell() - MOST_BYTES, 0))
                parts.append(file.read().decode("utf-8", "replace").strip())
        except OSError as error:
            parts.append(f"the log cannot be read: {error.strerror}")
        parts.insert(0, str(path))
    return clean("\n\n".join(part for part in parts if part) or "nothing was logged", keep_newlines=True)
