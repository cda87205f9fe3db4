"""What a command line asked for, put together from what stood before and behind the lesson."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError
from engine.lesson import Lesson
from engine.lessons import course
from engine.params import Folder, Number, Param
from engine.resuming import may_be_given
from engine.settings import Settings, param_of, params_of, parse_settings
from tui import colour
from tui.options import CHECKPOINT_EVERY_S, DEFAULT_LOGDIR, LOGDIR_VARIABLE, HeadlessOptions

# What --resume holds where no run is named. No argument of a program can hold this character.
NEWEST = "\0"

CHECKPOINT_EVERY = Number(
    name="checkpoint_every",
    default=CHECKPOINT_EVERY_S,
    low=0.1,
    high=86_400.0,
    unit="s",
    help="seconds between checkpoints of a classifier's run",
)


@dataclass(frozen=True)
class Resume:
    """A run is to go on: the one called `run`, or with None the newest that can."""

    run: str | None


@dataclass(frozen=True)
class Request:
    """What a command line asked for: a lesson or, with None, all of them; its settings as texts; and how to run.

    With `resume` a run goes on that was cut short, and `texts` are what is given anew; then `lessons` are empty.
    """

    lesson: str | None
    texts: Mapping[str, str]
    options: HeadlessOptions
    headless: bool
    lessons: tuple[Lesson[Any], ...] = ()
    settings: tuple[Settings, ...] = ()
    resume: Resume | None = None


@dataclass(frozen=True)
class Attach:
    """A run or a log folder is to be shown; with None the newest run of the logdir."""

    target: str | None
    options: HeadlessOptions


Said = Sequence[Mapping[str, Any]]
"""The values of the common options before the lesson, and those behind it."""


def given_anew() -> list[Param]:
    """The settings that may stand beside --resume, without a lesson."""
    lesson = next(each for each in course() if each.resume is not None)
    return [param for param in params_of(lesson.settings) if may_be_given(lesson, param.name)]


def new_runs(
    lesson: str | None, lessons: Sequence[Lesson[Any]], texts: Mapping[str, str], said: Said, environ: Mapping[str, str]
) -> Request:
    """A request for runs from their start. Raises InputError."""
    settings = tuple(parse_settings(each.settings, texts) for each in lessons)
    options = options_of(said, environ, settings[0].seed if "seed" in texts else None)
    if options.detach and lesson is None:
        raise InputError("--detach is for one run: gdtui LESSON --detach")
    headless = _flag(said, "no_ui") or options.json or options.detach
    return Request(lesson, texts, options, headless, tuple(lessons), settings)


def old_run(
    run: str, lesson: Lesson[Any] | None, texts: Mapping[str, str], said: Said, environ: Mapping[str, str]
) -> Request:
    """A request for a run that goes on. Raises InputError."""
    kinds = [lesson] if lesson is not None else [each for each in course() if each.resume is not None]
    for name, text in texts.items():
        param_of(kinds[0].settings, name).parse(text)
    options = options_of(said, environ, None)
    if not options.log:
        raise InputError("--no-log: a run that is resumed goes on in its own folder, and cannot go unlogged")
    lesson_id = lesson.id if lesson is not None else None
    return Request(lesson_id, texts, options, True, resume=Resume(None if run == NEWEST else run))


def resume_of(said: Said) -> str | None:
    """Which run is to go on, the last one named; None where none is."""
    return next((values["resume"] for values in reversed(said) if values.get("resume") is not None), None)


def options_of(said: Said, environ: Mapping[str, str], seed: int | None = None) -> HeadlessOptions:
    """The options that are no lesson's settings. Raises InputError."""
    every = _last(said, "checkpoint_every")
    options = HeadlessOptions(
        logdir=_logdir(_last(said, "logdir"), environ),
        log=not _flag(said, "no_log"),
        checkpoint_every_s=CHECKPOINT_EVERY_S if every is None else _seconds(every),
        low_bandwidth=_flag(said, "low_bandwidth"),
        ascii_only=_flag(said, "ascii_only"),
        no_color=_flag(said, "no_color") or colour.refused(environ),
        seed=seed,
        verbose=_flag(said, "verbose"),
        json=_flag(said, "json"),
        quiet=_flag(said, "quiet"),
        detach=_flag(said, "detach"),
    )
    if options.detach and not options.log:
        raise InputError("--no-log: what a detached run finds is in its folder, and it cannot go unlogged")
    return options


def short(text: str) -> str:
    """The beginning of what was given."""
    return text if len(text) <= 60 else text[:57] + "..."


def _flag(said: Said, name: str) -> bool:
    return any(bool(values.get(name)) for values in said)


def _last(said: Said, name: str) -> str | None:
    return next((values[name] for values in reversed(said) if values.get(name) is not None), None)


def _seconds(text: str) -> float:
    value = CHECKPOINT_EVERY.parse(text)
    if value is None:
        raise CHECKPOINT_EVERY.refuse(text)
    return value


def _logdir(given: str | None, environ: Mapping[str, str]) -> Path:
    """The flag over the environment over the default. Raises InputError."""
    where = Folder(name="logdir", default=DEFAULT_LOGDIR)
    text = given if given is not None else environ.get(LOGDIR_VARIABLE) or DEFAULT_LOGDIR
    if not text:
        raise where.refuse(text)
    path = Path(where.parse(text))
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return path
    except OSError as error:
        raise InputError(f"{where.option}: {short(text)!r} is not accepted: {error.strerror}") from None
    if not stat.S_ISDIR(mode):
        raise InputError(f"{where.option}: {short(text)!r} is a file; expected a folder's path")
    return path
