"""The course's descent on Himmelblau's surface in our own code: eager TensorFlow, a tape per step."""

from __future__ import annotations

import time
from typing import Any

import tensorflow as tf

from tests.benchmarks.serve import Round, serve

STEPS = 200
START = (4.0, 0.0)


def himmelblau(point: Any) -> Any:
    """f(x, y) = (x² + y − 11)² + (x + y² − 7)²."""
    return (point[0] ** 2 + point[1] - 11) ** 2 + (point[0] + point[1] ** 2 - 7) ** 2


def prepare() -> Round:
    """Warm up."""

    def one_round(descents: int) -> dict[str, Any]:
        """`descents` descents one after another, every point kept; `seconds` is for one."""
        began = time.perf_counter()
        for _ in range(descents):
            path = _descent()
        seconds = (time.perf_counter() - began) / descents
        return {"steps": STEPS, "seconds": seconds, "value": float(himmelblau(path[-1]))}

    one_round(1)
    return one_round


def _descent() -> list[Any]:
    point = tf.constant(START)
    path = [point]
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            tape.watch(point)
            value = himmelblau(point)
        gradient = tape.gradient(value, point)
        point = point - 0.01 * gradient
        path.append(point)
    return path


if __name__ == "__main__":
    serve(prepare)
