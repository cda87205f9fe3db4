"""The app's engine session: TensorFlow's import, one run at a time, its log. No method waits for the engine."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

from engine import program_cache
from engine.errors import InputError
from engine.events import Delivery, LogFailed, Phase, RunEnded
from engine.lesson import Lesson
from engine.own import files
from engine.run.runner import Runner
from engine.run.sinks import Mailbox
from engine.run.threads import give_way
from engine.settings import Settings
from tui.process.folders import use_cache
from tui.process.jobs import Job, NewRun, OldRun, begin, go_on
from tui.process.options import AppOptions
from tui.text.clean import clean

EngineState = Literal["waiting", "importing", "compiling", "ready", "failed"]

LEAST_PACE = 20.0
LONGEST_S = 5.0
"""A descent at full speed would end before it is seen: it runs at 20 steps/s, or faster if it would last over 5 s."""


@dataclass(frozen=True, slots=True)
class PendingRun:
    """A run that was requested before the engine was ready."""

    run: str
    job: Job
    paused: bool


class EngineSession:
    """Owns the runner. `prepare` imports TensorFlow unless a test replaces it; it runs in a thread."""

    def __init__(self, options: AppOptions, prepare: Callable[[], None] | None = None) -> None:
        self._options = options
        self._prepare = prepare or partial(import_tensorflow, options)
        self._engine: EngineState = "waiting"
        self._runner: Runner | None = None
        self._mailbox = Mailbox()
        self._asked: PendingRun | None = None
        self._preparing: threading.Thread | None = None
        self._warmed: set[str] = set()
        self._job: Job | None = None
        self._closing: list[tuple[Runner, Job | None]] = []
        self._runs = 0
        self._ending = False
        self.failure = ""
        """The traceback of a failed import."""
        self.log_problem = ""
        """Why the last run has no log; empty if it has one or none was wanted."""

    # --- the engine -----------------------------------------------------------------------------------------------

    @property
    def engine(self) -> EngineState:
        """What the engine is doing apart from runs."""
        return self._engine

    @property
    def busy(self) -> bool:
        """Whether anything may still be reported: the screen polls while it is true."""
        return self._engine in ("importing", "compiling") or self.unfinished

    def begin(self) -> None:
        """Import TensorFlow in a thread; returns at once."""
        if self._engine in ("waiting", "failed"):
            self._engine = "importing"
            self._in_thread(self._import)

    def warm(self, lesson: Lesson[Any], settings: Settings) -> None:
        """Compile what a run would need, while nothing runs, so a start is fast. Returns at once.

        Code of a learner's own is left to a run, which can be stopped if the code never ends.
        """
        if self._engine != "ready" or self.alive or lesson.id in self._warmed or not _compiles(lesson):
            return
        if lesson.file or files.of(settings):
            return
        self._warmed.add(lesson.id)
        self._engine = "compiling"
        self._in_thread(lambda: self._compile(lesson, settings))

    def _in_thread(self, work: Callable[[], None]) -> None:
        def main() -> None:
            give_way()  # TensorFlow's own threads, which start in this one, inherit it
            work()

        self._preparing = threading.Thread(target=main, name="prepare", daemon=True)
        self._preparing.start()

    def _import(self) -> None:
        try:
            self._prepare()
        except BaseException:  # a broken installation may raise anything; the app goes on without it
            self.failure = traceback.format_exc()
            self._engine = "failed"
        else:
            self._engine = "ready"

    def _compile(self, lesson: Lesson[Any], settings: Settings) -> None:
        try:
            with contextlib.closing(lesson.run(settings)) as running:
                for event in running:
                    if isinstance(event, Phase) and event.name == "running":
                        break
        except Exception:  # the run itself will report what is wrong
            pass
        finally:
            gc.freeze()  # compiled objects stay: searching them for garbage again and again delayed drawing
            program_cache.keep()
            self._engine = "ready"

    # --- runs -----------------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether a run has begun, or is going to, and its end has not been taken yet."""
        return self._asked is not None or self._runner is not None

    @property
    def closing(self) -> bool:
        """Whether a run that has ended, or was abandoned, still writes its log."""
        return bool(self._closing)

    @property
    def unfinished(self) -> bool:
        """Whether a run is running, is going to begin, or still writes its log."""
        return self.alive or self.closing

    @property
    def lesson_id(self) -> str | None:
        """The lesson of the present run."""
        if self._asked is not None:
            return self._asked.job.lesson.id
        return self._runner.lesson.id if self._runner is not None else None

    @property
    def waiting(self) -> bool:
        """Whether a requested run will begin when TensorFlow is imported."""
        return self._asked is not None

    @property
    def paused(self) -> bool:
        """Whether the present run is to be paused."""
        if self._asked is not None:
            return self._asked.paused
        return self._runner is not None and self._runner.paused

    def start(self, lesson: Lesson[Any], settings: Settings, *, paused: bool = False) -> str:
        """Begin a run, now or as soon as the engine is ready; returns the run's id. One run at a time."""
        return self._ask(Job(lesson, settings), paused)

    def go_on(self, name: str, lesson_id: str, given: Mapping[str, str], at_hand: Mapping[str, str]) -> tuple[str, Job]:
        """Resume an interrupted run of this logdir from its newest checkpoint; returns the run's id here.

        A folder of data that it read is taken from `at_hand`, unless `given` changes it.

        Raises:
            InputError: it has finished, another process holds it, or a setting in `given` is refused.
            NoCheckpoint: none of its checkpoints can be restored.
        """
        if self.alive:
            raise RuntimeError("a run is alive")
        job = go_on(OldRun(name, lesson_id, given, at_hand), self._options)
        return self._ask(job, paused=False), job

    def _ask(self, job: Job, paused: bool) -> str:
        if self.alive:
            raise RuntimeError("a run is alive")
        self._runs += 1
        run = f"{job.lesson.id}/{self._runs}"
        self._asked = PendingRun(run, job, paused)
        self.begin()
        self._start_if_ready()
        return run

    def _start_if_ready(self) -> None:
        asked = self._asked
        if asked is None or self._ending or self._engine not in ("ready", "compiling"):
            return
        self._asked = None
        self._warmed.add(asked.job.lesson.id)
        mailbox = self._mailbox = Mailbox()
        job = self._job = self._with_log(asked.job)

        def report(text: str) -> None:
            mailbox.write(Delivery(asked.run, 0.0, LogFailed(text)))  # about the log, at no time of the run

        self._runner = Runner(
            job.lesson,
            job.settings,
            [mailbox, *job.sinks(report)],  # first: what the learner sees must not wait for the log to be written
            run=asked.run,
            logdir=str(job.path) if job.path is not None else None,
            pace=pace(job.settings),
            paused=asked.paused,
            store=job.store(),
            store_every_s=self._options.checkpoint_every_s,
            snapshot=job.snapshot,
            gives_way=True,
        )
        for name, text in job.changes.items():
            self._runner.set(name, text)
        if asked.paused:
            self._runner.step()
        self._runner.start()

    def _with_log(self, job: Job) -> Job:
        """Give the job its own folder, if runs are logged; if that fails, the reason is kept in `log_problem`."""
        self.log_problem = ""
        if job.folder is not None or not self._options.log:
            return job
        try:
            return begin(NewRun(job.lesson, job.settings), self._options, datetime.now())
        except (InputError, OSError) as error:  # a run goes on without a log; the learner sees why
            self.log_problem = clean(f"this run is not logged: {error}")
            return job

    def take(self, most: int) -> list[Delivery]:
        """Take the run's events since the last call, at most `most`; begins a run that waited for the engine."""
        if self._engine == "failed":
            self._forget_asked()
        self._start_if_ready()
        # Checked before the mailbox is read: a run's last event is in it before the run's thread ends.
        self._let_go()
        taken = self._mailbox.take(most)
        if any(isinstance(each.event, RunEnded) for each in taken):
            self._set_aside()
        return taken

    def _set_aside(self) -> None:
        """Detach the finished run: another may begin while its thread closes the log."""
        if self._runner is not None:
            self._closing.append((self._runner, self._job))
        self._runner = self._job = None

    def pause(self) -> None:
        """Pause the run before its next event."""
        if self._runner is not None:
            self._runner.pause()

    def resume(self) -> None:
        """Resume the paused run."""
        if self._runner is not None:
            self._runner.resume()

    def step(self) -> None:
        """Pause the run and take one step."""
        if self._runner is not None:
            self._runner.step()

    @property
    def leaves_checkpoint(self) -> bool:
        """Whether the present run leaves a checkpoint when it is stopped."""
        return self._job is not None and self._job.leaves_checkpoints

    def stop(self) -> None:
        """Stop the run; its end comes as an event."""
        self._forget_asked()
        if self._runner is not None:
            self._runner.stop()

    def abandon(self) -> None:
        """Stop the run without waiting for its end: another may begin at once."""
        self.stop()
        self._set_aside()
        self._let_go()
        self._mailbox = Mailbox()

    def _forget_asked(self) -> None:
        if self._asked is not None:
            self._asked.job.close()
        self._asked = None

    def _let_go(self) -> None:
        """Close the folders of runs whose threads have ended."""
        for runner, job in self._closing:
            if not runner.alive and job is not None:
                job.close()
        self._closing = [each for each in self._closing if each[0].alive]

    def set(self, name: str, text: str) -> None:
        """Change a live setting of the run. Raises SettingError, or ValueError if it is not live."""
        if self._runner is not None:
            self._runner.set(name, text)

    def end(self, timeout_s: float) -> None:
        """Stop every run, begin no other, and wait at most `timeout_s` until their logs are complete. From any thread:
        folders are released by `close`, or by the end of the process."""
        self._ending = True
        # The present run is read before the list, as one that is set aside is first added to it.
        runners = [each for each in (self._runner, *(runner for runner, _ in self._closing)) if each is not None]
        for runner in runners:
            runner.stop()
        until = time.monotonic() + timeout_s
        for runner in runners:
            runner.join(max(until - time.monotonic(), 0.0))

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop the run and wait at most `timeout_s` until its log is complete: the last call of a session."""
        self._forget_asked()
        self.end(timeout_s)
        self._set_aside()
        self._let_go()


def import_tensorflow(options: AppOptions) -> None:
    """Import what every run needs; takes two to three seconds."""
    from engine.lazy import keras, tf

    use_cache(options)
    _ = tf.constant, keras.Model


def pace(settings: Settings) -> float:
    """The steps per second of a run whose speed is not set; 0 is as fast as possible."""
    steps = getattr(settings, "steps", None)
    return max(LEAST_PACE, steps / LONGEST_S) if isinstance(steps, int) else 0.0


def _compiles(lesson: Lesson[Any]) -> bool:
    """Whether a run of the lesson begins by compiling."""
    return hasattr(lesson.settings, "optimizer")
