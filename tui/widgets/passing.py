"""The base of rows that show a message for a few seconds in place of their usual content."""

from __future__ import annotations

from textual.timer import Timer

from tui.widgets.cell_widget import CellWidget


class PassingWords(CellWidget):
    """A row with passing words: `self._passing`, clean; empty when they are gone."""

    _passing = ""
    _passes: Timer | None = None

    def tell(self, words: str, seconds: float) -> None:
        """Show clean words for some seconds, without covering other text."""
        if self._passes is not None:
            self._passes.stop()
        self._passing = words
        self._passes = self.set_timer(seconds, self.pass_now)
        self._canvas.changed()

    def pass_now(self) -> None:
        """Remove the words."""
        if self._passes is not None:
            self._passes.stop()
        self._passing, self._passes = "", None
        self._canvas.changed()
