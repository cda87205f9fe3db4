"""The choice of how the training loop is compiled, by timing the candidates."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal

from engine.lazy import tf
from engine.training.call_length import CALL_S

Loop = Literal["xla", "graph", "halves"]
"""All of it compiled by XLA; a plain TensorFlow graph; or a graph in which XLA compiles the gradients of each half of a
batch: see `halves`."""

LOOPS: tuple[Loop, ...] = ("graph", "xla", "halves")
"""Checkpoints hold an index of this: add new ones at the end."""

# The number of rounds in which the loops are timed in turn, in calls as long as in training: each call has an overhead,
# which differs between the loops.
ROUNDS = 3

# What a step in halves takes in addition to half of a step compiled by XLA.
HALVES_S = 0.0002

# Halves are compiled and timed only if a step is expected to take less than this share of the best loop's time.
WORTH = 0.75

UNSEEDED = (
    ": a step draws random numbers whose state is no variable, as tf.random.normal does, so a resumed run draws others"
)
"""Why a model that does not repeat its numbers uses the graph."""

Take = Callable[[Loop, int], int]


def fastest(take: Take, most: int, divisible: Callable[[], bool]) -> tuple[Loop, str]:
    """Find the fastest loop; returns it and the reason in words. `take` and `most` are as in `step_times`. Halves are
    timed only if they may win and `divisible()` is true: both halves together must give the result of the whole batch.

    On a CPU, XLA makes small dense networks several times as fast and convolutions several times as slow. It computes
    recurrent layers on one core, so two halves at once take 0.6 to 0.7 of the time on 2 cores.
    """
    times = step_times(take, ("graph", "xla"), most)
    if times["xla"] == float("inf"):
        return "graph", ": XLA cannot compile this model"
    best = min(times, key=times.__getitem__)
    if times["xla"] / 2 + HALVES_S < WORTH * times[best] and divisible():
        again = step_times(take, (best, "halves"), most)
        times = {**times, **again}
    best, second, *_ = sorted(times, key=times.__getitem__)
    other = "the other" if len(times) == 2 else "the next fastest"
    return best, f"; a step takes {times[best] / max(times[second], 1e-12):.0%} of the time of {other}"


def step_times(
    take: Take, loops: Sequence[Loop], most: int, clock: Callable[[], float] = time.perf_counter
) -> dict[Loop, float]:
    """The time of a step in seconds, in each of `loops`; infinite if XLA cannot compile it. `take(loop, steps)` takes
    up to `steps` steps, at most `most`, and returns how many it took."""

    def seconds(loop: Loop, steps: int) -> float:
        """The time of a step, in the faster of two calls: other load on the machine may slow one down."""
        found = []
        for _ in range(2):
            began = clock()
            taken = take(loop, steps)
            found.append((clock() - began) / max(taken, 1))
        return min(found)

    def steps_of_a_call(loop: Loop) -> int:
        steps = 1
        while steps < most and seconds(loop, steps) * steps < CALL_S:
            steps = min(4 * steps, most)
        return steps

    steps: dict[Loop, int] = {}
    best = dict.fromkeys(loops, float("inf"))
    for loop in loops:
        try:
            take(loop, 1)  # the first call traces and compiles
        except tf.errors.OpError:
            if loop == "graph":
                raise
            continue
        steps[loop] = steps_of_a_call(loop)
    if len(steps) == 1:  # there is nothing to compare it with
        return best | dict.fromkeys(steps, 0.0)
    for _ in range(ROUNDS):
        for loop in steps:
            best[loop] = min(best[loop], seconds(loop, steps[loop]))
    return best
