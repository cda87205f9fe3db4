"""Builders of the live panes' view data from the state of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.events import IntArray, Minimum
from tui.model.growable_array import GrowableArray
from tui.model.lesson_state import LessonState
from tui.model.preview import curve_of, ground_of, is_drawn, surface_of
from tui.model.run_state import RunState
from tui.model.series import Series
from tui.views.curve_picture import CurvePicture
from tui.views.descent_picture import DescentPicture
from tui.views.paths_picture import Ghost, Point
from tui.views.step_parts import memory_of
from tui.views.training_picture import TrainingPicture

LAST = "last run"
PARENT = "parent"


WAITING = {
    "importing": "importing TensorFlow",
    "reading": "running the code of your file; x stops it",
    "compiling": "compiling the training steps",
    "waiting": "waiting for the other processes",
    "paused": "paused before the first step",
    "running": "running the first steps",
}
"""What a run is doing before it has shown anything, by the engine's phase."""


def waiting_words(state: RunState) -> str:
    """One line for a classifier's pane that has nothing to draw yet."""
    if not state.run:
        return "no run yet: space starts one"
    if state.ended is not None:
        return "the run ended before its first step"
    return WAITING.get(state.phase, "starting") + " …"


def training_picture(
    state: RunState, ghosts: Sequence[tuple[str, RunState]] = (), past: Sequence[Series] = ()
) -> TrainingPicture:
    """Build the view of a classifier's run, with the last run or its parent and past runs from the log."""
    training = state.training
    dim = [
        loss_series(ghost, label, ghost=True)
        for label, ghost in ghosts
        if ghost.training is not None and len(ghost.training.loss)
    ]
    overlays = [*dim, *past]
    if training is None:
        waiting = "" if overlays else waiting_words(state)
        return TrainingPicture(overlays=tuple(overlays), phase=state.phase, elapsed_s=state.elapsed_s, waiting=waiting)
    norm = Series("gradient norm", training.norm_steps.array, training.norm.array, training.norm_times_s.array)
    return TrainingPicture(
        loss=loss_series(state, "this run"),
        overlays=tuple(overlays),
        gradient_norm=norm,
        rate=_rate(training.steps.array, training.rates, training.rate_changes),
        evaluations=training.evaluations,
        metrics=training.metrics,
        images=training.images,
        phase=state.phase,
        elapsed_s=state.elapsed_s,
        steps_per_s=state.steps_per_s,
    )


def loss_series(state: RunState, label: str, *, ghost: bool = False) -> Series:
    """The loss of every step of a classifier's run. Raises ValueError for a run of another kind."""
    training = state.training
    if training is None:
        raise ValueError(f"run {state.run!r} has no loss")
    return Series(label, training.steps.array, training.loss.array, training.times_s.array, ghost=ghost)


def descent_picture(
    state: RunState, ghosts: Sequence[tuple[str, RunState]] = (), starts: tuple[Point, ...] = (), note: str = ""
) -> DescentPicture:
    """Build the view of a descent on a surface, with the last run and its parent as ghosts."""
    surface = state.surface or next((ghost.surface for _, ghost in ghosts if ghost.surface is not None), None)
    return DescentPicture(surface=surface, starts=starts, note=note, **_paths(state, ghosts))


def curve_picture(
    state: RunState,
    ghosts: Sequence[tuple[str, RunState]] = (),
    starts: tuple[Point, ...] | None = None,
    minima: tuple[Minimum, ...] = (),
    note: str = "",
) -> CurvePicture:
    """Build the view of a lesson of curves, with the last run and its parent as ghosts."""
    return CurvePicture(
        curves=state.curves,
        page=state.page,
        minima=minima,
        starts=starts,
        tables_lead=state.leads == "table",
        note=note,
        **_paths(state, ghosts),
    )


def _paths(state: RunState, ghosts: Sequence[tuple[str, RunState]]) -> dict[str, Any]:
    """Build the fields of a PathsPicture: the paths of a run and, as ghosts, those of other runs."""
    dim = tuple(part for label, ghost in ghosts for part in _ghost_paths(label, ghost))
    paths = state.paths
    if paths is None:
        return {"ghosts": dim, "phase": state.phase}
    return {
        "opened": paths.opened,
        "points": paths.points,
        "values": paths.values,
        "gradients": paths.gradients,
        "learning_rates": paths.rates,
        "rate": _rate(np.arange(paths.steps + 1), paths.rate_rows, paths.rate_changes),
        "memory": memory_of(paths.momenta, paths.squares, state.settings),
        "ended": state.ended_paths,
        "ghosts": dim,
        "total_steps": state.total_steps,
        "phase": state.phase,
    }


def _rate(steps: IntArray, rates: GrowableArray, changes: bool) -> Series | None:
    """The learning rate over the steps; None if it is constant."""
    return Series("learning rate", steps, rates.array) if changes else None


def _ghost_paths(label: str, ghost: RunState) -> list[Ghost]:
    paths = ghost.paths
    if paths is None:
        return []
    return [
        Ghost(f"{label} {name}", paths.points[number], paths.values[number])
        for number, name in enumerate(paths.opened.labels)
    ]


def live_picture(
    lesson_state: LessonState, past: Sequence[Series] = ()
) -> CurvePicture | DescentPicture | TrainingPicture:
    """Build the view of a lesson's live pane: its run, or a preview of the next one if that descends another
    function."""
    ghosts = [(label, ghost) for label, ghost in ((PARENT, lesson_state.parent), (LAST, lesson_state.ghost)) if ghost]
    if lesson_state.kind == "training":
        return training_picture(lesson_state.state or RunState("", lesson=lesson_state.lesson.id), ghosts, past)
    state, ground = lesson_state.on_show, lesson_state.ground
    ghosts = [(label, ghost) for label, ghost in ghosts if ground_of(ghost.settings) == ground]
    note = lesson_state.ground_note
    if state is not None and state.diverged is not None:  # otherwise the news compare runs; here they say how to go on
        note = note or lesson_state.comparison
    state = state or _before_a_run(lesson_state)
    if lesson_state.kind == "descent":
        return descent_picture(state, ghosts, lesson_state.starts_shown, note)
    return curve_picture(state, ghosts, lesson_state.starts_shown or None, lesson_state.minima, note)


def _before_a_run(lesson_state: LessonState) -> RunState:
    """The function that the next run descends, as a run that has not taken a step."""
    fresh, ground = RunState("", lesson=lesson_state.lesson.id), lesson_state.next_ground
    if not is_drawn(ground):
        return fresh
    if lesson_state.kind == "descent":
        return replace(fresh, surface=surface_of(ground))
    return replace(fresh, curves=(curve_of(ground),))
