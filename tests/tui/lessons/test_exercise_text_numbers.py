"""The fixed numbers in the exercise texts of lessons 1 to 4 equal those of the lessons."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.descent.curves import function_called
from engine.events import Curve, PathsGrew
from engine.exercises import exercise
from engine.exercises.exercise import Question, Task
from engine.exercises.losses import STEPS_BACK
from engine.exercises.seen import perform
from engine.lessons import lesson
from engine.lessons.losses import closed_gradients, draw, numpy_loss, softmax
from engine.settings import parse_settings
from tui.text.exercise_texts import told


def says(name: str, *phrases: str) -> None:
    """Assert that the texts after an answer to the exercise contain these words."""
    asked = exercise(name)
    words = told(asked, asked.drawn(7, 1) if isinstance(asked, Question) else {})
    text = " ".join((words.explanation, *words.worked, *words.wrong.values()))
    for phrase in phrases:
        assert phrase in text, f"{name} does not say {phrase!r}"


def minus(text: str) -> str:
    return text.replace("-", "−")


def path(**texts: str) -> np.ndarray[Any, Any]:
    """The positions of the first path of lesson 1 with these settings, [k]."""
    taught = lesson("gradients")
    events = taught.run(parse_settings(taught.settings, texts))
    return np.concatenate([event.points[0, :, 0] for event in events if isinstance(event, PathsGrew)])


def test_the_ways_on_the_double_well_are_as_told() -> None:
    small, large = (path(function="double-well", learning_rate=rate) for rate in ("0.02", "0.1"))
    says("deeper", f"the default rate 0.02 ends at x = {small[-1]:.3f}")
    says("deeper", minus(f"the first step goes from 2 to {large[0]:.1f}"), minus(f"leads on to x = {large[-1]:.3f}"))
    assert function_called("double-well").learning_rate == 0.02
    left, hill, right = np.sort(np.roots([4, 0, -6, 1]).real)
    says("watershed", minus(f"is 0 at x = {left:.3f}, {hill:.3f} and {right:.3f}"), f"The hilltop at x = {hill:.3f}")


def test_the_errors_of_a_difference_are_equally_large_where_it_is_told() -> None:
    assert (math.sqrt(1e-16), 1e-16 ** (1 / 3)) == pytest.approx((1e-8, 5e-6), rel=0.1)
    says("best-h", "One-sided they are equal near h = 1e-8, central near 5e-6")


def test_an_input_of_zero_leaves_the_loss_that_is_told() -> None:
    stuck = exercise("stuck")
    assert isinstance(stuck, Task)
    (run,) = (perform("autograd", recipe) for recipe in stuck.solution)
    assert (run.rows("tape")["L"][0], run.rows("tape")["w"][4]) == (4, 0)
    says("stuck", "L = 4 and dL/dw = 0")


def test_the_alpha_that_keeps_a_gradient_alive_is_as_told() -> None:
    says("keep-alive", f"α ≥ {0.01**0.1:.3f}", f"With 0.2 it is {0.2**10:.0e}".replace("e-0", "e-"))
    says("keep-alive", f"ten sigmoids at their best, {0.25**10:.1e}".replace("e-0", "e-"))


def test_half_the_seeds_of_large_weights_are_silent_as_told() -> None:
    silent = 0
    for seed in range(100):
        batch = draw(seed, 30.0)
        length = {
            name: math.sqrt(sum(float((part**2).sum()) for part in closed_gradients(name, batch)))
            for name in ("mse", "cross-entropy")
        }
        error = numpy_loss("mse", batch.x, batch.w, batch.b, batch.labels)
        silent += error > 0.3 and length["mse"] < 1e-6 and length["cross-entropy"] > 1
    assert 40 <= silent <= 60
    says("silent", "Not every seed is wrong; about half are.")


def test_more_right_answers_can_cost_more_as_told() -> None:
    found = {}
    for seed in (71, 55):
        batch = draw(seed, 1.0)
        p = softmax(batch.x @ batch.w + batch.b)
        right = int((p.argmax(axis=1) == batch.labels).sum())
        found[seed] = (right, numpy_loss("cross-entropy", batch.x, batch.w, batch.b, batch.labels))
    (many, high), (few, low) = found[71], found[55]
    says("more-right", f"seed = 71 has {many} of 2 at {high:.3f}, seed = 55 has {few} of 2 at {low:.3f}")


def test_the_slopes_far_from_the_answer_are_as_told() -> None:
    taught = lesson("losses")
    curves = {event.key: event for event in taught.run(taught.settings()) if isinstance(event, Curve)}
    sharp, blunt = (abs(curves[f"{name}-curve"].gradient[0]) for name in ("cross-entropy", "mse"))
    assert (sharp, blunt) == (pytest.approx(1, rel=0.01), pytest.approx(0.0002, rel=0.2))
    facts = STEPS_BACK.facts({"z": -8.0})
    assert (facts["sharp"], facts["blunt"]) == (pytest.approx(sharp), pytest.approx(blunt))
