"""Derivatives of typed expressions, by the rules of calculus, as expressions again."""

from __future__ import annotations

from functools import cache

from engine.own.operations import FUNCTIONS
from engine.own.parser import tree_of
from engine.own.tree import Apply, Node, NumberLiteral, Symbol, applied, evaluated, names

ZERO, ONE = NumberLiteral(0.0), NumberLiteral(1.0)


@cache
def partials(operation: str) -> tuple[Node, ...]:
    """The partial derivatives of a function, or of the power u^v, as trees over u and v."""
    slopes = ("v*u^(v - 1)", "log(u)*u^v") if operation == "^" else FUNCTIONS[operation].slopes
    return tuple(tree_of(slope, ("u", "v"), constant=True) for slope in slopes)


def derivative(node: Node, variable: str, known: dict[int, Node] | None = None) -> Node:
    """Differentiate a tree with respect to `variable`. Nodes that are the same object are differentiated once."""
    known = {} if known is None else known
    if not isinstance(node, Apply):
        return ONE if node == Symbol(variable) else ZERO
    if id(node) not in known:
        slopes = [derivative(argument, variable, known) for argument in node.arguments]
        known[id(node)] = _chained(node, slopes)
    return known[id(node)]


def _chained(node: Apply, slopes: list[Node]) -> Node:
    """Apply the chain rule to an operation, given the derivatives of its arguments."""
    match node.operation, node.arguments, slopes:
        case "-", [_], [du]:
            return minus(du)
        case "+", _, [du, dv]:
            return plus(du, dv)
        case "-", _, [du, dv]:
            return plus(du, minus(dv))
        case "*", [u, v], [du, dv]:
            return plus(times(du, v), times(u, dv))
        case "/", [u, v], [du, dv]:
            if dv == ZERO:
                return over(du, v)
            return over(plus(times(du, v), minus(times(u, dv))), raised(v, NumberLiteral(2.0)))
        case "^", [_, v], [_, dv] if dv == ZERO and not names(v) and evaluated(v, {}, None) == 0.0:
            return ZERO  # as u^sin(0), by the rule 0*u^-1, is undefined where u is 0
        case "^", [u, v], [du, dv] if dv == ZERO:
            less = _negated(v)
            v = NumberLiteral(-less.value) if isinstance(less, NumberLiteral) else v
            return times(times(v, raised(u, plus(v, NumberLiteral(-1.0)))), du)
        case "^", [u, v], [du, dv] if du == ZERO:
            return times(times(node, _log(u)), dv)
    total: Node = ZERO
    for slope, inner in zip(partials(node.operation), slopes, strict=True):
        total = plus(total, times(_with(slope, dict(zip("uv", node.arguments, strict=False))), inner))
    return total


def _log(node: Node) -> Node:
    return ONE if node == Symbol("e") else Apply("log", (node,))


def _with(node: Node, arguments: dict[str, Node]) -> Node:
    """Substitute trees for u and v."""
    if isinstance(node, Symbol):
        return arguments.get(node.name, node)
    if not isinstance(node, Apply):
        return node
    inner = tuple(_with(argument, arguments) for argument in node.arguments)
    match node.operation, inner:
        case "*", [u, v]:
            return times(u, v)
        case "^", [u, v]:
            return raised(u, v)
        case "-", [u]:
            return minus(u)
    return Apply(node.operation, inner)


def _folded(operation: str, *arguments: Node) -> Node:
    """Build an operation, or its value if all arguments are numbers."""
    values = [argument.value for argument in arguments if isinstance(argument, NumberLiteral)]
    if len(values) == len(arguments):
        value = applied(operation, list(values), None)
        if abs(value) < float("inf"):
            return NumberLiteral(value)
    return Apply(operation, arguments)


def _negated(node: Node) -> Node | None:
    """Return u for a tree that is −u; None otherwise."""
    if isinstance(node, Apply) and node.operation == "-" and len(node.arguments) == 1:
        return node.arguments[0]
    return NumberLiteral(-node.value) if isinstance(node, NumberLiteral) and node.value < 0 else None


def plus(u: Node, v: Node) -> Node:
    """u + v, simplified."""
    if ZERO in (u, v):
        return v if u == ZERO else u
    less = _negated(v)
    return _folded("+", u, v) if less is None else _folded("-", u, less)


def minus(u: Node) -> Node:
    """−u, simplified."""
    if u == ZERO:
        return ZERO
    less = _negated(u)
    return Apply("-", (u,)) if less is None else less


def times(u: Node, v: Node) -> Node:
    """u·v, simplified: the sign first, then the number."""
    if ZERO in (u, v):
        return ZERO
    if ONE in (u, v):
        return v if u == ONE else u
    for one, other in ((u, v), (v, u)):
        less = _negated(one)
        if less is not None:
            return minus(times(less, other))
    (a, u), (b, v) = _factored(u), _factored(v)
    number = _folded("*", a, b)
    rest = v if u == ONE else u if v == ONE else Apply("*", (u, v))
    return number if rest == ONE else rest if number == ONE else _multiple(number, rest)


def _factored(node: Node) -> tuple[Node, Node]:
    """Split a product into the number in front and the rest."""
    if isinstance(node, NumberLiteral):
        return node, ONE
    if isinstance(node, Apply) and node.operation == "*":
        number, rest = _factored(node.arguments[0])
        return number, node.arguments[1] if rest == ONE else Apply("*", (rest, node.arguments[1]))
    return ONE, node


def _multiple(number: Node, rest: Node) -> Node:
    """Multiply a product by a number, written in front."""
    if isinstance(rest, Apply) and rest.operation == "*":
        return Apply("*", (_multiple(number, rest.arguments[0]), rest.arguments[1]))
    return Apply("*", (number, rest))


def over(u: Node, v: Node) -> Node:
    """u/v, simplified."""
    if u == ZERO or v == ONE:
        return u
    less = _negated(u)
    return _folded("/", u, v) if less is None else minus(_folded("/", less, v))


def raised(u: Node, v: Node) -> Node:
    """u to the power v, simplified."""
    return ONE if v == ZERO else u if v == ONE else _folded("^", u, v)
