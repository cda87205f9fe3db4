"""What leaves the engine: frozen dataclasses that hold NumPy arrays, plain numbers and strings.

Arrays inside an event are read-only, so that an event may cross threads without a copy. Shapes are written
with these letters: p paths, k consecutive steps, n points of a curve, h by w cells of a surface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
Cell = str | float | int | None
PhaseName = Literal["importing", "waiting", "compiling", "running", "paused", "done"]


class Outcome(Enum):
    """How a run ended; the value is the sentence a person reads."""

    DONE = "finished"
    STOPPED = "stopped before its end"
    DIVERGED = "diverged: a number stopped being finite"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """Anything a lesson or the runner has to say. Making one freezes the arrays it holds."""

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)


# --- what the runner says -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """The first event of a run. `settings` are texts that the lesson's own parameters parse back.

    `logdir` is the run's own folder, or None where nothing is logged. A run that was taken up again begins behind
    `resumed_step`.
    """

    lesson: str
    title: str
    settings: Mapping[str, str]
    command: str
    logdir: str | None = None
    resumed_step: int = 0


@dataclass(frozen=True, slots=True)
class Phase(Event):
    """What the engine is doing now. Where it waits, `detail` says for what."""

    name: PhaseName
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SettingChanged(Event):
    """A live setting took effect before the step after `step`."""

    step: int
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RunEnded(Event):
    """The last event of a run. `message` is one line for a person; `traceback` is set only when a bug ended it.

    `bad_input` says of a run that failed that something it was given cannot be used.
    """

    outcome: Outcome
    step: int
    message: str
    hint: str = ""
    traceback: str = ""
    bad_input: bool = False


@dataclass(frozen=True, slots=True)
class CheckpointSaved(Event):
    """A checkpoint of the run at `step` is whole and on the disk."""

    step: int


@dataclass(frozen=True, slots=True)
class LogFailed(Event):
    """Writing the TensorBoard log failed; the run goes on without what could not be written."""

    message: str


# --- words and numbers, any lesson ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Remark(Event):
    """A sentence that explains what comes next or what was just seen."""

    text: str


@dataclass(frozen=True, slots=True)
class Table(Event):
    """A small table; every row has as many cells as there are columns. `key` is a stable id within the lesson."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Learned(Event):
    """What the run showed, in words, from its own numbers: a lesson's last event. One sentence or more."""

    text: str


@dataclass(frozen=True, slots=True)
class Diverged(Event):
    """A number stopped being finite at `step`: `what` names it, `last_finite` is its value one step before (at step 0
    what it is there). `suggested_learning_rate` is None where no other rate would help."""

    step: int
    what: str
    learning_rate: float
    last_finite: float
    suggested_learning_rate: float | None


# --- curves of one variable -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Curve(Event):
    """A function of one variable, dense enough to draw: `x`, `y`, `gradient` float64 [n]; `x` ascends."""

    key: str
    label: str
    formula: str
    x: FloatArray
    y: FloatArray
    gradient: FloatArray


# --- descent --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Minimum:
    """A known minimum: its place and value."""

    label: str
    point: tuple[float, ...]
    value: float


@dataclass(frozen=True, slots=True)
class SurfaceDrawn(Event):
    """A surface on a grid: `x` float64 [w], `y` float64 [h] ascending, `z` float64 [h, w] with z[i, j] = f(x[j], y[i]).

    `parameters` are the surface's own numbers (a bowl's conditioning), so that it can be drawn again elsewhere.
    """

    key: str
    label: str
    formula: str
    x: FloatArray
    y: FloatArray
    z: FloatArray
    minima: tuple[Minimum, ...]
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PathsOpened(Event):
    """Where the paths begin: `starts` float32 [p, d] with d = 1 for a curve, 2 for a surface, and the values there.

    `labels` name each path, `optimizers` the update rule each follows. Step 0 is the start.
    """

    labels: tuple[str, ...]
    optimizers: tuple[str, ...]
    starts: FloatArray
    values: FloatArray
    gradients: FloatArray
    total_steps: int


@dataclass(frozen=True, slots=True)
class PathsGrew(Event):
    """k steps of every path at once, the first of them numbered `first_step` (1 is the first step after the start).

    `points` float32 [p, k, d], `values` float32 [p, k], `gradients` float32 [p, k, d] are where each step arrived;
    a path that diverged holds NaN from its step on.
    """

    first_step: int
    points: FloatArray
    values: FloatArray
    gradients: FloatArray
    learning_rate: float

    @property
    def steps(self) -> int:
        """How many steps this event carries."""
        return int(self.points.shape[1])


@dataclass(frozen=True, slots=True)
class PathEnded(Event):
    """Where one path came to: the known minimum it reached (None if none), and the first step within its tolerance."""

    path: int
    label: str
    point: tuple[float, ...]
    value: float
    gradient_norm: float
    minimum: Minimum | None
    arrived_step: int | None
    diverged_step: int | None = None


# --- classifiers ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Metrics(Event):
    """k training steps, the first numbered `first_step` (1 is the first): `loss`, `mse` float32 [k].

    `loss` is what the optimizer minimises (mean cross-entropy, nats), `mse` the mean squared error of the softmax
    against the one-hot label; `gradient_norm` is the global L2 norm at the last of the steps.
    """

    epoch: int
    first_step: int
    loss: FloatArray
    mse: FloatArray
    gradient_norm: float
    learning_rate: float
    steps_per_s: float
    total_steps: int
    total_epochs: int

    @property
    def steps(self) -> int:
        """How many steps this event carries."""
        return int(self.loss.shape[0])

    @property
    def last_step(self) -> int:
        """The number of the last step carried."""
        return self.first_step + self.steps - 1


@dataclass(frozen=True, slots=True)
class Evaluated(Event):
    """The test set after `step`: mean cross-entropy (nats), accuracy in [0, 1], confusion int64 [c, c].

    Rows of `confusion` are true classes, columns predicted. `epoch` is set at an epoch's end and None between;
    `train_accuracy` is over the training examples seen since the epoch began.
    """

    step: int
    epoch: int | None
    loss: float
    accuracy: float
    confusion: IntArray
    class_names: tuple[str, ...]
    train_accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Images(Event):
    """Grey images uint8 [n, h, w] with true `labels` int64 [n] and, where the model was asked, `predictions` [n]."""

    tag: str
    step: int
    images: npt.NDArray[np.uint8]
    labels: IntArray
    predictions: IntArray | None
    class_names: tuple[str, ...]
    as_grid: bool = False


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of a tensor's elements: `edges` float64 [b+1], `counts` int64 [b], and its summary numbers."""

    tag: str
    edges: FloatArray
    counts: IntArray
    mean: float
    std: float
    norm: float


@dataclass(frozen=True, slots=True)
class Histograms(Event):
    """Weights and gradients after `step`, one histogram a tensor."""

    step: int
    epoch: int
    tensors: tuple[Histogram, ...]


@dataclass(frozen=True, slots=True)
class Snapshot(Event):
    """All that a run needs to go on behind `step` as if it had never been interrupted, by name.

    The runner asks for it and hands it to a checkpoint; it is sent to no sink.
    """

    step: int
    epoch: int
    arrays: Mapping[str, npt.NDArray[Any]]


# --- the envelope ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to a sink: the run it belongs to and the seconds since that run began."""

    run: str
    elapsed_s: float
    event: Event


def steps_in(event: Event) -> int:
    """How many steps of descent or training an event carries: 0 for one that only reports."""
    return event.steps if isinstance(event, PathsGrew | Metrics) else 0
