"""The player: plays runs in the app, and checks the screen after every key."""

from __future__ import annotations

import asyncio
import os
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from textual.app import App
from textual.pilot import Pilot
from textual.scrollbar import ScrollBar

from tests.tui.matrix.checks import cut_numbers, misspoken, problems
from tests.tui.matrix.combinations import Play
from tests.tui.matrix.recorded import RecordedSession
from tests.tui.played import settled
from tui.app.app import GdtuiApp
from tui.process.options import AppOptions
from tui.screens.lab.screen import LabScreen

PATIENCE_S = 60.0
PANELS = 6
"""No pane has more views than this."""


class Named(Protocol):
    """A play, which its name describes."""

    @property
    def name(self) -> str:
        """The play as one text."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong in a play, and after which keys."""

    play: Named
    keys: tuple[str, ...]
    what: tuple[str, ...]

    def __str__(self) -> str:
        said = "\n".join(f"    {line}" for line in self.what)
        return (
            f"{self.play.name}\n  after {' '.join(self.keys) or 'the start of the app'}:\n{said}\n"
            f'  again: python -m tests.tui.matrix "{self.play.name}"'
        )


class BrokenPlayError(Exception):
    """A play cannot go on: the app has failed, or never comes to rest."""


def play_all(plays: Iterable[Play], report: Callable[[Play], None] = lambda play: None) -> list[Failure]:
    """Play these in one app for each stage; returns what went wrong."""
    failures: list[Failure] = []
    for _, together in groupby(plays, key=lambda play: play.stage):
        rest = list(together)
        while rest:
            done, failed = asyncio.run(_on_one_stage(rest, report))
            failures += failed
            rest = rest[done:]
    return failures


async def _on_one_stage(plays: Sequence[Play], report: Callable[[Play], None]) -> tuple[int, list[Failure]]:
    """Play one after another in one app, up to the first that breaks it; returns how many were played, and what went
    wrong."""
    failures: list[Failure] = []
    player: Player | None = None
    done = 0
    try:
        async with _app(plays[0]) as (app, pilot):
            for play in plays:
                player = Player(app, pilot, play)
                done += 1
                await player.play()
                report(play)
                if player.found:
                    failures.append(player.failure(player.found))
    except Exception as error:  # any error belongs to the present play
        keys = tuple(player.keys) if player is not None else ()
        if not (failures and failures[-1].play is plays[done - 1]):
            failures.append(Failure(plays[max(done - 1, 0)], keys, tuple(_told(error))))
    return max(done, 1), failures


def _told(error: Exception) -> list[str]:
    lines = "".join(traceback.format_exception(error)).splitlines()
    return lines[-30:]


@asynccontextmanager
async def _app(play: Play) -> AsyncIterator[tuple[GdtuiApp, Pilot[Any]]]:
    size = tuple(map(int, play.size.split("x")))
    options = AppOptions(log=False, glyphs="ascii" if play.look == "ascii" else None, no_color=play.look != "colour")
    with surroundings(play.look):
        app = GdtuiApp(options, play.lesson, {}, make_session=RecordedSession)
        app.animation_level = "none"
        async with app.run_test(size=(size[0], size[1])) as pilot:
            await _until(app, pilot, lambda: isinstance(app.screen, LabScreen) and settled(app.screen), "the screen")
            yield app, pilot


@contextmanager
def surroundings(look: str) -> Iterator[None]:
    """An empty folder to write to, and the look's environment."""
    before, folder, bars = os.environ.get("NO_COLOR"), Path.cwd(), ScrollBar.renderer
    os.environ.pop("NO_COLOR", None)
    if look == "no-colour":
        os.environ["NO_COLOR"] = "1"
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        try:
            yield
        finally:
            os.chdir(folder)
            ScrollBar.renderer = bars
            os.environ.pop("NO_COLOR", None)
            if before is not None:
                os.environ["NO_COLOR"] = before


async def _until(app: App[Any], pilot: Pilot[Any], condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds. Raises BrokenPlayError if the app fails or it does not in time."""
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while not condition():
        if app._exception is not None or not app.is_running:
            raise app._exception or BrokenPlayError("the app has ended")
        if asyncio.get_running_loop().time() > end:
            raise BrokenPlayError(f"waited in vain for {what}")
        await pilot.pause()


class Player:
    """One play in an app that may have shown others before."""

    def __init__(self, app: GdtuiApp, pilot: Pilot[Any], play: Play) -> None:
        self.app, self.pilot, self.play_of = app, pilot, play
        self.keys: list[str] = []
        self.found: list[str] = []

    def failure(self, what: Sequence[str]) -> Failure:
        """A failure of this play."""
        return Failure(self.play_of, tuple(self.keys), tuple(what))

    @property
    def session(self) -> RecordedSession:
        """The session, which shows recorded runs."""
        session = self.app.session
        assert isinstance(session, RecordedSession)
        return session

    async def play(self) -> None:
        """Play everything from the settings to the export; afterwards the lesson is as before."""
        lesson_state = self.app.app_state.lesson_state
        lesson_state.given = dict(self.play_of.texts)
        self.main.wake()
        await self.look()
        await self.run("space")
        await self.scrub()
        for _ in range(PANELS):
            await self.press("v")
        if lesson_state.kind == "descent":
            await self.press("b", "b")
        await self.export()
        if lesson_state.state is not None and lesson_state.state.paths is not None:
            await self.branch()
        if self.app.app_state.recoverable:
            await self.run("g")
        await self.press("r")
        self.app.app_state.clear()
        lesson_state.given = {}

    async def run(self, key: str) -> None:
        """Start a run by a key, and check it half way and at its end."""
        await self.press(key)
        if not self.session.half_way:
            return
        self.keys.append("(end of the run)")
        self.session.finish()
        self.main.wake()
        state = self.app.app_state.lesson_state
        await self.until(lambda: state.state is not None and state.state.ended is not None, "the end of the run")
        await self.look()

    async def scrub(self) -> None:
        """Step back along the paths and forward again."""
        if (
            self.app.app_state.lesson_state.state is not None
            and self.app.app_state.lesson_state.state.paths is not None
        ):
            await self.press("comma", "comma", "full_stop")

    async def branch(self) -> None:
        """Branch from a step back, at twice the rate."""
        await self.press("comma", "f")
        if self.app.screen is self.main:
            return  # a path that was lost at its start has no step to branch from
        await self.press("right_square_bracket")
        await self.run("f")

    async def export(self) -> None:
        """Export the first choice."""
        await self.press("e", "enter")
        for path in Path.cwd().iterdir():
            if not path.stat().st_size:
                self.found.append(f"{path.name} is empty")
            path.unlink()

    async def press(self, *keys: str) -> None:
        """Press keys, and check after each."""
        for key in keys:
            self.keys.append(key)
            await self.pilot.press(key)
            await self.look()

    async def look(self) -> None:
        """Wait until the screen has come to rest, and check it."""
        await self.until(self.at_rest, "a screen at rest")
        wrong = problems(self.app, self.play_of.lesson, self.play_of.look)
        wrong += misspoken(self.app.app_state.lesson_state.state, self.play_of.lesson)
        self.found += [problem for problem in wrong if problem not in self.found]

    def at_rest(self) -> bool:
        """Whether nothing more will change without input."""
        screen = self.app.screen
        if any(not worker.is_finished for worker in self.app.workers):
            return False
        return settled(screen) if isinstance(screen, LabScreen) else screen.is_current and bool(screen.size)

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until the condition holds, and report numbers that are cut off."""
        with cut_numbers() as cut:
            await _until(self.app, self.pilot, condition, what)
            await self.pilot.pause()
        self.found += [line for text in cut if (line := f"drawn over the edge: {text!r}") not in self.found]

    @property
    def main(self) -> LabScreen:
        """The main screen, even under a dialog."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, LabScreen))
