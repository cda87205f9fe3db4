"""What the descent pane shows at one moment: surface, paths, ghosts, starts, basins."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.basins import Basins
from engine.events import FloatArray, PathEnded, PathsOpened, SurfaceDrawn

__all__ = ["Basins", "DescentPicture", "Ghost", "Point", "ghosts_alike"]

Point = tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ghost:
    """A path of an earlier run, or the parent of a branch, shown dim: `points` float [k+1, d], `values` [k+1].

    `label` must be clean text.
    """

    label: str
    points: FloatArray
    values: FloatArray


def _no_points() -> FloatArray:
    return np.zeros((0, 1, 2), np.float32)


def _no_values() -> FloatArray:
    return np.zeros((0, 1), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class DescentPicture:
    """All that the descent pane shows at one moment.

    `points` float32 [p, k+1, d], `values` [p, k+1] and `gradients` [p, k+1, d] hold everything so far; column 0 is the
    start, NaN what came after a divergence. `learning_rates` [k+1] are the rates of the steps that arrived there.
    A run is known by its `opened`: as long as that is the same object the arrays only grow. `starts` are those of the
    next run, being edited. `note` is one clean line for a person: what changed since the last run, or where it broke.
    """

    surface: SurfaceDrawn | None = None
    opened: PathsOpened | None = None
    points: FloatArray = field(default_factory=_no_points)
    values: FloatArray = field(default_factory=_no_values)
    gradients: FloatArray = field(default_factory=_no_points)
    learning_rates: FloatArray = field(default_factory=lambda: np.zeros(1))
    ended: tuple[PathEnded, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
    phase: str = ""
    starts: tuple[Point, ...] = ()
    total_steps: int = 0
    basins: Basins | None = None
    note: str = ""

    @property
    def last_step(self) -> int:
        """The newest step there is; 0 is the start."""
        return max(int(self.values.shape[1]) - 1, 0)

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return int(self.values.shape[0])

    def alike(self, other: DescentPicture) -> bool:
        """Whether another picture shows the same, told at no cost: by which objects and how many steps they hold."""
        return (
            self.surface is other.surface
            and self.opened is other.opened
            and self.values.shape == other.values.shape
            and (self.phase, self.starts, self.total_steps, self.note)
            == (other.phase, other.starts, other.total_steps, other.note)
            and self.basins is other.basins
            and len(self.ended) == len(other.ended)
            and all(a is b for a, b in zip(self.ended, other.ended, strict=True))
            and ghosts_alike(self.ghosts, other.ghosts)
        )


def ghosts_alike(one: tuple[Ghost, ...], other: tuple[Ghost, ...]) -> bool:
    """Whether two lists of ghosts are the same: the same names, the same memory."""
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
