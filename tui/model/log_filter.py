"""Filters of runs and tags: words, regular expressions and comparisons, joined by AND, OR and NOT.

mnist adam               both words are in the name (AND may be left out), small and capital letters alike
/run-[0-4]$/ OR best     a regular expression finds something in the name, or the word is in it
tag:val/loss             a tag of the run holds the word; tag:/^val/ one that the expression fits
lr<0.01 NOT opt=sgd      a hyperparameter, or else the last value of a scalar tag, compared: < <= > >= = !=
opt~/adam.*/             a hyperparameter in which the expression finds something
"a b" (x OR y)           quotes around what holds blanks or signs; parentheses around what belongs together
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

Value = bool | float | str
Test = Callable[["Subject"], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[()])|(?P<sign><=|>=|!=|=|<|>|~)|(?P<field>(?:run|tag):)|/(?P<regex>(?:\\.|[^/\\])+)/"""
    r"""|"(?P<quoted>[^"]*)"|(?P<word>[^\s()"<>=!~/][^\s()"<>=!~]*))"""
)
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_DEEPEST = 50
_LONGEST = 1000
_SWITCH = {"on": True, "true": True, "off": False, "false": False}


class FilterError(ValueError):
    """A filter that cannot be parsed; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a filter: a name, and for a run its tags, and its hyperparameters and last scalars as `values`."""

    name: str
    tags: Collection[str] = ()
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filter:
    """A test of subjects. With `needs_log` it depends on more than the name."""

    passes: Test
    needs_log: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@lru_cache(maxsize=64)
def parse(text: str) -> Filter:
    """Parse a filter; an empty text passes everything. Raises FilterError."""
    if len(text) > _LONGEST:
        raise FilterError(f"a filter of {len(text):,} characters is too long; expected {_LONGEST:,} at most")
    tokens = _tokens(text)
    parser = _Parser(tokens)
    passes = parser.either(0) if tokens else lambda _: True
    if parser.next is not None:
        raise FilterError(f"{parser.next.text!r} is not expected there")
    needs_log = any(token.kind == "sign" or token == _Token("field", "tag:") for token in tokens)
    return Filter(passes, needs_log)


def while_typed(text: str) -> Filter:
    """Parse a filter, or pass everything while it cannot be parsed."""
    return parse(text) if is_readable(text) else Filter(lambda _: True)


def is_readable(text: str) -> bool:
    """Whether a filter can be parsed."""
    try:
        parse(text)
    except FilterError:
        return False
    return True


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise FilterError(f"{text[at:].strip()[:20]!r} cannot be read: a quote or an expression may not be ended")
        kind = found.lastgroup or ""
        tokens.append(_Token(kind, found[kind]))
        at = found.end()
    return tokens


class _Parser:
    """A parser by recursive descent."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def next(self) -> _Token | None:
        """The next token, if any."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *expected: _Token) -> bool:
        if self.next in expected:
            self._at += 1
            return True
        return False

    def either(self, depth: int) -> Test:
        """Parse parts joined by OR."""
        tests = [self._all(depth)]
        while self._take(_Token("word", "OR")):
            tests.append(self._all(depth))
        return tests[0] if len(tests) == 1 else lambda subject: any(test(subject) for test in tests)

    def _all(self, depth: int) -> Test:
        """Parse parts joined by AND, or by nothing."""
        tests = [self._one(depth)]
        while self.next is not None and self.next not in (_Token("word", "OR"), _Token("mark", ")")):
            self._take(_Token("word", "AND"))
            tests.append(self._one(depth))
        return tests[0] if len(tests) == 1 else lambda subject: all(test(subject) for test in tests)

    def _one(self, depth: int) -> Test:
        if depth > _DEEPEST:
            raise FilterError("too many parentheses in each other")
        if self._take(_Token("word", "NOT")):
            test = self._one(depth + 1)
            return lambda subject: not test(subject)
        if self._take(_Token("mark", "(")):
            inner = self.either(depth + 1)
            if not self._take(_Token("mark", ")")):
                raise FilterError("a parenthesis is not closed")
            return inner
        return self._term()

    def _term(self) -> Test:
        of_tags = self.next == _Token("field", "tag:")
        if self._take(_Token("field", "tag:"), _Token("field", "run:")):
            holds = _holds(self._operand())
            if of_tags:
                return lambda subject: any(holds(tag) for tag in subject.tags)
            return lambda subject: holds(subject.name)
        name = self._operand()
        sign = self.next
        if sign is not None and sign.kind == "sign" and name.kind != "regex":
            self._at += 1
            return _comparison(name.text, sign.text, self._operand())
        holds = _holds(name)
        return lambda subject: holds(subject.name)

    def _operand(self) -> _Token:
        token = self.next
        if token is None:
            raise FilterError("something is missing at the end")
        if token.kind not in ("word", "quoted", "regex") or token in (_Token("word", "AND"), _Token("word", "OR")):
            raise FilterError(f"{token.text!r} is not expected there")
        self._at += 1
        return token


def _holds(token: _Token) -> Callable[[str], bool]:
    """A test whether a text contains a word, or a match of a regular expression."""
    if token.kind == "regex":
        found = _expression(token.text)
        return lambda text: found.search(text) is not None
    word = token.text.lower()
    return lambda text: word in text.lower()


def _expression(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise FilterError(f"/{text}/ is not a regular expression: {error}") from None


def _comparison(name: str, sign: str, operand: _Token) -> Test:
    if sign == "~":
        found = _expression(operand.text if operand.kind == "regex" else re.escape(operand.text))
        return lambda subject: name in subject.values and found.search(_text(subject.values[name])) is not None
    wanted = operand.text
    if sign in _COMPARED:
        compare, limit = _COMPARED[sign], number_of(wanted)
        if limit is None:
            raise FilterError(f"{name}{sign}{wanted}: expected a number")

        def compared(subject: Subject) -> bool:
            number = number_of(subject.values.get(name))
            return number is not None and compare(number, limit)

        return compared

    def equal(subject: Subject) -> bool:
        return name in subject.values and _equal(subject.values[name], wanted)

    return equal if sign == "=" else lambda subject: name in subject.values and not equal(subject)


def _equal(value: Value, wanted: str) -> bool:
    if isinstance(value, bool):
        return _SWITCH.get(wanted.lower()) is value
    number, limit = number_of(value), number_of(wanted)
    if number is not None and limit is not None:
        # Logs often store numbers as float32.
        return number == limit or math.isclose(number, limit, rel_tol=1e-6)
    return _text(value).lower() == wanted.lower()


def _text(value: Value) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def number_of(value: Value | None) -> float | None:
    """Convert a value to a number, if it is one."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except ValueError:
        return None
