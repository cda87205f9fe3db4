"""The base of descent panes, on curves and surfaces: the selected path and step."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.views.curve_picture import CurvePicture
from tui.views.descent_picture import DescentPicture
from tui.views.paths_picture import Point
from tui.widgets.keyed import Keyed

P = TypeVar("P", CurvePicture, DescentPicture)


class PathView(Keyed, Widget, Generic[P]):
    """A pane with paths. The app's own keys call `add_start` and `scrub`."""

    path = reactive(0, init=False)
    """The number of the path in the readout."""
    scrubbed: reactive[int | None] = reactive(None, init=False)
    """The shown step; None follows the newest."""

    _picture: P

    class StartsChanged(Message):
        """The learner added or removed starts; `starts` are those of the next run, perhaps none."""

        def __init__(self, view: PathView[Any], starts: tuple[Point, ...]) -> None:
            super().__init__()
            self.view = view
            self.starts = starts

    class BranchRequested(Message):
        """A request to branch from this step of this path, with another rate or optimizer; the parent stays as a
        ghost."""

        def __init__(self, view: PathView[Any], path: int, step: int) -> None:
            super().__init__()
            self.view = view
            self.path = path
            self.step = step

    @property
    def step(self) -> int:
        """The shown step."""
        return self._picture.last_step if self.scrubbed is None else min(self.scrubbed, self._picture.last_step)

    def add_start(self, point: Point | None = None) -> None:
        """Add a start at `point`, by default at the cursor, or show the cursor; posts StartsChanged."""
        raise NotImplementedError

    def scrub(self, by: int) -> None:
        """Show an earlier (-1) or later (1) step; after the newest the view follows the run again."""
        there = self.step + by
        if self._picture.paths:
            past = there > self._picture.last_step or (by > 0 and self.scrubbed is None)
            self.scrub_to(None if past else there)

    def scrub_to(self, step: int | None) -> None:
        """Show `step`, or follow the newest (None)."""
        self.scrubbed = None if step is None else min(max(step, 0), self._picture.last_step)

    def action_branch(self) -> None:
        """Request a branch from the shown step."""
        if self._picture.paths:
            self.post_message(self.BranchRequested(self, self.path, self.step))
