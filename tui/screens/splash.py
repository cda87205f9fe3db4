"""The splash: painted before the log viewer is imported, which takes as long as Textual."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from tui.screens.modal import SteadyScreen


class Splash(SteadyScreen[None]):
    """The app's name in the middle, for a tenth of a second. Its keys are queued for the screen after it."""

    DEFAULT_CSS = """
    Splash { align: center middle; }
    Splash Static { width: auto; text-align: center; color: $text-quiet; }
    """

    @property
    def takes_keys(self) -> bool:
        return False

    def compose(self) -> ComposeResult:
        yield Static("gdtui\n\ngradient descent in seven lessons", markup=False)
