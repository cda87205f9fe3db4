"""Alerts of the lab for a user who looks elsewhere: a run ended, diverged or stalled."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.model.stall_watch import STALLED_S, StallWatch

if TYPE_CHECKING:
    from engine.events import RunEnded
    from tui.screens.lab.panes import LabPanes

LOOK_S = 5.0
"""How often to check whether a run has stalled."""


class RunAlerts:
    """Reports each end once, unless the learner stopped the run."""

    def __init__(self, screen: LabPanes, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._told: dict[str, RunEnded] = {}
        self._watch = StallWatch(clock)

    def begin(self) -> None:
        """Start watching, if the options enable it."""
        if self._screen.options.notify:
            self._screen.set_interval(LOOK_S, self.look)

    def look(self) -> None:
        """Check whether the present run has stalled."""
        app_state = self._screen.app_state
        session, running = app_state.session, app_state.running
        going = session.alive and not (session.paused or session.waiting)
        state = running.state if running is not None else None
        if self._watch.stalled(state, going=going) and running is not None:
            self._screen.alert(f"{running.lesson.title}: nothing new for {STALLED_S:.0f} s")

    def ended(self) -> None:
        """Report the end of a run, if one has ended since the last call."""
        from engine.events import Outcome

        for lesson, lesson_state in self._screen.app_state.lesson_states.items():
            state = lesson_state.state
            end = state.ended if state is not None else None
            if end is None or end is self._told.get(lesson):
                continue
            self._told[lesson] = end
            if end.outcome is not Outcome.STOPPED:
                self._screen.alert(f"{lesson_state.lesson.title}: {end.outcome.value}, step {end.step:,}")
