"""The app under a pilot, with a real engine and waits that end when the awaited state is reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tui.app.app import GdtuiApp
from tui.model.session import EngineSession
from tui.process.options import AppOptions
from tui.screens.lab.screen import LabScreen

PATIENCE_S = 60.0
FAST = {"speed": "0", "steps": "20"}


class Driven:
    """A running app: its parts by name, and keys that wait until their effect is on the screen."""

    def __init__(self, app: GdtuiApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> LabScreen:
        """The main screen, even under a dialog."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, LabScreen))

    @property
    def lesson_state(self) -> Any:
        """The open lesson's state."""
        return self.app.app_state.lesson_state

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait until the condition holds; fails if it does not in time."""
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while not condition():
            assert asyncio.get_running_loop().time() < end, f"waited in vain for {what or condition}"
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            await self.pilot.press(key)

    async def engine_ready(self) -> None:
        """Wait until TensorFlow is imported and nothing compiles."""
        await self.until(lambda: self.app.session.engine == "ready", "the engine")

    async def begin_run(self, step: int = 0) -> None:
        """Start the open lesson and wait until its run is beyond `step`."""
        await self.engine_ready()
        await self.press("space")
        await self.until(lambda: self.lesson_state.state.step > step, "the first steps")

    async def run_to_end(self) -> None:
        """Start the open lesson and wait until its run has ended and been shown."""
        await self.engine_ready()
        await self.press("space")
        await self.ended()

    async def ended(self) -> None:
        """Wait until the run has ended and its log is whole."""
        await self.until(
            lambda: (
                self.lesson_state.state is not None
                and self.lesson_state.state.ended is not None
                and not self.app.session.closing
            ),
            "the end of the run",
        )

    def text(self, selector: str) -> str:
        """The text of a drawn widget."""
        widget = self.screen.query_one(selector)
        return "\n".join(widget.render_line(y).text for y in range(widget.size.height))

    def shown(self) -> set[str]:
        """The visible panes."""
        return {pane.name or "" for pane in self.screen.query("Pane") if pane.region.area}


@asynccontextmanager
async def driven(
    lesson: str | None = None,
    texts: dict[str, str] | None = None,
    *,
    size: tuple[int, int] = (120, 36),
    options: AppOptions | None = None,
    state_path: Path | None = None,
    prepare: Callable[[], None] | None = None,
) -> AsyncIterator[Driven]:
    """The app, open at a lesson; without a log unless the options ask for one."""
    app = GdtuiApp(
        options or AppOptions(log=False),
        lesson,
        texts,
        state_path=state_path,
        make_session=lambda options: EngineSession(options, prepare),
    )
    async with app.run_test(size=size) as pilot:
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while not (isinstance(app.screen, LabScreen) and app.screen.loaded and app.session.engine != "waiting"):
            assert asyncio.get_running_loop().time() < end
            await pilot.pause(0.01)
        await pilot.pause()
        yield Driven(app, pilot)
