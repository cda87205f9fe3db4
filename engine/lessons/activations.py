"""Lesson 3: activation functions, their gradients, and where they saturate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from engine.contents import heading
from engine.errors import InputError
from engine.events import Curve, FloatArray, Learned, Remark, Table
from engine.lazy import tf
from engine.lesson import Lesson, Run
from engine.own import files
from engine.own.expressions import parse
from engine.own.paths import is_file
from engine.settings import Settings, choices, integer, number

# An activation is saturated where its slope is below this share of its steepest: three such layers in a row reduce a
# gradient by six orders of magnitude.
SATURATED = 0.01

# A derivative of more characters is not shown.
LONGEST_SLOPE = 60

# The number of points at which slopes are judged, among them 0 and both ends.
DENSE = 4001


@dataclass(frozen=True)
class Activation:
    """An activation with its derivative in closed form. `f(x, alpha)` is TensorFlow's own; `derivative(x, alpha)` is in
    NumPy. `samples` are the course's points to tabulate, (low, high, count) as for linspace."""

    id: str
    label: str
    formula: str
    derivative_formula: str
    f: Callable[[Any, float], Any]
    derivative: Callable[[FloatArray, float], FloatArray]
    samples: tuple[float, float, int] = (-10.0, 10.0, 10)


def _sigmoid(x: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        y: FloatArray = 1.0 / (1.0 + np.exp(-x))
    return y


def _gelu_derivative(x: FloatArray, _: float) -> FloatArray:
    """Φ(x) + x·φ(x), with the standard normal distribution. Source: D. Hendrycks, K. Gimpel, 2016, arXiv:1606.08415,
    section 2."""
    normal = np.array([0.5 * (1.0 + math.erf(part / math.sqrt(2.0))) for part in np.ravel(x)]).reshape(np.shape(x))
    slope: FloatArray = normal + x * np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    return slope


def bend(name: str, x: Any, alpha: float) -> Any:
    """The course's activation of this name at the tensor `x`, by TensorFlow; `alpha` is leaky ReLU's slope below 0."""
    match name:
        case "sigmoid":
            return tf.sigmoid(x)
        case "tanh":
            return tf.tanh(x)
        case "relu":
            return tf.nn.relu(x)
        case "leaky-relu":
            return tf.maximum(alpha * x, x)
        case "elu":
            return tf.nn.elu(x)
        case "softplus":
            return tf.math.softplus(x)
        case "gelu":
            return tf.nn.gelu(x, approximate=False)
        case _:  # swish
            return tf.nn.silu(x)


ACTIVATIONS = (
    Activation(
        "sigmoid", "sigmoid", "σ(x) = 1/(1 + e⁻ˣ)", "σ·(1 − σ)",
        partial(bend, "sigmoid"), lambda x, _: _sigmoid(x) * (1.0 - _sigmoid(x)),
    ),
    Activation(
        "tanh", "tanh", "tanh x = 2σ(2x) − 1", "1 − tanh²x",
        partial(bend, "tanh"), lambda x, _: 1.0 - np.tanh(x) ** 2, (-5.0, 5.0, 10),
    ),
    Activation(
        "relu", "ReLU", "max(0, x)", "0 below 0, 1 above",
        partial(bend, "relu"), lambda x, _: (x > 0).astype(x.dtype), (-1.0, 1.0, 10),
    ),
    Activation(
        "leaky-relu", "leaky ReLU", "max(αx, x)", "α below 0, 1 above",
        partial(bend, "leaky-relu"), lambda x, alpha: np.where(x > 0, 1.0, alpha), (-1.0, 1.0, 10),
    ),
    Activation(
        "elu", "ELU", "x above 0, eˣ − 1 below", "1 above 0, eˣ below",
        partial(bend, "elu"), lambda x, _: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0.0))), (-5.0, 5.0, 10),
    ),
    Activation(
        "softplus", "softplus", "ln(1 + eˣ)", "σ(x)",
        partial(bend, "softplus"), lambda x, _: _sigmoid(x), (-5.0, 5.0, 10),
    ),
    Activation(
        "gelu", "GELU", "x·Φ(x)", "Φ(x) + x·φ(x)",
        partial(bend, "gelu"), _gelu_derivative, (-5.0, 5.0, 10),
    ),
    Activation(
        "swish", "swish", "x·σ(x)", "σ + x·σ·(1 − σ)",
        partial(bend, "swish"), lambda x, _: _sigmoid(x) * (1.0 + x * (1.0 - _sigmoid(x))), (-5.0, 5.0, 10),
    ),
)  # fmt: skip

NAMES = tuple(activation.id for activation in ACTIVATIONS)


def activation_called(name: str) -> Activation:
    """Return the activation that `name` stands for: a name of the course, an expression of x, or a file."""
    for activation in ACTIVATIONS:
        if activation.id == name:
            return activation
    if is_file(name):
        own = files.load("--activation", name, "activation", 1)
        return Activation(
            name, name, name, "what the tape finds",
            lambda x, _: own(x, tf.math), lambda x, _: np.imag(own(x + 1e-30j, np)) / 1e-30, (-5.0, 5.0, 10),
        )  # fmt: skip
    expression = parse(name, ("x",))
    slope = expression.derivative("x")
    shown = slope.pretty if len(slope.pretty) <= LONGEST_SLOPE else "by the chain rule"
    return Activation(
        str(expression), expression.pretty, expression.pretty, shown,
        lambda x, _: expression(x, tf.math), lambda x, _: np.asarray(slope(x, np)), (-5.0, 5.0, 10),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ActivationsSettings(Settings):
    """Settings of lesson 3."""

    activation: tuple[str, ...] = choices(
        NAMES, NAMES, variables=("x",), files=True, help="which to show, one or several"
    )
    reach: float = number(10.0, low=0.5, high=50.0, help="curves are drawn from −reach to reach")
    points: int = integer(401, low=11, high=10_001, help="points of a drawn curve")
    alpha: float = number(0.2, low=0.0, high=1.0, help="α, the slope of leaky ReLU below 0")


def value_and_slope(activation: Activation, x: FloatArray, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Compute the activation and its derivative at `x` [n] by GradientTape, in the dtype of `x`."""
    points = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(points)
        y = activation.f(points, alpha)
    return y.numpy(), tape.gradient(y, points).numpy()


def saturation(slope: FloatArray) -> float:
    """The share of points where `slope` [n] is below SATURATED times the steepest, in [0, 1]; 1 if all slopes are 0."""
    steepest = np.abs(slope).max()
    return float(np.mean(np.abs(slope) < SATURATED * steepest)) if steepest else 1.0


def run(settings: ActivationsSettings) -> Run[ActivationsSettings]:
    """Show each chosen activation: its curve and gradient, the course's samples, and where it saturates."""
    x = np.linspace(-settings.reach, settings.reach, settings.points)
    # The statements about slopes must not depend on how many points are drawn, nor on whether 0 is among them.
    dense = np.linspace(-settings.reach, settings.reach, DENSE)
    yield Remark("An activation bends what a layer passes on; backwards, the gradient is multiplied by its slope.")
    rows = []
    worst = 0.0
    for activation in _chosen(settings):
        y, slope = value_and_slope(activation, x, settings.alpha)
        yield Curve(activation.id, activation.label, activation.formula, x, y, slope)
        samples, error = _samples(activation, settings.alpha)
        yield samples
        worst = max(worst, error)
        slopes = value_and_slope(activation, dense, settings.alpha)[1]
        rows.append((activation.label, float(slopes.max()), float(slopes.min()), saturation(slopes)))
    columns = ("activation", "greatest slope", "least slope", "saturated share")
    title = f"Where they saturate: slope under {SATURATED:.0%} of the steepest, over ±{settings.reach:g}"
    yield Table("saturation", title, columns, tuple(rows))
    most, least = max(rows, key=lambda row: row[3]), min(rows, key=lambda row: row[3])
    text = f"Over ±{settings.reach:g} no activation is saturated anywhere. "
    if most[3] > 0:
        text = f"Over ±{settings.reach:g}, {most[0]} passes almost no gradient on {most[3]:.0%} of the inputs"
        text += f", {least[0]} on {least[3]:.0%}. " if most[3] > least[3] else ". "
    if "sigmoid" in settings.activation:
        top = next(row[1] for row in rows if row[0] == "sigmoid")
        text += (
            f"The sigmoid's slope is never over {top:.4f}: ten of them in a row divide a gradient by {top**-10:,.0f} "
            "at least, not counting the weights between them. "
        )
    yield Learned(f"{text}Tape and closed form agree within {worst:.1e}.")


def _chosen(settings: ActivationsSettings) -> list[Activation]:
    """The activations to show: the course's in its order, then the learner's.

    Raises:
        InputError: a learner's one has no finite value or slope somewhere on the drawn range.
    """
    named = [each for each in ACTIVATIONS if each.id in settings.activation]
    typed = [activation_called(name) for name in settings.activation if name not in NAMES]
    x = np.linspace(-settings.reach, settings.reach, DENSE)
    for activation in typed:
        y, slope = value_and_slope(activation, x, settings.alpha)
        wrong = np.flatnonzero(~(np.isfinite(y) & np.isfinite(slope)))
        if wrong.size:
            raise InputError(
                f"--activation: {activation.id} has no finite value or slope at x = {x[wrong[0]]:g}; an activation has "
                "one at every x that is drawn"
            )
    return named + typed


def _samples(activation: Activation, alpha: float) -> tuple[Table, float]:
    """Build the course's table of the activation; returns it and the tape's greatest error against the closed form."""
    x = np.linspace(*activation.samples)
    y, slope = value_and_slope(activation, x, alpha)
    closed = activation.derivative(x, alpha)
    rows = tuple(tuple(float(part) for part in row) for row in zip(x, y, slope, closed, slope - closed, strict=True))
    low, high, count = activation.samples
    title = f"{activation.label} on linspace({low:g}, {high:g}, {count}); slope {activation.derivative_formula}"
    table = Table(activation.id, title, ("x", "f(x)", "tape f′(x)", "closed form", "tape − closed"), rows)
    return table, float(np.abs(slope - closed).max())


LESSON = Lesson(
    **vars(heading("activations")),
    settings=ActivationsSettings,
    run=run,
    code=(
        "engine.lessons.activations:bend",
        "engine.lessons.activations:value_and_slope",
        "engine.lessons.activations:saturation",
        "engine.lessons.activations:run",
    ),
)
