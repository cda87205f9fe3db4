"""The state of the lab's actions: which are possible now, and their present names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.model.app_state import AppState
    from tui.model.lesson_state import LessonState

CHANGING = (
    "stop", "recover", "resume", "reset", "step", "step_back", "add_start", "rate_down", "next_optimizer", "clear",
    "exercises",
)  # fmt: skip
"""The actions that are possible only at times."""
AT_FIRST = ("step", "add_start", "rate_down", "next_optimizer", "exercises")
"""Those of them that are possible in most lessons before any run."""

OF_SETTINGS = ("recover", "rate_down", "rate_up", "next_optimizer", "add_start", "clear", "try_it", "copy_command")
"""The actions that read or change the settings of the next run, besides those that start one."""


def needs_settings(app_state: AppState, action: str) -> bool:
    """Whether an action waits for settings that are being prepared."""
    starts = action in ("start_or_pause", "step") and not app_state.session.alive
    return starts or action in OF_SETTINGS


def is_possible(app_state: AppState, action: str) -> bool:
    """Whether an action is possible now; one that is not is neither shown nor executed."""
    lesson_state = app_state.lesson_state
    match action:
        case "stop":
            return app_state.session.alive
        case "recover":
            return app_state.recoverable
        case "reset":
            return lesson_state.state is not None
        case "step_back":
            return lesson_state.on_show is not None and lesson_state.on_show.paths is not None
        case "exercises":
            exercises = app_state.exercises if app_state.exercises_loaded else None
            return exercises is None or exercises.shown or exercises.has(app_state.opened)
        case "add_start":
            return _has(lesson_state, "start")
        case "step" | "rate_down" | "rate_up":  # what takes steps has a rate
            return _has(lesson_state, "learning_rate")
        case "next_optimizer":
            return bool(lesson_state.chosen_optimizers)
        case "clear":
            return lesson_state.ghost is not None or lesson_state.parent is not None or "start" in lesson_state.given
    return True


def _has(lesson_state: LessonState, setting: str) -> bool:
    return any(param.name == setting for param in lesson_state.params)


def labels(app_state: AppState) -> dict[str, str]:
    """The present names of actions whose names change."""
    if not app_state.here:
        return {"start_or_pause": "Start"}
    if app_state.session.waiting:
        return {"start_or_pause": "Cancel"}
    return {"start_or_pause": "Go on" if app_state.session.paused else "Pause"}
