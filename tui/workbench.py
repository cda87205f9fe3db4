"""What the app's keys do, apart from drawing: desks, the run that goes on, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.checkpoints import NoCheckpoint
from engine.errors import InputError
from engine.events import Outcome
from engine.lesson import Lesson
from engine.settings import Settings, command_line, param_of
from tui.desk import Desk
from tui.options import AppOptions
from tui.run_state import RunState, fold_all
from tui.session import Session
from tui.state_file import Remembered
from tui.text import clean

if TYPE_CHECKING:
    from engine.listener import TensorBoardServer

BUDGET = 400
"""Events taken in one frame at the most: a frame folds in a few milliseconds, and what is left comes with the next."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How the app opens: at which lesson (None: the last one), and with which settings if the command line gave any."""

    lesson: str | None = None
    texts: Mapping[str, str] | None = None


class Workbench:
    """Every lesson's desk and the session that runs them. Methods that do what a key asks return what there is to say
    to the learner, mostly nothing."""

    def __init__(
        self,
        lessons: Iterable[Lesson[Any]],
        session: Session,
        options: AppOptions,
        remembered: Remembered | None = None,
        opening: Opening | None = None,
    ) -> None:
        remembered, opening = remembered or Remembered(), opening or Opening()
        self.session = session
        self.options = options
        self.desks = {each.id: Desk(each, remembered.settings.get(each.id)) for each in lessons}
        self.done = set(remembered.done)
        self.server: TensorBoardServer | None = None
        first = next(iter(self.desks))
        self.opened = next((name for name in (opening.lesson, remembered.lesson) if name in self.desks), None) or first
        if opening.lesson in self.desks and opening.texts is not None:
            self.desks[opening.lesson] = Desk(self.desks[opening.lesson].lesson, opening.texts)
        if options.seed is not None:
            for desk in self.desks.values():
                desk.change("seed", str(options.seed))

    @property
    def tensorboard(self) -> TensorBoardServer:
        """The TensorBoard server of this session's logdir; made, not started, when first asked for."""
        if self.server is None:
            from engine.listener import TensorBoardServer

            self.server = TensorBoardServer(self.options.logdir)
        return self.server

    # --- which lesson ---------------------------------------------------------------------------------------------

    @property
    def desk(self) -> Desk:
        """The lesson that is open."""
        return self.desks[self.opened]

    @property
    def running(self) -> Desk | None:
        """The lesson whose run is alive."""
        lesson = self.session.lesson_id
        return self.desks[lesson] if lesson is not None else None

    @property
    def here(self) -> bool:
        """Whether the run that is alive is that of the lesson that is open."""
        return self.running is self.desk

    def open(self, lesson: str) -> None:
        """Open a lesson; a run of another one goes on."""
        self.opened = lesson

    def numbered(self, number: int) -> str | None:
        """The id of the lesson with this number in the course."""
        return next((desk.lesson.id for desk in self.desks.values() if desk.lesson.number == number), None)

    # --- a run ----------------------------------------------------------------------------------------------------

    def start_or_pause(self) -> str:
        """Start the lesson's run, pause it, or go on with it."""
        session = self.session
        if not session.alive:
            return self._begin(self.desk, self.desk.settings)
        if not self.here:
            return self._elsewhere()
        if session.waiting:
            self.stop()
        elif session.paused:
            session.resume()
        else:
            session.pause()
        return ""

    def step(self) -> str:
        """One step further, then pause; begins a run where none goes on."""
        if not self.session.alive:
            return self._begin(self.desk, self.desk.settings, paused=True)
        if not self.here:
            return self._elsewhere()
        self.session.step()
        state = self.desk.state
        if state is not None and state.phase == "paused":
            # So that the screen listens until the engine says that it has paused again.
            self.desk.state = replace(state, phase="running")
        return ""

    def hold(self) -> None:
        """Pause the open lesson's run, if it goes on."""
        if self.here and not self.session.paused:
            self.session.pause()

    def stop(self) -> None:
        """End the run that is alive, whichever lesson's it is."""
        desk, waited = self.running, self.session.waiting
        self.session.stop()
        if waited and desk is not None:
            desk.reset()

    def reset(self) -> None:
        """Back to before the run; it stays as a ghost."""
        if self.here:
            self.session.abandon()
        self.desk.reset()

    def clear(self) -> None:
        """Take ghosts away, and the starts that were added."""
        self.desk.clear()

    def branch(self, path: int, step: int, changes: Mapping[str, str] | None = None) -> str:
        """A new run from where the paths were at `step`, with other settings; the parent stays. Raises SettingError."""
        desk = self.desk
        starts = desk.branch(path, step)
        if desk.state is None or not starts:
            return "there is no step to branch from"
        if self.session.alive and not self.here:
            return self._elsewhere()
        settings = desk.branch_settings(starts, changes or {})
        if self.here:
            self.session.abandon()
        return self._begin(desk, settings, parent=desk.state)

    @property
    def recoverable(self) -> bool:
        """Whether the open lesson's run ended by a number that stopped being finite, and another may begin."""
        state = self.desk.state
        lost = state is not None and state.diverged is not None and state.ended is not None
        return lost and not self.session.unfinished

    def recover(self) -> str:
        """Back to where all was well, and on at a third of the rate: a descent branches, a classifier starts anew."""
        desk, state = self.desk, self.desk.state
        if state is None or state.diverged is None:
            return "nothing diverged"
        rate = f"{state.diverged.suggested_learning_rate:.3g}"
        desk.change("learning_rate", rate)
        if state.paths is not None:
            return self.branch(0, last_good_step(state), {"learning_rate": rate})
        if state.checkpoint_step is None or state.logdir is None:
            return self._begin(desk, desk.settings)
        return self.resume(Path(state.logdir), {"learning_rate": rate})

    def resume(self, path: Path, given: Mapping[str, str] | None = None) -> str:
        """Go on with the run in a folder, with live settings that are `given` anew; what was on show stays, dim."""
        if self.session.alive:
            return self._elsewhere()
        try:
            lesson = path.parent.name
            at_hand = self.desks[lesson].given if lesson in self.desks else {}
            run, job = self.session.go_on(f"{lesson}/{path.name}", lesson, given or {}, at_hand)
        except (NoCheckpoint, InputError) as error:
            return clean(str(error))
        desk = self.desks[job.lesson.id]
        self.open(desk.lesson.id)
        desk.begin(run, desk.state if given else None)
        return clean("; ".join(job.notes))

    def _begin(self, desk: Desk, settings: Settings, *, paused: bool = False, parent: RunState | None = None) -> str:
        if self.session.alive:
            return self._elsewhere()
        run = self.session.start(desk.lesson, settings, paused=paused)
        desk.begin(run, parent)
        if self.session.engine == "failed":
            return "TensorFlow could not be imported"
        return "begins when TensorFlow is imported" if self.session.waiting else ""

    def _elsewhere(self) -> str:
        desk = self.running
        number = desk.lesson.number if desk is not None else 0
        return f"lesson {number} is running: x ends it, {number} shows it"

    def tick(self) -> bool:
        """Take what the run has said; whether anything changed."""
        desk, waited = self.running, self.session.waiting
        taken = self.session.take(BUDGET)
        if waited and not self.session.alive and desk is not None:
            desk.reset()
            return True
        if not taken:
            return False
        # Of the run that speaks, which need not go on any more: that its log failed is said when all is over.
        desk = self.desks[taken[0].run.rpartition("/")[0]]
        if desk.state is None or desk.state.run != taken[0].run:
            return False
        desk.state = fold_all(desk.state, taken)
        if desk.state.outcome is Outcome.DONE:
            self.done.add(desk.lesson.id)
        return True

    @property
    def expects(self) -> bool:
        """Whether the engine may say something unasked: a paused run and an idle engine say nothing."""
        session = self.session
        if not session.busy:
            return False
        state = self.running.state if self.running is not None else None
        resting = session.paused and state is not None and state.phase == "paused" and state.ended is None
        return not resting or session.engine in ("importing", "compiling")

    @property
    def training(self) -> bool:
        """Whether a classifier's run goes on, unpaused, and the open lesson shows it."""
        state = self.desk.state
        return self.here and state is not None and state.phase == "running" and self.desk.kind == "training"

    def warm(self) -> None:
        """Compile what the open lesson needs while its text is read."""
        self.session.warm(self.desk.lesson, self.desk.settings)

    # --- settings -------------------------------------------------------------------------------------------------

    def give(self, name: str, text: str) -> None:
        """Change a setting, in the run that goes on too where it is live. Raises SettingError."""
        self.desk.change(name, text)
        if self.here and param_of(self.desk.lesson.settings, name).live:
            self.session.set(name, text)

    def forget(self, name: str) -> None:
        """A setting back to what it is by itself."""
        self.desk.forget(name)
        if self.here and param_of(self.desk.lesson.settings, name).live:
            self.session.set(name, self.desk.texts[name])

    def step_rate(self, direction: int) -> str:
        """The learning rate's next value up (1) or down (-1)."""
        text = self.desk.step_setting("learning_rate", direction)
        if text is None:
            return "this lesson has no learning rate"
        if self.here:
            self.session.set("learning_rate", text)
        return ""

    def next_optimizer(self) -> str:
        """The next update rule, for the next run."""
        text = self.desk.next_optimizer()
        if text is None:
            return "this lesson has no optimizer"
        return f"{text}: from the next run on" if self.here else ""

    @property
    def command(self) -> str:
        """The run on show as one command line, or the next run's where there is none."""
        state = self.desk.state
        if state is not None and state.command:
            return state.command
        return command_line(self.desk.lesson.id, self.desk.settings)

    def remembered(self, theme: str) -> Remembered:
        """What to remember."""
        settings = {name: desk.given for name, desk in self.desks.items() if desk.given}
        return Remembered(self.opened, theme, settings, tuple(name for name in self.desks if name in self.done))


def last_good_step(state: RunState) -> int:
    """The last step at which every path that is finite at first was finite, and no further out than the drawn surface
    or ten times its start: what came after is lost, however small the steps."""
    paths = state.paths
    if paths is None:
        return 0
    points = np.asarray(paths.points, np.float64)
    limit = np.maximum(10.0 * np.abs(points[:, :1]), 10.0)
    if state.surface is not None:
        limit = np.array([np.abs(state.surface.x).max(), np.abs(state.surface.y).max()])
    good = (np.isfinite(paths.values) & (np.abs(points) <= limit).all(axis=2)).all(axis=0)
    bad = np.flatnonzero(~good)
    return int(max(bad[0] - 1, 0)) if len(bad) else paths.steps
