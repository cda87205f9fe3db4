"""Settings that take seconds to prepare, such as a typed function, whose minima are searched for: that is done in a
thread, and what needs the settings is done after it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import InputError

if TYPE_CHECKING:
    from textual.timer import Timer

    from engine.settings import Preparation
    from tui.model.app_state import AppState
    from tui.model.lesson_state import Change, LessonState
    from tui.screens.base import BaseScreen

TOLD_AFTER_S = 0.3
"""How long a preparation takes before it is reported: a line that comes and goes at once would only flicker."""


@dataclass(frozen=True, eq=False)
class DeferredAct:
    """What is to be done with a lesson's settings once they are prepared: `act`, which makes these `changes`."""

    lesson_state: LessonState
    act: Callable[[], object]
    changes: tuple[Change, ...]

    @property
    def work(self) -> tuple[Preparation, ...]:
        """What takes long before it."""
        return self.lesson_state.preparation(self.changes)

    def is_replaced_by(self, later: DeferredAct) -> bool:
        """Whether a later request makes all changes of this one again."""
        mine, again = ({name for name, _ in each.changes} for each in (self, later))
        return self.lesson_state is later.lesson_state and bool(mine) and mine <= again


class Preparer:
    """A queue of requests. Those that nothing takes long for, and that wait for no other, are executed at once.
    `show_now` shows the state."""

    def __init__(self, screen: BaseScreen, app_state: Callable[[], AppState], show_now: Callable[[], None]) -> None:
        self._screen = screen
        self._app_state = app_state
        self._show_now = show_now
        self._requests: list[DeferredAct] = []
        self._telling: Timer | None = None

    @property
    def busy(self) -> bool:
        """Whether settings are being prepared."""
        return bool(self._requests)

    def when_prepared(self, act: Callable[[], object], *changes: Change) -> None:
        """Execute `act`, which makes these `changes` to the open lesson's settings, or reads them, after all requests
        before it and after its own work, which a thread does.

        A change takes the place of an earlier one of the same setting that was not made yet. An `act` without changes
        is dropped if another lesson is open by then.
        """
        asked = DeferredAct(self._app_state().lesson_state, act, changes)
        before = self._requests
        if not before and not asked.work:
            act()
            return
        self._requests = [*(each for each in before if not each.is_replaced_by(asked)), asked]
        if not before:
            self._telling = self._screen.set_timer(TOLD_AFTER_S, self._tell)
        if before[:1] != self._requests[:1]:  # otherwise the first one is being prepared
            self._screen.run_worker(self._work_off(), group="settings", exclusive=True)
        self._changed()

    async def _work_off(self) -> None:
        while self._requests:
            request, failure = self._requests[0], None
            try:
                await _done_in_a_thread(request.work)
            except Exception as error:
                failure = error
            self._requests = self._requests[1:]
            self._changed()
            try:
                self._execute(request, failure)
            except InputError as refused:
                self._screen.say(str(refused))
            except Exception as error:  # a failure: the requests after it are executed all the same
                self._screen.app._handle_exception(error)
        if self._telling is not None:
            self._telling.stop()
        self._app_state().preparing = ""
        self._show_now()
        self._screen.release_keys()

    def _execute(self, request: DeferredAct, failure: Exception | None) -> None:
        if failure is not None:
            raise failure
        if request.changes or request.lesson_state is self._app_state().lesson_state:
            request.act()

    def _changed(self) -> None:
        """Show the texts that are awaited now."""
        for lesson_state in self._app_state().lesson_states.values():
            mine = [each.changes for each in self._requests if each.lesson_state is lesson_state]
            lesson_state.awaited = {name: text for changes in mine for name, text in changes if text is not None}
        self._show_now()

    def _tell(self) -> None:
        """Report the work that is being done."""
        work = [each for request in self._requests for each in request.work]
        self._app_state().preparing = work[0].words if work else ""
        self._show_now()


def do(work: Sequence[Preparation]) -> None:
    """Do work in this thread. Raises InputError."""
    for each in work:
        each.call()


def _done_in_a_thread(work: Sequence[Preparation]) -> asyncio.Future[None]:
    """Do work in a thread of its own, which gives way to the screen and does not keep the app from being left."""
    from engine.run.threads import give_way

    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def end(failure: Exception | None) -> None:
        if not done.cancelled():
            done.set_result(None) if failure is None else done.set_exception(failure)

    def main() -> None:
        failure = None
        give_way()
        try:
            do(work)
        except Exception as error:
            failure = error
        with contextlib.suppress(RuntimeError):  # the app was left, and the loop is closed
            loop.call_soon_threadsafe(end, failure)

    threading.Thread(target=main, name="prepare settings", daemon=True).start()
    return done
