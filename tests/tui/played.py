"""A session that plays a prepared run instead of making one, and waiting until all of it is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from engine.events import Delivery, Event, Outcome, RunEnded, RunStarted, steps_in
from engine.lesson import Lesson
from engine.run.runner import Runner
from engine.settings import Settings, command_line
from tui.app.app import GdtuiApp
from tui.model.session import EngineSession
from tui.process.options import AppOptions
from tui.screens.lab.screen import LabScreen
from tui.widgets.pane import Pane
from tui.widgets.passing import PassingWords

PATIENCE_S = 60.0
SAID = "20261124-211754"
"""The name of every played run."""

Play = Sequence[tuple[float, Event]]
"""The events of a run, each with the seconds since it began."""


class PlayedRunner:
    """The interface of a runner whose run has sent all its events: ended, or going on with nothing new."""

    paused = False

    def __init__(self, lesson: Lesson[Any], play: Play) -> None:
        self.lesson = lesson
        last = play[-1][1]
        self.outcome: Outcome | None = last.outcome if isinstance(last, RunEnded) else None
        self.alive = self.outcome is None

    def stop(self) -> None:
        """Do nothing: there is nothing to stop."""

    def join(self, timeout: float | None = None) -> None:
        """Do nothing: there is no thread to wait for."""


class PlayedSession(EngineSession):
    """A session whose runs are the events of `play`, for any lesson; the engine is ready at once and never imported."""

    def __init__(self, options: AppOptions, play: Play) -> None:
        super().__init__(options)
        self._engine = "ready"
        self._play = play

    def warm(self, lesson: Lesson[Any], settings: Settings) -> None:
        """Do nothing: there is nothing to compile."""

    def start(self, lesson: Lesson[Any], settings: Settings, *, paused: bool = False) -> str:
        """Start a run; all its events are in the mailbox when this returns."""
        run = f"{lesson.id}/1"
        logdir = str(self._options.logdir / lesson.id / SAID)
        begun = RunStarted(lesson.id, lesson.title, settings.texts(), command_line(lesson.id, settings), logdir)
        for elapsed_s, event in ((0.0, begun), *self._play):
            self._mailbox.write(Delivery(run, elapsed_s, event))
        self._runner = cast("Runner", PlayedRunner(lesson, self._play))
        return run


async def play_to_its_end(pilot: Pilot[Any], play: Play) -> None:
    """Start the open lesson and wait until the screen shows the end of the run and does not change any more."""
    app = cast("GdtuiApp", pilot.app)
    await _until(pilot, lambda: isinstance(app.screen, LabScreen) and settled(app.screen))
    await pilot.press("space")
    steps = sum(steps_in(event) for _, event in play)
    ends = isinstance(play[-1][1], RunEnded)

    def all_taken() -> bool:
        state = app.app_state.lesson_state.state
        return state is not None and state.step == steps and app.session.busy != ends and settled(app.screen)

    await _until(pilot, all_taken)
    app.screen.show_now()  # a run that goes on is drawn every few frames, and this one sends no more events
    for row in app.screen.query(PassingWords):
        row.pass_now()  # passing words would be there or not depending on the speed of the machine
    await pilot.pause()
    focus_first(app.screen)
    before: list[Strip] = []

    def same_as_before() -> bool:
        nonlocal before
        was, before = before, _strips(app.screen)
        return was == before and all_taken()

    await _until(pilot, same_as_before)


def focus_first(screen: Screen[Any]) -> None:
    """Focus the first part of the live pane: which part has the focus otherwise depends on the order of frames."""
    live = screen.query_one("#pane-live", Pane)
    if live in (screen.focused.ancestors if screen.focused is not None else ()):
        there = [each for each in live.query("*") if each.focusable and each.region.area]
        there[0].focus(scroll_visible=False)


async def _until(pilot: Pilot[Any], condition: Any) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while not condition():
        assert asyncio.get_running_loop().time() < end, "the picture is never complete"
        await pilot.pause()


def _strips(screen: Any) -> list[Strip]:
    """The rows of the screen."""
    return list(screen._compositor.render_strips())


def settled(screen: Any) -> bool:
    """Whether there is a state, every visible pane has its content, the focus is where it was requested, nothing is
    being read, and no drawing is postponed."""
    panes = screen._visible_panes()
    drawings = [canvas for widget in screen.query("*") if (canvas := getattr(widget, "_canvas", None)) is not None]
    return bool(
        screen.loaded
        and all(pane.content is not None for pane in panes)
        and screen.focused is not None
        and screen._wanted is None
        and all(worker.is_finished for worker in screen.app.workers)
        and not any(canvas._waiting or canvas._due for canvas in drawings)
    )
