"""Events: the frozen dataclasses that leave the engine, holding NumPy arrays, plain numbers and strings.

Arrays inside an event are read-only: an event may cross threads without a copy. Shapes are written
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
PhaseName = Literal["importing", "reading", "waiting", "compiling", "running", "paused", "done"]

# The number of steps between logged scalars where a lesson has no setting for it.
LOG_EVERY = 100


class Outcome(Enum):
    """How a run ended; the value is the sentence shown to the user."""

    DONE = "finished"
    STOPPED = "stopped before its end"
    DIVERGED = "diverged: a number stopped being finite"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """Base of everything that a lesson or the runner reports. Creating an event makes its arrays read-only."""

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)


def _each_step(rates: FloatArray | None, rate: float, steps: int) -> FloatArray:
    return np.full(steps, rate) if rates is None else rates.astype(np.float64)


# --- from the runner ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """The first event of a run. `settings` are texts that the lesson's parameters parse back.

    `logdir` is the run's own folder, or None if nothing is logged. A resumed run begins after `resumed_step`.
    """

    lesson: str
    title: str
    settings: Mapping[str, str]
    command: str
    logdir: str | None = None
    resumed_step: int = 0

    @property
    def log_every(self) -> int:
        """The number of steps between logged scalars; LOG_EVERY if the lesson has no such setting."""
        text = self.settings.get("log_every", "")
        return (int(text) if text.isdecimal() else 0) or LOG_EVERY


@dataclass(frozen=True, slots=True)
class Phase(Event):
    """What the engine is doing now, such as compiling. Where it waits, `detail` names what it waits for; where it reads
    and runs a learner's files, those files."""

    name: PhaseName
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SettingChanged(Event):
    """A change of a live setting, in effect from the step after `step` on."""

    step: int
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RunEnded(Event):
    """The last event of a run. `message` is one line for the user; `traceback` is set only when a bug ended the run.

    `bad_input` is true for a run that failed because something it was given cannot be used.
    """

    outcome: Outcome
    step: int
    message: str
    hint: str = ""
    traceback: str = ""
    bad_input: bool = False


@dataclass(frozen=True, slots=True)
class CheckpointSaved(Event):
    """The checkpoint of the run at `step` is complete and on the disk."""

    step: int


@dataclass(frozen=True, slots=True)
class LogFailed(Event):
    """Writing the TensorBoard log failed; the run goes on without the entries that could not be written."""

    message: str


# --- text and tables, from any lesson -------------------------------------------------------------------------


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
    """The result of the run in words, from its own numbers: a lesson's last event. One sentence or more."""

    text: str


@dataclass(frozen=True, slots=True)
class Diverged(Event):
    """A number stopped being finite at `step`: `what` names it, `last_finite` is its value one step before (at step 0,
    its value there; NaN if the first step was lost). `suggested_learning_rate` is None if no other rate would help;
    then `reason` gives the reason, as part of a sentence."""

    step: int
    what: str
    learning_rate: float
    last_finite: float
    suggested_learning_rate: float | None
    reason: str = ""


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
    """The position and value of a minimum. It is known from a source, or was `found` by a search, which may miss
    others; `kink` is true for a lowest point at a kink, where the function has no slope."""

    label: str
    point: tuple[float, ...]
    value: float
    found: bool = False
    kink: bool = False


@dataclass(frozen=True, slots=True)
class SurfaceDrawn(Event):
    """A surface on a grid: `x` float64 [w], `y` float64 [h] ascending, `z` float64 [h, w] with z[i, j] = f(x[j], y[i]).

    `parameters` are the numbers in its formula (a bowl's conditioning), from which it can be computed elsewhere.
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
    """The starts of the paths: `starts` float32 [p, d] with d = 1 for a curve, 2 for a surface, and the values there.

    `labels` name each path, `optimizers` the update rule of each. Step 0 is the start.
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

    `points` float32 [p, k, d], `values` float32 [p, k], `gradients` float32 [p, k, d] are taken after each step; a path
    that diverged holds NaN from that step on. `momenta` and `squares` float32 [p, k, d] are the optimizers' slots after
    each step: the momentum m, and v, the average or sum of squared gradients. They are NaN for a path whose optimizer
    keeps none, and None if no optimizer does. `learning_rate` is that of the last step, `rates` float32 [k] are those
    of all steps, None if they are equal.
    """

    first_step: int
    points: FloatArray
    values: FloatArray
    gradients: FloatArray
    learning_rate: float
    momenta: FloatArray | None = None
    squares: FloatArray | None = None
    rates: FloatArray | None = None

    @property
    def steps(self) -> int:
        """The number of steps in this event."""
        return int(self.points.shape[1])

    @property
    def learning_rates(self) -> FloatArray:
        """The learning rate of each step, float64 [k]."""
        return _each_step(self.rates, self.learning_rate, self.steps)


@dataclass(frozen=True, slots=True)
class PathEnded(Event):
    """The end of one path: the known minimum it arrived at (None if none), and the step since which it stays within its
    tolerance."""

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

    `loss` is what the optimizer minimises (mean cross-entropy in nats, if no other is chosen), `mse` the mean squared
    error of the softmax against the one-hot label; `gradient_norm` is the global L2 norm at the last of the steps.
    `learning_rate` is that of the last step, `rates` float32 [k] are those of all steps, None if they are equal.
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
    rates: FloatArray | None = None

    @property
    def steps(self) -> int:
        """The number of steps in this event."""
        return int(self.loss.shape[0])

    @property
    def learning_rates(self) -> FloatArray:
        """The learning rate of each step, float64 [k]."""
        return _each_step(self.rates, self.learning_rate, self.steps)

    @property
    def last_step(self) -> int:
        """The number of the last step in this event."""
        return self.first_step + self.steps - 1


@dataclass(frozen=True, slots=True)
class Evaluated(Event):
    """The result on the test set after `step`: mean loss, accuracy in [0, 1], confusion int64 [c, c].

    The loss is the minimised one, without penalties. Rows of `confusion` are true classes, columns predicted. `epoch`
    is set at an epoch's end and None between; `train_accuracy` is over the training examples seen since the epoch
    began; `validation_loss` and `validation_accuracy` are over the validation examples, if there are any. `metrics` are
    a learner's own, by name. A regression has no classes, and its accuracy is NaN.
    """

    step: int
    epoch: int | None
    loss: float
    accuracy: float
    confusion: IntArray
    class_names: tuple[str, ...]
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Images(Event):
    """Images uint8, grey [n, h, w] or RGB [n, h, w, 3], with true `labels` int64 [n] and, if a model classified them,
    `predictions` [n]."""

    tag: str
    step: int
    images: npt.NDArray[np.uint8]
    labels: IntArray
    predictions: IntArray | None
    class_names: tuple[str, ...]
    as_grid: bool = False


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of a tensor's elements: `edges` float64 [b+1], `counts` int64 [b], and summary statistics."""

    tag: str
    edges: FloatArray
    counts: IntArray
    mean: float
    std: float
    norm: float


@dataclass(frozen=True, slots=True)
class Histograms(Event):
    """Weights and gradients after `step`, one histogram per tensor."""

    step: int
    epoch: int
    tensors: tuple[Histogram, ...]


@dataclass(frozen=True, slots=True)
class Snapshot(Event):
    """The whole state of a run after `step`, by name: resumed from it, a run continues as if never interrupted.

    The runner asks for it and puts it into a checkpoint; it is sent to no sink.
    """

    step: int
    epoch: int
    arrays: Mapping[str, npt.NDArray[Any]]


# --- the envelope ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to a sink: the run it belongs to, and the seconds that the run has taken, without pauses."""

    run: str
    elapsed_s: float
    event: Event


def steps_in(event: Event) -> int:
    """The number of steps of descent or training in an event; 0 for events that only report."""
    return event.steps if isinstance(event, PathsGrew | Metrics) else 0
