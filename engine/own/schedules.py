"""A learner's own learning-rate schedule from a Python file: a function of (step, total_steps, base_rate).

    def schedule(step, total_steps, base_rate):
        return base_rate / (1 + step / 100)

It is called with Python numbers before each step, the first of which is step 0, and returns the rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from engine.last_used import LastUsed
from engine.own import files
from engine.own.files import Source

OPTION = "--schedule"

# A function is tried at steps of a run of this length.
_TOTAL, _RATE = 100, 0.1

Rates = Callable[[int, int, float], float]

_rates: LastUsed[Rates] = LastUsed(files.KEPT)


def load(text: str) -> Rates:
    """Load the function that `text` names, and try it. Its results are checked at each call."""
    source = files.read(OPTION, text)

    def make() -> Rates:
        rate = _checked(source, files.named(source, source.run(), "schedule"))
        for step in (0, 1, _TOTAL // 2, _TOTAL - 1):
            rate(step, _TOTAL, _RATE)
        return rate

    return _rates.get((text, source.saved), make)


def was_run(text: str) -> bool:
    """Whether a run has loaded the function from the present version of the file. The file is not run."""
    return (text, files.saved(text)) in _rates


def _checked(source: Source, function: Callable[..., Any]) -> Rates:
    def rate(step: int, total_steps: int, base_rate: float) -> float:
        with source.told():
            found = function(step, total_steps, base_rate)
            try:
                value = float(found)
            except (TypeError, ValueError):
                value = math.nan
                said = f"a {type(found).__name__}"
            else:
                said = f"{value:g}"
        if not (math.isfinite(value) and value >= 0.0):
            raise source.refuse(
                f"of step {step} of {total_steps} at the rate {base_rate:g} it returned {said}; "
                "expected a finite number that is not negative",
                getattr(function, "__code__", None),
            )
        return value

    return rate
