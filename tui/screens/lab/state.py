"""The base of the lab: the state of the app, which is made after the first paint, and what can be done before."""

from __future__ import annotations

import asyncio
import contextlib
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.keys import key_to_character

from engine.errors import InputError
from tui.process.options import AppOptions
from tui.screens.base import BaseScreen
from tui.screens.lab import action_state
from tui.screens.lab.contents import choice_of
from tui.screens.lab.preparing import Preparer, do
from tui.views.small_panes import LessonChoice

if TYPE_CHECKING:
    from tui.model.app_state import AppState

WITHOUT_STATE = ("help", "glossary", "redraw", "open_lesson", "suspend_process")
"""The actions whose effect needs no state."""


class StateScreen(BaseScreen):
    """A screen with a state that `make_state` makes in a thread: that imports NumPy and the lessons, which takes longer
    than all that a learner sees first, the lessons and the text of the one in `choice`.

    Keys that need the state are queued until there is one; the others act. So are, later, keys that need settings which
    are being prepared.
    """

    def __init__(self, options: AppOptions, choice: LessonChoice, make_state: Callable[[], AppState]) -> None:
        super().__init__()
        self.options = options
        self._first_choice = choice
        self._make_state = make_state
        self._app_state: AppState | None = None
        self.preparer = Preparer(self, lambda: self.app_state, self.show_now)

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
        app_state = await asyncio.to_thread(self._prepared_state)
        app_state.open(self._first_choice.opened)
        self._app_state = app_state

    def _prepared_state(self) -> AppState:
        app_state = self._make_state()
        for lesson_state in app_state.lesson_states.values():
            with contextlib.suppress(InputError):  # reported when the settings are used
                do(lesson_state.preparation())
        return app_state

    def choose(self, lesson: str) -> None:
        """Open a lesson."""
        if self._app_state is None:
            self._first_choice = replace(self._first_choice, opened=lesson)
        else:
            self._app_state.open(lesson)

    @abstractmethod
    def show_now(self) -> None:
        """Show the present state."""

    def takes(self, key: str) -> bool:
        return super().takes(key) and (self._has_all or self.takes_action(self._action_of(key)))

    def takes_action(self, action: str | None) -> bool:
        if action is None or self._has_all:
            return True
        return not action_state.needs_settings(self.app_state, action) if self.loaded else action in WITHOUT_STATE

    @property
    def _has_all(self) -> bool:
        """Whether every action can take effect."""
        return self.loaded and not self.preparer.busy

    def _action_of(self, key: str) -> str | None:
        """The action of the screen or the app that a key triggers; None if it is the focused widget's, or has none."""
        if self.focused is not None and self.focused.check_consume_key(key, key_to_character(key)):
            return None
        for node, bindings in self._modal_binding_chain:
            for binding in bindings.key_to_bindings.get(key, ()):
                return binding.action.partition("(")[0] if node in (self, self.app) else None
        return None

    async def run_action(self, action: str, namespaces: Mapping[str, DOMNode] | None = None) -> None:
        """Run an action that the palette names; one that needs settings waits for them, as its key does."""
        run = partial(super().run_action, action, namespaces)
        if self.preparer.busy and action_state.needs_settings(self.app_state, action):
            self.preparer.when_prepared(partial(self.call_next, run))
        else:
            await run()
