"""Exercises of lesson 5: which way the gradient points, basins, speed limits, saddles, optimizers."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from engine.descent.chosen import surface_shape
from engine.descent.race import ARRIVED
from engine.descent.stability import COMPLEX_STEP, derivatives, plain_surface, resting_place
from engine.descent.surfaces import Surface, surface
from engine.events import FloatArray
from engine.exercises.exercise import Misconception, Mistake, Numbers, Question, Task, within
from engine.exercises.seen import Recipe, RunSeen

LESSON = "himmelblau"
RATE = 0.01
STEPS = 200
_HIMMELBLAU = surface("himmelblau")


def descend(surface: Surface, starts: FloatArray, rate: float, steps: int) -> FloatArray:
    """Descend plainly, in NumPy, from `starts` float64 [p, 2]; returns every point, [p, steps + 1, 2]."""
    plain = plain_surface(surface)
    here, points = np.array(starts, np.float64), [np.array(starts, np.float64)]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            slopes = [plain(here + 1j * COMPLEX_STEP * axis).imag / COMPLEX_STEP for axis in np.eye(2)]
            here = here - rate * np.stack(slopes, axis=1)
            points.append(here)
    return np.stack(points, axis=1)


@cache
def _end_of(x: float, y: float, around: float = 0.0) -> int | None:
    """The index of the minimum that a start reaches, if with `around` its neighbours at that distance reach it too;
    None otherwise."""
    nearby = np.array([[x, y], [x + around, y], [x - around, y], [x, y + around], [x, y - around]])
    ends = descend(_HIMMELBLAU, nearby if around else nearby[:1], RATE, STEPS)[:, -1]
    places = np.array([minimum.point for minimum in _HIMMELBLAU.minima])
    away = np.linalg.norm(ends[:, None] - places, axis=2)
    if not (away.min(axis=1) <= ARRIVED).all():
        return None
    reached = set(away.argmin(axis=1).tolist())
    return int(reached.pop()) if len(reached) == 1 else None


def _draw_start(random: np.random.Generator) -> Numbers:
    """Draw a start well inside a basin: near its edge, rounding errors decide."""
    while True:
        x, y = (float(part) / 2.0 for part in random.integers(-9, 10, size=2))
        if _end_of(x, y, around=0.02) is not None:
            return {"x": x, "y": y, "rate": RATE}


# --- the first step -----------------------------------------------------------------------------------------------


def _angle(n: Numbers) -> float:
    """Degrees between the first step and the line from the start to the minimum reached; NaN if none is reached."""
    end = _end_of(n["x"], n["y"])
    if end is None:
        return math.nan
    start = np.array([n["x"], n["y"]])
    step = -derivatives(plain_surface(_HIMMELBLAU), start)[0]
    line = np.array(_HIMMELBLAU.minima[end].point) - start
    lengths = float(np.linalg.norm(step) * np.linalg.norm(line))
    if lengths == 0.0:
        return math.nan
    return math.degrees(math.acos(float(np.clip(step @ line / lengths, -1.0, 1.0))))


def _first_step(n: Numbers) -> Numbers:
    """The gradient at the start, the point after one step, the minimum reached, and the directions of the step and of
    the line to the minimum in degrees."""
    start = np.array([n["x"], n["y"]])
    gradient = derivatives(plain_surface(_HIMMELBLAU), start)[0]
    after = start - n["rate"] * gradient
    end = _HIMMELBLAU.minima[_end_of(n["x"], n["y"]) or 0]
    line = np.array(end.point) - start
    return {
        "minimum": end.label,
        "gx": float(gradient[0]),
        "gy": float(gradient[1]),
        "sx": float(-gradient[0]),
        "sy": float(-gradient[1]),
        "x1": float(after[0]),
        "y1": float(after[1]),
        "step_angle": math.degrees(math.atan2(-gradient[1], -gradient[0])),
        "line_angle": math.degrees(math.atan2(line[1], line[0])),
    }


FIRST_STEP = Question(
    id="first-step",
    lesson=LESSON,
    kind="number",
    draw=_draw_start,
    right=_angle,
    tolerance=within(10.0),
    apart=3.0,  # an angle is at most 180 degrees, and an estimate from a map is accurate to about ten
    wrong=(Misconception("straight-there", lambda _: 0.0),),
    facts=_first_step,
)

# --- which minimum ------------------------------------------------------------------------------------------------

OPTIONS = ("upper-right", "upper-left", "lower-left", "lower-right")
_PLACES = np.array([minimum.point for minimum in _HIMMELBLAU.minima])
_CLEARLY = 0.5
"""A minimum is clearly nearer than another one by this distance."""


def _nearest(n: Numbers) -> str:
    return OPTIONS[int(np.linalg.norm(_PLACES - np.array([n["x"], n["y"]]), axis=1).argmin())]


def _reached(n: Numbers) -> str:
    end = _end_of(n["x"], n["y"])
    return "" if end is None else OPTIONS[end]


def _draw_far_start(random: np.random.Generator) -> Numbers:
    """Draw a start well inside a basin whose minimum is clearly not the nearest one. Such starts are far out, where the
    first step jumps over everything between; around (−0.5, −0.5) all four minima are about equally far."""
    while True:
        x, y = (float(part) / 4.0 for part in random.integers(-24, 25, size=2))
        far = np.linalg.norm(_PLACES - np.array([x, y]), axis=1)
        nearest, second = np.sort(far)[:2]
        end = _end_of(x, y, around=0.02) if second - nearest >= _CLEARLY else None
        if end is not None and far[end] - nearest >= _CLEARLY:
            return {"x": x, "y": y, "rate": RATE}


WHICH_MINIMUM = Question(
    id="which-minimum",
    lesson=LESSON,
    kind="minimum",
    draw=_draw_far_start,
    options=OPTIONS,
    right=_reached,
    wrong=(Misconception("nearest", _nearest),),
    facts=_first_step,
)

# --- the speed limit ----------------------------------------------------------------------------------------------

_FAST = 0.0185
_LIMIT = 0.019
_STAYS = 20


def _one_path(run: RunSeen, start: tuple[float, float], surface: str) -> bool:
    """Whether a run is plain descent from only this start on this surface."""
    return run["surface"] == surface and run["start"] == (start,) and run["optimizer"] == ("sgd",) and bool(run.ends)


def _stays(run: RunSeen) -> bool:
    """Whether the last steps of the only path are all near the minimum."""
    arrived = run.ends[0].arrived_step
    return arrived is not None and arrived <= run.steps - _STAYS + 1


def _near_now_and_then(run: RunSeen) -> bool:
    """Whether a path that did not stay was near a minimum at some step."""
    places = np.array([minimum.point for minimum in run.minima])
    return bool((np.linalg.norm(run.paths[0][:, None] - places, axis=2) <= ARRIVED).any())


def _from_four(run: RunSeen) -> bool:
    return _one_path(run, (4.0, 0.0), "himmelblau")


SPEED_LIMIT = Task(
    id="speed-limit",
    lesson=LESSON,
    done=lambda runs: _from_four(runs[-1]) and runs[-1]["learning_rate"] >= _FAST and _stays(runs[-1]),
    wrong=(
        Mistake(
            "timid",
            lambda runs: _from_four(runs[-1]) and runs[-1]["learning_rate"] < _FAST and _stays(runs[-1]),
            (Recipe({"start": "4,0", "learning_rate": "0.01"}),),
        ),
        Mistake(
            "passing",
            lambda runs: _from_four(runs[-1]) and not _stays(runs[-1]) and _near_now_and_then(runs[-1]),
            (Recipe({"start": "4,0", "learning_rate": "0.01", "steps": "30"}),),
        ),
        Mistake(
            "hops",
            lambda runs: _from_four(runs[-1]) and not _stays(runs[-1]),
            (Recipe({"start": "4,0", "learning_rate": "0.02"}),),
        ),
        Mistake(
            "not-alone",
            lambda runs: runs[-1]["surface"] == "himmelblau" and _FAST <= runs[-1]["learning_rate"] < _LIMIT,
            (Recipe({"start": "4,0", "learning_rate": "0.0188", "optimizer": "sgd,adam"}),),
        ),
    ),
    solution=(Recipe({"start": "4,0", "learning_rate": "0.0188"}),),
)

# --- a saddle -----------------------------------------------------------------------------------------------------

_LEVEL = 0.01


def _stopped_at(run: RunSeen) -> tuple[bool, bool]:
    """Whether some path stopped at a saddle, and whether some path stopped at a minimum."""
    plain = plain_surface(surface_shape(run["surface"], run["conditioning"]))
    saddle = minimum = False
    for end in run.ends:
        if end.gradient_norm < _LEVEL:
            kind = resting_place(plain, end.point, ARRIVED)
            saddle, minimum = saddle or kind == "saddle", minimum or kind == "minimum"
    return saddle, minimum


SADDLE = Task(
    id="saddle",
    lesson=LESSON,
    done=lambda runs: _stopped_at(runs[-1])[0],
    wrong=(
        Mistake("minimum", lambda runs: _stopped_at(runs[-1])[1], (Recipe({"start": "1,0"}),)),
        Mistake(
            "still-moving",
            lambda runs: runs[-1]["surface"] == "saddle" and any(end.point[1] == 0.0 for end in runs[-1].ends),
            (Recipe({"surface": "saddle", "start": "-2.5,0", "learning_rate": "0.01", "steps": "300"}),),
        ),
        Mistake(
            "slid-off",
            lambda runs: runs[-1]["surface"] == "saddle",
            (Recipe({"surface": "saddle", "start": "-2.5,0.001"}),),
        ),
    ),
    solution=(Recipe({"surface": "saddle", "start": "-2.5,0", "learning_rate": "0.02", "steps": "300"}),),
)

# --- passing by and arriving --------------------------------------------------------------------------------------


def _came_back(run: RunSeen) -> bool:
    """Whether a path was near the minimum it arrived at, left it, and settled there later."""
    for path, end in enumerate(run.ends):
        if end.minimum is not None and end.arrived_step is not None:
            near = np.linalg.norm(run.paths[path] - np.array(end.minimum.point), axis=1) <= ARRIVED
            if int(near.argmax()) < end.arrived_step:
                return True
    return False


COME_BACK = Task(
    id="come-back",
    lesson=LESSON,
    done=lambda runs: _came_back(runs[-1]),
    wrong=(
        Mistake(
            "settled-at-once",
            lambda runs: any(end.minimum is not None for end in runs[-1].ends),
            (Recipe({"start": "1,0"}),),
        ),
        Mistake("no-arrival", lambda runs: bool(runs[-1].ends), (Recipe({"start": "1,0", "steps": "3"}),)),
    ),
    solution=(Recipe({"start": "1,0", "optimizer": "adam", "learning_rate": "1"}),),
)

EXERCISES_OF_PATHS = (FIRST_STEP, WHICH_MINIMUM, SPEED_LIMIT, SADDLE, COME_BACK)
