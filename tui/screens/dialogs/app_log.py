"""What TensorFlow and others wrote that was not for the screen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.dialog import Dialog
from tui.text import clean

MOST_BYTES = 200_000
"""Read from the end of the log: more than anybody scrolls through."""


class LogScreen(Dialog[None]):
    """The end of the log. It is read when it opens and when it is asked for again, never by itself."""

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
    """The log's last lines and, before them, what the app itself keeps; clean."""
    parts = [messages.strip()] if messages.strip() else []
    if path is not None:
        try:
            with path.open("rb") as file:
                file.seek(0, 2)
                file.seek(max(file.tell() - MOST_BYTES, 0))
                parts.append(file.read().decode("utf-8", "replace").strip())
        except OSError as error:
            parts.append(f"the log cannot be read: {error.strerror}")
        parts.insert(0, str(path))
    return clean("\n\n".join(part for part in parts if part) or "nothing was logged", keep_newlines=True)
