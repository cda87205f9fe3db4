"""Settings of a run that trains a learner's own model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.descent.schedules import ScheduleSettings
from engine.settings import choice, integer, number, python_file
from engine.training.devices import DEVICES
from engine.training.loop_choice import LOOPS


@dataclass(frozen=True, kw_only=True)
class OwnSettings(ScheduleSettings):
    """Settings of `gdtui train FILE.py`. The file defines everything else."""

    file: str = python_file(help="a Python file that defines model(); it is run as your own code")
    epochs: int = integer(10, low=1, high=1_000_000, unit="epochs", help="passes over the training examples")
    batch_size: int = integer(128, low=1, high=100_000, unit="examples", help="examples a step averages over")
    learning_rate: float | None = number(
        None, low=0.0, high=1e3, live=True, usual=1e-3, help="η; by default that of the file's optimizer"
    )
    loop: str = choice("auto", ("auto", *LOOPS), help="how the training loop is compiled; auto takes the fastest")
    validation: int = integer(
        0,
        low=0,
        high=100_000_000,
        help="training examples kept apart to choose an epoch by, the last",
        group="data",
    )
    log_every: int = integer(100, low=1, high=100_000, unit="steps", help="steps between logged scalars", group="log")
    test_every: int = integer(
        0, low=0, high=1_000_000, unit="steps", help="steps between tests inside an epoch; 0 is never", group="log"
    )
    threads: int = integer(0, low=0, high=1024, help="threads for TensorFlow; 0 is its own choice", group="machine")
    device: str = choice("auto", DEVICES, help="what to compute on; auto is a GPU if there is one", group="machine")

    # Settings that devices.place needs: the file sets the precision of its own layers.
    mixed_precision: ClassVar[bool] = False
    strategy: ClassVar[str] = "none"
