"""The progress of a run: its step, and the time left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tui.plot.cells import Cells
from tui.text.fit import joined
from tui.text.glyphs import UNICODE, Glyphs
from tui.text.words import duration, rate
from tui.widgets.cell_widget import READING_PAUSE_S, CellWidget

_LEAST_BAR = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a run: counts of steps and epochs (totals of 0: not known), rate in steps/s, `elapsed_s` of
    running."""

    step: int = 0
    total_steps: int = 0
    epoch: int = 0
    total_epochs: int = 0
    steps_per_s: float = 0.0
    elapsed_s: float = 0.0
    phase: str = ""

    @property
    def left_s(self) -> float | None:
        """The seconds that the remaining steps take at the present rate; None if it is not known."""
        if self.steps_per_s <= 0 or self.total_steps <= 0:
            return None
        return max(self.total_steps - self.step, 0) / self.steps_per_s

    @property
    def part(self) -> float:
        """The fraction done, in [0, 1]."""
        return min(max(self.step / self.total_steps, 0.0), 1.0) if self.total_steps > 0 else 0.0


class RunProgress(CellWidget):
    """One row: a bar, steps, time left, rate, epoch; what does not fit is left out, the least important first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--done", "cell--left", "cell--text"}
    DEFAULT_CSS = """
    RunProgress {
        height: 1;
        & > .cell--done { color: $primary; }
        & > .cell--left { color: $foreground 25%; }
        & > .cell--text { color: $foreground; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=READING_PAUSE_S, id=id, classes=classes)
        self._progress = Progress()

    def show(self, progress: Progress) -> None:
        """Show the run's progress."""
        before, self._progress = self._progress, progress
        if progress != before:
            self._canvas.changed(now=not before.phase == progress.phase == "running")

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        progress = self._progress
        text = words(progress, width - _LEAST_BAR - 1, glyphs=self._glyphs)
        room = max(width - len(text) - 1, 0) if text else width
        done = round(progress.part * room)
        full, empty = self._glyphs.bar
        style = self._part("done")
        cells.put(0, 0, full * done, style)
        cells.put(done, 0, empty * (room - done), self._part("left"))
        cells.put(width - len(text), 0, text, self._part("text"))
        return cells


def words(progress: Progress, room: int, *, glyphs: Glyphs = UNICODE) -> str:
    """The words beside the bar, in at most `room` cells: percent first, then steps, time left, rate, epoch."""
    dot = glyphs.dot
    ranked: list[tuple[int, str]] = []
    if progress.total_steps:
        ranked.append((0, f"{progress.part:.0%}"))
    if progress.total_epochs:
        ranked.append((4, f"epoch {progress.epoch}/{progress.total_epochs}"))
    ranked.append((2, f"{progress.step:,}" + (f"/{progress.total_steps:,}" if progress.total_steps else " steps")))
    if progress.steps_per_s > 0 and progress.phase != "paused":
        ranked.append((3, rate(progress.steps_per_s)))
    if progress.phase == "done":
        ranked.append((1, f"took {duration(progress.elapsed_s)}"))
    elif progress.phase == "paused":
        ranked.append((1, "paused"))
    elif progress.left_s is not None:
        ranked.append((1, f"{duration(progress.left_s)} left"))
    return joined(ranked, room, dot)
