"""Exercises of lesson 6: the first loss, steps and batches, overfitting, and when a difference is more than chance."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from engine.events import Evaluated, FloatArray
from engine.exercises.exercise import Misconception, Mistake, Numbers, Question, Runs, Task, picks, within
from engine.exercises.seen import Recipe, RunSeen

LESSON = "fashion-mnist"

# --- numbers before the first run ---------------------------------------------------------------------------------

FIRST_LOSS = Question(
    id="first-loss",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {"classes": int(random.choice([10, 20, 50, 100]))},
    right=lambda n: math.log(n["classes"]),
    tolerance=within(0.1),
    wrong=(
        Misconception("zero", lambda _: 0.0),
        Misconception("share-wrong", lambda n: 1.0 - 1.0 / n["classes"]),
        Misconception("ten-classes", lambda n: math.log(10.0) if n["classes"] != 10 else None),
        Misconception("other-base", lambda n: math.log2(n["classes"])),
    ),
)

STEPS = Question(
    id="steps",
    lesson=LESSON,
    kind="number",
    draw=lambda random: {
        "examples": int(random.integers(10, 61)) * 1000 + int(random.integers(1, 100)),
        "batch": int(random.choice([32, 64, 128, 256])),
        "epochs": int(random.integers(12, 31)),
    },
    right=lambda n: float(math.ceil(n["examples"] / n["batch"]) * n["epochs"]),
    tolerance=within(0.5),
    wrong=(
        Misconception("rest-is-dropped", lambda n: float(n["examples"] // n["batch"] * n["epochs"])),
        Misconception("one-epoch", lambda n: float(math.ceil(n["examples"] / n["batch"]))),
    ),
    facts=lambda n: {"an_epoch": math.ceil(n["examples"] / n["batch"]), "exactly": n["examples"] / n["batch"]},
)


def _draw_difference(random: np.random.Generator) -> Numbers:
    """Draw a difference that is well within chance, or well beyond it."""
    numbers = {
        "accuracy": float(random.integers(84, 93)),
        "points": float(random.choice([0.2, 0.3, 0.4, 3.0, 4.0])),
        "images": int(random.choice([2_000, 10_000])),
    }
    return {**numbers, "case": "chance" if numbers["points"] < 2.0 * spread(numbers) else "real"}


def spread(n: Numbers) -> float:
    """The standard deviation, in percentage points, of the difference of two accuracies that differ only by chance.

    Each is the share of n images classified correctly, a binomial count: √(p·(1 − p)/n); a difference has √2 times
    that.
    """
    p = n["accuracy"] / 100.0
    return 100.0 * math.sqrt(2.0 * p * (1.0 - p) / n["images"])


DIFFERENCE = Question(
    id="difference",
    lesson=LESSON,
    kind="choice",
    draw=_draw_difference,
    options=("real", "perhaps-chance", "never-comparable"),
    right=lambda n: "perhaps-chance" if n["points"] < 2.0 * spread(n) else "real",
    wrong=(
        Misconception("more-is-better", lambda n: "real" if n["case"] == "chance" else None),
        Misconception("always-chance", lambda n: "perhaps-chance" if n["case"] == "real" else None),
        Misconception("no-comparison", picks("never-comparable")),
    ),
    facts=lambda n: {"spread": spread(n), "twice": 2.0 * spread(n), "other": n["accuracy"] + n["points"]},
)

# --- a ReLU on the output -----------------------------------------------------------------------------------------

_IMAGES, _CLASSES = 3, 4


def _draw_logits(random: np.random.Generator) -> Numbers:
    """Draw logits of three images in four classes: one class is below 0 for every image, one image in every class."""
    logits = random.permuted(np.tile(np.arange(1, 1 + _CLASSES), (_IMAGES, 1)), axis=1) / 2.0
    dead, silent = int(random.integers(1, _CLASSES)), int(random.integers(_IMAGES))
    logits[:, dead] *= -1.0
    logits[silent] = -np.abs(logits[silent])
    return {
        "case": str(random.choice(["tie", "dead"])),
        "silent": "ABC"[silent],
        **{f"{name}{place}": float(x) for name, row in zip("ABC", logits, strict=True) for place, x in enumerate(row)},
    }


def logits_of(n: Numbers) -> FloatArray:
    """The drawn logits, [image, class]."""
    return np.array([[n[f"{name}{place}"] for place in range(_CLASSES)] for name in "ABC"])


def _answered(n: Numbers) -> str:
    """The class that argmax picks after the ReLU for the image without a logit above 0."""
    return str(int(np.maximum(logits_of(n)["ABC".index(n["silent"])], 0.0).argmax()))


def dead_classes(logits: FloatArray) -> list[int]:
    """The classes whose logits get no gradient from any image: a ReLU has slope 0 for inputs that are not above 0."""
    return [int(place) for place in np.flatnonzero(~(logits > 0).any(axis=0))]


def _largest_before(n: Numbers) -> str | None:
    """The class with the largest logit before the ReLU, if that is asked for and not the answer."""
    largest = str(int(logits_of(n)["ABC".index(n["silent"])].argmax()))
    return largest if n["case"] == "tie" and largest != _answered(n) else None


def _lowest(n: Numbers) -> str | None:
    """The class of the lowest logit, if a dead class is asked for and this is not one."""
    lowest = int(logits_of(n).argmin()) % _CLASSES
    return str(lowest) if n["case"] == "dead" and lowest not in dead_classes(logits_of(n)) else None


RELU_OUTPUT = Question(
    id="relu-output",
    lesson=LESSON,
    kind="explain",
    draw=_draw_logits,
    options=(*map(str, range(_CLASSES)), "none"),
    right=lambda n: _answered(n) if n["case"] == "tie" else str(dead_classes(logits_of(n))[0]),
    wrong=(
        Misconception("largest-before", _largest_before),
        Misconception("refuses", lambda n: "none" if n["case"] == "tie" else None),
        Misconception("lowest", _lowest),
        Misconception("comes-back", lambda n: "none" if n["case"] == "dead" else None),
    ),
    facts=lambda n: {
        "share": 100.0 * float((logits_of(n) <= 0).mean()),
        "dead": dead_classes(logits_of(n))[0],
        "tied": _answered(n),
        "loss": math.log(_CLASSES),
    },
)

# --- 87 % in two epochs -------------------------------------------------------------------------------------------

_GOAL = 0.87


def _two_epochs(run: RunSeen) -> Evaluated | None:
    """The test after a run of two epochs on the original Fashion-MNIST with all ten thousand test images; else None."""
    own = not any(run.settings.get(name) for name in ("data", "data_dir")) and run["test_examples"] == 10_000
    return run.epochs[1] if own and len(run.epochs) == 2 else None


def _reached(runs: Runs) -> float:
    test = _two_epochs(runs[-1])
    return 0.0 if test is None else test.accuracy


QUICKLY = Task(
    id="quickly",
    lesson=LESSON,
    done=lambda runs: _reached(runs) >= _GOAL,
    wrong=(
        Mistake(
            "small-from-the-start",
            lambda runs: _two_epochs(runs[-1]) is not None and runs[-1].rates[0][1] < 0.0006,
            (Recipe({"epochs": "2", "learning_rate": "0.0001", "train_examples": "1000"}),),
        ),
        Mistake(
            "too-long",
            lambda runs: len(runs[-1].epochs) > 2,
            (Recipe({"epochs": "3", "train_examples": "200"}),),
        ),
    ),
    solution=(
        Recipe(
            {"epochs": "2", "batch_size": "32", "learning_rate": "0.001"},
            ((1875, "learning_rate", "0.0003"), (2800, "learning_rate", "0.0001")),
        ),
    ),
    slow=True,
)

# --- two epochs, two runs -----------------------------------------------------------------------------------------


def _both_rise(run: RunSeen) -> bool:
    tests = run.epochs
    return any(
        later.accuracy > sooner.accuracy and later.loss > sooner.loss
        for place, later in enumerate(tests)
        for sooner in tests[:place]
    )


BOTH_RISE = Task(
    id="both-rise",
    lesson=LESSON,
    done=lambda runs: _both_rise(runs[-1]),
    wrong=(
        Mistake(
            "one-epoch", lambda runs: len(runs[-1].epochs) < 2, (Recipe({"epochs": "1", "train_examples": "200"}),)
        ),
        Mistake(
            "still-falling",
            lambda runs: all(b.loss <= a.loss for a, b in pairwise(runs[-1].epochs)),
            (Recipe({"epochs": "2", "train_examples": "1000"}),),
        ),
    ),
    solution=(Recipe({"epochs": "60", "train_examples": "1000"}),),
    slow=True,
)

_GAP = 0.03


def _last(run: RunSeen) -> tuple[float, float] | None:
    """Accuracy on the training images of the last epoch, and on the test images after it."""
    if not run.epochs or run.epochs[-1].train_accuracy is None:
        return None
    return run.epochs[-1].train_accuracy, run.epochs[-1].accuracy


def _pairs(runs: Runs) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    found = [last for last in map(_last, runs) if last is not None]
    return [(one, other) for one in found for other in found if one[0] > other[0]]


OVERFIT = Task(
    id="overfit",
    lesson=LESSON,
    compares=True,
    done=lambda runs: any(one[1] <= other[1] - _GAP for one, other in _pairs(runs)),
    wrong=(
        Mistake("one-run", lambda runs: len(runs) < 2, (Recipe({"epochs": "1", "train_examples": "200"}),)),
        Mistake(
            "better-at-both",
            lambda runs: bool(_pairs(runs)),
            (Recipe({"epochs": "2", "train_examples": "1000"}), Recipe({"epochs": "10", "train_examples": "1000"})),
        ),
    ),
    solution=(
        Recipe({"epochs": "40", "train_examples": "500"}),
        Recipe({"epochs": "3", "train_examples": "20000"}),
    ),
    slow=True,
)

EXERCISES = (FIRST_LOSS, STEPS, DIFFERENCE, RELU_OUTPUT, QUICKLY, BOTH_RISE, OVERFIT)
