"""The nine optimizers are Keras's, follow their published rules, and use the settings."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from engine.descent import compiled_descent, optimizers, schedules, surfaces
from engine.descent.optimizers import OptimizerSettings
from engine.descent.race import RaceSettings
from engine.errors import SettingError
from engine.params import Number
from engine.settings import param_of, params_of
from tests.engine import update_rules

# For each rule a rate at which it gets far in 100 steps, and neither diverges nor turns around within a rounding error
# of 0, where a sign (Lion's whole step) would depend on the last bit.
RATES = {
    "sgd": 0.02,
    "momentum": 0.01,
    "nesterov": 0.01,
    "rmsprop": 0.02,
    "adagrad": 0.3,
    "adam": 0.05,
    "adamw": 0.05,
    "nadam": 0.05,
    "lion": 0.13,
}

# For each rule other numbers than Keras's own, under the names of the settings and of the reference.
OTHERS: dict[str, tuple[dict[str, float], dict[str, float]]] = {
    "momentum": ({"momentum": 0.5}, {"mu": 0.5}),
    "nesterov": ({"momentum": 0.7}, {"mu": 0.7}),
    "rmsprop": ({"rho": 0.6, "epsilon": 0.1}, {"rho": 0.6, "epsilon": 0.1}),
    "adagrad": ({"epsilon": 1.0}, {"epsilon": 1.0}),
    "adam": ({"beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.1}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.1}),
    "adamw": ({"weight_decay": 0.5, "beta_1": 0.8}, {"decay": 0.5, "beta_1": 0.8}),
    "nadam": ({"beta_1": 0.6, "beta_2": 0.95, "epsilon": 0.01}, {"beta_1": 0.6, "beta_2": 0.95, "epsilon": 0.01}),
    "lion": ({"beta_1": 0.5, "beta_2": 0.7}, {"beta_1": 0.5, "beta_2": 0.7}),
}

START = (5.0, -4.0)

each_rule = pytest.mark.parametrize("name", optimizers.NAMES)


def bowl_gradient(theta: Any) -> Any:
    return theta * np.float32([1.0, 10.0])


def on_the_bowl(name: str, steps: int = 100, rate: float | None = None, **settings: float) -> Any:
    bowl = surfaces.bowl(10.0)
    chosen = OptimizerSettings(**settings)
    with compiled_descent.program(bowl.key, compiled_descent.surface_objective(bowl), name, chosen, 1) as program:
        program.begin(np.float32([START]), RATES[name] if rate is None else rate)
        return program.advance(steps).points[0]


@each_rule
def test_an_optimizer_follows_its_published_rule(name: str) -> None:
    expected = update_rules.path(name, bowl_gradient, START, RATES[name], 100)
    np.testing.assert_allclose(on_the_bowl(name), expected, rtol=1e-4, atol=1e-4)
    assert np.linalg.norm(expected[-1] - START) > 1.0


@pytest.mark.parametrize("name", OTHERS)
def test_the_settings_that_a_rule_reads_reach_it(name: str) -> None:
    settings, numbers = OTHERS[name]
    expected = update_rules.path(name, bowl_gradient, START, RATES[name], 60, **numbers)
    usual = update_rules.path(name, bowl_gradient, START, RATES[name], 60)
    np.testing.assert_allclose(on_the_bowl(name, 60, **settings), expected, rtol=1e-4, atol=1e-4)
    assert np.abs(expected - usual).max() > 1e-2


@each_rule
def test_a_rule_takes_its_own_settings_and_no_others(name: str) -> None:
    given = {"momentum": 0.3, "beta_1": 0.31, "beta_2": 0.32, "rho": 0.33, "epsilon": 0.34, "weight_decay": 0.35}
    config = optimizers.build(name, OptimizerSettings(**given)).get_config()
    reads = optimizers.rule(name).reads
    usual = optimizers.build(name, OptimizerSettings(momentum=0.0 if name == "sgd" else 0.9)).get_config()
    for key, value in given.items():
        if key in reads:
            assert config[key] == value
        elif key in config:
            assert config[key] == usual[key]


@each_rule
def test_a_setting_left_alone_is_keras_own_default(name: str) -> None:
    config = optimizers.build(name, OptimizerSettings()).get_config()
    own = getattr(keras.optimizers, optimizers.rule(name).keras_class)().get_config()
    for key in set(optimizers.rule(name).reads) - {"momentum"}:
        assert config[key] == own[key]


def test_every_setting_of_the_optimizers_is_read_by_a_rule() -> None:
    names = {param.name for param in params_of(OptimizerSettings)} - {"seed", "speed"}
    of_schedules = {"schedule", *(name for reads in schedules.READS.values() for name in reads)}
    assert names == {name for rule in optimizers.RULES for name in rule.reads} | of_schedules


@each_rule
@pytest.mark.parametrize("bound", ["low", "high"])
def test_keras_takes_every_setting_at_its_bounds(name: str, bound: str) -> None:
    edges: dict[str, float] = {}
    for key in optimizers.rule(name).reads:
        param = param_of(OptimizerSettings, key)
        assert isinstance(param, Number)
        edges[key] = getattr(param, bound)
    if name == "lion" and bound == "low":
        edges["beta_1"] = 1e-12  # 0 is refused, as the next test shows
    optimizer = optimizers.build(name, OptimizerSettings(**edges))
    position = keras.Variable(np.float32([1.0, -1.0]))
    optimizer.build([position])
    optimizer.learning_rate.assign(0.1)
    for _ in range(3):
        optimizer.apply([np.float32([0.5, 0.0])], [position])
    assert np.isfinite(position.numpy()).all()


def test_a_lion_without_its_average_is_refused_as_a_setting() -> None:
    with pytest.raises(ValueError, match="beta_1"):
        keras.optimizers.Lion(beta_1=0.0)
    with pytest.raises(SettingError, match="--beta-1: '0' is not accepted with lion"):
        race_settings(("adam", "lion"), beta_1=0.0)
    assert race_settings(("adam",), beta_1=0.0).beta_1 == 0.0


def race_settings(names: tuple[str, ...], **numbers: float) -> RaceSettings:
    from engine.lessons.himmelblau import HimmelblauSettings

    return HimmelblauSettings(optimizer=names, **numbers)


def test_a_momentum_of_one_never_comes_to_rest() -> None:
    points = on_the_bowl("momentum", 400, rate=0.01, momentum=1.0)
    assert np.abs(points[-100:, 0]).max() > 0.9 * START[0]


def test_keras_builds_each_rule_from_its_class() -> None:
    for rule in optimizers.RULES:
        built = optimizers.build(rule.id, OptimizerSettings())
        assert type(built) is getattr(keras.optimizers, rule.keras_class)
        assert rule.update
    assert len(optimizers.NAMES) == 9


def test_an_unknown_optimizer_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        optimizers.rule("sdg")
