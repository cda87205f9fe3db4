"""The first five minutes: a guided walk from a single slope to four minima, each predicted before it is shown.

A pure state and its response to keys. Every number is computed with NumPy as the walk goes on, without TensorFlow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np

from engine.descent.curves import function_called
from engine.descent.race import ARRIVED
from engine.descent.surfaces import surface
from engine.events import FloatArray, IntArray
from engine.exercises.himmelblau import FIRST_STEP, descend

Stage = Literal["slope", "steps", "rate", "minimum", "shown", "same", "why", "code", "end"]
RATES = (0.02, 0.05, 0.1, 0.2)
"""The rates that `]` steps through."""
START, MOST = 2.0, 50
FAR = float(np.finfo(np.float32).max)
"""An f above this is infinite in 32 bits, in which the lesson computes: the path has diverged."""
PLACE = (-4.0, 0.0)
SLOW, FAST = 0.01, 0.015
SURFACE_STEPS = 60
_NEGATIVE = re.compile(r"-(?=\d)")
WELL = function_called("double-well")
HIMMELBLAU = surface("himmelblau")
_SPANS = HIMMELBLAU.x_range, HIMMELBLAU.y_range
_NEAR = 0.5
"""A path that is so near to a minimum after SURFACE_STEPS steps ends there."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The state of the walk: `step` is how much of the path is shown, `rate` an index in RATES, `guess` the predicted
    minimum (from 1), `basins` whether the map shows basins, `right` how many of the `asked` predictions were right;
    `said` responds to the last key."""

    stage: Stage = "slope"
    step: int = 0
    rate: int = 0
    guess: int = 0
    basins: bool = False
    right: int = 0
    asked: int = 0
    said: str = ""


@cache
def well_path(rate: float) -> tuple[float, ...]:
    """The descent on the double well from START until it stays, diverges, or MOST steps are taken."""
    points = [START]
    for _ in range(MOST):
        points.append(points[-1] - rate * slope(points[-1]))
        if not abs(float(WELL.f(np.array(points[-1]), np))) < FAR:
            break
    return tuple(points)


@cache
def well_end(rate: float) -> tuple[float | None, int]:
    """The minimum at which the descent at this rate stays, None if it diverges; and the step since which it stays, or
    at which it diverges."""
    points = np.array(well_path(rate))
    for minimum in WELL.minima:
        away = np.abs(points - minimum.point[0]) > ARRIVED
        if not away[-1]:
            return minimum.point[0], int(np.flatnonzero(away)[-1]) + 1 if away.any() else 0
    return None, len(points) - 1


@cache
def surface_path(rate: float) -> FloatArray:
    """The descent on Himmelblau's function from PLACE, [SURFACE_STEPS + 1, 2]."""
    points: FloatArray = descend(HIMMELBLAU, np.array([PLACE]), rate, SURFACE_STEPS)[0]
    return points


@cache
def basins(rate: float, width: int, height: int) -> IntArray:
    """For a grid of starts over the map, its rows from the top, the number, from 1, of the minimum at which each path
    ends, [height, width]; 0 where it ends at none."""
    x, y = (np.linspace(*span, count) for span, count in zip(_SPANS, (width, height), strict=True))
    starts = np.stack(np.meshgrid(x, y[::-1]), axis=-1).reshape(-1, 2)
    ends = descend(HIMMELBLAU, starts, rate, SURFACE_STEPS)[:, -1]
    places = np.array([minimum.point for minimum in HIMMELBLAU.minima])
    away = np.nan_to_num(np.linalg.norm(ends[:, None] - places, axis=2), nan=np.inf)
    found: IntArray = np.where(away.min(axis=1) <= _NEAR, away.argmin(axis=1) + 1, 0)
    return found.reshape(height, width)


def reached(rate: float) -> int:
    """The number, from 1, of the minimum at which the path from PLACE ends."""
    places = np.array([minimum.point for minimum in HIMMELBLAU.minima])
    return int(np.linalg.norm(places - surface_path(rate)[-1], axis=1).argmin()) + 1


def slope(x: float) -> float:
    """The slope of the double well."""
    return float(WELL.derivative(np.array(x)))


def pressed(walk: Walk, key: str) -> Walk:
    """The walk after a key, by Textual's name; the same walk for a key without a meaning here."""
    match walk.stage, key:
        case "slope", "left" | "right":
            right = (key == "left") == (slope(START) > 0)
            said = "Right: against the slope." if right else "That is uphill: the slope is positive, f rises that way."
            return _answered(walk, right, said, "steps")
        case "steps", "s":
            step = walk.step + 1
            stage: Stage = "rate" if step >= well_end(RATES[0])[1] else "steps"
            return replace(walk, stage=stage, step=step, said="")
        case "rate", "right_square_bracket" | "colon" | "left_square_bracket" | "semicolon":
            by = 1 if key in ("right_square_bracket", "colon") else -1
            return replace(walk, rate=min(max(walk.rate + by, 0), len(RATES) - 1), step=MOST, said="")
        case "rate", "enter" if well_end(RATES[walk.rate])[0] == deepest():
            return replace(walk, stage="minimum", step=0, said="")
        case "minimum", "1" | "2" | "3" | "4":
            return replace(walk, stage="shown", guess=int(key), step=0, said=f"You said {key}.")
        case "shown", "s":
            step = min(walk.step + 3, SURFACE_STEPS)
            if step < SURFACE_STEPS:
                return replace(walk, step=step)
            right, end = walk.guess == reached(SLOW), reached(SLOW)
            said = f"{'Right' if right else 'No'}: it ends at {end}."
            return _answered(replace(walk, step=step), right, said, "same")
        case "same", "y" | "n":
            right = (key == "y") == (reached(SLOW) == reached(FAST))
            said = (
                f"{'Right' if right else 'No'}: at {FAST:g} it ends at {reached(FAST)}, at {SLOW:g} at {reached(SLOW)}."
            )
            return _answered(walk, right, said, "why")
        case "why", "b":
            return replace(walk, basins=not walk.basins)
        case "why", "enter":
            return replace(walk, stage="code", basins=False, step=MOST, said="")
        case "code", "enter":
            return replace(walk, stage="end", said="")
    return walk


def _answered(walk: Walk, right: bool, said: str, stage: Stage) -> Walk:
    return replace(walk, stage=stage, right=walk.right + right, asked=walk.asked + 1, said=said)


def deepest() -> float:
    """The deeper of the double well's minima."""
    return min(WELL.minima, key=lambda minimum: minimum.value).point[0]


def first_angle() -> float:
    """Degrees between the first step from PLACE and the line to the path's end."""
    angle = FIRST_STEP.right({"x": PLACE[0], "y": PLACE[1]})
    return angle if isinstance(angle, float) else 0.0


def words(walk: Walk) -> tuple[str, ...]:
    """The text, one paragraph each; the last one names the keys."""
    return tuple(text if text.startswith(" ") else _NEGATIVE.sub("−", text) for text in _words(walk))


def _words(walk: Walk) -> tuple[str, ...]:
    told = (walk.said,) if walk.said else ()
    rate, first = RATES[walk.rate], RATES[0]
    match walk.stage:
        case "slope":
            return (
                f"The ball is in fog and feels only the slope under it: {slope(START):+.0f}. Which way is down?",
                "← or →",
            )
        case "steps":
            x = well_path(first)[walk.step]
            return (
                *told,
                (
                    f"How far? Learning rate η times slope: {first:g} × {slope(x):.4g} = {first * slope(x):.3g}. "
                    f"Step {walk.step}, x = {x:.3f}."
                ),
                "s steps",
            )
        case "rate":
            on = "enter goes on, " if well_end(rate)[0] == deepest() else ""
            return (*_rate_words(walk), f"{on}] larger rate, [ smaller")
        case "minimum":
            return (
                (
                    "Two variables, four minima, all equally deep; on the map # is high ground, a blank is low. The "
                    f"ball is at ({PLACE[0]:g}, {PLACE[1]:g}), η = {SLOW:g}. In which one will it end?"
                ),
                "1 to 4",
            )
        case "shown":
            return (*told, f"Step {walk.step} of {SURFACE_STEPS}.", "s goes on")
        case "same":
            return (
                *told,
                (
                    f"The first step pointed {first_angle():.1f}° off the line to the path's end: the gradient knows "
                    f"only the ground here. The same start at η = {FAST:g}: the same minimum?"
                ),
                "y or n",
            )
        case "why":
            shown = f"Each number stands for its minimum, at η = {FAST:g}." if walk.basins else "b shows why."
            return (
                *told,
                f"All starts that end in one minimum form its basin. {shown}",
                "b shows or hides the basins, enter goes on",
            )
        case "code":
            return _code_words(rate)
        case _:
            return (f"{walk.right} of {walk.asked} predictions were right.", "enter: lesson 1, exercise 1")


def _code_words(rate: float) -> tuple[str, ...]:
    x, step = START, f"{START:g} - {rate:g} * {slope(START):g} = {START - rate * slope(START):.3g}"
    return (
        "Every slope came from code like this, here with your first step at the last learning rate:",
        f"  x = tf.Variable({x:.1f})",
        "  with tf.GradientTape() as tape:",
        "      y = x**4 - 3 * x**2 + x",
        f"  x.assign_sub({rate:g} * tape.gradient(y, x))  # {step}",
        "enter goes on",
    )


def _rate_words(walk: Walk) -> tuple[str, ...]:
    rate = RATES[walk.rate]
    end, step = well_end(rate)
    if walk.rate == 0:
        found = f"After {step} steps near the floor of a valley, x = {end:.3f}. The other one is deeper."
        return (f"{found} Reach it without moving the start, with one key.",)
    if end is None:
        return (f"η = {rate:g}: it runs away, at step {step}. One key goes back.",)
    if end != deepest():
        return (f"η = {rate:g}: the same valley, near x = {end:.3f} after {step} steps.",)
    return (f"η = {rate:g}: over the hill, near x = {end:.3f} in {step} steps. The learning rate chose the minimum.",)
