"""One row that says which run is shown, how far it is, when its log was last written, and what was passed over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from tui.drawing.cells import Cells
from tui.drawing.prose import cut
from tui.widgets.drawn import Bare
from tui.widgets.run_list import SIGNS

_GOOD, _BAD = ("done",), ("diverged", "failed", "crashed", "gone")


@dataclass(frozen=True, slots=True)
class LogMoment:
    """`age_s` is the time since the log was last written, None where that is not known; `behind` are bytes yet to be
    read, `skipped` how many kinds of things could not be; `others` runs are drawn beside `run`."""

    state: str = ""
    run: str = ""
    others: int = 0
    step: int | None = None
    age_s: float | None = None
    behind: int = 0
    skipped: int = 0
    searching: bool = False
    logdir: str = ""


class LogStatus(Bare):
    """The state at the left, the log folder at the right; what does not fit is left out, the least important first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "drawn--state",
        "drawn--busy",
        "drawn--good",
        "drawn--bad",
        "drawn--text",
        "drawn--log",
    }
    DEFAULT_CSS = """
    LogStatus {
        height: 1;
        background: $panel;
        & > .drawn--state { color: $foreground; text-style: bold; }
        & > .drawn--busy { color: $text-accent; text-style: bold; }
        & > .drawn--good { color: $text-success; text-style: bold; }
        & > .drawn--bad { color: $text-error; text-style: bold; }
        & > .drawn--text { color: $foreground 80%; }
        & > .drawn--log { color: $foreground 60%; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._moment = LogMoment()

    def show(self, moment: LogMoment, *, age: bool = False) -> None:
        """Show this. The age alone makes nothing new, unless `age` says that it is time to tell it anew."""
        before = self._moment
        if age or replace(moment, age_s=None) != replace(before, age_s=None) or _fell(before.age_s, moment.age_s):
            self._moment = moment
            self._canvas.changed()

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        now = self._moment
        sign = SIGNS.get(now.state, ("●", "*"))[self._ascii_only]
        state = now.state or ("searching" if now.searching else "log" if now.run else "no run yet")
        part = "busy" if now.state == "running" else "good" if now.state in _GOOD else "state"
        cells.put(1, 0, f"{sign} {state}", self._part("bad" if now.state in _BAD else part))
        x = len(state) + 4
        dot = ", " if self._ascii_only else " · "
        more = "~" if self._ascii_only else "…"
        for words, bad in said(now):
            if x + len(dot) + len(words) > width - 1:
                continue
            cells.put(x - 1, 0, dot, self._part("text"))
            cells.put(x - 1 + len(dot), 0, words, self._part("bad" if bad else "text"))
            x += len(dot) + len(words)
        room = width - x - 2
        if room > 8:
            logdir = now.logdir if len(now.logdir) <= room else more + now.logdir[len(now.logdir) - room + 1 :]
            cells.put(width - len(logdir) - 1, 0, cut(logdir, room, more), self._part("log"))
        return cells


def said(now: LogMoment) -> list[tuple[str, bool]]:
    """What stands behind the state, in order, and whether each is bad news."""
    words: list[tuple[str, bool]] = []
    if now.run:
        words.append((now.run + (f" +{now.others}" if now.others else ""), False))
    if now.step is not None:
        words.append((f"step {now.step:,}", False))
    if now.behind:
        words.append((f"reading, {size(now.behind)} to go", False))
    elif now.age_s is not None:
        words.append((f"written {age(now.age_s)} ago", False))
    if now.skipped:
        words.append((f"{now.skipped} skipped: see About", True))
    return words


def age(seconds: float) -> str:
    """A time that has passed, in its largest unit."""
    seconds = max(seconds, 0.0)
    for unit, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit:,.0f} {name}"
    return f"{seconds:.0f} s"


def size(count: int) -> str:
    """Bytes in their largest unit."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} B"


def _fell(before: float | None, now: float | None) -> bool:
    """Whether the log was written since."""
    return now is not None and (before is None or now < before - 0.5)
