"""Properties of the events of every lesson without training: exact repetition, plain data, a result at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np
import pytest

from engine.events import Curve, Event, Learned, PathsGrew, Phase, Remark, Table
from engine.lesson import Lesson, Turn
from engine.lessons import course
from tests.engine.lesson_runs import only, run

UNTRAINED = [taught for taught in course() if not taught.classifier]

each_lesson = pytest.mark.parametrize("taught", UNTRAINED, ids=lambda taught: taught.id)


def same(first: Any, second: Any) -> bool:
    """Whether two events, or parts of them, are the same to the last bit. NaN equals itself."""
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(first, second, equal_nan=True)
    if is_dataclass(first) and not isinstance(first, type):
        return type(first) is type(second) and all(
            same(getattr(first, part.name), getattr(second, part.name)) for part in fields(first)
        )
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


def parts(thing: Any) -> Iterable[Any]:
    """Everything inside an event."""
    yield thing
    if is_dataclass(thing) and not isinstance(thing, type):
        for part in fields(thing):
            yield from parts(getattr(thing, part.name))
    elif isinstance(thing, tuple):
        for part in thing:
            yield from parts(part)
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from parts((key, value))


def test_five_lessons_take_no_training() -> None:
    assert [taught.number for taught in UNTRAINED] == [1, 2, 3, 4, 5]


@each_lesson
def test_the_same_settings_give_the_same_events_to_the_last_bit(taught: Lesson[Any]) -> None:
    assert same(tuple(run(taught.id, seed="3")), tuple(run(taught.id, seed="3")))


@each_lesson
def test_a_lesson_ends_with_what_was_learned_and_says_numbers(taught: Lesson[Any]) -> None:
    events = run(taught.id)
    assert [isinstance(event, Learned) for event in events].count(True) == 1
    last = events[-1]
    assert isinstance(last, Learned) and sum(c.isdigit() for c in last.text) > 5


@each_lesson
def test_an_event_holds_plain_data_that_no_one_can_change(taught: Lesson[Any]) -> None:
    for event in run(taught.id):
        assert isinstance(event, Event)
        for part in parts(event):
            if isinstance(part, np.ndarray):
                assert not part.flags.writeable and part.dtype.kind in "fiu"
            else:
                plain = isinstance(part, str | int | float | tuple | Mapping | Enum | None) or is_dataclass(part)
                assert plain, type(part)
                assert not isinstance(part, np.generic)


@each_lesson
def test_tables_are_whole_and_every_number_in_them_is_finite(taught: Lesson[Any]) -> None:
    keys = [event.key for event in run(taught.id) if isinstance(event, Table | Curve)]
    tables = only(Table, run(taught.id))
    for found in tables:
        assert found.rows and all(len(row) == len(found.columns) for row in found.rows)
        assert all(np.isfinite(cell) for row in found.rows for cell in row if isinstance(cell, int | float))
    assert len({table.key for table in tables}) == len(tables) and keys.count("") == 0


@each_lesson
def test_words_are_sentences_that_a_terminal_can_show(taught: Lesson[Any]) -> None:
    for event in run(taught.id):
        if isinstance(event, Remark | Learned):
            assert event.text.isprintable() and event.text[-1] in ".:" and "nan" not in event.text
            assert "  " not in event.text and "−−" not in event.text


@each_lesson
def test_a_lesson_takes_a_turn_at_every_event(taught: Lesson[Any]) -> None:
    settings = taught.settings()
    running = taught.run(settings)
    sent = [next(running)]
    while not isinstance(sent[-1], Learned):
        sent.append(running.send(Turn(settings)))
    assert same(tuple(sent), tuple(run(taught.id)))
    running.close()


@each_lesson
def test_a_lesson_may_be_closed_at_any_event(taught: Lesson[Any]) -> None:
    before = run(taught.id)
    for stop in range(len(before)):
        running = taught.run(taught.settings())
        for _ in range(stop + 1):
            next(running)
        running.close()
    assert same(tuple(before), tuple(run(taught.id)))


@each_lesson
def test_the_code_shown_is_there_to_show(taught: Lesson[Any]) -> None:
    import importlib

    for name in taught.code:
        module, _, function = name.partition(":")
        assert callable(getattr(importlib.import_module(module), function))


def test_the_seed_matters_where_something_is_drawn() -> None:
    assert not same(run("losses", seed="1")[-1], run("losses", seed="2")[-1])
    assert same(tuple(run("himmelblau", seed="1")), tuple(run("himmelblau", seed="2")))


@pytest.mark.parametrize("lesson_id", ["gradients", "himmelblau"])
def test_a_descent_says_that_it_compiles_and_then_that_it_runs(lesson_id: str) -> None:
    events = run(lesson_id)
    assert [phase.name for phase in only(Phase, events)] == ["compiling", "running"]
    assert only(PathsGrew, events)
