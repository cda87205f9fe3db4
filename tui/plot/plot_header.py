"""The row above a plot: its name, then the values at the cursor, or the plot's state and legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.style import Style

from tui.plot.cells import Cells
from tui.plot.series_picture import Ink
from tui.plot.series_styles import sample
from tui.plot.smoothed_series import SeriesReading
from tui.text.fit import cut, fullest, shortened
from tui.text.glyphs import Glyphs
from tui.text.words import duration, number

_LONGEST_LABEL = 28


class Header:
    """One row that is filled from left to right."""

    def __init__(self, width: int, title: str, style: Style, glyphs: Glyphs) -> None:
        self.cells = Cells(width, 1)
        self._glyphs = glyphs
        self._dot = glyphs.dot
        self.cells.put(0, 0, f" {title} ", style)
        self._x = len(title) + 3

    def say(self, words: Sequence[str], style: Style) -> None:
        """Add words, separated by dots."""
        text = self._dot.join(words)
        self.cells.put(self._x, 0, text, style)
        self._x += len(text) + 2

    def say_if_room(self, words: Sequence[str], style: Style) -> None:
        """Add as many of the words as fit uncut."""
        self.say(self.fullest(shortened(words)), style)

    def fullest(self, forms: Iterable[Sequence[str]]) -> Sequence[str]:
        """Choose the first of several lists of words, the fullest first, that fits uncut; the last if none does."""
        return fullest(forms, lambda words: len(self._dot.join(words)), self._room)

    @property
    def _room(self) -> int:
        """The cells that are left."""
        return self.cells.width - self._x

    def add(self, sample: str, sample_style: Style, label: str, style: Style) -> None:
        """Add one sample of a line and its name."""
        self.cells.put(self._x, 0, sample, sample_style)
        self.cells.put(self._x + len(sample) + 1, 0, label, style)
        self._x += len(sample) + len(label) + 3

    def legend(self, labels: Sequence[str], inks: Sequence[Ink], style: Style) -> None:
        """Add a sample and a label for each line, as many as fit uncut; long labels are cut."""
        more = self._glyphs.more
        short = [cut(label, _LONGEST_LABEL, more) for label in labels]
        shown = fullest(shortened(short), lambda some: sum(len(label) + 5 for label in some) - 2, self._room)
        for label, ink in zip(shown, inks, strict=False):
            self.cells.put(self._x, 0, sample(ink.slot, self._glyphs, ghost=ink.ghost), ink.line)
            self.cells.put(self._x + 3, 0, label, style)
            self._x += len(label) + 5


def state_words(
    newest: Sequence[float], smoothing: float, log_values: bool, log_steps: bool, zoomed: bool
) -> list[str]:
    """The newest value, and the settings that change how the plot is to be read."""
    words = [number(value) for value in newest]
    if smoothing:
        words.append(f"smoothing {smoothing:g}")
    if log_values or log_steps:
        words.append("log-log" if log_values and log_steps else "log" if log_values else "log steps")
    if zoomed:
        words.append("zoomed")
    return words


def reading_forms(
    reading: SeriesReading, step_name: str, value_name: str, smoothed: bool, named: bool
) -> list[Sequence[str]]:
    """The values at the cursor: step, value, smoothed value, time, and the curve's name if there are several; the
    fullest form first. Of the shorter ones the first leaves the time out, the next the smoothed value, then the
    name."""
    step = f"{reading.step:,.6g}" if reading.step % 1 else f"{reading.step:,.0f}"
    read = [f"{step_name} {step}", f"{value_name} {number(reading.value)}"]
    mean = [f"smoothed {number(reading.smoothed)}"] if smoothed else []
    time = [duration(reading.time_s)] if reading.time_s is not None else []
    name = [reading.label] if named else []
    return [[*read, *mean, *time, *name], [*read, *mean, *name], [*read, *name], *shortened(read)]
