"""What is painted first, before anything heavy is imported: NumPy and the lessons take longer than all of Textual."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static


class FirstScreen(Screen[None]):
    """The name of the thing, in the middle, for a tenth of a second. Keys that were pressed meanwhile are kept."""

    DEFAULT_CSS = """
    FirstScreen { align: center middle; }
    FirstScreen Static { width: auto; text-align: center; color: $foreground 80%; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._early: list[events.Key] = []
        self._hands_on = False

    def compose(self) -> ComposeResult:
        yield Static("gdtui\n\ngradient descent in seven lessons", markup=False)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self._early.append(event)
        if self._hands_on:
            self.hand_on()

    def hand_on(self) -> None:
        """Press the keys again, on the screen that is there now; those that still come to this one too."""
        self._hands_on = True
        early, self._early = self._early, []
        for event in early:
            self.app.post_message(events.Key(event.key, event.character))
