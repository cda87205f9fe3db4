"""What is asked of the engine thread: to pause, step, stop, change a setting; and how it waits meanwhile."""

from __future__ import annotations

import math
import threading
from enum import Enum, auto

# How long the engine thread waits at once: a lock's time is bounded, and a pace of 1e-9 steps/s is not.
LONGEST_WAIT_S = 3600.0


class Order(Enum):
    """What the engine thread is to do next."""

    GO = auto()
    STEP = auto()
    PAUSE = auto()
    STOP = auto()
    LOOK_AGAIN = auto()


class Commands:
    """What has been asked. Any thread may ask, and returns at once; the engine thread takes changes and orders."""

    def __init__(self, *, paused: bool = False) -> None:
        self._paused = paused
        self._stopped = False
        self._single_steps = 0
        self._single_stepping = False
        self._changes: list[tuple[str, str]] = []
        self._asked = threading.Condition()

    @property
    def paused(self) -> bool:
        """Whether a pause was asked for and not taken back."""
        return self._paused

    def pause(self) -> None:
        """Hold, whatever single steps were asked for."""
        self._set_paused(True)

    def resume(self) -> None:
        """Go on, whatever single steps were asked for."""
        self._set_paused(False)

    def _set_paused(self, paused: bool) -> None:
        with self._asked:
            self._paused, self._single_steps = paused, 0
            self._asked.notify()

    def step(self, steps: int) -> None:
        """Pause, and go `steps` steps further than what is being done now."""
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
        """The changes that have been asked for since the last call, as names and texts."""
        with self._asked:
            changes, self._changes = self._changes, []
        return changes

    def begin_single_steps(self) -> int:
        """How many single steps are asked for; the steps from here on count as those."""
        with self._asked:
            self._single_stepping = self._single_steps > 0
            return self._single_steps

    def have_done(self, steps: int) -> None:
        """Count steps that were done. Those that were under way when single ones were asked for are none of them."""
        with self._asked:
            if self._single_stepping:
                self._single_steps = max(0, self._single_steps - steps)

    def look(self, early_s: float, *, announced: bool) -> Order:
        """What is to be done by one who is `early_s` seconds ahead of the pace: PAUSE is answered at once where the
        pause is not `announced` yet. Otherwise what there is to wait for is waited for, then it is LOOK_AGAIN."""
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
