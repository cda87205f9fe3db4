"""View data of the descent pane: surface, paths, ghosts, starts."""

from __future__ import annotations

from dataclasses import dataclass

from engine.events import SurfaceDrawn
from tui.views.paths_picture import PathsPicture, Point, ghosts_alike


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DescentPicture(PathsPicture):
    """The content of the descent pane; its paths are those of a descent of two variables, d = 2. `starts` are those of
    the next run, being edited."""

    surface: SurfaceDrawn | None = None
    starts: tuple[Point, ...] = ()

    def alike(self, other: DescentPicture) -> bool:
        """Whether another picture shows the same, judged only by the identity of its objects and its number of steps:
        O(1)."""
        return (
            self.surface is other.surface
            and self.opened is other.opened
            and self.values.shape == other.values.shape
            and (self.phase, self.starts, self.total_steps, self.note)
            == (other.phase, other.starts, other.total_steps, other.note)
            and len(self.ended) == len(other.ended)
            and all(a is b for a, b in zip(self.ended, other.ended, strict=True))
            and ghosts_alike(self.ghosts, other.ghosts)
        )
