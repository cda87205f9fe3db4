"""Lesson 4: mean squared error, and softmax with cross-entropy, and their gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.contents import heading
from engine.descent import optimizers
from engine.events import Cell, Curve, FloatArray, IntArray, Learned, Remark, Table
from engine.lazy import tf
from engine.lesson import Lesson, Run
from engine.own import losses as own_losses
from engine.own.losses import OwnLoss
from engine.own.paths import is_file
from engine.settings import Settings, choice, number

LossName = Literal["mse", "cross-entropy"]

# The course's labels for its batch of two examples in three classes.
LABELS = (2, 0)
CLASSES = 3
FEATURES = 4

NO_LOSS = "none"

# The step of the central difference on float32 values, of a learner's loss that computes in them.
SINGLE_STEP = 1e-2

# The step of the central difference on float64 values: see engine.lessons.gradients.
CENTRAL_STEP = 1e-5


@dataclass(frozen=True, kw_only=True)
class LossesSettings(Settings):
    """Settings of lesson 4. The seed draws the inputs x and the weights w."""

    temperature: float = number(
        1.0, low=0.01, high=100.0, help="T in softmax(z/T): below 1 the largest probability grows"
    )
    scale: float = number(1.0, low=0.01, high=100.0, help="standard deviation of the weights drawn")
    loss: str = choice(NO_LOSS, (NO_LOSS,), files=True, help="a loss of your own, shown beside the course's two")


@dataclass(frozen=True)
class Batch:
    """A batch of two examples and the layer's weights: x float64 [2, 4], w float64 [4, 3], b float64 [3], labels int64
    [2]."""

    x: FloatArray
    w: FloatArray
    b: FloatArray
    labels: IntArray


def draw(seed: int, scale: float) -> Batch:
    """Draw the lesson's numbers from a normal distribution, by NumPy's PCG64 with `seed`."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(len(LABELS), FEATURES))
    w = random.normal(scale=scale, size=(FEATURES, CLASSES))
    return Batch(x, w, np.zeros(CLASSES), np.array(LABELS))


def loss_of(name: LossName, logits: Any, labels: IntArray) -> Any:
    """Compute the mean loss of logits [n, c]: squared error of the softmax against one-hot, or cross-entropy in
    nats."""
    truth = tf.one_hot(labels, logits.shape[-1], dtype=logits.dtype)
    if name == "mse":
        return tf.reduce_mean(tf.square(tf.nn.softmax(logits) - truth))
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(truth, logits))


def tape_gradients(name: LossName, batch: Batch) -> tuple[float, FloatArray, FloatArray]:
    """Compute the loss and its gradients for w [4, 3] and b [3], by GradientTape."""
    w, b = tf.constant(batch.w), tf.constant(batch.b)
    with tf.GradientTape() as tape:
        tape.watch([w, b])
        loss = loss_of(name, batch.x @ w + b, batch.labels)
    for_w, for_b = tape.gradient(loss, [w, b])
    return float(loss), for_w.numpy(), for_b.numpy()


def softmax(logits: FloatArray, temperature: float = 1.0) -> FloatArray:
    """Compute softmax(z/T) along the last axis, in NumPy; the maximum is subtracted so nothing overflows."""
    shifted = (logits - logits.max(axis=-1, keepdims=True)) / temperature
    powers = np.exp(shifted)
    shares: FloatArray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def closed_gradients(name: LossName, batch: Batch) -> tuple[FloatArray, FloatArray]:
    """Compute the gradients for w and b in closed form, in NumPy.

    Cross-entropy: (p − onehot)/n at the logits. Mean squared error: 2/(n·c)·(d − Σd·p)·p with d = p − onehot, which is
    the softmax's Jacobian diag(p) − p·pᵀ times 2d/(n·c). Source: C. M. Bishop, Pattern Recognition and Machine
    Learning, 2006, equations 4.106 and 4.109.
    """
    p = softmax(batch.x @ batch.w + batch.b)
    off = p - np.eye(CLASSES)[batch.labels]
    at_logits = off / len(p)
    if name == "mse":
        at_logits = 2.0 / p.size * p * (off - (off * p).sum(axis=1, keepdims=True))
    return batch.x.T @ at_logits, at_logits.sum(axis=0)


def numpy_loss(name: LossName, x: FloatArray, w: FloatArray, b: FloatArray, labels: IntArray) -> float:
    """Compute the same losses in NumPy, for the difference quotients."""
    logits = x @ w + b
    if name == "mse":
        return float(np.mean((softmax(logits) - np.eye(CLASSES)[labels]) ** 2))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(log_sum - shifted[np.arange(len(labels)), labels]))


def difference_gradients(name: LossName, batch: Batch) -> tuple[FloatArray, FloatArray]:
    """Compute the gradients for w and b by central differences, one number at a time."""

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
    """Show softmax and its temperature; then each loss with its gradients three ways; then both along one logit."""
    own = own_losses.load(settings.loss, CLASSES, ("float64", "float32")) if is_file(settings.loss) else None
    batch = draw(settings.seed, settings.scale)
    logits = batch.x @ batch.w + batch.b
    yield Remark("Two examples of four features, weights w [4, 3], bias b [3]; the right classes are 2 and 0.")
    yield _softmax_table(logits, settings.temperature)
    yield Remark("Softmax makes positive numbers that sum to 1; below temperature 1 the largest grows.")
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
    if own is not None:
        yield _own_table(own, batch)
    yield Remark(
        "Move one logit, that of the right class, and keep the two others at 0: how strongly each loss lifts it."
    )
    along, at_minus_eight = _along_the_right_logit()
    for curve in along:
        yield curve
    beside = ""
    if own is not None:
        curve = _own_curve(own)
        yield curve
        slope = float(curve.gradient[0])
        beside = f" There {curve.label} corrects with a slope of {abs(slope):.3g}."
        if slope > 0:
            beside = f" There {curve.label} grows with the right logit, with a slope of {slope:.3g}: it lowers it."
    other = settings.temperature if settings.temperature != 1.0 else 0.5
    strong = softmax(logits[0], other).max() / softmax(logits[0]).max()
    yield Learned(
        f"Where the network is confidently wrong, its right logit at −8, cross-entropy corrects with a slope of "
        f"{abs(at_minus_eight['cross-entropy']):.3f}, mean squared error with {abs(at_minus_eight['mse']):.5f}: it has "
        f"saturated.{beside} The mean squared error is {found['mse'][0]:.6f} with a gradient of length "
        f"{found['mse'][1]:.6f}; the cross-entropy is {found['cross-entropy'][0]:.6f} with one of "
        f"{found['cross-entropy'][1]:.6f}. "
        f"Tape, closed form and differences agree within {worst:.1e}. "
        f"At temperature {other:g} the first example's strongest class has {strong:.3f} times the probability it has "
        "at 1."
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
    """Tabulate every element of both gradients, three ways; returns the table and the greatest difference from the
    tape."""
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


def _own_slopes(own: OwnLoss, logits: FloatArray, labels: IntArray) -> tuple[float, FloatArray]:
    """Compute a learner's mean loss of logits [n, c], and its gradient for them, by GradientTape."""
    given = tf.constant(logits, own.dtype)
    with tf.GradientTape() as tape:
        tape.watch(given)
        loss = own.mean(tf.constant(labels, tf.int32), given)
    return float(loss), tape.gradient(loss, given).numpy().astype(np.float64)


def _own_table(own: OwnLoss, batch: Batch) -> Table:
    """Tabulate the gradient of a learner's loss for the bias, by the tape and by central differences."""
    logits, h = batch.x @ batch.w + batch.b, CENTRAL_STEP if own.dtype == "float64" else SINGLE_STEP
    loss, at_logits = _own_slopes(own, logits, batch.labels)
    rows: list[tuple[Cell, ...]] = []
    for place, tape in enumerate(at_logits.sum(axis=0).tolist()):
        nudge = h * np.eye(CLASSES)[place]
        ahead, behind = (_own_slopes(own, logits + sign * nudge, batch.labels)[0] for sign in (1, -1))
        difference = (ahead - behind) / (2 * h)
        rows.append((f"b[{place}]", tape, difference, tape - difference))
    title = f"{optimizers.label(own.text)} = {loss:.6f}, and its gradient"
    return Table("own", title, ("", "tape", "central difference", "tape − difference"), tuple(rows))


def _own_curve(own: OwnLoss) -> Curve:
    """A learner's loss and its slope as the right class's logit goes from −8 to 8."""
    z, labels = np.linspace(-8.0, 8.0, 81), np.zeros(1, np.int64)
    found = [_own_slopes(own, np.array([[each, 0.0, 0.0]]), labels) for each in z]
    label = optimizers.label(own.text)
    value, slope = np.array([loss for loss, _ in found]), np.array([slopes[0, 0] for _, slopes in found])
    return Curve("own-curve", label, f"{label} of the logits (z, 0, 0), class 0 right", z, value, slope)


LESSON = Lesson(
    **vars(heading("losses")),
    settings=LossesSettings,
    run=run,
    code=(
        "engine.lessons.losses:softmax",
        "engine.lessons.losses:loss_of",
        "engine.lessons.losses:closed_gradients",
        "engine.lessons.losses:tape_gradients",
        "engine.lessons.losses:run",
    ),
)
