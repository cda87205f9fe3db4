"""Lesson 5: descent on a surface, Himmelblau's by default, from several starts and with several optimizers at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from engine import descent, optimizers, surfaces
from engine.events import Diverged, FloatArray, Learned, PathEnded, PathsGrew, PathsOpened, Phase, Remark
from engine.lesson import Lesson, Point, Run, choice, choices, integer, number, starts
from engine.optimizers import OptimizerSettings
from engine.surfaces import Surface

# A path has arrived where it is this near to a known minimum, in the domain's units.
ARRIVED = 0.05


@dataclass(frozen=True, kw_only=True)
class HimmelblauSettings(OptimizerSettings):
    """What a descent on a surface can be told. A path is followed for every optimizer from every start."""

    surface: str = choice("himmelblau", surfaces.NAMES, help="the function to descend")
    start: tuple[Point, ...] = starts(
        ((1.0, 0.0), (-4.0, 0.0), (4.0, 0.0)), help="where a path begins; give it again for another"
    )
    optimizer: tuple[str, ...] = choices(
        ("sgd",), optimizers.NAMES, help="the update rule; give it again to race several"
    )
    learning_rate: float = number(0.01, low=0.0, high=1e3, live=True, help="η, how far one step goes")
    steps: int = integer(200, low=1, high=100_000, unit="steps", help="how many steps each path takes")
    conditioning: float = number(
        10.0, low=1.0, high=1e4, help="κ, the bowl's largest curvature over its smallest (surface bowl)"
    )

    @classmethod
    def suggested(cls, given: Mapping[str, str]) -> dict[str, str]:
        """The starts and the rate that suit the surface chosen, where they are not given."""
        name = given.get("surface", "himmelblau").strip()
        if name == "himmelblau" or name not in surfaces.NAMES:
            return {}
        try:
            chosen = surfaces.surface(name, float(given.get("conditioning", "10")))
        except (ValueError, ZeroDivisionError):  # the conditioning's own check will say so
            return {}
        texts = {
            "start": ";".join(f"{x:g},{y:g}" for x, y in chosen.starts),
            "learning_rate": f"{chosen.learning_rate:g}",
        }
        return {name: text for name, text in texts.items() if name not in given}


def run(settings: HimmelblauSettings) -> Run[HimmelblauSettings]:
    """Follow every path for `settings.steps` steps, every point of it kept."""
    surface = surfaces.surface(settings.surface, settings.conditioning)
    yield Remark(
        f"{surface.label}: {surface.formula}. A step goes downhill by η times the gradient, η = learning rate."
    )
    yield surface.drawn(parameters={"conditioning": settings.conditioning} if surface.id == "bowl" else {})
    yield Phase("compiling")
    race = _Race(surface, settings)
    with race.held:
        opened = race.begin(settings)
        yield opened
        yield Phase("running")
        turn = None
        done = 0
        path = [PathsGrew(0, opened.starts[:, None], opened.values[:, None], opened.gradients[:, None], 0.0)]
        while done < settings.steps:
            settings = turn.settings if turn else settings
            asked = (turn.steps if turn else None) or descent.STEPS_A_CALL
            grew = race.advance(done + 1, min(asked, settings.steps - done, descent.STEPS_A_CALL), settings)
            done += grew.steps
            path.append(grew)
            turn = yield grew
            if not np.isfinite(grew.values[:, -1]).any():
                break
    points = np.concatenate([piece.points for piece in path], axis=1)
    values = np.concatenate([piece.values for piece in path], axis=1)
    slopes = path[-1].gradients[:, -1]
    ended = [
        _ended(surface, number, race.labels[number], points[number], values[number], slopes[number])
        for number in range(len(race.labels))
    ]
    yield from ended
    lost = [end for end in ended if end.diverged_step is not None]
    if lost:
        first = min(lost, key=lambda end: end.diverged_step or 0)
        step = first.diverged_step or 0
        rate = path[-1].learning_rate
        yield Diverged(step, f"f on path {first.label}", rate, float(values[first.path, step - 1]), rate / 3)
    yield Learned(_learned(surface, settings, ended))


class _Race:
    """Every optimizer from every start, step by step together."""

    def __init__(self, surface: Surface, settings: HimmelblauSettings) -> None:
        self.labels = tuple(
            f"{name} from {_place(start)}" if len(settings.optimizer) > 1 else f"from {_place(start)}"
            for name in settings.optimizer
            for start in settings.start
        )
        objective = descent.surface_objective(surface)
        self._programs = [
            descent.program((surface.id, surface.formula), objective, name, settings, len(settings.start))
            for name in settings.optimizer
        ]
        self.held = ExitStack()
        for program in self._programs:
            self.held.enter_context(program.lock)

    def begin(self, settings: HimmelblauSettings) -> PathsOpened:
        """Put every path at its start, and compile."""
        starts = np.array(settings.start, np.float32)
        first = [program.begin(starts, settings.learning_rate) for program in self._programs]
        for program in self._programs:
            program.compile()
        return PathsOpened(
            labels=self.labels,
            optimizers=tuple(name for name in settings.optimizer for _ in settings.start),
            starts=np.concatenate([piece.points[:, 0] for piece in first]),
            values=np.concatenate([piece.values[:, 0] for piece in first]),
            gradients=np.concatenate([piece.gradients[:, 0] for piece in first]),
            total_steps=settings.steps,
        )

    def advance(self, first_step: int, count: int, settings: HimmelblauSettings) -> PathsGrew:
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


def _place(point: tuple[float, ...]) -> str:
    return "(" + ", ".join(f"{part:g}" for part in point).replace("-", "−") + ")"


def _ended(
    surface: Surface, number: int, label: str, points: FloatArray, values: FloatArray, slope: FloatArray
) -> PathEnded:
    """Where a path came to: `points` float32 [k+1, 2] from its start on, `values` [k+1], `slope` [2] at the end."""
    finite = np.isfinite(values)
    last = int(np.flatnonzero(finite)[-1]) if finite.any() else 0
    point = (float(points[last, 0]), float(points[last, 1]))
    lost = last + 1 if last + 1 < len(values) else None
    minimum = surfaces.nearest_minimum(surface, point, ARRIVED) if lost is None else None
    return PathEnded(
        path=number,
        label=label,
        point=point,
        value=float(values[last]),
        gradient_norm=float(np.linalg.norm(slope)),
        minimum=minimum,
        arrived_step=descent.first_step_within(points, minimum.point, ARRIVED) if minimum else None,
        diverged_step=lost,
    )


def _learned(surface: Surface, settings: HimmelblauSettings, ended: list[PathEnded]) -> str:
    """What the paths found, in words."""
    arrived = [end for end in ended if end.minimum]
    reached = dict.fromkeys(end.minimum.label for end in ended if end.minimum)
    lost = [end for end in ended if end.diverged_step is not None]
    rate = f"at learning rate {settings.learning_rate:g}"
    parts = []
    if arrived:
        steps = [end.arrived_step or 0 for end in arrived]
        where = "the minimum " if len(reached) == 1 else f"{len(reached)} different minima: "
        count = f"{len(arrived)} of {len(ended)} paths" if len(ended) > 1 else "The path"
        parts.append(
            f"{count} reached {where}{', '.join(reached)}, the fastest in {min(steps)} steps"
            + (f" and the slowest in {max(steps)}" if len(steps) > 1 else "")
            + f", {rate}."
        )
        if len(reached) > 1:
            parts.append("Where a descent ends depends on where it starts: each minimum has its own basin.")
    if lost:
        parts.append(
            f"{len(lost)} of {len(ended)} paths diverged {rate}: a step that overshoots lands higher, "
            "where the gradient is larger still. A smaller rate mends it."
        )
    short = [end for end in ended if end.minimum is None and end.diverged_step is None]
    if short and surface.minima:
        best = min(end.value for end in short)
        parts.append(
            f"{len(short)} of {len(ended)} paths were at no known minimum after {settings.steps} steps {rate}; "
            f"the lowest of them stood at f = {best:.4g}."
        )
    elif short:
        parts.append(f"{surface.label} has no minimum: {len(short)} paths went as low as {settings.steps} steps led.")
    return " ".join(parts)


LESSON = Lesson(
    number=5,
    id="himmelblau",
    title="Himmelblau",
    summary="descent on a surface with four minima, from several starts",
    settings=HimmelblauSettings,
    run=run,
    code=(
        "engine.surfaces:_himmelblau",
        "engine.descent:descend",
        "engine.descent:Program",
        "engine.optimizers:build",
        "engine.lessons.himmelblau:run",
    ),
)
