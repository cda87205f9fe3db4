"""The choice between a loop compiled by XLA and a plain TensorFlow graph, by timing both."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.lazy import tf

# The number of rounds in which both are timed in turn, and the duration of a call: the same as in training, because
# each call has an overhead, which differs between the two.
ROUNDS = 3
CALL_S = 0.05


def step_times(
    take: Callable[[bool, int], int], most: int, clock: Callable[[], float] = time.perf_counter
) -> tuple[float, float]:
    """The time per step in seconds, in the loop compiled by XLA and in the plain graph.

    On a CPU, XLA makes small dense networks several times as fast and convolutions several times as slow. `take(xla,
    steps)` takes up to `steps` steps, at most `most`, and returns how many it took. If XLA cannot compile the loop, its
    time is infinite.
    """

    def seconds(xla: bool, steps: int) -> float:
        """The time of a step, in the faster of two calls: other load on the machine may slow one down."""
        found = []
        for _ in range(2):
            began = clock()
            taken = take(xla, steps)
            found.append((clock() - began) / max(taken, 1))
        return min(found)

    def steps_of_a_call(xla: bool) -> int:
        steps = 1
        while steps < most and seconds(xla, steps) * steps < CALL_S:
            steps = min(4 * steps, most)
        return steps

    take(False, 1)  # the first call of each traces and compiles
    try:
        take(True, 1)
    except tf.errors.OpError:
        return float("inf"), 0.0
    steps = {xla: steps_of_a_call(xla) for xla in (False, True)}
    best = {False: float("inf"), True: float("inf")}
    for _ in range(ROUNDS):
        for xla in best:
            best[xla] = min(best[xla], seconds(xla, steps[xla]))
    return best[True], best[False]
