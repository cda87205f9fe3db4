"""Lesson 2: GradientTape, the persistent tape, and gradients of gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.contents import heading
from engine.errors import InputError
from engine.events import Cell, Curve, Event, Learned, Remark, Table
from engine.lazy import tf
from engine.lesson import Lesson, Run, Turn
from engine.own import tree
from engine.own.expressions import Expression, parse
from engine.settings import Settings, choice, formula, number

# A loss, its gradient dL/dw, and the loss as a function of w.
OnTape = tuple[float, float, Callable[[float], float]]


@dataclass(frozen=True)
class Twice:
    """A function to differentiate twice, over tensorflow.math, with both derivatives in closed form."""

    formula: str
    f: Callable[[Any, Any], Any]
    first: Callable[[float], float]
    second: Callable[[float], float]


TWICE = {
    "cube": Twice("f(w) = w³", lambda w, m: w * w * w, lambda w: 3 * w**2, lambda w: 6 * w),
    "sine": Twice("f(w) = sin w", lambda w, m: m.sin(w), math.cos, lambda w: -math.sin(w)),
    "exponential": Twice("f(w) = exp w", lambda w, m: m.exp(w), math.exp, math.exp),
}


# The loss that the lesson explains step by step.
OF_THE_COURSE = "(x*w + b - t)^2"


def twice_called(name: str) -> Twice:
    """Return the function that `name` stands for: a name of the course or an expression of w."""
    if name in TWICE:
        return TWICE[name]
    expression = parse(name, ("w",))
    first = expression.derivative("w")
    second = first.derivative("w")
    return Twice(
        f"f(w) = {expression.pretty}", expression, lambda w: float(first(w, np)), lambda w: float(second(w, np))
    )


@dataclass(frozen=True, kw_only=True)
class AutogradSettings(Settings):
    """Settings of lesson 2: the numbers in the loss L, the loss, and what to differentiate twice."""

    w: float = number(1.0, low=-10.0, high=10.0, help="the weight")
    b: float = number(2.0, low=-1e3, high=1e3, help="the bias")
    x: float = number(3.0, low=-1e3, high=1e3, help="the input")
    target: float = number(4.0, low=-1e3, high=1e3, help="what y should be: t in the loss (y − t)²")
    expression: str = formula(OF_THE_COURSE, ("x", "w", "b", "t"), help="the loss L to differentiate")
    function: str = choice("cube", tuple(TWICE), variables=("w",), help="the function of w to differentiate twice")


def linear_gradients(w: float, b: float, x: float) -> tuple[float, float, float]:
    """Compute y, dy/dw and dy/db of y = x·w + b by one tape."""
    weight = tf.Variable(w, dtype=tf.float64)  # watched automatically
    bias = tf.constant(b, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(bias)  # a constant has to be watched
        y = x * weight + bias
    dy_dw, dy_db = tape.gradient(y, [weight, bias])
    return float(y), float(dy_dw), float(dy_db)


@dataclass(frozen=True)
class Node:
    """One number on the tape, and the chain rule at it: the loss's `gradient` with respect to it is `upstream` ·
    `local`.

    `leads_to` is the result computed from it, `local` the derivative of that result with respect to this number,
    `upstream` the derivative of the loss with respect to that result.
    """

    name: str
    value: float
    leads_to: str
    local: float
    upstream: float
    gradient: float


def tape_of_a_loss(w: float, b: float, x: float, target: float) -> tuple[float, tuple[Node, ...]]:
    """Compute L = (x·w + b − t)² and its tape, in the order of the backward pass: from e = y − t back to w."""
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


def tape_of_an_expression(
    loss: Expression, values: Mapping[str, float]
) -> tuple[float, tuple[Node, ...], tuple[tuple[Cell, ...], ...]]:
    """Compute a typed loss, its tape in the order of the backward pass, and for each variable its gradient by the tape
    and by the rules of calculus. A number from which two others were computed is listed once for each.

    Raises:
        InputError: the loss is not a finite number.
    """
    numbers: dict[str, Any] = {}
    edges: list[tuple[str, str]] = []
    with tf.GradientTape(persistent=True) as tape:

        def visit(node: tree.Node) -> Any:
            """Evaluate a part of the expression; a part that is written twice is evaluated once."""
            name = tree.written(node, pretty=True)
            if not tree.names(node):
                return tree.evaluated(node, {}, np)
            if name not in numbers:
                if isinstance(node, tree.Apply):
                    arguments = [visit(argument) for argument in node.arguments]
                    numbers[name] = tree.applied(node.operation, arguments, tf.math)
                    written = (tree.written(argument, pretty=True) for argument in node.arguments)
                    edges.extend((part, name) for part in dict.fromkeys(written) if part in numbers)
                else:
                    numbers[name] = tf.constant(values[name], tf.float64)
                    tape.watch(numbers[name])
            return numbers[name]

        result = visit(loss.tree)
    if not np.isfinite(result.numpy()):
        at = ", ".join(f"{name} = {values[name]:g}" for name in loss.variables)
        raise InputError(f"--expression: {loss} is no finite number at {at}")

    def slope(of: Any, by: Any) -> float:
        return float(tape.gradient(of, by, unconnected_gradients="zero")) + 0.0  # no -0

    whole = loss.pretty
    nodes = tuple(
        Node(part, float(numbers[part]), "L" if to == whole else _short(to), slope(numbers[to], numbers[part]),
             slope(result, numbers[to]), slope(result, numbers[part]))
        for part, to in reversed(edges)
    )  # fmt: skip
    rows = []
    for name in loss.variables:
        if name in numbers:
            rule = loss.derivative(name)
            rows.append(
                (name, slope(result, numbers[name]), float(rule(*values_of(loss, values), np)), _short(rule.pretty))
            )
    return float(result), nodes, tuple(rows)


def values_of(loss: Expression, values: Mapping[str, float]) -> list[float]:
    """The values of a loss's variables, in the loss's order."""
    return [values[name] for name in loss.variables]


def _short(text: str) -> str:
    """Shorten a formula to fit a table's cell."""
    return text if len(text) <= 40 else text[:39] + "…"


def second_of_linear(w: float, b: float, x: float) -> float | None:
    """Ask a tape for d²y/dw² of y = x·w + b: the answer is None, because dy/dw = x does not depend on w."""
    weight = tf.Variable(w, dtype=tf.float64)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * weight + b
        dy_dw = inner.gradient(y, weight)
    second = outer.gradient(dy_dw, weight)
    return None if second is None else float(second)


def ask_twice(w: float, b: float, x: float, persistent: bool) -> tuple[float, float | str]:
    """Ask one tape for dy/dw, then for dy/db. The second answer is the error's text if the tape allows only one."""
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
    """Compute f, f′ and f″ at `w` (a number or float64 [n]), by a tape within a tape."""
    weight = tf.constant(w, tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(weight)
        with tf.GradientTape() as inner:
            inner.watch(weight)
            y = function.f(weight, tf.math)
        first = inner.gradient(y, weight)
    return y.numpy(), first.numpy(), outer.gradient(first, weight, unconnected_gradients="zero").numpy()


def run(settings: AutogradSettings) -> Run[AutogradSettings]:
    """Show an ordinary tape, a persistent one, and a tape within a tape."""
    w, b, x = settings.w, settings.b, settings.x
    yield Remark("A GradientTape records what is computed inside it, and plays it backwards to find gradients.")
    y, dy_dw, dy_db = linear_gradients(w, b, x)
    second = second_of_linear(w, b, x)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("y", y, x * w + b),
        ("dy/dw", dy_dw, x),
        ("dy/db", dy_db, 1.0),
        ("d²y/dw²", "None" if second is None else second, "0"),
    )
    title = f"y = x·w + b at w = {w:g}, b = {b:g}, x = {x:g}"
    yield Table("linear", title, ("quantity", "tape", "by hand"), rows)
    yield Remark("d²y/dw² is None and not 0: dy/dw = x does not depend on w, so the tape finds no way back to w.")
    yield Remark(
        "Now a loss on top. The tape holds every number on the way to it and is played from the loss back. At each "
        "operation it multiplies the gradient of L with respect to the result (upstream) by the operation's own slope "
        "(local)."
    )
    loss, dl_dw, loss_at = yield from _loss_on_tape(settings)
    kept, kept_again = ask_twice(w, b, x, persistent=True)
    once, refusal = ask_twice(w, b, x, persistent=False)
    yield Table(
        "tapes",
        "The same tape asked twice",
        ("tape", "first answer, dy/dw", "second answer, dy/db"),
        (("persistent=True", kept, kept_again), ("persistent=False", once, refusal)),
    )
    function = twice_called(settings.function)
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
    yield Learned(
        f"At w = {w:g}, b = {b:g}, x = {x:g} the tape finds y = {y:g}, dy/dw = {dy_dw:g} (which is x) and dy/db = "
        f"{dy_db:g}; asked for d²y/dw² it says {said}. {_descent(loss, dl_dw, _sides(loss_at, w))} A persistent "
        "tape answered twice; an ordinary one refused the second question. "
        f"{_second(function, w, float(curvature) + 0.0)}"
    )


def _loss_on_tape(
    settings: AutogradSettings,
) -> Generator[Event, Turn[AutogradSettings] | None, OnTape]:
    """Shows the tape of the loss, and returns the loss, dL/dw, and the loss as a function of w. Raises InputError where
    it is no finite number."""
    if settings.expression == OF_THE_COURSE:
        loss, nodes = tape_of_a_loss(settings.w, settings.b, settings.x, settings.target)
        title = f"The tape of L = (y − t)² with t = {settings.target:g}, played back"
        dl_dw = nodes[-1].gradient

        def loss_at(w: float) -> float:
            return (settings.x * w + settings.b - settings.target) ** 2

    else:
        typed = parse(settings.expression, ("x", "w", "b", "t"))
        values = {"x": settings.x, "w": settings.w, "b": settings.b, "t": settings.target}
        loss, nodes, slopes = tape_of_an_expression(typed, values)
        title = f"The tape of L = {typed.pretty}, played back"
        dl_dw = next((node.gradient for node in nodes if node.name == "w"), 0.0)

        def loss_at(w: float) -> float:
            with np.errstate(all="ignore"):
                return float(typed(*values_of(typed, {**values, "w": w}), np))

        yield Table("chain", f"L = {typed.pretty}", ("with respect to", "tape", "by the rules", "rule"), slopes)
    rows = ((node.name, node.value, node.leads_to, node.local, node.upstream, node.gradient) for node in nodes)
    columns = ("number", "value", "leads to", "local", "upstream", "gradient of L")
    yield Table("tape", title, columns, (("L", loss, "", None, None, 1.0), *rows))
    return loss, dl_dw, loss_at


def _sides(function: Callable[[float], float], w: float) -> tuple[float, float] | None:
    """The slopes of a function below and above a kink at `w`; None if it has no kink there: of a smooth function the
    difference of the two difference quotients shrinks with their step."""
    sides = []
    for step in (1e-4 * max(1.0, abs(w)), 1e-5 * max(1.0, abs(w))):
        here = function(w)
        sides.append(((here - function(w - step)) / step, (function(w + step) - here) / step))
    (below, above), (nearer_below, nearer_above) = sides
    apart, nearer = above - below, nearer_above - nearer_below
    if not (abs(nearer) > 0.5 * abs(apart) and abs(nearer) > 1e-4 * (abs(nearer_below) + abs(nearer_above))):
        return None
    return nearer_below, nearer_above


def _second(function: Twice, w: float, curvature: float) -> str:
    """What a tape within a tape found, as a sentence."""
    found = f"f″({w:g}) = {curvature:.6g} for {function.formula}"
    closed = function.second(w)
    if not (math.isfinite(curvature) and math.isfinite(closed)):
        return f"A tape within a tape finds {found}: there is no second derivative there."
    for jumping, of in (("f′", lambda w: float(function.f(w, np))), ("f″", function.first)):
        if sides := _sides(of, w):
            return (
                f"A tape within a tape finds {found}, but f has no second derivative there: {jumping} jumps from "
                f"{sides[0]:.4g} to {sides[1]:.4g}."
            )
    apart = abs(curvature - closed)
    agrees = f"{apart:.1e} from the closed form" if apart else "exactly the closed form"
    return f"Where there is a second derivative a tape within a tape finds it: {found}, {agrees}."


def _descent(loss: float, dl_dw: float, sides: tuple[float, float] | None) -> str:
    """What the loss's gradient implies for w, as a sentence. `sides` are the slopes beside a kink."""
    found = f"Played back from the loss L = {loss:g}, it gives dL/dw = {dl_dw:g}"
    if sides is not None:
        return (
            f"{found}, but L has a kink at this w, with a slope of {sides[0]:.4g} below it and of {sides[1]:.4g} "
            "above: the tape answers with one number where there is no slope."
        )
    if dl_dw == 0:
        return f"{found}: a small change of w leaves L as it is."
    return f"{found}: a {'smaller' if dl_dw > 0 else 'larger'} w makes L less."


LESSON = Lesson(
    **vars(heading("autograd")),
    settings=AutogradSettings,
    run=run,
    code=(
        "engine.lessons.autograd:linear_gradients",
        "engine.lessons.autograd:tape_of_a_loss",
        "engine.lessons.autograd:second_of_linear",
        "engine.lessons.autograd:ask_twice",
        "engine.lessons.autograd:second_order",
        "engine.lessons.autograd:run",
    ),
)
