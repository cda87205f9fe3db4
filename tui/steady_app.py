"""What the apps have in common."""

from __future__ import annotations

from textual.app import App, ScreenStackError
from textual.css.query import NoMatches
from textual.widget import MountError

WIDGETS_GONE = (NoMatches, MountError, ScreenStackError)
"""What handlers raise that look for widgets which an ending app has taken away."""


class SteadyApp(App[int]):
    """An app that can be left at any moment, while its panes are being made too."""

    def _handle_exception(self, error: Exception) -> None:
        # Textual handles what is still in its queues while it takes the widgets away. That is no failure of the app.
        if (self._exit or not self._running) and isinstance(error, WIDGETS_GONE):
            self.log.warning(f"left while a widget was at work: {error}")
            return
        super()._handle_exception(error)
