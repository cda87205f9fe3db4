"""Exercises of lesson 2: the chain rule, `None` against 0, the persistent tape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.exercises.exercise import Misconception, Mistake, Numbers, Question, Runs, Task, picks
from engine.exercises.seen import Recipe, RunSeen
from engine.lazy import tf

LESSON = "autograd"

# --- the chain rule -----------------------------------------------------------------------------------------------


def _error(n: Numbers) -> float:
    return float(n["x"] * n["w"] + n["b"] - n["target"])


CHAIN = Question(
    id="chain",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {
        name: float(random.choice([-4, -3, -2, -1, 1, 2, 3, 4, 5])) for name in ("w", "b", "x", "target")
    },
    right=lambda n: 2 * _error(n) * n["x"],
    wrong=(
        Misconception("upstream", lambda n: 2 * _error(n)),
        Misconception("lost-two", lambda n: _error(n) * n["x"]),
    ),
    facts=lambda n: {"y": n["x"] * n["w"] + n["b"], "e": _error(n), "twice_e": 2 * _error(n)},
)

FAN_OUT = Question(
    id="fan-out",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {"w": float(random.integers(2, 8)), "k": float(random.integers(2, 9))},
    right=lambda n: 2 * n["w"] + n["k"],
    wrong=(
        Misconception("product", lambda n: 2 * n["w"] * n["k"]),
        Misconception("one-road", lambda n: n["w"] + n["k"]),
    ),
)

# --- None, 0, a number --------------------------------------------------------------------------------------------

_TAPE = "with tf.GradientTape() as tape:\n    y = w * w\n"
CODE = {
    "constant": "w = tf.constant({w}.0)\n" + _TAPE,
    "integer": "w = tf.Variable({w})\n" + _TAPE,
    "detour": "w = tf.Variable({w}.0)\nwith tf.GradientTape() as tape:\n    y = tf.constant(np.square(w.numpy()))\n",
    "tensor": "w = tf.Variable({w}.0)\nw = w - 0.1\n" + _TAPE,
    "watched": "w = tf.constant({w}.0)\nwith tf.GradientTape() as tape:\n    tape.watch(w)\n    y = w * w\n",
    "assigned": "w = tf.Variable({w}.0)\nw.assign_sub(0.1)\n" + _TAPE,
}
"""The code of each case, except its last line, which prints `tape.gradient(y, w)`."""


def _code(n: Numbers) -> str:
    return CODE[n["case"]].format(w=n["w"]) + "print(tape.gradient(y, w))"


def printed(code: str) -> Any:
    """Execute the code and return what it prints."""
    found: list[Any] = []
    exec(code, {"tf": tf, "np": np, "print": found.append})
    return found[0]


def _said(gradient: Any) -> str:
    if gradient is None:
        return "none"
    return "zero" if float(gradient) == 0.0 else "number"


def _unless_right(option: str) -> Callable[[Numbers], str | None]:
    """A misconception's answer that is right in some cases, where it is no misconception."""
    return lambda n: None if _said(printed(_code(n))) == option else option


UNWATCHED = Question(
    id="unwatched",
    by_tensorflow=True,
    lesson=LESSON,
    kind="choice",
    draw=lambda random: {"case": str(random.choice(list(CODE))), "w": int(random.integers(2, 10))},
    options=("number", "zero", "none", "error"),
    right=lambda n: _said(printed(_code(n))),
    wrong=(
        Misconception("sees-all", _unless_right("number")),
        Misconception("none-is-zero", picks("zero")),
        Misconception("raises", picks("error")),
        Misconception("sees-nothing", _unless_right("none")),
    ),
    facts=lambda n: {"code": _code(n)},
)


def product_with_zero(w: float) -> Any:
    """The gradient of w·0 with respect to w."""
    weight = tf.Variable(w)
    with tf.GradientTape() as tape:
        y = weight * 0.0
    return tape.gradient(y, weight)


LEVEL_ROAD = Question(
    id="level-road",
    by_tensorflow=True,
    lesson=LESSON,
    kind="choice",
    draw=lambda random: {"w": float(random.integers(2, 10))},
    options=("none", "number", "zero", "error"),
    right=lambda n: _said(product_with_zero(n["w"])),
    wrong=(Misconception("no-road", picks("none")), Misconception("w-itself", picks("number"))),
)

# --- the persistent tape ------------------------------------------------------------------------------------------


def asked_twice(w: float, assigned: float) -> tuple[float, float]:
    """Ask a persistent tape of w² for its gradient before and after another value is assigned to w; returns both."""
    weight = tf.Variable(w)
    with tf.GradientTape(persistent=True) as tape:
        y = weight * weight
    first = float(tape.gradient(y, weight))
    weight.assign(assigned)
    return first, float(tape.gradient(y, weight))


PERSISTENT = Question(
    id="persistent",
    by_tensorflow=True,
    lesson=LESSON,
    kind="number",
    draw=lambda random: {"w": float(random.integers(2, 6)), "assigned": float(random.integers(11, 20))},
    right=lambda n: asked_twice(n["w"], n["assigned"])[1],
    wrong=(
        Misconception("evaluated-again", lambda n: 2 * n["assigned"]),
        Misconception("accumulates", lambda n: 4 * n["w"]),
    ),
)

# --- a slope of 0 -------------------------------------------------------------------------------------------------


def _loss_and_slope(run: RunSeen) -> tuple[float, float] | None:
    """L and dL/dw from the run's table of the tape."""
    rows = run.rows("tape")
    return (float(rows["L"][0]), float(rows["w"][4])) if {"L", "w"} <= set(rows) else None


def _stuck(runs: Runs) -> bool:
    found = _loss_and_slope(runs[-1])
    return found is not None and found[1] == 0 and found[0] >= 1


def _nothing_wrong(runs: Runs) -> bool:
    found = _loss_and_slope(runs[-1])
    return found is not None and found[1] == 0 and found[0] < 1


STUCK = Task(
    id="stuck",
    lesson=LESSON,
    done=_stuck,
    wrong=(
        Mistake("no-loss", _nothing_wrong, (Recipe({"target": "5"}),)),
        Mistake(
            "zero-weight",
            lambda runs: runs[-1]["w"] == 0 and not _stuck(runs) and not _nothing_wrong(runs),
            (Recipe({"w": "0"}),),
        ),
    ),
    solution=(Recipe({"x": "0"}),),
)

EXERCISES = (CHAIN, FAN_OUT, UNWATCHED, LEVEL_ROAD, PERSISTENT, STUCK)
