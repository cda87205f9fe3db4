"""The length of a call of the compiled loop, in steps."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from engine.events import FloatArray

# The losses of a call are kept in a buffer of this many steps; a longer call is several.
STEPS_A_CALL = 512

# The duration of a call: short enough that a key acts soon, long enough that the call itself costs nothing.
CALL_S = 0.05


class CallLength:
    """Fits the number of steps per call to CALL_S, from the duration of the last ones. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._rate = 0.0
        self._began = 0.0

    @property
    def steps(self) -> int:
        """How many steps the next call should take."""
        return int(min(max(self._rate * CALL_S, 1), STEPS_A_CALL)) if self._rate else 8

    def begin(self) -> None:
        """Note that a call begins now."""
        self._began = self._clock()

    def end(self, steps: int) -> float:
        """Note that a call of `steps` steps ends now; returns its steps per second."""
        rate = steps / max(self._clock() - self._began, 1e-9)
        self._rate = rate if not self._rate else 0.5 * (self._rate + rate)
        return rate


def padded(rates: FloatArray | None, rate: float) -> FloatArray:
    """Pad `rates` with `rate` to float32 [STEPS_A_CALL]."""
    padded = np.full(STEPS_A_CALL, rate, np.float32)
    if rates is not None:
        padded[: len(rates)] = rates
    return padded
