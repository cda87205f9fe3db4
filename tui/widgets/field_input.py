"""A line to type in whose caret does not blink."""

from __future__ import annotations

from textual.widgets import Input


class FieldInput(Input):
    """A line to type in. Its caret does not blink: a screen on which nothing happens sends nothing."""

    def __init__(self, value: str = "") -> None:
        super().__init__(value, compact=True, select_on_focus=False)
        self.cursor_blink = False
