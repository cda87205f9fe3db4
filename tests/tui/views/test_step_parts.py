"""The parts of a step, at every past step, compared with a NumPy version of the rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from engine.descent.optimizers import NAMES, OptimizerSettings
from engine.events import FloatArray, PathsOpened
from engine.own.optimizers import Momentum
from tests.engine import update_rules
from tui.plot.step_bars import step_bars
from tui.text.glyphs import ASCII
from tui.views import step_parts as step_parts_module
from tui.views.step_parts import OptimizerMemory, memory_of, memory_words, step_parts

ETA, STEPS = 0.05, 12


def gradient(theta: FloatArray) -> FloatArray:
    return theta * np.float32([1.0, 8.0])[: len(theta)]


@dataclass
class Run:
    """One path of a rule, as a picture holds it."""

    opened: PathsOpened
    points: FloatArray
    gradients: FloatArray
    learning_rates: FloatArray
    memory: OptimizerMemory | None


def run(rule: str, start: tuple[float, ...] = (3.0, -2.0)) -> Run:
    states = update_rules.states(rule, gradient, start, ETA, STEPS)
    nothing = np.full(len(start), np.nan, np.float32)
    points = np.array([np.array(start, np.float32), *(state[0] for state in states)])
    kept = [
        None if states[0][place] is None else np.array([nothing, *(state[place] for state in states)])[None]
        for place in (1, 2)
    ]
    gradients = np.array([gradient(point) for point in points])
    opened = PathsOpened(("p",), (rule,), points[:1], np.zeros(1), gradients[:1], STEPS)
    return Run(opened, points[None], gradients[None], np.full(STEPS + 1, ETA), memory_of(*kept, {}))


@pytest.mark.parametrize("rule", NAMES)
def test_at_every_step_the_parts_are_those_of_the_rule(rule: str) -> None:
    picture = run(rule)
    states = update_rules.states(rule, gradient, (3.0, -2.0), ETA, STEPS)
    for step in range(STEPS + 1):
        parts = step_parts(picture, 0, step)
        if rule == "sgd":
            assert parts is None
            continue
        assert parts is not None
        np.testing.assert_array_equal(parts.gradient, picture.gradients[0, step])
        for found, place in ((parts.momentum, 1), (parts.squares, 2)):
            expected = states[step - 1][place] if step else None
            assert (found is None) == (expected is None)
            if found is not None and expected is not None:
                np.testing.assert_array_equal(found, expected)
        if step < STEPS:
            assert parts.step is not None
            np.testing.assert_allclose(parts.step, picture.points[0, step + 1] - picture.points[0, step], atol=1e-6)
        else:
            assert parts.step is None


def test_with_momentum_the_step_is_the_gradient_s_push_and_what_is_left_of_the_momentum() -> None:
    picture = run("momentum")
    for step in range(1, STEPS):
        parts = step_parts(picture, 0, step)
        assert parts is not None
        pushes = parts.pushes()
        np.testing.assert_allclose(pushes["s"], pushes["g"] + 0.9 * pushes["m"], rtol=1e-3, atol=1e-3)


def test_of_adam_momentum_pushes_against_the_average_of_the_gradients() -> None:
    parts = step_parts(run("adam"), 0, 1)
    assert parts is not None
    np.testing.assert_allclose(parts.pushes()["m"], [-0.1 * 3.0, 0.1 * 16.0], rtol=1e-5)


def test_the_effective_rate_is_small_where_gradients_were_large() -> None:
    parts = step_parts(run("rmsprop"), 0, 3)
    assert parts is not None and parts.effective_rate is not None and parts.squares is not None
    np.testing.assert_allclose(parts.effective_rate, ETA / np.sqrt(parts.squares + 1e-7))
    assert parts.effective_rate[1] < parts.effective_rate[0]
    said = memory_words(parts)
    assert [words.split(" (")[0] for words in said] == ["v", "effective rate", "step taken"]


def test_at_the_start_nothing_is_remembered_yet() -> None:
    parts = step_parts(run("adam"), 0, 0)
    assert parts is not None
    assert set(parts.pushes()) == {"g", "s"}
    assert memory_words(parts)[0].startswith("step taken")


def test_a_path_that_is_lost_pushes_nowhere() -> None:
    picture = run("momentum")
    points, gradients = np.array(picture.points), np.array(picture.gradients)
    points[0, 5:], gradients[0, 5:] = np.nan, np.nan
    lost = Run(picture.opened, points, gradients, picture.learning_rates, picture.memory)
    before, after = step_parts(lost, 0, 4), step_parts(lost, 0, 6)
    assert before is not None and before.step is None
    assert after is not None and "g" not in after.pushes()


def test_settings_that_cannot_be_read_are_keras_own() -> None:
    squares = np.ones((1, 2, 2), np.float32)
    found = memory_of(None, squares, {"epsilon": "none", "beta_2": "0.5", "surface": "x"})
    assert found is not None and found.settings == OptimizerSettings()
    read = memory_of(None, squares, {"epsilon": "default", "beta_2": "0.5"})
    assert read is not None and read.settings == OptimizerSettings(beta_2=0.5)
    assert memory_of(None, None, {}) is None


def test_bars_point_where_each_part_pushes_on_one_scale() -> None:
    parts = step_parts(run("momentum", (3.0,)), 0, 1)
    assert parts is not None
    sizes = {name: abs(float(push[0])) for name, push in parts.pushes().items()}
    bars = [words.rpartition(" ")[2] for words in step_bars(parts, 78).split("  ")]
    assert [bar[0] for bar in bars] == ["◀"] * 3  # from x = 3 all push to the left
    assert [len(bar) for bar in bars] == [round(9 * sizes[name] / sizes["s"]) for name in "gms"]
    back = step_parts(run("momentum", (-3.0,)), 0, 1)
    assert back is not None and step_bars(back, 78).endswith("▶")
    assert step_bars(parts, 78, ASCII).isascii()
    for width in range(80):
        assert len(step_bars(parts, width)) <= width


def test_the_momentum_of_a_learner_s_rule_has_its_name_and_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Momentum("velocity", 0, in_steps=True, sign=-1)
    monkeypatch.setattr(step_parts_module, "momentum_of", lambda text: kept if text == "mine.py" else None)
    keras = run("momentum")
    own = replace(keras, opened=replace(keras.opened, optimizers=("mine.py",)))
    theirs, mine = (step_parts(each, 0, 3) for each in (keras, own))
    assert theirs is not None and mine is not None
    assert memory_words(mine)[0] == memory_words(theirs)[0].replace("momentum m", "velocity")
    assert step_bars(mine, 90, ASCII).count("velocity") == 1
    np.testing.assert_allclose(mine.pushes()["m"], -theirs.pushes()["m"])
