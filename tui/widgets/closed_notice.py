"""The notice that replaces the content of a pane after a failure."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from tui.widgets.keyed import Keyed


class ClosedNotice(Keyed, Static, can_focus=True):
    """Shows what failed; `enter` or a click requests the content again."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "remake", "Make it again", key_display="enter")]
    DEFAULT_CSS = """
    ClosedNotice { height: 1fr; padding: 1 1; color: $text-warning; &:focus { text-style: bold; } }
    """

    class Remake(Message):
        """A request to make the content again."""

    def __init__(self, words: str) -> None:
        super().__init__(words, markup=False)

    def action_remake(self) -> None:
        """Request the content again."""
        self.post_message(self.Remake())

    def on_click(self) -> None:
        self.action_remake()
