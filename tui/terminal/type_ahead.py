"""The limit of queued keys: as many at once as a person can press."""

from __future__ import annotations

import time
from collections.abc import Callable

MOST_AHEAD, KEYS_PER_S = 64, 100
"""So many keys may come at once, and so many per second over longer times: three times the rate of a key that is held
down."""


class TypeAhead:
    """A token bucket for keys. Text that comes as keys, because the terminal has no bracketed paste, would otherwise
    act for minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = clock()
        self._left = float(MOST_AHEAD)

    @property
    def rested(self) -> bool:
        """Whether no key has come for a while and the bucket is full."""
        self._refill()
        return self._left == MOST_AHEAD

    def take(self, number: int = 1) -> bool:
        """Take keys that came together; if there are too many, returns False and empties the bucket."""
        self._refill()
        enough = self._left >= number
        self._left = self._left - number if enough else 0.0
        return enough

    def _refill(self) -> None:
        now = self._clock()
        self._left = min(self._left + (now - self._at) * KEYS_PER_S, MOST_AHEAD)
        self._at = now
