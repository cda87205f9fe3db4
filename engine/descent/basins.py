"""Which minimum a descent ends in, from every place of a grid at once: the basins of a surface under an optimizer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import descent
from engine.events import FloatArray, IntArray, Minimum
from engine.optimizers import OptimizerSettings
from engine.race import ARRIVED
from engine.surfaces import Surface

# A map has at most this many columns and rows: 16,384 descents.
MOST = 128

# What `reached` holds where no known minimum was reached, and where the path stopped being finite.
NOWHERE = -1
DIVERGED = -2


@dataclass(frozen=True)
class Basins:
    """Where descents from a grid of starts ended: `x` float64 [w] and `y` [h] ascending, and for each start [h, w]

    - `reached` int32, the place in `minima` of the one it ended at, or NOWHERE or DIVERGED;
    - `steps` int32, the first step at which it was there, or the step at which it diverged, or −1;
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
    """Descend from every point of a `width` by `height` grid on the surface's domain, or in the window given.

    All starts are one compiled descent: 16,384 of 200 steps take 10 to 60 ms, compiling before the first 0.3 s.
    Another rate, window or number of steps compiles nothing anew.

    Raises:
        ValueError: the grid is empty, or larger than MOST by MOST.
    """
    if not (1 <= width <= MOST and 1 <= height <= MOST):
        raise ValueError(f"a map of {width} by {height} starts; expected 1 to {MOST} each way")
    x = np.linspace(*(x_range or surface.x_range), width)
    y = np.linspace(*(y_range or surface.y_range), height)
    starts = np.stack([part.ravel() for part in np.meshgrid(x, y)], axis=1)
    objective = descent.surface_objective(surface)
    with descent.program(surface.key, objective, optimizer, settings or OptimizerSettings(), len(starts)) as program:
        program.begin(starts, learning_rate)
        places = np.array([minimum.point for minimum in surface.minima]).reshape(-1, 2)
        ended = program.finish(steps, places, ARRIVED)
    reached = _reached(ended, places)
    first = ended.first_step[np.arange(len(starts)), np.maximum(reached, 0)] if len(places) else ended.lost_step
    passed = np.where(reached == DIVERGED, ended.lost_step, np.where(reached >= 0, first, -1))
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


def _reached(ended: descent.Finish, places: FloatArray) -> IntArray:
    """Which of `places` [m, 2] each path is at in the end, int32 [p]."""
    reached = np.full(len(ended.points), NOWHERE, np.int32)
    for place, point in enumerate(places):
        # Within as the compiled loop measured it: one that ended there was there at a step that it remembers.
        near = (ended.first_step[:, place] >= 0) & (np.linalg.norm(ended.points - point, axis=1) <= ARRIVED)
        reached[near & (reached == NOWHERE)] = place
    reached[ended.lost_step >= 0] = DIVERGED
    return reached
