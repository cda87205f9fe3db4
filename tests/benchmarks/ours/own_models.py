"""`gdtui train FILE.py` on the models of tests/benchmarks/models, in the loop that it chooses for each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.events import Event, Metrics, Remark
from engine.lessons import lesson
from engine.settings import parse_settings
from tests.benchmarks.serve import Round, serve

LESSON = lesson("train")
MODELS = Path(__file__).resolve().parents[1] / "models"


class Training:
    """One model's run, which goes on for as many steps as requested."""

    def __init__(self, model: str) -> None:
        texts = {"file": str(MODELS / f"{model}.py"), "epochs": "1000000"}
        self._events: Iterator[Event] = LESSON.run(parse_settings(LESSON.settings, texts))
        self.loop = ""

    def take(self, steps: int) -> dict[str, Any]:
        """Train for about so many steps; the time is that of the steps alone, as for Keras's epochs."""
        taken, seconds = 0, 0.0
        while taken < steps:
            began = time.perf_counter()
            event = next(self._events)
            if isinstance(event, Metrics):
                seconds += time.perf_counter() - began
                taken += event.steps
            elif isinstance(event, Remark) and "loop" in event.text:
                self.loop = event.text
        return {"steps": taken, "seconds": seconds, "steps_per_s": taken / seconds, "loop": self.loop}


def prepare() -> Round:
    """Every model at its beginning; each is compiled in its first round."""
    running: dict[str, Training] = {}

    def one_round(model: str, steps: int) -> dict[str, Any]:
        """`steps` steps of a model."""
        if model not in running:
            running[model] = Training(model)
            running[model].take(steps // 4)
        return running[model].take(steps)

    return one_round


if __name__ == "__main__":
    serve(prepare)
