"""What is painted first, before anything heavy is imported: NumPy and the lessons take longer than all of Textual."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static


class FirstScreen(Screen[None]):
    """The name of the thing, in the middle, for a tenth of a second."""

    DEFAULT_CSS = """
    FirstScreen { align: center middle; }
    FirstScreen Static { width: auto; text-align: center; color: $foreground 80%; }
    """

    def compose(self) -> ComposeResult:
        yield Static("gdtui\n\ngradient descent in seven lessons", markup=False)
