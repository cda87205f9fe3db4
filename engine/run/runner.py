"""The engine thread: runs one lesson, obeys commands between two events, and sends the events to sinks.

Nothing here waits for a screen. Commands may come from any thread, which need not wait.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from engine import program_cache
from engine.errors import InputError, RunFailed, cause
from engine.events import (
    Diverged,
    Event,
    Metrics,
    Outcome,
    Phase,
    RunEnded,
    RunStarted,
    SettingChanged,
    Snapshot,
    steps_in,
)
from engine.lazy import tf
from engine.lesson import Lesson, Run, Turn
from engine.own import files
from engine.run.checkpoint_schedule import CheckpointSchedule, Store
from engine.run.commands import Commands, Order
from engine.run.sinks import Sink, Sinks
from engine.run.threads import give_way
from engine.settings import Settings, command_line, param_of

FRAMES_PER_S = 20.0


class _Interrupted(BaseException):
    """Raised in the engine thread while it imports TensorFlow, if the process is about to end."""


class Runner:
    """One run of one lesson in its own thread.

    `pace` is the speed in steps per second of a run whose `speed` setting is 0 (0: as fast as possible). `clock`
    returns monotonic seconds.

    A lesson that can be resumed leaves snapshots in `store`: at its start and end, every `store_every_s` seconds, when
    it pauses or is stopped, and before the first step with a changed setting, because a resumed run must reproduce the
    logged numbers. With a `snapshot` the run starts from there.

    With `gives_way`, the process's other threads have priority over its own.
    """

    def __init__(
        self,
        lesson: Lesson[Any],
        settings: Settings,
        sinks: Sequence[Sink],
        *,
        run: str,
        logdir: str | None = None,
        pace: float = 0.0,
        paused: bool = False,
        store: Store | None = None,
        store_every_s: float = 30.0,
        snapshot: Snapshot | None = None,
        gives_way: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lesson = lesson
        self.run = run
        self.outcome: Outcome | None = None
        self._settings = settings
        self._logdir = logdir
        self._pace = pace
        self._clock = clock
        self._step = snapshot.step if snapshot else 0
        self._snapshot = snapshot
        self._gives_way = gives_way
        self._at_end = False
        self._diverged: Diverged | None = None
        self._due = self._began = clock()
        self._paused_since: float | None = None
        self._paused_s = 0.0
        self._said_paused = False
        self._importing: int | None = None  # the thread that imports TensorFlow
        self._commands = Commands(paused=paused)
        self._sinks = Sinks(sinks, run, lambda: self.elapsed_s)
        self._checkpoints = CheckpointSchedule(store if lesson.resume else None, store_every_s, clock, self._sinks.send)
        self._thread = threading.Thread(target=self._main, name=f"engine {run}", daemon=True)

    @property
    def settings(self) -> Settings:
        """The present settings, live changes included."""
        return self._settings

    @property
    def step_number(self) -> int:
        """The last step that was taken."""
        return self._step

    @property
    def alive(self) -> bool:
        """Whether the run has begun and not ended."""
        return self._thread.is_alive()

    @property
    def paused(self) -> bool:
        """Whether the run is to be paused."""
        return self._commands.paused

    @property
    def elapsed_s(self) -> float:
        """The run's own time: seconds since it began, without pauses."""
        now = self._clock() if self._paused_since is None else self._paused_since
        return now - self._began - self._paused_s

    def start(self) -> None:
        """Begin the run. A runner runs only once."""
        self._thread.start()

    def pause(self) -> None:
        """Pause before the next event; pending single steps are dropped."""
        self._commands.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._commands.resume()

    def step(self, steps: int = 1) -> None:
        """Pause after `steps` more steps, beyond those in progress now."""
        self._commands.step(steps)

    def stop(self) -> None:
        """End the run before its next event, or inside a learner's code; its outcome is STOPPED."""
        self._commands.stop()
        files.interrupt(self._thread.ident)

    def interrupt(self) -> None:
        """Stop, and also interrupt TensorFlow's import, which takes seconds; for a process that is about to end."""
        self.stop()
        importing = self._importing
        if importing is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(importing), ctypes.py_object(_Interrupted))

    def set(self, name: str, text: str) -> None:
        """Change a live setting before the next step.

        Raises:
            SettingError: the setting does not exist or does not take `text`.
            ValueError: the setting cannot be changed during a run.
        """
        param = param_of(self.lesson.settings, name)
        if not param.live:
            raise ValueError(f"{param.option} cannot be changed during a run")
        param.parse(text)
        self._commands.change(name, text)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait at most `timeout_s` seconds for the end of the run; returns whether it has ended."""
        if self._thread.ident is not None:  # a signal may come before it is started
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _main(self) -> None:
        if self._gives_way:
            give_way()
        self._sinks.send(
            RunStarted(
                lesson=self.lesson.id,
                title=self.lesson.title,
                settings=self._settings.texts(),
                command=command_line(self.lesson.id, self._settings, self.lesson.file),
                logdir=self._logdir,
                resumed_step=self._step,
            )
        )
        try:
            ended = self._run_lesson()
        except _Interrupted:
            # Code that would import it now, such as the end of the log, does without: another import would take as
            # long.
            sys.modules["tensorflow"] = None  # type: ignore[assignment]
            ended = self._stopped()
        except files.Stopped:
            ended = self._stopped()
        except (InputError, RunFailed) as error:
            ended = RunEnded(Outcome.FAILED, self._step, str(error), bad_input=isinstance(error, InputError))
        except BaseException as error:  # the boundary of the thread: a bug becomes an event, not a dead thread
            message = f"{type(error).__name__}: {cause(error)}"
            ended = RunEnded(Outcome.FAILED, self._step, message, traceback=traceback.format_exc())
        self.outcome = ended.outcome
        self._sinks.send(Phase("done"))
        self._sinks.send(ended)
        self._sinks.close()
        program_cache.keep()

    def _run_lesson(self) -> RunEnded:
        if "tensorflow" not in sys.modules:
            self._sinks.send(Phase("importing"))
        self._importing = threading.get_ident()
        try:
            tf.__version__  # noqa: B018 - imported here: a TensorFlow that fails to import raises its own error
        finally:
            self._importing = None
        if own := files.of(self._settings):
            self._sinks.send(Phase("reading", ", ".join(own)))
        running = self._begin()
        turn: Turn[Any] | None = None
        try:
            while True:
                stepped = self._take(running.send(turn))
                if self._checkpoints.is_due:
                    self._keep_snapshot(running)
                if not self._hold(stepped, running):
                    self._keep_snapshot(running)
                    return self._stopped()
                wanted = self._at_end and self._checkpoints.lacks(self._step)
                turn = Turn(self._settings, self._budget(), snapshot=wanted)
        except StopIteration:
            pass
        finally:
            running.close()
        diverged = self._diverged
        if diverged is None:
            return RunEnded(Outcome.DONE, self._step, Outcome.DONE.value)
        suggested = diverged.suggested_learning_rate
        return RunEnded(
            Outcome.DIVERGED,
            diverged.step,
            f"{diverged.what} is not finite at step {diverged.step}, learning rate {diverged.learning_rate:g}",
            hint=f"try --learning-rate {suggested:.2g}" if suggested is not None else "",
        )

    def _stopped(self) -> RunEnded:
        return RunEnded(Outcome.STOPPED, self._step, f"stopped after step {self._step}")

    def _begin(self) -> Run[Any]:
        """The lesson's events, from its start or from the snapshot."""
        if self._snapshot is None:
            return self.lesson.run(self._settings)
        if self.lesson.resume is None:
            raise InputError(f"{self.lesson.id}: a run of this lesson cannot be resumed")
        return self.lesson.resume(self._settings, self._snapshot)

    def _take(self, event: Event) -> int:
        """Pass an event on, or keep it if it is a snapshot; returns the number of steps in it."""
        if isinstance(event, Snapshot):
            self._checkpoints.keep(event, self._settings.texts())
            return 0
        stepped = steps_in(event)
        self._step += stepped
        if isinstance(event, Diverged) and self._diverged is None:
            self._diverged = event
        if isinstance(event, Metrics):
            self._at_end = event.last_step >= event.total_steps
        self._sinks.send(event)
        return stepped

    def _keep_snapshot(self, running: Run[Any]) -> None:
        """Let the lesson yield all events of the steps taken, then keep its snapshot, at most once per step.

        Raises StopIteration if the lesson ends instead.
        """
        while self._checkpoints.lacks(self._step) and self._diverged is None:
            before = self._step
            event = running.send(Turn(self._settings, 1, snapshot=True))
            self._take(event)
            # While a lesson waits for other workers there is nothing to keep, and it must react to a stop.
            waiting = isinstance(event, Phase) and event.name == "waiting"
            if isinstance(event, Snapshot) or self._step > before or waiting:
                return

    def _hold(self, stepped: int, running: Run[Any]) -> bool:
        """Wait while paused, and until the pace allows the next event after `stepped` steps, and apply changes. Returns
        False when the run is to stop."""
        self._commands.have_done(stepped)
        # A run that fell behind (a slow step, a pause) catches up by no more than a frame.
        since = max(self._due, self._clock() - 1.0 / FRAMES_PER_S)
        try:
            return self._await_order(stepped, since, running)
        finally:
            self._end_pause()

    def _end_pause(self) -> None:
        """If the run is paused, exclude the pause from the run's own time."""
        if self._paused_since is not None:
            self._paused_s += self._clock() - self._paused_since
            self._paused_since = None

    def _await_order(self, stepped: int, since: float, running: Run[Any]) -> bool:
        announced = False
        while True:
            self._apply_changes()
            if speed := self._speed():
                self._due = since + stepped / speed
            early_s = max(0.0, self._due - self._clock()) if stepped and speed else 0.0
            if not self._commands.paused:
                self._end_pause()
            match self._commands.look(early_s, announced=announced):
                case Order.STOP:
                    return False
                case Order.PAUSE:
                    self._keep_snapshot(running)
                    self._sinks.send(Phase("paused"))
                    self._paused_since = self._clock()
                    announced = self._said_paused = True
                case Order.GO | Order.STEP as order:
                    if self._checkpoints.change_unsaved:
                        self._keep_snapshot(running)
                    if self._said_paused and order is Order.GO:
                        self._said_paused = False
                        self._sinks.send(Phase("running"))
                    return True

    def _speed(self) -> float:
        """The requested steps per second; 0 is as fast as possible."""
        return self._settings.speed or self._pace

    def _budget(self) -> int | None:
        """How many steps the next event may carry."""
        if steps := self._commands.begin_single_steps():
            return steps
        speed = self._speed()
        return max(1, round(speed / FRAMES_PER_S)) if speed else None

    def _apply_changes(self) -> None:
        for name, text in self._commands.take_changes():
            before = self._settings.texts()[name]
            self._settings = self._settings.changed(name, text)
            after = self._settings.texts()[name]
            if after != before:
                self._sinks.send(SettingChanged(self._step, name, before, after))
                if name != "speed":
                    self._checkpoints.note_change()
