"""Compiled descent: Keras's update rules on a function of a few variables, from one start or many thousands at once.

All starts are one array, so one operation is a step of every path, and XLA compiles the loop over steps. A program is
compiled once for a function, an optimizer and a number of starts, and kept: another start or another learning rate does
not trace again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.descent import optimizer_state, optimizers
from engine.descent.optimizers import OptimizerSettings
from engine.descent.surfaces import Surface
from engine.events import FloatArray, IntArray
from engine.lazy import keras, tf
from engine.own import optimizers as own_optimizers
from engine.own.paths import is_file

# Steps in one call: a call's points are kept in a buffer of this length; a longer descent is several calls.
STEPS_A_CALL = 256

# The number of programs kept for the next run. Each holds its compiled loop, a few hundred kB.
KEPT = 32

Objective = Callable[[Any], Any]


def surface_objective(surface: Surface) -> Objective:
    """Turn `surface` into a function of points float32 [p, 2] that returns values [p]."""

    def objective(points: Any) -> Any:
        return surface.f(points[:, 0], points[:, 1], tf.math)

    return objective


def value_and_gradient(objective: Objective, points: Any) -> tuple[Any, Any]:
    """Compute values [p] and gradients [p, d] of the objective at `points` [p, d], by GradientTape."""
    with tf.GradientTape() as tape:
        tape.watch(points)
        value = objective(points)
    return value, tape.gradient(value, points)


def descend(objective: Objective, position: Any, optimizer: Any, gradient: Any) -> tuple[Any, Any, Any]:
    """Take one step of every path: Keras moves `position` (a variable float32 [p, d]) by its `gradient` [p, d].

    Returns where the paths arrived: points [p, d], values [p], and the gradients [p, d] for the next step.
    """
    optimizer.apply([gradient], [position])
    points = tf.convert_to_tensor(position)
    return points, *value_and_gradient(objective, points)


@dataclass(frozen=True)
class DescentSteps:
    """k steps of p paths: `points` float32 [p, k, d], `values` [p, k], `gradients` [p, k, d].

    `momenta` and `squares` [p, k, d] are Keras's slots after each step; None where the optimizer keeps none.
    """

    points: FloatArray
    values: FloatArray
    gradients: FloatArray
    momenta: FloatArray | None = None
    squares: FloatArray | None = None


@dataclass(frozen=True)
class Finish:
    """The ends of p paths: `points` float32 [p, d] and `values` [p], NaN for a path that diverged.

    `near_since` int32 [p, m] is the step since which each path stays within the tolerance of each of m places,
    `lost_step` int32 [p] the first step whose point or value is not finite; −1 where there is none. Step 0 is the start
    of the call.
    """

    points: FloatArray
    values: FloatArray
    near_since: IntArray
    lost_step: IntArray


class Program:
    """A compiled descent of `paths` starts in `dimensions` variables. Only one run uses it at a time.

    `lost_points` float32 [p, d] is where the paths that diverged were at their first step that is not finite.
    """

    def __init__(
        self, objective: Objective, optimizer: str, settings: OptimizerSettings, paths: int, dimensions: int
    ) -> None:
        shape = (paths, dimensions)
        self._position = keras.Variable(np.zeros(shape, np.float32), dtype="float32", name="position")
        self._optimizer = optimizers.build(optimizer, settings, rows=True)
        self._optimizer.build([self._position])
        self._initial = [variable.numpy() for variable in self._optimizer.variables]
        self._gradient: Any = None
        self._lost: npt.NDArray[np.bool_] = np.zeros(paths, np.bool_)

        def step(gradient: Any, learning_rate: Any = None) -> tuple[Any, Any, Any]:
            if learning_rate is not None:
                self._optimizer.learning_rate.assign(learning_rate)
            return descend(objective, self._position, self._optimizer, gradient)

        points, number = tf.TensorSpec(shape, tf.float32), tf.TensorSpec((), tf.int32)
        places, near = tf.TensorSpec((None, dimensions), tf.float32), tf.TensorSpec((), tf.float32)
        rates = tf.TensorSpec((None,), tf.float32)
        # Evaluating the start once is not worth compiling: XLA would take 50 ms.
        self._look = _traced(lambda here: value_and_gradient(objective, here), points, compiled=False)
        self._slots = (
            _own_slots(optimizer, self._optimizer) if is_file(optimizer) else optimizer_state.slots(self._optimizer)
        )
        kept = [slot for slot in self._slots if slot is not None]

        def advance(gradient: Any, count: Any, *rates: Any) -> Any:
            return _record(step, kept, gradient, count, shape, *rates)

        def finish(here: Any, gradient: Any, *rest: Any) -> Any:
            return _follow(step, (here, gradient), *rest)

        followed = (points, points, tf.TensorSpec(paths, tf.int32), number, places, near)
        # One of each with a rate for every step, which is traced only if there is a schedule.
        self._advance, self._advance_by = _traced(advance, points, number), _traced(advance, points, number, rates)
        self._finish, self._finish_by = _traced(finish, *followed), _traced(finish, *followed, rates)

    @property
    def traces(self) -> int:
        """How many times TensorFlow traced the program's functions: once for each function that was used."""
        functions = (self._look, self._advance, self._advance_by, self._finish, self._finish_by)
        return sum(each.experimental_get_tracing_count() for each in functions)

    def begin(self, starts: FloatArray, learning_rate: float) -> DescentSteps:
        """Put the paths at `starts` [p, d] and reset the optimizer; returns points, values and gradients there, as one
        step."""
        for variable, value in zip(self._optimizer.variables, self._initial, strict=True):
            variable.assign(value)
        self.learning_rate = learning_rate
        points = np.array(starts, np.float32)
        self._position.assign(points)
        values, self._gradient = self._look(tf.constant(points))
        here = DescentSteps(points[:, None], values.numpy()[:, None], self._gradient.numpy()[:, None])
        self._lost, self.lost_points = ~_finite(here)[:, 0], points.copy()
        return here

    @property
    def learning_rate(self) -> float:
        """η of the following steps; setting it does not trace again."""
        return float(self._optimizer.learning_rate.numpy())

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._optimizer.learning_rate.assign(value)

    def compile(self, *, scheduled: bool = False) -> None:
        """Compile the loop now, without taking a step; with `scheduled`, the loop for steps with a rate each. Call
        `begin` first; a second call costs nothing."""
        if scheduled:
            self._advance_by(self._gradient, tf.constant(0), tf.zeros(STEPS_A_CALL))
        else:
            self._advance(self._gradient, tf.constant(0))

    def advance(self, count: int, rates: FloatArray | None = None) -> DescentSteps:
        """Take `count` steps, at the learning rate or at `rates` float32 [count], and return every point. From the
        first value that is not finite on, all is NaN."""
        pieces = []
        for first in range(0, count, STEPS_A_CALL):
            size = min(count - first, STEPS_A_CALL)
            if rates is None:
                self._gradient, *buffers = self._advance(self._gradient, tf.constant(size))
            else:
                padded = _padded(rates[first : first + size], STEPS_A_CALL)
                self._gradient, *buffers = self._advance_by(self._gradient, tf.constant(size), padded)
            pieces.append([buffer.numpy()[:size] for buffer in buffers])
        points, values, gradients, *kept = (np.concatenate(part).swapaxes(0, 1) for part in zip(*pieces, strict=True))
        momenta, squares = (None if slot is None else kept.pop(0) for slot in self._slots)
        return self._blank_after_divergence(DescentSteps(points, values, gradients, momenta, squares))

    def finish(
        self,
        count: int,
        places: FloatArray | None = None,
        tolerance: float = 0.0,
        rates: FloatArray | None = None,
    ) -> Finish:
        """Take `count` steps, at the learning rate or at `rates` float32 [count]; returns where they end and since when
        each path stays within `tolerance` (Euclidean) of each of `places` [m, d]. Its rounding may differ from
        `advance`'s in the last bits."""
        goals = np.zeros((0, self._position.shape[1]), np.float32) if places is None else places
        given = (
            tf.convert_to_tensor(self._position),
            self._gradient,
            tf.constant(np.where(self._lost, 0, -1), tf.int32),
            tf.constant(count),
            tf.constant(goals, tf.float32),
            tf.constant(tolerance, tf.float32),
        )
        if rates is None:
            answer = self._finish(*given)
        else:  # XLA compiles once per length: lengths are powers of 2
            answer = self._finish_by(*given, _padded(rates, max(1 << (count - 1).bit_length(), STEPS_A_CALL)))
        self._gradient, (points, values, since, lost) = answer[0], (np.array(part) for part in answer[1:])
        self._lost = lost >= 0
        points[self._lost], values[self._lost] = np.nan, np.nan
        return Finish(points, values, since, lost)

    def _blank_after_divergence(self, stretch: DescentSteps) -> DescentSteps:
        """Fill each path with NaN from the first step, in this call or before, whose point or value is not finite."""
        finite = _finite(stretch) & ~self._lost[:, None]
        lost = ~np.logical_and.accumulate(finite, axis=1)
        if not lost.any():
            return stretch
        now = lost[:, -1] & ~self._lost
        self.lost_points[now] = stretch.points[now, lost.argmax(axis=1)[now]]
        self._lost = lost[:, -1]
        blanked: dict[str, Any] = {name: np.array(part) for name, part in vars(stretch).items() if part is not None}
        for part in blanked.values():
            part[lost] = np.nan
        return replace(stretch, **blanked)


def _own_slots(name: str, optimizer: Any) -> tuple[Any | None, None]:
    """The part of a learner's state that is a momentum, of every path; None if there is none."""
    momentum = own_optimizers.load(name).momentum
    return (None if momentum is None else optimizer.part_of_state(momentum.place)), None


Step = Callable[..., tuple[Any, Any, Any]]


def _traced(function: Callable[..., Any], *signature: Any, compiled: bool = True) -> Any:
    """Wrap `function` to be traced once, at its first call, for arguments as in `signature`, and compiled by XLA."""
    # AutoGraph has nothing to convert here, and inspecting Keras for it doubles the tracing time. TensorFlow warns of
    # code that is traced often and takes every partial function for the same code: each of ours is traced only once.
    return tf.function(partial(function), input_signature=signature, autograph=False, jit_compile=compiled)


def _finite(stretch: DescentSteps) -> npt.NDArray[np.bool_]:
    """Where both point and value are finite, bool [p, k]."""
    finite: npt.NDArray[np.bool_] = np.isfinite(stretch.values) & np.isfinite(stretch.points).all(axis=2)
    return finite


def _padded(rates: FloatArray, length: int) -> Any:
    """Pad `rates` with zeros, at which no step is taken, to a tensor float32 [length]."""
    padded = np.zeros(length, np.float32)
    padded[: len(rates)] = rates
    return tf.constant(padded)


def _record(
    step: Step, slots: Sequence[Any], gradient: Any, count: Any, shape: tuple[int, int], rates: Any = None
) -> Any:
    """Take `count` steps inside a compiled loop, step i at rates[i]. Returns the gradient after them, and points,
    values, gradients and the optimizer's `slots` of each step, step i of the call in row i of buffers of length
    STEPS_A_CALL."""

    def body(i: Any, gradient: Any, *buffers: Any) -> Any:
        arrived = step(gradient) if rates is None else step(gradient, rates[i])
        parts = (*arrived, *(tf.convert_to_tensor(slot) for slot in slots))
        written = [
            tf.tensor_scatter_nd_update(buffer, [[i]], [part]) for buffer, part in zip(buffers, parts, strict=True)
        ]
        return i + 1, arrived[2], *written

    rows = (STEPS_A_CALL, *shape)
    buffers = (tf.zeros(rows), tf.zeros(rows[:2]), tf.zeros(rows), *(tf.zeros(rows) for _ in slots))
    return tf.while_loop(lambda i, *_: i < count, body, (tf.constant(0), gradient, *buffers))[1:]


def _follow(
    step: Step, here: tuple[Any, Any], lost: Any, count: Any, places: Any, tolerance: Any, rates: Any = None
) -> Any:
    """Take `count` steps inside a compiled loop from `here` (points, gradients), step i at rates[i]. Returns the
    gradients after them and the fields of Finish."""

    def stays(i: Any, points: Any, since: Any, lost: Any) -> Any:
        squared = tf.reduce_sum(tf.square(points[:, None, :] - places[None, :, :]), axis=2)
        near = (squared <= tolerance * tolerance) & (lost < 0)[:, None]
        return tf.where(near, tf.where(since < 0, i, since), -1)

    def body(i: Any, gradient: Any, points: Any, values: Any, since: Any, lost: Any) -> Any:
        points, values, gradient = step(gradient) if rates is None else step(gradient, rates[i])
        finite = tf.math.is_finite(values) & tf.reduce_all(tf.math.is_finite(points), axis=1)
        lost = tf.where((lost < 0) & ~finite, i + 1, lost)
        return i + 1, gradient, points, values, stays(i + 1, points, since, lost), lost

    points, gradient = here
    never = tf.fill(tf.stack([tf.shape(points)[0], tf.shape(places)[0]]), -1)
    since = stays(tf.constant(0), points, never, lost)
    start = (tf.constant(0), gradient, points, tf.zeros_like(points[:, 0]), since, lost)
    return tf.while_loop(lambda i, *_: i < count, body, start)[1:]


_idle: list[tuple[Hashable, Program]] = []
_shelf = Lock()


@contextmanager
def program(
    key: Hashable, objective: Objective, optimizer: str, settings: OptimizerSettings, paths: int, dimensions: int = 2
) -> Iterator[Program]:
    """Lend the program for the function that `key` identifies, compiled at its first call and kept for the next runs.

    A running or paused run keeps the program it was lent. Another run meanwhile gets another program and need not wait.
    The KEPT programs that were used last are kept.

    Raises:
        InputError: the optimizer's file cannot be used.
    """
    own = tuple(getattr(settings, name) for name in optimizers.rule(optimizer).reads)
    full_key = (key, optimizer, optimizers.version(optimizer), own, paths, dimensions)
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
