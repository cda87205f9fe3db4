"""A race: several optimizers from several starts, step by step together. The lessons that descend share it."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.descent import compiled_descent, optimizers, schedules
from engine.descent.optimizers import OptimizerSettings
from engine.descent.schedules import Schedule
from engine.descent.stability import Plain, derivatives
from engine.events import Diverged, Event, FloatArray, Minimum, PathEnded, PathsGrew, PathsOpened, Phase
from engine.lesson import Turn
from engine.params import Point
from engine.settings import choices, integer, number

# A path has arrived once it stays this near to a known minimum, in the domain's units.
ARRIVED = 0.05

# The rate at which a path diverged is divided by each of these in turn and tried again, for so many steps at most.
_SHARES = (3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
_MOST_TRIED = 1_000

# A path that left the domain of f may have been too fast, or leave it later: a rate smaller by a factor is tried for as
# many times the steps, up to so many.
_MOST_OUTSIDE = 20_000

# As many short steps are tried to see whether a path that diverged would arrive at a minimum.
_MOST_SLOW = 4_000

UNDEFINED = "f is not defined there"
NO_RATE_HOLDS = "none of the smaller rates that were tried holds every path"


@dataclass(frozen=True, kw_only=True)
class RaceSettings(OptimizerSettings):
    """Settings of every descent. Every optimizer takes a path from every start."""

    start: tuple[Point, ...]
    optimizer: tuple[str, ...] = choices(
        ("sgd",), optimizers.NAMES, files=True, help="the update rule; several race from each start"
    )
    learning_rate: float = number(0.01, low=0.0, high=1e3, live=True, help="η: a step is η times the slope")
    steps: int = integer(200, low=1, high=100_000, unit="steps", help="how many steps each path takes")


@dataclass(frozen=True)
class Field:
    """The function to descend: it takes points float32 [p, d]; `key` identifies it, `minima` are its known minima.

    `plain` is the same function in NumPy. `endless` is true for a function that is unbounded below.
    """

    key: Hashable
    objective: compiled_descent.Objective
    plain: Plain
    minima: tuple[Minimum, ...]
    dimensions: int
    endless: bool = False


@dataclass(frozen=True)
class Ended:
    """A finished race: its PathsOpened, the end of each path, the number of steps taken, the learning rates that were
    set, in order, the name of the schedule, the smaller rate that was found to hold paths that diverged, if any, and
    the indices of those that left the domain of f."""

    opened: PathsOpened
    paths: tuple[PathEnded, ...]
    steps: int
    rates: tuple[float, ...]
    schedule: str = schedules.CONSTANT
    suggested_rate: float | None = None
    outside: frozenset[int] = frozenset()


def follow(field: Field, settings: RaceSettings) -> Generator[Event, Turn[RaceSettings] | None, Ended]:
    """Follow every path for `settings.steps` steps; returns where each ended.

    Yields Phase, PathsOpened, PathsGrew with every point, PathEnded and, where a path stopped being finite, Diverged. A
    path that diverges does not stop the others.

    Raises:
        InputError: the file of an optimizer or of the schedule cannot be used.
    """
    schedule = schedules.schedule(settings, settings.steps)
    with ExitStack() as held:
        programs: list[compiled_descent.Program] = []
        looks = []
        for name in settings.optimizer:
            yield Phase("compiling")
            lent = compiled_descent.program(
                field.key, field.objective, name, settings, len(settings.start), field.dimensions
            )
            programs.append(held.enter_context(lent))
            looks.append(programs[-1].begin(np.array(settings.start, np.float32), settings.learning_rate))
            programs[-1].compile(scheduled=schedule is not None)
        opened = _opened(looks, settings)
        memory = _Memory(opened, field.minima, settings.learning_rate)
        yield opened
        turn = yield Phase("running")
        while memory.steps < opened.total_steps and (memory.lost_step < 0).any():
            settings = turn.settings if turn else settings
            asked = min((turn.steps if turn else None) or compiled_descent.STEPS_A_CALL, compiled_descent.STEPS_A_CALL)
            count = min(asked, opened.total_steps - memory.steps)
            grew = _advance(programs, memory.steps + 1, count, settings.learning_rate, schedule)
            memory.add(grew, settings.learning_rate)
            turn = yield grew
        ended = memory.ends()
        for end in ended:  # noqa: UP028 - the runner sends a turn at each yield; a list takes none
            yield end
        lost = [end for end in ended if end.diverged_step is not None]
        suggested, outside = None, frozenset[int]()
        if lost:
            outside = memory.outside(field.plain, np.concatenate([program.lost_points for program in programs]))
            first = min(lost, key=lambda end: end.diverged_step or 0)
            rate = float(memory.lost_rate[first.path])
            reason = _why_no_rate_helps(field, opened, first, first.path in outside)
            # A schedule has a rate for the run's own steps only.
            longer = bool(outside) and schedule is None
            suggested = None if reason else _rate_that_holds(programs, settings, rate, lost, schedule, longer)
            if suggested is None and first.path in outside:
                reason = reason or UNDEFINED
            yield _diverged(first, rate, suggested, reason)
    return Ended(opened, ended, memory.steps, tuple(memory.rates), settings.schedule, suggested, outside)


def _opened(looks: Sequence[compiled_descent.DescentSteps], settings: RaceSettings) -> PathsOpened:
    several = len(settings.optimizer) > 1
    pairs = [(name, start) for name in settings.optimizer for start in settings.start]
    return PathsOpened(
        labels=tuple(
            (f"{optimizers.label(name)} " if several else "") + f"from {place(start)}" for name, start in pairs
        ),
        optimizers=tuple(name for name, _ in pairs),
        starts=np.concatenate([look.points[:, 0] for look in looks]),
        values=np.concatenate([look.values[:, 0] for look in looks]),
        gradients=np.concatenate([look.gradients[:, 0] for look in looks]),
        total_steps=settings.steps,
    )


def _advance(
    programs: Sequence[compiled_descent.Program],
    first_step: int,
    count: int,
    learning_rate: float,
    schedule: Schedule | None,
) -> PathsGrew:
    """Take `count` steps of every path at `learning_rate`, or at the rates that the schedule makes of it."""
    rates = None if schedule is None else schedule.rates(first_step - 1, count, learning_rate)
    pieces = []
    for program in programs:
        if rates is None and program.learning_rate != np.float32(learning_rate):
            program.learning_rate = learning_rate
        pieces.append(program.advance(count, rates))
    return PathsGrew(
        first_step=first_step,
        points=np.concatenate([piece.points for piece in pieces]),
        values=np.concatenate([piece.values for piece in pieces]),
        gradients=np.concatenate([piece.gradients for piece in pieces]),
        learning_rate=learning_rate if rates is None else float(rates[-1]),
        rates=rates,
        momenta=_slots([(piece.points.shape, piece.momenta) for piece in pieces]),
        squares=_slots([(piece.points.shape, piece.squares) for piece in pieces]),
    )


def _slots(pieces: Sequence[tuple[tuple[int, ...], FloatArray | None]]) -> FloatArray | None:
    """Join the slots of several optimizers, of the shapes given, along the paths: NaN for an optimizer that keeps
    none."""
    if all(slot is None for _, slot in pieces):
        return None
    return np.concatenate([np.full(shape, np.nan, np.float32) if slot is None else slot for shape, slot in pieces])


def near_since(before: npt.NDArray[np.intp], near: npt.NDArray[np.bool_], first_step: int) -> npt.NDArray[np.intp]:
    """The step since which each path stays near each place, intp [p, m]; −1 for one that is not near at the last step.

    `before` is the result up to the step before `first_step`; `near` [p, k, m], k ≥ 1, tells for each later step
    whether it is near.
    """
    count = near.shape[1]
    stay = np.where(near.all(axis=1), count, near[:, ::-1].argmin(axis=1))  # how many of the last steps are near
    since = np.where((stay == count) & (before >= 0), before, first_step + count - stay)
    return np.where(stay > 0, since, -1)


class _Memory:
    """A summary of the paths so far, so no point has to be kept: for each the last finite point, value and gradient,
    the step since which it stays near each minimum [p, m], and the step and rate at which it diverged; step −1 is
    never."""

    def __init__(self, opened: PathsOpened, minima: tuple[Minimum, ...], learning_rate: float) -> None:
        self._labels, self._minima = opened.labels, minima
        self._points, self._values, self._gradients = (
            np.array(part) for part in (opened.starts, opened.values, opened.gradients)
        )
        self._places = np.array([minimum.point for minimum in minima]).reshape(-1, opened.starts.shape[1])
        self._near_since = np.full((len(opened.labels), len(minima)), -1)
        self.lost_step = np.where(np.isfinite(opened.values), -1, 0)
        self.lost_rate = np.full(len(opened.labels), learning_rate)
        self.steps = 0
        self.rates = [learning_rate]
        self._notice_arrivals(0, opened.starts[:, None])

    def add(self, grew: PathsGrew, base: float) -> None:
        """Take in the next steps of all paths, taken while the learning rate was set to `base`."""
        finite = np.isfinite(grew.values).sum(axis=1)
        (moved,) = np.nonzero(finite)
        last = finite[moved] - 1
        self._points[moved], self._values[moved] = grew.points[moved, last], grew.values[moved, last]
        self._gradients[moved] = grew.gradients[moved, last]
        lost = (self.lost_step < 0) & (finite < grew.steps)
        self.lost_step[lost], self.lost_rate[lost] = grew.first_step + finite[lost], base
        self._notice_arrivals(grew.first_step, grew.points)
        if self.rates[-1] != base:
            self.rates = [*self.rates, base] if self.steps else [base]
        self.steps += grew.steps

    def _notice_arrivals(self, first_step: int, points: FloatArray) -> None:
        """Update since when each path is near each minimum, from the steps `points` [p, k, d]."""
        near = np.linalg.norm(points[:, :, None] - self._places, axis=3) <= ARRIVED
        self._near_since = near_since(self._near_since, near, first_step)

    def outside(self, plain: Plain, points: FloatArray) -> frozenset[int]:
        """The paths that diverged at one of `points` [p, d] where f, of `plain` numbers of 64 bits, is not defined."""
        with np.errstate(all="ignore"):
            undefined = np.isnan(plain(points.astype(np.float64)))
        reached = np.isfinite(points).all(axis=1)
        return frozenset(np.nonzero((self.lost_step >= 0) & reached & undefined)[0].tolist())

    def ends(self) -> tuple[PathEnded, ...]:
        """The end of each path as of now."""
        return tuple(self._end(path, label) for path, label in enumerate(self._labels))

    def _end(self, path: int, label: str) -> PathEnded:
        point = tuple(float(part) for part in self._points[path])
        lost = int(self.lost_step[path])
        (near,) = np.nonzero(self._near_since[path] >= 0)
        reached = int(near[0]) if near.size and lost < 0 else None
        return PathEnded(
            path=path,
            label=label,
            point=point,
            value=float(self._values[path]),
            gradient_norm=float(np.linalg.norm(self._gradients[path].astype(np.float64))),
            minimum=None if reached is None else self._minima[reached],
            arrived_step=None if reached is None else int(self._near_since[path, reached]),
            diverged_step=None if lost < 0 else lost,
        )


def _why_no_rate_helps(field: Field, opened: PathsOpened, lost: PathEnded, outside: bool) -> str:
    """Explain why no learning rate would have kept a path finite; empty where one might."""
    if not lost.diverged_step and outside:
        return UNDEFINED
    if not lost.diverged_step:
        return "f is too large at the start for a number of 32 bits"
    return "f has no lowest value" if fell(field, opened, lost) else ""


def _diverged(first: PathEnded, rate: float, suggested: float | None, reason: str) -> Diverged:
    """Make the event for the path that diverged first, at `rate`."""
    return Diverged(
        step=first.diverged_step or 0,
        what=f"f {'on' if first.diverged_step else 'at the start of'} the path {first.label}",
        learning_rate=rate,
        last_finite=first.value,
        suggested_learning_rate=suggested,
        reason=reason or ("" if suggested is not None else NO_RATE_HOLDS),
    )


def _rate_that_holds(
    programs: Sequence[compiled_descent.Program],
    settings: RaceSettings,
    rate: float,
    lost: Sequence[PathEnded],
    schedule: Schedule | None,
    longer: bool,
) -> float | None:
    """Try a third, a tenth, a thirtieth ... of `rate`, each for as many times the steps if `longer`; returns the
    largest that keeps every path finite and ends the paths in `lost` lower than they start; None where none does."""
    starts = len(settings.start)
    mine = [[end.path % starts for end in lost if end.path // starts == number] for number in range(len(programs))]
    for share in _SHARES:
        steps = settings.steps * share if longer else min(settings.steps, _MOST_TRIED)
        if longer and steps > _MOST_OUTSIDE:
            break
        if all(_holds(*each, settings, rate / share, steps, schedule) for each in zip(programs, mine, strict=True)):
            return rate / share
    return None


def _holds(
    program: compiled_descent.Program,
    lost: list[int],
    settings: RaceSettings,
    rate: float,
    steps: int,
    schedule: Schedule | None,
) -> bool:
    """Whether all paths stay finite at `rate`, and those with the indices `lost` end lower than they start."""
    before = here = program.begin(np.array(settings.start, np.float32), rate).values[:, 0]
    for first in range(0, steps, compiled_descent.STEPS_A_CALL):
        count = min(steps - first, compiled_descent.STEPS_A_CALL)
        rates = None if schedule is None else schedule.rates(first, count, rate)
        here = program.advance(count, rates).values[:, -1]
        if not np.isfinite(here).all():
            return False
    return bool((here[lost] < before[lost]).all())


def fell(field: Field, opened: PathsOpened, end: PathEnded) -> bool:
    """Whether a path that diverged fell all the way on a function that is unbounded below: no rate would stop it.

    One that with short steps would arrive at a minimum diverged because of its rate.
    """
    fallen = field.endless and end.value < float(opened.values[end.path])
    return fallen and not _arrives_slowly(field, opened.starts[end.path].astype(np.float64))


def _arrives_slowly(field: Field, point: FloatArray) -> bool:
    """Whether short steps downhill from `point` [d], each half as long as the distance at which a path has arrived,
    come to a known minimum."""
    places = np.array([minimum.point for minimum in field.minima]).reshape(-1, len(point))
    if not len(places):
        return False
    away = float(np.linalg.norm(places - point, axis=1).max())
    for _ in range(min(int(8 * away / ARRIVED), _MOST_SLOW)):
        if (np.linalg.norm(places - point, axis=1) <= ARRIVED).any():
            return True
        slope = derivatives(field.plain, point)[0]
        size = float(np.linalg.norm(slope))
        if not 0.0 < size < np.inf:
            return False
        point = point - 0.5 * ARRIVED / size * slope
    return False


def place(point: tuple[float, ...]) -> str:
    """Format a point: `(−4, 0)`, or `x = 2` in one dimension."""
    parts = [f"{part:g}".replace("-", "−") for part in point]
    return f"x = {parts[0]}" if len(parts) == 1 else f"({', '.join(parts)})"
