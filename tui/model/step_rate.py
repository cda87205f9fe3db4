"""The rate of a run: steps per second over the last seconds of the run's own time, which stands still in a pause."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_S = 2.0
"""The rate is measured over this time, or between the last two events if they are further apart."""
GRAIN_S = 0.1
"""Marks closer together than this count as one: at most about twenty are kept."""

Mark = tuple[float, int]
"""A time in seconds and the step that was reached by then."""


@dataclass(frozen=True, slots=True)
class StepRate:
    """Marks of the window, oldest first. Immutable: `at` returns the rate after one more event."""

    marks: tuple[Mark, ...] = ()

    def at(self, elapsed_s: float, step: int) -> StepRate:
        """Add an event: `step` was reached at `elapsed_s`."""
        marks = self.marks
        if len(marks) > 1 and marks[-1][0] - marks[-2][0] < GRAIN_S:
            marks = marks[:-1]
        marks = (*marks, (elapsed_s, step))
        while len(marks) > 2 and marks[1][0] <= elapsed_s - WINDOW_S:
            marks = marks[1:]
        return StepRate(marks)

    @property
    def steps_per_s(self) -> float | None:
        """The rate over the window; None before the second event, because the first comes without a wait."""
        if len(self.marks) < 2:
            return None
        (since, first), (until, last) = self.marks[0], self.marks[-1]
        return (last - first) / (until - since) if until > since else None
