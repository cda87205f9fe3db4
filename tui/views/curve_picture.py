"""View data of lessons 1 to 4: curves, the descent on one of them, tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.events import Curve, FloatArray, Learned, Minimum, Remark, Table
from tui.views.paths_picture import PathsPicture, Point, no_points

PageItem = Remark | Table | Learned


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CurvePicture(PathsPicture):
    """The content of the pane of curves; its paths are those of a descent of one variable, d = 1.

    `page` holds remarks, tables and the result, in the order of their events. `starts` are those of the next run, being
    edited; None if the lesson has no descent. `minima` are the known ones of the function. `tables_lead` is true if the
    lesson shows tables before its first curve.
    """

    curves: tuple[Curve, ...] = ()
    page: tuple[PageItem, ...] = ()
    points: FloatArray = field(default_factory=lambda: no_points(1))
    gradients: FloatArray = field(default_factory=lambda: no_points(1))
    minima: tuple[Minimum, ...] = ()
    starts: tuple[Point, ...] | None = None
    tables_lead: bool = False

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the page, in order."""
        return tuple(item for item in self.page if isinstance(item, Table))
