"""The engine thread: it runs one lesson, looks at its commands between two events, and sends the events to sinks.

Nothing here waits for a screen. Commands may come from any thread and return at once.
"""

from __future__ import annotations

import math
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from engine.errors import InputError
from engine.events import (
    CheckpointSaved,
    Delivery,
    Diverged,
    Event,
    LogFailed,
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
from engine.settings import Settings, command_line, param_of

FRAMES_PER_S = 20.0

# How long the engine thread waits at once: a lock's time is bounded, and a pace of 1e-9 steps/s is not.
LONGEST_WAIT_S = 3600.0


class Sink(Protocol):
    """Where events go. `write` is called in the engine thread, in order; an exception from it is said once as a
    LogFailed event and ends that sink, never the run."""

    def write(self, delivery: Delivery) -> None:
        """Take one event."""

    def close(self) -> None:
        """No event will follow."""


class Store(Protocol):
    """Where snapshots of a run are kept. Raises OSError where one cannot be; those kept before are then untouched."""

    def save(self, snapshot: Snapshot, settings: Mapping[str, str]) -> None:
        """Keep a snapshot, and return when it is safe."""


class Mailbox:
    """A sink that keeps events until another thread takes them. Thread-safe; neither side waits for the other."""

    def __init__(self) -> None:
        self._waiting: deque[Delivery] = deque()
        self._arrived = threading.Event()

    def write(self, delivery: Delivery) -> None:
        """Keep an event."""
        self._waiting.append(delivery)
        self._arrived.set()

    def close(self) -> None:
        """Wake whoever waits."""
        self._arrived.set()

    def take(self, most: int | None = None) -> list[Delivery]:
        """What has come since the last call, oldest first, `most` events of it at the most. Never waits."""
        self._arrived.clear()
        taken: list[Delivery] = []
        while self._waiting and (most is None or len(taken) < most):
            taken.append(self._waiting.popleft())
        if self._waiting:
            self._arrived.set()
        return taken

    def wait(self, timeout_s: float) -> bool:
        """Wait until something has come, `timeout_s` seconds at most; True if something has."""
        return self._arrived.wait(timeout_s)


@dataclass
class _Commands:
    """What has been asked of the engine thread; guarded by the runner's condition."""

    paused: bool = False
    stopped: bool = False
    single_steps: int = 0
    changes: list[tuple[str, str]] = field(default_factory=list)


class Runner:
    """One run of one lesson in a thread of its own.

    `pace` is the steps per second at which a run goes whose `speed` setting is 0 (0: as fast as it goes). `clock`
    returns seconds and never goes back.

    A lesson that can be resumed leaves snapshots in `store`: at its start and end, every `store_every_s` seconds,
    whenever it pauses or is stopped, and before the first step with a changed setting: what is kept must lead to the
    numbers that are logged. With a `snapshot` the run goes on from there.
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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lesson = lesson
        self.run = run
        self.outcome: Outcome | None = None
        self._settings = settings
        self._sinks = list(sinks)
        self._logdir = logdir
        self._pace = pace
        self._clock = clock
        self._began = clock()
        self._step = snapshot.step if snapshot else 0
        self._snapshot = snapshot
        self._store = store if lesson.resume else None
        self._store_every_s = store_every_s
        self._stored_step = -1
        self._store_due = self._began
        self._store_failed = False
        self._change_unkept = False
        self._at_end = False
        self._diverged: Diverged | None = None
        self._due = self._began
        self._single_stepping = False
        self._said_paused = False
        self._commands = _Commands(paused=paused)
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._main, name=f"engine {run}", daemon=True)

    @property
    def settings(self) -> Settings:
        """The settings as they are now, live changes included."""
        return self._settings

    @property
    def step_number(self) -> int:
        """The last step that was done."""
        return self._step

    @property
    def alive(self) -> bool:
        """Whether the run has begun and not ended."""
        return self._thread.is_alive()

    @property
    def paused(self) -> bool:
        """Whether a pause was asked for and not taken back."""
        return self._commands.paused

    def start(self) -> None:
        """Begin the run. A runner runs once."""
        self._thread.start()

    def pause(self) -> None:
        """Hold before the next event, whatever single steps were asked for."""
        self._tell(paused=True, single_steps=0)

    def resume(self) -> None:
        """Go on after a pause."""
        self._tell(paused=False, single_steps=0)

    def step(self, steps: int = 1) -> None:
        """Pause, and go `steps` steps further than what is being done now."""
        with self._changed:
            self._commands.paused = True
            self._commands.single_steps += steps
            self._changed.notify()

    def stop(self) -> None:
        """End the run before its next event; it ends as STOPPED."""
        self._tell(stopped=True)

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
        with self._changed:
            self._commands.changes.append((name, text))
            self._changed.notify()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the run, `timeout_s` seconds at most; True if it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _tell(self, **asked: int) -> None:
        with self._changed:
            for name, value in asked.items():
                setattr(self._commands, name, value)
            self._changed.notify()

    def _main(self) -> None:
        self._send(
            RunStarted(
                lesson=self.lesson.id,
                title=self.lesson.title,
                settings=self._settings.texts(),
                command=command_line(self.lesson.id, self._settings),
                logdir=self._logdir,
                resumed_step=self._step,
            )
        )
        try:
            ended = self._run_lesson()
        except InputError as error:
            ended = RunEnded(Outcome.FAILED, self._step, str(error))
        except BaseException as error:  # the boundary of the thread: a bug becomes an event, never a dead thread
            text = str(error) or "no message"
            ended = RunEnded(
                Outcome.FAILED,
                self._step,
                f"{type(error).__name__}: {text}".splitlines()[0],
                traceback=traceback.format_exc(),
            )
        self.outcome = ended.outcome
        self._send(Phase("done"))
        self._send(ended)
        self._close()

    def _run_lesson(self) -> RunEnded:
        if "tensorflow" not in sys.modules:
            self._send(Phase("importing"))
        tf.__version__  # noqa: B018 - asked for here, so that a TensorFlow that fails to import says so by itself
        running = self._begin()
        turn: Turn[Any] | None = None
        try:
            while True:
                stepped = self._take(running.send(turn))
                if self._clock() >= self._store_due:
                    self._keep_snapshot(running)
                if not self._hold(stepped, running):
                    self._keep_snapshot(running)
                    return RunEnded(Outcome.STOPPED, self._step, f"stopped after step {self._step}")
                wanted = self._store is not None and self._at_end and self._stored_step < self._step
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

    def _begin(self) -> Run[Any]:
        """The lesson's events, from its start or from the snapshot."""
        if self._snapshot is None:
            return self.lesson.run(self._settings)
        if self.lesson.resume is None:
            raise InputError(f"{self.lesson.id}: a run of this lesson cannot be resumed")
        return self.lesson.resume(self._settings, self._snapshot)

    def _take(self, event: Event) -> int:
        """Pass an event on, or keep it if it is a snapshot; returns how many steps it carries."""
        if isinstance(event, Snapshot):
            self._keep(event)
            return 0
        stepped = steps_in(event)
        self._step += stepped
        if isinstance(event, Diverged) and self._diverged is None:
            self._diverged = event
        if isinstance(event, Metrics):
            self._at_end = event.last_step >= event.total_steps
        self._send(event)
        return stepped

    def _keep_snapshot(self, running: Run[Any]) -> None:
        """Have the lesson say what belongs to the steps done, then keep its snapshot; not twice at one step.

        Raises StopIteration where the lesson ends instead.
        """
        while self._store is not None and self._stored_step < self._step and self._diverged is None:
            before = self._step
            event = running.send(Turn(self._settings, 1, snapshot=True))
            self._take(event)
            # While a lesson waits for other workers it has nothing to keep, and must hear of a stop.
            if isinstance(event, Snapshot) or self._step > before or event == Phase("waiting"):
                return

    def _keep(self, snapshot: Snapshot) -> None:
        """Give a snapshot to the store. Where that fails the run goes on, and says so the first time."""
        if self._store is None:
            return
        self._store_due = self._clock() + self._store_every_s
        self._stored_step = snapshot.step
        self._change_unkept = False
        try:
            self._store.save(snapshot, self._settings.texts())
        except OSError as error:
            if not self._store_failed:
                self._send(
                    LogFailed(f"no checkpoint could be saved at step {snapshot.step}: {error.strerror or error}")
                )
            self._store_failed = True
        else:
            self._store_failed = False
            self._send(CheckpointSaved(snapshot.step))

    def _hold(self, stepped: int, running: Run[Any]) -> bool:
        """Wait while paused, and as long as the pace asks after `stepped` steps, and take changes as they come. False
        when the run is to stop."""
        with self._changed:
            # Steps that were under way when single ones were asked for do not count as those.
            if self._single_stepping:
                self._commands.single_steps = max(0, self._commands.single_steps - stepped)
        # A run that fell behind (a slow step, a pause) does not hurry to catch up by more than a frame.
        since = max(self._due, self._clock() - 1.0 / FRAMES_PER_S)
        announced = False
        while True:
            self._apply_changes()
            if speed := self._speed():
                self._due = since + stepped / speed
            with self._changed:
                if self._commands.changes:
                    continue
                wait_s = self._wait_s(stepped)
                if wait_s and (announced or math.isfinite(wait_s)):
                    self._changed.wait(min(wait_s, LONGEST_WAIT_S))
                    continue
                resumed = not self._commands.paused
            if wait_s is None:
                return False
            if not wait_s:
                if self._change_unkept:
                    self._keep_snapshot(running)
                if self._said_paused and resumed:
                    self._said_paused = False
                    self._send(Phase("running"))
                return True
            self._keep_snapshot(running)
            self._send(Phase("paused"))
            announced = self._said_paused = True

    def _wait_s(self, stepped: int) -> float | None:
        """Seconds to wait before the next event: 0 to go on, infinity until told, None to stop. Needs the condition."""
        if self._commands.stopped:
            return None
        if self._commands.single_steps:
            return 0.0
        if self._commands.paused:
            return math.inf
        return max(0.0, self._due - self._clock()) if stepped and self._speed() else 0.0

    def _speed(self) -> float:
        """Steps per second asked for; 0 is as fast as it goes."""
        return self._settings.speed or self._pace

    def _budget(self) -> int | None:
        """How many steps the next event may carry."""
        with self._changed:
            self._single_stepping = self._commands.single_steps > 0
            if self._single_stepping:
                return self._commands.single_steps
        speed = self._speed()
        return max(1, round(speed / FRAMES_PER_S)) if speed else None

    def _apply_changes(self) -> None:
        with self._changed:
            changes, self._commands.changes = self._commands.changes, []
        for name, text in changes:
            before = self._settings.texts()[name]
            self._settings = self._settings.changed(name, text)
            after = self._settings.texts()[name]
            if after != before:
                self._send(SettingChanged(self._step, name, before, after))
                if name != "speed":
                    self._change_unkept, self._stored_step = True, -1

    def _send(self, event: Event) -> None:
        delivery = Delivery(self.run, self._clock() - self._began, event)
        failed = [(sink, said) for sink in self._sinks if (said := _failure(sink, partial(sink.write, delivery)))]
        # All have the event before any hears of a failure: the first of a run is RunStarted for every sink.
        for sink, _ in failed:
            self._sinks.remove(sink)
            _failure(sink, sink.close)  # it may hold a file open; that it does not work is said below
        for _, said in failed:
            self._send(LogFailed(said))

    def _close(self) -> None:
        """Close every sink. Of one that fails at that, those hear that are still open."""
        while self._sinks:
            sink = self._sinks.pop(0)
            if said := _failure(sink, sink.close):
                self._send(LogFailed(said))


def _failure(sink: Sink, action: Callable[[], None]) -> str:
    """Do what a sink is asked; returns in one line why it failed, nothing where it did not."""
    try:
        action()
    except Exception as error:  # any sink may fail in any way; the run must not
        return f"{type(sink).__name__}: {error}".splitlines()[0]
    return ""
