"""Himmelblau in three dimensions, turned a little and drawn again, as in the app for each press of an arrow key."""

from __future__ import annotations

import statistics
import time
from typing import Any

from engine.descent import surfaces
from engine.descent.view3d import Camera
from tests.benchmarks.serve import Round, serve
from tui.plot.map_scene import MapScene, Moment
from tui.plot.raster_strips import RowCache
from tui.plot.solid import SolidWindow
from tui.plot.surface_picture import MapLook
from tui.views.descent_picture import DescentPicture

SIZES = {"redraw_s": (72, 30), "large_redraw_s": (130, 52)}
"""Cells of the map in a terminal of 120 by 36, and of 200 by 60."""


def prepare() -> Round:
    """Warm up."""
    one_round(2)
    return one_round


def one_round(turns: int) -> dict[str, Any]:
    """The median time of `turns` redraws at each size, strips included."""
    picture, camera = DescentPicture(surface=surfaces.surface("himmelblau").drawn()), Camera()
    found = {}
    for name, (columns, rows) in SIZES.items():
        scene, strips, times = MapScene(), RowCache(), []
        for _ in range(turns):
            camera = camera.turned(10.0, 0.0)
            window = SolidWindow((-6.0, 6.0), (-6.0, 6.0), camera, columns, rows)
            began = time.perf_counter()
            strips.strips(scene.draw(Moment(picture), window, MapLook()))
            times.append(time.perf_counter() - began)
        found[name] = statistics.median(times)
    return found


if __name__ == "__main__":
    serve(prepare)
