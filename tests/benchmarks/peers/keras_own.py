"""Keras `fit` with its defaults on the models of tests/benchmarks/models."""

from __future__ import annotations

import importlib
import time
from typing import Any

from tests.benchmarks.fashion import BATCH
from tests.benchmarks.serve import Round, serve


def prepare() -> Round:
    """Every new model; each has an epoch to warm up in its first round."""
    known: dict[str, Any] = {}

    def one_round(model: str, epochs: int) -> dict[str, Any]:
        """`epochs` epochs of a model."""
        if model not in known:
            file = importlib.import_module(f"tests.benchmarks.models.{model}")
            network = file.model()
            network.compile(optimizer="adam", loss=file.loss)
            known[model] = network, *file.data()[0]
            network.fit(*known[model][1:], batch_size=BATCH, epochs=1, verbose=0)
        network, x, y = known[model]
        began = time.perf_counter()
        network.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0)
        seconds = time.perf_counter() - began
        steps = epochs * -(-len(x) // BATCH)
        return {"steps": steps, "seconds": seconds, "steps_per_s": steps / seconds}

    return one_round


if __name__ == "__main__":
    serve(prepare)
