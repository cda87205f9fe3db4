"""How far a run has come, and how long it will still take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tui.drawing.cells import Cells
from tui.widgets.drawn import READING_PAUSE_S, Bare
from tui.words import duration

_LEAST_BAR = 10


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

    @property
    def left_s(self) -> float | None:
        """Seconds that the remaining steps take at the present rate; None while that is not known."""
        if self.steps_per_s <= 0 or self.total_steps <= 0:
            return None
        return max(self.total_steps - self.step, 0) / self.steps_per_s

    @property
    def part(self) -> float:
        """The part done, in [0, 1]."""
        return min(max(self.step / self.total_steps, 0.0), 1.0) if self.total_steps > 0 else 0.0


class RunProgress(Bare):
    """One row: a bar, steps, time left, rate, epoch; what does not fit is left out, the least important first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"drawn--done", "drawn--left", "drawn--text"}
    DEFAULT_CSS = """
    RunProgress {
        height: 1;
        & > .drawn--done { color: $primary; }
        & > .drawn--left { color: $foreground 25%; }
        & > .drawn--text { color: $foreground; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=READING_PAUSE_S, ascii_only=ascii_only, id=id, classes=classes)
        self._progress = Progress()

    def show(self, progress: Progress) -> None:
        """Show how far the run is."""
        before, self._progress = self._progress, progress
        if progress != before:
            self._canvas.changed(now=not before.phase == progress.phase == "running")

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        progress = self._progress
        text = words(progress, width - _LEAST_BAR - 1, ascii_only=self._ascii_only)
        room = max(width - len(text) - 1, 0) if text else width
        done = round(progress.part * room)
        full, empty = ("#", "-") if self._ascii_only else ("━", "─")
        style = self._part("done")
        cells.put(0, 0, full * done, style)
        cells.put(done, 0, empty * (room - done), self._part("left"))
        cells.put(width - len(text), 0, text, self._part("text"))
        return cells


def words(progress: Progress, room: int, *, ascii_only: bool = False) -> str:
    """What is said beside the bar, in at most `room` cells: percent first, then steps, time left, rate, epoch."""
    dot = ", " if ascii_only else " · "
    steps = f"{progress.step:,}" + (f"/{progress.total_steps:,}" if progress.total_steps else " steps")
    by_rank: list[tuple[int, str]] = [(2, steps)]
    if progress.total_steps:
        by_rank.append((0, f"{progress.part:.0%}"))
    if progress.total_epochs:
        by_rank.append((1, f"epoch {progress.epoch}/{progress.total_epochs}"))
    if progress.steps_per_s > 0:
        by_rank.append((3, f"{progress.steps_per_s:,.0f} steps/s"))
    if progress.phase == "done":
        by_rank.append((4, f"took {duration(progress.elapsed_s)}"))
    elif progress.phase == "paused":
        by_rank.append((4, "paused"))
    elif progress.left_s is not None:
        by_rank.append((4, f"{duration(progress.left_s)} left"))
    kept: list[tuple[int, str]] = []
    importance = {0: 0, 4: 1, 2: 2, 3: 3, 1: 4}
    for item in sorted(by_rank, key=lambda item: importance[item[0]]):
        if len(dot.join(text for _, text in [*kept, item])) <= room:
            kept.append(item)
    return dot.join(text for _, text in sorted(kept))
