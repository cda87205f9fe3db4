"""Several optimizers from several starts, step by step together: what the lessons that descend have in common."""

from __future__ import annotations

import math
from collections.abc import Generator, Hashable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from engine import descent, optimizers
from engine.events import Diverged, Event, FloatArray, Minimum, PathEnded, PathsGrew, PathsOpened, Phase
from engine.lesson import Point, Turn, choices, integer, number
from engine.optimizers import OptimizerSettings

# A path has arrived where it is this near to a known minimum, in the domain's units.
ARRIVED = 0.05


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
    """What is descended: a function of points float32 [p, d], the key that names it, and its known minima."""

    key: Hashable
    objective: descent.Objective
    minima: tuple[Minimum, ...]
    dimensions: int


def follow(field: Field, settings: RaceSettings) -> Generator[Event, Turn[RaceSettings] | None, tuple[PathEnded, ...]]:
    """Follow every path for `settings.steps` steps, every point kept; returns where each came to.

    Yields Phase, PathsOpened, PathsGrew, PathEnded and, where a path stopped being finite, Diverged.
    """
    yield Phase("compiling")
    with ExitStack() as held:
        race = _Race(field, settings, held)
        opened = race.begin(settings)
        yield opened
        yield Phase("running")
        path = [PathsGrew(0, opened.starts[:, None], opened.values[:, None], opened.gradients[:, None], 0.0)]
        turn: Turn[RaceSettings] | None = None
        done = 0
        while done < settings.steps and np.isfinite(path[-1].values[:, -1]).any():
            settings = turn.settings if turn else settings
            asked = (turn.steps if turn else None) or descent.STEPS_A_CALL
            grew = race.advance(done + 1, min(asked, settings.steps - done, descent.STEPS_A_CALL), settings)
            done += grew.steps
            path.append(grew)
            turn = yield grew
    points, values, gradients = (
        np.concatenate([getattr(piece, part) for piece in path], axis=1) for part in ("points", "values", "gradients")
    )
    ended = tuple(
        _ended(number, label, field.minima, points[number], values[number], gradients[number])
        for number, label in enumerate(opened.labels)
    )
    yield from ended
    lost = [end for end in ended if end.diverged_step is not None]
    if lost:
        first = min(lost, key=lambda end: end.diverged_step or 0)
        step, rate = first.diverged_step or 0, path[-1].learning_rate
        yield Diverged(step, f"f on the path {first.label}", rate, float(values[first.path, step - 1]), rate / 3)
    return ended


class _Race:
    """The programs of a race, one an optimizer, held for as long as `held` is open."""

    def __init__(self, field: Field, settings: RaceSettings, held: ExitStack) -> None:
        paths = len(settings.start)
        self._programs = [
            descent.program(field.key, field.objective, name, settings, paths, field.dimensions)
            for name in settings.optimizer
        ]
        for program in self._programs:
            held.enter_context(program.lock)

    def begin(self, settings: RaceSettings) -> PathsOpened:
        """Put every path at its start, and compile."""
        starts = np.array(settings.start, np.float32)
        first = [program.begin(starts, settings.learning_rate) for program in self._programs]
        for program in self._programs:
            program.compile()
        several = len(settings.optimizer) > 1
        pairs = [(name, start) for name in settings.optimizer for start in settings.start]
        return PathsOpened(
            labels=tuple((f"{name} " if several else "") + f"from {place(start)}" for name, start in pairs),
            optimizers=tuple(name for name, _ in pairs),
            starts=np.concatenate([piece.points[:, 0] for piece in first]),
            values=np.concatenate([piece.values[:, 0] for piece in first]),
            gradients=np.concatenate([piece.gradients[:, 0] for piece in first]),
            total_steps=settings.steps,
        )

    def advance(self, first_step: int, count: int, settings: RaceSettings) -> PathsGrew:
        """`count` steps of every path at the rate of now."""
        pieces = []
        for program in self._programs:
            if program.learning_rate != np.float32(settings.learning_rate):
                program.learning_rate = settings.learning_rate
            pieces.append(program.advance(count))
        return PathsGrew(
            first_step=first_step,
            points=np.concatenate([piece.points for piece in pieces]),
            values=np.concatenate([piece.values for piece in pieces]),
            gradients=np.concatenate([piece.gradients for piece in pieces]),
            learning_rate=settings.learning_rate,
        )


def place(point: tuple[float, ...]) -> str:
    """A point as a person writes it: `(−4, 0)`, or `x = 2` in one dimension."""
    parts = [f"{part:g}".replace("-", "−") for part in point]
    return f"x = {parts[0]}" if len(parts) == 1 else f"({', '.join(parts)})"


def nearest(minima: Sequence[Minimum], point: tuple[float, ...], tolerance: float = ARRIVED) -> Minimum | None:
    """The known minimum within `tolerance` (Euclidean) of `point`, or None."""
    return next((minimum for minimum in minima if math.dist(minimum.point, point) <= tolerance), None)


def _ended(
    number: int,
    label: str,
    minima: tuple[Minimum, ...],
    points: FloatArray,
    values: FloatArray,
    gradients: FloatArray,
) -> PathEnded:
    """Where a path came to: `points` and `gradients` float32 [k+1, d], `values` [k+1], from its start on."""
    finite = np.isfinite(values)
    last = int(np.flatnonzero(finite)[-1]) if finite.any() else 0
    point = tuple(float(part) for part in points[last])
    lost = last + 1 if last + 1 < len(values) else None
    minimum = nearest(minima, point) if lost is None else None
    return PathEnded(
        path=number,
        label=label,
        point=point,
        value=float(values[last]),
        gradient_norm=float(np.linalg.norm(gradients[last])),
        minimum=minimum,
        arrived_step=descent.first_step_within(points, minimum.point, ARRIVED) if minimum else None,
        diverged_step=lost,
    )


def in_words(ended: Sequence[PathEnded], settings: RaceSettings, has_minimum: bool) -> str:
    """What the paths found."""
    rate = f"at learning rate {settings.learning_rate:g}"
    total = len(ended)
    arrived = [end for end in ended if end.minimum]
    lost = [end for end in ended if end.diverged_step is not None]
    short = [end for end in ended if end.minimum is None and end.diverged_step is None]
    parts = []
    if arrived:
        reached = tuple(dict.fromkeys(end.minimum.label for end in arrived if end.minimum))
        steps = [end.arrived_step or 0 for end in arrived]
        where = "the minimum " if len(reached) == 1 else f"{len(reached)} different minima: "
        pace = (
            f"in {steps[0]} steps" if total == 1 else f"the fastest in {min(steps)} steps, the slowest in {max(steps)}"
        )
        parts.append(f"{_count(len(arrived), total)} reached {where}{', '.join(reached)}, {pace}, {rate}.")
        if len(reached) > 1:
            parts.append("Where a descent ends depends on where it starts: each minimum has its own basin.")
    if lost:
        parts.append(
            f"{_count(len(lost), total)} diverged {rate}: a step that overshoots lands higher, "
            "where the gradient is larger still. A smaller rate mends it."
        )
    if short:
        best = min(end.value for end in short)
        what = "ended at no known minimum" if has_minimum else "went down with no minimum to stop at"
        parts.append(
            f"{_count(len(short), total)} {what} in {settings.steps} steps {rate}; the lowest f was {best:.4g}."
        )
    return " ".join(parts)


def _count(some: int, total: int) -> str:
    return "The path" if total == 1 else f"{some} of {total} paths"
