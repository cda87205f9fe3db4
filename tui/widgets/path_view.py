"""What the panes of a descent share, on a curve or on a surface: the path and the step that are looked at."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.curve_picture import CurvePicture
from tui.descent_picture import DescentPicture, Point

P = TypeVar("P", CurvePicture, DescentPicture)


class PathView(Widget, Generic[P]):
    """A pane with paths. The app's own keys call `add_start` and `scrub`."""

    path = reactive(0, init=False)
    """The path that is read out, by its number."""
    scrubbed: reactive[int | None] = reactive(None, init=False)
    """The step looked at; None follows the newest."""

    _picture: P

    class StartsChanged(Message):
        """The learner added or removed starts; `starts` are those of the next run, perhaps none."""

        def __init__(self, view: PathView[Any], starts: tuple[Point, ...]) -> None:
            super().__init__()
            self.view = view
            self.starts = starts

    class Scrubbed(Message):
        """Another step is looked at; None: the newest again."""

        def __init__(self, view: PathView[Any], step: int | None) -> None:
            super().__init__()
            self.view = view
            self.step = step

    class PathSelected(Message):
        """Another path is read out."""

        def __init__(self, view: PathView[Any], path: int) -> None:
            super().__init__()
            self.view = view
            self.path = path

    class BranchRequested(Message):
        """Go on from this step of this path, with another rate or optimizer; the parent is to stay as a ghost."""

        def __init__(self, view: PathView[Any], path: int, step: int) -> None:
            super().__init__()
            self.view = view
            self.path = path
            self.step = step

    @property
    def step(self) -> int:
        """The step that is looked at."""
        return self._picture.last_step if self.scrubbed is None else min(self.scrubbed, self._picture.last_step)

    def add_start(self, point: Point | None = None) -> None:
        """Add a start at `point`, by default where the cursor is, or bring the cursor; posts StartsChanged."""
        raise NotImplementedError

    def scrub(self, by: int) -> None:
        """Look at an earlier (-1) or later (1) step; past the newest the view follows the run again."""
        there = self.step + by
        if self._picture.paths:
            past = there > self._picture.last_step or (by > 0 and self.scrubbed is None)
            self.scrub_to(None if past else there)

    def scrub_to(self, step: int | None) -> None:
        """Look at `step`, or follow the newest (None)."""
        self.scrubbed = None if step is None else min(max(step, 0), self._picture.last_step)

    def action_branch(self) -> None:
        """Ask for a branch from the step looked at."""
        if self._picture.paths:
            self.post_message(self.BranchRequested(self, self.path, self.step))
