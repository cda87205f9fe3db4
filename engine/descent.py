"""Compiled descent: Keras's update rules on a function of a few variables, one start or many thousands at once.

All starts are one array, so that a step of every path is one step of the machine; the loop over steps is compiled
with XLA. A program is compiled once for a function, an optimizer and a number of starts, and kept: another start or
another learning rate does not trace again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import optimizers
from engine.events import FloatArray, IntArray
from engine.lazy import keras, tf
from engine.optimizers import OptimizerSettings
from engine.surfaces import Surface

# Steps in one call: the paths of a call are a buffer of this many points, and a longer descent is several calls.
STEPS_A_CALL = 256

# Programs kept for the next run. Each holds its compiled loop, a few hundred kB.
KEPT = 32

Objective = Callable[[Any], Any]


def surface_objective(surface: Surface) -> Objective:
    """`surface` as a function of points float32 [p, 2] with values [p]."""

    def objective(points: Any) -> Any:
        return surface.f(points[:, 0], points[:, 1], tf.math)

    return objective


def value_and_gradient(objective: Objective, points: Any) -> tuple[Any, Any]:
    """Values [p] and gradients [p, d] of the objective at `points` [p, d], by GradientTape."""
    with tf.GradientTape() as tape:
        tape.watch(points)
        value = objective(points)
    return value, tape.gradient(value, points)


def descend(objective: Objective, position: Any, optimizer: Any, gradient: Any) -> tuple[Any, Any, Any]:
    """One step of every path: Keras moves `position` (a variable float32 [p, d]) by the gradient there [p, d].

    Returns where the paths arrived: points [p, d], values [p], and the gradients [p, d] that the next step goes by.
    """
    optimizer.apply([gradient], [position])
    points = tf.convert_to_tensor(position)
    return points, *value_and_gradient(objective, points)


@dataclass(frozen=True)
class Stretch:
    """k steps of p paths: `points` float32 [p, k, d], `values` [p, k], `gradients` [p, k, d]."""

    points: FloatArray
    values: FloatArray
    gradients: FloatArray


@dataclass(frozen=True)
class Finish:
    """Where p paths came to: `points` float32 [p, d] and `values` [p], NaN for a path that diverged.

    `first_step` int32 [p, m] is the first step of each path within the tolerance of each of m places, `lost_step`
    int32 [p] the first whose point or value is not finite; −1 where there is none. Step 0 is where the call began.
    """

    points: FloatArray
    values: FloatArray
    first_step: IntArray
    lost_step: IntArray


class Program:
    """A compiled descent of `paths` starts in `dimensions` variables. One run uses it at a time."""

    def __init__(
        self, objective: Objective, optimizer: str, settings: OptimizerSettings, paths: int, dimensions: int
    ) -> None:
        shape = (paths, dimensions)
        self._position = keras.Variable(np.zeros(shape, np.float32), dtype="float32", name="position")
        self._optimizer = optimizers.build(optimizer, settings)
        self._optimizer.build([self._position])
        self._initial = [variable.numpy() for variable in self._optimizer.variables]
        self._gradient: Any = None
        self._lost: npt.NDArray[np.bool_] = np.zeros(paths, np.bool_)

        def step(gradient: Any) -> tuple[Any, Any, Any]:
            return descend(objective, self._position, self._optimizer, gradient)

        points, number = tf.TensorSpec(shape, tf.float32), tf.TensorSpec((), tf.int32)
        places, rate = tf.TensorSpec((None, dimensions), tf.float32), tf.TensorSpec((), tf.float32)
        # One look at the start is not worth compiling: XLA would take 50 ms.
        self._look = _traced(lambda here: value_and_gradient(objective, here), points, compiled=False)
        self._advance = _traced(lambda gradient, count: _record(step, gradient, count, shape), points, number)
        self._finish = _traced(
            lambda here, gradient, *rest: _follow(step, (here, gradient), *rest),
            points,
            points,
            tf.TensorSpec(paths, tf.int32),
            number,
            places,
            rate,
        )

    @property
    def traces(self) -> int:
        """How many times TensorFlow traced the program's functions: one each, once they were used."""
        return sum(each.experimental_get_tracing_count() for each in (self._look, self._advance, self._finish))

    def begin(self, starts: FloatArray, learning_rate: float) -> Stretch:
        """Put the paths at `starts` [p, d] with the optimizer as new; returns what is there, as one step."""
        for variable, value in zip(self._optimizer.variables, self._initial, strict=True):
            variable.assign(value)
        self.learning_rate = learning_rate
        points = np.array(starts, np.float32)
        self._position.assign(points)
        values, self._gradient = self._look(tf.constant(points))
        here = Stretch(points[:, None], values.numpy()[:, None], self._gradient.numpy()[:, None])
        self._lost = ~_finite(here)[:, 0]
        return here

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
        """Take `count` steps and keep every point. Numbers from the first that is not finite on are NaN."""
        pieces = []
        for first in range(0, count, STEPS_A_CALL):
            size = min(count - first, STEPS_A_CALL)
            self._gradient, points, values, gradients = self._advance(self._gradient, tf.constant(size))
            pieces.append((points.numpy()[:size], values.numpy()[:size], gradients.numpy()[:size]))
        points, values, gradients = (np.concatenate(part).swapaxes(0, 1) for part in zip(*pieces, strict=True))
        return self._blank_after_divergence(Stretch(points, values, gradients))

    def finish(self, count: int, places: FloatArray | None = None, tolerance: float = 0.0) -> Finish:
        """Take `count` steps and keep where the last arrived, and when each of `places` [m, d] was first reached:
        came within `tolerance` (Euclidean). Its rounding may differ from `advance`'s in the last bits."""
        goals = np.zeros((0, self._position.shape[1]), np.float32) if places is None else places
        answer = self._finish(
            tf.convert_to_tensor(self._position),
            self._gradient,
            tf.constant(np.where(self._lost, 0, -1), tf.int32),
            tf.constant(count),
            tf.constant(goals, tf.float32),
            tf.constant(tolerance, tf.float32),
        )
        self._gradient, (points, values, first, lost) = answer[0], (np.array(part) for part in answer[1:])
        self._lost = lost >= 0
        points[self._lost], values[self._lost] = np.nan, np.nan
        return Finish(points, values, first, lost)

    def _blank_after_divergence(self, stretch: Stretch) -> Stretch:
        """Fill each path with NaN from its first step whose point or value is not finite, in this call or before."""
        finite = _finite(stretch) & ~self._lost[:, None]
        lost = ~np.logical_and.accumulate(finite, axis=1)
        if not lost.any():
            return stretch
        self._lost = lost[:, -1]
        points, values, gradients = (np.array(part) for part in (stretch.points, stretch.values, stretch.gradients))
        points[lost], values[lost], gradients[lost] = np.nan, np.nan, np.nan
        return Stretch(points, values, gradients)


Step = Callable[[Any], tuple[Any, Any, Any]]


def _traced(function: Callable[..., Any], *signature: Any, compiled: bool = True) -> Any:
    """`function` traced once, at its first call, for arguments as in `signature`, and compiled by XLA."""
    # AutoGraph has nothing to convert here, and looking for it in Keras doubles the time to trace. TensorFlow warns
    # of code that it traces often, and takes a partial function for its own code: each of ours is traced once.
    return tf.function(partial(function), input_signature=signature, autograph=False, jit_compile=compiled)


def _finite(stretch: Stretch) -> npt.NDArray[np.bool_]:
    """Where [p, k] both point and value are finite."""
    finite: npt.NDArray[np.bool_] = np.isfinite(stretch.values) & np.isfinite(stretch.points).all(axis=2)
    return finite


def _record(step: Step, gradient: Any, count: Any, shape: tuple[int, int]) -> Any:
    """`count` steps inside a compiled loop: the gradient behind them, and points, values and gradients of each step,
    step i of the call in row i of buffers that are STEPS_A_CALL long."""

    def body(i: Any, gradient: Any, *buffers: Any) -> Any:
        arrived = step(gradient)
        written = [
            tf.tensor_scatter_nd_update(buffer, [[i]], [part]) for buffer, part in zip(buffers, arrived, strict=True)
        ]
        return i + 1, arrived[2], *written

    rows = (STEPS_A_CALL, *shape)
    buffers = (tf.zeros(rows), tf.zeros(rows[:2]), tf.zeros(rows))
    return tf.while_loop(lambda i, *_: i < count, body, (tf.constant(0), gradient, *buffers))[1:]


def _follow(step: Step, here: tuple[Any, Any], lost: Any, count: Any, places: Any, tolerance: Any) -> Any:
    """`count` steps inside a compiled loop from `here` (points, gradients): the gradients behind them, and what Finish
    holds."""

    def arrivals(i: Any, points: Any, first: Any, lost: Any) -> Any:
        squared = tf.reduce_sum(tf.square(points[:, None, :] - places[None, :, :]), axis=2)
        near = (squared <= tolerance * tolerance) & (lost < 0)[:, None]
        return tf.where((first < 0) & near, i, first)

    def body(i: Any, gradient: Any, points: Any, values: Any, first: Any, lost: Any) -> Any:
        points, values, gradient = step(gradient)
        finite = tf.math.is_finite(values) & tf.reduce_all(tf.math.is_finite(points), axis=1)
        lost = tf.where((lost < 0) & ~finite, i + 1, lost)
        return i + 1, gradient, points, values, arrivals(i + 1, points, first, lost), lost

    points, gradient = here
    never = tf.fill(tf.stack([tf.shape(points)[0], tf.shape(places)[0]]), -1)
    first = arrivals(tf.constant(0), points, never, lost)
    start = (tf.constant(0), gradient, points, tf.zeros_like(points[:, 0]), first, lost)
    return tf.while_loop(lambda i, *_: i < count, body, start)[1:]


_idle: list[tuple[Hashable, Program]] = []
_shelf = Lock()


@contextmanager
def program(
    key: Hashable, objective: Objective, optimizer: str, settings: OptimizerSettings, paths: int, dimensions: int = 2
) -> Iterator[Program]:
    """Lend the program for the function that `key` names, compiled at its first call and kept for the next runs.

    A run that goes on, or that is paused, keeps the program it was lent: another run is given another and waits for
    nobody. The KEPT programs that were used last are kept.
    """
    own = tuple(getattr(settings, name) for name in optimizers.rule(optimizer).reads)
    full_key = (key, optimizer, own, paths, dimensions)
    with _shelf:
        place = next((place for place in reversed(range(len(_idle))) if _idle[place][0] == full_key), None)
        lent = None if place is None else _idle.pop(place)[1]
    lent = lent or Program(objective, optimizer, settings, paths, dimensions)
    try:
        yield lent
    finally:
        with _shelf:
            _idle.append((full_key, lent))
            del _idle[:-KEPT]
