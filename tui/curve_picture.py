"""What the pane of lessons 1 to 4 shows at one moment: curves, the descent on one of them, tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.events import Curve, FloatArray, Learned, Minimum, PathEnded, PathsOpened, Remark, Table
from tui.descent_picture import Ghost, Point

PageItem = Remark | Table | Learned


def _no_points() -> FloatArray:
    return np.zeros((0, 1, 1), np.float32)


def _no_values() -> FloatArray:
    return np.zeros((0, 1), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class CurvePicture:
    """All that the pane shows at one moment. `page` holds remarks, tables and what was learned, as they came.

    A descent of one variable is held as in DescentPicture with d = 1: `points` float32 [p, k+1, 1], `values` [p, k+1]
    and `gradients` [p, k+1, 1], column 0 the start, NaN after a divergence; `learning_rates` [k+1] of the steps that
    arrived there. A run is known by its `opened`: as long as that is the same object the arrays only grow. `starts`
    are those of the next run, being edited; None where the lesson descends nothing. `minima` are the known ones of
    the function that is descended. `note` is one clean line for a person: what changed since the last run.
    """

    curves: tuple[Curve, ...] = ()
    page: tuple[PageItem, ...] = ()
    opened: PathsOpened | None = None
    points: FloatArray = field(default_factory=_no_points)
    values: FloatArray = field(default_factory=_no_values)
    gradients: FloatArray = field(default_factory=_no_points)
    learning_rates: FloatArray = field(default_factory=lambda: np.zeros(1))
    ended: tuple[PathEnded, ...] = ()
    minima: tuple[Minimum, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
    starts: tuple[Point, ...] | None = None
    total_steps: int = 0
    phase: str = ""
    note: str = ""

    @property
    def last_step(self) -> int:
        """The newest step there is; 0 is the start."""
        return max(int(self.values.shape[1]) - 1, 0)

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return int(self.values.shape[0])

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the page, in order."""
        return tuple(item for item in self.page if isinstance(item, Table))
