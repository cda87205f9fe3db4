"""The parser of typed expressions: a grammar, parsed into a tree of known operations. Nothing typed is run as Python.

`3x^2 - 2(x + 1)` holds numbers, variables, the constants pi, e and tau, + - * / ^ and the functions of
`engine.own.operations`. A product may be written without its sign. The signs of the lessons' formulas are accepted too:
· × − ² π. Text that is too long or too deeply nested is refused before or during parsing, so refusing is fast.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.errors import InputError, pointed
from engine.own.operations import CONSTANTS, FUNCTIONS
from engine.own.tree import Apply, Node, NumberLiteral, Symbol, evaluated, names, written

if TYPE_CHECKING:
    from lark import Lark

LONGEST = 500
DEEPEST = 100

GRAMMAR = r"""
?start: sum
?sum: product | sum "+" product -> add | sum MINUS product -> subtract
?product: signed | product TIMES signed -> multiply | product "/" signed -> divide
?signed: implied | MINUS signed -> negative | "+" signed
?implied: power | implied factor -> juxtapose
?power: factor | NUMBER -> number | NUMBER POWER exponent -> number_power | NUMBER SUPERSCRIPT -> number_superscript
?factor: atom | atom POWER exponent -> raise_to | atom SUPERSCRIPT -> superscript
?exponent: power | MINUS exponent -> negative | "+" exponent
?atom: NAME -> name | FUNCTION "(" sum ("," sum)* ")" -> call | "(" sum ")" -> group

MINUS: "-" | "−"
TIMES: "*" | "·" | "×"
POWER: "**" | "^"
NUMBER: /([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/
SUPERSCRIPT: /[⁰¹²³⁴⁵⁶⁷⁸⁹]+/
FUNCTION.2: /(FUNCTIONS)(?![A-Za-z0-9_])/
NAME: /π|τ|[A-Za-z_][A-Za-z0-9_]*/
%ignore /[ \t]+/
"""

_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_GREEK = {"π": "pi", "τ": "tau"}


class ExpressionError(InputError):
    """A text is not an expression. `at` is the index of the mistake in `text`."""

    def __init__(self, why: str, text: str, at: int) -> None:
        super().__init__(why)
        self.text, self.at = text, at

    @property
    def pointed(self) -> tuple[str, str]:
        """The text, cut to 60 characters, and a line with a caret under the mistake."""
        return pointed(self.text, self.at)


def tree_of(text: str, variables: tuple[str, ...], *, constant: bool = False) -> Node:
    """Parse an expression of these variables into a tree; one without any of them is accepted only with `constant`.

    Raises:
        ExpressionError: it is no expression, is longer than LONGEST characters or nested deeper than DEEPEST.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput

    if len(text) > LONGEST:
        raise ExpressionError(f"{len(text):,} characters are too long; expected {LONGEST} at most", text, LONGEST)
    if not text.strip():
        raise ExpressionError(f"an expression of {_listed(variables)} is expected", text, 0)
    try:
        part: _Part = _parser(variables).parse(text)  # type: ignore[assignment]  # what the builder makes
    except _Refused as refused:
        raise ExpressionError(refused.why, text, refused.at) from None
    except UnexpectedCharacters as error:
        raise ExpressionError(f"{error.char!r} means nothing here", text, error.pos_in_stream or 0) from None
    except UnexpectedInput as error:
        raise _unexpected(error, text) from None
    if not constant and not names(part.node):
        raise ExpressionError(f"there is no {_listed(variables, 'or')} in it", text, 0)
    return part.node


def _unexpected(error: Any, text: str) -> ExpressionError:
    """Make the error for a word in the wrong place, or for a missing one."""
    token, before = error.token, str(error.token_history[-1]) if error.token_history else ""
    if token.type == "$END":
        ended = text.rstrip()[-1] not in "+-−*·×/^(,"
        closed = text.count("(") <= text.count(")")
        return ExpressionError(
            "')' is missing at the end" if ended and not closed else "it ends too soon", text, len(text)
        )
    if before in FUNCTIONS:
        return ExpressionError(f"{before} needs parentheses: {before}(…)", text, token.start_pos)
    if token.type == "NUMBER":
        return ExpressionError(f"a sign is missing before {token.value[:20]}", text, token.start_pos)
    return ExpressionError(f"{token.value[:20]!r} is not expected here", text, token.start_pos)


def _listed(words: tuple[str, ...], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


class _Refused(Exception):  # noqa: N818 - it becomes an ExpressionError, which knows the text
    def __init__(self, why: str, at: int) -> None:
        self.why, self.at = why, at


class _Part(NamedTuple):
    """A parsed tree, where it begins in the text, its depth, and whether it is a product written without its sign."""

    node: Node
    at: int
    depth: int = 1
    implied: bool = False


@lru_cache(16)
def _parser(variables: tuple[str, ...]) -> Lark:
    """Build the parser of expressions of these variables. It builds trees while it reads, without recursion on
    nesting."""
    from lark import Lark

    longest_first = sorted(FUNCTIONS, key=len, reverse=True)
    grammar = GRAMMAR.replace("FUNCTIONS)", "|".join(longest_first) + ")")
    return Lark(grammar, parser="lalr", transformer=_Builder(variables), maybe_placeholders=False)


class _Builder:
    """Builds parts from what the grammar's rules match; each method belongs to the rule of its name."""

    def __init__(self, variables: tuple[str, ...]) -> None:
        self._variables = variables

    def number(self, read: list[Any]) -> _Part:
        value = float(read[0])
        if not value < float("inf"):
            raise _Refused("the number is too large", read[0].start_pos)
        return _Part(NumberLiteral(value), read[0].start_pos)

    def name(self, read: list[Any]) -> _Part:
        word, at = str(read[0]), read[0].start_pos
        known = {*self._variables, *CONSTANTS}
        word = _GREEK.get(word, word)
        if word in known:
            return _Part(Symbol(word), at)
        if set(word) <= {name for name in known if len(name) == 1}:  # xy is x times y
            return self._product([_Part(Symbol(letter), at) for letter in word])
        near = get_close_matches(word, [*known, *FUNCTIONS], 1, 0.6)
        meant = f"did you mean {near[0]}?" if near else f"expected {_listed(self._variables, 'or')} or a function"
        raise _Refused(f"{word[:20]!r} is not known; {meant}", at)

    def _product(self, parts: list[_Part]) -> _Part:
        product = parts[0]
        for part in parts[1:]:
            product = self._made("*", product, part)._replace(implied=True)
        return product

    def call(self, read: list[Any]) -> _Part:
        function, *arguments = read
        expected = len(FUNCTIONS[function].slopes)
        if len(arguments) != expected:
            count = "one argument" if expected == 1 else f"{expected} arguments"
            raise _Refused(f"{function} takes {count}", function.start_pos)
        return self._made(str(function), *arguments, at=function.start_pos)

    def group(self, read: list[_Part]) -> _Part:
        return read[0]._replace(implied=False)

    def add(self, read: list[Any]) -> _Part:
        return self._made("+", *read)

    def subtract(self, read: list[Any]) -> _Part:
        return self._made("-", read[0], read[2])

    def multiply(self, read: list[Any]) -> _Part:
        return self._made("*", read[0], read[2])

    def divide(self, read: list[Any]) -> _Part:
        if read[1].implied:
            raise _Refused("ambiguous: write the divisor in parentheses, or a sign after it", read[1].at)
        return self._made("/", *read)

    def negative(self, read: list[Any]) -> _Part:
        return self._made("-", read[1], at=read[0].start_pos)

    def juxtapose(self, read: list[Any]) -> _Part:
        return self._made("*", *read)._replace(implied=True)

    def raise_to(self, read: list[Any]) -> _Part:
        return self._power(read[0], read[2])

    def superscript(self, read: list[Any]) -> _Part:
        return self._power(read[0], self.number([read[1].update(value=read[1].translate(_DIGITS))]))

    def number_power(self, read: list[Any]) -> _Part:
        return self.raise_to([self.number(read[:1]), *read[1:]])

    def number_superscript(self, read: list[Any]) -> _Part:
        return self.superscript([self.number(read[:1]), *read[1:]])

    def _power(self, base: _Part, exponent: _Part) -> _Part:
        if base.implied:  # xy^2 is x times y^2
            assert isinstance(base.node, Apply)
            first, last = base.node.arguments
            return self._product([_Part(first, base.at, base.depth), self._made("^", _Part(last, base.at), exponent)])
        return self._made("^", base, exponent)

    def _made(self, operation: str, *parts: _Part, at: int | None = None) -> _Part:
        """Build an operation on parts. Raises _Refused if it is too deep, or is a number without a finite value."""
        at = parts[0].at if at is None else at
        node = Apply(operation, tuple(part.node for part in parts))
        depth = 1 + max(part.depth for part in parts)
        if depth > DEEPEST:
            raise _Refused(f"nested deeper than {DEEPEST} operations", at)
        if not names(node) and not abs(evaluated(node, {}, np)) < float("inf"):
            raise _Refused(f"{written(node)[:40]} is not a finite number", at)
        return _Part(node, at, depth)
