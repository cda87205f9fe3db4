"""Runs of the engine, recorded once and shown as often as they are started."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from engine.events import Delivery
from engine.lesson import Lesson
from engine.lessons import lesson
from engine.run.runner import Runner
from engine.settings import Settings, parse_settings
from tests.tui.played import PlayedRunner
from tui.model.session import EngineSession
from tui.process.options import AppOptions


class _Kept:
    """A sink that keeps the events of a run."""

    def __init__(self) -> None:
        self.said: list[Delivery] = []

    def write(self, delivery: Delivery) -> None:
        """Keep an event."""
        self.said.append(delivery)

    def close(self) -> None:
        """Do nothing."""


def record(chosen: Lesson[Any], settings: Settings) -> tuple[Delivery, ...]:
    """The events of a run of the engine, from its start to its end."""
    return _record(chosen.id, tuple(settings.texts().items()))


@lru_cache(maxsize=2_000)
def _record(lesson_id: str, texts: tuple[tuple[str, str], ...]) -> tuple[Delivery, ...]:
    chosen, kept = lesson(lesson_id), _Kept()
    runner = Runner(chosen, parse_settings(chosen.settings, dict(texts)), [kept], run="recorded")
    runner.start()
    runner.join()
    return tuple(kept.said)


class RecordedSession(EngineSession):
    """A session that replays recorded runs: half of the events at the start, the rest when `finish` is called."""

    def __init__(self, options: AppOptions) -> None:
        super().__init__(options)
        self._engine = "ready"
        self._rest: list[Delivery] = []

    def warm(self, lesson: Lesson[Any], settings: Settings) -> None:
        """Do nothing: there is nothing to compile."""

    def start(self, lesson: Lesson[Any], settings: Settings, *, paused: bool = False) -> str:
        """Record the run, or use the earlier recording; half of it is in the mailbox when this returns."""
        self._runs += 1
        run = f"{lesson.id}/{self._runs}"
        said = [Delivery(run, each.elapsed_s, each.event) for each in record(lesson, settings)]
        half = len(said) // 2
        for each in said[:half]:
            self._mailbox.write(each)
        self._rest = said[half:]
        self._runner = cast("Runner", _Going(lesson))
        return run

    def finish(self) -> None:
        """Send the rest of the run's events."""
        for each in self._rest:
            self._mailbox.write(each)
        self._rest = []
        if self._runner is not None:
            cast("_Going", self._runner).alive = False

    @property
    def half_way(self) -> bool:
        """Whether a run has more events to send."""
        return bool(self._rest)

    def abandon(self) -> None:
        self.finish()
        super().abandon()


class _Going(PlayedRunner):
    """The interface of a running runner for the session."""

    def __init__(self, lesson: Lesson[Any]) -> None:
        self.lesson, self.outcome, self.alive = lesson, None, True

    def pause(self) -> None:
        """Do nothing: it is waiting anyway."""
