"""The descent pane: the surface as a map with the paths on it, the race, and f along the paths."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.descent_picture import Basins, DescentPicture, Ghost, Point, Stability

__all__ = ["PANELS", "Basins", "DescentPicture", "DescentView", "Ghost", "Stability"]

PANELS = ("map", "race", "side")
"""What is shown together where there is room, else one a tab; the ids of the widgets."""


class DescentView(Widget):
    """Everything a descent shows. Its map has a cursor that picks starts; every panel shows the same step.

    The app's own keys call `add_start`, `clear_starts` and `scrub`; the rest is in BINDINGS here and on the panels.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_path(1)", "Next path"),
        Binding("N", "next_path(-1)", "Previous path", show=False),
        Binding("home", "scrub_to(0)", "First step", show=False),
        Binding("end", "follow", "Newest step", show=False),
        Binding("b", "toggle_basins", "Basins"),
        Binding("f", "branch", "Branch here"),
        Binding("v", "next_panel(1)", "Next view"),
        Binding("V", "next_panel(-1)", "Previous view", show=False),
    ]

    path = reactive(0)
    """The path that is read out, by its number."""
    scrubbed: reactive[int | None] = reactive(None)
    """The step looked at; None follows the newest."""
    panel = reactive("map")
    """The panel shown while there is room for one only."""
    basins_shown = reactive(False)

    class StartsChanged(Message):
        """The learner added, removed or cleared starts; `starts` are those of the next run, perhaps none."""

        def __init__(self, view: DescentView, starts: tuple[Point, ...]) -> None:
            super().__init__()
            self.view = view
            self.starts = starts

    class Scrubbed(Message):
        """Another step is looked at; None: the newest again."""

        def __init__(self, view: DescentView, step: int | None) -> None:
            super().__init__()
            self.view = view
            self.step = step

    class PathSelected(Message):
        """Another path is read out."""

        def __init__(self, view: DescentView, path: int) -> None:
            super().__init__()
            self.view = view
            self.path = path

    class BranchRequested(Message):
        """Go on from this step of this path, with another rate or optimizer; the parent is to stay as a ghost."""

        def __init__(self, view: DescentView, path: int, step: int) -> None:
            super().__init__()
            self.view = view
            self.path = path
            self.step = step

    class BasinsRequested(Message):
        """The basins of this window are to be shown, on a grid of `width` by `height`; answer by `show_basins`."""

        def __init__(
            self,
            view: DescentView,
            x_range: tuple[float, float],
            y_range: tuple[float, float],
            width: int,
            height: int,
        ) -> None:
            super().__init__()
            self.view = view
            self.x_range = x_range
            self.y_range = y_range
            self.width = width
            self.height = height

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._picture = DescentPicture()

    def show(self, picture: DescentPicture) -> None:
        """Show this moment of the run. What did not change since the last call is not drawn again."""
        self._picture = picture

    def show_basins(self, basins: Basins | None) -> None:
        """Show these basins while they are switched on; the picture's own, where it has some, come first."""

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

    def action_next_path(self, by: int) -> None:
        """Read out the next path (1) or the one before (-1)."""

    def action_scrub_to(self, step: int) -> None:
        self.scrub_to(step)

    def action_follow(self) -> None:
        self.scrub_to(None)

    def action_toggle_basins(self) -> None:
        """Colour the map by the minimum that each place leads to, or by f again."""

    def action_branch(self) -> None:
        """Ask for a branch from the step looked at."""

    def action_next_panel(self, by: int) -> None:
        """Show the next panel (1) or the one before (-1) and put the focus there."""
