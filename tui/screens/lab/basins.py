"""The basins of the descent pane: computed aside by the engine, anew whenever rate, rule, surface or window change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.basins import Basins
    from engine.settings import Settings
    from tui.screens.main import MainScreen
    from tui.widgets.descent_view import DescentView


class BasinKeeper:
    """Answers what a DescentView asks for. A newer question takes the place of one that is being answered."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._asked: DescentView.BasinsRequested | None = None
        self._key: tuple[Any, ...] = ()

    def ask(self, event: DescentView.BasinsRequested) -> None:
        """The window has changed, or basins are to be shown."""
        self._asked = event
        self._key = ()
        self.look()

    def look(self) -> None:
        """Compute them again where what they depend on has changed."""
        asked = self._asked
        if asked is None or not asked.view.basins_shown or self._screen.bench.session.engine == "failed":
            return
        settings = self._screen.bench.desk.settings
        if not hasattr(settings, "surface"):
            return
        texts = settings.texts()
        left_out = ("start", "seed", "speed")
        key = (asked.x_range, asked.y_range, *(text for name, text in texts.items() if name not in left_out))
        if key != self._key and self._screen.bench.session.engine in ("ready", "compiling"):
            self._key = key
            self._screen.run_worker(self._compute(asked, settings), group="basins", exclusive=True)

    async def _compute(self, asked: DescentView.BasinsRequested, settings: Settings) -> None:
        try:
            found = await asyncio.to_thread(compute, asked, settings)
        except Exception as error:  # a map that cannot be made is no reason to fail
            self._screen.say(f"no basins: {type(error).__name__}")
            return
        asked.view.show_basins(found)


def compute(asked: DescentView.BasinsRequested, settings: Any) -> Basins:
    """The basins of the window asked for, under the first rule chosen."""
    from engine import surfaces
    from engine.basins import basins

    return basins(
        surfaces.surface(settings.surface, settings.conditioning),
        settings.optimizer[0],
        settings.learning_rate,
        settings.steps,
        width=asked.width,
        height=asked.height,
        x_range=asked.x_range,
        y_range=asked.y_range,
        settings=settings,
    )
