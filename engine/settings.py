"""Settings of a lesson: a frozen dataclass whose fields are made with `number`, `integer`, `choice`, `choices`,
`formula`, `domain`, `switch`, `starts`, `widths`, `folder`, `file` and `python_file`. One declaration gives the value
its type, the command line its option, and the app its control:

    @dataclass(frozen=True, kw_only=True)
    class BowlSettings(Settings):
        learning_rate: float = number(0.01, low=0.0, high=10.0, live=True, help="a step is this times the slope")
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Self, TypeVar

from engine.errors import SettingError
from engine.params import (
    Choice,
    Choices,
    Domain,
    File,
    Folder,
    Formula,
    Integer,
    Number,
    Param,
    Point,
    Starts,
    Switch,
    quoted,
)
from engine.training_params import PythonFile, Widths


def _declare(param: Param) -> Any:
    """Make a dataclass field that carries its Param."""
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
    usual: float | None = None,
    group: str = "",
) -> Any:
    """Declare a real-valued setting; see Number. One whose `usual` value is given is optional."""
    return _declare(
        Number(
            default=default,
            low=low,
            high=high,
            help=help,
            step=step,
            unit=unit,
            live=live,
            optional=optional or usual is not None,
            usual=usual,
            group=group,
        )
    )


def integer(
    default: int, *, low: int, high: int, help: str, step: int = 1, unit: str = "", live: bool = False, group: str = ""
) -> Any:
    """Declare a whole-number setting; see Integer."""
    return _declare(
        Integer(default=default, low=low, high=high, help=help, step=step, unit=unit, live=live, group=group)
    )


def choice(
    default: str,
    options: tuple[str, ...],
    *,
    help: str,
    variables: tuple[str, ...] = (),
    files: bool = False,
    group: str = "",
) -> Any:
    """Declare a setting that is one of a few words, an expression of `variables` or a file; see Choice."""
    return _declare(Choice(default=default, options=options, variables=variables, files=files, help=help, group=group))


def choices(
    default: tuple[str, ...],
    options: tuple[str, ...],
    *,
    help: str,
    variables: tuple[str, ...] = (),
    files: bool = False,
    group: str = "",
) -> Any:
    """Declare a setting that is one or more of a few words, expressions of `variables` or files; see Choices."""
    return _declare(Choices(default=default, options=options, variables=variables, files=files, help=help, group=group))


def formula(default: str, variables: tuple[str, ...], *, help: str, group: str = "") -> Any:
    """Declare an expression of `variables`; see Formula."""
    return _declare(Formula(default=default, variables=variables, help=help, group=group))


def domain(*, dimensions: int, help: str, group: str = "") -> Any:
    """Declare the part of a function to draw; see Domain."""
    return _declare(Domain(default=(), dimensions=dimensions, help=help, group=group))


def switch(default: bool, *, help: str, group: str = "") -> Any:
    """Declare a setting that is on or off; see Switch."""
    return _declare(Switch(default=default, help=help, group=group))


def starts(default: tuple[Point, ...], *, help: str, dimensions: int = 2, group: str = "") -> Any:
    """Declare a list of starts; see Starts."""
    unit = "x,y" if dimensions == 2 else "x"
    return _declare(Starts(default=default, help=help, dimensions=dimensions, unit=unit, group=group))


def widths(default: tuple[int, ...], *, help: str, group: str = "") -> Any:
    """Declare the units of a network's hidden layers; see Widths."""
    return _declare(Widths(default=default, help=help, group=group, unit="units"))


def python_file(*, help: str, group: str = "") -> Any:
    """Declare a learner's Python file; see PythonFile."""
    return _declare(PythonFile(default="", help=help, group=group))


def folder(*, help: str, group: str = "") -> Any:
    """Declare a folder; see Folder."""
    return _declare(Folder(default="", help=help, group=group))


def file(*, help: str, group: str = "") -> Any:
    """Declare a file; see File."""
    return _declare(File(default="", help=help, group=group))


@dataclass(frozen=True, slots=True)
class Preparation:
    """Work of seconds: what it does, in words, and the call that does it, in any thread."""

    words: str
    call: Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Base of every lesson's settings. All values are checked when one is created.

    Raises:
        SettingError: a value is of the wrong type or out of its bounds.
    """

    seed: int = integer(
        0, low=0, high=2**31 - 1, help="seed of all that is random: same seed, same numbers", group="run"
    )
    speed: float = number(
        0.0,
        low=0.0,
        high=1e6,
        live=True,
        unit="steps/s",
        group="run",
        help="steps per second; 0 is as fast as it goes, in the app as fast as can be watched",
    )

    def __post_init__(self) -> None:
        for param in params_of(type(self)):
            object.__setattr__(self, param.name, param.check(getattr(self, param.name)))

    def texts(self) -> dict[str, str]:
        """Every setting as the text that `parse_settings` reads back, in the order of `params_of`."""
        return {param.name: param.text(getattr(self, param.name)) for param in params_of(type(self))}

    @classmethod
    def suggested(cls, given: Mapping[str, str]) -> dict[str, str]:
        """Texts for settings not in `given` whose best value depends on those that are; none unless overridden."""
        return {}

    @classmethod
    def preparation(cls, given: Mapping[str, str]) -> Preparation | None:
        """The work of seconds that `suggested(given)` and the picture before a run would wait for; None if both are
        quick, as they are once it is done. A screen does it in a thread. Raises InputError when called, not here."""
        return None

    def changed(self, name: str, text: str) -> Self:
        """Return these settings with one changed, parsed from text. Raises SettingError."""
        return replace(self, **{name: param_of(type(self), name).parse(text)})


def params_of(settings: type[Settings]) -> tuple[Param, ...]:
    """The parameters of a settings class: its own first, then those that all lessons share."""
    known: Any = settings
    return _params_of(known)


@cache  # a screen asks several times a frame
def _params_of(settings: Any) -> tuple[Param, ...]:
    shared = {f.name for f in fields(Settings)}
    declared = [replace(f.metadata["param"], name=f.name) for f in fields(settings)]
    return tuple(sorted(declared, key=lambda param: param.name in shared))


def param_of(settings: type[Settings], name: str) -> Param:
    """Return the parameter called `name`. Raises SettingError that lists the names."""
    for param in params_of(settings):
        if param.name == name:
            return param
    known = ", ".join(param.name for param in params_of(settings))
    raise SettingError(f"no setting is called {quoted(name)}; expected one of {known}")


S = TypeVar("S", bound=Settings)


def parse_settings(settings: type[S], texts: Mapping[str, str]) -> S:
    """Parse settings; one that is not given has its `suggested` value or its default. Raises SettingError."""
    complete = {**settings.suggested(texts), **texts}
    return settings(**{name: param_of(settings, name).parse(text) for name, text in complete.items()})


def text_of(value: Any, param: Param | None = None) -> str | None:
    """Convert a value of a TOML or JSON document to the text that its parameter parses; None for one that no setting
    accepts, such as a date. Points are separated by semicolons, on a curve also their single numbers."""
    match value:
        case bool():
            return "on" if value else "off"
        case int() | float():
            return repr(value)
        case str():
            return value
        case list():
            points = any(isinstance(each, list) for each in value)
            if isinstance(param, Starts):
                points = points or param.dimensions == 1 or any(isinstance(each, str) for each in value)
            parts = [text_of(each) for each in value]
            return None if None in parts else (";" if points else ",").join(part for part in parts if part is not None)
    return None


def command_line(lesson_id: str, settings: Settings, file: str = "") -> str:
    """The command that repeats a run, shell-quoted: the lesson, with its `file` if it has one, and each setting that
    differs from what it would be."""
    words: list[str] = []
    begin = ["gdtui", *(("--lesson-file", file) if file else ()), lesson_id]
    needed = _needed_names(settings)
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
        elif param.positional:
            begin.append(param.text(value))
        else:
            words += [param.option, param.text(value)]
    return shlex.join(begin + words)


def _needed_names(settings: Settings) -> set[str]:
    """The fewest names whose texts parse back to `settings`: a value that the others suggest can be left out, and a
    default cannot where they suggest another value."""
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
        # All others first: what the others suggest without one of them may take a search.
        if name in needed and enough(set(texts) - {name}) and enough(needed - {name}):
            needed.discard(name)
    return needed
