"""Lesson 4: mean squared error, and softmax with cross-entropy, with the gradients they send back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.events import Cell, Curve, FloatArray, IntArray, Learned, Remark, Table
from engine.lazy import tf
from engine.lesson import Lesson, Run
from engine.settings import Settings, number

LossName = Literal["mse", "cross-entropy"]

# The course's labels for its batch of two examples in three classes.
LABELS = (2, 0)
CLASSES = 3
FEATURES = 4

# The step of the central difference on float64 values: see engine.lessons.gradients.
CENTRAL_STEP = 1e-5


@dataclass(frozen=True, kw_only=True)
class LossesSettings(Settings):
    """What lesson 4 can be told. The seed draws the inputs x and the weights w."""

    temperature: float = number(1.0, low=0.01, high=100.0, help="T in softmax(z/T): below 1 the strong get stronger")
    scale: float = number(1.0, low=0.01, high=100.0, help="standard deviation of the weights drawn")


@dataclass(frozen=True)
class Batch:
    """x float64 [2, 4], w float64 [4, 3], b float64 [3], labels int64 [2]."""

    x: FloatArray
    w: FloatArray
    b: FloatArray
    labels: IntArray


def draw(seed: int, scale: float) -> Batch:
    """The lesson's numbers, drawn from a normal distribution by NumPy's PCG64 with `seed`."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(len(LABELS), FEATURES))
    w = random.normal(scale=scale, size=(FEATURES, CLASSES))
    return Batch(x, w, np.zeros(CLASSES), np.array(LABELS))


def loss_of(name: LossName, logits: Any, labels: IntArray) -> Any:
    """The mean loss of logits [n, c]: squared error of the softmax against one-hot, or cross-entropy in nats."""
    truth = tf.one_hot(labels, logits.shape[-1], dtype=logits.dtype)
    if name == "mse":
        return tf.reduce_mean(tf.square(tf.nn.softmax(logits) - truth))
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(truth, logits))


def tape_gradients(name: LossName, batch: Batch) -> tuple[float, FloatArray, FloatArray]:
    """The loss, its gradient for w [4, 3] and for b [3], by GradientTape."""
    w, b = tf.constant(batch.w), tf.constant(batch.b)
    with tf.GradientTape() as tape:
        tape.watch([w, b])
        loss = loss_of(name, batch.x @ w + b, batch.labels)
    for_w, for_b = tape.gradient(loss, [w, b])
    return float(loss), for_w.numpy(), for_b.numpy()


def softmax(logits: FloatArray, temperature: float = 1.0) -> FloatArray:
    """softmax(z/T) along the last axis, in NumPy, shifted by its maximum so that nothing overflows."""
    shifted = (logits - logits.max(axis=-1, keepdims=True)) / temperature
    powers = np.exp(shifted)
    shares: FloatArray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def closed_gradients(name: LossName, batch: Batch) -> tuple[FloatArray, FloatArray]:
    """The gradients for w and b by hand, in NumPy.

    Cross-entropy: (p − onehot)/n at the logits. Mean squared error: 2/(n·c)·(d − Σd·p)·p with d = p − onehot, which is
    the softmax's Jacobian diag(p) − p·pᵀ times 2d/(n·c).
    Source: C. M. Bishop, Pattern Recognition and Machine Learning, 2006, equations 4.106 and 4.109.
    """
    p = softmax(batch.x @ batch.w + batch.b)
    off = p - np.eye(CLASSES)[batch.labels]
    at_logits = off / len(p)
    if name == "mse":
        at_logits = 2.0 / p.size * p * (off - (off * p).sum(axis=1, keepdims=True))
    return batch.x.T @ at_logits, at_logits.sum(axis=0)


def numpy_loss(name: LossName, x: FloatArray, w: FloatArray, b: FloatArray, labels: IntArray) -> float:
    """The same losses in NumPy, for the difference quotients."""
    logits = x @ w + b
    if name == "mse":
        return float(np.mean((softmax(logits) - np.eye(CLASSES)[labels]) ** 2))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(log_sum - shifted[np.arange(len(labels)), labels]))


def difference_gradients(name: LossName, batch: Batch) -> tuple[FloatArray, FloatArray]:
    """The gradients for w and b by central differences, one number at a time."""

    def nudged(part: FloatArray, place: tuple[int, ...], by: float) -> FloatArray:
        moved = part.copy()
        moved[place] += by
        return moved

    h = CENTRAL_STEP
    for_w, for_b = np.zeros_like(batch.w), np.zeros_like(batch.b)
    for place in np.ndindex(batch.w.shape):
        ahead, behind = (
            numpy_loss(name, batch.x, nudged(batch.w, place, s * h), batch.b, batch.labels) for s in (1, -1)
        )
        for_w[place] = (ahead - behind) / (2 * h)
    for place in np.ndindex(batch.b.shape):
        ahead, behind = (
            numpy_loss(name, batch.x, batch.w, nudged(batch.b, place, s * h), batch.labels) for s in (1, -1)
        )
        for_b[place] = (ahead - behind) / (2 * h)
    return for_w, for_b


def run(settings: LossesSettings) -> Run[LossesSettings]:
    """Softmax and its temperature; then each loss with its gradients three ways; then both along one logit."""
    batch = draw(settings.seed, settings.scale)
    logits = batch.x @ batch.w + batch.b
    yield Remark("Two examples of four features, weights w [4, 3], bias b [3]; the right classes are 2 and 0.")
    yield _softmax_table(logits, settings.temperature)
    yield Remark("Softmax makes positive numbers that sum to one; below temperature 1 it makes the strong stronger.")
    yield _temperature_table(logits[0], settings.temperature)
    found = {}
    worst = 0.0
    names: tuple[LossName, ...] = ("mse", "cross-entropy")
    for name in names:
        loss, for_w, for_b = tape_gradients(name, batch)
        table, error = _gradient_table(name, batch, loss, for_w, for_b)
        yield table
        worst = max(worst, error)
        found[name] = (loss, float(np.sqrt((for_w**2).sum() + (for_b**2).sum())))
    yield Remark("Move one logit, that of the right class, and keep the two others at 0: how each loss pulls it up.")
    along, at_minus_eight = _along_the_right_logit()
    for curve in along:  # noqa: UP028 - the runner sends a turn at each yield; a list takes none
        yield curve
    other = settings.temperature if settings.temperature != 1.0 else 0.5
    strong = softmax(logits[0], other).max() / softmax(logits[0]).max()
    yield Learned(
        f"The mean squared error is {found['mse'][0]:.6f} with a gradient of length {found['mse'][1]:.6f}; "
        f"the cross-entropy is {found['cross-entropy'][0]:.6f} with one of {found['cross-entropy'][1]:.6f}. "
        f"Tape, closed form and differences agree within {worst:.1e}. "
        f"At temperature {other:g} the first example's strongest class has {strong:.3f} times "
        f"the probability it has at 1. When the network is badly wrong (its right logit at −8), "
        f"cross-entropy still pulls with {abs(at_minus_eight['cross-entropy']):.3f}, "
        f"mean squared error with {abs(at_minus_eight['mse']):.5f}: it has saturated."
    )


def _softmax_table(logits: FloatArray, temperature: float) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for example, (z, p) in enumerate(zip(logits, softmax(logits, temperature), strict=True)):
        rows.append((f"logits {example}", *(float(part) for part in z), float(z.sum())))
        rows.append((f"softmax {example}", *(float(part) for part in p), float(p.sum())))
    title = f"Softmax of the logits x·w + b at temperature {temperature:g}"
    return Table("softmax", title, ("", "class 0", "class 1", "class 2", "sum"), tuple(rows))


def _temperature_table(logits: FloatArray, chosen: float) -> Table:
    steps = sorted({0.25, 0.5, 1.0, 2.0, 4.0, chosen})
    rows = tuple((t, *(float(part) for part in softmax(logits, t))) for t in steps)
    return Table("temperature", "The first example's probabilities", ("T", "class 0", "class 1", "class 2"), rows)


def _gradient_table(
    name: LossName, batch: Batch, loss: float, for_w: FloatArray, for_b: FloatArray
) -> tuple[Table, float]:
    """Every element of both gradients, three ways, and the greatest difference from the tape."""
    ways = [(for_w, for_b), closed_gradients(name, batch), difference_gradients(name, batch)]
    rows: list[tuple[Cell, ...]] = []
    worst = 0.0
    for letter, parts in zip("wb", zip(*ways, strict=True), strict=True):
        tape, closed, difference = parts
        for place in np.ndindex(tape.shape):
            index = ",".join(str(part) for part in place)
            values = [float(part[place]) for part in (tape, closed, difference)]
            worst = max(worst, abs(values[0] - values[1]), abs(values[0] - values[2]))
            rows.append((f"{letter}[{index}]", *values, values[0] - values[1]))
    title = ("mean squared error" if name == "mse" else "cross-entropy") + f" = {loss:.6f}, and its gradient"
    columns = ("", "tape", "closed form", "central difference", "tape − closed")
    return Table(name, title, columns, tuple(rows)), worst


def _along_the_right_logit() -> tuple[list[Curve], dict[LossName, float]]:
    """Each loss and its slope as the right class's logit goes from −8 to 8, and the slopes at −8."""
    z = np.linspace(-8.0, 8.0, 321)
    labels = np.zeros(len(z), np.int64)
    curves, slopes = [], {}
    names: tuple[tuple[LossName, str], ...] = (("cross-entropy", "cross-entropy"), ("mse", "mean squared error"))
    for name, label in names:
        points = tf.constant(z)
        with tf.GradientTape() as tape:
            tape.watch(points)
            logits = tf.stack([points, tf.zeros_like(points), tf.zeros_like(points)], axis=1)
            # The sum over examples, each of which is a point of the curve: the mean times their number.
            total = loss_of(name, logits, labels) * len(z)
        slope = tape.gradient(total, points).numpy()
        weights, bias = np.array([[1.0, 0.0, 0.0]]), np.zeros(CLASSES)
        value = np.array([numpy_loss(name, np.array([[part]]), weights, bias, labels[:1]) for part in z])
        curves.append(Curve(f"{name}-curve", label, f"{label} of softmax(z, 0, 0), class 0 right", z, value, slope))
        slopes[name] = float(slope[0])
    return curves, slopes


LESSON = Lesson(
    number=4,
    id="losses",
    title="Losses",
    summary="mean squared error, softmax with cross-entropy, and their gradients",
    settings=LossesSettings,
    run=run,
    code=(
        "engine.lessons.losses:loss_of",
        "engine.lessons.losses:tape_gradients",
        "engine.lessons.losses:closed_gradients",
        "engine.lessons.losses:softmax",
        "engine.lessons.losses:run",
    ),
)
