"""What a lesson descends, drawn before any run: so that a start can be picked on it. NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from engine import surfaces
from engine.events import Curve, SurfaceDrawn
from engine.lessons import gradients

Ground = tuple[str, ...]
"""What is descended, as the settings name it: pictures of two runs lie over one another only where it is the same."""


def ground_of(texts: Mapping[str, str]) -> Ground:
    """What settings descend; empty for a lesson that descends nothing that can be drawn."""
    if "surface" in texts:
        return (texts["surface"], texts.get("conditioning", "") if texts["surface"] == "bowl" else "")
    return (texts["function"],) if texts.get("function") in gradients.NAMES else ()


@lru_cache(16)
def surface_of(ground: Ground) -> SurfaceDrawn:
    """The surface, as a run draws it."""
    name, conditioning = ground
    return surfaces.surface(name, float(conditioning) if conditioning else 10.0).drawn()


@lru_cache(16)
def curve_of(ground: Ground) -> Curve:
    """The curve with its slope in closed form; a run draws the slope that the tape finds."""
    function = gradients.function_called(ground[0])
    x = np.linspace(*function.x_range, 401)
    return Curve(function.id, function.id, function.formula, x, function.f(x, np), function.derivative(x))
