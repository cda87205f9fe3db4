"""The race table: the position of each path, the minimum it has reached, and at which step."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from engine.events import PathsOpened
from tui.plot import path_styles
from tui.plot.cells import Cells
from tui.plot.plot_header import Header
from tui.plot.race_rows import RaceLook, columns, draw_rows
from tui.views.descent_picture import DescentPicture
from tui.views.standings import Arrivals, RaceStanding, standings
from tui.widgets.cell_widget import PlotWidget

PAUSE_S = 0.25
"""Numbers that change more often cannot be read."""


class RaceTable(PlotWidget, can_focus=True):
    """One row per path, in the order of the race, which is also the legend. Up and down choose the path for the
    readout."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Path above", show=False),
        Binding("down,j", "move(1)", "Path below", show=False),
        Binding("pageup", "move(-10)", "Ten paths up", show=False),
        Binding("pagedown", "move(10)", "Ten paths down", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--text", "cell--chosen"}
    DEFAULT_CSS = """
    RaceTable {
        & > .cell--tick { color: $text-quiet; }
        & > .cell--text { color: $foreground; }
        & > .cell--chosen { color: $foreground; text-style: bold; }
        & > .cell--bad { color: $text-error; text-style: none; }
    }
    """

    class PathSelected(Message):
        """The learner chose a path for the readout."""

        def __init__(self, table: RaceTable, path: int) -> None:
            super().__init__()
            self.table = table
            self.path = path

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=PAUSE_S, id=id, classes=classes)
        self._picture = DescentPicture()
        self._step, self._path, self._first = 0, 0, 0
        self._arrivals = Arrivals((), 0)
        self._arrivals_of: PathsOpened | None = None

    def show(self, picture: DescentPicture, step: int, path: int = 0, *, now: bool = False) -> None:
        """Show the race at `step`, with `path` in the readout; `now` if it must be drawn at once."""
        if (step, path) == (self._step, self._path) and picture.alike(self._picture):
            return
        self._picture, self._step, self._path = picture, step, path
        self._canvas.changed(now=now)

    @property
    def rows(self) -> list[RaceStanding]:
        """The race as it is shown, from the top."""
        return standings(self._picture, self._step, self._known_arrivals())

    def action_move(self, by: int) -> None:
        """Choose the path above or below for the readout."""
        rows = self.rows
        if rows:
            here = next(place for place, row in enumerate(rows) if row.path == self._path)
            self.post_message(self.PathSelected(self, rows[min(max(here + by, 0), len(rows) - 1)].path))

    def on_click(self, event: events.Click) -> None:
        place = self._first + event.y - 2
        if event.y >= 2 and place < self._picture.paths:
            self.post_message(self.PathSelected(self, self.rows[place].path))

    def _known_arrivals(self) -> Arrivals:
        picture = self._picture
        if self._arrivals_of is not picture.opened or self._arrivals.steps > picture.values.shape[1]:
            minima = picture.surface.minima if picture.surface is not None else ()
            self._arrivals, self._arrivals_of = Arrivals(minima, picture.paths), picture.opened
        done = self._arrivals.steps
        if done < picture.values.shape[1]:
            self._arrivals.extend(picture.points[:, done:], picture.values[:, done:])
        return self._arrivals

    # --- drawing --------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> Cells:
        rows = self.rows
        row = Header(width, "race", self._part("title"), self._glyphs)
        if not rows:
            row.say(["no paths yet"], self._part("tick"))
            return row.cells
        room = max(height - 2, 1)
        chosen = next((place for place, each in enumerate(rows) if each.path == self._path), 0)
        self._first = min(max(self._first, chosen - room + 1, 0), chosen, max(len(rows) - room, 0))
        last = min(self._first + room, len(rows))
        words = row.fullest(self._words(rows, last, of) for of in (" of ", "/"))
        row.say_if_room(words, self._part("tick"))
        table = draw_rows(rows, columns(width, rows), width, self._path, self._look(), self._first, last)
        cells = Cells(width, height)
        cells.paste(0, 0, row.cells)
        cells.paste(0, 1, table)
        return cells

    def _words(self, rows: list[RaceStanding], last: int, of: str) -> list[str]:
        words = [f"step {self._step:,}"]
        arrived = sum(row.arrived_step is not None for row in rows)
        if arrived:
            words.append(f"{arrived}{of}{len(rows)} arrived")
        if last - self._first < len(rows):
            words.append(f"{self._first + 1}-{last}{of}{len(rows)} shown")
        return words

    def _look(self) -> RaceLook:
        dark = self.app.current_theme.dark
        return RaceLook(
            swatches=[
                Style(color=path_styles.colour(slot, dark=dark), bold=True) for slot in range(self._picture.paths)
            ],
            head=self._part("tick"),
            text=self._part("text"),
            chosen=self._part("chosen"),
            bad=self._part("bad"),
            glyphs=self._glyphs,
        )
