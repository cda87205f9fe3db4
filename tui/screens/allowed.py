"""Which of the main screen's keys mean something at this moment, and what they are called in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.events import Outcome
from tui.desk import Desk
from tui.workbench import Workbench

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

CHANGING = (
    "stop", "recover", "resume", "reset", "step", "step_back", "add_start", "rate_down", "next_optimizer", "clear",
)  # fmt: skip
"""The actions that mean something at one moment and not at another."""


def allowed(screen: MainScreen, action: str) -> bool:
    """Whether an action means something now; one that does not is neither shown nor done."""
    bench, desk = screen.bench, screen.bench.desk
    match action:
        case "stop":
            return bench.session.alive
        case "recover":
            return bench.recoverable
        case "reset":
            return desk.state is not None
        case "step_back":
            return desk.state is not None and desk.state.paths is not None
        case "resume":
            return resumable(screen) is not None
        case "add_start":
            return _has(desk, "start")
        case "step" | "rate_down" | "rate_up":  # what goes by steps has a rate
            return _has(desk, "learning_rate")
        case "next_optimizer":
            return bool(desk.chosen_optimizers)
        case "clear":
            return desk.ghost is not None or desk.parent is not None or "start" in desk.given
    return True


def _has(desk: Desk, setting: str) -> bool:
    return any(param.name == setting for param in desk.params)


def resumable(screen: MainScreen) -> Path | None:
    """The folder of the run that can be gone on with: the one under the cursor in the history, else the last one of
    the open lesson."""
    bench = screen.bench
    if bench.session.unfinished:
        return None
    if screen.focused_pane == "history":
        return screen.archive.resumable
    state = bench.desk.state
    if state is None or state.ended is None or state.checkpoint_step is None or state.logdir is None:
        return None
    return Path(state.logdir) if state.outcome is not Outcome.DONE else None


def labels(bench: Workbench) -> dict[str, str]:
    """What the start key does now."""
    if not bench.here:
        return {"start_or_pause": "Start"}
    if bench.session.waiting:
        return {"start_or_pause": "Cancel"}
    return {"start_or_pause": "Go on" if bench.session.paused else "Pause"}
