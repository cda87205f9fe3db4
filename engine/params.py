"""The kinds of settings: how each is typed, bounded, documented and parsed."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import Any

from engine.errors import SettingError
from engine.own.paths import is_file

Point = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Param:
    """The type, bounds and documentation of one setting. `name` is its field's, `option` its form on a command line."""

    name: str = ""
    default: Any = None
    help: str = ""
    unit: str = ""
    live: bool = False
    group: str = ""
    repeated = False
    positional = False

    @property
    def option(self) -> str:
        """The long option: `learning_rate` becomes `--learning-rate`."""
        return "--" + self.name.replace("_", "-")

    @property
    def accepted(self) -> str:
        """What is accepted, as a phrase to follow 'expected'."""
        raise NotImplementedError

    def parse(self, text: str) -> Any:
        """Parse the value. Raises SettingError."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """Return `value` in its stored form, or raise SettingError where it is of the wrong type or out of bounds."""
        raise NotImplementedError

    def text(self, value: Any) -> str:
        """Format `value` as text that `parse` reads back."""
        return str(value)

    def refuse(self, given: object) -> SettingError:
        """Make the error for a value that is not accepted. Control characters in it are shown as U+FFFD."""
        return SettingError(f"{self.option}: {quoted(given)} is not accepted; expected {self.accepted}")


def whole(text: str) -> int:
    """Parse a whole number in ASCII digits. Raises ValueError."""
    return int(_ascii(text))


def real(text: str) -> float:
    """Parse a number in ASCII digits. Raises ValueError."""
    return float(_ascii(text))


def _ascii(text: str) -> str:
    """Return `text` if it is ASCII: Python itself accepts the digits of every script. Raises ValueError."""
    if not text.isascii():
        raise ValueError(f"{quoted(text)} is no number in ASCII digits")
    return text


def quoted(given: object) -> str:
    """Quote a given value on one line of at most 60 characters."""
    try:
        text = given if isinstance(given, str) else str(given)
    except ValueError:  # Python formats no whole number of more than 4300 digits
        text = "a number of thousands of digits"
    text = text if len(text) <= 60 else text[:57] + "..."
    return repr("".join(c if c.isprintable() else "\ufffd" for c in text))


def _exact(value: float) -> str:
    """Format a number in the fewest digits that read back to exactly the same number."""
    short = f"{value:.12g}"
    return short if float(short) == value else repr(value)


@dataclass(frozen=True, kw_only=True)
class Number(Param):
    """A finite real number in [low, high]. With `optional`, None stands for the optimizer's own default, which is
    `usual` for most optimizers."""

    low: float = -math.inf
    high: float = math.inf
    step: float | None = None
    optional: bool = False
    usual: float | None = None

    @property
    def accepted(self) -> str:
        bounds = f"a number from {self.low:g} to {self.high:g}" + (f" ({self.unit})" if self.unit else "")
        return bounds + (" or 'default'" if self.optional else "")

    def parse(self, text: str) -> float | None:
        if self.optional and text.strip() in ("default", ""):
            return None
        try:
            return self.check(real(text))
        except ValueError:  # from float or from the bounds: the message is the same
            raise self.refuse(text) from None

    def check(self, value: Any) -> float | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(value)
        # Whole numbers of any size can be compared, but not all can be converted to a float.
        if not (self.low <= value <= self.high and abs(value) < math.inf):
            raise self.refuse(value)
        return float(value)

    def text(self, value: Any) -> str:
        return "default" if value is None else _exact(value)


@dataclass(frozen=True, kw_only=True)
class Integer(Param):
    """A whole number in [low, high]."""

    low: int = 0
    high: int = 2**31 - 1
    step: int = 1

    @property
    def accepted(self) -> str:
        return f"a whole number from {self.low} to {self.high}" + (f" ({self.unit})" if self.unit else "")

    def parse(self, text: str) -> int:
        try:
            return self.check(whole(text))
        except ValueError:
            raise self.refuse(text) from None

    def check(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise self.refuse(value)
        return value


def _typed(param: Param, text: str, variables: tuple[str, ...]) -> str:
    """Check that `text` names a Python file that the setting accepts, or is an expression of these variables, and
    return it. Raises SettingError that marks the mistake."""
    if isinstance(param, Choice | Choices) and param.files and text.isprintable() and is_file(text.strip()):
        return text.strip()
    if not variables:
        raise param.refuse(text)
    from engine.own.expressions import parse  # its import takes a while
    from engine.own.parser import ExpressionError

    try:
        parse(text.strip(), variables)
    except ExpressionError as error:
        # A text of letters only is more likely a mistyped word.
        word = not text.isprintable() or text.replace("-", "").replace("_", "").isalpha()
        # A file may lack the ending .py. Path.is_file raises an error for a text that is too long for a name.
        file = os.path.isfile(text.strip().partition(":")[0])  # noqa: PTH113
        if isinstance(param, Choice | Choices) and (word or file):
            raise param.refuse(text) from None
        raise SettingError(f"{param.option}: {error}", error.text, error.at) from None
    return text.strip()


def _also(variables: tuple[str, ...], files: bool) -> str:
    """What is accepted besides the options, as the end of a phrase."""
    found = [f"an expression of {' and '.join(variables)}"] if variables else []
    found += ["FILE.py[:NAME]"] if files else []
    return "".join(f", {each}" for each in found[:-1]) + "".join(f", or {each}" for each in found[-1:])


@dataclass(frozen=True, kw_only=True)
class Choice(Param):
    """One of several words; with `variables`, also a typed expression of them, with `files` a learner's Python file."""

    options: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    files: bool = False

    @property
    def also(self) -> str:
        """What is accepted besides the options, as the end of a phrase."""
        return _also(self.variables, self.files)

    @property
    def accepted(self) -> str:
        return "one of " + ", ".join(self.options) + self.also

    def parse(self, text: str) -> str:
        return self.check(text.strip())

    def check(self, value: Any) -> str:
        if isinstance(value, str) and value not in self.options and self.also:
            return _typed(self, value, self.variables)
        if not isinstance(value, str) or value not in self.options:
            raise self.refuse(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Choices(Param):
    """One or more of several words, in the order given, without duplicates; with `variables`, also typed expressions of
    them, with `files` learners' Python files. On a command line the option may be repeated."""

    options: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    files: bool = False
    most: int = 32
    repeated = True

    @property
    def also(self) -> str:
        """What is accepted besides the options, as the end of a phrase."""
        return _also(self.variables, self.files)

    @property
    def accepted(self) -> str:
        return "one or more of " + ", ".join(self.options) + self.also

    def parse(self, text: str) -> tuple[str, ...]:
        return self.check(tuple(word.strip() for word in _apart(text)))

    def check(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, tuple | list) or not value:
            raise self.refuse(value)
        if len(value) > self.most:
            raise SettingError(f"{self.option}: {len(value)} are too many; expected {self.most} at most")
        checked = []
        for word in value:
            if isinstance(word, str) and word not in self.options and self.also:
                checked.append(_typed(self, word, self.variables))
            elif word in self.options:
                checked.append(word)
            else:
                raise self.refuse(word)
        return tuple(dict.fromkeys(checked))

    def text(self, value: Any) -> str:
        return ",".join(value)


def _apart(text: str) -> list[str]:
    """Split a list at its commas, except those in parentheses."""
    parts, first, depth = [], 0, 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            parts.append(text[first:place])
            first = place + 1
    return [*parts, text[first:]]


@dataclass(frozen=True, kw_only=True)
class Formula(Param):
    """A typed expression of `variables`."""

    variables: tuple[str, ...] = ()

    @property
    def accepted(self) -> str:
        return f"an expression of {', '.join(self.variables)}"

    def parse(self, text: str) -> str:
        return self.check(text)

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.refuse(value)
        return value if value == self.default else _typed(self, value, self.variables)


Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Domain(Param):
    """The part of a function to draw, as `low:high` for each axis, or for all of them; `auto`, the empty tuple, stands
    for the function's own domain."""

    dimensions: int = 1
    bound: float = 1e6

    @property
    def accepted(self) -> str:
        both = " or low:high,low:high" if self.dimensions == 2 else ""
        return f"auto or low:high{both} with low < high, at most {self.bound:g} in size"

    def parse(self, text: str) -> tuple[Range, ...]:
        if text.strip() in ("auto", ""):
            return ()
        try:
            return self.check(tuple(tuple(real(end) for end in axis.split(":")) for axis in text.split(",")))
        except ValueError:
            raise self.refuse(text) from None

    def check(self, value: Any) -> tuple[Range, ...]:
        if not isinstance(value, tuple | list) or len(value) not in (0, 1, self.dimensions):
            raise self.refuse(value)
        for axis in value:
            if not isinstance(axis, tuple | list) or len(axis) != 2:
                raise self.refuse(value)
            if any(isinstance(end, bool) or not isinstance(end, int | float) for end in axis):
                raise self.refuse(value)
            low, high = axis
            # In a narrower window neighbouring points would be equal in 32 bits.
            if not (-self.bound <= low < high <= self.bound and high - low >= 1e-4 * max(abs(low), abs(high))):
                raise self.refuse(value)
        return tuple((float(low), float(high)) for low, high in value)

    def text(self, value: Any) -> str:
        return ",".join(":".join(_exact(end) for end in axis) for axis in value) or "auto"


@dataclass(frozen=True, kw_only=True)
class Switch(Param):
    """On or off."""

    accepted = "on or off"

    def parse(self, text: str) -> bool:
        word = text.strip().lower()
        if word in ("on", "true", "yes", "1"):
            return True
        if word in ("off", "false", "no", "0"):
            return False
        raise self.refuse(text)

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value)
        return value

    def text(self, value: Any) -> str:
        return "on" if value else "off"


@dataclass(frozen=True, kw_only=True)
class Starts(Param):
    """One or more points `x,y` (or `x` on a curve), separated by `;`. The option may be repeated."""

    dimensions: int = 2
    bound: float = 1e6
    most: int = 64
    repeated = True

    @property
    def accepted(self) -> str:
        form = "points x,y" if self.dimensions == 2 else "numbers x"
        return f"1 to {self.most} {form} separated by ';', each number finite and at most {self.bound:g} in size"

    def parse(self, text: str) -> tuple[Point, ...]:
        try:
            return self.check(tuple(tuple(real(part) for part in place.split(",")) for place in text.split(";")))
        except ValueError:
            raise self.refuse(text) from None

    def check(self, value: Any) -> tuple[Point, ...]:
        if not isinstance(value, tuple | list) or not 1 <= len(value) <= self.most:
            raise self.refuse(value)
        for point in value:
            if not isinstance(point, tuple | list) or len(point) != self.dimensions:
                raise self.refuse(value)
            for part in point:
                if isinstance(part, bool) or not isinstance(part, int | float) or not abs(part) <= self.bound:
                    raise self.refuse(value)
        return tuple(tuple(float(part) for part in point) for point in value)

    def text(self, value: Any) -> str:
        return ";".join(",".join(_exact(part) for part in point) for point in value)


@dataclass(frozen=True, kw_only=True)
class Folder(Param):
    """A folder's path, or the empty text for what ships with gdtui."""

    accepted = "a folder's path, or nothing for the data that ships with gdtui"

    def parse(self, text: str) -> str:
        return self.check(text)

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or any(not c.isprintable() for c in value):
            raise self.refuse(value)
        return value


@dataclass(frozen=True, kw_only=True)
class File(Folder):
    """A file's path, or the empty text for what ships with gdtui."""

    accepted = "a file's path, or nothing for the data that ships with gdtui"
