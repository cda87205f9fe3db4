"""Learning-rate schedules: compared with a NumPy reference, for any division of a run into calls, and the steps at
their rates."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.descent import schedules
from engine.descent.schedules import FIRST, ScheduleSettings, schedule
from engine.errors import InputError
from engine.events import Diverged, Event, PathsGrew, PathsOpened
from engine.lesson import Turn
from engine.lessons import lesson
from engine.log.descent_log import DescentLog
from engine.settings import parse_settings
from tests.engine.lesson_runs import learned, only, run

TOTALS = (1, 2, 3, 10, 57, 1_300)


def reference(name: str, total: int, final: float, warm_up: float) -> np.ndarray:
    """The rates of all steps at the base rate 1, from the formulas."""
    s, last = np.arange(total, dtype=np.float64), max(total - 1, 1)
    risen = min(round(warm_up * total), last - 1) if total > 1 else 0

    def cosine(part: np.ndarray, end: float) -> np.ndarray:
        return end + (1 - end) * (1 + np.cos(np.pi * np.clip(part, 0, 1))) / 2

    falling = cosine((s - risen) / max(last - risen, 1), final)
    rising = np.clip(s / max(risen, 1), 0, 1)
    return {
        "step": final ** (np.floor(3 * s / total) / 2),
        "exponential": final ** (s / last),
        "cosine": cosine(s / last, final),
        "warm-up": np.where(s < risen, FIRST + (1 - FIRST) * rising, falling),
        "one-cycle": np.where(s < risen, FIRST + (1 - FIRST) * (1 - np.cos(np.pi * rising)) / 2, falling),
    }[name]


@pytest.mark.parametrize("name", schedules.NAMES[1:])
@pytest.mark.parametrize(("final", "warm_up"), [(0.01, 0.2), (0.2, 0.0), (0.0, 1.0)])
def test_each_schedule_is_that_of_its_formula(name: str, final: float, warm_up: float) -> None:
    settings = ScheduleSettings(schedule=name, final_rate=final, warm_up=warm_up)
    for total in TOTALS:
        found = schedule(settings, total)
        assert found is not None
        expected = 0.3 * reference(name, total, final, warm_up)
        np.testing.assert_allclose(found.rates(0, total, 0.3), expected, rtol=2e-5, atol=1e-7, err_msg=f"{total}")


def test_a_constant_rate_has_no_schedule() -> None:
    assert schedule(ScheduleSettings(), 100) is None


@pytest.mark.parametrize("name", ["one-cycle", "warm-up", "exponential"])
def test_a_step_has_the_same_rate_however_the_run_is_cut(name: str) -> None:
    first, second = (schedule(ScheduleSettings(schedule=name), 1_700) for _ in range(2))
    assert first is not None and second is not None
    whole = first.rates(0, 1_700, 0.07)
    cuts = [0, 1, 3, 500, 520, 1_030, 1_699, 1_700]
    cut = [second.rates(begin, end - begin, 0.07) for begin, end in pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(cut), whole)
    np.testing.assert_array_equal(second.rates(600, 0, 0.07), [])


# --- descents -------------------------------------------------------------------------------------------------


def descended(**texts: str) -> list[Event]:
    return run("himmelblau", **{"start": "1,0;-4,0", "steps": "300", "learning_rate": "0.01", **texts})


def joined(events: list[Event], part: str) -> np.ndarray:
    axis = 0 if part == "learning_rates" else 1
    return np.concatenate([getattr(event, part) for event in only(PathsGrew, events)], axis=axis)


def test_each_step_of_plain_descent_is_its_own_rate_times_the_gradient() -> None:
    events = descended(schedule="one-cycle")
    (opened,) = only(PathsOpened, events)
    points = np.concatenate([opened.starts[:, None], joined(events, "points")], axis=1).astype(np.float64)
    gradients = np.concatenate([opened.gradients[:, None], joined(events, "gradients")], axis=1).astype(np.float64)
    rates = joined(events, "learning_rates")
    np.testing.assert_allclose(np.diff(points, axis=1), -rates[:, None] * gradients[:, :-1], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(rates, 0.01 * reference("one-cycle", 300, 0.01, 0.2), rtol=2e-5)
    assert only(PathsGrew, events)[-1].learning_rate == pytest.approx(1e-4, rel=1e-3)
    assert "at learning rate 0.01 with the schedule one-cycle" in learned(events)


def test_another_base_rate_scales_the_rates_of_the_steps_to_come() -> None:
    taught = lesson("gradients")
    settings = parse_settings(taught.settings, {"schedule": "cosine", "steps": "40", "learning_rate": "0.02"})
    faster = settings.changed("learning_rate", "0.04")
    running, events = taught.run(settings), []
    turn = None
    while True:
        try:
            events.append(running.send(turn))
        except StopIteration:
            break
        done = sum(event.steps for event in only(PathsGrew, events))
        turn = Turn(faster if done >= 10 else settings, 10)
    expected = 0.02 * reference("cosine", 40, 0.01, 0.0)
    expected[10:] *= 2
    np.testing.assert_allclose(joined(events, "learning_rates"), expected, rtol=2e-5)


def test_a_descent_that_is_lost_suggests_a_base_rate_that_holds_under_the_schedule() -> None:
    (lost,) = only(Diverged, descended(schedule="warm-up", learning_rate="0.5"))
    assert lost.learning_rate == 0.5
    assert lost.suggested_learning_rate is not None
    assert not only(Diverged, descended(schedule="warm-up", learning_rate=f"{lost.suggested_learning_rate:g}"))


def test_the_log_has_the_rate_of_each_step() -> None:
    log, logged = DescentLog(), []
    for event in descended(schedule="exponential", steps="12"):
        if isinstance(event, PathsOpened | PathsGrew):
            for step, values in log.take(event):
                logged += [(step, value) for value in values if value.tag == "learning-rate"]
    assert [step for step, _ in logged] == list(range(1, 13))
    assert len({repr(value) for _, value in logged}) == 12


# --- the learner's own ----------------------------------------------------------------------------------------

OWN = "import math\n\ndef schedule(step, total_steps, base_rate):\n    return base_rate / (1 + step)\n"


def written(folder: Path, text: str) -> str:
    path = folder / "mine.py"
    path.write_text(text)
    return str(path)


def test_an_own_function_gives_the_rate_of_each_step(tmp_path: Path) -> None:
    events = descended(schedule=written(tmp_path, OWN), steps="20")
    np.testing.assert_allclose(joined(events, "learning_rates"), 0.01 / (1 + np.arange(20)), rtol=1e-6)
    assert "with the schedule mine.py" in learned(events)
    written(tmp_path, OWN.replace("1 + step", "2 + step"))
    events = descended(schedule=str(tmp_path / "mine.py"), steps="3")
    np.testing.assert_allclose(joined(events, "learning_rates"), 0.01 / (2 + np.arange(3)), rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def schedule(step):\n    return 1.0\n", "takes 1 positional argument but 3 were given"),
        ("def rate(step, total_steps, base_rate):\n    return 1.0\n", "has no function schedule; it has rate"),
        (OWN.replace("base_rate / (1 + step)", "1 / step"), "mine.py, line 4: ZeroDivisionError"),
        (OWN.replace("base_rate / (1 + step)", "-1.0"), "line 3: of step 0 of 100 at the rate 0.1 it returned -1; exp"),
        (OWN.replace("base_rate / (1 + step)", "math.nan"), "it returned nan; expected a finite number"),
        (OWN.replace("base_rate / (1 + step)", "'fast'"), "it returned a str; expected a finite number"),
    ],
)
def test_what_is_wrong_with_an_own_function_is_told_in_a_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        descended(schedule=written(tmp_path, text))
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_an_own_function_that_fails_late_ends_the_run_for_its_input(tmp_path: Path) -> None:
    text = OWN.replace("base_rate / (1 + step)", "base_rate if step != 290 else -1")
    with pytest.raises(InputError, match=r"of step 290 of 300 at the rate 0\.01 it returned -1"):
        descended(schedule=written(tmp_path, text))
