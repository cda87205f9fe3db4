"""Past runs as rows of a table: their texts, their order, and the filter."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from engine.lessons import lesson
from engine.run.resuming import can_be_resumed
from engine.run.run_record import RunRecord
from tui.text.words import rounded

COLUMNS = ("when", "lesson", "outcome", "steps", "value", "accuracy", "time", "settings")
"""The columns by which runs are sorted, in the order of the table."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """One row. Its texts are untrusted, and cleaned where they are shown.

    `changed` are the settings that differ from the lesson's defaults, `settings` all of them, as texts for display
    (`0.1, then 0.2` after a live change); `command` is exact. `value` is the loss of a classifier or the lowest f of a
    descent, `value_name` which of them; None if there is none.
    """

    run: str
    lesson: str
    outcome: str
    started: datetime | None = None
    steps: int = 0
    value: float | None = None
    value_name: str = ""
    accuracy: float | None = None
    duration_s: float | None = None
    changed: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    message: str = ""
    learned: str = ""
    damaged: str = ""
    resumable: bool = False


def past_run(record: RunRecord) -> PastRun:
    """Build the row of a run from its record."""
    metrics = record.metrics
    found = next(
        ((name, metrics[tag]) for tag, name in (("final-f", "f"), ("test-loss", "loss"), ("train-loss", "loss"))
         if tag in metrics),
        ("", None),
    )  # fmt: skip
    usual = _defaults(record.lesson)
    settings = {
        name: _setting_text(text, record.settings_at_start.get(name, text)) for name, text in record.settings.items()
    }
    return PastRun(
        run=record.name,
        lesson=record.lesson,
        outcome=record.outcome,
        started=record.started,
        steps=record.step,
        value=found[1],
        value_name=found[0],
        accuracy=metrics.get("test-acc"),
        duration_s=record.elapsed_s or None,
        changed={name: text for name, text in settings.items() if usual.get(name) != text},
        settings=settings,
        command=record.command,
        message=record.message,
        learned=record.learned,
        damaged=record.damaged,
        resumable=can_be_resumed(record),
    )


@cache
def _defaults(lesson_id: str) -> Mapping[str, str]:
    """A lesson's default settings; empty for an unknown lesson."""
    try:
        found: Mapping[str, str] = lesson(lesson_id).settings().texts()
    except KeyError:
        return {}
    return found


def _setting_text(text: str, at_start: str) -> str:
    """Format a run's setting: `0.1, then 0.2` if it was changed during the run."""
    return text if text == at_start else f"{rounded(at_start)}, then {rounded(text)}"


def setting_words(settings: Mapping[str, str]) -> str:
    """Format settings in one line, with long numbers rounded: `optimizer adam, learning rate 0.05`."""
    return ", ".join(f"{name.replace('_', ' ')} {rounded(text)}" for name, text in settings.items())


# --- order --------------------------------------------------------------------------------------------------------

_KEYS: Mapping[str, Callable[[PastRun], object]] = {
    "when": lambda run: run.started.timestamp() if run.started else None,
    "lesson": lambda run: run.lesson,
    "outcome": lambda run: run.outcome,
    "steps": lambda run: run.steps,
    "value": lambda run: run.value,
    "accuracy": lambda run: run.accuracy,
    "time": lambda run: run.duration_s,
    "settings": lambda run: setting_words(run.changed),
}


def ordered(runs: Sequence[PastRun], column: str, *, descending: bool) -> list[PastRun]:
    """Sort the runs by one column, stably; unknown values come last in either direction."""
    key = _KEYS[column]
    known = [run for run in runs if _known(key(run))]
    unknown = [run for run in runs if not _known(key(run))]
    return sorted(known, key=key, reverse=descending) + unknown  # type: ignore[arg-type]


def _known(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


# --- filter -------------------------------------------------------------------------------------------------------

_COMPARISON = re.compile(r"(accuracy|acc|loss|f|steps|time)(<=|>=|<|>|=)([-+.0-9e]+)")
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}  # fmt: skip


def words_of(run: PastRun) -> str:
    """The text in which a filter's words are searched."""
    return " ".join((run.run, run.lesson, run.outcome, setting_words(run.settings), run.command)).lower()


def filter_of(text: str) -> Callable[[PastRun, str], bool]:
    """A test of a run and its `words_of`: it contains every word of `text`, and the comparisons (`acc>0.9`) hold."""
    words, comparisons = [], []
    for word in text.lower().split():
        found = _COMPARISON.fullmatch(word)
        number = _number(found[3]) if found else None
        if found and number is not None:
            comparisons.append((found[1], _OPERATORS[found[2]], number))
        else:
            words.append(word)

    def passes(run: PastRun, said: str) -> bool:
        return all(word in said for word in words) and all(
            (value := _measured(run, name)) is not None and compare(value, number)
            for name, compare, number in comparisons
        )

    return passes


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _measured(run: PastRun, name: str) -> float | None:
    """The number of a run that a comparison names; a loss does not count as f."""
    if name in ("loss", "f"):
        return run.value if run.value_name == name else None
    if name == "time":
        return run.duration_s
    return float(run.steps) if name == "steps" else run.accuracy
