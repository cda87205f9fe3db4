"""Exercises of lesson 3: slopes of activations, the product of many of them, and inputs where ReLU's slope is 0."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from engine.events import FloatArray
from engine.exercises.exercise import Misconception, Mistake, Numbers, Question, Runs, Task, picks, share, within
from engine.exercises.seen import Recipe, RunSeen
from engine.lessons.activations import ACTIVATIONS, DENSE, saturation
from engine.lessons.losses import softmax

LESSON = "activations"
_BY_ID = {activation.id: activation for activation in ACTIVATIONS}

# --- which curve is the derivative --------------------------------------------------------------------------------

_SHAPES: Mapping[str, tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]] = {
    "bump": (lambda x: np.exp(-x * x), lambda x: -2 * x * np.exp(-x * x)),
    "step": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "hill": (lambda x: 3 * x - x**3, lambda x: 3 - 3 * x * x),
    "sine": (np.sin, np.cos),
}
_WIDTH = 32


def _curves(n: Numbers) -> Mapping[str, FloatArray]:
    """f under the name "", and the candidates a, b, c in the order drawn: f′, f·f′ (0 where f is 0), −f′."""
    f, slope = _SHAPES[n["shape"]]
    x = np.linspace(-2.0, 2.0, _WIDTH) + n["shift"]
    candidates = (slope(x), f(x), -slope(x))
    return {"": f(x), **dict(zip(n["order"], candidates, strict=True))}


DERIVATIVE_CURVE = Question(
    id="derivative-curve",
    lesson=LESSON,
    kind="curve",
    draw=lambda random: {
        "shape": str(random.choice(list(_SHAPES))),
        "shift": float(random.choice([-0.3, 0.2, 0.4])),
        "order": "".join(random.permutation(list("abc"))),
    },
    options=("a", "b", "c"),
    right=lambda n: str(next(name for name in "abc" if _is_slope(_curves(n)[""], _curves(n)[name]))),
    wrong=(
        Misconception("zero-where-f-is", lambda n: n["order"][1]),
        Misconception("upside-down", lambda n: n["order"][2]),
    ),
    curves=_curves,
)


def _is_slope(f: FloatArray, candidate: FloatArray) -> bool:
    """Whether the candidate is f's derivative, judged by differences of f between neighbouring points."""
    measured = np.gradient(f, 4.0 / (_WIDTH - 1))[1:-1]
    return bool(np.abs(measured - candidate[1:-1]).max() < 0.1 * np.abs(measured).max())


# --- through many layers ------------------------------------------------------------------------------------------


def _sigmoid_slope(z: float) -> float:
    return float(_BY_ID["sigmoid"].derivative(np.array(z), 0.0))


DEEP = Question(
    id="deep-sigmoids",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {"layers": int(random.integers(3, 9)), "z": float(random.choice([0.0, 1.0, -1.0, 2.0]))},
    right=lambda n: _sigmoid_slope(n["z"]) ** n["layers"],
    tolerance=share(0.03, 0.0),
    wrong=(
        Misconception("added", lambda n: _sigmoid_slope(n["z"]) * n["layers"]),
        Misconception("one-layer", lambda n: _sigmoid_slope(n["z"])),
    ),
    facts=lambda n: {"slope": _sigmoid_slope(n["z"])},
)


def _saturated(reach: float) -> float:
    x = np.linspace(-reach, reach, DENSE)
    return 100.0 * saturation(_BY_ID["sigmoid"].derivative(x, 0.0))


SATURATED = Question(
    id="saturated-share",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {"reach": float(random.choice([15, 20, 24, 30, 40, 50]))},
    right=lambda n: _saturated(n["reach"]),
    tolerance=within(2.0),
    apart=5.0,  # a share is at most 100 points, and 40 for the window that the text shows
    wrong=(Misconception("same-share", lambda _: _saturated(10.0)),),
    facts=lambda n: {"edge": n["reach"] * (1 - _saturated(n["reach"]) / 100)},
)

_SIDED = ("sigmoid", "elu", "relu", "leaky-relu")


def _slopes(x: float) -> Mapping[str, float]:
    """The slopes of the activations to choose from, leaky ReLU's with α = 0.2."""
    return {name: float(_BY_ID[name].derivative(np.array(x), 0.2)) for name in _SIDED}


DEAD_SIDE = Question(
    id="dead-side",
    lesson=LESSON,
    kind="choice",
    draw=lambda random: {"x": float(random.choice([-1, 1]) * random.integers(2, 9))},
    options=_SIDED,
    right=lambda n: min(_SIDED, key=_slopes(n["x"]).__getitem__),
    wrong=(
        Misconception("small-is-nothing", lambda n: "sigmoid" if n["x"] < 0 else None),
        Misconception("dead-everywhere", lambda n: "relu" if n["x"] > 0 else None),
        Misconception("all-that-bend", picks("leaky-relu")),
    ),
    facts=lambda n: {name.replace("-", "_"): slope for name, slope in _slopes(n["x"]).items()},
)

# --- keeping a gradient alive -------------------------------------------------------------------------------------

_LAYERS = 10
_ALIVE = 0.01


def _leaky_slope(run: RunSeen) -> float | None:
    """The slope that the run measured on the negative side of the leaky ReLU."""
    row = run.rows("saturation").get("leaky ReLU")
    return None if row is None else float(row[1])


def _alive(runs: Runs) -> bool:
    slope = _leaky_slope(runs[-1])
    return slope is not None and slope < 1 and slope**_LAYERS >= _ALIVE


KEEP_ALIVE = Task(
    id="keep-alive",
    lesson=LESSON,
    done=_alive,
    wrong=(
        Mistake(
            "straight",
            lambda runs: (_leaky_slope(runs[-1]) or 0.0) >= 1,
            (Recipe({"alpha": "1", "activation": "leaky-relu"}),),
        ),
        Mistake(
            "too-little",
            lambda runs: _leaky_slope(runs[-1]) is not None,
            (Recipe({"alpha": "0.2", "activation": "leaky-relu"}),),
        ),
    ),
    solution=(Recipe({"alpha": "0.7", "activation": "leaky-relu"}),),
)

# --- ReLU on the logits -------------------------------------------------------------------------------------------


def _logits(n: Numbers) -> FloatArray:
    return np.array([n["z0"], n["z1"], n["z2"]])


def _cross_entropy(logits: FloatArray) -> float:
    return -math.log(float(softmax(logits)[0]))


def clipped(logits: FloatArray) -> tuple[float, float, FloatArray]:
    """Compute the cross-entropy of logits [3] if class 0 is right, that of their ReLU, and the gradient through the
    ReLU."""
    bent = np.maximum(logits, 0.0)
    gradient = (softmax(bent) - np.array([1.0, 0.0, 0.0])) * (logits > 0)
    return _cross_entropy(logits), _cross_entropy(bent), gradient


def _draw_logits(random: np.random.Generator) -> Numbers:
    """Draw three different negative logits, of which class 0 does not have the largest."""
    logits = sorted(random.choice([-1.0, -2.0, -3.0, -4.0, -5.0], 3, replace=False))
    right, *others = logits if random.random() < 0.5 else (logits[1], logits[2], logits[0])
    return {"z0": float(right), "z1": float(others[0]), "z2": float(others[1])}


def _clipped_answer(n: Numbers) -> str:
    """The right answer: for other logits than the drawn ones the loss might rise, or some gradient return."""
    before, after, gradient = clipped(_logits(n))
    return "no-gradient" if after < before and not gradient.any() else "better"


CLIPPED = Question(
    id="clipped-logits",
    lesson=LESSON,
    kind="explain",
    draw=_draw_logits,
    options=("better", "no-gradient", "positive-anyway"),
    right=_clipped_answer,
    wrong=(
        Misconception("lower-is-better", picks("better")),
        Misconception("positive-logits", picks("positive-anyway")),
    ),
    facts=lambda n: {
        "before": clipped(_logits(n))[0],
        "after": clipped(_logits(n))[1],
        "slope": float(softmax(_logits(n))[0]) - 1.0,
    },
)

EXERCISES = (DERIVATIVE_CURVE, DEEP, SATURATED, DEAD_SIDE, KEEP_ALIVE, CLIPPED)
