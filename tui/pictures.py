"""From what is known of a run to what the live panes show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.events import Minimum
from tui.curve_picture import CurvePicture
from tui.descent_picture import DescentPicture, Ghost, Point
from tui.desk import Desk
from tui.preview import Ground, curve_of, ground_of, surface_of
from tui.run_state import RunState
from tui.series import Series
from tui.widgets.training_view import TrainingPicture

LAST = "last run"
PARENT = "parent"


def training_picture(
    state: RunState, ghosts: Sequence[tuple[str, RunState]] = (), past: Sequence[Series] = ()
) -> TrainingPicture:
    """A classifier's run, over the last one or its parent and past ones from the log."""
    training = state.training
    dim = [
        loss_series(ghost, label, ghost=True)
        for label, ghost in ghosts
        if ghost.training is not None and len(ghost.training.loss)
    ]
    overlays = [*dim, *past]
    if training is None:
        return TrainingPicture(overlays=tuple(overlays), phase=state.phase, elapsed_s=state.elapsed_s)
    norm = Series("gradient norm", training.norm_steps.array, training.norm.array, training.norm_times_s.array)
    return TrainingPicture(
        loss=loss_series(state, "this run"),
        overlays=tuple(overlays),
        gradient_norm=norm,
        evaluations=training.evaluations,
        metrics=training.metrics,
        images=training.images,
        phase=state.phase,
        elapsed_s=state.elapsed_s,
    )


def loss_series(state: RunState, label: str, *, ghost: bool = False) -> Series:
    """The loss of every step of a classifier's run. Raises ValueError where the run is no classifier's."""
    training = state.training
    if training is None:
        raise ValueError(f"run {state.run!r} has no loss")
    return Series(label, training.steps.array, training.loss.array, training.times_s.array, ghost=ghost)


def descent_picture(
    state: RunState, ghosts: Sequence[tuple[str, RunState]] = (), starts: tuple[Point, ...] = (), note: str = ""
) -> DescentPicture:
    """A descent on a surface, over the last one and over its parent."""
    paths = state.paths
    surface = state.surface or next((ghost.surface for _, ghost in ghosts if ghost.surface is not None), None)
    dim = tuple(part for label, ghost in ghosts for part in _ghost_paths(label, ghost))
    if paths is None:
        return DescentPicture(surface=surface, ghosts=dim, phase=state.phase, starts=starts, note=note)
    return DescentPicture(
        surface=surface,
        opened=paths.opened,
        points=paths.points,
        values=paths.values,
        gradients=paths.gradients,
        learning_rates=paths.rates,
        ended=state.ended_paths,
        ghosts=dim,
        phase=state.phase,
        starts=starts,
        total_steps=state.total_steps,
        note=note,
    )


def _ghost_paths(label: str, ghost: RunState) -> list[Ghost]:
    paths = ghost.paths
    if paths is None:
        return []
    return [
        Ghost(f"{label} {name}", paths.points[number], paths.values[number])
        for number, name in enumerate(paths.opened.labels)
    ]


def curve_picture(
    state: RunState,
    ghosts: Sequence[tuple[str, RunState]] = (),
    starts: tuple[Point, ...] | None = None,
    minima: tuple[Minimum, ...] = (),
    note: str = "",
) -> CurvePicture:
    """A lesson of curves, its descent over the last one and over its parent."""
    dim = tuple(part for label, ghost in ghosts for part in _ghost_paths(label, ghost))
    paths = state.paths
    if paths is None:
        return CurvePicture(
            state.curves, state.page, ghosts=dim, minima=minima, starts=starts, phase=state.phase, note=note
        )
    return CurvePicture(
        curves=state.curves,
        page=state.page,
        opened=paths.opened,
        points=paths.points,
        values=paths.values,
        gradients=paths.gradients,
        learning_rates=paths.rates,
        ended=state.ended_paths,
        minima=minima,
        ghosts=dim,
        starts=starts,
        total_steps=state.total_steps,
        phase=state.phase,
        note=note,
    )


def live_picture(
    desk: Desk, past: Sequence[Series] = (), *, ascii_only: bool = False
) -> CurvePicture | DescentPicture | TrainingPicture:
    """What the live pane shows of a desk."""
    ghosts = [(label, ghost) for label, ghost in ((PARENT, desk.parent), (LAST, desk.ghost)) if ghost]
    # Elsewhere the news say it; of a run that diverged they say how to go on.
    lost = desk.state is not None and desk.state.diverged is not None
    note = desk.comparison(ascii_only=ascii_only) if lost else ""
    if desk.kind == "training":
        return training_picture(desk.state or RunState("", lesson=desk.lesson.id), ghosts, past)
    state, ground = _on_ground(desk)
    ghosts = [(label, ghost) for label, ghost in ghosts if ground_of(ghost.settings) == ground]
    if desk.kind == "descent":
        return descent_picture(state, ghosts, desk.starts, note)
    return curve_picture(state, ghosts, desk.starts or None, desk.minima, note)


def _on_ground(desk: Desk) -> tuple[RunState, Ground]:
    """The run to show and what it descends. Where there is none, or the settings have gone on to something else, that
    is shown as it lies before a run."""
    chosen = ground_of(desk.texts)
    state = desk.state
    if state is not None and (state.ended is None or ground_of(state.settings) == chosen):
        return state, ground_of(state.settings)
    fresh = RunState("", lesson=desk.lesson.id)
    if not chosen:
        return state or fresh, chosen
    if desk.kind == "descent":
        return replace(fresh, surface=surface_of(chosen)), chosen
    return replace(fresh, curves=(curve_of(chosen),)), chosen
