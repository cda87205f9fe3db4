"""Commands to the engine thread: pause, resume, step, stop, set; and its wait between two events."""

from __future__ import annotations

import math
import threading
from enum import Enum, auto

# The longest single wait of the engine thread: a lock's timeout is bounded, the wait at 1e-9 steps/s is not.
LONGEST_WAIT_S = 3600.0


class Order(Enum):
    """What the engine thread has to do next."""

    GO = auto()
    STEP = auto()
    PAUSE = auto()
    STOP = auto()
    LOOK_AGAIN = auto()


class Commands:
    """The pending commands. Any thread may give one, without waiting; the engine thread takes changes and orders."""

    def __init__(self, *, paused: bool = False) -> None:
        self._paused = paused
        self._stopped = False
        self._single_steps = 0
        self._single_stepping = False
        self._changes: list[tuple[str, str]] = []
        self._asked = threading.Condition()

    @property
    def paused(self) -> bool:
        """Whether the run is to be paused."""
        return self._paused

    def pause(self) -> None:
        """Pause; pending single steps are dropped."""
        self._set_paused(True)

    def resume(self) -> None:
        """Go on; pending single steps are dropped."""
        self._set_paused(False)

    def _set_paused(self, paused: bool) -> None:
        with self._asked:
            self._paused, self._single_steps = paused, 0
            self._asked.notify()

    def step(self, steps: int) -> None:
        """Pause after `steps` more steps, beyond those in progress now."""
        with self._asked:
            self._paused = True
            self._single_steps += steps
            self._asked.notify()

    def stop(self) -> None:
        """End the run."""
        with self._asked:
            self._stopped = True
            self._asked.notify()

    def change(self, name: str, text: str) -> None:
        """Change a setting."""
        with self._asked:
            self._changes.append((name, text))
            self._asked.notify()

    # --- the engine thread's side -----------------------------------------------------------------------------

    def take_changes(self) -> list[tuple[str, str]]:
        """Take the changes requested since the last call, as names and texts."""
        with self._asked:
            changes, self._changes = self._changes, []
        return changes

    def begin_single_steps(self) -> int:
        """Start to count single steps; returns how many are requested."""
        with self._asked:
            self._single_stepping = self._single_steps > 0
            return self._single_steps

    def have_done(self, steps: int) -> None:
        """Count steps that were taken. Steps that were in progress when single ones were requested do not count."""
        with self._asked:
            if self._single_stepping:
                self._single_steps = max(0, self._single_steps - steps)

    def look(self, early_s: float, *, announced: bool) -> Order:
        """Decide the next order for a run that is `early_s` seconds ahead of its pace. Returns PAUSE at once if the
        pause is not `announced` yet; otherwise waits for the pace or for a command, and returns LOOK_AGAIN."""
        with self._asked:
            if self._changes:
                return Order.LOOK_AGAIN
            if self._stopped:
                return Order.STOP
            if self._single_steps:
                return Order.STEP
            wait_s = math.inf if self._paused else early_s
            if not wait_s:
                return Order.GO
            if self._paused and not announced:
                return Order.PAUSE
            self._asked.wait(min(wait_s, LONGEST_WAIT_S))
            return Order.LOOK_AGAIN
