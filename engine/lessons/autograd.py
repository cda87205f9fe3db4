"""Lesson 2: GradientTape, the persistent tape, and gradients of gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.events import Cell, Curve, Learned, Remark, Table
from engine.lazy import tf
from engine.lesson import Lesson, Run
from engine.settings import Settings, choice, number


@dataclass(frozen=True)
class Twice:
    """A function worth differentiating twice, over tensorflow.math, with both derivatives in closed form."""

    formula: str
    f: Callable[[Any, Any], Any]
    first: Callable[[float], float]
    second: Callable[[float], float]


TWICE = {
    "cube": Twice("f(w) = w³", lambda w, m: w * w * w, lambda w: 3 * w**2, lambda w: 6 * w),
    "sine": Twice("f(w) = sin w", lambda w, m: m.sin(w), math.cos, lambda w: -math.sin(w)),
    "exponential": Twice("f(w) = exp w", lambda w, m: m.exp(w), math.exp, math.exp),
}


@dataclass(frozen=True, kw_only=True)
class AutogradSettings(Settings):
    """What lesson 2 can be told: the numbers in L = (x·w + b − t)², and what to differentiate twice."""

    w: float = number(1.0, low=-10.0, high=10.0, help="the weight")
    b: float = number(2.0, low=-1e3, high=1e3, help="the bias")
    x: float = number(3.0, low=-1e3, high=1e3, help="the input")
    target: float = number(4.0, low=-1e3, high=1e3, help="what y should be: t in the loss (y − t)²")
    function: str = choice("cube", tuple(TWICE), help="the function of w to differentiate twice")


def linear_gradients(w: float, b: float, x: float) -> tuple[float, float, float, float | None]:
    """y, dy/dw, dy/db and d²y/dw² of y = x·w + b; the last is None, because dy/dw = x does not depend on w."""
    weight, bias = tf.constant(w, tf.float64), tf.constant(b, tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(weight)
        with tf.GradientTape() as inner:
            inner.watch([weight, bias])
            y = x * weight + bias
        dy_dw, dy_db = inner.gradient(y, [weight, bias])
    second = outer.gradient(dy_dw, weight)
    return float(y), float(dy_dw), float(dy_db), None if second is None else float(second)


@dataclass(frozen=True)
class Node:
    """One number on the tape, and the chain rule at it: `gradient`, that of the loss by it, is `upstream` · `local`.

    `leads_to` is what was computed from it, `local` the derivative of that by it, `upstream` the loss's by that.
    """

    name: str
    value: float
    leads_to: str
    local: float
    upstream: float
    gradient: float


def tape_of_a_loss(w: float, b: float, x: float, target: float) -> tuple[float, tuple[Node, ...]]:
    """L = (x·w + b − t)², and what a tape of it holds in the order in which it is played: from e = y − t back to w."""
    weight, bias = tf.constant(w, tf.float64), tf.constant(b, tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([weight, bias])
        p = x * weight
        y = p + bias
        e = y - target
        loss = e * e
    steps = (
        ("e", e, "L = e²", loss),
        ("y", y, "e = y − t", e),
        ("b", bias, "y = p + b", y),
        ("p", p, "y = p + b", y),
        ("w", weight, "p = x·w", p),
    )

    def slope(of: Any, by: Any) -> float:
        return float(tape.gradient(of, by)) + 0.0  # no -0

    return float(loss), tuple(
        Node(name, float(node), leads_to, slope(result, node), slope(loss, result), slope(loss, node))
        for name, node, leads_to, result in steps
    )


def ask_twice(w: float, b: float, x: float, persistent: bool) -> tuple[float, float | str]:
    """Ask one tape for dy/dw, then for dy/db. The second answer is the error's text where the tape allows one only."""
    weight, bias = tf.constant(w, tf.float64), tf.constant(b, tf.float64)
    with tf.GradientTape(persistent=persistent) as tape:
        tape.watch([weight, bias])
        y = x * weight + bias
    first = float(tape.gradient(y, weight))
    try:
        return first, float(tape.gradient(y, bias))
    except RuntimeError as error:
        return first, str(error)


def second_order(function: Twice, w: Any) -> tuple[Any, Any, Any]:
    """f, f′ and f″ at `w` (a number or float64 [n]), by a tape within a tape."""
    weight = tf.constant(w, tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(weight)
        with tf.GradientTape() as inner:
            inner.watch(weight)
            y = function.f(weight, tf.math)
        first = inner.gradient(y, weight)
    return y.numpy(), first.numpy(), outer.gradient(first, weight).numpy()


def run(settings: AutogradSettings) -> Run[AutogradSettings]:
    """One tape, a persistent one, and one within another."""
    w, b, x = settings.w, settings.b, settings.x
    yield Remark("A GradientTape records what is computed inside it, and plays it backwards to find gradients.")
    y, dy_dw, dy_db, second = linear_gradients(w, b, x)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("y", y, x * w + b),
        ("dy/dw", dy_dw, x),
        ("dy/db", dy_db, 1.0),
        ("d²y/dw²", "None" if second is None else second, "0"),
    )
    title = f"y = x·w + b at w = {w:g}, b = {b:g}, x = {x:g}"
    yield Table("linear", title, ("quantity", "tape", "by hand"), rows)
    yield Remark("d²y/dw² is None and not 0: dy/dw = x does not depend on w, so that the tape finds no way back to w.")
    yield Remark(
        "Now a loss on top. The tape holds every number on the way to it, and is played from the loss back: the "
        "gradient at a number is that of what comes next (upstream) times the slope of the one step between (local)."
    )
    loss, nodes = tape_of_a_loss(w, b, x, settings.target)
    yield Table(
        "tape",
        f"The tape of L = (y − t)² with t = {settings.target:g}, played back",
        ("number", "value", "leads to", "local", "upstream", "gradient of L"),
        (
            ("L", loss, "", None, None, 1.0),
            *((node.name, node.value, node.leads_to, node.local, node.upstream, node.gradient) for node in nodes),
        ),
    )
    kept, kept_again = ask_twice(w, b, x, persistent=True)
    once, refusal = ask_twice(w, b, x, persistent=False)
    yield Table(
        "tapes",
        "The same tape asked twice",
        ("tape", "first answer, dy/dw", "second answer, dy/db"),
        (("persistent=True", kept, kept_again), ("persistent=False", once, refusal)),
    )
    function = TWICE[settings.function]
    _, first, curvature = second_order(function, w)
    yield Table(
        "second-order",
        f"{function.formula} at w = {w:g}: a tape within a tape",
        ("quantity", "tape", "closed form"),
        (("f′", float(first), function.first(w)), ("f″", float(curvature) + 0.0, function.second(w) + 0.0)),
    )
    grid = np.linspace(-3.0, 3.0, 301)
    values, slopes, curvatures = second_order(function, grid)
    yield Curve(settings.function, settings.function, function.formula, grid, values, slopes)
    yield Curve(f"{settings.function}-slope", "f′ and f″", f"f′ of {function.formula}", grid, slopes, curvatures)
    said = "None" if second is None else f"{second:g}"
    apart = abs(float(curvature) - function.second(w))
    agrees = f"{apart:.1e} from the closed form" if apart else "exactly the closed form"
    yield Learned(
        f"At w = {w:g}, b = {b:g}, x = {x:g} the tape finds y = {y:g}, dy/dw = {dy_dw:g} (which is x) and dy/db = "
        f"{dy_db:g}; asked for d²y/dw² it says {said}. {_descent(loss, nodes[-1].gradient)} A persistent tape answered "
        f"twice; an ordinary one refused the second question. Where there is a second derivative a tape within a tape "
        f"finds it: f″({w:g}) = {float(curvature) + 0.0:.6g} for {function.formula}, {agrees}."
    )


def _descent(loss: float, dl_dw: float) -> str:
    """What the loss's gradient asks of w."""
    found = f"Played back from the loss L = {loss:g}, it gives dL/dw = {dl_dw:g}"
    if dl_dw == 0:
        return f"{found}: a small change of w leaves L as it is."
    return f"{found}: a {'smaller' if dl_dw > 0 else 'larger'} w makes L less."


LESSON = Lesson(
    number=2,
    id="autograd",
    title="Autograd",
    summary="GradientTape, the persistent tape, gradients of gradients",
    settings=AutogradSettings,
    run=run,
    code=(
        "engine.lessons.autograd:linear_gradients",
        "engine.lessons.autograd:tape_of_a_loss",
        "engine.lessons.autograd:ask_twice",
        "engine.lessons.autograd:second_order",
        "engine.lessons.autograd:run",
    ),
)
