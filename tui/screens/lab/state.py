"""The base of the lab: the state of the app, which is made after the first paint, and what can be done before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.process.options import AppOptions
from tui.screens.base import BaseScreen
from tui.screens.lab.contents import choice_of
from tui.views.small_panes import LessonChoice

if TYPE_CHECKING:
    from tui.model.app_state import AppState

WITHOUT_STATE = ("help", "glossary", "redraw", "open_lesson", "suspend_process")
"""The actions whose effect needs no state."""


class StateScreen(BaseScreen):
    """A screen with a state that `make_state` makes in a thread: that imports NumPy and the lessons, which takes longer
    than all that a learner sees first, the lessons and the text of the one in `choice`.

    Keys that need the state are queued until there is one; the others act.
    """

    def __init__(self, options: AppOptions, choice: LessonChoice, make_state: Callable[[], AppState]) -> None:
        super().__init__()
        self.options = options
        self._first_choice = choice
        self._make_state = make_state
        self._app_state: AppState | None = None

    @property
    def app_state(self) -> AppState:
        """The state of the app. Raises RuntimeError before it is `loaded`."""
        if self._app_state is None:
            raise RuntimeError("the lab has no state yet")
        return self._app_state

    @property
    def loaded(self) -> bool:
        """Whether there is a state."""
        return self._app_state is not None

    @property
    def choice(self) -> LessonChoice:
        """The lessons, and the one that is open."""
        return self._first_choice if self._app_state is None else choice_of(self._app_state)

    @property
    def exercises_shown(self) -> bool:
        """Whether the learner has the exercises open."""
        return self._app_state is not None and self._app_state.exercises_loaded and self._app_state.exercises.shown

    async def load(self) -> None:
        """Make the state; it begins with the lesson that is open by then."""
        app_state = await asyncio.to_thread(self._make_state)
        app_state.open(self._first_choice.opened)
        self._app_state = app_state

    def choose(self, lesson: str) -> None:
        """Open a lesson."""
        if self._app_state is None:
            self._first_choice = replace(self._first_choice, opened=lesson)
        else:
            self._app_state.open(lesson)

    def takes(self, key: str) -> bool:
        return super().takes(key) and (self.loaded or self._needs_no_state(key))

    def _needs_no_state(self, key: str) -> bool:
        """Whether the effect of a key needs no state: a key of the focused widget, or an action of WITHOUT_STATE."""
        for node, bindings in self._modal_binding_chain:
            for binding in bindings.key_to_bindings.get(key, ()):
                return node not in (self, self.app) or binding.action.partition("(")[0] in WITHOUT_STATE
        return True
