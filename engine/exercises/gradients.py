"""Exercises of lesson 1: the step, the learning rate, minima and maxima, the difference quotient."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from engine.descent.curves import NAMES, function_called
from engine.descent.race import ARRIVED
from engine.exercises.exercise import Misconception, Mistake, Numbers, Question, Runs, Task, picks
from engine.exercises.seen import Recipe, RunSeen
from engine.lessons.gradients import error_by_step

LESSON = "gradients"
STEPS_OF_DIFFERENCE = ("0.1", "0.001", "1e-05", "1e-07", "1e-11")
"""Steps of the lesson's table without 1e-09, whose error is about that of 1e-07: the best of these is best by far."""

# --- a step -------------------------------------------------------------------------------------------------------


def _draw_step(random: np.random.Generator) -> Numbers:
    name = str(random.choice(["parabola", "double-well"]))
    function = function_called(name)
    x = round(float(random.uniform(-2.0, 2.0)), 1)
    rate = float(random.choice([0.01, 0.02, 0.05, 0.1]))
    return {"formula": function.formula, "derivative": function.derivative_formula, "name": name, "x": x, "rate": rate}


def _slope(numbers: Numbers) -> float:
    return float(function_called(numbers["name"]).derivative(np.float64(numbers["x"])))


NEXT_STEP = Question(
    id="next-step",
    lesson=LESSON,
    kind="number",
    draw=_draw_step,
    right=lambda n: n["x"] - n["rate"] * _slope(n),
    wrong=(
        Misconception("uphill", lambda n: n["x"] + n["rate"] * _slope(n)),
        Misconception("rate-is-the-step", lambda n: n["x"] - n["rate"]),
    ),
    facts=lambda n: {"slope": _slope(n), "step": n["rate"] * _slope(n)},
)

THREE_STEPS = Question(
    id="three-steps",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {
        "x": float(random.integers(2, 10)),
        "rate": float(random.choice([0.1, 0.2, 0.25, 0.3, 0.4])),
    },
    right=lambda n: n["x"] * (1 - 2 * n["rate"]) ** 3,
    wrong=(Misconception("same-slope", lambda n: n["x"] * (1 - 6 * n["rate"])),),
    facts=lambda n: {
        "factor": 1 - 2 * n["rate"],
        "first": n["x"] * (1 - 2 * n["rate"]),
        "second": n["x"] * (1 - 2 * n["rate"]) ** 2,
    },
)

# --- the deeper minimum -------------------------------------------------------------------------------------------


def _only_the_rate(run: RunSeen) -> bool:
    """Whether a run is on the double well from its own start, with only the learning rate changed."""
    return run["function"] == "double-well" and run.differs_from({"function": "double-well"}) <= {"learning_rate"}


def _deepest() -> float:
    return min(function_called("double-well").minima, key=lambda minimum: minimum.value).point[0]


def _ended_in(run: RunSeen) -> float | None:
    """The minimum at which the only path of a run arrived."""
    minimum = run.ends[0].minimum if len(run.ends) == 1 else None
    return None if minimum is None else minimum.point[0]


def _passed(run: RunSeen, place: float) -> bool:
    """Whether any point of the first path was near `place`."""
    return bool((np.abs(run.paths[:1, :, 0] - place) <= ARRIVED).any())


DEEPER = Task(
    id="deeper",
    lesson=LESSON,
    done=lambda runs: _only_the_rate(runs[-1]) and _ended_in(runs[-1]) == _deepest(),
    wrong=(
        Mistake(
            "other-means",
            lambda runs: runs[-1]["function"] == "double-well" and not _only_the_rate(runs[-1]),
            (Recipe({"function": "double-well", "start": "-1"}),),
        ),
        Mistake(
            "smaller-is-safer",
            lambda runs: _only_the_rate(runs[-1]) and runs[-1]["learning_rate"] <= 0.02 and not runs[-1].diverged,
            (Recipe({"function": "double-well", "learning_rate": "0.01"}),),
        ),
        Mistake(
            "too-large",
            lambda runs: _only_the_rate(runs[-1]) and runs[-1].diverged,
            (Recipe({"function": "double-well", "learning_rate": "0.2"}),),
        ),
        Mistake(
            "passing",
            lambda runs: _only_the_rate(runs[-1]) and _ended_in(runs[-1]) is None and _passed(runs[-1], _deepest()),
            (Recipe({"function": "double-well", "learning_rate": "0.157"}),),
        ),
    ),
    solution=(Recipe({"function": "double-well", "learning_rate": "0.1"}),),
)

# --- in one step --------------------------------------------------------------------------------------------------


def _arrivals(run: RunSeen) -> list[int | None]:
    """The steps at which the paths from 2.5 and −3 arrived, by plain descent on the parabola; empty for any other
    run."""
    if run["function"] != "parabola" or {start[0] for start in run["start"]} != {2.5, -3.0}:
        return []
    return [end.arrived_step for end in run.ends] if run["optimizer"] == ("sgd",) else []


ONE_STEP = Task(
    id="one-step",
    lesson=LESSON,
    done=lambda runs: _arrivals(runs[-1]) == [1, 1],
    wrong=(
        Mistake(
            "nearly",
            lambda runs: sorted(_arrivals(runs[-1]), key=str) != [1, 1] and 1 in _arrivals(runs[-1]),
            (Recipe({"start": "2.5;-3", "learning_rate": "0.49"}),),
        ),
        Mistake(
            "twice-as-fast",
            lambda runs: bool(_arrivals(runs[-1])) and runs[-1]["learning_rate"] >= 0.9,
            (Recipe({"start": "2.5;-3", "learning_rate": "1"}),),
        ),
    ),
    solution=(Recipe({"start": "2.5;-3", "learning_rate": "0.5"}),),
)

# --- the watershed ------------------------------------------------------------------------------------------------

_NEAR = 0.02
_LEVEL = 0.01


def _curvature(name: str, x: float) -> float:
    function = function_called(name)
    ahead, behind = (float(function.derivative(np.float64(x + s * 1e-5))) for s in (1, -1))
    return (ahead - behind) / 2e-5


def _level_starts(run: RunSeen) -> list[float]:
    """The starts at which the slope is nearly 0."""
    function = function_called(run["function"])
    return [x for (x,) in run["start"] if abs(float(function.derivative(np.float64(x)))) < _LEVEL]


def _parted(run: RunSeen) -> bool:
    """Whether two starts near each other ended in different minima."""
    ends: list[tuple[float, Any]] = sorted(
        (start[0], end.minimum.point[0])
        for start, end in zip(run["start"], run.ends, strict=False)
        if end.minimum is not None
    )
    return any(there - here <= _NEAR + 1e-9 and one != other for (here, one), (there, other) in pairwise(ends))


def _watershed(runs: Runs) -> bool:
    run = runs[-1]
    return _parted(run) and any(_curvature(run["function"], x) < 0 for x in _level_starts(run))


WATERSHED = Task(
    id="watershed",
    lesson=LESSON,
    done=_watershed,
    wrong=(
        Mistake(
            "level-is-a-minimum",
            lambda runs: any(_curvature(runs[-1]["function"], x) > 0 for x in _level_starts(runs[-1])),
            (Recipe({"function": "double-well", "start": "1.131;1.14", "steps": "200"}),),
        ),
        Mistake(
            "not-arrived",
            lambda runs: len(runs[-1]["start"]) > 1 and any(end.minimum is None for end in runs[-1].ends),
            (Recipe({"function": "double-well", "start": "0.169;0.171", "steps": "20"}),),
        ),
    ),
    solution=(Recipe({"function": "double-well", "start": "0.169;0.171", "steps": "200"}),),
)

# --- the difference quotient --------------------------------------------------------------------------------------


ONE_SIDED, CENTRAL = 1, 2
"""Columns of the lesson's table of steps."""
_QUOTIENTS = {ONE_SIDED: "(f(x + h) − f(x)) / h", CENTRAL: "(f(x + h) − f(x − h)) / 2h"}


def errors(name: str, column: int) -> dict[str, float]:
    """The greatest error with each of the offered steps, in the order of the table."""
    found = {f"{row[0]:g}": row[column] for row in error_by_step(function_called(name))}
    return {step: found[step] for step in STEPS_OF_DIFFERENCE}


def _best(name: str, column: int) -> str:
    found = errors(name, column)
    return min(found, key=lambda step: found[step])


def _difference_facts(n: Numbers) -> Mapping[str, Any]:
    found, best = errors(n["name"], n["column"]), _best(n["name"], n["column"])
    return {
        "formula": function_called(n["name"]).formula,
        "quotient": _QUOTIENTS[n["column"]],
        "best": best.replace("e-0", "e-"),
        "least": found[best],
        "tiny": found["1e-11"],
        "times": found["1e-11"] / found[best],
    }


BEST_H = Question(
    id="best-h",
    lesson=LESSON,
    kind="choice",
    draw=lambda random: {
        "name": str(random.choice([name for name in NAMES if name != "parabola"])),
        "column": int(random.choice([ONE_SIDED, CENTRAL])),
    },
    options=STEPS_OF_DIFFERENCE,
    right=lambda n: _best(n["name"], n["column"]),
    wrong=(
        Misconception("smallest", picks("1e-11")),
        Misconception("other-quotient", lambda n: _best(n["name"], ONE_SIDED + CENTRAL - n["column"])),
    ),
    facts=_difference_facts,
)

EXERCISES = (NEXT_STEP, THREE_STEPS, DEEPER, ONE_STEP, WATERSHED, BEST_H)
