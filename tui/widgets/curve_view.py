"""The pane of lessons 1 to 4: curves with their gradients, the descent on one, and the page of tables."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.curve_picture import CurvePicture, PageItem
from tui.descent_picture import Ghost, Point

__all__ = ["PANELS", "CurvePicture", "CurveView", "Ghost", "PageItem"]

PANELS = ("curve", "paths", "steps", "page")
"""What is shown together where there is room, else one a tab; the ids of the widgets. A lesson that descends nothing
has no paths and no steps."""


class CurveView(Widget):
    """Everything a lesson of curves shows, laid out for the room there is: tabs, or curves beside the page.

    The app's own keys call `add_start`, `clear_starts` and `scrub`; the rest is in BINDINGS here and on the panels.
    Methods and messages are those of DescentView.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_line(1)", "Next curve"),
        Binding("N", "next_line(-1)", "Previous curve", show=False),
        Binding("f", "branch", "Branch here"),
        Binding("v", "next_panel(1)", "Next view"),
        Binding("V", "next_panel(-1)", "Previous view", show=False),
    ]

    path = reactive(0)
    """The path that is read out, by its number."""
    scrubbed: reactive[int | None] = reactive(None)
    """The step looked at; None follows the newest."""
    panel = reactive("curve")
    """The panel shown while there is room for one only."""

    class StartsChanged(Message):
        """The learner added, removed or cleared starts; `starts` are those of the next run, perhaps none."""

        def __init__(self, view: CurveView, starts: tuple[Point, ...]) -> None:
            super().__init__()
            self.view = view
            self.starts = starts

    class Scrubbed(Message):
        """Another step is looked at; None: the newest again."""

        def __init__(self, view: CurveView, step: int | None) -> None:
            super().__init__()
            self.view = view
            self.step = step

    class PathSelected(Message):
        """Another path is read out."""

        def __init__(self, view: CurveView, path: int) -> None:
            super().__init__()
            self.view = view
            self.path = path

    class BranchRequested(Message):
        """Go on from this step of this path, with another rate or optimizer; the parent is to stay as a ghost."""

        def __init__(self, view: CurveView, path: int, step: int) -> None:
            super().__init__()
            self.view = view
            self.path = path
            self.step = step

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._picture = CurvePicture()

    def show(self, picture: CurvePicture) -> None:
        """Show this moment of the run. What did not change since the last call is not drawn again."""
        self._picture = picture

    @property
    def step(self) -> int:
        """The step that is looked at."""
        return self._picture.last_step if self.scrubbed is None else min(self.scrubbed, self._picture.last_step)

    def add_start(self, point: Point | None = None) -> None:
        """Add a start at `point`, by default where the cursor is; posts StartsChanged."""

    def remove_start(self) -> None:
        """Remove the start nearest to the cursor, if one is near; posts StartsChanged."""

    def clear_starts(self) -> None:
        """Remove every start; posts StartsChanged."""

    def scrub(self, by: int) -> None:
        """Look at an earlier (-1) or later (1) step; past the newest the view follows the run again."""

    def scrub_to(self, step: int | None) -> None:
        """Look at `step`, or follow the newest (None)."""
