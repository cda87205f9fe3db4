"""gdtui's descents on Himmelblau's surface: one path with every point kept, and 16,384 at once."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from engine.descent import basins, compiled_descent, surfaces
from engine.descent.optimizers import OptimizerSettings
from engine.lessons import lesson
from tests.benchmarks.serve import Round, serve

STEPS = 200
START = (4.0, 0.0)
RATE = 0.01
SIDE = 128


def prepare() -> Round:
    """Compile and warm up."""
    one_round(1, 1)
    return one_round


def one_round(descents: int, maps: int) -> dict[str, Any]:
    """`descents` descents one after another and `maps` maps of 16,384; each time is for one.

    `lesson_seconds` is for the whole lesson with one start: the surface, the path's end, the sentences.
    """
    surface = surfaces.surface("himmelblau")
    objective = compiled_descent.surface_objective(surface)
    with compiled_descent.program(surface.key, objective, "sgd", OptimizerSettings(), 1) as program:
        began = time.perf_counter()
        for _ in range(descents):
            program.begin(np.array([START], np.float32), RATE)
            path = program.advance(STEPS)
        seconds = (time.perf_counter() - began) / descents
    began = time.perf_counter()
    for _ in range(maps):
        found = basins.basins(surface, "sgd", RATE, STEPS, width=SIDE, height=SIDE)
    map_seconds = (time.perf_counter() - began) / maps
    himmelblau = lesson("himmelblau")
    settings = himmelblau.settings(start=(START,), steps=STEPS)
    began = time.perf_counter()
    for _ in range(descents):
        list(himmelblau.run(settings))
    lesson_seconds = (time.perf_counter() - began) / descents
    return {
        "seconds": seconds,
        "value": float(path.values[0, -1]),
        "map_seconds": map_seconds,
        "seconds_a_descent": map_seconds / SIDE**2,
        "reached": int((found.reached >= 0).sum()),
        "lesson_seconds": lesson_seconds,
    }


if __name__ == "__main__":
    serve(prepare)
