"""Several optimizers from several starts, step by step together: what the lessons that descend have in common."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from engine import descent, optimizers
from engine.events import Diverged, Event, FloatArray, Minimum, PathEnded, PathsGrew, PathsOpened, Phase
from engine.lesson import Turn
from engine.optimizers import OptimizerSettings
from engine.params import Point
from engine.settings import choices, integer, number
from engine.stability import Plain

# A path has arrived where it is this near to a known minimum, in the domain's units.
ARRIVED = 0.05

# What is tried where a rate threw a path out: these parts of it, for so many steps at most.
_SHARES = (3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
_MOST_TRIED = 1_000


@dataclass(frozen=True, kw_only=True)
class RaceSettings(OptimizerSettings):
    """What every descent can be told. A path is followed for every optimizer from every start."""

    start: tuple[Point, ...]
    optimizer: tuple[str, ...] = choices(
        ("sgd",), optimizers.NAMES, help="the update rule; give it again to race several"
    )
    learning_rate: float = number(0.01, low=0.0, high=1e3, live=True, help="η, how far one step goes")
    steps: int = integer(200, low=1, high=100_000, unit="steps", help="how many steps each path takes")


@dataclass(frozen=True)
class Field:
    """What is descended: a function of points float32 [p, d], the key that names it, and its known minima.

    `plain` is the same function in NumPy. `endless` is said of a function that has no lowest value.
    """

    key: Hashable
    objective: descent.Objective
    plain: Plain
    minima: tuple[Minimum, ...]
    dimensions: int
    endless: bool = False


@dataclass(frozen=True)
class Ended:
    """A race that is over: how it was opened, where each path came to, how many steps were taken, and the learning
    rates they were taken at, in that order."""

    opened: PathsOpened
    paths: tuple[PathEnded, ...]
    steps: int
    rates: tuple[float, ...]


def follow(field: Field, settings: RaceSettings) -> Generator[Event, Turn[RaceSettings] | None, Ended]:
    """Follow every path for `settings.steps` steps; returns where each came to.

    Yields Phase, PathsOpened, PathsGrew with every point, PathEnded and, where a path stopped being finite, Diverged.
    One that diverged holds no other back.
    """
    with ExitStack() as held:
        programs: list[descent.Program] = []
        looks = []
        for name in settings.optimizer:
            yield Phase("compiling")
            lent = descent.program(field.key, field.objective, name, settings, len(settings.start), field.dimensions)
            programs.append(held.enter_context(lent))
            looks.append(programs[-1].begin(np.array(settings.start, np.float32), settings.learning_rate))
            programs[-1].compile()
        opened = _opened(looks, settings)
        memory = _Memory(opened, field.minima, settings.learning_rate)
        yield opened
        turn = yield Phase("running")
        while memory.steps < opened.total_steps and (memory.lost_step < 0).any():
            settings = turn.settings if turn else settings
            asked = min((turn.steps if turn else None) or descent.STEPS_A_CALL, descent.STEPS_A_CALL)
            count = min(asked, opened.total_steps - memory.steps)
            grew = _advance(programs, memory.steps + 1, count, settings.learning_rate)
            memory.add(grew)
            turn = yield grew
        ended = memory.ends()
        for end in ended:  # noqa: UP028 - the runner sends a turn at each yield; a list takes none
            yield end
        lost = [end for end in ended if end.diverged_step is not None]
        if lost:
            first = min(lost, key=lambda end: end.diverged_step or 0)
            rate = float(memory.lost_rate[first.path])
            helps = bool(first.diverged_step) and not fell(field, opened, first)
            yield _diverged(first, rate, _rate_that_holds(programs, settings, rate, lost) if helps else None)
    return Ended(opened, ended, memory.steps, tuple(memory.rates))


def _opened(looks: Sequence[descent.Stretch], settings: RaceSettings) -> PathsOpened:
    several = len(settings.optimizer) > 1
    pairs = [(name, start) for name in settings.optimizer for start in settings.start]
    return PathsOpened(
        labels=tuple((f"{name} " if several else "") + f"from {place(start)}" for name, start in pairs),
        optimizers=tuple(name for name, _ in pairs),
        starts=np.concatenate([look.points[:, 0] for look in looks]),
        values=np.concatenate([look.values[:, 0] for look in looks]),
        gradients=np.concatenate([look.gradients[:, 0] for look in looks]),
        total_steps=settings.steps,
    )


def _advance(programs: Sequence[descent.Program], first_step: int, count: int, learning_rate: float) -> PathsGrew:
    """`count` steps of every path at the rate of now."""
    pieces = []
    for program in programs:
        if program.learning_rate != np.float32(learning_rate):
            program.learning_rate = learning_rate
        pieces.append(program.advance(count))
    return PathsGrew(
        first_step=first_step,
        points=np.concatenate([piece.points for piece in pieces]),
        values=np.concatenate([piece.values for piece in pieces]),
        gradients=np.concatenate([piece.gradients for piece in pieces]),
        learning_rate=learning_rate,
    )


class _Memory:
    """What is remembered of the paths while they go on, so that no point has to be kept: of each the last finite point,
    value and gradient, its first step near each minimum [p, m] and whether it is there now, and the step and rate at
    which it was lost; step −1 is never."""

    def __init__(self, opened: PathsOpened, minima: tuple[Minimum, ...], learning_rate: float) -> None:
        self._labels, self._minima = opened.labels, minima
        self._points, self._values, self._gradients = (
            np.array(part) for part in (opened.starts, opened.values, opened.gradients)
        )
        self._places = np.array([minimum.point for minimum in minima]).reshape(-1, opened.starts.shape[1])
        self._near_step = np.full((len(opened.labels), len(minima)), -1)
        self._near_now = np.zeros(self._near_step.shape, np.bool_)
        self.lost_step = np.where(np.isfinite(opened.values), -1, 0)
        self.lost_rate = np.full(len(opened.labels), learning_rate)
        self.steps = 0
        self.rates = [learning_rate]
        self._notice_arrivals(0, opened.starts[:, None])

    def add(self, grew: PathsGrew) -> None:
        """The paths went on."""
        finite = np.isfinite(grew.values).sum(axis=1)
        (moved,) = np.nonzero(finite)
        last = finite[moved] - 1
        self._points[moved], self._values[moved] = grew.points[moved, last], grew.values[moved, last]
        self._gradients[moved] = grew.gradients[moved, last]
        lost = (self.lost_step < 0) & (finite < grew.steps)
        self.lost_step[lost], self.lost_rate[lost] = grew.first_step + finite[lost], grew.learning_rate
        self._notice_arrivals(grew.first_step, grew.points)
        if self.rates[-1] != grew.learning_rate:
            self.rates = [*self.rates, grew.learning_rate] if self.steps else [grew.learning_rate]
        self.steps += grew.steps

    def _notice_arrivals(self, first_step: int, points: FloatArray) -> None:
        """Remember the first of the steps `points` [p, k, d] of each path that is near each minimum."""
        near = np.linalg.norm(points[:, :, None] - self._places, axis=3) <= ARRIVED
        self._near_now = near[:, -1]
        new = near.any(axis=1) & (self._near_step < 0)
        self._near_step[new] = (first_step + near.argmax(axis=1))[new]

    def ends(self) -> tuple[PathEnded, ...]:
        """Where each path is now."""
        return tuple(self._end(path, label) for path, label in enumerate(self._labels))

    def _end(self, path: int, label: str) -> PathEnded:
        point = tuple(float(part) for part in self._points[path])
        lost = int(self.lost_step[path])
        (near,) = np.nonzero(self._near_now[path])
        reached = int(near[0]) if near.size and lost < 0 else None
        return PathEnded(
            path=path,
            label=label,
            point=point,
            value=float(self._values[path]),
            gradient_norm=float(np.linalg.norm(self._gradients[path].astype(np.float64))),
            minimum=None if reached is None else self._minima[reached],
            arrived_step=None if reached is None else int(self._near_step[path, reached]),
            diverged_step=None if lost < 0 else lost,
        )


def _diverged(first: PathEnded, rate: float, suggested: float | None) -> Diverged:
    """What is said of the path that was lost first, at `rate`."""
    return Diverged(
        step=first.diverged_step or 0,
        what=f"f {'on' if first.diverged_step else 'at the start of'} the path {first.label}",
        learning_rate=rate,
        last_finite=first.value,
        suggested_learning_rate=suggested,
    )


def _rate_that_holds(
    programs: Sequence[descent.Program], settings: RaceSettings, rate: float, lost: Sequence[PathEnded]
) -> float | None:
    """The largest of a third, a tenth, a thirtieth ... of `rate` that is seen to hold every path, with those that were
    `lost` lower in the end than at the start; None where none does."""
    starts = len(settings.start)
    mine = [[end.path % starts for end in lost if end.path // starts == number] for number in range(len(programs))]
    for share in _SHARES:
        if all(_holds(*each, settings, rate / share) for each in zip(programs, mine, strict=True)):
            return rate / share
    return None


def _holds(program: descent.Program, lost: list[int], settings: RaceSettings, rate: float) -> bool:
    """Whether all paths stay finite at `rate`, and those at the places `lost` end lower than they begin."""
    before = here = program.begin(np.array(settings.start, np.float32), rate).values[:, 0]
    steps = min(settings.steps, _MOST_TRIED)
    for first in range(0, steps, descent.STEPS_A_CALL):
        here = program.advance(min(steps - first, descent.STEPS_A_CALL)).values[:, -1]
        if not np.isfinite(here).all():
            return False
    return bool((here[lost] < before[lost]).all())


def fell(field: Field, opened: PathsOpened, end: PathEnded) -> bool:
    """Whether a path that was lost went down all the way, on a function with no lowest value: no rate would hold it.

    A path of one variable that began above a minimum and jumped over it was thrown out by its rate.
    """
    start = tuple(float(part) for part in opened.starts[end.path])
    jumped = any(
        min(start[0], end.point[0]) < minimum.point[0] < max(start[0], end.point[0])
        for minimum in field.minima
        if field.dimensions == 1
    )
    return field.endless and end.value < float(opened.values[end.path]) and not jumped


def place(point: tuple[float, ...]) -> str:
    """A point as a person writes it: `(−4, 0)`, or `x = 2` in one dimension."""
    parts = [f"{part:g}".replace("-", "−") for part in point]
    return f"x = {parts[0]}" if len(parts) == 1 else f"({', '.join(parts)})"
