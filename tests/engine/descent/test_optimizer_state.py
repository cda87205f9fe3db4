"""The recorded optimizer slots equal those of the published rules at every step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.descent import compiled_descent, optimizers, surfaces
from engine.descent.compiled_descent import DescentSteps
from engine.descent.optimizer_state import KERAS_BETA_2, KERAS_EPSILON, effective_rate
from engine.descent.optimizers import OptimizerSettings
from engine.events import FloatArray, PathsGrew
from engine.lessons import lesson
from tests.engine import update_rules

RATES = {"sgd": 0.02, "momentum": 0.01, "nesterov": 0.01, "rmsprop": 0.02, "adagrad": 0.3, "adam": 0.05, "adamw": 0.05,
         "nadam": 0.05, "lion": 0.13}  # fmt: skip
START = (5.0, -4.0)
STEPS = 60

each_rule = pytest.mark.parametrize("name", optimizers.NAMES)


def bowl_gradient(theta: Any) -> Any:
    return theta * np.float32([1.0, 10.0])


def on_the_bowl(
    name: str, steps: int = STEPS, rate: float | None = None, **settings: float
) -> tuple[DescentSteps, DescentSteps]:
    """The evaluation at the start, and the steps."""
    bowl = surfaces.bowl(10.0)
    chosen = OptimizerSettings()
    with compiled_descent.program(bowl.key, compiled_descent.surface_objective(bowl), name, chosen, 1) as program:
        begun = program.begin(np.float32([START]), RATES[name] if rate is None else rate)
        return begun, program.advance(steps)


@each_rule
def test_the_slots_after_each_step_are_those_of_the_published_rule(name: str) -> None:
    _, found = on_the_bowl(name)
    expected = update_rules.states(name, bowl_gradient, START, RATES[name], STEPS)
    for mine, place in ((found.momenta, 1), (found.squares, 2)):
        if expected[0][place] is None:
            assert mine is None
        else:
            assert mine is not None
            theirs = np.array([state[place] for state in expected])
            np.testing.assert_allclose(mine[0], theirs, rtol=2e-4, atol=2e-4)
            assert np.ptp(theirs, axis=0).min() > 0


@each_rule
def test_the_effective_rate_times_what_drives_the_rule_is_the_step_that_was_taken(name: str) -> None:
    begun, found = on_the_bowl(name)
    points, gradients = (
        np.concatenate([getattr(part, of) for part in (begun, found)], axis=1)[0] for of in ("points", "gradients")
    )
    settings, eta = OptimizerSettings(), RATES[name]
    for step in (1, 2, 7, STEPS):
        squares = None if found.squares is None else found.squares[0, step - 1]
        rate = effective_rate(name, settings, eta, squares, step)
        driver = driver_of(name, found, gradients, step)
        if driver is not None:
            kept = points[step - 1] * (1 - eta * 0.004) if name == "adamw" else points[step - 1]
            np.testing.assert_allclose(points[step] - kept, -rate * driver, rtol=2e-3, atol=2e-5)


def driver_of(name: str, found: DescentSteps, gradients: FloatArray, step: int) -> Any:
    if name in ("sgd", "rmsprop", "adagrad"):
        return gradients[step - 1]
    if name in ("adam", "adamw"):
        assert found.momenta is not None
        return found.momenta[0, step - 1] / (1 - 0.9**step)
    return None


def test_of_nadam_the_corrected_rate_is_that_of_its_rule() -> None:
    squares = np.array([4.0, 0.25])
    rate = effective_rate("nadam", OptimizerSettings(beta_2=0.5, epsilon=1e-3), 0.1, squares, 2)
    np.testing.assert_allclose(rate, 0.1 / (np.sqrt(squares / 0.75) + 1e-3))


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "lion"])
def test_rules_without_squares_have_the_learning_rate_itself(name: str) -> None:
    assert effective_rate(name, OptimizerSettings(), 0.3, None, 5) == 0.3


def test_what_is_left_alone_is_keras_own() -> None:
    for name in ("rmsprop", "adagrad", "adam", "adamw", "nadam"):
        config = optimizers.build(name, OptimizerSettings()).get_config()
        assert config["epsilon"] == KERAS_EPSILON
        assert config.get("beta_2", KERAS_BETA_2) == KERAS_BETA_2


def test_the_slots_go_on_from_call_to_call() -> None:
    bowl = surfaces.bowl(10.0)
    objective = compiled_descent.surface_objective(bowl)
    with compiled_descent.program(bowl.key, objective, "adam", OptimizerSettings(), 1) as program:
        program.begin(np.float32([START]), 0.05)
        first, second = program.advance(7), program.advance(5)
    _, whole = on_the_bowl("adam", 12)
    assert first.momenta is not None and second.momenta is not None and whole.momenta is not None
    np.testing.assert_allclose(np.concatenate([first.momenta, second.momenta], axis=1), whole.momenta, rtol=1e-5)


def test_after_a_divergence_the_slots_are_nan() -> None:
    _, found = on_the_bowl("momentum", 200, rate=10.0)
    assert found.momenta is not None
    lost = ~np.isfinite(found.values[0])
    assert lost.any()
    assert np.isnan(found.momenta[0, lost]).all()
    assert np.isfinite(found.momenta[0, ~lost]).all()


def test_a_race_has_the_slots_of_each_path_and_nan_where_a_rule_keeps_none() -> None:
    events = list(lesson("himmelblau").run(lesson("himmelblau").settings(optimizer=("sgd", "adam"), steps=5)))
    (grew,) = [event for event in events if isinstance(event, PathsGrew)]
    assert grew.momenta is not None and grew.squares is not None
    assert grew.momenta.shape == grew.squares.shape == grew.points.shape
    assert np.isnan(grew.momenta[:3]).all()
    assert np.isfinite(grew.momenta[3:]).all()
    plain = list(lesson("himmelblau").run(lesson("himmelblau").settings(steps=5)))
    (alone,) = [event for event in plain if isinstance(event, PathsGrew)]
    assert alone.momenta is None and alone.squares is None
