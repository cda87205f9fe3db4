"""Everything on a map at one moment, drawn layer upon layer; what did not change is kept from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.events import PathsOpened, SurfaceDrawn
from tui.descent_picture import Basins, DescentPicture, Ghost, Point, ghosts_alike
from tui.drawing import path_styles
from tui.drawing.basin_picture import NAMES
from tui.drawing.map_marks import (
    Mark,
    draw_arrow,
    draw_cursor,
    faint,
    ghost_colour,
    lay_dots,
    path_colours,
    put_marks,
)
from tui.drawing.map_window import MapWindow
from tui.drawing.raster import BOLD, REVERSE, Raster
from tui.drawing.surface_picture import Ground, MapLook, ground
from tui.drawing.trails import Dots, Trails


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a map shows: `step` of the picture's paths, `path` the one that is read out, the cursor where there is one.

    `basins` colour the map where they are given.
    """

    picture: DescentPicture
    step: int = 0
    path: int = 0
    cursor: Point | None = None
    basins: Basins | None = None


class MapScene:
    """Draws moments. The map below is drawn once a window, and each dot of a path once a window too."""

    def __init__(self) -> None:
        self._ground: Ground | None = None
        self._ground_of: tuple[SurfaceDrawn, MapWindow, MapLook, Basins | None] | None = None
        self._trails: Trails | None = None
        self._trails_of: tuple[PathsOpened | None, MapWindow, bool, bool] | None = None
        self._ghosts: list[Dots] = []
        self._ghosts_of: tuple[tuple[Ghost, ...], MapWindow, bool] | None = None

    def draw(self, moment: Moment, window: MapWindow, look: MapLook) -> Raster:
        """The map of this moment. The picture must have a surface."""
        picture = moment.picture
        assert picture.surface is not None
        below = self.ground(picture.surface, window, look, moment.basins)
        cells = below.cells.copy()
        self._draw_ghosts(cells, below, picture.ghosts, window, look)
        if picture.paths and picture.points.shape[2] == 2:
            self._draw_paths(cells, below, moment, window, look)
        put_marks(cells, below, window, _fixed_marks(moment, look), look)
        if picture.paths and picture.points.shape[2] == 2:
            here = _standing(picture, moment.step)
            path = min(moment.path, picture.paths - 1)
            point = (float(here[path, 0]), float(here[path, 1]))
            gradient = picture.gradients[path, min(moment.step, picture.last_step)]
            draw_arrow(cells, below, window, point, gradient, look)
            put_marks(cells, below, window, _path_marks(moment, here, path, look), look)
        if moment.cursor is not None:
            draw_cursor(cells, below, window, (moment.cursor[0], moment.cursor[1]), look)
        return cells

    def ground(self, surface: SurfaceDrawn, window: MapWindow, look: MapLook, basins: Basins | None) -> Ground:
        """The map alone, drawn again only where one of these is another."""
        key = (surface, window, look, basins)
        known = self._ground_of
        same = known is not None and known[0] is surface and known[1:3] == key[1:3] and known[3] is basins
        if self._ground is None or not same:
            self._ground = ground(surface, window, look, basins)
            self._ground_of = key
        return self._ground

    def _draw_paths(self, cells: Raster, below: Ground, moment: Moment, window: MapWindow, look: MapLook) -> None:
        picture = moment.picture
        dots = self._path_dots(picture, window, look)
        colours = path_colours(picture.paths, look)
        if moment.step < picture.last_step:
            lay_dots(cells, below, dots, window, look, faint(colours, look), moment.path)
            dots = dots.until(moment.step)
        lay_dots(cells, below, dots, window, look, colours, moment.path)

    def _path_dots(self, picture: DescentPicture, window: MapWindow, look: MapLook) -> Dots:
        key = (picture.opened, window, look.ascii_only, look.plain)
        known = self._trails_of
        same = known is not None and known[0] is picture.opened and known[1:] == key[1:]
        if self._trails is None or not same or self._trails.steps > picture.points.shape[1]:
            dashes = [path_styles.dash(slot, plain=look.plain) for slot in range(picture.paths)]
            self._trails = Trails(window, picture.paths, *_dots_a_cell(look), () if look.ascii_only else dashes)
            self._trails_of = key
        if self._trails.steps < picture.points.shape[1]:
            self._trails.extend(picture.points[:, self._trails.steps :])
        return self._trails.dots()

    def _draw_ghosts(
        self, cells: Raster, below: Ground, ghosts: tuple[Ghost, ...], window: MapWindow, look: MapLook
    ) -> None:
        known = self._ghosts_of
        if known is None or known[1:] != (window, look.ascii_only) or not ghosts_alike(known[0], ghosts):
            self._ghosts = [_ghost_dots(ghost, window, look) for ghost in ghosts if ghost.points.shape[1] == 2]
            self._ghosts_of = (ghosts, window, look.ascii_only)
        colour = np.array([ghost_colour(look)], np.int32)
        for dots in self._ghosts:
            lay_dots(cells, below, dots, window, look, colour, char=".")


def _dots_a_cell(look: MapLook) -> tuple[int, int]:
    return (1, 1) if look.ascii_only else (2, 4)


def _ghost_dots(ghost: Ghost, window: MapWindow, look: MapLook) -> Dots:
    return Trails(window, 1, *_dots_a_cell(look), [None if look.ascii_only else (1, 1)]).extend(ghost.points[None])


def _standing(picture: DescentPicture, step: int) -> npt.NDArray[np.float64]:
    """Where each path is at `step`, float64 [p, 2]; NaN after it diverged."""
    return np.asarray(picture.points[:, min(step, picture.last_step)], np.float64)


def _fixed_marks(moment: Moment, look: MapLook) -> list[Mark]:
    """Known minima, starts of the next run, and where the paths began."""
    picture = moment.picture
    marks: list[Mark] = []
    sign = "X" if look.ascii_only else "×"
    minima = moment.basins.minima if moment.basins is not None else picture.surface.minima if picture.surface else ()
    for place, minimum in enumerate(minima):
        char = NAMES[place % len(NAMES)] if moment.basins is not None else sign
        marks.append(Mark(minimum.point[0], minimum.point[1], char, look.ink))
    began = set() if picture.opened is None else set(map(tuple, picture.opened.starts.tolist()))
    for start in picture.starts:
        if len(start) == 2 and tuple(np.array(start, np.float32).tolist()) not in began:
            marks.append(Mark(start[0], start[1], "o" if look.ascii_only else "○", look.ink))
    return marks


def _path_marks(moment: Moment, here: npt.NDArray[np.float64], path: int, look: MapLook) -> list[Mark]:
    """The start and the head of every path, those of the one that is read out last."""
    starts = np.asarray(moment.picture.points[:, 0], np.float64)
    colours = path_colours(moment.picture.paths, look).tolist()
    order = [slot for slot in range(len(here)) if slot != path] + [path]
    plain = look.ascii_only
    began = [
        Mark(float(starts[slot, 0]), float(starts[slot, 1]), path_styles.start(slot, ascii_only=plain), colours[slot])
        for slot in order
    ]
    now = [
        Mark(
            float(here[slot, 0]),
            float(here[slot, 1]),
            path_styles.head(slot, ascii_only=plain),
            colours[slot],
            _head_attributes(look),
        )
        for slot in order
        if np.isfinite(here[slot]).all()
    ]
    return began + now if moment.step else now


def _head_attributes(look: MapLook) -> int:
    return BOLD | REVERSE if look.ascii_only else BOLD
