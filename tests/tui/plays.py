"""A run of each lesson as a list of events, its numbers from sums, products and quotients of float64: these are the
same on every machine, and so are the drawings. Powers of e differ in their last bits, which are never visible."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from engine.events import (
    Curve,
    Evaluated,
    Event,
    FloatArray,
    Images,
    Learned,
    Metrics,
    Minimum,
    Outcome,
    PathEnded,
    PathsGrew,
    PathsOpened,
    Phase,
    Remark,
    RunEnded,
    Table,
)
from engine.lessons.activations import ACTIVATIONS
from engine.lessons.losses import softmax
from engine.training.datasets import CLASS_NAMES
from tests.tui.curves import parabola
from tests.tui.descents import HIMMELBLAU
from tests.tui.played import Play

STEPS_PER_S = 3_050.0
STEPS_AN_EPOCH = 469

Step = Callable[[tuple[float, ...]], tuple[float, tuple[float, ...]]]


def _done(steps: int) -> Iterator[Event]:
    yield Phase("done")
    yield RunEnded(Outcome.DONE, steps, "finished")


def _evenly(events: Iterator[Event], seconds: float) -> Play:
    """Space the events evenly, the last `seconds` after the first."""
    said = list(events)
    return [(seconds * place / (len(said) - 1), event) for place, event in enumerate(said)]


# --- descents -------------------------------------------------------------------------------------------------


def _square(point: tuple[float, ...]) -> tuple[float, tuple[float, ...]]:
    """x² and its slope."""
    return point[0] * point[0], (2.0 * point[0],)


def _himmelblau(point: tuple[float, ...]) -> tuple[float, tuple[float, ...]]:
    """(x² + y − 11)² + (x + y² − 7)² and its gradient."""
    x, y = point
    a, b = x * x + y - 11.0, x + y * y - 7.0
    return a * a + b * b, (4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b)


def _descended(
    step: Step, starts: dict[str, tuple[float, ...]], rate: float, steps: int, ends: dict[int, Minimum]
) -> Iterator[Event]:
    """Plain descent from labelled starts, ten steps per event; path p arrives at minimum m: `ends` {step: m}."""
    points, values, gradients = [], [], []
    for start in starts.values():
        row = [(start, *step(start))]
        for _ in range(steps):
            here, _value, slope = row[-1]
            there = tuple(float(np.float32(part - rate * down)) for part, down in zip(here, slope, strict=True))
            row.append((there, *step(there)))
        points.append([each[0] for each in row])
        values.append([each[1] for each in row])
        gradients.append([each[2] for each in row])
    p, v, g = (np.array(part).astype(np.float32) for part in (points, values, gradients))
    yield PathsOpened(tuple(starts), ("sgd",) * len(starts), p[:, 0], v[:, 0], g[:, 0], steps)
    yield Phase("running")
    for first in range(1, steps + 1, 10):
        part = slice(first, min(first + 10, steps + 1))
        yield PathsGrew(first, p[:, part], v[:, part], g[:, part], rate)
    for path, ((arrived, minimum), label) in enumerate(zip(ends.items(), starts, strict=True)):
        last, slope = tuple(map(float, p[path, -1])), float(np.sqrt(np.square(g[path, -1], dtype=np.float64).sum()))
        yield PathEnded(path, label, last, float(v[path, -1]), slope, minimum, arrived)


def _gradients() -> Iterator[Event]:
    x = np.linspace(-3.0, 3.0, 9)
    yield Remark("The derivative of f(x) = x² is its slope: f′(x) = 2x.")
    yield parabola(401)
    rows = tuple((float(part), float(part * part), *[float(2 * part)] * 3, 3.93e-11) for part in x)
    columns = ("x", "f(x)", "tape f′(x)", "closed form", "central difference", "tape − central")
    yield Table("derivative", "The slope of f(x) = x², three ways", columns, rows)
    yield Remark(
        "A difference quotient is not yet the derivative. The error of a central one is about h²·f′′′/6, nothing on a "
        "parabola; that of a one-sided one is h·f″/2. With a tiny h both values of f agree in nearly all digits, and "
        "rounding is all that their difference shows."
    )
    errors = ((0.1, 0.1, 6.22e-15), (0.001, 0.001, 7.18e-13), (1e-05, 1e-05, 3.93e-11), (1e-07, 1.08e-07, 9.82e-09))
    columns = ("h", "one-sided, greatest error", "central, greatest error")
    yield Table("difference-step", "How wrong a difference quotient is", columns, errors)
    yield Remark("Descent from x = 2.5, against the slope g = f′(θ) at the learning rate η. sgd: θ ← θ − η·g.")
    yield Phase("compiling")
    yield from _descended(_square, {"from x = 2.5": (2.5,)}, 0.1, 50, {18: Minimum("x = 0", (0.0,), 0.0)})
    yield Learned(
        "From x = 2.5 the path arrived at the minimum x = 0 in 18 steps, by sgd at learning rate 0.1. The tape and the "
        "central difference of f(x) = x² agree within 3.9e-11; of the steps h tried, 0.1 was best. Along the gradient "
        "f rose fastest: 1.0000·|∇f|."
    )
    yield from _done(50)


def _on_himmelblau() -> Iterator[Event]:
    yield Remark(
        "Himmelblau: f(x, y) = (x² + y − 11)² + (x + y² − 7)². Downhill is against the gradient g; the step is the "
        "learning rate η times g. sgd: θ ← θ − η·g."
    )
    yield HIMMELBLAU
    yield Phase("compiling")
    starts = {"from (1, 0)": (1.0, 0.0), "from (−4, 0)": (-4.0, 0.0), "from (4, 0)": (4.0, 0.0)}
    called = {minimum.label: minimum for minimum in HIMMELBLAU.minima}
    ends = {21: called["(3, 2)"], 23: called["(−3.779, −3.283)"], 29: called["(3.584, −1.848)"]}
    yield from _descended(_himmelblau, starts, 0.01, 200, ends)
    yield Learned(
        "From (1, 0) the path arrived at the minimum (3, 2) in 21 steps, from (−4, 0) at (−3.779, −3.283) in 23, from "
        "(4, 0) at (3.584, −1.848) in 29, by sgd at learning rate 0.01. Where a descent ends depends on where it "
        "starts: each minimum has its own basin."
    )
    yield from _done(200)


# --- curves ---------------------------------------------------------------------------------------------------


def _autograd() -> Iterator[Event]:
    yield Remark("A GradientTape records what is computed inside it, and plays it backwards to find gradients.")
    rows = (("y", 5.0, 5.0), ("dy/dw", 3.0, 3.0), ("dy/db", 1.0, 1.0), ("d²y/dw²", "None", "0"))
    yield Table("linear", "y = x·w + b at w = 1, b = 2, x = 3", ("quantity", "tape", "by hand"), rows)
    yield Remark("d²y/dw² is None and not 0: dy/dw = x does not depend on w, so that the tape finds no way back to w.")
    yield Remark(
        "Now a loss on top. The tape holds every number on the way to it, and is played from the loss back: the "
        "gradient at a number is that of what comes next (upstream) times the slope of the one step between (local)."
    )
    yield Table(
        "tape",
        "The tape of L = (y − t)² with t = 4, played back",
        ("number", "value", "leads to", "local", "upstream", "gradient of L"),
        (
            ("L", 1.0, "", None, None, 1.0),
            ("e", 1.0, "L = e²", 2.0, 1.0, 2.0),
            ("y", 5.0, "e = y − t", 1.0, 2.0, 2.0),
            ("b", 2.0, "y = p + b", 1.0, 2.0, 2.0),
            ("p", 3.0, "y = p + b", 1.0, 2.0, 2.0),
            ("w", 1.0, "p = x·w", 3.0, 2.0, 6.0),
        ),
    )
    refusal = "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"
    yield Table(
        "tapes",
        "The same tape asked twice",
        ("tape", "first answer, dy/dw", "second answer, dy/db"),
        (("persistent=True", 3.0, 1.0), ("persistent=False", 3.0, refusal)),
    )
    title = "f(w) = w³ at w = 1: a tape within a tape"
    yield Table("second-order", title, ("quantity", "tape", "closed form"), (("f′", 3.0, 3.0), ("f″", 6.0, 6.0)))
    w = np.linspace(-3.0, 3.0, 301)
    yield Curve("cube", "cube", "f(w) = w³", w, w * w * w, 3.0 * w * w)
    yield Curve("cube-slope", "f′ and f″", "f′ of f(w) = w³", w, 3.0 * w * w, 6.0 * w)
    yield Learned(
        "At w = 1, b = 2, x = 3 the tape finds y = 5, dy/dw = 3 (which is x) and dy/db = 1; asked for d²y/dw² it says "
        "None. A persistent tape answered twice; an ordinary one refused the second question. Where there is a second "
        "derivative a tape within a tape finds it: f″(1) = 6 for f(w) = w³, exactly the closed form."
    )
    yield from _done(0)


BENT: dict[str, Callable[[FloatArray], FloatArray]] = {
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0.0),
    "leaky-relu": lambda x: np.maximum(x, 0.2 * x),
    "elu": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0.0)) - 1.0),
    "softplus": lambda x: np.log(1.0 + np.exp(x)),
    # Not x·Φ(x) but what is close to it. Source: D. Hendrycks, K. Gimpel, 2016, arXiv:1606.08415, section 2.
    "gelu": lambda x: x / (1.0 + np.exp(-1.702 * x)),
    "swish": lambda x: x / (1.0 + np.exp(-x)),
}


def _activations() -> Iterator[Event]:
    yield Remark("An activation bends what a layer passes on; backwards, the gradient is multiplied by its slope.")
    x = np.linspace(-10.0, 10.0, 401)
    shares = (0.4014, 0.7008, 0.5001, 0.0, 0.2697, 0.2702, 0.3514, 0.1982)
    saturated = []
    for activation, share in zip(ACTIVATIONS, shares, strict=True):
        y, slope = BENT[activation.id](x), activation.derivative(x, 0.2)
        yield Curve(activation.id, activation.label, activation.formula, x, y, slope)
        rows = tuple((*(float(part[at]) for part in (x, y, slope, slope)), 0.0) for at in range(7, 400, 43))
        title = f"{activation.label}; slope {activation.derivative_formula}"
        yield Table(activation.id, title, ("x", "f(x)", "tape f′(x)", "closed form", "tape − closed"), rows)
        saturated.append((activation.label, float(slope.max()), float(slope.min()), share))
    columns = ("activation", "greatest slope", "least slope", "saturated share")
    title = "Where they saturate: slope under 1% of the steepest, over ±10"
    yield Table("saturation", title, columns, tuple(saturated))
    yield Learned(
        "Over ±10, tanh passes almost no gradient on 70% of the inputs, leaky ReLU on 0%. The sigmoid's slope is never "
        "over 0.2500: ten of them in a row divide a gradient by 1,048,576 at least, not counting the weights between "
        "them. Tape and closed form agree within 5.5e-09."
    )
    yield from _done(0)


def _losses() -> Iterator[Event]:
    logits = np.array([[-0.925, -0.278, -0.289], [-1.532, -0.728, 0.532]])
    rows = []
    for example, (z, p) in enumerate(zip(logits, softmax(logits), strict=True)):
        rows.append((f"logits {example}", *(float(part) for part in z), float(z[0] + z[1] + z[2])))
        rows.append((f"softmax {example}", *(float(part) for part in p), 1.0))
    yield Remark("Two examples of four features, weights w [4, 3], bias b [3]; the right classes are 2 and 0.")
    columns = ("", "class 0", "class 1", "class 2", "sum")
    yield Table("softmax", "Softmax of the logits x·w + b at temperature 1", columns, tuple(rows))
    yield Remark("Softmax makes positive numbers that sum to 1; below temperature 1 the largest grows.")
    by_t = tuple((t, *(float(part) for part in softmax(logits[0], t))) for t in (0.25, 0.5, 1.0, 2.0, 4.0))
    yield Table("temperature", "The first example's probabilities", ("T", "class 0", "class 1", "class 2"), by_t)
    columns = ("", "tape", "closed form", "central difference", "tape − closed")
    for key, loss in (("mse", "mean squared error = 0.323459"), ("cross-entropy", "cross-entropy = 1.670418")):
        parts = [*(f"w[{i},{j}]" for i in range(4) for j in range(3)), *(f"b[{j}]" for j in range(3))]
        values = [(37 * place % 31 - 15) / 500 for place in range(len(parts))]
        elements = tuple((part, *[value] * 3, 0.0) for part, value in zip(parts, values, strict=True))
        yield Table(key, f"{loss}, and its gradient", columns, elements)
    yield Remark(
        "Move one logit, that of the right class, and keep the two others at 0: how strongly each loss lifts it."
    )
    z = np.linspace(-8.0, 8.0, 321)
    p = np.exp(z) / (np.exp(z) + 2.0)
    formula = "{} of softmax(z, 0, 0), class 0 right"
    label = "cross-entropy"
    yield Curve("cross-entropy-curve", label, formula.format(label), z, np.log(1.0 + 2.0 * np.exp(-z)), p - 1.0)
    label = "mean squared error"
    yield Curve("mse-curve", label, formula.format(label), z, (1 - p) * (1 - p) / 2, (p - 1.0) * p * (1.0 - p))
    yield Learned(
        "Where the network is confidently wrong, its right logit at −8, cross-entropy corrects with a slope of 1.000, "
        "mean squared error with 0.00017: it has saturated. The mean squared error is 0.323459 with a gradient of "
        "length 0.114139; the cross-entropy is 1.670418 with one of 1.045368. Tape, closed form and differences agree "
        "within 2.0e-11. At temperature 0.5 the first example's strongest class has 1.116 times the probability it has "
        "at 1."
    )
    yield from _done(0)


# --- classifiers ----------------------------------------------------------------------------------------------


def _pictures() -> tuple[FloatArray, FloatArray]:
    """25 pictures uint8 [25, 28, 28] and their labels: of each class a striped ellipse of its own shape."""
    y, x = np.mgrid[0:28, 0:28] - 13.5
    labels = (7 * np.arange(25) + 3) % 10
    pictures = [
        np.where(x * x * (label + 2) + y * y * (12 - label) < 1_000, 255 - 12 * ((x + label * y) // 4 % 10), 0)
        for label in labels
    ]
    return np.array(pictures).astype(np.uint8), labels


def _tested(step: int, epoch: int, names: tuple[str, ...]) -> Evaluated:
    """A test on 1,000 images per class, with fewer mistakes in every epoch."""
    true, taken = np.mgrid[0:10, 0:10]
    wrong = np.where(true == taken, 0, (3 * true + 5 * taken) % 7 * 3 + np.where((true * taken) % 6 == 4, 40, 2))
    wrong = wrong + wrong * 2 // epoch
    confusion = wrong + np.diag(1000 - wrong.sum(axis=1))
    accuracy = int(np.trace(confusion)) / 10_000
    return Evaluated(step, epoch, 1.37 - accuracy + epoch * epoch / 500, accuracy, confusion, names, accuracy + 0.017)


def _training(dataset: str, epochs: int, until: int) -> Iterator[Event]:
    """The first `until` of so many epochs, 67 steps per event: a loss that falls as 1/step, with a ripple."""
    names, total = CLASS_NAMES[dataset], epochs * STEPS_AN_EPOCH
    pictures, labels = _pictures()
    yield Phase("importing")
    yield Images("Training sample:", 0, pictures[:1], labels[:1], None, names)
    yield Phase("running")
    for epoch in range(1, until + 1):
        for first in range((epoch - 1) * STEPS_AN_EPOCH + 1, epoch * STEPS_AN_EPOCH, 67):
            step = np.arange(first, first + 67)
            loss = 0.21 + 2.1 / (1.0 + step / 90.0) + (step * 7919 % 1009 / 1009.0 - 0.5) * 0.3 / (1.0 + step / 700.0)
            norm = 0.6 + 3.0 / (1.0 + first / 200.0) + first % 5 / 9.0
            kept = loss.astype(np.float32)
            yield Metrics(epoch, first, kept, kept / 8, norm, 0.001, STEPS_PER_S, total, epochs)
        end = epoch * STEPS_AN_EPOCH
        yield _tested(end, epoch, names)
        mistaken = np.where(np.arange(25) % (epoch + 2) == 1, (labels + 2) % 10, labels)
        yield Images("val-images:", end, pictures, labels, mistaken, names, as_grid=True)


def _fashion_mnist() -> Iterator[Event]:
    yield Remark(
        "60,000 grey pictures of clothes in ten classes. A network 784-256-128-64-32-10 learns to tell them apart: "
        "each step goes downhill on the mean cross-entropy of a batch."
    )
    yield from _training("fashion-mnist", 5, 5)
    yield Learned(
        "The network is right on 80.80% of the test examples, and was right on 82.50% of the training examples in the "
        "last epoch, after 5 epochs of adam at learning rate 0.001. The last batch's mean squared error is "
        "0.0301; cross-entropy is what was minimised."
    )
    yield from _done(5 * STEPS_AN_EPOCH)


def _tensorboard() -> Iterator[Event]:
    yield Remark(
        "A run that leaves numbers behind can be compared. This one logs train-loss, test-acc, the learning rate and "
        "the gradient norm; one training image, 25 test images, and the same 25 as one picture with what they were "
        "taken for; and how weights and gradients are spread."
    )
    yield from _training("mnist", 10, 4)


PLAYS: dict[str, Callable[[], Play]] = {
    "gradients": lambda: _evenly(_gradients(), 2.5),
    "autograd": lambda: _evenly(_autograd(), 0.5),
    "activations": lambda: _evenly(_activations(), 0.5),
    "losses": lambda: _evenly(_losses(), 0.5),
    "himmelblau": lambda: _evenly(_on_himmelblau(), 5.0),
    "fashion-mnist": lambda: _evenly(_fashion_mnist(), 5 * STEPS_AN_EPOCH / STEPS_PER_S),
    "tensorboard": lambda: _evenly(_tensorboard(), 4 * STEPS_AN_EPOCH / STEPS_PER_S),
}
"""Each lesson's run: all have ended except the last lesson's, which goes on."""

TEXTS = {"fashion-mnist": {"epochs": "5"}}
"""The settings of those runs that are not the defaults."""
