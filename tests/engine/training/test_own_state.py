"""Learners' models whose steps draw random numbers, or change variables that belong to no layer: a run repeats the
numbers of Keras, and a resumed one those of an uninterrupted one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.events import Evaluated, Learned, Remark
from engine.lazy import keras
from tests.engine.lesson_runs import cut_and_resumed, losses
from tests.engine.training.test_own_models import LESSON, losses_of_keras, made, only, run, settings, written

ANNEALED = """
loss = "mse"

class Annealed(layers.Layer):
    def __init__(self):
        super().__init__()
        self.step = tf.Variable(0.0, trainable=False)

    def call(self, x, training=False):
        if training:
            self.step.assign_add(1.0)
        return x * (1.0 + 0.1 * self.step)

def model():
    return keras.Sequential([keras.Input((6,)), Annealed(), layers.Dense(8, "relu"), layers.Dense(1)])

def data():
    x = random.normal(size=(50, 6)).astype("float32")
    return x, x.sum(axis=1)
"""

SAMPLED = """
loss = "mse"

class Sampled(layers.Layer):
    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator(7)

    def call(self, x):
        return x + 0.1 * keras.random.normal(keras.ops.shape(x), seed=self.seed)

def model():
    return keras.Sequential([keras.Input((6,)), Sampled(), layers.Dense(8, "relu"), layers.Dense(1)])

def data():
    x = random.normal(size=(50, 6)).astype("float32")
    return x, x.sum(axis=1)
"""

UNSEEDED = SAMPLED.replace("keras.random.normal(keras.ops.shape(x), seed=self.seed)", "tf.random.normal(tf.shape(x))")


@pytest.mark.parametrize("loop", ["auto", "graph", "xla"])
def test_variables_of_no_layer_are_those_of_keras_in_every_loop(loop: str, tmp_path: Path) -> None:
    file = written(tmp_path, ANNEALED)
    own = made(settings(file))
    own.own.model.compile("adam", keras.losses.MeanSquaredError(), jit_compile=False)
    expected = losses_of_keras(own)
    np.testing.assert_allclose(losses(run(file, loop=loop))[:3], expected, rtol=1e-4)


@pytest.mark.parametrize("code", [ANNEALED, SAMPLED], ids=["annealed", "sampled"])
@pytest.mark.parametrize("loop", ["auto", "graph"])
def test_a_resumed_run_takes_the_steps_of_an_uninterrupted_one(code: str, loop: str, tmp_path: Path) -> None:
    chosen = settings(written(tmp_path, code), loop=loop)
    for stop in (2, 5):  # before the first test, and after it
        whole, rest, step = cut_and_resumed(LESSON, chosen, stop)
        assert step == stop
        np.testing.assert_array_equal(losses(rest), losses(whole)[step:])
        assert only(rest, Evaluated)[-1].loss == only(whole, Evaluated)[-1].loss
        assert only(rest, Learned)[0].text == only(whole, Learned)[0].text


def test_a_step_that_no_state_repeats_is_told(tmp_path: Path) -> None:
    said = " ".join(each.text for each in only(run(written(tmp_path, UNSEEDED), loop="auto"), Remark))
    assert "a plain TensorFlow graph: a step draws random numbers whose state is no variable" in said
