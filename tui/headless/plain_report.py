"""The plain report: lines for a file, a pipe or another program, without control characters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.events import (
    LOG_EVERY,
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
from tui.headless.sentences import command, ended, evaluated, place, resumed
from tui.headless.tables import aligned, confusion
from tui.text.clean import clean
from tui.text.glyphs import UNICODE, Glyphs

# The course prints every 20th step of a descent.
EVERY_STEPS = 20

# A race of more paths would fill the report with its steps.
MOST_PATHS = 12


class PlainReport:
    """Turns events into lines. `text` returns the text to print for one event, with line ends, or an empty one."""

    def __init__(self, glyphs: Glyphs = UNICODE, *, quiet: bool = False) -> None:
        self._glyphs = glyphs
        self._quiet = quiet
        self._lesson = ""
        self._paths: PathsOpened | None = None
        self._log_every = LOG_EVERY
        self._evaluated: Evaluated | None = None

    def text(self, delivery: Delivery) -> str:
        """The lines of an event."""
        return "".join(f"{line}\n" if line else "\n" for line in self._lines(delivery.event))

    def spell(self, text: str) -> str:
        """Make `text` printable: one line, no control characters, ASCII if that is requested."""
        return self._glyphs.spelled(clean(" ".join(text.split("\n"))))

    def _lines(self, event: Event) -> Iterator[str]:
        if isinstance(event, RunStarted):
            self._begin(event)
        if self._quiet:
            if isinstance(event, Learned):
                yield f"{self._lesson}: {self.spell(event.text)}"
            return
        match event:
            case RunStarted():
                yield from self._heading(event)
            case Remark(text=text):
                yield from self._block([self.spell(text)])
            case Table():
                yield from self._block([self.spell(event.title), *aligned(event.columns, event.rows, self.spell)])
            case Curve():
                yield from self._block([self._curve(event)])
            case SurfaceDrawn():
                yield from self._surface(event)
            case PathsOpened():
                yield from self._opened(event)
            case PathsGrew():
                yield from self._grew(event)
            case PathEnded():
                yield self.spell(ended(event))
            case Metrics():
                yield from self._metrics(event)
            case Evaluated():
                self._evaluated = event if event.epoch is not None else self._evaluated
                yield self.spell(evaluated(event))
            case Learned(text=text):
                yield from self._confusion()
                yield from self._block([f"learned: {self.spell(text)}"])
            case RunEnded():
                yield ""
            case _:
                return

    def _begin(self, event: RunStarted) -> None:
        self._lesson = event.lesson
        self._paths = self._evaluated = None
        self._log_every = event.log_every

    def _heading(self, event: RunStarted) -> Iterator[str]:
        yield self.spell(f"== {event.title} ==")
        yield self.spell(command(event))
        if event.resumed_step:
            yield resumed(event)

    def _block(self, lines: list[str]) -> Iterator[str]:
        """Lines after an empty one."""
        yield ""
        yield from lines

    def _curve(self, curve: Curve) -> str:
        return self.spell(
            f"curve {curve.key}: {curve.formula}; {len(curve.x)} points, x from {curve.x[0]:g} to {curve.x[-1]:g}, "
            f"value from {np.nanmin(curve.y):.6g} to {np.nanmax(curve.y):.6g}, "
            f"gradient from {np.nanmin(curve.gradient):.6g} to {np.nanmax(curve.gradient):.6g}"
        )

    def _surface(self, surface: SurfaceDrawn) -> Iterator[str]:
        yield ""
        yield self.spell(
            f"surface {surface.key} on x from {surface.x[0]:g} to {surface.x[-1]:g}, "
            f"y from {surface.y[0]:g} to {surface.y[-1]:g}"
        )
        for minimum in surface.minima:
            found = (" (a lowest point found, at a kink)" if minimum.kink else " (found by a search)") * minimum.found
            yield self.spell(f"minimum {minimum.label}, f = {minimum.value:g}{found}")

    def _opened(self, event: PathsOpened) -> Iterator[str]:
        self._paths = event
        yield ""
        yield from self._step(0, event.starts, event.values)

    def _grew(self, event: PathsGrew) -> Iterator[str]:
        last = self._paths.total_steps if self._paths else 0
        for row in range(event.steps):
            step = event.first_step + row
            if step % EVERY_STEPS == 0 or step == last:
                yield from self._step(step, event.points[:, row], event.values[:, row])

    def _step(self, step: int, points: FloatArray, values: FloatArray) -> Iterator[str]:
        """One line per path: `points` [p, d] and `values` [p]."""
        labels = self._paths.labels if self._paths else ()
        shown = min(len(points), MOST_PATHS)
        for path in range(shown):
            name = f", {labels[path]}" if len(labels) > 1 else ""
            yield self.spell(f"step {step}: x = {place(points[path])}, f(x) = {values[path]:.7g}{name}")
        if len(points) > shown:
            lowest = np.min(values, initial=np.inf, where=np.isfinite(values))
            yield f"step {step}: and {len(points) - shown} paths more, the lowest f(x) = {lowest:.7g}"

    def _metrics(self, event: Metrics) -> Iterator[str]:
        for row in range(event.steps):
            step = event.first_step + row
            if step % self._log_every == 0:
                yield f"epoch {event.epoch} step {step} loss {event.loss[row]:.6g} mse {event.mse[row]:.6g}"

    def _confusion(self) -> Iterator[str]:
        if self._evaluated is not None and self._evaluated.class_names:
            for title, heads, rows in confusion(self._evaluated):
                yield from self._block([title, *aligned(heads, rows, self.spell)])
