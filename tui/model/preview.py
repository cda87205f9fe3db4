"""The preview of a lesson's curve or surface before any run, on which a start can be picked. It uses only NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from engine.descent import chosen, curves
from engine.events import Curve, SurfaceDrawn
from engine.own.paths import is_file
from engine.params import Domain

Ground = tuple[str, ...]
"""The identity of a function, as its settings name it: pictures of two runs are drawn together only if it is the
same."""


GROUND = ("surface", "conditioning", "function", "domain")
"""The settings that choose the function."""


def ground_of(texts: Mapping[str, str]) -> Ground:
    """The function that settings choose; empty for a lesson without a function that can be drawn."""
    domain = texts.get("domain", "")
    shown = "" if domain == "auto" else domain
    if "surface" in texts:
        return (texts["surface"], texts.get("conditioning", "") if texts["surface"] == "bowl" else "", shown)
    function = texts.get("function", "")
    return (function, "", shown) if function in curves.NAMES or (function and domain) else ()


def ground_words(ground: Ground) -> str:
    """The name of the function: `saddle`, or `bowl of conditioning 10`."""
    name, conditioning, domain = ground or ("", "", "")
    return name + (f" of conditioning {conditioning}" if conditioning else "") + (f" over {domain}" if domain else "")


@lru_cache(16)
def surface_of(ground: Ground) -> SurfaceDrawn:
    """The surface, as a run draws it."""
    name, conditioning, domain = ground
    ranges = Domain(dimensions=2).parse(domain)
    return chosen.surface_called(name, float(conditioning) if conditioning else 10.0, ranges).drawn()


@lru_cache(16)
def curve_of(ground: Ground) -> Curve:
    """The curve with its slope in closed form; a run draws the slope that the tape finds."""
    return function_of(ground).drawn()


def is_drawn(ground: Ground) -> bool:
    """Whether the function can be drawn before a run: a learner's file is run only by a run."""
    return bool(ground) and not is_file(ground[0])


def function_of(ground: Ground) -> curves.Function:
    """Return the function of one variable."""
    name, _, domain = ground
    return chosen.function_called(name, Domain().parse(domain))
