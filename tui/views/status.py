"""Builders of the small panes' view data: the lessons' marks, the status line, the news."""

from __future__ import annotations

from pathlib import Path

from engine.events import Diverged, Outcome
from engine.training.classifier_settings import LOSSES
from engine.training.diagnosis import diagnosis
from tui.model.app_state import AppState
from tui.model.lesson_state import LessonState
from tui.model.preview import ground_words
from tui.model.run_state import RunState
from tui.text import words
from tui.text.clean import clean
from tui.views.small_panes import STARTING, LessonRow, News, Status, StatusPart, invitation, lesson_row

_LEAST_LOG = 16
"""Cells kept for the end of the log folder: the day and the time of the run."""


def rows(app_state: AppState) -> tuple[LessonRow, ...]:
    """Build the rows of the list of lessons."""
    return tuple(_row(app_state, each) for each in app_state.lesson_states.values())


def _row(app_state: AppState, lesson_state: LessonState) -> LessonRow:
    lesson = lesson_state.lesson
    mark, solved = lesson_state.mark, ""
    if mark == "done" or (mark == "new" and lesson.id in app_state.done):
        mark = "seen"
    if app_state.exercises_loaded:
        count, there = app_state.exercises.practice.solved(lesson.id)
        solved = f"{count}/{there}" if there else ""
        if there and mark in ("new", "seen") and count == there:
            mark = "solved"
    return lesson_row(lesson, mark, solved)


def status(app_state: AppState) -> Status:
    """Build the status line: of the running run, else of the run that the open lesson shows."""
    lesson_state = app_state.running or app_state.lesson_state
    state = lesson_state.on_show
    log, server = _log(app_state, state), app_state.server.address if app_state.server is not None else ""
    server = server.removeprefix("http://").rstrip("/")
    if state is None:
        return status_row(_engine_words(app_state), log=log, server=server)
    doing = state.phase if state.ended is None else lesson_state.mark
    if app_state.session.waiting:
        doing = "waiting for TensorFlow"
    name = f"{lesson_state.lesson.number} {lesson_state.lesson.title}"
    if state.phase == "reading":
        name = clean(state.detail)
    rate = 0.0 if state.phase == "paused" else state.steps_per_s
    return status_row(doing or "starting", name, state.step, state.total_steps, rate, log, server)


def status_row(
    state: str,
    run: str = "",
    step: int = 0,
    total_steps: int = 0,
    steps_per_s: float = 0.0,
    log: str = "",
    server: str = "",
) -> Status:
    """Build the status row of a run: step, rate, server and run, in this order of importance. A run's name that is too
    long loses its beginning, never its end."""
    parts = [StatusPart(run, 3, keeps_end=True)]
    if total_steps or step:
        parts.append(StatusPart(f"step {step:,}" + (f"/{total_steps:,}" if total_steps else ""), 0))
    if steps_per_s > 0:
        parts.append(StatusPart(words.rate(steps_per_s), 1))
    if server:
        parts.append(StatusPart(f"TensorBoard {server}", 2))
    return Status(state, tuple(part for part in parts if part.words), log, _LEAST_LOG)


def _engine_words(app_state: AppState) -> str:
    return {
        "waiting": STARTING.state,
        "importing": "importing TensorFlow",
        "compiling": "compiling",
        "ready": "ready",
        "failed": "no TensorFlow",
    }[app_state.session.engine]


def _log(app_state: AppState, state: RunState | None) -> str:
    if not app_state.options.log:
        return "not logged"
    place = state.logdir if state is not None and state.logdir else str(app_state.options.logdir)
    return "log " + clean(_from_home(place))


def news(app_state: AppState) -> News:
    """Build the news lines of the shown run."""
    lesson_state, state = app_state.lesson_state, app_state.lesson_state.state
    if app_state.session.engine == "failed":
        cause = app_state.session.failure.strip().splitlines()[-1] if app_state.session.failure else ""
        text = f"TensorFlow could not be imported: {clean(cause)}"
        return News(text, "The lessons can be read; w shows the whole message.", bad=True)
    if app_state.preparing:
        return News(
            f"{app_state.preparing[0].upper()}{app_state.preparing[1:]}. A run that is started now begins after it."
        )
    if state is None:
        return News(invitation(lesson_state.lesson), _offer(app_state))
    if lesson_state.on_show is None:
        ground = ground_words(lesson_state.next_ground)
        return News(f"The next run is on {ground}. Space starts it, outside the settings.", "")
    text, bad = state.learned or _diagnosis(state) or state.remark, False
    more = lesson_state.comparison
    if state.ended is not None and state.ended.outcome is not Outcome.DONE:
        text, bad = f"{state.ended.message}. {state.learned}", state.ended.outcome is not Outcome.STOPPED
    if state.diverged is not None and state.ended is not None:
        more = _way_back(state, state.diverged)
    if state.ended is not None and state.ended.traceback:
        more = "w shows where"
    problem = state.log_failure or (
        app_state.session.log_problem if app_state.here or not app_state.session.alive else ""
    )
    return News(clean(text), clean(more or problem), bad=bad)


def _diagnosis(state: RunState) -> str:
    """A diagnosis of a classifier's losses and tests while it trains."""
    training = state.training
    if training is None or not len(training.steps):
        return ""
    tests = [each for each in training.evaluations if each.epoch is not None]
    shown = training.images or training.evaluations
    if not shown:
        return ""
    loss, classes = state.settings.get("loss"), len(shown[0].class_names)
    if loss not in LOSSES:  # a learner's own
        return ""
    return diagnosis(training.loss.array, int(training.steps.array[0]), tests, classes, loss)


def _offer(app_state: AppState) -> str:
    """What `R` resumes, if a run was left unfinished."""
    record = app_state.offered
    if record is None:
        return "New here? F: the first five minutes, a guided walk" if app_state.walk_offered else ""
    rate = " with a smaller learning rate" if record.outcome == "diverged" else ""
    return f"R: on with {clean(record.name)}, {record.outcome} at step {record.step:,}{rate}"


def _way_back(state: RunState, lost: Diverged) -> str:
    """What `g` does after a divergence, or why it does nothing."""
    rate = lost.suggested_learning_rate
    if rate is None:
        return f"{lost.reason}; nothing to go back to" if lost.reason else "nothing to go back to"
    step = state.last_good_step if state.paths is not None else state.checkpoint_step
    back = "the start" if step is None else f"step {step:,}"
    return f"g: back to {back} and on at learning rate {rate:.3g}"


def _from_home(place: str) -> str:
    """Shorten a path below the home folder to `~/…`."""
    path = Path(place).absolute()
    try:
        return "~/" + str(path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)
