"""How far a run is, in the last line of a terminal: redrawn in place, and gone when there is something to say."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.events import Delivery, Evaluated, Metrics, PathsGrew, PathsOpened, Phase, RunStarted
from tui.plain import plain
from tui.text import clean
from tui.words import duration, number

DRAWS_PER_S = 10.0
LEAST_BAR = 10
MOST_BAR = 40
ERASE = "\r\x1b[2K"


@dataclass(frozen=True)
class Standing:
    """How far a run is. `began_s` is when its steps began, in the run's own seconds; totals of 0 are not known."""

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

    @property
    def part(self) -> float:
        """The part done, in [0, 1]."""
        return min(self.step / self.total_steps, 1.0) if self.total_steps else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds still to go at the pace so far, tests included; None while that is not known."""
        done, taken = self.step - self.began_step, self.elapsed_s - self.began_s
        if done <= 0 or taken <= 0 or not self.total_steps:
            return None
        return (self.total_steps - self.step) * taken / done


def moved(standing: Standing, delivery: Delivery) -> Standing:
    """The standing after an event."""
    event = delivery.event
    now = replace(standing, elapsed_s=delivery.elapsed_s)
    match event:
        case RunStarted():
            return Standing(event.title, step=event.resumed_step, began_step=event.resumed_step)
        case Phase(name=name):
            begun = replace(now, began_s=delivery.elapsed_s, began_step=now.step) if name == "running" else now
            return replace(begun, phase=name)
        case PathsOpened():
            return replace(now, total_steps=event.total_steps)
        case PathsGrew():
            step = event.first_step + event.steps - 1
            rate = (step - now.began_step) / max(delivery.elapsed_s - now.began_s, 1e-9)
            return replace(now, step=step, steps_per_s=rate)
        case Metrics():
            return replace(
                now,
                step=event.last_step,
                total_steps=event.total_steps,
                epoch=event.epoch,
                total_epochs=event.total_epochs,
                loss=float(event.loss[-1]),
                steps_per_s=event.steps_per_s,
            )
        case Evaluated():
            return replace(now, accuracy=event.accuracy)
        case _:
            return now


_DOING = {"importing": "loading TensorFlow", "compiling": "compiling"}


def words(standing: Standing, room: int) -> str:
    """What is said of a run in at most `room` columns; what does not fit is left out, the least important first."""
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
            ranked.append((6, f"{standing.steps_per_s:,.0f} steps/s"))
        if standing.left_s is not None:
            ranked.append((2, f"{duration(standing.left_s)} left"))
    kept: list[int] = []
    for _, place in sorted((rank, place) for place, (rank, text) in enumerate(ranked) if text):
        if len(" · ".join(ranked[each][1] for each in [*kept, place])) <= room:
            kept.append(place)
    return " · ".join(ranked[place][1] for place in sorted(kept))


def bar(part: float, width: int, *, colours: bool, ascii_only: bool) -> str:
    """A bar of `width` columns, drawn by Rich."""
    import io

    from rich.console import Console
    from rich.progress_bar import ProgressBar

    if ascii_only:
        done = round(part * width)
        return "#" * done + "-" * (width - done)
    console = Console(file=io.StringIO(), force_terminal=True, width=width, no_color=not colours, legacy_windows=False)
    with console.capture() as captured:
        console.print(ProgressBar(total=1.0, completed=part, width=width), end="")
    return captured.get().rstrip("\n")


class ProgressLine:
    """The line itself. `write` sends text to the terminal, `width` says how wide it is now, `clock` gives seconds."""

    def __init__(
        self,
        write: Callable[[str], None],
        width: Callable[[], int],
        *,
        colours: bool = True,
        ascii_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._width = width
        self._colours = colours
        self._ascii_only = ascii_only
        self._clock = clock
        self._standing = Standing()
        self._drawn = ""
        self._due = 0.0

    def take(self, delivery: Delivery) -> None:
        """Note an event."""
        self._standing = moved(self._standing, delivery)

    def draw(self) -> None:
        """Draw the line if it has changed and was not drawn just now."""
        now = self._clock()
        if now < self._due:
            return
        text = self._line()
        if text != self._drawn:
            self._write(ERASE + text)
            self._drawn = text
            self._due = now + 1.0 / DRAWS_PER_S

    def clear(self) -> None:
        """Take the line away."""
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
        text = plain(text) if self._ascii_only else text
        if not with_bar:
            return text[: max(room, 0)]
        width = min(room - len(text) - 1, MOST_BAR)
        return bar(standing.part, width, colours=self._colours, ascii_only=self._ascii_only) + " " + text
