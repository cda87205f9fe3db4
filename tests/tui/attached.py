"""The log viewer under a pilot, with waits that end when what is waited for is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tui.app.app import GdtuiApp
from tui.app.attach_target import Target
from tui.model.log_names import TagItem
from tui.process.options import AppOptions
from tui.screens.log_viewer.screen import LogViewer

PATIENCE_S = 30.0


class Attached:
    """The app on a log folder, with waits that end when what is waited for is there."""

    def __init__(self, app: GdtuiApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> LogViewer:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, LogViewer))

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait until something is so, and have the files looked at meanwhile."""
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while not condition():
            assert asyncio.get_running_loop().time() < end, f"waited in vain for {what or condition}"
            for screen in self.app.screen_stack:
                if isinstance(screen, LogViewer):
                    screen.look_now()
            await self.pilot.pause(0.005)
        await self.pilot.pause(0)

    async def read(self) -> None:
        """Wait until everything that is shown has been read."""

        def all_read() -> bool:
            state = self.screen.state
            read = all(state.behind.get(run) == 0 and run in state.about for run in state.shown)
            return bool(state.shown) and read and not state.searching

        await self.until(all_read, "the logs")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause(0)

    async def look_at(self, kind: Any, tag: str = "") -> None:
        """Look at something as the tag list does it."""
        from tui.model import log_state

        self.screen.change(log_state.show_item(self.screen.state, TagItem(kind, tag)))
        await self.until(lambda: self.screen.stage_pane.content is not None, kind)
        self.screen.stage_pane.focus_inside()
        await self.pilot.pause(0)

    def rows(self, selector: str) -> list[str]:
        """What a part shows, row after row."""
        widget = self.screen.query_one(selector)
        return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]

    def painted(self) -> list[str]:
        """Every row of the whole screen."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]


@asynccontextmanager
async def attached(
    logdir: Path,
    run: str = "",
    *,
    size: tuple[int, int] = (120, 36),
    options: AppOptions | None = None,
    state_path: Path | None = None,
) -> AsyncIterator[Attached]:
    app = GdtuiApp(options, target=Target(logdir, run), poll_s=3600, state_path=state_path)
    async with app.run_test(size=size) as pilot:
        there = Attached(app, pilot)
        await there.until(lambda: any(isinstance(screen, LogViewer) for screen in app.screen_stack))
        await there.until(lambda: there.screen.focused is not None, "the focus")
        yield there
