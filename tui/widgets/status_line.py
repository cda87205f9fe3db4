"""One row that says what the engine does, which run is on, how far it is, and where its log goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.drawing.cells import Cells
from tui.widgets.canvas import Canvas

MARKS = {"running": "▶", "paused": "‖", "done": "✓", "diverged": "!", "failed": "✗", "stopped": "■"}
ASCII_MARKS = {"running": ">", "paused": "=", "done": "+", "diverged": "!", "failed": "x", "stopped": "#"}
BUSY = ("importing TensorFlow", "compiling", "waiting for TensorFlow")


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


class StatusLine(Widget):
    """The state at the left, the log at the right; what does not fit is left out, the least important first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status-line--state",
        "status-line--busy",
        "status-line--good",
        "status-line--bad",
        "status-line--text",
        "status-line--log",
    }
    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        background: $panel;
        & > .status-line--state { color: $foreground; text-style: bold; }
        & > .status-line--busy { color: $text-accent; text-style: bold; }
        & > .status-line--good { color: $text-success; text-style: bold; }
        & > .status-line--bad { color: $text-error; text-style: bold; }
        & > .status-line--text { color: $foreground 80%; }
        & > .status-line--log { color: $foreground 60%; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._status = Status()
        self._canvas = Canvas(self, self._draw)

    def show(self, status: Status) -> None:
        """Show this. What did not change is not drawn again."""
        if status != self._status:
            self._status = status
            self._canvas.changed()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._canvas.changed()

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def _draw(self, width: int, height: int) -> list[Strip]:
        cells = Cells(width, height)
        status = self._status
        mark = (ASCII_MARKS if self._ascii_only else MARKS).get(status.state, "*" if self._ascii_only else "●")
        cells.put(1, 0, f"{mark} {status.state}", self._state_style())
        x = len(status.state) + 3
        text, log = words(status, width - x - 1, ascii_only=self._ascii_only)
        cells.put(x, 0, text, self._part("text"))
        cells.put(width - len(log) - 1, 0, log, self._part("log"))
        return cells.strips()

    def _state_style(self) -> Style:
        state = self._status.state
        if state in BUSY or state in ("running", "paused"):
            return self._part("busy")
        if state == "done":
            return self._part("good")
        return self._part("bad" if state in ("diverged", "failed", "no TensorFlow") else "state")

    def _part(self, name: str) -> Style:
        return self.get_component_rich_style(f"status-line--{name}", partial=True)


def words(status: Status, room: int, *, ascii_only: bool = False) -> tuple[str, str]:
    """What stands behind the state and at the right end, in `room` cells: step, log, rate, server, run, in that order
    of importance. A log folder that is too long loses its beginning, never its end."""
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
    least_log = min(len(status.log), 24)
    kept: set[str] = set()
    for name in ("step", "rate", "server", "run"):
        if name in parts and len(dot.join(parts[n] for n in parts if n in kept | {name})) + 6 + least_log <= room:
            kept.add(name)
    text = "".join(dot + parts[name] for name in parts if name in kept)
    left = room - len(text) - 2
    log = status.log
    if len(log) > left:
        cut = "..." if ascii_only else "…"
        log = cut + log[len(log) - left + len(cut) :] if left > 8 else ""
    return text, log
