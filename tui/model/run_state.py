"""The state of a run: a pure fold of its events, `fold(state, delivery) -> state`, amortised O(new points)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

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
from tui.model.growable_array import GrowableArray
from tui.model.step_rate import Mark, StepRate

MOST_IMAGES = 400
"""Image events kept for scrubbing: two an epoch of 25 pictures, 20 kB each."""


@dataclass(frozen=True, slots=True)
class Paths:
    """A descent: every step so far of p paths, the start first. Rows are steps: [k+1, p, d] and [k+1, p].

    `rate_rows` [k+1] are the learning rates of the steps that arrived there; the start has the first step's.
    `momentum_rows` and `square_rows` [k+1, p, d] are the optimizers' slots, NaN at the start; None if they have none.
    `rate_changes` is true if the rates are not all equal.
    """

    opened: PathsOpened
    point_rows: GrowableArray
    value_rows: GrowableArray
    gradient_rows: GrowableArray
    rate_rows: GrowableArray
    momentum_rows: GrowableArray | None = None
    square_rows: GrowableArray | None = None
    rate_changes: bool = False

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
    def momenta(self) -> FloatArray | None:
        """float32 [p, k+1, d]; None where no optimizer keeps any."""
        return None if self.momentum_rows is None else np.moveaxis(self.momentum_rows.array, 0, 1)

    @property
    def squares(self) -> FloatArray | None:
        """float32 [p, k+1, d]; None where no optimizer keeps any."""
        return None if self.square_rows is None else np.moveaxis(self.square_rows.array, 0, 1)

    @property
    def rates(self) -> FloatArray:
        """float64 [k+1]."""
        return self.rate_rows.array

    @property
    def steps(self) -> int:
        """The last known step; 0 is the start."""
        return len(self.value_rows) - 1


@dataclass(frozen=True, slots=True)
class Training:
    """A classifier's run: every step's loss and learning rate, the gradient norm at each event, tests and images.
    `rate_changes` is true if the rates are not all equal."""

    steps: GrowableArray
    times_s: GrowableArray
    loss: GrowableArray
    norm_steps: GrowableArray
    norm_times_s: GrowableArray
    norm: GrowableArray
    rates: GrowableArray
    rate_changes: bool = False
    metrics: Metrics | None = None
    evaluations: tuple[Evaluated, ...] = ()
    images: tuple[Images, ...] = ()


@dataclass(frozen=True, slots=True)
class RunState:
    """The state of one run so far. `page` holds its sentences and tables in order.

    `elapsed_s` is the run's own time, which stands still in a pause. `steps_per_s` is the rate of the last seconds, at
    the end that of the whole run; `began` is the time and the number of its first step. `detail` belongs to the phase.
    `files` has the time in ns at which each Python file of its settings had been saved when it began.
    """

    run: str
    lesson: str = ""
    title: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)
    command: str = ""
    logdir: str | None = None
    phase: str = ""
    detail: str = ""
    step: int = 0
    total_steps: int = 0
    elapsed_s: float = 0.0
    steps_per_s: float = 0.0
    rate: StepRate = field(default_factory=StepRate)
    began: Mark | None = None
    page: tuple[Remark | Table | Learned, ...] = ()
    curves: tuple[Curve, ...] = ()
    leads: Literal["", "curve", "table"] = ""
    """Which of the two the run showed first."""
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
        """How the run ended; None before its end."""
        return self.ended.outcome if self.ended is not None else None

    @property
    def settings_at_start(self) -> dict[str, str]:
        """The initial settings of the run, before any live change; `settings` are the present ones."""
        first = {change.name: change.before for change in reversed(self.changes)}
        return {**self.settings, **first}

    @property
    def remark(self) -> str:
        """The latest remark."""
        return next((item.text for item in reversed(self.page) if not isinstance(item, Table)), "")

    @property
    def learned(self) -> str:
        """The result of the run, once it has been reported."""
        return next((item.text for item in reversed(self.page) if isinstance(item, Learned)), "")

    @property
    def last_good_step(self) -> int:
        """The last step up to which every path was finite, no higher than at its start, and no further out than the
        drawn surface or ten times its start: what came after is lost, however small the steps."""
        paths = self.paths
        if paths is None:
            return 0
        points = np.asarray(paths.points, np.float64)
        limit = np.maximum(10.0 * np.abs(points[:, :1]), 10.0)
        if self.surface is not None:
            limit = np.array([np.abs(self.surface.x).max(), np.abs(self.surface.y).max()])
        low = np.isfinite(paths.values) & (paths.values <= paths.values[:, :1])
        good = (low & (np.abs(points) <= limit).all(axis=2)).all(axis=0)
        bad = np.flatnonzero(~good)
        return int(max(bad[0] - 1, 0)) if len(bad) else paths.steps


def fold(state: RunState, delivery: Delivery) -> RunState:
    """The state after one more event. An event of another run changes nothing."""
    if delivery.run != state.run:
        return state
    event = delivery.event
    state = replace(state, elapsed_s=max(state.elapsed_s, delivery.elapsed_s), step=state.step + steps_in(event))
    if steps_in(event):
        rate = state.rate.at(state.elapsed_s, state.step)
        state = replace(state, rate=rate, steps_per_s=rate.steps_per_s or state.steps_per_s)
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


def _phase(state: RunState, event: Phase, _: float) -> RunState:
    """Steps before and after a pause are no measure of a rate: those in a pause are single ones."""
    began = state.began
    if began is None and event.name == "running":
        began = (state.elapsed_s, state.step)
    return replace(state, phase=event.name, detail=event.detail, rate=StepRate(), began=began)


def _changed(state: RunState, event: SettingChanged, _: float) -> RunState:
    rate = StepRate() if event.name == "speed" else state.rate
    settings = {**state.settings, event.name: event.after}
    return replace(state, changes=(*state.changes, event), settings=settings, rate=rate)


def _ended(state: RunState, event: RunEnded, _: float) -> RunState:
    since, first = state.began or (state.elapsed_s, state.step)
    took_s, steps = state.elapsed_s - since, state.step - first
    return replace(state, ended=event, steps_per_s=steps / took_s if took_s > 0 else state.steps_per_s)


def _said(state: RunState, event: Remark | Table | Learned, _: float) -> RunState:
    leads = state.leads or ("table" if isinstance(event, Table) else "")
    return replace(state, page=(*state.page, event), leads=leads)


def _drawn(state: RunState, event: Curve, _: float) -> RunState:
    return replace(state, curves=(*state.curves, event), leads=state.leads or "curve")


def _opened(state: RunState, event: PathsOpened, _: float) -> RunState:
    dtype = event.starts.dtype
    paths = Paths(
        event,
        GrowableArray.of(event.starts.shape, dtype).extended(event.starts[None]),
        GrowableArray.of(event.values.shape, dtype).extended(event.values[None]),
        GrowableArray.of(event.gradients.shape, dtype).extended(event.gradients[None]),
        GrowableArray.of((), np.float64).extended(np.array([_first_rate(state)])),
    )
    return replace(state, paths=paths, total_steps=event.total_steps)


def _first_rate(state: RunState) -> float:
    try:
        return float(state.settings.get("learning_rate", "nan"))
    except ValueError:
        return float("nan")


def _grew(state: RunState, event: PathsGrew, _: float) -> RunState:
    paths = state.paths
    if paths is None:
        return state
    known = len(paths.value_rows)
    rates = event.learning_rates
    before = paths.rate_rows
    if known == 1 and event.rates is not None:  # the start has the rate of the first step, which a schedule has changed
        before = GrowableArray.of((), np.float64).extended(rates[:1])
    paths = replace(
        paths,
        momentum_rows=_remembered(paths.momentum_rows, event.momenta, known),
        square_rows=_remembered(paths.square_rows, event.squares, known),
        point_rows=paths.point_rows.extended(np.moveaxis(event.points, 1, 0)),
        value_rows=paths.value_rows.extended(event.values.T),
        gradient_rows=paths.gradient_rows.extended(np.moveaxis(event.gradients, 1, 0)),
        rate_rows=before.extended(rates),
        rate_changes=paths.rate_changes or bool((rates != before.array[-1]).any()),
    )
    return replace(state, paths=paths)


def _remembered(rows: GrowableArray | None, added: FloatArray | None, known: int) -> GrowableArray | None:
    """Append slots [p, k, d] after those of the `known` steps before; NaN for steps that had none."""
    if added is None:
        return rows
    steps = np.moveaxis(added, 1, 0)
    if rows is None:
        rows = GrowableArray.of(steps.shape[1:], steps.dtype)
    gap = np.full((known - len(rows), *steps.shape[1:]), np.nan, steps.dtype)
    return rows.extended(np.concatenate([gap, steps]))


def _measured(state: RunState, event: Metrics, elapsed_s: float) -> RunState:
    training = state.training or _no_training()
    numbers = np.arange(event.first_step, event.first_step + event.steps)
    before = float(training.times_s.array[-1]) if len(training.times_s) else elapsed_s
    # The steps of one event arrived together; each gets its share of the time since the event before.
    times = np.linspace(before, max(before, elapsed_s), event.steps + 1)[1:]
    rates = event.learning_rates
    last = training.rates.array[-1] if len(training.rates) else rates[0]
    training = replace(
        training,
        steps=training.steps.extended(numbers),
        times_s=training.times_s.extended(times),
        loss=training.loss.extended(event.loss),
        norm_steps=training.norm_steps.extended(numbers[-1:]),
        norm_times_s=training.norm_times_s.extended(times[-1:]),
        norm=training.norm.extended(np.array([event.gradient_norm])),
        rates=training.rates.extended(rates),
        rate_changes=training.rate_changes or bool((rates != last).any()),
        metrics=event,
    )
    return replace(state, training=training, total_steps=event.total_steps)


def _no_training() -> Training:
    def numbers(dtype: Any) -> GrowableArray:
        return GrowableArray.of((), dtype)

    return Training(
        steps=numbers(np.int64),
        times_s=numbers(np.float64),
        loss=numbers(np.float32),
        norm_steps=numbers(np.int64),
        norm_times_s=numbers(np.float64),
        norm=numbers(np.float64),
        rates=numbers(np.float64),
    )


def _evaluated(state: RunState, event: Evaluated, _: float) -> RunState:
    training = state.training or _no_training()
    return replace(state, training=replace(training, evaluations=(*training.evaluations, event)))


def _images(state: RunState, event: Images, _: float) -> RunState:
    training = state.training or _no_training()
    # The same images come one by one and as a grid; the grid is drawn.
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
    Phase: _phase,
    Curve: _drawn,
    SurfaceDrawn: lambda state, event, _: replace(state, surface=event),
    PathsOpened: _opened,
    PathsGrew: _grew,
    PathEnded: lambda state, event, _: replace(state, ended_paths=(*state.ended_paths, event)),
    Metrics: _measured,
    Evaluated: _evaluated,
    Images: _images,
    SettingChanged: _changed,
    Diverged: lambda state, event, _: state if state.diverged else replace(state, diverged=event),
    CheckpointSaved: lambda state, event, _: replace(state, checkpoint_step=event.step),
    LogFailed: lambda state, event, _: replace(state, log_failure=event.message),
    RunEnded: _ended,
}
