"""Runs of lessons for tests: all events of one, and those of a kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.events import Curve, Event, Learned, Metrics, Remark, Snapshot, Table
from engine.lesson import Lesson, Turn
from engine.lessons import lesson
from engine.settings import parse_settings

Array = npt.NDArray[Any]


def run(lesson_id: str, **texts: str) -> list[Event]:
    """Every event of the lesson with these settings, and its defaults for the others."""
    taught = lesson(lesson_id)
    return list(taught.run(parse_settings(taught.settings, texts)))


def losses(events: list[Event]) -> Array:
    """The loss of every step."""
    return np.concatenate([event.loss for event in events if isinstance(event, Metrics)])


def cut_and_resumed(taught: Lesson[Any], chosen: Any, at: int) -> tuple[list[Event], list[Event], int]:
    """The events of a whole run, taken step by step until its snapshot after step `at`; those of a run that is resumed
    from the snapshot; and the step of the snapshot."""
    running, events, kept, turn = taught.run(chosen), [], [], None
    while True:
        try:
            event = running.send(turn)
        except StopIteration:
            break
        if isinstance(event, Snapshot):
            kept.append(event)
        else:
            events.append(event)
        due = isinstance(event, Metrics) and event.last_step >= at and not kept
        turn = Turn(chosen, 1 if not kept else None, snapshot=due)
    assert taught.resume is not None
    return events, list(taught.resume(chosen, kept[0])), kept[0].step


def only(kind: type[Any], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def table(events: list[Event], key: str) -> Table:
    (found,) = (event for event in only(Table, events) if event.key == key)
    return found  # type: ignore[no-any-return]


def column(found: Table, name: str) -> Array:
    """The numbers of a column."""
    return np.array([row[found.columns.index(name)] for row in found.rows], np.float64)


def curve(events: list[Event], key: str) -> Curve:
    (found,) = (event for event in only(Curve, events) if event.key == key)
    return found  # type: ignore[no-any-return]


def learned(events: list[Event]) -> str:
    """The result that the run reports at its end."""
    last = events[-1]
    assert isinstance(last, Learned)
    return last.text


def remarks(events: list[Event]) -> str:
    return " ".join(remark.text for remark in only(Remark, events))
