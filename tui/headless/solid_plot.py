"""Paths on a surface in three dimensions, as text for a terminal: the picture that the app draws."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from rich.style import Style
from rich.text import Text

from engine.descent.view3d import Camera
from engine.events import FloatArray, PathsOpened, SurfaceDrawn
from tui.plot import path_styles
from tui.plot.map_scene import MapScene, Moment
from tui.plot.raster import BOLD, NONE, REVERSE, Raster
from tui.plot.solid import SolidWindow
from tui.plot.surface_picture import MapLook
from tui.text.clean import clean
from tui.text.glyphs import Glyphs
from tui.views.descent_picture import DescentPicture

_MOST_COLUMNS = 72


def solid_plot(
    surface: SurfaceDrawn, opened: PathsOpened, points: FloatArray, width: int, system: str, glyphs: Glyphs
) -> Text:
    """Draw paths `points` float [p, k, 2] on the surface, and their names below.

    `system` is the terminal's colour system by Rich's name, empty for no colour. The terminal's own background colour
    is not known, so nothing is painted beside the surface.
    """
    columns = min(width, _MOST_COLUMNS)
    look = MapLook(system=system or "truecolor", plain=not system, glyphs=glyphs)
    ranges = [(float(axis[0]), float(axis[-1])) for axis in (surface.x, surface.y)]
    window = SolidWindow(ranges[0], ranges[1], Camera(), columns, max(round(columns * 0.36), 10))
    nothing = np.zeros_like(points)
    picture = DescentPicture(surface=surface, opened=opened, points=points, values=nothing[..., 0], gradients=nothing)
    cells = MapScene().draw(Moment(picture, picture.last_step), window, look)
    _unpaint(cells, look.background)
    text = Text("\n").join([_line(cells, row) for row in range(cells.height) if _inked(cells, row)])
    for slot, label in enumerate(opened.labels[: len(points)]):
        colour = path_styles.colour(slot, dark=look.dark) if system else None
        text.append("\n  " + path_styles.head(slot, glyphs), Style(color=colour))
        text.append(f" {glyphs.spelled(clean(label))}")
    return text


def _unpaint(cells: Raster, background: int) -> None:
    """Leave cells of the background's colour unpainted; if it is only the upper half, draw the lower."""
    upper = (cells.chars == "▀") & (cells.front == background)
    cells.chars[upper] = "▄"
    cells.front[upper], cells.back[upper] = cells.back[upper], NONE
    cells.back[cells.back == background] = NONE


def _inked(cells: Raster, row: int) -> bool:
    blank = np.isin(cells.chars[row], (" ", "\u2800"))
    return bool((~blank | (cells.back[row] != NONE)).any())


def _line(cells: Raster, row: int) -> Text:
    line, codes = Text(), cells.codes()[row]
    cuts = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), cells.width]
    for first, last in pairwise(cuts):
        front, back, attributes = (int(part[row, first]) for part in (cells.front, cells.back, cells.attributes))
        style = Style(
            color=f"#{front:06x}" if front != NONE else None,
            bgcolor=f"#{back:06x}" if back != NONE else None,
            bold=bool(attributes & BOLD) or None,
            reverse=bool(attributes & REVERSE) or None,
        )
        line.append("".join(cells.chars[row, first:last].tolist()).replace("\u2800", " "), style)
    return line
