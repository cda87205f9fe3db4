"""View data of the paths of a descent, shared by the panes of curves and of surfaces."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.events import FloatArray, PathEnded, PathsOpened
from tui.model.series import Series
from tui.views.step_parts import OptimizerMemory

Point = tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ghost:
    """A path of an earlier run, or the parent of a branch, shown dim: `points` float [k+1, d], `values` [k+1].

    `label` must be clean text.
    """

    label: str
    points: FloatArray
    values: FloatArray


def no_points(dimensions: int) -> FloatArray:
    """The points of no path, float32 [0, 1, d]."""
    return np.zeros((0, 1, dimensions), np.float32)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PathsPicture:
    """The paths of a descent in d variables.

    `points` float32 [p, k+1, d], `values` [p, k+1] and `gradients` [p, k+1, d] hold everything so far; column 0 is the
    start, NaN follows a divergence. `learning_rates` [k+1] are the rates of the steps that arrived there, and `rate`
    the same as a series, None if they are constant. `opened` identifies a run: while it is the same object, the arrays
    only grow. `note` is one clean line for the user: what changed since the last run, or where it broke.
    """

    opened: PathsOpened | None = None
    points: FloatArray = field(default_factory=lambda: no_points(2))
    values: FloatArray = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    gradients: FloatArray = field(default_factory=lambda: no_points(2))
    learning_rates: FloatArray = field(default_factory=lambda: np.zeros(1))
    rate: Series | None = None
    memory: OptimizerMemory | None = None
    ended: tuple[PathEnded, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
    total_steps: int = 0
    phase: str = ""
    note: str = ""

    @property
    def last_step(self) -> int:
        """The newest step; 0 is the start."""
        return max(int(self.values.shape[1]) - 1, 0)

    @property
    def paths(self) -> int:
        """The number of paths."""
        return int(self.values.shape[0])


def ghosts_alike(one: tuple[Ghost, ...], other: tuple[Ghost, ...]) -> bool:
    """Whether two lists of ghosts are the same: the same names, the same arrays."""
    return one is other or (
        len(one) == len(other)
        and all(
            a.label == b.label and _same(a.points, b.points) and _same(a.values, b.values)
            for a, b in zip(one, other, strict=True)
        )
    )


def _same(a: FloatArray, b: FloatArray) -> bool:
    return a is b or (
        a.shape == b.shape and a.strides == b.strides and a.__array_interface__["data"] == b.__array_interface__["data"]
    )
