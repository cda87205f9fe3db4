"""Past runs in a table: sorted, filtered, marked to be drawn over the loss plot, looked into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from textual.message import Message
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class PastRun:
    """One row: texts may come from outside and are cleaned when shown.

    `changed` are the settings that differ from the lesson's defaults, `settings` all of them. `started` is ISO 8601
    with its offset. `value` is the loss of a classifier or the f a descent reached; NaN is not known.
    """

    run: str
    lesson: str
    started: str
    outcome: str
    steps: int = 0
    value: float | None = None
    accuracy: float | None = None
    duration_s: float | None = None
    changed: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    learned: str = ""


class HistoryTable(Widget):
    """Past runs; `space` or `enter` marks the one under the cursor for the loss plot."""

    class OverlayToggled(Message):
        """The learner marked a run to be drawn over the loss plot, or took the mark away."""

        def __init__(self, table: HistoryTable, run: str, shown: bool) -> None:
            super().__init__()
            self.table = table
            self.run = run
            self.shown = shown

        @property
        def control(self) -> HistoryTable:
            return self.table

    class RunHighlighted(Message):
        """The cursor is on another run; None when the table is empty."""

        def __init__(self, table: HistoryTable, run: str | None) -> None:
            super().__init__()
            self.table = table
            self.run = run

        @property
        def control(self) -> HistoryTable:
            return self.table

    class CommandCopied(Message):
        """The learner asked for a run's command line; the app puts it on the clipboard."""

        def __init__(self, table: HistoryTable, run: str, command: str) -> None:
            super().__init__()
            self.table = table
            self.run = run
            self.command = command

        @property
        def control(self) -> HistoryTable:
            return self.table

    def show(self, runs: Sequence[PastRun], overlaid: Mapping[str, int]) -> None:
        """Show these runs. `overlaid` maps the marked ones to their slot in the loss plot, which gives their style."""
