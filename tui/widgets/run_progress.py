"""How far a run has come, and how long it will still take."""

from __future__ import annotations

from dataclasses import dataclass

from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.canvas import Canvas


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: counts of steps and epochs (0 totals: not known), rate in steps/s, `elapsed_s` of running."""

    step: int = 0
    total_steps: int = 0
    epoch: int = 0
    total_epochs: int = 0
    steps_per_s: float = 0.0
    elapsed_s: float = 0.0
    phase: str = ""


class RunProgress(Widget):
    """One row: a bar, steps, epoch, steps/s, time left; what does not fit is left out, the least important first."""

    DEFAULT_CSS = """
    RunProgress { height: 1; }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._progress = Progress()
        self._canvas = Canvas(self, self._draw)

    def show(self, progress: Progress) -> None:
        """Show how far the run is."""
        if progress != self._progress:
            self._progress = progress
            self._canvas.changed()

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def _draw(self, width: int, height: int) -> list[Strip]:
        return []
