"""The basins of the descent pane: those of the shown run, computed in a thread, and again whenever its learning rate,
optimizer or surface or the window changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from engine.errors import InputError

if TYPE_CHECKING:
    from engine.descent.basins import Basins
    from engine.settings import Settings
    from tui.model.lesson_state import LessonState
    from tui.screens.lab.panes import LabPanes
    from tui.widgets.descent.descent_view import DescentView


class BasinRequests:
    """Answers the requests of a DescentView. A newer request replaces one that is being answered."""

    def __init__(self, screen: LabPanes) -> None:
        self._screen = screen
        self._asked: DescentView.BasinsRequested | None = None
        self._key: tuple[Any, ...] = ()

    def ask(self, event: DescentView.BasinsRequested) -> None:
        """Handle a changed window, or a request to show basins."""
        self._asked = event
        self._key = ()
        self.look()

    def look(self) -> None:
        """Compute them again if anything that they depend on has changed."""
        asked = self._asked
        if asked is None or not asked.view.basins_shown or self._screen.app_state.session.engine == "failed":
            return
        settings = settings_on_show(self._screen.app_state.lesson_state)
        if not hasattr(settings, "surface"):
            return
        texts = settings.texts()
        left_out = ("start", "seed", "speed")
        key = (asked.x_range, asked.y_range, *(text for name, text in texts.items() if name not in left_out))
        if key != self._key and self._screen.app_state.session.engine in ("ready", "compiling"):
            self._key = key
            self._screen.run_worker(self._compute(asked, settings), group="basins", exclusive=True)

    async def _compute(self, asked: DescentView.BasinsRequested, settings: Settings) -> None:
        try:
            found = await asyncio.to_thread(compute, asked, settings)
        except InputError as error:
            self._screen.say(f"no basins: {error}")
            return
        except Exception as error:  # a map that cannot be computed must not end the app
            self._screen.say(f"no basins: {type(error).__name__}")
            return
        if found is not None:
            asked.view.show_basins(found)


def settings_on_show(lesson_state: LessonState) -> Settings:
    """The present settings of the shown run, which may be a branch; before any run, those of the next one."""
    from engine.settings import parse_settings

    state = lesson_state.on_show
    return parse_settings(lesson_state.lesson.settings, state.settings) if state is not None else lesson_state.settings


def compute(asked: DescentView.BasinsRequested, settings: Any) -> Basins | None:
    """Compute the basins of the requested window, for the first chosen rule; None for a learner's file that no run has
    loaded."""
    from engine.descent import chosen
    from engine.descent.basins import basins
    from engine.own import optimizers, schedules
    from engine.own.paths import is_file

    for name, was_run in ((settings.optimizer[0], optimizers.was_run), (settings.schedule, schedules.was_run)):
        if is_file(name) and not was_run(name):
            return None
    surface = chosen.surface_on_show(settings.surface, settings.conditioning, settings.domain)
    if surface is None:
        return None
    return basins(
        surface,
        settings.optimizer[0],
        settings.learning_rate,
        settings.steps,
        width=asked.width,
        height=asked.height,
        x_range=asked.x_range,
        y_range=asked.y_range,
        settings=settings,
    )
