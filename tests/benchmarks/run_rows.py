"""Whole commands: thirty epochs, their memory, and the duration of a short one."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.contest import Contestant, Sample
from tests.benchmarks.fashion import EPOCHS
from tests.benchmarks.first_step import FirstStep
from tests.benchmarks.rows import Row, Target, difference, inverse, ratio
from tests.benchmarks.workers import Asked, Program, Worker

RUN, COURSE_EPOCH, FIT_EPOCHS, BARE = "gdtui's run", "the course's loop", "Keras fit, compiled", "import tensorflow"
HIMMELBLAU, FIRST_STEP = "gdtui himmelblau", "gdtui fashion-mnist, second start"


def epoch_rows(full: bool) -> tuple[Row, ...]:
    """Rows of the 30 epochs. If not `full`, one epoch of the course's loop represents each of its 30."""
    peer = COURSE_EPOCH if full else FIT_EPOCHS
    told = (
        "the course's time is that of all its 30 epochs"
        if full
        else "the course's time is 30 times one epoch and one test of it, as measured; --full runs all 30"
    )
    accuracy_told = (
        "in percentage points, a seed a round"
        if full
        else "in percentage points, a seed a round; the course's network trained by compiled Keras fit stands for its "
        "loop"
    )
    return (
        Row(
            "epochs",
            "30 epochs, a test after each, first compile included, against the course's loop",
            Target(">=", 20),
            (RUN, COURSE_EPOCH),
            inverse(RUN, COURSE_EPOCH, "run_s", "seconds", times=1 if full else EPOCHS),
            note=f"{told}; gdtui's run is its default with log and checkpoints; imports are left out of both",
        ),
        Row(
            "accuracy",
            "test accuracy after 30 epochs, less the course's",
            Target(">=", 0, "points"),
            (RUN, peer),
            difference(RUN, peer, "accuracy", times=100),
            note=accuracy_told,
        ),
        Row(
            "memory",
            "peak memory of the default Fashion-MNIST run over import tensorflow",
            Target("<=", 400, "MB"),
            (RUN, BARE),
            difference(RUN, BARE, "memory_mb"),
        ),
    )


COMMANDS = (
    Row(
        "himmelblau-command",
        "gdtui himmelblau --no-ui --no-log, whole process, against python -c 'import tensorflow'",
        Target("<=", 1.25),
        (HIMMELBLAU, BARE),
        ratio(HIMMELBLAU, BARE, "seconds"),
    ),
    Row(
        "first-step",
        "second start to the first training step of lesson 6, headless, against python -c 'import tensorflow'",
        Target("<=", 1.2),
        (FIRST_STEP, BARE),
        ratio(FIRST_STEP, BARE, "first_step_s", "seconds"),
    ),
)


def epochs(full: bool) -> list[Contestant]:
    """The contestants that train for 30 epochs."""
    contestants: list[Contestant] = [
        Program(RUN, _default_run, _read_run, warm=False),
        Asked(COURSE_EPOCH, Worker("peers.course_loop"), {"epochs": EPOCHS if full else 1}),
        Program(BARE, _import_tensorflow),
    ]
    if not full:
        worker = Worker("peers.keras_fit_compiled")
        contestants.append(Asked(FIT_EPOCHS, worker, {"epochs": EPOCHS}, seeded=True))
    return contestants


def commands() -> list[Contestant]:
    """A short run, and the imports that every program with TensorFlow needs."""
    return [Program(HIMMELBLAU, _himmelblau), FirstStep(FIRST_STEP), Program(BARE, _import_tensorflow)]


def _default_run(turn: int, folder: Path) -> Sequence[str]:
    arguments = ("fashion-mnist", "--no-ui", "--json", "--logdir", str(folder), "--seed", str(turn))
    return (sys.executable, "-m", "tui.cli.main", *arguments)


def _himmelblau(turn: int, folder: Path) -> Sequence[str]:
    return (sys.executable, "-m", "tui.cli.main", "himmelblau", "--no-ui", "--no-log")


def _import_tensorflow(turn: int, folder: Path) -> Sequence[str]:
    return (sys.executable, "-c", "import tensorflow")


def _read_run(printed: str) -> Sample:
    """`run_s` from the beginning of the first compile to the end, and the last test's accuracy."""
    events = [json.loads(line) for line in printed.splitlines()]
    compiling = next(each for each in events if each["event"] == "phase" and each["name"] == "compiling")
    tested = [each for each in events if each["event"] == "evaluated"]
    return {"run_s": events[-1]["elapsed_s"] - compiling["elapsed_s"], "accuracy": tested[-1]["accuracy"]}
