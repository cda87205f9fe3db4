"""Compiled descent: Keras's update rules on a function of a few variables, one start or many thousands at once.

All starts are one array, so that a step of every path is one step of the machine; the loop over steps is compiled
with XLA. A program is compiled once for a function, an optimizer and a number of starts, and kept: another start or
another learning rate does not trace again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from engine import optimizers
from engine.events import FloatArray, IntArray
from engine.lazy import keras, tf
from engine.optimizers import OptimizerSettings
from engine.surfaces import Surface

# Steps in one call: the paths of a call are a buffer of this many points, and a longer descent is several calls.
STEPS_A_CALL = 256

Objective = Callable[[Any], Any]


def surface_objective(surface: Surface) -> Objective:
    """`surface` as a function of points float32 [p, 2] with values [p]."""

    def objective(points: Any) -> Any:
        return surface.f(points[:, 0], points[:, 1], tf.math)

    return objective


def descend(objective: Objective, position: Any, optimizer: Any, gradient: Any, count: Any, buffers: Any) -> Any:
    """Take `count` steps inside a compiled loop, writing where each arrived.

    `position` is a variable float32 [p, d]; `gradient` [p, d] is the gradient there. `buffers` hold points [c, p, d],
    values [c, p] and gradients [c, p, d]; step i of the call is written at row i.
    """

    def step(i: Any, gradient: Any, points: Any, values: Any, gradients: Any) -> Any:
        optimizer.apply([gradient], [position])
        here = tf.convert_to_tensor(position)
        with tf.GradientTape() as tape:
            tape.watch(here)
            value = objective(here)
        slope = tape.gradient(value, here)
        at = [[i]]
        points = tf.tensor_scatter_nd_update(points, at, [here])
        values = tf.tensor_scatter_nd_update(values, at, [value])
        gradients = tf.tensor_scatter_nd_update(gradients, at, [slope])
        return i + 1, slope, points, values, gradients

    return tf.while_loop(lambda i, *_: i < count, step, (tf.constant(0), gradient, *buffers))


@dataclass(frozen=True)
class Stretch:
    """k steps of p paths: `points` float32 [p, k, d], `values` [p, k], `gradients` [p, k, d]."""

    points: FloatArray
    values: FloatArray
    gradients: FloatArray


class Program:
    """A compiled descent of `paths` starts in `dimensions` variables. One run uses it at a time: hold `lock`."""

    def __init__(
        self, objective: Objective, optimizer: str, settings: OptimizerSettings, paths: int, dimensions: int
    ) -> None:
        self.lock = Lock()
        self._position = keras.Variable(np.zeros((paths, dimensions), np.float32), dtype="float32", name="position")
        self._optimizer = optimizers.build(optimizer, settings)
        self._optimizer.build([self._position])
        self._initial = [np.array(variable) for variable in self._optimizer.variables]
        self._gradient: Any = None

        def advance(gradient: Any, count: Any) -> Any:
            rows = (STEPS_A_CALL, paths, dimensions)
            buffers = (tf.zeros(rows), tf.zeros(rows[:2]), tf.zeros(rows))
            return descend(objective, self._position, self._optimizer, gradient, count, buffers)

        def finish(gradient: Any, count: Any) -> Any:
            one = (1, paths, dimensions)
            buffers = (tf.zeros(one), tf.zeros(one[:2]), tf.zeros(one))

            def step(i: Any, gradient: Any, *_: Any) -> Any:
                return i + 1, *descend(objective, self._position, self._optimizer, gradient, 1, buffers)[1:]

            return tf.while_loop(lambda i, *_: i < count, step, (tf.constant(0), gradient, *buffers))

        def look(points: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(points)
                value = objective(points)
            return value, tape.gradient(value, points)

        signature = [tf.TensorSpec((paths, dimensions), tf.float32), tf.TensorSpec((), tf.int32)]
        self._advance = tf.function(advance, input_signature=signature, jit_compile=True)
        self._finish = tf.function(finish, input_signature=signature, jit_compile=True)
        self._look = look

    def begin(self, starts: FloatArray, learning_rate: float) -> Stretch:
        """Put the paths at `starts` [p, d] with the optimizer as new; returns what is there, as one step."""
        for variable, value in zip(self._optimizer.variables, self._initial, strict=True):
            variable.assign(value)
        self.learning_rate = learning_rate
        self._position.assign(np.asarray(starts, np.float32))
        value, self._gradient = self._look(tf.constant(np.asarray(starts, np.float32)))
        points = np.array(starts, np.float32)
        return Stretch(points[:, None], value.numpy()[:, None], self._gradient.numpy()[:, None])

    @property
    def learning_rate(self) -> float:
        """η of the steps to come; setting it does not trace again."""
        return float(self._optimizer.learning_rate.numpy())

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._optimizer.learning_rate.assign(value)

    def compile(self) -> None:
        """Compile the loop now, taking no step. Needs `begin`; costs nothing the second time."""
        self._advance(self._gradient, tf.constant(0))

    def advance(self, count: int) -> Stretch:
        """Take `count` steps and keep every point. Numbers past the first that is not finite are NaN."""
        pieces = []
        for size in _calls(count):
            _, self._gradient, points, values, gradients = self._advance(self._gradient, tf.constant(size))
            pieces.append((points.numpy()[:size], values.numpy()[:size], gradients.numpy()[:size]))
        points, values, gradients = (np.concatenate(part).swapaxes(0, 1) for part in zip(*pieces, strict=True))
        return _blank_after_divergence(Stretch(points, values, gradients))

    def finish(self, count: int) -> Stretch:
        """Take `count` steps and keep only where the last arrived: k = 1."""
        _, self._gradient, points, values, gradients = self._finish(self._gradient, tf.constant(count))
        return Stretch(*(part.numpy().swapaxes(0, 1) for part in (points, values, gradients)))


def _calls(count: int) -> list[int]:
    """`count` steps as the sizes of calls."""
    whole, rest = divmod(count, STEPS_A_CALL)
    return [STEPS_A_CALL] * whole + ([rest] if rest else [])


def _blank_after_divergence(stretch: Stretch) -> Stretch:
    """Fill each path with NaN from its first step whose point or value is not finite."""
    finite = np.isfinite(stretch.values) & np.isfinite(stretch.points).all(axis=2)
    lost = ~np.logical_and.accumulate(finite, axis=1)
    if not lost.any():
        return stretch
    points, values, gradients = (np.array(part) for part in (stretch.points, stretch.values, stretch.gradients))
    points[lost], values[lost], gradients[lost] = np.nan, np.nan, np.nan
    return Stretch(points, values, gradients)


_programs: dict[Hashable, Program] = {}


def program(
    key: Hashable, objective: Objective, optimizer: str, settings: OptimizerSettings, paths: int, dimensions: int = 2
) -> Program:
    """The program for the function that `key` names, compiled at its first call and kept for the next runs."""
    own = tuple(getattr(settings, name) for name in optimizers.rule(optimizer).reads)
    full_key = (key, optimizer, own, paths, dimensions)
    if full_key not in _programs:
        _programs[full_key] = Program(objective, optimizer, settings, paths, dimensions)
    return _programs[full_key]


def first_step_within(points: FloatArray, place: tuple[float, ...], tolerance: float) -> int | None:
    """The first row of `points` [k, d] that is within `tolerance` (Euclidean) of `place`, or None."""
    near: IntArray = np.flatnonzero(np.linalg.norm(points - np.asarray(place), axis=1) <= tolerance)
    return int(near[0]) if near.size else None
