"""A learner's Python files while a run of them is on show: when they were saved, and whether they can be run."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from engine.errors import InputError, RunFailed, cause
from engine.events import Curve, Event, Phase, Remark, SurfaceDrawn
from engine.lesson import Lesson, Run
from engine.own import files
from engine.run.threads import give_way
from engine.settings import Settings


def saved(settings: Settings) -> dict[str, int]:
    """When each Python file that a setting names was saved, in ns; −1 for one that is missing."""
    return {text: files.saved(text) for text in files.of(settings)}


class Trial:
    """The beginning of a run, in a thread of its own, until it is ready for its first step: by then its files are
    loaded and compiled. The run can go on from there."""

    def __init__(self, lesson: Lesson[Any], settings: Settings) -> None:
        self.settings = settings
        self.files = saved(settings)
        self.problem: str | None = None
        """Why the files cannot be used, in one line; empty if they can, None if that is not known yet."""
        self._lesson = lesson
        self._running = lesson.run(settings)
        self._events: list[Event] = []
        self._ending = threading.Lock()
        self._given_up = False
        self._thread = threading.Thread(target=self._begin, name="trial", daemon=True)
        self._thread.start()

    @property
    def lesson(self) -> Lesson[Any]:
        """The lesson, whose run with the trial's settings goes on from here. A trial that nothing refers to any more is
        closed, as it refers to no such lesson itself."""
        return replace(self._lesson, run=self._run)

    def stop(self) -> None:
        """Stop the learner's code, if it is running, and release what the run holds, as the lock of a trainer."""
        files.interrupt(self._thread.ident)
        with self._ending:
            self._given_up = True
            if self.problem is not None:
                self._running.close()

    def _begin(self) -> None:
        give_way()
        problem = self._problem()
        with self._ending:
            self.problem = problem
            if self._given_up:
                self._running.close()

    def _problem(self) -> str:
        """Run up to the first step. Returns why the files cannot be used, empty if they can."""
        try:
            while not self._events or _is_before_the_first_step(self._events[-1]):
                self._events.append(next(self._running))
        except (InputError, RunFailed) as error:
            return str(error)
        except (Exception, files.Stopped) as error:
            return f"{type(error).__name__}: {cause(error)}"
        return ""

    def _run(self, settings: Settings) -> Run[Any]:
        """The run from its beginning, with what has been done already; with other settings another run."""
        if settings != self.settings:
            yield from self._lesson.run(settings)
            return
        try:
            turn = None
            for event in self._events:
                turn = yield event
            while True:
                try:
                    event = self._running.send(turn)
                except StopIteration:
                    return
                turn = yield event
        finally:
            self._running.close()


def _is_before_the_first_step(event: Event) -> bool:
    return isinstance(event, Remark | SurfaceDrawn | Curve) or (isinstance(event, Phase) and event.name != "running")
