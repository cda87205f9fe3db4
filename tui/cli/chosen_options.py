"""The options that are not a lesson's settings, each with its source: flag, environment, configuration file or
default."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from engine.errors import InputError
from engine.lesson import Lesson
from engine.lessons import every_lesson
from engine.params import Folder, Param, Switch
from engine.settings import Settings, param_of
from tui.cli import config_file
from tui.cli.config_file import CHECKPOINT_EVERY, OPTIONS, Config
from tui.process import colour, folders
from tui.process.options import LOGDIR_VARIABLE, HeadlessOptions
from tui.text import course_texts
from tui.text.glyphs import GlyphSet

Said = Sequence[Mapping[str, Any]]
"""The values of the common options before the lesson, and of those after it."""

Source = Literal["flag", "environment", "file", "default"]


@dataclass(frozen=True)
class OptionSources:
    """The context of a command line: the environment, and the configuration file, read when first used."""

    environ: Mapping[str, str]
    own_lessons: list[Lesson[Any]] = field(default_factory=list)
    """The lessons of the files that were given."""
    unusable: list[InputError] = field(default_factory=list)
    """The errors in other files that were given."""

    @cached_property
    def config(self) -> Config:
        """The configuration file. Raises InputError."""
        return config_file.load(folders.config_file())

    def logdir(self, said: Said) -> Path:
        """The folder of runs. Raises InputError."""
        return _logdir(_choose(OPTIONS[0], said, self), self)


@dataclass(frozen=True, slots=True)
class Chosen:
    """An option's value as text, and its source."""

    text: str
    source: Source


def choose(said: Said, sources: OptionSources) -> dict[str, Chosen]:
    """Choose each of OPTIONS, by name: a flag before the environment, the file and the default. Raises InputError."""
    return {param.name: _choose(param, said, sources) for param in OPTIONS}


def options_of(said: Said, sources: OptionSources, seed: int | None = None) -> HeadlessOptions:
    """Build the options that are not a lesson's settings. Raises InputError."""
    chosen = choose(said, sources)
    on = {param.name: param.parse(chosen[param.name].text) for param in OPTIONS if isinstance(param, Switch)}
    every = CHECKPOINT_EVERY.parse(chosen["checkpoint_every"].text)
    defaults = {lesson.id: sources.config.settings_of(lesson) for lesson in every_lesson()}
    options = HeadlessOptions(
        logdir=_logdir(chosen["logdir"], sources),
        log=on["log"],
        checkpoint_every_s=CHECKPOINT_EVERY.default if every is None else every,
        low_bandwidth=on["low_bandwidth"],
        glyphs=_glyphs(chosen),
        no_color=not on["color"],
        seed=seed,
        language=chosen["language"].text,
        verbose=flag(said, "verbose"),
        cache=on["cache"],
        notify=on["notify"],
        theme=sources.config.theme,
        keys=sources.config.keys,
        settings={lesson: texts for lesson, texts in defaults.items() if texts},
        json=flag(said, "json"),
        quiet=flag(said, "quiet"),
        detach=flag(said, "detach"),
    )
    if options.detach and not options.log:
        raise InputError("--no-log: a detached run writes its results into its log folder, so it must be logged")
    return options


def check(values: Mapping[str, Any], sources: OptionSources) -> None:
    """Check the flags before a command, which may not use them. Raises InputError."""
    for param in (*OPTIONS, param_of(Settings, "seed")):
        if values.get(param.name) is not None and not isinstance(param, Switch):
            _choose(param, [values], sources)


def flag(said: Said, name: str) -> bool:
    """Whether a flag was given."""
    return any(bool(values.get(name)) for values in said)


def _choose(param: Param, said: Said, sources: OptionSources) -> Chosen:
    given = next((values[param.name] for values in reversed(said) if values.get(param.name) is not None), None)
    if param.name == "language":
        return _language(given, sources)
    if given is not None:
        return Chosen(param.text(given if isinstance(param, Switch) else param.parse(given)), "flag")
    text = _in_environment(param.name, sources.environ)
    if text is not None:
        return Chosen(text, "environment")
    if param.name in sources.config.options:
        return Chosen(sources.config.options[param.name], "file")
    return Chosen(param.text(param.default), "default")


def _glyphs(chosen: Mapping[str, Chosen]) -> GlyphSet | None:
    """The glyphs to draw with; None leaves the choice to the terminal. --ascii is short for --glyphs ascii, and the one
    from the source of higher priority counts. Raises InputError if both are flags and differ."""
    short, said = chosen["ascii"], chosen["glyphs"]
    named: GlyphSet | None = next((each for each in get_args(GlyphSet) if each == said.text), None)
    nearer = short.source == "flag" or said.source != "flag"
    if short.text == "off":
        return None if named == "ascii" and short.source == "flag" and said.source != "flag" else named
    if named in (None, "ascii") or nearer:
        if short.source == said.source == "flag" and named not in (None, "ascii"):
            raise InputError(f"--ascii and --glyphs {named} contradict each other; leave one out")
        return "ascii" if nearer else named
    return named


def _in_environment(name: str, environ: Mapping[str, str]) -> str | None:
    match name:
        case "logdir":
            return environ.get(LOGDIR_VARIABLE) or None
        case "color":
            return "off" if colour.refused(environ) else None
    return None


def _language(given: str | None, sources: OptionSources) -> Chosen:
    """Choose the language of the texts; the locale comes last."""
    said = sources.environ.get(course_texts.VARIABLE) or None
    if given is None and said is None and "language" in sources.config.options:
        return Chosen(sources.config.options["language"], "file")
    spoken = course_texts.language(given, sources.environ)
    if given is not None:
        return Chosen(spoken, "flag")
    return Chosen(spoken, "environment" if said is not None or spoken != course_texts.ENGLISH else "default")


def _logdir(chosen: Chosen, sources: OptionSources) -> Path:
    """The folder of runs; it need not exist. Raises InputError."""
    where = Folder(name="logdir")
    name = f"{sources.config.path}: logdir" if chosen.source == "file" else where.option
    if not chosen.text:
        raise where.refuse(chosen.text)
    path = Path(where.parse(chosen.text))
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return path
    except OSError as error:
        raise InputError(f"{name}: {short(chosen.text)!r} is not accepted: {error.strerror}") from None
    if not stat.S_ISDIR(mode):
        raise InputError(f"{name}: {short(chosen.text)!r} is a file; expected a folder's path")
    return path


def short(text: str) -> str:
    """The beginning of a given text."""
    return text if len(text) <= 60 else text[:57] + "..."
