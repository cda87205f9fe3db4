"""The report for a terminal: wrapped words, tables drawn by Rich, plots drawn by plotext."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from rich import box
from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.table import Table as RichTable
from rich.text import Text

from engine.events import (
    Cell,
    Curve,
    Delivery,
    Evaluated,
    Event,
    FloatArray,
    Learned,
    Metrics,
    PathEnded,
    PathsGrew,
    PathsOpened,
    Remark,
    RunEnded,
    RunStarted,
    SurfaceDrawn,
    Table,
)
from tui.headless import plots
from tui.headless.plots import Paper
from tui.headless.sentences import ENDED_HEADS, command, ended, ended_row, evaluated, resumed
from tui.headless.tables import cell_text, confusion
from tui.text.glyphs import UNICODE, Glyphs
from tui.text.number_column import is_numeric

# The most steps of a path in a plot, and the most paths: as many as there are marks.
_MOST_POINTS = 2_000
_MOST_PATHS = 6

# In fewer columns the table of the paths' ends would be a column of broken words.
_LEAST_ENDS = 66


class RichReport:
    """Converts events to terminal output. `text` returns it for one event: a curve is plotted
    at once, paths and losses when a run has its result."""

    def __init__(self, width: int, *, no_color: bool = False, glyphs: Glyphs = UNICODE) -> None:
        self._console = Console(
            file=io.StringIO(), force_terminal=True, width=width, no_color=no_color, legacy_windows=False,
            highlight=False, markup=False, emoji=False,
        )  # fmt: skip
        colours = not no_color and self._console.color_system is not None
        self._paper = Paper(width, colours=colours, glyphs=glyphs)
        self._glyphs = glyphs
        self._reset()

    def text(self, delivery: Delivery) -> str:
        """The terminal output of an event."""
        return "".join(self._blocks(delivery.event))

    def table(self, title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
        """A table under its title."""
        above = self._shown(Text(self._spell(title), "bold")) if title else ""
        drawn = RichTable(box=box.ASCII if self._glyphs.ascii else box.SIMPLE_HEAD, pad_edge=False)
        for number, head in enumerate(heads):
            right = is_numeric([row[number] for row in rows])
            drawn.add_column(self._spell(head), justify="right" if right else "left", overflow="fold")
        for row in rows:
            drawn.add_row(*(Text(self._spell(cell_text(cell))) for cell in row))
        return above + self._shown(drawn).strip("\n") + "\n"

    def _reset(self) -> None:
        self._curve: Curve | None = None
        self._surface: SurfaceDrawn | None = None
        self._opened: PathsOpened | None = None
        self._points: list[FloatArray] = []
        self._thin = 1
        self._ended: list[PathEnded] = []
        self._first_step = 0
        self._loss: list[FloatArray] = []
        self._tests: list[Evaluated] = []

    def _blocks(self, event: Event) -> Iterator[str]:
        match event:
            case RunStarted():
                self._reset()
                rule = Rule(Text(self._spell(event.title), "bold"), characters=self._glyphs.rule)
                yield self._shown(rule)
                yield self._shown(Text(self._spell(command(event)), "dim"))
                if event.resumed_step:
                    yield self._shown(Text(resumed(event), "dim"))
            case Remark(text=text):
                yield "\n" + self._shown(Text(self._spell(text)))
            case Table():
                yield "\n" + self.table(event.title, event.columns, event.rows)
            case Curve():
                self._curve = event
                yield from self._plot(lambda: plots.curve_plot(event, self._paper))
            case SurfaceDrawn():
                self._surface = event
            case PathsOpened():
                self._opened = event
                self._thin = -(-event.total_steps // _MOST_POINTS)
                self._points = [event.starts[:_MOST_PATHS, None]]
            case PathsGrew():
                chosen = np.arange(event.steps)[(np.arange(event.steps) + event.first_step) % self._thin == 0]
                self._points.append(event.points[:_MOST_PATHS, chosen])
            case PathEnded():
                self._ended.append(event)
            case Metrics():
                self._first_step = self._first_step or event.first_step
                self._loss.append(event.loss)
            case Evaluated(epoch=int()):
                yield "" if self._tests else "\n"
                yield self._shown(Text(self._spell(evaluated(event))))
                self._tests.append(event)
            case Learned(text=text):
                yield from self._results()
                yield "\n" + self._shown(Text.assemble(("learned: ", "bold green"), self._spell(text)))
            case RunEnded():
                yield from self._results()
                yield "\n"
            case _:
                return

    def _results(self) -> Iterator[str]:
        """Report the results of paths or training, once."""
        yield from self._paths()
        yield from self._training()
        self._reset()

    def _paths(self) -> Iterator[str]:
        if self._opened is None:
            return
        labels = self._opened.labels[:_MOST_PATHS]
        paths = list(np.concatenate(self._points, axis=1))
        surface, curve = self._surface, self._curve
        if surface is not None:
            yield from self._plot(lambda: plots.surface_plot(surface, labels, paths, self._paper))
            yield from self._solid(surface, self._opened)
        elif curve is not None:
            yield from self._plot(lambda: plots.slope_plot(curve, labels, paths, self._paper))
        if len(self._opened.labels) > len(labels):
            yield self._shown(Text(f"the first {len(labels)} of {len(self._opened.labels)} paths", "dim"))
        if self._ended and self._paper.width < _LEAST_ENDS:
            yield "\n" + "".join(self._shown(Text(self._spell(ended(end)))) for end in self._ended)
        elif self._ended:
            yield "\n" + self.table("", ENDED_HEADS, [ended_row(end) for end in self._ended])

    def _solid(self, surface: SurfaceDrawn, opened: PathsOpened) -> Iterator[str]:
        """Draw the paths on the surface in three dimensions."""
        if not self._paper.wide_enough:
            return
        from tui.headless.solid_plot import solid_plot

        system = (self._console.color_system or "") if self._paper.colours else ""
        points = np.concatenate(self._points, axis=1)
        text = solid_plot(surface, opened, points, self._paper.width, system, self._glyphs)
        yield "\n" + self._shown(text)

    def _training(self) -> Iterator[str]:
        if self._loss:
            loss = np.concatenate(self._loss)
            yield from self._plot(lambda: plots.loss_plot(loss, self._first_step, self._paper))
        classifies = bool(self._tests and self._tests[-1].class_names)
        if len(self._tests) > 1 and classifies:
            epochs = np.array([test.epoch for test in self._tests], np.float64)
            test = np.array([test.accuracy for test in self._tests])
            train = np.array([np.nan if each.train_accuracy is None else each.train_accuracy for each in self._tests])
            yield from self._plot(lambda: plots.accuracy_plot(epochs, test, train, self._paper))
        if classifies:
            for table in confusion(self._tests[-1], self._paper.width):
                yield "\n" + self.table(*table)

    def _plot(self, draw: Callable[[], str]) -> Iterator[str]:
        """Draw a plot, if there is room for one."""
        if self._paper.wide_enough:
            yield "\n" + draw() + "\n"

    def _spell(self, text: str) -> str:
        return self._paper.spelled(" ".join(text.split("\n")))

    def _shown(self, what: RenderableType) -> str:
        with self._console.capture() as captured:
            self._console.print(what)
        return "\n".join(row.rstrip(" ") for row in captured.get().split("\n"))
