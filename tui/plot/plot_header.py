"""The row above a plot: its name, then what the cursor reads, or the plot's state and legend."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from tui.curve import Reading
from tui.drawing.cells import Cells
from tui.drawing.series_picture import Ink
from tui.drawing.series_styles import sample
from tui.words import duration, number

_LONGEST_LABEL = 28


class Header:
    """One row that is filled from left to right."""

    def __init__(self, width: int, title: str, style: Style, ascii_only: bool) -> None:
        self.cells = Cells(width, 1)
        self._ascii_only = ascii_only
        self._dot = ", " if ascii_only else " · "
        self.cells.put(0, 0, f" {title} ", style)
        self._x = len(title) + 3

    def say(self, words: Sequence[str], style: Style) -> None:
        """Add words, apart by dots."""
        text = self._dot.join(words)
        self.cells.put(self._x, 0, text, style)
        self._x += len(text) + 2

    def say_if_room(self, words: Sequence[str], style: Style) -> None:
        """Add as many of the words as fit whole."""
        while not self.has_room(words):
            words = words[:-1]
        self.say(words, style)

    def has_room(self, words: Sequence[str]) -> bool:
        """Whether all of the words fit."""
        return not words or self._x + len(self._dot.join(words)) <= self.cells.width

    def add(self, sample: str, sample_style: Style, label: str, style: Style) -> None:
        """Add one sample of a line and its name."""
        self.cells.put(self._x, 0, sample, sample_style)
        self.cells.put(self._x + len(sample) + 1, 0, label, style)
        self._x += len(sample) + len(label) + 3

    def legend(self, labels: Sequence[str], inks: Sequence[Ink], style: Style) -> None:
        """Add a sample and a label for each line, as many as fit whole; long labels are cut."""
        cut = "~" if self._ascii_only else "…"
        for whole, ink in zip(labels, inks, strict=True):
            label = whole if len(whole) <= _LONGEST_LABEL else whole[: _LONGEST_LABEL - 1] + cut
            if self._x + 3 + len(label) > self.cells.width:
                return
            self.cells.put(self._x, 0, sample(ink.slot, ghost=ink.ghost, ascii_only=self._ascii_only), ink.line)
            self.cells.put(self._x + 3, 0, label, style)
            self._x += len(label) + 5


def state_words(
    newest: Sequence[float], smoothing: float, log_values: bool, log_steps: bool, zoomed: bool
) -> list[str]:
    """The newest value, and what was set that changes how the plot is to be read."""
    words = [number(value) for value in newest]
    if smoothing:
        words.append(f"smoothing {smoothing:g}")
    if log_values or log_steps:
        words.append("log-log" if log_values and log_steps else "log" if log_values else "log steps")
    if zoomed:
        words.append("zoomed")
    return words


def reading_words(reading: Reading, step_name: str, value_name: str, smoothed: bool, named: bool) -> list[str]:
    """What the cursor reads: step, value, smoothed value, time, and where there are several curves, which."""
    step = f"{reading.step:,.6g}" if reading.step % 1 else f"{reading.step:,.0f}"
    words = [f"{step_name} {step}", f"{value_name} {number(reading.value)}"]
    if smoothed:
        words.append(f"smoothed {number(reading.smoothed)}")
    if reading.time_s is not None:
        words.append(duration(reading.time_s))
    if named:
        words.append(reading.label)
    return words
