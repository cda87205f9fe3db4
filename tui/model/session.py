"""The engine as the app drives it: TensorFlow's import, one run at a time, its log. No method waits for it."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from engine.errors import InputError
from engine.events import Delivery, LogFailed, Phase, RunEnded
from engine.lesson import Lesson
from engine.runner import Runner
from engine.settings import Settings
from engine.sinks import Mailbox
from engine.threads import give_way
from tui.headless_jobs import Job, NewRun, OldRun, begin, go_on
from tui.options import AppOptions
from tui.text import clean

EngineState = Literal["waiting", "importing", "compiling", "ready", "failed"]

LEAST_PACE = 20.0
LONGEST_S = 5.0
"""A descent at full speed is over before it is seen: it goes at 20 steps/s, or faster so that it lasts five seconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that was asked for before the engine was ready."""

    run: str
    job: Job
    paused: bool


class Session:
    """Owns the runner. `prepare` imports TensorFlow, by default for real; it runs in a thread of its own."""

    def __init__(self, options: AppOptions, prepare: Callable[[], None] | None = None) -> None:
        self._options = options
        self._prepare = prepare or import_tensorflow
        self._engine: EngineState = "waiting"
        self._runner: Runner | None = None
        self._mailbox = Mailbox()
        self._asked: Asked | None = None
        self._preparing: threading.Thread | None = None
        self._warmed: set[str] = set()
        self._job: Job | None = None
        self._closing: list[tuple[Runner, Job | None]] = []
        self._runs = 0
        self.failure = ""
        """The traceback of an import that failed."""
        self.log_problem = ""
        """Why the last run has no log; empty if it has one or none was wanted."""

    # --- the engine -----------------------------------------------------------------------------------------------

    @property
    def engine(self) -> EngineState:
        """What the engine is doing apart from runs."""
        return self._engine

    @property
    def busy(self) -> bool:
        """Whether anything may still be reported: the screen polls as long as it is."""
        return self._engine in ("importing", "compiling") or self.unfinished

    def begin(self) -> None:
        """Import TensorFlow in a thread; returns at once."""
        if self._engine in ("waiting", "failed"):
            self._engine = "importing"
            self._in_thread(self._import)

    def warm(self, lesson: Lesson[Any], settings: Settings) -> None:
        """Compile what a run would need, while nothing runs: a start then begins at once. Returns at once."""
        if self._engine != "ready" or self.alive or lesson.id in self._warmed or not _compiles(lesson):
            return
        self._warmed.add(lesson.id)
        self._engine = "compiling"
        self._in_thread(lambda: self._compile(lesson, settings))

    def _in_thread(self, work: Callable[[], None]) -> None:
        def main() -> None:
            give_way()  # and so do TensorFlow's own threads, which begin in this one
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
        except Exception:  # the run itself will say what is wrong
            pass
        finally:
            gc.freeze()  # what was compiled stays: to search it for garbage again and again held up what is drawn
            self._engine = "ready"

    # --- runs -----------------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether a run has begun, or is to begin, and its end was not taken yet."""
        return self._asked is not None or self._runner is not None

    @property
    def closing(self) -> bool:
        """Whether a run that has ended, or was abandoned, still writes its log."""
        return bool(self._closing)

    @property
    def unfinished(self) -> bool:
        """Whether a run goes on, is to begin, or still writes its log."""
        return self.alive or self.closing

    @property
    def lesson_id(self) -> str | None:
        """The lesson of the run that is alive."""
        if self._asked is not None:
            return self._asked.job.lesson.id
        return self._runner.lesson.id if self._runner is not None else None

    @property
    def waiting(self) -> bool:
        """Whether a run was asked for that begins when TensorFlow is there."""
        return self._asked is not None

    @property
    def paused(self) -> bool:
        """Whether the run that is alive was asked to pause."""
        if self._asked is not None:
            return self._asked.paused
        return self._runner is not None and self._runner.paused

    def start(self, lesson: Lesson[Any], settings: Settings, *, paused: bool = False) -> str:
        """Begin a run, or as soon as the engine is ready; returns the run's id. One run at a time."""
        return self._ask(Job(lesson, settings), paused)

    def go_on(self, name: str, lesson_id: str, given: Mapping[str, str], at_hand: Mapping[str, str]) -> tuple[str, Job]:
        """Go on with a run of this logdir that was cut short, from its newest checkpoint; returns the run's id here.

        A folder of data that it read is taken from what is `at_hand`, where it is not `given` anew.

        Raises:
            InputError: it is over, another process has it, or what is `given` anew cannot be.
            NoCheckpoint: no checkpoint of it restores.
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
        self._asked = Asked(run, job, paused)
        self.begin()
        self._start_if_ready()
        return run

    def _start_if_ready(self) -> None:
        asked = self._asked
        if asked is None or self._engine not in ("ready", "compiling"):
            return
        self._asked = None
        self._warmed.add(asked.job.lesson.id)
        mailbox = self._mailbox = Mailbox()
        job = self._job = self._with_log(asked.job)
        began = time.monotonic()

        def report(text: str) -> None:
            mailbox.write(Delivery(asked.run, time.monotonic() - began, LogFailed(text)))

        self._runner = Runner(
            job.lesson,
            job.settings,
            [mailbox, *job.sinks(report)],  # first: what the learner sees does not wait for what the log writes
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
        """The job with a folder of its own, if runs are logged; why there is none is kept in `log_problem`."""
        self.log_problem = ""
        if job.folder is not None or not self._options.log:
            return job
        try:
            return begin(NewRun(job.lesson, job.settings), self._options, datetime.now())
        except (InputError, OSError) as error:  # no log is no reason for no run; the learner is told
            self.log_problem = clean(f"this run is not logged: {error}")
            return job

    def take(self, most: int) -> list[Delivery]:
        """What the run has said since the last call, `most` events at the most; begins what waited for the engine."""
        if self._engine == "failed":
            self._forget_asked()
        self._start_if_ready()
        # Before the mailbox is asked: what a run says last is in it before the run's thread ends.
        self._let_go()
        taken = self._mailbox.take(most)
        if any(isinstance(each.event, RunEnded) for each in taken):
            self._set_aside()
        return taken

    def _set_aside(self) -> None:
        """The run is over: another may begin while its thread closes the log."""
        if self._runner is not None:
            self._closing.append((self._runner, self._job))
        self._runner = self._job = None

    def pause(self) -> None:
        """Hold the run before its next event."""
        if self._runner is not None:
            self._runner.pause()

    def resume(self) -> None:
        """Go on with the run."""
        if self._runner is not None:
            self._runner.resume()

    def step(self) -> None:
        """Pause the run and take one step."""
        if self._runner is not None:
            self._runner.step()

    @property
    def leaves_checkpoint(self) -> bool:
        """Whether the run that goes on leaves a checkpoint when it is ended."""
        return self._job is not None and self._job.leaves_checkpoints

    def stop(self) -> None:
        """End the run; it says so itself when it has."""
        self._forget_asked()
        if self._runner is not None:
            self._runner.stop()

    def abandon(self) -> None:
        """End the run without hearing its end: another may begin at once."""
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
        """Change a live setting of the run. Raises SettingError, or ValueError where it is not live."""
        if self._runner is not None:
            self._runner.set(name, text)

    def close(self, timeout_s: float = 2.0) -> None:
        """End the run and wait for its log to be whole, `timeout_s` at most: the last thing a session does."""
        self.stop()
        self._set_aside()
        until = time.monotonic() + timeout_s
        for runner, _ in self._closing:
            runner.join(max(until - time.monotonic(), 0.0))
        self._let_go()


def import_tensorflow() -> None:
    """Import what every run needs; takes two to three seconds."""
    from engine.lazy import keras, tf

    _ = tf.constant, keras.Model


def pace(settings: Settings) -> float:
    """Steps per second of a run whose speed is not set; 0 is as fast as it goes."""
    steps = getattr(settings, "steps", None)
    return max(LEAST_PACE, steps / LONGEST_S) if isinstance(steps, int) else 0.0


def _compiles(lesson: Lesson[Any]) -> bool:
    """Whether a run of the lesson begins by compiling."""
    return hasattr(lesson.settings, "optimizer")
