"""Exercises of lesson 4: the gradient of cross-entropy, and where the squared error's gradient vanishes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import numpy as np

from engine.events import FloatArray
from engine.exercises.exercise import Misconception, Mistake, Numbers, Question, Runs, Task, picks, within
from engine.exercises.seen import Recipe, RunSeen
from engine.lessons.losses import Batch, LossName, closed_gradients, draw, numpy_loss, softmax

LESSON = "losses"

# --- the gradient at the logits -----------------------------------------------------------------------------------


def _draw_gradient(random: np.random.Generator) -> Numbers:
    shares = np.round(random.dirichlet([2.0, 2.0, 2.0]), 2)
    return {
        "p0": float(shares[0]),
        "p1": float(shares[1]),
        "p2": round(1.0 - float(shares[0]) - float(shares[1]), 2),
        "n": int(random.choice([2, 4, 5])),
        "right_class": int(random.integers(0, 3)),
    }


LOGIT_GRADIENT = Question(
    id="logit-gradient",
    lesson=LESSON,
    kind="number",
    draw=_draw_gradient,
    right=lambda n: (n[f"p{n['right_class']}"] - 1.0) / n["n"],
    tolerance=within(0.005),
    wrong=(
        Misconception("other-sign", lambda n: (1.0 - n[f"p{n['right_class']}"]) / n["n"]),
        Misconception("no-mean", lambda n: n[f"p{n['right_class']}"] - 1.0),
    ),
    facts=lambda n: {"p": n[f"p{n['right_class']}"]},
)

# --- recovering from a confident mistake --------------------------------------------------------------------------

_SURE = 0.9


@cache
def steps_back(mean_squared: bool, z: float = -8.0, rate: float = 1.0) -> int:
    """Count the steps of descent on three logits (z, 0, 0) until the first class has more than 90 %."""
    logits, truth = np.array([z, 0.0, 0.0]), np.array([1.0, 0.0, 0.0])
    for step in range(100_000):
        p = softmax(logits)
        if p[0] > _SURE:
            return step
        off = p - truth
        logits -= rate * (2.0 / 3.0 * p * (off - float(off @ p)) if mean_squared else off)
    raise RuntimeError("the first class does not reach 90 %")


def _times(z: float) -> str:
    ratio = steps_back(True, z) / steps_back(False, z)
    return "same" if ratio < 3 else "ten" if ratio < 30 else "hundreds" if ratio < 1000 else "thousands"


def _slopes(z: float) -> Mapping[str, float]:
    """The sizes of both losses' slopes along the logit z of the right class, beside logits 0 and 0."""
    batch = Batch(np.ones((1, 1)), np.array([[z, 0.0, 0.0]]), np.zeros(3), np.array([0]))
    names: Mapping[str, LossName] = {"sharp": "cross-entropy", "blunt": "mse"}
    return {word: abs(float(closed_gradients(name, batch)[1][0])) for word, name in names.items()}


STEPS_BACK = Question(
    id="steps-back",
    lesson=LESSON,
    kind="choice",
    draw=lambda random: {"z": float(random.choice([-3, -4, -7, -8, -10]))},
    options=("same", "ten", "hundreds", "thousands", "never"),
    right=lambda n: _times(n["z"]),
    wrong=(Misconception("about-the-same", picks("same")), Misconception("stuck-for-ever", picks("never"))),
    facts=lambda n: {
        "cross_entropy": steps_back(False, n["z"]),
        "squared": steps_back(True, n["z"]),
        **_slopes(n["z"]),
    },
)

# --- softmax ------------------------------------------------------------------------------------------------------

SOFTMAX_TWICE = Question(
    id="softmax-twice",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {"classes": int(random.integers(3, 21))},
    right=lambda n: -math.log(math.e / (math.e + n["classes"] - 1)),
    tolerance=within(0.005),
    wrong=(
        Misconception("zero", lambda _: 0.0),
        Misconception("guessing", lambda n: math.log(n["classes"])),
    ),
    facts=lambda n: {"share": math.e / (math.e + n["classes"] - 1)},
)

TEMPERATURE = Question(
    id="temperature",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {"ratio": float(random.choice([3, 4, 5, 10])), "t": float(random.choice([0.5, 0.25]))},
    right=lambda n: n["ratio"] ** (1.0 / n["t"]),
    tolerance=within(0.05),
    wrong=(
        Misconception("times", lambda n: n["ratio"] / n["t"]),
        Misconception("unchanged", lambda n: n["ratio"]),
    ),
    facts=lambda n: {"power": 1.0 / n["t"]},
)

# --- saturated on purpose -----------------------------------------------------------------------------------------


def _norms(run: RunSeen) -> tuple[float, float, float]:
    """The mean squared error of a run's numbers, and the lengths of both losses' gradients."""
    batch = draw(run["seed"], run["scale"])

    def length(parts: tuple[FloatArray, FloatArray]) -> float:
        return math.sqrt(sum(float((part**2).sum()) for part in parts))

    loss = numpy_loss("mse", batch.x, batch.w, batch.b, batch.labels)
    return loss, length(closed_gradients("mse", batch)), length(closed_gradients("cross-entropy", batch))


def _shown(run: RunSeen) -> bool:
    """Whether the run got as far as the gradients of both losses."""
    return {"mse", "cross-entropy"} <= set(run.tables)


def _silent(runs: Runs) -> bool:
    loss, squared, entropy = _norms(runs[-1])
    return _shown(runs[-1]) and loss > 0.3 and squared < 1e-6 and entropy > 1.0


SILENT = Task(
    id="silent",
    lesson=LESSON,
    done=_silent,
    wrong=(
        Mistake(
            "not-confident",
            lambda runs: _norms(runs[-1])[0] > 0.15 and _norms(runs[-1])[1] >= 1e-6,
            (Recipe({"scale": "1"}),),
        ),
        Mistake("not-wrong", lambda runs: _norms(runs[-1])[0] <= 0.15, (Recipe({"scale": "30", "seed": "71"}),)),
    ),
    solution=(Recipe({"scale": "30", "seed": "3"}),),
)

# --- more right answers, and a higher loss ------------------------------------------------------------------------


def _right_and_loss(run: RunSeen) -> tuple[int, float]:
    """How many of the run's two examples are classified correctly, and their cross-entropy."""
    batch: Batch = draw(run["seed"], run["scale"])
    answers = (batch.x @ batch.w + batch.b).argmax(axis=1)
    loss = numpy_loss("cross-entropy", batch.x, batch.w, batch.b, batch.labels)
    return int((answers == batch.labels).sum()), loss


def _pairs(runs: Runs) -> list[tuple[tuple[int, float], tuple[int, float]]]:
    found = [_right_and_loss(run) for run in runs if _shown(run)]
    return [(one, other) for one in found for other in found if one[0] > other[0]]


MORE_RIGHT = Task(
    id="more-right",
    lesson=LESSON,
    compares=True,
    done=lambda runs: any(one[1] > other[1] for one, other in _pairs(runs)),
    wrong=(
        Mistake("same-way", lambda runs: bool(_pairs(runs)), (Recipe({"seed": "71"}), Recipe({"seed": "0"}))),
        Mistake("one-run", lambda runs: len(runs) < 2, (Recipe({"seed": "71"}),)),
    ),
    solution=(Recipe({"seed": "71"}), Recipe({"seed": "55"})),
)

EXERCISES = (LOGIT_GRADIENT, STEPS_BACK, SOFTMAX_TWICE, TEMPERATURE, SILENT, MORE_RIGHT)
