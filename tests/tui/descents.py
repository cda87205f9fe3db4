"""Descents made by hand for the tests: pictures, paths and basins with known numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.descent.basins import Basins
from engine.descent.surfaces import surface
from engine.events import PathsOpened
from tui.views.descent_picture import DescentPicture

HIMMELBLAU = surface("himmelblau").drawn()
BOWL = surface("bowl", 4.0).drawn()


def basins_of(
    reached: Sequence[Sequence[int]],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    steps: Sequence[Sequence[int]] | None = None,
) -> Basins:
    """Basins of Himmelblau on a small grid, its first row the lowest."""
    grid = np.array(reached, np.int32)
    return Basins(
        x=np.linspace(*x_range, grid.shape[1]),
        y=np.linspace(*y_range, grid.shape[0]),
        reached=grid,
        steps=np.array(steps, np.int32) if steps is not None else np.full(grid.shape, 10, np.int32),
        values=np.zeros(grid.shape, np.float32),
        minima=HIMMELBLAU.minima,
        optimizer="sgd",
        learning_rate=0.01,
        total_steps=200,
    )


def bowl_descent(
    steps: int = 20, starts: Sequence[tuple[float, float]] = ((4.0, 2.0), (-4.0, -2.0)), rate: float = 0.1, **more: Any
) -> DescentPicture:
    """Plain descent on (x² + 4y²)/2 in closed form: x shrinks by 1 − rate and y by 1 − 4·rate with each step."""
    factors = np.array([1 - rate, 1 - 4 * rate])
    powers = factors[None, :] ** np.arange(steps + 1)[:, None]
    points = (np.array(starts)[:, None, :] * powers[None]).astype(np.float32)
    x, y = points[..., 0], points[..., 1]
    names = tuple(f"from ({x0:g}, {y0:g})" for x0, y0 in starts)
    gradients = np.stack([x, 4 * y], axis=2).astype(np.float32)
    values = ((x * x + 4 * y * y) / 2).astype(np.float32)
    opened = PathsOpened(names, ("sgd",) * len(names), points[:, 0], values[:, 0], gradients[:, 0], 20)
    parts: dict[str, Any] = {
        "surface": BOWL,
        "opened": opened,
        "points": points,
        "values": values,
        "gradients": gradients,
        "learning_rates": np.full(steps + 1, rate),
        "phase": "running",
        "starts": tuple(starts),
        "total_steps": 20,
    }
    return DescentPicture(**(parts | more))


def until(picture: DescentPicture, step: int) -> DescentPicture:
    """The same run at an earlier `step`."""
    return DescentPicture(
        surface=picture.surface,
        opened=picture.opened,
        points=picture.points[:, : step + 1],
        values=picture.values[:, : step + 1],
        gradients=picture.gradients[:, : step + 1],
        learning_rates=picture.learning_rates[: step + 1],
        phase="running",
        starts=picture.starts,
        total_steps=picture.total_steps,
    )
