"""gdtui's Fashion-MNIST lesson through its runner, as it runs headless."""

from __future__ import annotations

import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.events import Delivery, Evaluated, Metrics, Outcome, Phase
from engine.lessons import lesson
from engine.run.checkpoint_schedule import Store
from engine.run.runner import Runner
from engine.run.sinks import Sink
from tests.benchmarks.serve import Round, serve

LESSON = lesson("fashion-mnist")


class Stopwatch:
    """A sink that adds up the training time: each stretch of steps from the event before it to its own."""

    def __init__(self) -> None:
        self.training_s = 0.0
        self.steps = 0
        self.began = self._last = 0.0
        self.accuracy = 0.0

    def write(self, delivery: Delivery) -> None:
        """Record an event, in the engine's thread."""
        now = time.perf_counter()
        event = delivery.event
        if isinstance(event, Phase) and event.name == "running":
            self.began = now
        elif isinstance(event, Metrics):
            self.training_s += now - self._last
            self.steps += event.steps
        elif isinstance(event, Evaluated):
            self.accuracy = event.accuracy
        self._last = now

    def close(self) -> None:
        """Nothing is held."""


def prepare() -> Round:
    """The compiled loop, warm, with logging and without."""
    one_round(1)
    one_round(1, log=True)
    return one_round


def one_round(epochs: int, log: bool = False) -> dict[str, Any]:
    """A run of `epochs` epochs with the lesson's defaults: a test every 500 steps and after each epoch.

    `training_steps_per_s` is for the steps alone; `seconds` and `steps_per_s` for everything from the first step to the
    end of the run, with tests and, if requested, the log and checkpoints.
    """
    with tempfile.TemporaryDirectory(prefix="gdtui-bench-") as folder:
        stopwatch = Stopwatch()
        sinks, store, close = _log(Path(folder)) if log else ([], None, lambda: None)
        runner = Runner(LESSON, LESSON.settings(epochs=epochs), [*sinks, stopwatch], run="bench", store=store)
        runner.start()
        runner.join()
        ended = time.perf_counter()
        close()
    if runner.outcome is not Outcome.DONE:
        raise RuntimeError(f"the run ended as {runner.outcome}")
    seconds = ended - stopwatch.began
    return {
        "steps": stopwatch.steps,
        "training_s": stopwatch.training_s,
        "training_steps_per_s": stopwatch.steps / stopwatch.training_s,
        "seconds": seconds,
        "steps_per_s": stopwatch.steps / seconds,
        "accuracy": stopwatch.accuracy,
    }


def _log(logdir: Path) -> tuple[list[Sink], Store, Any]:
    """The sinks and the store of a run on disk, as the headless command creates them."""
    from engine.log.summaries import SummaryWriter
    from engine.run.checkpoints import Checkpoints
    from engine.run.run_folder import RunFolder
    from engine.run.runs import RunRecorder

    folder = RunFolder.create(logdir, LESSON.id, datetime.now())
    sinks: list[Sink] = [SummaryWriter(folder.path), RunRecorder(folder)]
    return sinks, Checkpoints(folder.path, LESSON.id), folder.close


if __name__ == "__main__":
    serve(prepare)
