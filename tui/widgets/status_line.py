"""One row that says what the engine does, which run is on, how far it is, and where its log goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style

from tui.drawing.cells import Cells
from tui.widgets.drawn import READING_PAUSE_S, Bare

MARKS = {"running": "▶", "paused": "‖", "done": "✓", "diverged": "!", "failed": "✗", "stopped": "■"}
ASCII_MARKS = {"running": ">", "paused": "=", "done": "+", "diverged": "!", "failed": "x", "stopped": "#"}
BUSY = ("importing TensorFlow", "compiling", "waiting for TensorFlow")
_LOG = 16
"""Cells kept for the end of the log folder: the day and the time of the run."""


@dataclass(frozen=True, slots=True)
class Status:
    """`state` is a word or two for what goes on; `log` the folder that holds the log, or why there is none."""

    state: str = ""
    run: str = ""
    step: int = 0
    total_steps: int = 0
    steps_per_s: float = 0.0
    log: str = ""
    server: str = ""


class StatusLine(Bare):
    """The state at the left, the log at the right; what does not fit is left out, the least important first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "drawn--state",
        "drawn--busy",
        "drawn--good",
        "drawn--bad",
        "drawn--text",
        "drawn--log",
    }
    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        background: $panel;
        & > .drawn--state { color: $foreground; text-style: bold; }
        & > .drawn--busy { color: $text-accent; text-style: bold; }
        & > .drawn--good { color: $text-success; text-style: bold; }
        & > .drawn--bad { color: $text-error; text-style: bold; }
        & > .drawn--text { color: $foreground; }
        & > .drawn--log { color: $foreground; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=READING_PAUSE_S, ascii_only=ascii_only, id=id, classes=classes)
        self._status = Status()

    def show(self, status: Status) -> None:
        """Show this. What did not change is not drawn again."""
        before, self._status = self._status, status
        if status != before:
            self._canvas.changed(now=not before.state == status.state == "running")

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        status = self._status
        mark = (ASCII_MARKS if self._ascii_only else MARKS).get(status.state, "*" if self._ascii_only else "●")
        cells.put(1, 0, f"{mark} {status.state}", self._state_style())
        x = len(status.state) + 3
        text, log = words(status, width - x - 1, ascii_only=self._ascii_only)
        cells.put(x, 0, text, self._part("text"))
        cells.put(width - len(log) - 1, 0, log, self._part("log"))
        return cells

    def _state_style(self) -> Style:
        state = self._status.state
        if state in BUSY or state in ("running", "paused"):
            return self._part("busy")
        if state == "done":
            return self._part("good")
        return self._part("bad" if state in ("diverged", "failed", "no TensorFlow") else "state")


def words(status: Status, room: int, *, ascii_only: bool = False) -> tuple[str, str]:
    """What stands behind the state and at the right end, in `room` cells: step, log, rate, server, run, in that order
    of importance. A run's name or a log folder that is too long loses its beginning, never its end."""
    dot = ", " if ascii_only else " · "
    parts: dict[str, str] = {}
    if status.run:
        parts["run"] = status.run
    if status.total_steps or status.step:
        parts["step"] = f"step {status.step:,}" + (f"/{status.total_steps:,}" if status.total_steps else "")
    if status.steps_per_s > 0:
        parts["rate"] = f"{status.steps_per_s:,.0f} steps/s"
    if status.server:
        parts["server"] = f"TensorBoard {status.server}"
    cut = "..." if ascii_only else "…"
    least_log = min(len(status.log), _LOG)
    kept: set[str] = set()
    for name in ("step", "rate", "server", "run"):
        left = room - least_log - 2 - sum(len(dot + parts[n]) for n in kept) - len(dot)
        if name == "run" and 8 <= left < len(status.run):
            parts["run"] = cut + status.run[len(status.run) - left + len(cut) :]
        if name in parts and len(parts[name]) <= left:
            kept.add(name)
    text = "".join(dot + parts[name] for name in parts if name in kept)
    left = room - len(text) - 2
    log = status.log
    if len(log) > left:
        log = cut + log[len(log) - left + len(cut) :] if left > 8 else ""
    return text, log
