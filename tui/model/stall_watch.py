"""The stall watch: notices when something that should progress does not."""

from __future__ import annotations

from collections.abc import Callable

STALLED_S = 60.0
"""A run that has reported nothing for this long has stalled; compiling takes a few seconds."""


class StallWatch:
    """Notices, once, that something has stayed the same for `STALLED_S`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: object = None
        self._since = 0.0
        self._told = False

    def stalled(self, now_seen: object, *, going: bool) -> bool:
        """Whether it has now been the same for too long; never while it is not `going` on."""
        now = self._clock()
        if not going or now_seen is not self._seen:
            self._seen, self._since, self._told = now_seen, now, False
            return False
        if self._told or now - self._since < STALLED_S:
            return False
        self._told = True
        return True
