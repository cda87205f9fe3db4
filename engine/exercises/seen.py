"""The record of a run by which tasks are judged, a pure fold over its events, and the recipe to run it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from engine.events import (
    Diverged,
    Evaluated,
    Event,
    FloatArray,
    Metrics,
    Minimum,
    Outcome,
    PathEnded,
    PathsGrew,
    PathsOpened,
    RunEnded,
    SettingChanged,
    SurfaceDrawn,
    Table,
)
from engine.lesson import Turn
from engine.lessons import lesson
from engine.settings import param_of, parse_settings

# Settings that change no number by which a task is judged.
INDIFFERENT = frozenset({"speed", "log_every", "threads", "device"})


@dataclass(frozen=True)
class Recipe:
    """The settings of a run as texts, and its live changes as (step, name, text), in effect from the step after
    `step`."""

    settings: Mapping[str, str]
    changes: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True)
class RunSeen:
    """The record of a run so far. `settings` are the texts it began with; `rates` the learning rates as (first step,
    rate)."""

    lesson: str
    settings: Mapping[str, str]
    changes: tuple[tuple[int, str, str], ...] = ()
    opened: PathsOpened | None = None
    minima: tuple[Minimum, ...] = ()
    stretches: tuple[PathsGrew, ...] = ()
    ends: tuple[PathEnded, ...] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)
    tests: tuple[Evaluated, ...] = ()
    rates: tuple[tuple[int, float], ...] = ()
    diverged: bool = False
    over: bool = False

    def __getitem__(self, name: str) -> Any:
        """The value of a setting at the start of the run."""
        return param_of(lesson(self.lesson).settings, name).parse(self.settings[name])

    def differs_from(self, settings: Mapping[str, str]) -> set[str]:
        """The names of the settings that differ from those of a run with only `settings` given."""
        mine = lesson(self.lesson).settings
        other = parse_settings(mine, settings).texts()
        return {name for name, text in self.settings.items() if text != other[name]} - INDIFFERENT

    @property
    def recipe(self) -> Recipe:
        """The recipe that repeats this run."""
        return Recipe(dict(self.settings), self.changes)

    @cached_property
    def paths(self) -> FloatArray:
        """All points of the paths, float32 [p, k + 1, d], the starts first."""
        if self.opened is None:
            return np.zeros((0, 1, 1))
        return np.concatenate([self.opened.starts[:, None], *(each.points for each in self.stretches)], axis=1)

    @property
    def steps(self) -> int:
        """The number of descent steps taken."""
        return sum(each.steps for each in self.stretches)

    @property
    def epochs(self) -> tuple[Evaluated, ...]:
        """The test results at the ends of epochs."""
        return tuple(each for each in self.tests if each.epoch is not None)

    def rows(self, table: str) -> dict[Any, tuple[Any, ...]]:
        """The rows of a table by their first cell; empty if the run has not shown it."""
        return {row[0]: row[1:] for row in self.tables[table].rows} if table in self.tables else {}


def see(run: RunSeen, event: Event) -> RunSeen:
    """Add an event to the record."""
    match event:
        case PathsOpened():
            return replace(run, opened=event)
        case SurfaceDrawn():
            return replace(run, minima=event.minima)
        case PathsGrew():
            return _at_rate(replace(run, stretches=(*run.stretches, event)), event.first_step, event.learning_rate)
        case Metrics():
            return _at_rate(run, event.first_step, event.learning_rate)
        case PathEnded():
            return replace(run, ends=(*run.ends, event))
        case Table():
            return replace(run, tables={**run.tables, event.key: event})
        case Evaluated():
            return replace(run, tests=(*run.tests, event))
        case SettingChanged():
            return replace(run, changes=(*run.changes, (event.step, event.name, event.after)))
        case Diverged():
            return replace(run, diverged=True)
        case RunEnded():
            return replace(run, over=True, diverged=run.diverged or event.outcome is Outcome.DIVERGED)
        case _:
            return run


def _at_rate(run: RunSeen, step: int, rate: float) -> RunSeen:
    if run.rates and run.rates[-1][1] == rate:
        return run
    return replace(run, rates=(*run.rates, (step, rate)))


def perform(lesson_id: str, recipe: Recipe) -> RunSeen:
    """Run a lesson from a recipe, without a screen or a log. Raises SettingError and what the lesson raises."""
    found = lesson(lesson_id)
    settings = parse_settings(found.settings, recipe.settings)
    seen, step = RunSeen(lesson_id, settings.texts()), 0
    pending = sorted(recipe.changes)
    run = found.run(settings)
    try:
        event = next(run)
        while True:
            seen = see(seen, event)
            step += event.steps if isinstance(event, PathsGrew | Metrics) else 0
            while pending and pending[0][0] <= step:
                _, name, text = pending.pop(0)
                before, settings = settings, settings.changed(name, text)
                seen = see(seen, SettingChanged(step, name, before.texts()[name], settings.texts()[name]))
            event = run.send(Turn(settings, pending[0][0] - step if pending else None))
    except StopIteration:
        return replace(seen, over=True)
