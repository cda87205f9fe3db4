"""Every scalar of a log, read by TensorBoard's EventAccumulator, set to keep all points."""

from __future__ import annotations

import time
from typing import Any

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.benchmarks.serve import Round, serve


def prepare() -> Round:
    """Do nothing: there is nothing to warm up."""
    return one_round


def one_round(folder: str) -> dict[str, Any]:
    """The duration, and the number of points. It keeps TensorFlow 2's scalars as tensors."""
    began = time.perf_counter()
    accumulator = EventAccumulator(folder, {"scalars": 0, "tensors": 0})
    accumulator.Reload()
    seconds = time.perf_counter() - began
    tags = accumulator.Tags()
    points = sum(len(accumulator.Scalars(tag)) for tag in tags["scalars"])
    return {"seconds": seconds, "points": points + sum(len(accumulator.Tensors(tag)) for tag in tags["tensors"])}


if __name__ == "__main__":
    serve(prepare)
