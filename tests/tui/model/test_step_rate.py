"""The rate of a run: over the last seconds, at any speed, and without its pauses."""

from __future__ import annotations

import numpy as np
import pytest

from engine.events import Delivery, Event, Outcome, PathsGrew, PathsOpened, Phase, RunEnded, SettingChanged
from tui.model.run_state import RunState, fold_all
from tui.model.step_rate import StepRate
from tui.text.words import rate


def grew(step: int, steps: int = 1) -> PathsGrew:
    return PathsGrew(step, np.zeros((1, steps, 1)), np.zeros((1, steps)), np.zeros((1, steps, 1)), 0.1)


def told(*events: tuple[float, Event]) -> RunState:
    return fold_all(RunState("r"), [Delivery("r", elapsed_s, event) for elapsed_s, event in events])


@pytest.mark.parametrize("speed", [0.1, 0.5, 5.0, 20.0, 3000.0])
def test_the_rate_is_the_speed_whatever_came_before(speed: float) -> None:
    measured = StepRate().at(0.0, 0).at(50.0, 1)
    for step in range(2, int(5 * speed) + 6):
        measured = measured.at(50.0 + (step - 1) / speed, step)
    assert measured.steps_per_s == pytest.approx(speed, rel=0.02)
    assert len(measured.marks) <= 24


def test_one_event_measures_no_rate() -> None:
    assert told((3.0, Phase("running")), (3.001, grew(1))).steps_per_s == 0.0


def test_single_steps_in_a_pause_are_no_rate() -> None:
    running = [(0.0, Phase("running")), (0.0, grew(1)), (0.2, grew(2)), (0.4, grew(3))]
    state = told(*running, (0.5, Phase("paused")), (0.501, grew(4)), (0.502, Phase("paused")), (0.503, grew(5)))
    assert state.steps_per_s == pytest.approx(5.0)


def test_another_speed_is_measured_from_when_it_was_set() -> None:
    slow = [(0.0, Phase("running")), *((step / 2, grew(step)) for step in range(1, 5))]
    state = told(*slow, (2.1, SettingChanged(4, "speed", "2", "10")), (2.2, grew(5)), (2.3, grew(6)), (2.4, grew(7)))
    assert state.steps_per_s == pytest.approx(10.0)


def test_the_rate_of_a_run_that_ended_is_that_of_all_its_steps_without_the_time_before_them() -> None:
    starts = np.zeros((1, 1), np.float32)
    opened = PathsOpened(("p",), ("sgd",), starts, starts[0], starts, 10)
    state = told(
        (3.0, opened), (4.0, Phase("running")), (4.0, grew(1, 5)), (6.0, grew(6, 5)),
        (6.0, RunEnded(Outcome.DONE, 10, "finished")),
    )  # fmt: skip
    assert state.steps_per_s == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("steps_per_s", "said"),
    [(0.5, "0.5"), (0.125, "0.12"), (4.96, "5"), (9.94, "9.9"), (9.99, "10"), (2950.4, "2,950")],
)
def test_a_rate_is_reported_in_as_many_digits_as_tell_something(steps_per_s: float, said: str) -> None:
    assert rate(steps_per_s) == f"{said} steps/s"
