"""The status row: the state of the shown run, facts about it, and the folder of its log."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.strip import Strip

from tui.plot.text_rows import TextRows
from tui.text.fit import cut, fitting
from tui.text.glyphs import BAD_STATES, UNICODE, Glyphs
from tui.views.small_panes import Status, StatusPart
from tui.widgets.cell_widget import READING_PAUSE_S
from tui.widgets.passing import PassingWords

BUSY = ("importing TensorFlow", "reading", "compiling", "waiting for TensorFlow", "running", "paused")
BAD = (*BAD_STATES, "no TensorFlow")
_LEAST_CUT = 8
"""Cells: a text that is cut shorter is unrecognisable."""


class StatusLine(PassingWords):
    """The state at the left, the log at the right; what does not fit is left out, the least important first.

    Passing words replace everything after the state.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "cell--state",
        "cell--busy",
        "cell--good",
        "cell--bad",
        "cell--text",
        "cell--log",
        "cell--passing",
    }
    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        background: $panel;
        & > .cell--state { color: $foreground; text-style: bold; }
        & > .cell--busy { color: $text-accent; text-style: bold; }
        & > .cell--good { color: $text-success; text-style: bold; }
        & > .cell--bad { color: $text-error; text-style: bold; }
        & > .cell--text { color: $foreground; }
        & > .cell--log { color: $foreground; }
        & > .cell--passing { color: $text-accent; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=READING_PAUSE_S, id=id, classes=classes)
        self._status = Status()

    def show(self, status: Status, *, aged: bool = False) -> None:
        """Show this status. What has not changed is not drawn again; a passage of time counts as a change if the status
        has `aged`."""
        before = self._status
        if aged or status != before:
            self._status = status
            self._canvas.changed(now=not before.state == status.state == "running")

    def draw(self, width: int, height: int) -> list[Strip]:
        rows = TextRows(width, height)
        status = self._status
        mark = self._glyphs.run_sign(status.state, "*" if self._glyphs.ascii else "●")
        rows.put(1, 0, f"{mark} {status.state}", self._state_style())
        x = len(status.state) + 3
        if self._passing:
            said = self._glyphs.spelled(self._passing)
            words = cut(self._glyphs.dot + said, width - x - 1, self._glyphs.more)
            rows.put(x, 0, words, self._part("passing"))
            return rows.strips()
        parts, log = placed(status, width - x - 1, glyphs=self._glyphs)
        for part in parts:
            rows.put(x, 0, self._glyphs.dot, self._part("text"))
            x += len(self._glyphs.dot)
            rows.put(x, 0, part.text, self._part("bad" if part.bad else "text"))
            x += len(part.text)
        rows.put(width - len(log) - 1, 0, log, self._part("log"))
        return rows.strips()

    def _state_style(self) -> Style:
        state = self._status.state
        names = (("busy", BUSY), ("good", ("done",)), ("bad", BAD))
        return self._part(next((name for name, states in names if state in states), "state"))


def placed(status: Status, room: int, *, glyphs: Glyphs = UNICODE) -> tuple[list[StatusPart], str]:
    """The parts after the state, and the log at the right end, in `room` cells. If a part or the log is cut, its end is
    kept."""
    dot, more = len(glyphs.dot), glyphs.ellipsis
    parts = list(status.parts)
    least_log = min(len(status.log), status.least_log)
    left = room - least_log - (2 if least_log else 0)
    order = sorted(range(len(parts)), key=lambda place: parts[place].rank)
    places = fitting([dot + len(part.text) for part in parts], left, order=order)
    left -= sum(dot + len(parts[place].text) for place in places)
    for place, part in enumerate(parts):
        if place not in places and part.keeps_end and left - dot >= _LEAST_CUT:
            parts[place] = StatusPart(_end(part.text, left - dot, more), part.rank, bad=part.bad)
            places = sorted([*places, place])
            left = 0
    kept = [parts[place] for place in places]
    left = room - 2 - sum(dot + len(part.text) for part in kept)
    log = status.log
    if len(log) > left:
        log = _end(log, left, more) if left > _LEAST_CUT else ""
    return kept, log


def words(status: Status, room: int, *, glyphs: Glyphs = UNICODE) -> tuple[str, str]:
    """The parts as one text, and the log."""
    parts, log = placed(status, room, glyphs=glyphs)
    return "".join(glyphs.dot + part.text for part in parts), log


def _end(text: str, width: int, more: str) -> str:
    return more + text[len(text) - width + len(more) :]
