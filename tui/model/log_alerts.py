"""Alerts of the log viewer for a user who looks elsewhere: a run ended, diverged or stalled."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from tui.model.log_state import LogState, label
from tui.model.stall_watch import STALLED_S

OVER = ("done", "stopped", "diverged", "failed", "crashed")
_SPELLED = {"diverged": "a number is not finite", "stalled": f"nothing new for {STALLED_S:.0f} s"}


def words_of_runs(state: LogState, state_of: Callable[[str], str], now: float) -> dict[str, str]:
    """The state of each shown run, by its name: running, stalled, or how it ended. `state_of` returns a run's state
    from its record or its log."""
    found = {}
    for run in state.shown:
        if run not in state.runs or run not in state.about or state.behind.get(run):
            continue
        word = state_of(run)
        if word not in OVER:
            written = state.about[run].written
            word = "diverged" if _has_diverged(state, run) else "stalled" if now - written > STALLED_S else "running"
        found[run] = word
    return found


def alerts(state: LogState, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The alerts about runs that ended, stalled or lost a finite value since before, one line each. A run whose last
    value is not finite may still be running: its end is reported, too."""
    lines = []
    for run, word in now.items():
        was = before.get(run, "")
        told = word == "stalled" and was == "running"
        over = word in OVER and word != was and was in ("running", "stalled", "diverged")
        if told or over:
            step = state.log(run).step
            lines.append(f"{label(state, run)}: {_SPELLED.get(word, word)}, step {step:,}")
    return lines


def _has_diverged(state: LogState, run: str) -> bool:
    """Whether the last value of a scalar is not finite."""
    points = state.log(run).scalars.values()
    return any(len(each) and not math.isfinite(each.values.array[-1]) for each in points)
