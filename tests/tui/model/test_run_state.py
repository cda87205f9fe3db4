"""The state of a run, folded from its events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.events import (
    Delivery,
    Diverged,
    Evaluated,
    Event,
    Images,
    Learned,
    LogFailed,
    Metrics,
    Outcome,
    PathsGrew,
    PathsOpened,
    Phase,
    Remark,
    RunEnded,
    RunStarted,
    SettingChanged,
    Table,
)
from tui.model.run_state import RunState, fold, fold_all

NAMES = ("a", "b")


def state_after(*events: Event, run: str = "r") -> RunState:
    return fold_all(RunState("r"), [Delivery(run, float(second), event) for second, event in enumerate(events)])


def started(**settings: str) -> RunStarted:
    return RunStarted("himmelblau", "Himmelblau", settings, "gdtui himmelblau", "/logs/himmelblau/1")


def opened(paths: int = 2) -> PathsOpened:
    starts = np.arange(2 * paths, dtype=np.float32).reshape(paths, 2)
    values = np.ones(paths, np.float32)
    return PathsOpened(("one", "two")[:paths], ("sgd",) * paths, starts, values, starts, total_steps=10)


def grew(first: int, steps: int, rate: float = 0.1) -> PathsGrew:
    numbers = np.arange(first, first + steps, dtype=np.float32)
    points = np.broadcast_to(numbers[None, :, None], (2, steps, 2)).copy()
    return PathsGrew(first, points, points[:, :, 0].copy(), points.copy(), rate)


def metrics(first: int, losses: list[float], norm: float = 1.0) -> Metrics:
    loss = np.array(losses, np.float32)
    return Metrics(1, first, loss, loss.copy(), norm, 1e-3, 500.0, total_steps=100, total_epochs=3)


def test_the_first_event_says_what_run_it_is() -> None:
    state = state_after(started(learning_rate="0.01"))
    assert (state.lesson, state.command, state.logdir) == ("himmelblau", "gdtui himmelblau", "/logs/himmelblau/1")


def test_events_of_an_older_run_change_nothing() -> None:
    state = RunState("new")
    assert fold(state, Delivery("old", 9.0, Remark("late"))) is state


def test_a_path_holds_its_start_and_every_step_in_order() -> None:
    paths = state_after(opened(), grew(1, 3), grew(4, 2)).paths
    assert paths is not None
    assert paths.points.shape == (2, 6, 2)
    assert paths.values[0].tolist() == [1, 1, 2, 3, 4, 5]
    assert paths.points[1, 0].tolist() == [2, 3]
    assert paths.steps == 5


def test_what_optimizers_remember_is_held_step_by_step_with_nothing_known_of_the_start() -> None:
    one, two = grew(1, 3), grew(4, 2)
    events = [replace(each, momenta=each.points + 100, squares=None) for each in (one, two)]
    paths = state_after(opened(), *events).paths
    assert paths is not None and paths.momenta is not None
    assert paths.squares is None
    assert paths.momenta.shape == paths.points.shape
    assert np.isnan(paths.momenta[:, 0]).all()
    np.testing.assert_array_equal(paths.momenta[:, 1:], paths.points[:, 1:] + 100)


def test_of_steps_of_which_nothing_is_remembered_nothing_is_known() -> None:
    later = replace(grew(4, 2), momenta=grew(4, 2).points)
    paths = state_after(opened(), grew(1, 3), later).paths
    assert paths is not None and paths.momenta is not None
    assert np.isnan(paths.momenta[:, :4]).all()
    assert np.isfinite(paths.momenta[:, 4:]).all()
    alone = state_after(opened(), grew(1, 3)).paths
    assert alone is not None and alone.momenta is None


def test_each_step_knows_the_rate_that_led_to_it() -> None:
    paths = state_after(started(learning_rate="0.01"), opened(), grew(1, 2, 0.01), grew(3, 1, 0.05)).paths
    assert paths is not None
    assert paths.rates.tolist() == [0.01, 0.01, 0.01, 0.05]


def test_a_state_seen_earlier_does_not_change_when_its_run_goes_on() -> None:
    before = state_after(opened(), grew(1, 2))
    fold(before, Delivery("r", 9.0, grew(3, 2)))
    assert before.paths is not None
    assert before.paths.steps == 2


def test_steps_are_counted_whatever_brings_them() -> None:
    assert state_after(opened(), grew(1, 3), grew(4, 2)).step == 5
    assert state_after(metrics(1, [2.0, 1.0])).step == 2


def test_every_loss_is_kept_with_its_step_and_a_time_of_its_own() -> None:
    training = state_after(Remark("…"), metrics(1, [3.0]), metrics(2, [2.0, 1.0])).training
    assert training is not None
    assert training.loss.array.tolist() == [3.0, 2.0, 1.0]
    assert training.steps.array.tolist() == [1, 2, 3]
    assert training.times_s.array.tolist() == [1.0, 1.5, 2.0]


def test_the_gradient_norm_belongs_to_the_last_step_of_its_event() -> None:
    training = state_after(metrics(1, [3.0, 2.0], norm=5.0), metrics(3, [1.0], norm=4.0)).training
    assert training is not None
    assert training.norm_steps.array.tolist() == [2, 3]
    assert training.norm.array.tolist() == [5.0, 4.0]


def test_of_the_same_pictures_the_grid_is_kept() -> None:
    labels = np.zeros(1, np.int64)
    shown = Images("val", 1, np.zeros((1, 2, 2), np.uint8), labels, labels, NAMES)
    training = state_after(shown, replace(shown, as_grid=True)).training
    assert training is not None
    assert [event.as_grid for event in training.images] == [True]


def test_tests_are_kept_in_order() -> None:
    confusion = np.eye(2, dtype=np.int64)
    tests = [Evaluated(step, None, 1.0, step / 10, confusion, NAMES) for step in (1, 2)]
    training = state_after(*tests).training
    assert training is not None
    assert [each.accuracy for each in training.evaluations] == [0.1, 0.2]


def test_words_and_tables_stay_as_they_came() -> None:
    page = (Remark("first"), Table("t", "T", ("x",), ((1.0,),)), Learned("last"))
    state = state_after(*page)
    assert state.page == page
    assert (state.remark, state.learned) == ("last", "last")


def test_a_live_change_shows_in_the_settings() -> None:
    state = state_after(started(learning_rate="0.01"), SettingChanged(7, "learning_rate", "0.01", "0.02"))
    assert state.settings["learning_rate"] == "0.02"
    assert [change.step for change in state.changes] == [7]


def test_the_first_divergence_is_the_one_that_counts() -> None:
    first, second = Diverged(3, "f", 0.1, 9.0, 0.03), Diverged(5, "f", 0.1, 9.0, 0.03)
    assert state_after(first, second).diverged is first


def test_the_end_of_a_run_is_reported_with_its_outcome() -> None:
    state = state_after(Phase("running"), Phase("done"), RunEnded(Outcome.STOPPED, 4, "stopped after step 4"))
    assert (state.phase, state.outcome) == ("done", Outcome.STOPPED)


def test_a_log_that_failed_is_reported() -> None:
    assert state_after(LogFailed("disk full")).log_failure == "disk full"


def test_a_run_that_goes_on_has_no_outcome() -> None:
    assert state_after(Phase("running")).outcome is None
