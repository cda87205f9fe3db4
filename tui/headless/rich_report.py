"""A run for a person at a terminal: wrapped words, tables drawn by Rich, plots drawn by plotext."""

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
from tui import headless_plots as plots
from tui.drawing.number_column import is_numeric
from tui.headless_plain import ended, evaluated, place, resumed
from tui.headless_plots import Paper
from tui.headless_tables import cell_text, confusion

# A plot shows no more of a path than this, and no more paths than it has marks for.
_MOST_POINTS = 2_000
_MOST_PATHS = 6

# Narrower, the table of where the paths ended would be a column of broken words.
_LEAST_ENDS = 66


class RichReport:
    """Turns events into what a terminal shows. `text` returns it for one event; plots come when a run has ended."""

    def __init__(self, width: int, *, no_color: bool = False, ascii_only: bool = False) -> None:
        self._console = Console(
            file=io.StringIO(), force_terminal=True, width=width, no_color=no_color, legacy_windows=False,
            highlight=False, markup=False, emoji=False,
        )  # fmt: skip
        colours = not no_color and self._console.color_system is not None
        self._paper = Paper(width, colours=colours, ascii_only=ascii_only)
        self._ascii_only = ascii_only
        self._start_anew()

    def text(self, delivery: Delivery) -> str:
        """What an event puts on the terminal."""
        return "".join(self._blocks(delivery.event))

    def table(self, title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
        """A table under its title."""
        above = self._shown(Text(self._spell(title), "bold")) if title else ""
        drawn = RichTable(box=box.ASCII if self._ascii_only else box.SIMPLE_HEAD, pad_edge=False)
        for number, head in enumerate(heads):
            right = is_numeric([row[number] for row in rows])
            drawn.add_column(self._spell(head), justify="right" if right else "left", overflow="fold")
        for row in rows:
            drawn.add_row(*(Text(self._spell(cell_text(cell))) for cell in row))
        return above + self._shown(drawn).strip("\n") + "\n"

    def _start_anew(self) -> None:
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
                self._start_anew()
                rule = Rule(Text(self._spell(event.title), "bold"), characters="-" if self._ascii_only else "─")
                yield self._shown(rule)
                yield self._shown(Text(self._spell(f"$ {event.command} --no-ui"), "dim"))
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
        """Paths or training as they came out, once."""
        yield from self._paths()
        yield from self._training()
        self._start_anew()

    def _paths(self) -> Iterator[str]:
        if self._opened is None:
            return
        labels = self._opened.labels[:_MOST_PATHS]
        paths = list(np.concatenate(self._points, axis=1))
        surface, curve = self._surface, self._curve
        if surface is not None:
            yield from self._plot(lambda: plots.surface_plot(surface, labels, paths, self._paper))
        elif curve is not None:
            yield from self._plot(lambda: plots.slope_plot(curve, labels, paths, self._paper))
        if len(self._opened.labels) > len(labels):
            yield self._shown(Text(f"the first {len(labels)} of {len(self._opened.labels)} paths", "dim"))
        if self._ended and self._paper.width < _LEAST_ENDS:
            yield "\n" + "".join(self._shown(Text(self._spell(ended(end)))) for end in self._ended)
        elif self._ended:
            heads = ("path", "ended at", "f", "|gradient|", "outcome")
            yield "\n" + self.table("", heads, [_row(end) for end in self._ended])

    def _training(self) -> Iterator[str]:
        if self._loss:
            loss = np.concatenate(self._loss)
            yield from self._plot(lambda: plots.loss_plot(loss, self._first_step, self._paper))
        if len(self._tests) > 1:
            epochs = np.array([test.epoch for test in self._tests], np.float64)
            test = np.array([test.accuracy for test in self._tests])
            train = np.array([np.nan if each.train_accuracy is None else each.train_accuracy for each in self._tests])
            yield from self._plot(lambda: plots.accuracy_plot(epochs, test, train, self._paper))
        if self._tests:
            yield "\n" + self.table(*confusion(self._tests[-1]))

    def _plot(self, draw: Callable[[], str]) -> Iterator[str]:
        """A plot, where there is room for one."""
        if self._paper.wide_enough:
            yield "\n" + draw() + "\n"

    def _spell(self, text: str) -> str:
        return self._paper.spelled(" ".join(text.split("\n")))

    def _shown(self, what: RenderableType) -> str:
        with self._console.capture() as captured:
            self._console.print(what)
        return "\n".join(row.rstrip(" ") for row in captured.get().split("\n"))


def _row(end: PathEnded) -> tuple[Cell, ...]:
    if end.diverged_step is not None:
        outcome = f"diverged at step {end.diverged_step}"
    elif end.minimum is None:
        outcome = "no known minimum"
    else:
        outcome = f"minimum {end.minimum.label} in {end.arrived_step} steps"
    return end.label, place(np.array(end.point)), end.value, float(f"{end.gradient_norm:.3g}"), outcome
