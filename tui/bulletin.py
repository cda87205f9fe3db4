"""What the small panes say of the moment: the lessons' marks, the status line, the news."""

from __future__ import annotations

from pathlib import Path

from engine.events import Outcome
from tui.desk import Desk
from tui.run_state import RunState
from tui.text import clean
from tui.widgets.lesson_list import LessonRow
from tui.widgets.news import News
from tui.widgets.status_line import Status
from tui.workbench import Workbench, last_good_step


def rows(bench: Workbench) -> tuple[LessonRow, ...]:
    """The lessons for their list."""
    return tuple(
        LessonRow(desk.lesson.id, desk.lesson.number, desk.lesson.title, desk.lesson.summary, _mark(bench, desk))
        for desk in bench.desks.values()
    )


def _mark(bench: Workbench, desk: Desk) -> str:
    return "done" if desk.mark == "new" and desk.lesson.id in bench.done else desk.mark


def status(bench: Workbench) -> Status:
    """The status line: of the run that is alive, else of the lesson that is open."""
    desk = bench.running or bench.desk
    state = desk.state
    log, server = _log(bench, state), bench.server.address if bench.server is not None else ""
    server = server.removeprefix("http://").rstrip("/")
    if state is None:
        return Status(_engine_words(bench), log=log, server=server)
    words = state.phase if state.ended is None else desk.mark
    if bench.session.waiting:
        words = "waiting for TensorFlow"
    name = f"{desk.lesson.number} {desk.lesson.title}"
    return Status(words or "starting", name, state.step, state.total_steps, state.steps_per_s, log, server)


def _engine_words(bench: Workbench) -> str:
    return {
        "waiting": "starting",
        "importing": "importing TensorFlow",
        "compiling": "compiling",
        "ready": "ready",
        "failed": "no TensorFlow",
    }[bench.session.engine]


def _log(bench: Workbench, state: RunState | None) -> str:
    if not bench.options.log:
        return "not logged"
    place = state.logdir if state is not None and state.logdir else str(bench.options.logdir)
    return "log " + clean(_from_home(place))


def news(bench: Workbench) -> News:
    """What there is to say of the run on show."""
    desk, state = bench.desk, bench.desk.state
    plain = bench.options.ascii_only
    if bench.session.engine == "failed":
        cause = bench.session.failure.strip().splitlines()[-1] if bench.session.failure else ""
        text = f"TensorFlow could not be imported: {clean(cause)}"
        return News(text, "The lessons can be read; w shows the whole message.", bad=True)
    if state is None:
        return News(f"{desk.lesson.title}: {desk.lesson.summary}. Space starts it.", "")
    text, bad = state.learned or state.remark, False
    more = desk.comparison(ascii_only=plain)
    if state.ended is not None and state.ended.outcome is not Outcome.DONE:
        text, bad = f"{state.ended.message}. {state.learned}", state.ended.outcome is not Outcome.STOPPED
    if state.diverged is not None and state.ended is not None:
        lost = state.diverged
        step = last_good_step(state) if state.paths is not None else state.checkpoint_step
        back = "the start" if step is None else f"step {step:,}"
        more = f"g: back to {back} and on at learning rate {lost.suggested_learning_rate:.3g}"
    if state.ended is not None and state.ended.traceback:
        more = "w shows where"
    problem = state.log_failure or (bench.session.log_problem if bench.here or not bench.session.alive else "")
    return News(clean(text), clean(more or problem), bad=bad)


def _from_home(place: str) -> str:
    """A path as a person writes it: below the home folder it begins with `~`."""
    path = Path(place).absolute()
    try:
        return "~/" + str(path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)
