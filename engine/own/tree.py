"""The tree of a typed expression: numbers, names, and operations from a fixed table; its text and its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.own.operations import CONSTANTS, FUNCTIONS, power


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A finite number."""

    value: float


@dataclass(frozen=True, slots=True)
class Symbol:
    """A variable or a constant."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation with its arguments: `+`, `-` (of one or two), `*`, `/`, `^`, or a function's name."""

    operation: str
    arguments: tuple[Node, ...]


Node = NumberLiteral | Symbol | Apply

# Precedence of printed operations; a minus sign binds less tightly than a product, more tightly than a sum.
_SUM, _SIGN, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4, 5
_TIGHTNESS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "^": _POWER}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def names(node: Node) -> frozenset[str]:
    """The variables in a tree."""
    if isinstance(node, Symbol):
        return frozenset() if node.name in CONSTANTS else frozenset({node.name})
    return frozenset().union(*map(names, node.arguments)) if isinstance(node, Apply) else frozenset()


def evaluated(
    node: Node,
    values: Mapping[str, Any],
    m: Any,
    apply: Callable[[str, list[Any], Any], Any] | None = None,
    known: dict[int, Any] | None = None,
) -> Any:
    """Evaluate a tree over the array namespace `m`, with `values` for its variables. A part without variables stays a
    Python float, which takes the dtype of the array it is combined with. Nodes that are the same object are evaluated
    once. `apply` applies an operation; the default is `applied`."""
    apply = apply or applied
    known = {} if known is None else known
    if isinstance(node, NumberLiteral):
        return node.value
    if isinstance(node, Symbol):
        return CONSTANTS[node.name] if node.name in CONSTANTS else values[node.name]
    if id(node) not in known:
        arguments = [evaluated(argument, values, m, apply, known) for argument in node.arguments]
        known[id(node)] = apply(node.operation, arguments, m)
    return known[id(node)]


def applied(operation: str, arguments: list[Any], m: Any) -> Any:
    """Apply an operation to real values: arrays of `m`, or Python floats, which give a float."""
    if all(isinstance(argument, float) for argument in arguments):
        with np.errstate(all="ignore"):
            return float(_applied(operation, [np.float64(argument) for argument in arguments], np))
    return _applied(operation, arguments, m)


def _applied(operation: str, arguments: list[Any], m: Any) -> Any:
    match operation, arguments:
        case "-", [u]:
            return -u
        case "+", [u, v]:
            return u + v
        case "-", [u, v]:
            return u - v
        case "*", [u, v]:
            return u * v
        case "/", [u, v]:
            return u / v
        case "^", [u, v]:
            return power(u, v, m)
    return FUNCTIONS[operation].f(m, *arguments)


def written(node: Node, *, pretty: bool = False) -> str:
    """Format a tree as text that parses back to the same value; `pretty` uses `·`, `−` and superscripts."""
    return _written(node, pretty)[0]


def _written(node: Node, pretty: bool) -> tuple[str, int]:
    """The text and its precedence."""
    minus = "−" if pretty else "-"
    if isinstance(node, NumberLiteral):
        text = _number(abs(node.value))
        return (f"{minus}{text}", _SIGN) if node.value < 0 else (text, _ATOM)
    if isinstance(node, Symbol):
        return {"pi": "π", "tau": "τ"}.get(node.name, node.name) if pretty else node.name, _ATOM
    operation, arguments = node.operation, node.arguments
    if operation in FUNCTIONS:
        return f"{operation}({', '.join(_written(argument, pretty)[0] for argument in arguments)})", _ATOM
    if len(arguments) == 1:
        return minus + _held(arguments[0], _PRODUCT, pretty), _SIGN
    tight = _TIGHTNESS[operation]
    left, right = arguments
    if operation == "^":
        base = _held(left, _ATOM, pretty)
        if pretty and isinstance(right, NumberLiteral) and right.value.is_integer() and 0 <= right.value < 100:
            return base + str(int(right.value)).translate(_SUPERSCRIPTS), _POWER
        return f"{base}^{_held(right, _ATOM, pretty)}", _POWER
    sign = {"+": " + ", "-": f" {minus} ", "*": "·" if pretty else "*", "/": "/"}[operation]
    if pretty and operation == "*" and _reads_without_sign(left, right):
        sign = ""
    return _held(left, tight, pretty) + sign + _held(right, tight + 1, pretty), tight


def _held(node: Node, tightness: int, pretty: bool) -> str:
    """Format a tree as an operand, in parentheses if it binds less tightly than `tightness`."""
    text, tight = _written(node, pretty)
    return text if tight >= tightness else f"({text})"


def _reads_without_sign(left: Node, right: Node) -> bool:
    """Whether a product is written without its sign, as `3x²`: a number before a variable, or before a power of one."""
    base = right.arguments[0] if isinstance(right, Apply) and right.operation == "^" else right
    return isinstance(left, NumberLiteral) and left.value >= 0 and isinstance(base, Symbol) and len(base.name) == 1


def _number(value: float) -> str:
    """Format a number in the fewest digits that read back to it."""
    return str(int(value)) if value.is_integer() and value < 1e15 else repr(value)
