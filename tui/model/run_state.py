"""What is known of a run: a pure fold of its events, `fold(state, delivery) -> state`, at the cost of what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.events import (
    CheckpointSaved,
    Curve,
    Delivery,
    Diverged,
    Evaluated,
    Event,
    FloatArray,
    Images,
    Learned,
    LogFailed,
    Metrics,
    Outcome,
    PathEnded,
    PathsGrew,
    PathsOpened,
    Phase,
    Remark,
    RunEnded,
    RunStarted,
    SettingChanged,
    SurfaceDrawn,
    Table,
    steps_in,
)
from tui.growing import Growing

MOST_IMAGES = 400
"""Image events kept for scrubbing: two an epoch of 25 pictures, 20 kB each."""


@dataclass(frozen=True, slots=True)
class Paths:
    """A descent: every step so far of p paths, the start first. Rows are steps: [k+1, p, d] and [k+1, p].

    `rate_rows` [k+1] are the learning rates of the steps that arrived there; the start has the first step's.
    """

    opened: PathsOpened
    point_rows: Growing
    value_rows: Growing
    gradient_rows: Growing
    rate_rows: Growing

    @property
    def points(self) -> FloatArray:
        """float32 [p, k+1, d]."""
        return np.moveaxis(self.point_rows.array, 0, 1)

    @property
    def values(self) -> FloatArray:
        """float32 [p, k+1]."""
        return self.value_rows.array.T

    @property
    def gradients(self) -> FloatArray:
        """float32 [p, k+1, d]."""
        return np.moveaxis(self.gradient_rows.array, 0, 1)

    @property
    def rates(self) -> FloatArray:
        """float64 [k+1]."""
        return self.rate_rows.array

    @property
    def steps(self) -> int:
        """The last step that is known; 0 is the start."""
        return len(self.value_rows) - 1


@dataclass(frozen=True, slots=True)
class Training:
    """A classifier's run: every step's loss, the gradient norm at each event, tests and images."""

    steps: Growing
    times_s: Growing
    loss: Growing
    norm_steps: Growing
    norm_times_s: Growing
    norm: Growing
    metrics: Metrics | None = None
    evaluations: tuple[Evaluated, ...] = ()
    images: tuple[Images, ...] = ()


@dataclass(frozen=True, slots=True)
class RunState:
    """All that one run has said so far. `page` are its words and tables in order; `elapsed_s` its own time."""

    run: str
    lesson: str = ""
    title: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    logdir: str | None = None
    phase: str = ""
    step: int = 0
    total_steps: int = 0
    elapsed_s: float = 0.0
    steps_per_s: float = 0.0
    page: tuple[Remark | Table | Learned, ...] = ()
    curves: tuple[Curve, ...] = ()
    surface: SurfaceDrawn | None = None
    paths: Paths | None = None
    ended_paths: tuple[PathEnded, ...] = ()
    training: Training | None = None
    changes: tuple[SettingChanged, ...] = ()
    diverged: Diverged | None = None
    log_failure: str = ""
    checkpoint_step: int | None = None
    ended: RunEnded | None = None

    @property
    def outcome(self) -> Outcome | None:
        """How the run ended; None while it has not."""
        return self.ended.outcome if self.ended is not None else None

    @property
    def remark(self) -> str:
        """The latest sentence said."""
        return next((item.text for item in reversed(self.page) if not isinstance(item, Table)), "")

    @property
    def learned(self) -> str:
        """What the run showed, once it has said so."""
        return next((item.text for item in reversed(self.page) if isinstance(item, Learned)), "")


def fold(state: RunState, delivery: Delivery) -> RunState:
    """The state after one more event. An event of another run changes nothing."""
    if delivery.run != state.run:
        return state
    event = delivery.event
    state = replace(state, elapsed_s=max(state.elapsed_s, delivery.elapsed_s), step=state.step + steps_in(event))
    take = _TAKERS.get(type(event))
    return take(state, event, delivery.elapsed_s) if take else state


def fold_all(state: RunState, deliveries: Iterable[Delivery]) -> RunState:
    """The state after several events."""
    for delivery in deliveries:
        state = fold(state, delivery)
    return state


def _started(state: RunState, event: RunStarted, _: float) -> RunState:
    return replace(
        state,
        lesson=event.lesson,
        title=event.title,
        settings=dict(event.settings),
        command=event.command,
        logdir=event.logdir,
        step=event.resumed_step,
    )


def _said(state: RunState, event: Remark | Table | Learned, _: float) -> RunState:
    return replace(state, page=(*state.page, event))


def _opened(state: RunState, event: PathsOpened, _: float) -> RunState:
    dtype = event.starts.dtype
    paths = Paths(
        event,
        Growing.of(event.starts.shape, dtype).extended(event.starts[None]),
        Growing.of(event.values.shape, dtype).extended(event.values[None]),
        Growing.of(event.gradients.shape, dtype).extended(event.gradients[None]),
        Growing.of((), np.float64).extended(np.array([_first_rate(state)])),
    )
    return replace(state, paths=paths, total_steps=event.total_steps)


def _first_rate(state: RunState) -> float:
    try:
        return float(state.settings.get("learning_rate", "nan"))
    except ValueError:
        return float("nan")


def _grew(state: RunState, event: PathsGrew, elapsed_s: float) -> RunState:
    paths = state.paths
    if paths is None:
        return state
    paths = replace(
        paths,
        point_rows=paths.point_rows.extended(np.moveaxis(event.points, 1, 0)),
        value_rows=paths.value_rows.extended(event.values.T),
        gradient_rows=paths.gradient_rows.extended(np.moveaxis(event.gradients, 1, 0)),
        rate_rows=paths.rate_rows.extended(np.full(event.steps, event.learning_rate)),
    )
    return replace(state, paths=paths, steps_per_s=state.step / elapsed_s if elapsed_s > 0 else 0.0)


def _measured(state: RunState, event: Metrics, elapsed_s: float) -> RunState:
    training = state.training or _no_training()
    numbers = np.arange(event.first_step, event.first_step + event.steps)
    before = float(training.times_s.array[-1]) if len(training.times_s) else elapsed_s
    # The steps of one event arrived together; each gets its share of the time since the event before.
    times = np.linspace(before, max(before, elapsed_s), event.steps + 1)[1:]
    training = replace(
        training,
        steps=training.steps.extended(numbers),
        times_s=training.times_s.extended(times),
        loss=training.loss.extended(event.loss),
        norm_steps=training.norm_steps.extended(numbers[-1:]),
        norm_times_s=training.norm_times_s.extended(times[-1:]),
        norm=training.norm.extended(np.array([event.gradient_norm])),
        metrics=event,
    )
    return replace(state, training=training, total_steps=event.total_steps, steps_per_s=event.steps_per_s)


def _no_training() -> Training:
    def numbers(dtype: Any) -> Growing:
        return Growing.of((), dtype)

    return Training(
        steps=numbers(np.int64),
        times_s=numbers(np.float64),
        loss=numbers(np.float32),
        norm_steps=numbers(np.int64),
        norm_times_s=numbers(np.float64),
        norm=numbers(np.float64),
    )


def _evaluated(state: RunState, event: Evaluated, _: float) -> RunState:
    training = state.training or _no_training()
    return replace(state, training=replace(training, evaluations=(*training.evaluations, event)))


def _images(state: RunState, event: Images, _: float) -> RunState:
    training = state.training or _no_training()
    # The same pictures come one by one and as a grid; the grid is the one to draw.
    if not event.as_grid and event.predictions is not None:
        return state
    kept = tuple(each for each in training.images if each.predictions is not None or event.predictions is None)
    return replace(state, training=replace(training, images=(*kept, event)[-MOST_IMAGES:]))


Take = Callable[[RunState, Any, float], RunState]

_TAKERS: dict[type[Event], Take] = {
    RunStarted: _started,
    Remark: _said,
    Table: _said,
    Learned: _said,
    Phase: lambda state, event, _: replace(state, phase=event.name),
    Curve: lambda state, event, _: replace(state, curves=(*state.curves, event)),
    SurfaceDrawn: lambda state, event, _: replace(state, surface=event),
    PathsOpened: _opened,
    PathsGrew: _grew,
    PathEnded: lambda state, event, _: replace(state, ended_paths=(*state.ended_paths, event)),
    Metrics: _measured,
    Evaluated: _evaluated,
    Images: _images,
    SettingChanged: lambda state, event, _: replace(
        state, changes=(*state.changes, event), settings={**state.settings, event.name: event.after}
    ),
    Diverged: lambda state, event, _: state if state.diverged else replace(state, diverged=event),
    CheckpointSaved: lambda state, event, _: replace(state, checkpoint_step=event.step),
    LogFailed: lambda state, event, _: replace(state, log_failure=event.message),
    RunEnded: lambda state, event, _: replace(state, ended=event),
}
