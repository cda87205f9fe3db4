"""Alerts for a user who looks elsewhere: a run ended, diverged or stalled."""

from __future__ import annotations

import math
from pathlib import Path

from engine.log.event_values import LoggedScalar
from engine.log.reader import About, LogUpdate, Portion
from engine.log.run_tree import FoundRun
from tui.model import log_state
from tui.model.log_alerts import alerts, words_of_runs
from tui.model.log_state import LogState
from tui.model.stall_watch import STALLED_S, StallWatch

LOGS = Path("/logs")


def watched(value: float = 1.0, written: float = 1000.0) -> LogState:
    entries = (LoggedScalar("loss", 7, 100.0, value),)
    update = LogUpdate((FoundRun("a", LOGS / "a", 0.0),), (Portion("a", entries, 0, ()),), False, False, True)
    return log_state.learn(log_state.take(LogState(LOGS), update), {"a": About(written, 10, None)})


def words(state: LogState, word: str = "", now: float = 1001.0) -> dict[str, str]:
    return words_of_runs(state, lambda run: word, now)


def test_a_run_that_ends_is_told_once_and_not_where_it_was_over_before() -> None:
    state = watched()
    going, done = words(state), words(state, "done")
    assert (going, done) == ({"a": "running"}, {"a": "done"})
    assert alerts(state, going, done) == ["a: done, step 7"]
    assert alerts(state, done, done) == [] == alerts(state, {}, done)


def test_a_value_that_is_not_finite_is_told() -> None:
    state = watched(math.nan)
    lost = words(state)
    assert alerts(state, {"a": "running"}, lost) == ["a: a number is not finite, step 7"]
    assert alerts(state, lost, lost) == [] == alerts(state, lost, words(state, "diverged"))


def test_the_end_of_a_run_that_went_on_after_a_value_that_is_not_finite_is_told() -> None:
    state = watched(math.nan)
    assert alerts(state, words(state), words(state, "done")) == ["a: done, step 7"]


def test_a_run_that_writes_no_more_has_stalled_and_may_go_on() -> None:
    state = watched()
    stalled = words(state, now=1001.0 + STALLED_S)
    assert alerts(state, {"a": "running"}, stalled) == ["a: nothing new for 60 s, step 7"]
    assert alerts(state, stalled, words(state)) == []
    assert alerts(state, stalled, words(state, "crashed")) == ["a: crashed, step 7"]


def test_what_stays_the_same_too_long_is_noticed_once_each_time() -> None:
    now = 0.0
    watch = StallWatch(lambda: now)
    first, second = object(), object()
    assert not watch.stalled(first, going=True)
    now = STALLED_S
    assert watch.stalled(first, going=True) and not watch.stalled(first, going=True)
    assert not watch.stalled(second, going=True)
    now = 2 * STALLED_S
    assert not watch.stalled(second, going=False)
    now = 3 * STALLED_S - 1
    assert not watch.stalled(second, going=True)
