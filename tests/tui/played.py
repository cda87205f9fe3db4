"""A session that plays a prepared run instead of making one, and how to wait until all of it is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from textual.pilot import Pilot
from textual.strip import Strip

from engine.events import Delivery, Event, Outcome, RunEnded, RunStarted, steps_in
from engine.lesson import Lesson
from engine.runner import Runner
from engine.settings import Settings, command_line
from tui.app import GdtuiApp
from tui.options import AppOptions
from tui.screens.main import MainScreen
from tui.session import Session

PATIENCE_S = 60.0
SAID = "20261124-211754"
"""The name of every played run."""

Play = Sequence[tuple[float, Event]]
"""What a run says, each event with the seconds since it began."""


class PlayedRunner:
    """What a session sees of a runner whose run has said all it will: ended, or going on with nothing new."""

    paused = False

    def __init__(self, lesson: Lesson[Any], play: Play) -> None:
        self.lesson = lesson
        last = play[-1][1]
        self.outcome: Outcome | None = last.outcome if isinstance(last, RunEnded) else None
        self.alive = self.outcome is None

    def stop(self) -> None:
        """Nothing goes on that could be stopped."""

    def join(self, timeout: float | None = None) -> None:
        """There is no thread to wait for."""


class PlayedSession(Session):
    """Its runs are the events of `play`, whatever lesson is started; the engine is ready at once and never imported."""

    def __init__(self, options: AppOptions, play: Play) -> None:
        super().__init__(options)
        self._engine = "ready"
        self._play = play

    def warm(self, lesson: Lesson[Any], settings: Settings) -> None:
        """There is nothing to compile."""

    def start(self, lesson: Lesson[Any], settings: Settings, *, paused: bool = False) -> str:
        """Everything the run says is in the mailbox when this returns."""
        run = f"{lesson.id}/1"
        logdir = str(self._options.logdir / lesson.id / SAID)
        begun = RunStarted(lesson.id, lesson.title, settings.texts(), command_line(lesson.id, settings), logdir)
        for elapsed_s, event in ((0.0, begun), *self._play):
            self._mailbox.write(Delivery(run, elapsed_s, event))
        self._runner = cast("Runner", PlayedRunner(lesson, self._play))
        return run


async def play_to_its_end(pilot: Pilot[Any], play: Play) -> None:
    """Start the open lesson and wait until the screen shows the last of it, and does not change any more."""
    app = cast("GdtuiApp", pilot.app)
    await _until(pilot, lambda: isinstance(app.screen, MainScreen) and _settled(app.screen))
    await pilot.press("space")
    steps = sum(steps_in(event) for _, event in play)
    ends = isinstance(play[-1][1], RunEnded)

    def all_taken() -> bool:
        state = app.bench.desk.state
        return state is not None and state.step == steps and app.session.busy != ends and _settled(app.screen)

    await _until(pilot, all_taken)
    app.screen.show_now()  # a run that goes on is drawn every few frames, and this one says no more
    before: list[Strip] = []
    while before != (now := _strips(app.screen)) or not all_taken():
        before = now
        await pilot.pause()


async def _until(pilot: Pilot[Any], condition: Any) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while not condition():
        assert asyncio.get_running_loop().time() < end, "the picture is never complete"
        await pilot.pause()


def _strips(screen: Any) -> list[Strip]:
    """What is on the screen, row by row."""
    return list(screen._compositor.render_strips())


def _settled(screen: Any) -> bool:
    """Whether every pane in sight has its content, the focus is where it was wanted, no reading is under way, and no
    drawing is put off to be done later."""
    panes = screen._panes_in_sight()
    drawings = [canvas for widget in screen.query("*") if (canvas := getattr(widget, "_canvas", None)) is not None]
    return bool(
        all(pane.content is not None for pane in panes)
        and screen.focused is not None
        and screen._wanted is None
        and all(worker.is_finished for worker in screen.app.workers)
        and not any(canvas._waiting or canvas._due for canvas in drawings)
    )
