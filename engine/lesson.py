"""What a lesson is, and how its settings are typed, bounded, documented and parsed.

A lesson's settings are a frozen dataclass whose fields are made with `number`, `integer`, `choice`, `choices`,
`switch`, `starts` and `folder`. One declaration gives the value its type, the command line its option, and the app
its control:

    @dataclass(frozen=True, kw_only=True)
    class BowlSettings(Settings):
        learning_rate: float = number(0.01, low=0.0, high=10.0, live=True, help="how far one step goes")
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, Self, TypeVar

from engine.events import Event, Snapshot

Point = tuple[float, ...]


class InputError(ValueError):
    """What a person gave cannot be used; the text says in one line what was given and what is accepted."""


class SettingError(InputError):
    """A value that a setting does not take; the text says what was given and what is accepted, in one line."""


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
        return SettingError(f"{self.option}: {_shown(given)} is not accepted; expected {self.accepted}")


def _shown(given: object) -> str:
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


def _declare(param: Param) -> Any:
    """A dataclass field that carries its Param."""
    return field(default=param.default, metadata={"param": param})


def number(
    default: float | None,
    *,
    low: float,
    high: float,
    help: str,
    step: float | None = None,
    unit: str = "",
    live: bool = False,
    optional: bool = False,
    group: str = "",
) -> Any:
    """Declare a real-valued setting; see Number."""
    param = Number(
        default=default, low=low, high=high, help=help, step=step, unit=unit, live=live, optional=optional, group=group
    )
    return _declare(param)


def integer(
    default: int, *, low: int, high: int, help: str, step: int = 1, unit: str = "", live: bool = False, group: str = ""
) -> Any:
    """Declare a whole-number setting; see Integer."""
    return _declare(
        Integer(default=default, low=low, high=high, help=help, step=step, unit=unit, live=live, group=group)
    )


def choice(default: str, options: tuple[str, ...], *, help: str, group: str = "") -> Any:
    """Declare a setting that is one of a few words; see Choice."""
    return _declare(Choice(default=default, options=options, help=help, group=group))


def choices(default: tuple[str, ...], options: tuple[str, ...], *, help: str, group: str = "") -> Any:
    """Declare a setting that is one or more of a few words; see Choices."""
    return _declare(Choices(default=default, options=options, help=help, group=group))


def switch(default: bool, *, help: str, group: str = "") -> Any:
    """Declare a setting that is on or off; see Switch."""
    return _declare(Switch(default=default, help=help, group=group))


def starts(default: tuple[Point, ...], *, help: str, dimensions: int = 2, group: str = "") -> Any:
    """Declare a list of starts; see Starts."""
    unit = "x,y" if dimensions == 2 else "x"
    return _declare(Starts(default=default, help=help, dimensions=dimensions, unit=unit, group=group))


def folder(*, help: str, group: str = "") -> Any:
    """Declare a folder; see Folder."""
    return _declare(Folder(default="", help=help, group=group))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every lesson can be told. A lesson's own settings extend this, and every value is checked when one is made.

    Raises:
        SettingError: a value is of the wrong type or out of its bounds.
    """

    seed: int = integer(
        0, low=0, high=2**31 - 1, help="seed of all that is random: same seed, same numbers", group="run"
    )
    speed: float = number(
        0.0, low=0.0, high=1e6, live=True, unit="steps/s", help="steps per second; 0 is as fast as it goes", group="run"
    )

    def __post_init__(self) -> None:
        for param in params_of(type(self)):
            object.__setattr__(self, param.name, param.check(getattr(self, param.name)))

    def texts(self) -> dict[str, str]:
        """Every setting as the text that `parse_settings` reads back, in the order of `params_of`."""
        return {param.name: param.text(getattr(self, param.name)) for param in params_of(type(self))}

    @classmethod
    def suggested(cls, given: Mapping[str, str]) -> dict[str, str]:
        """Texts for settings not in `given` whose sensible value depends on those that are; none unless overridden."""
        return {}

    def changed(self, name: str, text: str) -> Self:
        """These settings with one of them parsed anew. Raises SettingError."""
        return replace(self, **{name: param_of(type(self), name).parse(text)})


def params_of(settings: type[Settings]) -> tuple[Param, ...]:
    """The parameters of a settings class: its own first, what every lesson shares last."""
    shared = {f.name for f in fields(Settings)}
    declared = [replace(f.metadata["param"], name=f.name) for f in fields(settings)]
    return tuple(sorted(declared, key=lambda param: param.name in shared))


def param_of(settings: type[Settings], name: str) -> Param:
    """The parameter called `name`. Raises SettingError that lists the names there are."""
    for param in params_of(settings):
        if param.name == name:
            return param
    known = ", ".join(param.name for param in params_of(settings))
    raise SettingError(f"no setting is called {_shown(name)}; expected one of {known}")


S = TypeVar("S", bound=Settings)
S_co = TypeVar("S_co", bound=Settings, covariant=True)


def parse_settings(settings: type[S], texts: Mapping[str, str]) -> S:
    """Make settings from texts; what is not named is as `suggested` or has its default. Raises SettingError."""
    complete = {**settings.suggested(texts), **texts}
    return settings(**{name: param_of(settings, name).parse(text) for name, text in complete.items()})


def command_line(lesson_id: str, settings: Settings) -> str:
    """The command that repeats a run: the lesson and each setting that would otherwise be another, shell-quoted."""
    words = ["gdtui", lesson_id]
    needed = _to_be_said(settings)
    for param in params_of(type(settings)):
        if param.name not in needed:
            continue
        value = getattr(settings, param.name)
        if isinstance(param, Starts):
            for point in value:
                words += [param.option, param.text((point,))]
        elif isinstance(param, Choices):
            for word in value:
                words += [param.option, word]
        elif isinstance(param, Switch):
            words.append(param.option if value else "--no-" + param.option[2:])
        else:
            words += [param.option, param.text(value)]
    return shlex.join(words)


def _to_be_said(settings: Settings) -> set[str]:
    """The fewest names whose texts parse back to `settings`: what is suggested by the others need not be said, and a
    default must be where they suggest something else."""
    texts = settings.texts()

    def enough(names: set[str]) -> bool:
        try:
            return parse_settings(type(settings), {name: texts[name] for name in names}) == settings
        except SettingError:
            return False

    params = params_of(type(settings))
    needed = {param.name for param in params if getattr(settings, param.name) != param.default}
    if not enough(needed):
        needed = set(texts)
    for name in texts:
        if name in needed and enough(needed - {name}):
            needed.discard(name)
    return needed


@dataclass(frozen=True)
class Turn(Generic[S_co]):
    """What the runner sends into a lesson between two events: the settings as they are now, and how many steps the
    next event may carry at most (None: as many as the lesson likes, 100 ms of work).

    With `snapshot`, a lesson that can be resumed yields a Snapshot before its next step.
    """

    settings: S_co
    steps: int | None = None
    snapshot: bool = False


Run = Generator[Event, "Turn[S] | None", None]


@dataclass(frozen=True)
class Lesson(Generic[S]):
    """One lesson of the course; `number` is its place in it.

    `run` is a generator function of events: it takes the settings, yields events, and is sent a Turn (or None) at
    each yield. `code` names the functions that do the work, as `module:function`, for the app's code tab. The module
    that defines a lesson must import neither TensorFlow nor Keras at its top level. `resume` is `run` from a Snapshot
    on, for a lesson that yields one when it is asked to.
    """

    number: int
    id: str
    title: str
    summary: str
    settings: type[S]
    run: Callable[[S], Run[S]]
    code: tuple[str, ...] = ()
    classifier: bool = False
    resume: Callable[[S, Snapshot], Run[S]] | None = None
