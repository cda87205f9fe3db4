"""The engine thread: it pauses, steps, stops and changes settings between two events. No sink can break it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError, SettingError
from engine.events import (
    Delivery,
    Diverged,
    Event,
    Learned,
    LogFailed,
    Outcome,
    PathsGrew,
    Phase,
    Remark,
    RunEnded,
    RunStarted,
    SettingChanged,
    Snapshot,
    steps_in,
)
from engine.lesson import Lesson, Run
from engine.lessons import lesson
from engine.run.runner import Runner
from engine.run.sinks import Mailbox
from engine.settings import Settings, integer, number, parse_settings

# The longest wait for an expected event. No wait takes that long unless the test fails.
LONG_S = 20.0


@dataclass(frozen=True, kw_only=True)
class CountSettings(Settings):
    """A lesson that counts: `steps` of them, `size` at once."""

    learning_rate: float = number(0.5, low=0.0, high=10.0, live=True, help="rate")
    steps: int = integer(1000, low=1, high=10**6, help="steps")
    size: int = integer(10, low=1, high=1000, help="steps in an event")


def steps(first: int, count: int, rate: float = 0.5) -> PathsGrew:
    return PathsGrew(first, np.zeros((1, count, 1)), np.zeros((1, count)), np.zeros((1, count, 1)), rate)


def count(settings: CountSettings) -> Run[CountSettings]:
    turn = yield Remark("counting")
    done = 0
    while done < settings.steps:
        settings = turn.settings if turn else settings
        most = min((turn.steps if turn else None) or settings.size, settings.size, settings.steps - done)
        turn = yield steps(done + 1, most, settings.learning_rate)
        done += most
    yield Learned("counted")


def teaching(run: Callable[[CountSettings], Run[CountSettings]]) -> Lesson[CountSettings]:
    return Lesson(number=99, id="count", title="Count", summary="", settings=CountSettings, run=run)


class Record:
    """A sink that keeps every event and lets a test wait for one."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.closed = 0
        self._changed = threading.Condition()

    def write(self, delivery: Delivery) -> None:
        with self._changed:
            self.deliveries.append(delivery)
            self._changed.notify_all()

    def close(self) -> None:
        self.closed += 1

    @property
    def events(self) -> list[Event]:
        return [delivery.event for delivery in self.deliveries]

    def all(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def steps(self) -> int:
        return sum(steps_in(event) for event in self.events)

    def await_(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, LONG_S)

    def await_pauses(self, number: int) -> None:
        self.await_(lambda: len([e for e in self.all(Phase) if e.name == "paused"]) >= number)


@dataclass
class Gate:
    """Holds a lesson in the middle of its work, until the test opens it."""

    reached: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)

    def pass_through(self) -> None:
        self.reached.set()
        assert self.open.wait(LONG_S)


class Broken(Record):
    """A sink that fails at every event for which `at` is true."""

    def __init__(self, at: Callable[[Event], bool], fails_closing: bool = False) -> None:
        super().__init__()
        self._at, self._fails_closing = at, fails_closing

    def write(self, delivery: Delivery) -> None:
        if self._at(delivery.event):
            raise OSError("no space left\non the disk")
        super().write(delivery)

    def close(self) -> None:
        super().close()
        if self._fails_closing:
            raise OSError("cannot flush")


@pytest.fixture
def made() -> Iterator[list[Runner]]:
    """The runners of a test; those still running at its end are stopped."""
    runners: list[Runner] = []
    yield runners
    for runner in runners:
        runner.stop()
        if runner.alive:
            assert runner.join(LONG_S)


@pytest.fixture
def begin(made: list[Runner]) -> Callable[..., tuple[Runner, Record]]:
    """Make a runner of a counting lesson with a record of its events; `start=False` leaves it to the test to start."""

    def begin(
        run: Callable[[CountSettings], Run[CountSettings]] = count,
        *others: Any,
        start: bool = True,
        paused: bool = False,
        clock: Callable[[], float] | None = None,
        pace: float = 0.0,
        **settings: Any,
    ) -> tuple[Runner, Record]:
        record = Record()
        options: dict[str, Any] = {"clock": clock} if clock else {}
        runner = Runner(
            teaching(run),
            CountSettings(**settings),
            [record, *others],
            run="count/1",
            paused=paused,
            pace=pace,
            **options,
        )
        made.append(runner)
        if start:
            runner.start()
        return runner, record

    return begin


Begin = Callable[..., tuple[Runner, Record]]


# --- a run from its start to its end --------------------------------------------------------------------------


def test_a_run_begins_by_saying_what_it_is_and_ends_by_saying_how_it_went(begin: Begin) -> None:
    runner, record = begin(learning_rate=0.25)
    assert runner.join(LONG_S)
    first, last = record.events[0], record.events[-1]
    assert isinstance(first, RunStarted) and isinstance(last, RunEnded)
    assert (first.lesson, first.command) == ("count", "gdtui count --learning-rate 0.25")
    assert parse_settings(CountSettings, first.settings) == runner.settings
    assert (last.outcome, last.step, last.message) == (Outcome.DONE, 1000, "finished")
    assert runner.outcome is Outcome.DONE and runner.step_number == record.steps == 1000
    assert record.closed == 1 and not runner.alive


def test_every_event_carries_its_run_and_its_time_since_the_run_began(begin: Begin) -> None:
    ticks = iter(range(10**6))
    runner, record = begin(clock=lambda: float(next(ticks)))
    assert runner.join(LONG_S)
    assert {delivery.run for delivery in record.deliveries} == {"count/1"}
    times = [delivery.elapsed_s for delivery in record.deliveries]
    assert times[0] > 0 and times == sorted(times)


def test_a_lesson_is_closed_when_its_run_is_stopped(begin: Begin) -> None:
    closed = threading.Event()

    def holding(settings: CountSettings) -> Run[CountSettings]:
        try:
            yield from count(settings)
        finally:
            closed.set()

    runner, record = begin(holding, paused=True)
    record.await_pauses(1)
    assert not closed.is_set()
    runner.stop()
    assert runner.join(LONG_S) and closed.is_set()


# --- pause, step, stop ----------------------------------------------------------------------------------------


def test_a_run_that_is_made_paused_takes_no_step(begin: Begin) -> None:
    runner, record = begin(paused=True)
    record.await_pauses(1)
    assert runner.paused and record.steps == 0
    runner.resume()
    assert runner.join(LONG_S) and record.steps == 1000 and not runner.paused


@pytest.mark.parametrize("asked", [1, 7, 10, 25])
def test_a_paused_run_goes_exactly_as_many_steps_as_it_is_told(begin: Begin, asked: int) -> None:
    runner, record = begin(paused=True)
    record.await_pauses(1)
    runner.step(asked)
    record.await_pauses(2)
    assert record.steps == runner.step_number == asked
    runner.step()
    record.await_pauses(3)
    assert record.steps == asked + 1


def test_steps_asked_for_twice_add_up(begin: Begin) -> None:
    runner, record = begin(start=False, paused=True)
    runner.step(3)
    runner.step(4)
    runner.start()
    record.await_pauses(1)
    assert record.steps == 7


def test_single_steps_begin_after_those_that_are_under_way(begin: Begin) -> None:
    gate = Gate()

    def gated(settings: CountSettings) -> Run[CountSettings]:
        turn = yield Remark("counting")
        gate.pass_through()
        turn = yield steps(1, 100)
        assert turn and turn.steps == 2
        yield steps(101, 2)
        yield steps(103, 50)

    runner, record = begin(gated)
    assert gate.reached.wait(LONG_S)
    runner.step(2)
    gate.open.set()
    record.await_pauses(1)
    assert record.steps == 102


def test_a_pause_takes_back_the_single_steps_not_yet_done(begin: Begin) -> None:
    gate = Gate()

    def gated(settings: CountSettings) -> Run[CountSettings]:
        yield steps(1, 10)
        gate.pass_through()
        yield steps(11, 10)
        yield steps(21, 10)

    runner, record = begin(gated, start=False)
    runner.step(1000)
    runner.start()
    assert gate.reached.wait(LONG_S)
    runner.pause()
    gate.open.set()
    record.await_pauses(1)
    assert record.steps == 20


def test_a_run_that_goes_on_after_single_steps_says_that_it_is_running(begin: Begin) -> None:
    runner, record = begin(paused=True)
    record.await_pauses(1)
    runner.step()
    record.await_pauses(2)
    runner.resume()
    assert runner.join(LONG_S)
    names = [phase.name for phase in record.all(Phase)]
    assert names[-4:] == ["paused", "paused", "running", "done"]


def test_a_stop_ends_before_the_next_event(begin: Begin) -> None:
    gate = Gate()

    def gated(settings: CountSettings) -> Run[CountSettings]:
        yield steps(1, 10)
        gate.pass_through()
        yield steps(11, 10)
        yield steps(21, 10)

    runner, record = begin(gated)
    assert gate.reached.wait(LONG_S)
    runner.stop()
    gate.open.set()
    assert runner.join(LONG_S)
    assert record.all(RunEnded) == [RunEnded(Outcome.STOPPED, 20, "stopped after step 20")]


def test_a_lesson_that_waits_for_others_can_be_stopped_though_its_first_snapshot_is_wanted() -> None:
    def waiting(settings: CountSettings) -> Run[CountSettings]:
        while True:
            yield Phase("waiting")

    class Nowhere:
        def save(self, snapshot: Snapshot, settings: Mapping[str, str]) -> None:
            raise AssertionError("there is nothing to keep")

    record = Record()
    found = replace(teaching(waiting), resume=lambda settings, snapshot: waiting(settings))
    runner = Runner(found, CountSettings(), [record], run="r", store=Nowhere())
    runner.start()
    record.await_(lambda: len(record.all(Phase)) > 3)
    runner.stop()
    assert runner.join(LONG_S) and runner.outcome is Outcome.STOPPED


def test_a_paused_run_can_be_stopped(begin: Begin) -> None:
    runner, record = begin(paused=True)
    record.await_pauses(1)
    runner.stop()
    assert runner.join(LONG_S) and runner.outcome is Outcome.STOPPED and record.steps == 0


def test_a_run_that_is_stopped_before_it_starts_takes_no_step(begin: Begin) -> None:
    runner, record = begin(start=False)
    runner.stop()
    runner.start()
    assert runner.join(LONG_S) and runner.outcome is Outcome.STOPPED and record.steps == 0


def test_a_stop_outweighs_pause_and_step(begin: Begin) -> None:
    runner, record = begin(start=False)
    runner.step(5)
    runner.stop()
    runner.pause()
    runner.start()
    assert runner.join(LONG_S) and runner.outcome is Outcome.STOPPED and record.steps == 0


# --- live settings --------------------------------------------------------------------------------------------


def test_a_setting_changed_before_the_start_holds_from_the_first_step(begin: Begin) -> None:
    runner, record = begin(start=False)
    runner.set("learning_rate", "2")
    runner.start()
    assert runner.join(LONG_S)
    assert record.all(SettingChanged) == [SettingChanged(0, "learning_rate", "0.5", "2")]
    assert {grew.learning_rate for grew in record.all(PathsGrew)} == {2.0}
    assert runner.settings == CountSettings(learning_rate=2.0)


def test_a_setting_changed_during_an_event_holds_from_the_next(begin: Begin) -> None:
    gate = Gate()

    def gated(settings: CountSettings) -> Run[CountSettings]:
        turn = yield steps(1, 1)
        gate.pass_through()
        turn = yield steps(2, 1, settings.learning_rate)
        assert turn
        yield steps(3, 1, turn.settings.learning_rate)

    runner, record = begin(gated)
    assert gate.reached.wait(LONG_S)
    runner.set("learning_rate", "3")
    gate.open.set()
    assert runner.join(LONG_S)
    assert [grew.learning_rate for grew in record.all(PathsGrew)] == [0.5, 0.5, 3.0]
    assert record.all(SettingChanged) == [SettingChanged(2, "learning_rate", "0.5", "3")]


def test_the_time_of_a_pause_is_not_time_of_the_run(begin: Begin) -> None:
    now = 0.0
    runner, record = begin(clock=lambda: now, paused=True)
    record.await_pauses(1)
    now = 1000.0
    runner.set("learning_rate", "0.25")
    record.await_(lambda: bool(record.all(SettingChanged)))
    now = 2000.0
    runner.resume()
    assert runner.join(LONG_S)
    assert all(delivery.elapsed_s == 0.0 for delivery in record.deliveries)
    assert runner.elapsed_s == 0.0


def test_a_paused_run_takes_a_setting_at_once(begin: Begin) -> None:
    runner, record = begin(paused=True)
    record.await_pauses(1)
    runner.set("learning_rate", "4")
    record.await_(lambda: bool(record.all(SettingChanged)))
    assert runner.settings == CountSettings(learning_rate=4.0) and record.steps == 0
    runner.step()
    record.await_pauses(2)
    assert [grew.learning_rate for grew in record.all(PathsGrew)] == [4.0]


def test_a_setting_that_stays_as_it_was_is_not_said_to_have_changed(begin: Begin) -> None:
    runner, record = begin(start=False)
    runner.set("learning_rate", "0.50")
    runner.start()
    assert runner.join(LONG_S) and not record.all(SettingChanged)


@pytest.mark.parametrize(("name", "text"), [("learning_rate", "11"), ("learning_rate", "nan"), ("rate", "1")])
def test_a_value_that_a_setting_does_not_take_is_refused_and_changes_nothing(
    begin: Begin, name: str, text: str
) -> None:
    runner, record = begin(start=False)
    with pytest.raises(SettingError):
        runner.set(name, text)
    runner.start()
    assert runner.join(LONG_S) and not record.all(SettingChanged)


def test_a_setting_that_is_not_live_cannot_be_changed(begin: Begin) -> None:
    runner, _ = begin(start=False)
    with pytest.raises(ValueError, match="--size cannot be changed during a run"):
        runner.set("size", "20")


# --- speed ----------------------------------------------------------------------------------------------------


def ticking(tick_s: float) -> Callable[[], float]:
    """A clock that advances by `tick_s` each time it is read."""
    readings = iter(range(10**9))
    return lambda: next(readings) * tick_s


@pytest.mark.parametrize("asked", [{"speed": 1000.0}, {"pace": 1000.0}])
def test_a_run_goes_no_faster_than_its_speed(begin: Begin, asked: dict[str, float]) -> None:
    runner, record = begin(clock=ticking(0.0002), size=1, steps=60, **asked)
    assert runner.join(LONG_S)
    done = [delivery.elapsed_s for delivery in record.deliveries if isinstance(delivery.event, PathsGrew)]
    # A frame's worth of lateness may be made up for.
    assert all(later - done[0] >= number / 1000.0 - 1.0 / 20.0 for number, later in enumerate(done))
    assert done[-1] - done[0] < 0.5


def test_a_run_at_a_speed_carries_a_frame_of_steps_at_once(begin: Begin) -> None:
    runner, record = begin(clock=ticking(1.0), speed=400.0, size=1000)
    assert runner.join(LONG_S)
    assert {grew.steps for grew in record.all(PathsGrew)} == {20}


def test_a_run_without_a_speed_carries_as_many_steps_as_the_lesson_likes(begin: Begin) -> None:
    runner, record = begin(size=250)
    assert runner.join(LONG_S)
    assert {grew.steps for grew in record.all(PathsGrew)} == {250}


@pytest.mark.parametrize("slow", ["0.001", "1e-300"])
def test_a_run_that_waits_for_its_pace_hears_of_a_new_one(begin: Begin, slow: str) -> None:
    runner, record = begin(start=False, steps=3, size=1)
    runner.set("speed", slow)
    runner.start()
    record.await_(lambda: record.steps == 1)
    runner.set("speed", "0")
    assert runner.join(LONG_S) and record.steps == 3 and runner.outcome is Outcome.DONE


def test_a_run_that_waits_for_its_pace_can_be_stopped_and_stepped(begin: Begin) -> None:
    runner, record = begin(speed=0.001, steps=100, size=1)
    record.await_(lambda: record.steps == 1)
    runner.step(2)
    record.await_pauses(1)
    assert record.steps == 3
    runner.resume()
    runner.stop()
    assert runner.join(LONG_S) and runner.outcome is Outcome.STOPPED


# --- failures -------------------------------------------------------------------------------------------------


def test_a_sink_that_fails_is_dropped_and_the_run_goes_on(begin: Begin) -> None:
    broken = Broken(lambda event: isinstance(event, PathsGrew))
    runner, record = begin(count, broken)
    assert runner.join(LONG_S) and runner.outcome is Outcome.DONE
    assert record.all(LogFailed) == [LogFailed("Broken: no space left")]
    assert record.steps == 1000 and broken.steps == 0 and broken.closed == 1


def test_every_sink_has_an_event_before_it_hears_that_another_failed_at_it(begin: Begin) -> None:
    runner, record = begin(count, Broken(lambda event: isinstance(event, RunStarted)))
    assert runner.join(LONG_S)
    assert [type(event) for event in record.events[:2]] == [RunStarted, LogFailed]


def test_sinks_may_fail_together(begin: Begin) -> None:
    alike = [Broken(lambda event: True, fails_closing=True) for _ in range(3)]
    runner, record = begin(count, *alike)
    assert runner.join(LONG_S) and runner.outcome is Outcome.DONE
    assert len(record.all(LogFailed)) == 3 and [each.closed for each in alike] == [1, 1, 1]


def test_a_sink_that_cannot_be_closed_is_said_to_those_still_open(begin: Begin) -> None:
    broken = Broken(lambda event: False, fails_closing=True)
    runner, record = begin(count, broken)
    assert runner.join(LONG_S) and runner.outcome is Outcome.DONE
    assert record.events[-1] == LogFailed("Broken: cannot flush") and record.closed == 1


def test_a_bug_ends_the_run_as_failed_with_its_traceback(begin: Begin) -> None:
    def buggy(settings: CountSettings) -> Run[CountSettings]:
        yield steps(1, 4)
        raise ZeroDivisionError("first line\nsecond line")

    runner, record = begin(buggy)
    assert runner.join(LONG_S)
    ended = record.events[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.outcome, ended.step, ended.message) == (Outcome.FAILED, 4, "ZeroDivisionError: first line")
    assert "in buggy" in ended.traceback and "second line" in ended.traceback


def test_input_that_cannot_be_used_is_no_bug(begin: Begin) -> None:
    def refusing(settings: CountSettings) -> Run[CountSettings]:
        yield Remark("reading")
        raise InputError("train-images: truncated")

    runner, record = begin(refusing)
    assert runner.join(LONG_S)
    assert record.events[-1] == RunEnded(Outcome.FAILED, 0, "train-images: truncated", bad_input=True)


@pytest.mark.parametrize(("suggested", "hint"), [(0.1, "try --learning-rate 0.1"), (None, "")])
def test_a_run_that_diverged_says_where_and_at_which_rate(begin: Begin, suggested: float | None, hint: str) -> None:
    def diverging(settings: CountSettings) -> Run[CountSettings]:
        yield steps(1, 9)
        yield Diverged(7, "f", 0.3, 1e30, suggested)
        yield Diverged(8, "g", 0.3, 1e30, 0.2)
        yield Learned("it diverged")

    runner, record = begin(diverging)
    assert runner.join(LONG_S)
    message = "f is not finite at step 7, learning rate 0.3"
    assert record.events[-1] == RunEnded(Outcome.DIVERGED, 7, message, hint=hint)
    assert record.events[-3] == Learned("it diverged")


# --- the mailbox ----------------------------------------------------------------------------------------------


def test_a_mailbox_keeps_what_came_in_order_until_it_is_taken() -> None:
    mailbox = Mailbox()
    deliveries = [Delivery("run", float(number), Remark(str(number))) for number in range(5)]
    assert mailbox.take() == [] and not mailbox.wait(0.0)
    for delivery in deliveries:
        mailbox.write(delivery)
    assert mailbox.wait(0.0)
    assert mailbox.take(2) == deliveries[:2]
    assert mailbox.wait(0.0), "three are left"
    assert mailbox.take() == deliveries[2:]
    assert mailbox.take() == [] and not mailbox.wait(0.0)


def test_closing_a_mailbox_wakes_whoever_waits() -> None:
    mailbox = Mailbox()
    woken = threading.Event()
    waiter = threading.Thread(target=lambda: mailbox.wait(LONG_S) and woken.set(), daemon=True)
    waiter.start()
    mailbox.close()
    waiter.join(LONG_S)
    assert woken.is_set()


def test_no_event_is_lost_between_two_threads(begin: Begin) -> None:
    mailbox = Mailbox()
    runner, record = begin(count, mailbox, size=1, steps=3000)
    taken: list[Delivery] = []
    while runner.alive or mailbox.wait(0.0):
        mailbox.wait(0.1)
        taken += mailbox.take(7)
    assert taken == record.deliveries


# --- with a real lesson ---------------------------------------------------------------------------------------


def test_a_real_descent_obeys_step_by_step(made: list[Runner]) -> None:
    taught = lesson("himmelblau")
    record = Record()
    runner = Runner(taught, taught.settings(), [record], run="himmelblau/1", paused=True)
    made.append(runner)
    runner.start()
    runner.step(3)
    record.await_(lambda: record.steps == 3 and record.events[-1] == Phase("paused"))
    runner.set("learning_rate", "0.02")
    runner.step()
    record.await_(lambda: record.steps == 4 and record.events[-1] == Phase("paused"))
    assert [(grew.first_step, grew.learning_rate) for grew in record.all(PathsGrew)] == [(1, 0.01), (4, 0.02)]
    runner.resume()
    assert runner.join(LONG_S) and runner.outcome is Outcome.DONE and record.steps == 200


def test_a_paused_run_keeps_no_other_run_of_the_same_lesson_waiting(made: list[Runner]) -> None:
    taught = lesson("himmelblau")
    records = Record(), Record()
    first, second = (
        Runner(taught, taught.settings(optimizer=names), [record], run=f"himmelblau/{names[0]}", paused=True)
        for names, record in zip([("sgd", "momentum"), ("momentum", "sgd")], records, strict=True)
    )
    made += [first, second]
    first.step(1)
    first.start()
    records[0].await_(lambda: records[0].steps == 1)
    second.resume()
    second.start()
    assert second.join(LONG_S) and second.outcome is Outcome.DONE


def test_an_interrupt_cuts_tensorflow_s_import_short(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    class Importing:
        @property
        def __version__(self) -> str:
            begun.set()
            for _ in range(int(LONG_S / 0.01)):
                time.sleep(0.01)
            return "imported after all"

    monkeypatch.setitem(
        sys.modules, "tensorflow", sys
    )  # restored afterwards, because after the interrupt it cannot be imported again
    monkeypatch.setattr("engine.run.runner.tf", Importing())
    record = Record()
    runner = Runner(teaching(count), CountSettings(), [record], run="count")
    runner.start()
    assert begun.wait(LONG_S)
    runner.interrupt()
    assert runner.join(LONG_S)
    assert [type(each.event) for each in record.deliveries] == [RunStarted, Phase, RunEnded]
    assert runner.outcome is Outcome.STOPPED
    assert sys.modules["tensorflow"] is None


def test_an_interrupt_of_a_run_that_goes_on_stops_it_between_two_events() -> None:
    record = Record()
    runner = Runner(teaching(count), CountSettings(steps=10**6), [record], run="count", pace=100)
    runner.start()
    record.await_(lambda: bool(record.all(PathsGrew)))
    runner.interrupt()
    assert runner.join(LONG_S)
    assert runner.outcome is Outcome.STOPPED
