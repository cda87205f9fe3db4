"""The pane of lessons 1 to 4: curves with their gradients, the descent on one, and the page of tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from engine.events import Curve, FloatArray, Learned, Minimum, PathEnded, PathsOpened, Remark, Table

PageItem = Remark | Table | Learned


@dataclass(frozen=True, slots=True, eq=False)
class CurvePicture:
    """All that the pane shows at one moment. `page` holds remarks, tables and what was learned, as they came.

    A descent of one variable: `opened` as the engine said it, and every step so far of p paths, the start first:
    `points` float32 [p, k+1, 1], `values` [p, k+1], `gradients` [p, k+1, 1]. `ghosts` are earlier pictures whose
    paths are drawn dim. `minima` are the known ones of the function that is descended.
    """

    curves: tuple[Curve, ...] = ()
    page: tuple[PageItem, ...] = ()
    opened: PathsOpened | None = None
    points: FloatArray | None = None
    values: FloatArray | None = None
    gradients: FloatArray | None = None
    ended: tuple[PathEnded, ...] = ()
    minima: tuple[Minimum, ...] = ()
    ghosts: tuple[CurvePicture, ...] = ()
    phase: str = ""

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the page, in order."""
        return tuple(item for item in self.page if isinstance(item, Table))


class CurveView(Widget):
    """Everything a lesson of curves shows, laid out for the room there is: tabs, or curves beside the page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next_panel(1)", "Next view"),
        Binding("V", "next_panel(-1)", "Previous view", show=False),
    ]

    class StartAdded(Message):
        """The learner put another start on the curve, at the cursor: `point` is (x,)."""

        def __init__(self, view: CurveView, point: tuple[float, ...]) -> None:
            super().__init__()
            self.view = view
            self.point = point

        @property
        def control(self) -> CurveView:
            return self.view

    class StartsCleared(Message):
        """The learner took every start away."""

        def __init__(self, view: CurveView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> CurveView:
            return self.view

    class Scrubbed(Message):
        """Another step of the descent is shown; None follows the newest."""

        def __init__(self, view: CurveView, step: int | None) -> None:
            super().__init__()
            self.view = view
            self.step = step

        @property
        def control(self) -> CurveView:
            return self.view

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._picture = CurvePicture()

    def show(self, picture: CurvePicture) -> None:
        """Show this moment of the run. What did not change since the last call is not drawn again."""
        self._picture = picture

    def scrub(self, by: int) -> None:
        """Show an earlier (-1) or later (1) step of the descent; past the newest it follows the run again."""

    def scrub_to(self, step: int | None) -> None:
        """Show this step; None follows the newest."""
