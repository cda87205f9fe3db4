"""The progress line of a headless run: redrawn in place, erased before other output.

Rich draws the bar. rich.progress is not used: it writes from its own thread and raises if the stream fails, and here
all output goes through Output, whose failures never reach the engine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from engine.events import Delivery, Evaluated, Metrics, PathsGrew, PathsOpened, Phase, RunStarted
from tui.model.step_rate import StepRate
from tui.text.clean import clean
from tui.text.glyphs import UNICODE, Glyphs
from tui.text.words import duration, number, rate

DRAWS_PER_S = 10.0
LEAST_BAR = 10
MOST_BAR = 40
ERASE = "\r\x1b[2K"


@dataclass(frozen=True)
class ProgressState:
    """The progress of a run. `began_s` is when its steps began, in the run's own seconds; totals of 0 are not known."""

    title: str = ""
    phase: str = ""
    step: int = 0
    total_steps: int = 0
    epoch: int = 0
    total_epochs: int = 0
    loss: float | None = None
    accuracy: float | None = None
    steps_per_s: float = 0.0
    began_s: float = 0.0
    began_step: int = 0
    elapsed_s: float = 0.0
    measured: StepRate = field(default_factory=StepRate)

    @property
    def part(self) -> float:
        """The fraction done, in [0, 1]."""
        return min(self.step / self.total_steps, 1.0) if self.total_steps else 0.0

    @property
    def left_s(self) -> float | None:
        """The remaining seconds at the rate so far, including tests; None if not known."""
        done, taken = self.step - self.began_step, self.elapsed_s - self.began_s
        if done <= 0 or taken <= 0 or not self.total_steps:
            return None
        return (self.total_steps - self.step) * taken / done


def moved(standing: ProgressState, delivery: Delivery) -> ProgressState:
    """The progress after an event."""
    event = delivery.event
    now = replace(standing, elapsed_s=delivery.elapsed_s)
    match event:
        case RunStarted():
            return ProgressState(event.title, step=event.resumed_step, began_step=event.resumed_step)
        case Phase(name=name):
            begun = replace(now, began_s=delivery.elapsed_s, began_step=now.step) if name == "running" else now
            return replace(begun, phase=name)
        case PathsOpened():
            return replace(now, total_steps=event.total_steps)
        case PathsGrew():
            step = event.first_step + event.steps - 1
            return replace(_measured(now, step), step=step)
        case Metrics():
            return replace(
                _measured(now, event.last_step),
                step=event.last_step,
                total_steps=event.total_steps,
                epoch=event.epoch,
                total_epochs=event.total_epochs,
                loss=float(event.loss[-1]),
            )
        case Evaluated():
            return replace(now, accuracy=event.accuracy if event.class_names else None)
        case _:
            return now


def _measured(standing: ProgressState, step: int) -> ProgressState:
    """The progress with the present rate, if it is known."""
    measured = standing.measured.at(standing.elapsed_s, step)
    return replace(standing, measured=measured, steps_per_s=measured.steps_per_s or standing.steps_per_s)


_DOING = {"importing": "loading TensorFlow", "reading": "running the code of your file", "compiling": "compiling"}


def words(standing: ProgressState, room: int) -> str:
    """Describe a run's progress in at most `room` columns; what does not fit is left out, the least important first."""
    from tui.text.fit import joined  # loads Rich, which a refused run does not need

    ranked: list[tuple[int, str]] = [(0, clean(standing.title))]
    if not standing.step or standing.phase in _DOING:
        ranked.append((1, _DOING.get(standing.phase, standing.phase)))
    if standing.step:
        total = f"/{standing.total_steps:,}" if standing.total_steps else ""
        ranked.append((3, f"step {standing.step:,}{total}"))
        if standing.total_steps:
            ranked.append((1, f"{standing.part:.0%}"))
        if standing.total_epochs:
            ranked.append((7, f"epoch {standing.epoch}/{standing.total_epochs}"))
        if standing.loss is not None:
            ranked.append((4, f"loss {number(standing.loss)}"))
        if standing.accuracy is not None:
            ranked.append((5, f"acc {standing.accuracy:.3f}"))
        if standing.steps_per_s:
            ranked.append((6, rate(standing.steps_per_s)))
        if standing.left_s is not None:
            ranked.append((2, f"{duration(standing.left_s)} left"))
    return joined([(rank, text) for rank, text in ranked if text], room, " · ")


def bar(part: float, width: int, *, colours: bool, glyphs: Glyphs) -> str:
    """Draw a bar of `width` columns with Rich."""
    import io

    from rich.console import Console
    from rich.progress_bar import ProgressBar

    if glyphs.ascii:
        full, empty = glyphs.bar
        done = round(part * width)
        return full * done + empty * (width - done)
    console = Console(file=io.StringIO(), force_terminal=True, width=width, no_color=not colours, legacy_windows=False)
    with console.capture() as captured:
        console.print(ProgressBar(total=1.0, completed=part, width=width), end="")
    return captured.get().rstrip("\n")


class ProgressLine:
    """The line on the terminal. `write` sends text, `width` returns the present width, `clock` gives seconds."""

    def __init__(
        self,
        write: Callable[[str], None],
        width: Callable[[], int],
        *,
        colours: bool = True,
        glyphs: Glyphs = UNICODE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._width = width
        self._colours = colours
        self._glyphs = glyphs
        self._clock = clock
        self._standing = ProgressState()
        self._drawn = ""
        self._due = 0.0

    def take(self, delivery: Delivery) -> None:
        """Record an event."""
        self._standing = moved(self._standing, delivery)

    def draw(self) -> None:
        """Draw the line if it has changed and was not drawn very recently."""
        now = self._clock()
        if now < self._due:
            return
        text = self._line()
        if text != self._drawn:
            self._write(ERASE + text)
            self._drawn = text
            self._due = now + 1.0 / DRAWS_PER_S

    def clear(self) -> None:
        """Erase the line."""
        if self._drawn:
            self._write(ERASE)
            self._drawn = ""
            self._due = 0.0

    def _line(self) -> str:
        # One column stays free: a terminal wraps the line when its last column is written.
        room = self._width() - 1
        standing = self._standing
        with_bar = standing.step > 0 and standing.total_steps > 0 and room >= 4 * LEAST_BAR
        text = words(standing, room - LEAST_BAR - 1 if with_bar else room)
        text = self._glyphs.spelled(text)
        if not with_bar:
            return text[: max(room, 0)]
        width = min(room - len(text) - 1, MOST_BAR)
        return bar(standing.part, width, colours=self._colours, glyphs=self._glyphs) + " " + text
