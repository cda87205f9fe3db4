"""The kinds of settings: how each is typed, bounded, documented and parsed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from engine.errors import SettingError

Point = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Param:
    """How one setting is typed, bounded and documented. `name` is the field's, `option` its form on a command line."""

    name: str = ""
    default: Any = None
    help: str = ""
    unit: str = ""
    live: bool = False
    group: str = ""
    repeated = False

    @property
    def option(self) -> str:
        """The long option: `learning_rate` becomes `--learning-rate`."""
        return "--" + self.name.replace("_", "-")

    @property
    def accepted(self) -> str:
        """What is accepted, as a phrase that can follow 'expected'."""
        raise NotImplementedError

    def parse(self, text: str) -> Any:
        """Return the value that `text` writes. Raises SettingError."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """Return `value` in its stored form, or raise SettingError where it is of the wrong type or out of bounds."""
        raise NotImplementedError

    def text(self, value: Any) -> str:
        """Write `value` so that `parse` reads it back."""
        return str(value)

    def refuse(self, given: object) -> SettingError:
        """The error for a value that is not accepted. Control characters in it are shown as U+FFFD."""
        return SettingError(f"{self.option}: {quoted(given)} is not accepted; expected {self.accepted}")


def quoted(given: object) -> str:
    """What was given, quoted, on one line of 60 characters at most."""
    try:
        text = given if isinstance(given, str) else str(given)
    except ValueError:  # Python writes no whole number of more than 4300 digits
        text = "a number of thousands of digits"
    text = text if len(text) <= 60 else text[:57] + "..."
    return repr("".join(c if c.isprintable() else "\ufffd" for c in text))


def _exact(value: float) -> str:
    """A number in as few digits as read back to the very same number."""
    short = f"{value:.12g}"
    return short if float(short) == value else repr(value)


@dataclass(frozen=True, kw_only=True)
class Number(Param):
    """A finite real number in [low, high]. With `optional`, None stands for the optimizer's own default."""

    low: float = -math.inf
    high: float = math.inf
    step: float | None = None
    optional: bool = False

    @property
    def accepted(self) -> str:
        bounds = f"a number from {self.low:g} to {self.high:g}" + (f" ({self.unit})" if self.unit else "")
        return bounds + (" or 'default'" if self.optional else "")

    def parse(self, text: str) -> float | None:
        if self.optional and text.strip() in ("default", ""):
            return None
        try:
            return self.check(float(text))
        except ValueError:  # of float, or of the bounds: either way what was written is shown
            raise self.refuse(text) from None

    def check(self, value: Any) -> float | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(value)
        # A whole number of any size can be compared, and not every one can be made a float.
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
            return self.check(int(text))
        except ValueError:
            raise self.refuse(text) from None

    def check(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise self.refuse(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Choice(Param):
    """One of a few words."""

    options: tuple[str, ...] = ()

    @property
    def accepted(self) -> str:
        return "one of " + ", ".join(self.options)

    def parse(self, text: str) -> str:
        return self.check(text.strip())

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise self.refuse(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Choices(Param):
    """One or more of a few words, in the order given, none twice. On a command line the option may be repeated."""

    options: tuple[str, ...] = ()
    repeated = True

    @property
    def accepted(self) -> str:
        return "one or more of " + ", ".join(self.options)

    def parse(self, text: str) -> tuple[str, ...]:
        return self.check(tuple(word.strip() for word in text.split(",")))

    def check(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, tuple | list) or not value:
            raise self.refuse(value)
        for word in value:
            if word not in self.options:
                raise self.refuse(word)
        return tuple(dict.fromkeys(value))

    def text(self, value: Any) -> str:
        return ",".join(value)


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
    """One or more points `x,y` (or `x` on a curve), written apart by `;`. The option may be repeated."""

    dimensions: int = 2
    bound: float = 1e6
    most: int = 64
    repeated = True

    @property
    def accepted(self) -> str:
        form = "points x,y" if self.dimensions == 2 else "numbers x"
        return f"1 to {self.most} {form} apart by ';', each number finite and at most {self.bound:g} in size"

    def parse(self, text: str) -> tuple[Point, ...]:
        try:
            return self.check(tuple(tuple(float(part) for part in place.split(",")) for place in text.split(";")))
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
