"""The exercise of lesson 5 that compares plain descent with Adam, each at a rate that suits it."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine.descent.race import ARRIVED
from engine.events import FloatArray
from engine.exercises.exercise import Mistake, Runs, Task
from engine.exercises.himmelblau import EXERCISES_OF_PATHS, LESSON
from engine.exercises.seen import Recipe

LADDER = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""The rates that a learner's rate is compared with: it is fair if it settles in at most twice the steps of the best."""
_MOST = 2_000


def _settled(starts: FloatArray, conditioning: float, optimizer: str, rate: float) -> int:
    """The step since which every path on the bowl stays near (0, 0), in NumPy; _MOST where one does not.

    Adam with Keras's defaults. Source: D. P. Kingma, J. Ba, 2014, arXiv:1412.6980, algorithm 1.
    """
    here, mean, square = np.array(starts, np.float64), np.zeros_like(starts), np.zeros_like(starts)
    curvature, far = np.array([1.0, conditioning]), 0
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, _MOST + 1):
            gradient = curvature * here
            if optimizer == "adam":
                mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
                here = here - rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-7)
            else:
                here = here - rate * gradient
            if not (np.linalg.norm(here, axis=1) <= ARRIVED).all():
                far = step
    return min(far + 1, _MOST)


@cache
def best(starts: tuple[tuple[float, float], ...], conditioning: float, optimizer: str) -> int:
    """The fewest steps in which a rate of the ladder settles."""
    return min(_settled(np.array(starts), conditioning, optimizer, rate) for rate in LADDER)


def _results(runs: Runs) -> dict[float, dict[str, int]]:
    """For each κ that was run from the bowl's own starts, the fewest steps in which each optimizer settled on all
    paths."""
    found: dict[float, dict[str, int]] = {}
    for run in runs:
        if run["surface"] != "bowl" or not run.ends or run.opened is None:
            continue
        for optimizer in ("sgd", "adam"):
            mine = [
                end.arrived_step
                for end, name in zip(run.ends, run.opened.optimizers, strict=False)
                if name == optimizer
            ]
            arrived = [step for step in mine if step is not None]
            if mine and len(arrived) == len(mine):
                here = found.setdefault(run["conditioning"], {})
                here[optimizer] = min(max(arrived), here.get(optimizer, _MOST))
    return found


def _fair(runs: Runs, conditioning: float, result: dict[str, int]) -> bool:
    starts = next(run["start"] for run in runs if run["surface"] == "bowl" and run["conditioning"] == conditioning)
    return all(steps <= 2 * best(starts, conditioning, optimizer) for optimizer, steps in result.items())


def _compared(runs: Runs) -> list[tuple[float, dict[str, int]]]:
    return [(kappa, result) for kappa, result in _results(runs).items() if len(result) == 2]


def _winners(runs: Runs) -> set[str]:
    """The optimizers that settled sooner on some bowl where both had a fair rate."""
    return {
        "sgd" if result["sgd"] < result["adam"] else "adam"
        for kappa, result in _compared(runs)
        if result["sgd"] != result["adam"] and _fair(runs, kappa, result)
    }


def _unfair(runs: Runs) -> bool:
    return any(not _fair(runs, kappa, result) for kappa, result in _compared(runs))


def _bowl(conditioning: str, optimizer: str, rate: str) -> Recipe:
    settings = {"surface": "bowl", "conditioning": conditioning, "optimizer": optimizer, "learning_rate": rate}
    return Recipe({**settings, "steps": "1000"})


BOWLS = Task(
    id="bowls",
    lesson=LESSON,
    compares=True,
    done=lambda runs: _winners(runs) == {"sgd", "adam"},
    wrong=(
        Mistake("same-rate", _unfair, (_bowl("10", "sgd", "0.03"), _bowl("10", "adam", "0.03"))),
        Mistake(
            "adam-always-wins",
            lambda runs: _winners(runs) == {"adam"},
            (_bowl("100", "sgd", "0.01"), _bowl("100", "adam", "0.1")),
        ),
        Mistake(
            "plain-always-wins",
            lambda runs: _winners(runs) == {"sgd"},
            (_bowl("1", "sgd", "1"), _bowl("1", "adam", "0.3")),
        ),
    ),
    solution=(
        _bowl("1", "sgd", "1"),
        _bowl("1", "adam", "0.3"),
        _bowl("100", "sgd", "0.01"),
        _bowl("100", "adam", "0.3"),
    ),
)

EXERCISES = (*EXERCISES_OF_PATHS, BOWLS)
