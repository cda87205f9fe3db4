"""Basins of attraction: the minimum at which a descent ends, for every start on a grid at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.descent import compiled_descent, optimizers, schedules
from engine.descent.optimizers import OptimizerSettings
from engine.descent.race import ARRIVED
from engine.descent.surfaces import Surface
from engine.errors import InputError
from engine.events import FloatArray, IntArray, Minimum
from engine.own import optimizers as own_optimizers
from engine.own.paths import is_file

# The most columns and rows of a map: 16,384 descents.
MOST = 128

# Values in `reached` for a path that ended at no known minimum, and for one that diverged.
NOWHERE = -1
DIVERGED = -2


@dataclass(frozen=True)
class Basins:
    """The ends of descents from a grid of starts: `x` float64 [w] and `y` [h] ascending, and for each start [h, w]

    - `reached` int32, the index in `minima` of the one it ended at, or NOWHERE or DIVERGED;
    - `steps` int32, the step since which it stays there, or the step at which it diverged, or −1;
    - `values` float32, f where it ended, NaN where it diverged.
    """

    x: FloatArray
    y: FloatArray
    reached: IntArray
    steps: IntArray
    values: FloatArray
    minima: tuple[Minimum, ...]
    optimizer: str
    learning_rate: float
    total_steps: int

    def __post_init__(self) -> None:
        for array in (self.x, self.y, self.reached, self.steps, self.values):
            array.setflags(write=False)


def basins(
    surface: Surface,
    optimizer: str,
    learning_rate: float,
    steps: int,
    *,
    width: int = 64,
    height: int = 64,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    settings: OptimizerSettings | None = None,
) -> Basins:
    """Descend from every point of a `width` by `height` grid over the surface's domain, or over the window given.

    All starts are one compiled descent: 16,384 of 200 steps take 10 to 60 ms, and the first compilation 0.3 s. Another
    rate, window or number of steps needs no new compilation.

    With `settings`, their schedule is followed, too.

    Raises:
        ValueError: the grid is empty, or larger than MOST by MOST.
        InputError: an optimizer of a file cannot move all paths of a grid at once.
    """
    if is_file(optimizer) and not own_optimizers.load(optimizer).for_many_rows:
        raise InputError(
            f"{optimizers.label(optimizer)} uses all of a variable for each element, as clipping by the norm does, and "
            "so needs an optimizer for each start; basins have thousands of starts"
        )
    if not (1 <= width <= MOST and 1 <= height <= MOST):
        raise ValueError(f"a map of {width} by {height} starts; expected 1 to {MOST} each way")
    x = np.linspace(*(x_range or surface.x_range), width)
    y = np.linspace(*(y_range or surface.y_range), height)
    starts = np.stack([part.ravel() for part in np.meshgrid(x, y)], axis=1)
    objective = compiled_descent.surface_objective(surface)
    with compiled_descent.program(
        surface.key, objective, optimizer, settings or OptimizerSettings(), len(starts)
    ) as program:
        program.begin(starts, learning_rate)
        places = np.array([minimum.point for minimum in surface.minima]).reshape(-1, 2)
        schedule = None if settings is None else schedules.schedule(settings, steps)
        rates = None if schedule is None else schedule.rates(0, steps, learning_rate)
        ended = program.finish(steps, places, ARRIVED, rates)
    reached = _reached(ended)
    since = ended.near_since[np.arange(len(starts)), np.maximum(reached, 0)] if len(places) else ended.lost_step
    passed = np.where(reached == DIVERGED, ended.lost_step, np.where(reached >= 0, since, -1))
    shape = (height, width)
    return Basins(
        x=x,
        y=y,
        reached=reached.reshape(shape),
        steps=passed.astype(np.int32).reshape(shape),
        values=ended.values.reshape(shape),
        minima=surface.minima,
        optimizer=optimizer,
        learning_rate=learning_rate,
        total_steps=steps,
    )


def _reached(ended: compiled_descent.Finish) -> IntArray:
    """The index of the minimum at which each path is at the end, int32 [p]; NOWHERE or DIVERGED for the others."""
    reached = np.full(len(ended.points), NOWHERE, np.int32)
    for place, since in enumerate(ended.near_since.T):
        reached[(since >= 0) & (reached == NOWHERE)] = place
    reached[ended.lost_step >= 0] = DIVERGED
    return reached
