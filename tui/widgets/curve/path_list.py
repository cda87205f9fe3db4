"""The list of a descent's paths on a curve, one per row: position, value and slope, and where it ended."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message

from engine.events import PathEnded
from tui.plot import path_styles
from tui.plot.cells import Cells
from tui.plot.step_bars import step_bars
from tui.text.clean import clean
from tui.text.fit import cut, wrap
from tui.text.words import number
from tui.views.curve_picture import CurvePicture
from tui.views.step_parts import PLAIN_DESCENT, memory_words, step_parts
from tui.widgets.cell_widget import CellWidget

MOST_ROWS = 6
"""The most paths shown at once; of more, those around the one in the readout."""
_NUMBER = 11
_LEAST_LABEL, _MOST_LABEL = 12, 24


class PathList(CellWidget):
    """As high as necessary: a heading, the paths, and a line for the note if there is one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "cell--heading",
        "cell--text",
        "cell--chosen",
        "cell--reached",
        "cell--lost",
        "cell--note",
    }
    DEFAULT_CSS = """
    PathList {
        height: auto;
        & > .cell--heading { color: $text-quiet; }
        & > .cell--text { color: $text-quiet; }
        & > .cell--chosen { color: $foreground; text-style: bold; }
        & > .cell--reached { color: $text-success; }
        & > .cell--lost { color: $text-error; }
        & > .cell--note { color: $text-accent; }
    }
    """

    class PathChosen(Message):
        """A path's row was clicked."""

        def __init__(self, path_list: PathList, path: int) -> None:
            super().__init__()
            self.path_list = path_list
            self.path = path

        @property
        def control(self) -> PathList:
            return self.path_list

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture = CurvePicture()
        self._path, self._step = 0, 0

    def show(self, picture: CurvePicture, path: int, step: int) -> None:
        """Show the paths at this step, with `path` highlighted."""
        rows = self._rows(self.size.width)
        self._picture, self._path, self._step = picture, path, step
        if self._rows(self.size.width) != rows:
            self.refresh(layout=True)
        self._canvas.changed()

    def _rows(self, width: int) -> int:
        shown = min(self._picture.paths, MOST_ROWS)
        return (shown + 1 if shown else 0) + self._memory_rows + len(self._note(width))

    @property
    def _memory_rows(self) -> int:
        """The number of rows for the parts of a step, if an optimizer has slots."""
        return 2 if self._picture.paths and self._picture.memory is not None else 0

    def _note(self, width: int) -> list[str]:
        """The note in at most two rows."""
        if not self._picture.note:
            return []
        text = self._text(clean(self._picture.note))
        first, *rest = wrap(text, width - 1)
        return [first, cut(" ".join(rest), width - 1, self._more)] if rest else [first]

    @property
    def _first(self) -> int:
        """The first visible path."""
        return min(max(self._path - MOST_ROWS // 2, 0), max(self._picture.paths - MOST_ROWS, 0))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._rows(width)

    def on_click(self, event: events.Click) -> None:
        path = self._first + event.y - 1
        if 1 <= event.y <= MOST_ROWS and path < self._picture.paths:
            self.post_message(self.PathChosen(self, path))

    # --- drawing --------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> Cells:
        cells, picture = Cells(width, height), self._picture
        names = picture.opened.labels if picture.opened is not None else ()
        label = min(max([_LEAST_LABEL, *(len(name) for name in names)]), _MOST_LABEL)
        if picture.paths:
            self._draw_heading(cells, label)
        for row, path in enumerate(range(self._first, min(self._first + MOST_ROWS, picture.paths)), 1):
            self._draw_path(cells, row, path, label)
        note = self._note(width)
        if self._memory_rows:
            self._draw_parts(cells, self._rows(width) - len(note) - 2)
        for row, line in enumerate(note, self._rows(width) - len(note)):
            cells.put(1, row, line, self._part("note"))
        return cells

    def _draw_heading(self, cells: Cells, label: int) -> None:
        picture, style = self._picture, self._part("heading")
        of = f"/{picture.total_steps:,}" if picture.total_steps else ""
        cells.put(1, 0, cut(f"step {self._step:,}{of}", label + 2, self._more), style)
        for place, name in enumerate(("x", "f(x)", "f′(x)")):
            cells.put(3 + label + place * _NUMBER, 0, self._text(name).rjust(_NUMBER), style)
        rates = picture.learning_rates
        rate = float(rates[min(self._step, len(rates) - 1)]) if len(rates) else 0.0
        if rate > 0:
            cells.put(5 + label + 3 * _NUMBER, 0, self._text(f"η {rate:g}"), style)

    def _draw_path(self, cells: Cells, row: int, path: int, label: int) -> None:
        picture, step = self._picture, self._step
        colour = Style(color=path_styles.colour(path, dark=self.app.current_theme.dark), bold=True)
        cells.put(1, row, path_styles.head(path, self._glyphs), colour)
        style = self._part("chosen" if path == self._path else "text")
        name = picture.opened.labels[path] if picture.opened is not None else f"path {path + 1}"
        cells.put(3, row, cut(self._text(clean(name)), label, self._more), style)
        numbers = (picture.points[path, step, 0], picture.values[path, step], picture.gradients[path, step, 0])
        for place, value in enumerate(numbers):
            cells.put(3 + label + place * _NUMBER, row, number(float(value)).rjust(_NUMBER), style)
        end = next((end for end in picture.ended if end.path == path), None)
        if end is not None:
            x = 5 + label + 3 * _NUMBER
            said, part = came_to(end)
            words = next((words for words in said if x + len(words) <= cells.width), said[-1])
            cells.put(x, row, cut(self._text(clean(words)), cells.width - x, self._more), self._part(part))

    def _draw_parts(self, cells: Cells, row: int) -> None:
        """Draw the parts of the step that the chosen path takes from here: bars, with numbers below."""
        parts = step_parts(self._picture, self._path, self._step)
        if parts is None:
            cells.put(1, row, PLAIN_DESCENT, self._part("text"))
            return
        cells.put(1, row, step_bars(parts, cells.width - 1, self._glyphs), self._part("chosen"))
        at = 1
        for words in memory_words(parts):
            if at + len(words) <= cells.width:
                cells.put(at, row + 1, words, self._part("text"))
            at += len(words) + 2

    def _text(self, text: str) -> str:
        return self._glyphs.spelled(text)

    @property
    def _more(self) -> str:
        return self._glyphs.more


def came_to(end: PathEnded) -> tuple[tuple[str, ...], str]:
    """Describe the end of a path in fewer and fewer words, with the name of the style for it."""
    if end.diverged_step is not None:
        return (f"diverged at step {end.diverged_step:,}", f"lost {end.diverged_step:,}"), "lost"
    if end.minimum is not None:
        at, by = end.minimum.label, f"{end.arrived_step or 0:,}"
        return (f"at {at} by step {by}", f"{at} at {by}", f"at {by}"), "reached"
    return ("no minimum reached", "no minimum", "none"), "text"
