"""The state of the app: each lesson's state, the present run, and the state kept between sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import InputError
from engine.events import Outcome
from engine.lesson import Lesson
from engine.run.checkpoints import NoCheckpoint
from engine.settings import Settings, command_line
from tui.model.lesson_state import Change, LessonState
from tui.model.preview import GROUND
from tui.model.run_state import RunState, fold_all
from tui.model.session import EngineSession
from tui.model.state_file import Remembered
from tui.model.unfinished_runs import UnfinishedRuns
from tui.process.options import AppOptions
from tui.text.clean import clean

if TYPE_CHECKING:
    from engine.exercises.exercise import Task
    from engine.run.run_record import RunRecord
    from engine.run.tensorboard_server import TensorBoardServer
    from tui.model.exercise_state import ExerciseState

BUDGET = 400
"""The most events taken per frame: folding them takes a few milliseconds, and the rest comes in the next frame."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How the app opens: at which lesson (None: the last one), and with which settings if the command line gave any."""

    lesson: str | None = None
    texts: Mapping[str, str] | None = None


class AppState:
    """The state of each lesson and the session that runs them. A method that executes an action returns a message for
    the learner, mostly empty."""

    def __init__(
        self,
        lessons: Iterable[Lesson[Any]],
        session: EngineSession,
        options: AppOptions,
        remembered: Remembered | None = None,
        opening: Opening | None = None,
        progress_path: Path | None = None,
    ) -> None:
        remembered, opening = remembered or Remembered(), opening or Opening()
        self.session = session
        self.options = options
        self.lesson_states = {
            each.id: LessonState(each, remembered.settings.get(each.id), options.settings.get(each.id))
            for each in lessons
        }
        self.done = set(remembered.done)
        self.preparing = ""
        """The work that changed settings wait for, in words, once it lasts long enough to be reported."""
        self.walk_offered = False
        """Whether the news offer the first five minutes."""
        self._tried: dict[str, int] = {}
        self.newly_solved: list[Task] = []
        """The tasks that runs have solved and that have not been reported to the learner yet."""
        self._progress_path = progress_path
        self._exercises: ExerciseState | None = None
        self.server: TensorBoardServer | None = None
        self.unfinished = UnfinishedRuns()
        first = next(iter(self.lesson_states))
        self.opened = (
            next((name for name in (opening.lesson, remembered.lesson) if name in self.lesson_states), None) or first
        )
        if opening.lesson in self.lesson_states and opening.texts is not None:
            asked = self.lesson_states[opening.lesson]
            self.lesson_states[opening.lesson] = LessonState(asked.lesson, opening.texts, asked.defaults)
        if options.seed is not None:
            for lesson_state in self.lesson_states.values():
                lesson_state.change("seed", str(options.seed))

    @property
    def tensorboard(self) -> TensorBoardServer:
        """The TensorBoard server of this session's logdir; created, but not started, when first used."""
        if self.server is None:
            from engine.run.tensorboard_server import TensorBoardServer

            self.server = TensorBoardServer(self.options.logdir)
        return self.server

    # --- exercises ------------------------------------------------------------------------------------------------

    @property
    def exercises(self) -> ExerciseState:
        """The exercises, with the saved progress; loaded when first used, in 0.1 s."""
        if self._exercises is None:
            from tui.model import progress as progress_file
            from tui.model.exercise_state import ExerciseState
            from tui.model.practice import Practice

            path = self._progress_path
            progress, problem = progress_file.load(path) if path is not None else (progress_file.new(), "")
            self._exercises = ExerciseState(Practice(progress, path), self.options.language, problem)
        return self._exercises

    @property
    def exercises_loaded(self) -> bool:
        """Whether the exercises have been used."""
        return self._exercises is not None

    # --- lessons --------------------------------------------------------------------------------------------------

    @property
    def lesson_state(self) -> LessonState:
        """The lesson that is open."""
        return self.lesson_states[self.opened]

    @property
    def running(self) -> LessonState | None:
        """The lesson with a running or paused run."""
        lesson = self.session.lesson_id
        return self.lesson_states[lesson] if lesson is not None else None

    @property
    def here(self) -> bool:
        """Whether the present run is that of the open lesson."""
        return self.running is self.lesson_state

    def open(self, lesson: str) -> None:
        """Open a lesson; a run of another one goes on."""
        self.opened = lesson

    def numbered(self, number: int) -> str | None:
        """The id of the lesson with this number in the course."""
        lessons = (each.lesson for each in self.lesson_states.values())
        return next((lesson.id for lesson in lessons if lesson.number == number), None)

    # --- a run ----------------------------------------------------------------------------------------------------

    def start_or_pause(self) -> str:
        """Start the lesson's run, pause it, or resume it."""
        session = self.session
        if not session.alive:
            return self._begin(self.lesson_state, self.lesson_state.settings)
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
        """Take one step, then pause; starts a run if there is none."""
        if not self.session.alive:
            return self._begin(self.lesson_state, self.lesson_state.settings, paused=True)
        if not self.here:
            return self._elsewhere()
        self.session.step()
        state = self.lesson_state.state
        if state is not None and state.phase == "paused":
            # The screen then polls until the engine reports that it has paused again.
            self.lesson_state.state = replace(state, phase="running")
        return ""

    def hold(self) -> None:
        """Pause the open lesson's run, if it is running."""
        if self.here and not self.session.paused:
            self.session.pause()

    def stop(self) -> None:
        """End the present run of any lesson."""
        lesson_state, waited = self.running, self.session.waiting
        self.session.stop()
        if waited and lesson_state is not None:
            lesson_state.reset()

    def reset(self) -> None:
        """Go back to the state before the run; it stays as a ghost."""
        if self.here:
            self.session.abandon()
        self.lesson_state.reset()

    def clear(self) -> None:
        """Remove ghosts, and added starts."""
        self.lesson_state.clear()

    def branch(self, path: int, step: int, changes: Mapping[str, str] | None = None) -> str:
        """Start a run from the paths' positions at `step`, with other settings; the parent stays. Raises
        SettingError."""
        lesson_state = self.lesson_state
        starts = lesson_state.branch(path, step)
        if lesson_state.state is None or not starts:
            return "there is no step to branch from"
        if self.session.alive and not self.here:
            return self._elsewhere()
        settings = lesson_state.branch_settings(starts, changes or {})
        for name, text in (changes or {}).items():
            if lesson_state.is_live(name):  # otherwise the form would show, and `[` change, another value
                lesson_state.change(name, text)
        if self.here:
            self.session.abandon()
        return self._begin(lesson_state, settings, parent=lesson_state.state)

    @property
    def recoverable(self) -> bool:
        """Whether the open lesson's run diverged, another may begin, and a smaller rate helps."""
        state = self.lesson_state.on_show
        lost = state.diverged if state is not None and state.ended is not None else None
        return lost is not None and lost.suggested_learning_rate is not None and not self.session.unfinished

    def recover(self) -> str:
        """Continue at the rate that was found to hold: a descent from its last good step, a classifier from its
        last checkpoint, or from the beginning without one."""
        lesson_state, state = self.lesson_state, self.lesson_state.state
        if state is None or state.diverged is None or state.diverged.suggested_learning_rate is None:
            return "nothing to go back to"
        rate = f"{state.diverged.suggested_learning_rate:.3g}"
        lesson_state.change("learning_rate", rate)
        if state.paths is not None:
            return self.branch(0, state.last_good_step, {"learning_rate": rate})
        if state.checkpoint_step is None or state.logdir is None:
            return self._begin(lesson_state, lesson_state.settings)
        return self.resume(Path(state.logdir), {"learning_rate": rate})

    @property
    def offered(self) -> RunRecord | None:
        """The run that can be resumed now; None while a run is running."""
        return None if self.session.unfinished else self.unfinished.offered(self.lesson_state)

    def update_offer(self) -> None:
        """Handle the end of a run with its log complete: find out at once whether it can be resumed."""
        self.unfinished.update_offers(self.lesson_states.values())

    def resume(self, path: Path, given: Mapping[str, str] | None = None) -> str:
        """Resume the run in a folder, with the live settings `given`; the shown run stays as a dim ghost."""
        from engine.run.resuming import WouldDiverge

        if self.session.alive:
            return self._elsewhere()
        try:
            lesson = path.parent.name
            at_hand = self.lesson_states[lesson].given if lesson in self.lesson_states else {}
            run, job = self.session.go_on(f"{lesson}/{path.name}", lesson, given or {}, at_hand)
        except WouldDiverge as error:
            if given:
                return clean(str(error))
            rate = f"{error.learning_rate:.3g}"
            said = self.resume(path, {"learning_rate": rate})
            return f"{said}; it diverged, so at learning rate {rate} now"
        except (NoCheckpoint, InputError) as error:
            return clean(str(error))
        lesson_state = self.lesson_states[job.lesson.id]
        self.open(lesson_state.lesson.id)
        lesson_state.begin(run, lesson_state.state if given else None, job.settings)
        for name, text in {**job.settings.texts(), **job.changes}.items():
            if lesson_state.is_live(name):  # the form shows, and `[` changes, the run's own values
                lesson_state.change(name, text)
        return clean("; ".join(job.notes))

    def _begin(
        self, lesson_state: LessonState, settings: Settings, *, paused: bool = False, parent: RunState | None = None
    ) -> str:
        if self.session.alive:
            return self._elsewhere()
        run = self.session.start(lesson_state.lesson, settings, paused=paused)
        lesson_state.begin(run, parent, settings)
        if self.session.engine == "failed":
            return "TensorFlow could not be imported"
        return "begins when TensorFlow is imported" if self.session.waiting else ""

    def begin_again(self, lesson: Lesson[Any], settings: Settings, files: Mapping[str, int]) -> None:
        """Run the open lesson again as `lesson`, which has begun with files saved at these times; the shown run stays
        as a ghost."""
        paused = self.here and self.session.paused
        if self.here:
            self.session.abandon()
        self.lesson_state.begin(self.session.start(lesson, settings, paused=paused), settings=settings, files=files)

    def _elsewhere(self) -> str:
        lesson_state = self.running
        number = lesson_state.lesson.number if lesson_state is not None else 0
        return f"lesson {number} is running: x ends it, {number} shows it"

    def tick(self) -> bool:
        """Take the run's new events; returns whether anything changed."""
        lesson_state, waited = self.running, self.session.waiting
        taken = self.session.take(BUDGET)
        if waited and not self.session.alive and lesson_state is not None:
            lesson_state.reset()
            return True
        if not taken:
            return False
        # For the run that sends events, even if it has ended: a failure of its log is reported at the very end.
        lesson_state = self.lesson_states[taken[0].run.rpartition("/")[0]]
        if lesson_state.state is None or lesson_state.state.run != taken[0].run:
            return False
        lesson_state.state = fold_all(lesson_state.state, taken)
        for delivery in taken:
            self.newly_solved += self.exercises.hear(delivery.event)
        if lesson_state.state.outcome is Outcome.DONE:
            self.done.add(lesson_state.lesson.id)
        return True

    @property
    def expects(self) -> bool:
        """Whether the engine may send events without a request: not when a run is paused or there is none."""
        session = self.session
        if not session.busy:
            return False
        state = self.running.state if self.running is not None else None
        resting = session.paused and state is not None and state.phase == "paused" and state.ended is None
        return not resting or session.engine in ("importing", "compiling")

    @property
    def training(self) -> bool:
        """Whether a classifier's run is running, not paused, and the open lesson shows it."""
        state = self.lesson_state.state
        return self.here and state is not None and state.phase == "running" and self.lesson_state.kind == "training"

    def warm(self) -> None:
        """Compile what the open lesson needs while its text is read."""
        self.session.warm(self.lesson_state.lesson, self.lesson_state.settings)

    # --- settings -------------------------------------------------------------------------------------------------

    def give(self, change: Change, lesson_state: LessonState | None = None) -> None:
        """Change a setting of the open lesson, or of another; also in its run, if it is live. Raises SettingError."""
        (name, text), lesson_state = change, lesson_state or self.lesson_state
        lesson_state.forget(name) if text is None else lesson_state.change(name, text)
        if self.running is lesson_state and lesson_state.is_live(name):
            self.session.set(name, lesson_state.texts[name])

    def try_it(self) -> str:
        """Apply the next part of the text's "Try it"; returns the part's text. Before the first, the settings that the
        steps are about become the lesson's own."""
        from tui.model import try_it

        steps = try_it.steps_of(self.opened, self.options.language)
        if not steps:
            return "this text has no steps to try"
        parts = [
            (number, part_number, len(parts_of_step), part)
            for number, parts_of_step in enumerate(map(try_it.parts_of, steps), 1)
            for part_number, part in enumerate(parts_of_step, 1)
        ]
        place = self._tried.get(self.opened, 0) % len(parts)
        self._tried[self.opened] = place + 1
        number, part_number, count, part = parts[place]
        if not place:
            changed = {name for *_, each in parts for name, _ in try_it.changes_of(each)}
            for name in {*changed, *GROUND, "start", "learning_rate"} & self.lesson_state.given.keys():
                self.give((name, None))
        for asked in try_it.changes_of(part):
            name = asked[0]
            if name in (try_it.RATE_UP, try_it.RATE_DOWN):
                self.step_rate(1 if name == try_it.RATE_UP else -1)
            elif name in try_it.KEYS:
                try_it.change(self.lesson_state, asked)
            else:
                self.give(asked)
        which = f", part {part_number} of {count}" if count > 1 else ""
        return f"Try it, step {number} of {len(steps)}{which}: {try_it.in_words(part)}"

    def step_rate(self, direction: int) -> str:
        """Change the learning rate to its next value up (1) or down (-1)."""
        text = self.lesson_state.step_setting("learning_rate", direction)
        if text is None:
            return "this lesson has no learning rate"
        if not self.here:
            return f"learning rate {text} from the next run on"
        self.session.set("learning_rate", text)
        return ""

    def next_optimizer(self) -> str:
        """Choose the next update rule, for the next run."""
        text = self.lesson_state.next_optimizer()
        if text is None:
            return "this lesson has no optimizer"
        return f"{text} from the next run on"

    @property
    def command(self) -> str:
        """The shown run as one command line, or the next run if there is none."""
        state = self.lesson_state.on_show
        if state is not None and state.command:
            return state.command
        lesson = self.lesson_state.lesson
        return command_line(lesson.id, self.lesson_state.settings, lesson.file)

    def remembered(self, theme: str) -> Remembered:
        """The state to keep for the next session."""
        settings = {name: lesson_state.given for name, lesson_state in self.lesson_states.items() if lesson_state.given}
        return Remembered(self.opened, theme, settings, tuple(name for name in self.lesson_states if name in self.done))
