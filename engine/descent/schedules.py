"""Learning-rate schedules: the rate of each step of a run, derived from the base rate η, which may change during the
run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engine.events import FloatArray
from engine.lazy import keras
from engine.own.paths import is_file
from engine.settings import Settings, choice, number

CONSTANT = "constant"
NAMES = (CONSTANT, "step", "exponential", "cosine", "warm-up", "one-cycle")

READS = {
    "step": ("final_rate",),
    "exponential": ("final_rate",),
    "cosine": ("final_rate",),
    "warm-up": ("final_rate", "warm_up"),
    "one-cycle": ("final_rate", "warm_up"),
}
"""The settings that each schedule reads."""

# The initial share of the base rate in a rising schedule. Source: L. Smith, N. Topin, Super-Convergence, 2018; the 25
# is that of fast.ai and PyTorch's OneCycleLR.
FIRST = 1 / 25

# Rates are computed in blocks of this many steps that begin at multiples of it: a step has exactly the same rate for
# any division of a run into calls, and after resuming.
_BLOCK = 512


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings(Settings):
    """The settings of the learning rate over a run."""

    schedule: str = choice(
        CONSTANT, NAMES, files=True, help="how the learning rate changes over the run's steps", group="schedule"
    )
    final_rate: float = number(
        0.01, low=0.0, high=1.0, help="share of the learning rate that the last step has: all but constant",
        group="schedule",
    )  # fmt: skip
    warm_up: float = number(
        0.2, low=0.0, high=1.0, step=0.05, group="schedule",
        help="share of the steps in which the rate rises, if the schedule lets it rise",
    )  # fmt: skip


class Schedule:
    """The learning rate of each step of a run. `share` returns those of the steps from a multiple of _BLOCK on, as
    shares of the base rate; `own` returns a single rate, for a learner's function of (step, total steps, base rate)."""

    def __init__(
        self,
        total_steps: int,
        shares: Callable[[int], FloatArray] | None = None,
        own: Callable[[int, int, float], float] | None = None,
    ) -> None:
        self._total_steps, self._shares, self._own = total_steps, shares, own

    def rates(self, done: int, count: int, base: float) -> FloatArray:
        """The rates float32 [count] of the steps after `done` steps. Raises InputError if a learner's function
        fails."""
        if self._own is not None:
            return np.array(
                [self._own(step, self._total_steps, base) for step in range(done, done + count)], np.float32
            )
        assert self._shares is not None
        found = []
        while count > 0:
            block, place = divmod(done, _BLOCK)
            found.append(self._shares(block)[place : place + count])
            done, count = done + len(found[-1]), count - len(found[-1])
        shares = np.concatenate([np.zeros(0, np.float32), *found])
        return np.asarray(base * shares.astype(np.float64), np.float32)


def schedule(settings: ScheduleSettings, total_steps: int) -> Schedule | None:
    """The chosen schedule of a run of `total_steps` steps; None for a constant rate. Runs a changed file, and raises
    InputError if it cannot be used."""
    name = settings.schedule
    if name == CONSTANT:
        return None
    if is_file(name):
        from engine.own import schedules as own

        return Schedule(total_steps, own=own.load(name))
    parts = _parts(name, total_steps, settings.final_rate, settings.warm_up)

    @lru_cache(2)
    def shares(block: int) -> FloatArray:
        return _shares(parts, np.arange(block * _BLOCK, (block + 1) * _BLOCK, dtype=np.int64))

    return Schedule(total_steps, shares)


def _parts(name: str, total_steps: int, final: float, warm_up: float) -> list[tuple[int, Any]]:
    """The Keras schedules of shares that follow each other, each with its first step, counted from 0. The last step has
    the share `final`."""
    of_keras = keras.optimizers.schedules
    last = max(total_steps - 1, 1)
    risen = min(round(warm_up * total_steps), last - 1) if total_steps > 1 else 0
    fall = (risen, of_keras.CosineDecay(1.0, last - risen, alpha=final))
    match name:
        case "step":
            ends = [-(-total_steps * third // 3) - 1 for third in (1, 2)]
            return [(0, of_keras.PiecewiseConstantDecay(ends, [1.0, final**0.5, final]))]
        case "exponential":
            return [(0, of_keras.ExponentialDecay(1.0, last, final))]
        case "cosine":
            return [(0, of_keras.CosineDecay(1.0, last, alpha=final))]
        case "warm-up":
            return [(0, of_keras.PolynomialDecay(FIRST, max(risen, 1), 1.0)), fall]
        case "one-cycle":  # a cosine that rises to 25 times its start
            return [(0, of_keras.CosineDecay(FIRST, max(risen, 1), alpha=1 / FIRST)), fall]
    raise KeyError(name)


def _shares(parts: Sequence[tuple[int, Any]], steps: Any) -> FloatArray:
    """The shares float32 [n] of `steps`, computed by Keras."""
    shares = np.zeros(len(steps), np.float32)
    for begins, of_keras in parts:
        found = keras.ops.convert_to_numpy(of_keras(np.maximum(steps - begins, 0)))
        shares = np.where(steps >= begins, found, shares)
    return shares
