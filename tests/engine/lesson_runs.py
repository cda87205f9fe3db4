"""Runs of lessons for the tests: all events of one, and those of a kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.events import Curve, Event, Learned, Remark, Table
from engine.lessons import lesson
from engine.settings import parse_settings

Array = npt.NDArray[Any]


def run(lesson_id: str, **texts: str) -> list[Event]:
    """Every event of the lesson with these settings, and its defaults for the others."""
    taught = lesson(lesson_id)
    return list(taught.run(parse_settings(taught.settings, texts)))


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
    """What the run says at its end."""
    last = events[-1]
    assert isinstance(last, Learned)
    return last.text


def remarks(events: list[Event]) -> str:
    return " ".join(remark.text for remark in only(Remark, events))
