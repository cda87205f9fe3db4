"""Exercises of lesson 7: the contents of a log, the effects of smoothing, and the comparison of two runs."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from engine.exercises.exercise import Misconception, Mistake, Numbers, Question, Runs, Task, picks, within
from engine.exercises.seen import INDIFFERENT, Recipe

LESSON = "tensorboard"

# --- points of a curve --------------------------------------------------------------------------------------------


def _draw_cadences(random: np.random.Generator) -> Numbers:
    every = int(random.choice([100, 150, 200, 250]))
    return {
        "every": every,
        "an_epoch": every // 2 * int(random.integers(2, 7)),
        "epochs": int(random.integers(8, 31)),
    }


def _tested_steps(n: Numbers) -> tuple[set[int], set[int]]:
    """The steps at which a run is tested because of its interval, and those at an epoch's end."""
    total = n["an_epoch"] * n["epochs"]
    return set(range(n["every"], total + 1, n["every"])), set(range(n["an_epoch"], total + 1, n["an_epoch"]))


POINTS = Question(
    id="points",
    lesson=LESSON,
    kind="number",
    draw=_draw_cadences,
    right=lambda n: float(len(set.union(*_tested_steps(n)))),
    tolerance=within(0.5),
    wrong=(Misconception("counted-twice", lambda n: float(sum(map(len, _tested_steps(n))))),),
    facts=lambda n: {
        "total": n["an_epoch"] * n["epochs"],
        "by_cadence": len(_tested_steps(n)[0]),
        "both": len(set.intersection(*_tested_steps(n))),
    },
)

# --- smoothing ----------------------------------------------------------------------------------------------------


def points_to(weight: float, left: float = 0.05) -> int:
    """Count the points after a jump until a moving average of this weight is within a share `left` of it: weightⁿ ≤
    left."""
    return math.ceil(math.log(left) / math.log(weight))


SMOOTHING = Question(
    id="smoothing",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {"weight": float(random.choice([0.8, 0.85, 0.9, 0.95, 0.97]))},
    right=lambda n: float(points_to(n["weight"])),
    tolerance=within(0.5),
    wrong=(
        Misconception("window", lambda n: 1.0 / (1.0 - n["weight"])),
        Misconception("at-once", lambda _: 1.0),
    ),
    facts=lambda n: {"window_points": round(1.0 / (1.0 - n["weight"])), "left": n["weight"] ** points_to(n["weight"])},
)

# --- the x axis ---------------------------------------------------------------------------------------------------


def _draw_batches(random: np.random.Generator) -> Numbers:
    small, large = sorted(int(part) for part in random.choice([16, 32, 64, 128, 256, 512], size=2, replace=False))
    return {"small": small, "large": large, "step": int(random.integers(2, 20)) * 100}


def _more_images(n: Numbers) -> str:
    small, large = n["small"] * n["step"], n["large"] * n["step"]
    return "same" if small == large else "large" if large > small else "small"


SAME_STEP = Question(
    id="same-step",
    lesson=LESSON,
    kind="choice",
    draw=_draw_batches,
    options=("same", "small", "large"),
    right=_more_images,
    wrong=(Misconception("a-step-is-a-step", picks("same")), Misconception("more-often", picks("small"))),
    facts=lambda n: {"images_small": n["small"] * n["step"], "images_large": n["large"] * n["step"]},
)

CURVES = Question(
    id="curves",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {"runs": int(random.integers(6, 20)), "tags": int(random.integers(3, 6))},
    right=lambda n: float(len({run for run in range(n["runs"]) for tag in range(n["tags"]) if tag == 0})),
    tolerance=within(0.4),
    wrong=(
        Misconception("one-a-tag", lambda _: 1.0),
        Misconception("all-in-one-plot", lambda n: float(n["runs"] * n["tags"])),
    ),
)

# --- exactly one change -------------------------------------------------------------------------------------------


def _changes(runs: Runs) -> set[str]:
    """The settings in which the two newest tested runs differ."""
    tested = [run for run in runs if run.epochs]
    if len(tested) < 2:
        return set()
    one, other = tested[-2:]
    names = {name for name, text in one.settings.items() if other.settings.get(name) != text}
    live = {name for _, name, _ in (*one.changes, *other.changes)}
    return (names | live) - INDIFFERENT


_SMALL = {"train_examples": "200", "test_examples": "200", "epochs": "1"}

ONE_CHANGE = Task(
    id="one-change",
    lesson=LESSON,
    compares=True,
    done=lambda runs: len(_changes(runs)) == 1,
    wrong=(
        Mistake(
            "two-changes",
            lambda runs: len(_changes(runs)) > 1,
            (Recipe(_SMALL), Recipe({**_SMALL, "learning_rate": "0.001", "batch_size": "64"})),
        ),
        Mistake(
            "no-change",
            lambda runs: len([run for run in runs if run.epochs]) > 1,
            (Recipe(_SMALL), Recipe(_SMALL)),
        ),
        Mistake("one-run", lambda runs: True, (Recipe(_SMALL),)),
    ),
    solution=(Recipe(_SMALL), Recipe({**_SMALL, "learning_rate": "0.001"})),
    slow=True,
)

# --- the learner's own log ----------------------------------------------------------------------------------------

_MANY = 25
_LEAST_POINTS = 2
_PATIENCE_S = 5.0


def judge_log(folder: str) -> str:
    """Name what is missing in the first log at or below a folder: "" if it has a scalar over several steps, a tag with
    one image and a tag with 25."""
    # Imported here because they take 50 ms, which the list of lessons need not wait for.
    from engine.log.event_files import read_log
    from engine.log.run_tree import log_folders

    found = log_folders(Path(folder).expanduser(), most=1) if folder else ()
    if not found:
        return "no-log"
    log = read_log(found[0], budget_s=_PATIENCE_S)
    images = [max(len(each.files) for each in kept) for kept in log.images.values() if kept]
    if not log.scalars:
        return "no-scalar"
    if max(len(series.steps) for series in log.scalars.values()) < _LEAST_POINTS:
        return "constant-step"
    if not images:
        return "no-images"
    if max(images) < _MANY:
        return "three-images"
    return "" if 1 in images else "no-single-image"


OWN_LOG = Question(
    id="own-log",
    lesson=LESSON,
    kind="folder",
    right=lambda _: "",
    wrong=tuple(
        Misconception(name, lambda _: None)
        for name in ("no-log", "no-scalar", "constant-step", "no-images", "three-images", "no-single-image")
    ),
    judge_folder=judge_log,
)

EXERCISES = (POINTS, SMOOTHING, SAME_STEP, CURVES, ONE_CHANGE, OWN_LOG)
