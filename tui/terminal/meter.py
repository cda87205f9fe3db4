"""The line meter: the measured rate and delay of the terminal's line, and the bytes that may be in flight.

A program over ssh cannot see a slow line: its output fills buffers of megabytes, and drawings appear minutes later. So
after a frame the terminal is asked for an answer (DSR, `CSI 5 n`, which every terminal since the VT100 answers with
`CSI 0 n`), and frames are held back while the answer is later than on an idle line. Afterwards all changes are drawn as
one frame: the frame rate is what the line can carry.

Source: S. Shalunov et al., "Low Extra Delay Background Transport (LEDBAT)", RFC 6817 (2012), for the delay above the
least one seen as the sign of a queue.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

QUESTION = "\x1b[5n"
ANSWER = "\x1b[0n"

QUEUE_S = 0.1
"""How much later than on an idle line an answer may come before frames are held back."""

STALLED_S = 1.0
"""How long frames are held back until the line counts as stalled."""

RETRY_S, LONGEST_RETRY_S = 10.0, 40.0
"""How long to wait for an answer before one more frame is tried; each time twice as long, because the answer may be
queued behind much other data. A terminal that has never answered is asked every RETRY_S."""

LEAST_GAP_S = 0.05
"""The least time between two questions."""

MEASURABLE_S = 0.02
"""The least additional delay from which the line's rate is estimated."""

BELIEVE, FORGET = 3, 20
"""This many late answers in a row show the line's rate, and this many timely ones that it is not the bottleneck: a
single late answer may be gdtui's own delay, while a large import holds the interpreter."""


@dataclass(frozen=True, slots=True)
class Link:
    """The current state of the line to the terminal."""

    stalled: bool = False
    """Whether the terminal has accepted nothing for a second although there was something to draw."""
    slow: bool = False
    """Whether frames are held back because the line has not carried the last ones yet."""
    backlog_bytes: int = 0
    """Bytes that are drawn and not yet accepted."""
    bytes_per_s: float | None = None
    """The line's rate, as far as it is known; None while the line is not the bottleneck."""
    delay_s: float | None = None
    """The terminal's last answering time; None if it does not answer."""


class LinkMeter:
    """Measures a line by questions and answers. `clock` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: list[tuple[float, int]] = []
        self._bytes = 0
        self._last_asked = -RETRY_S
        self._retry_s = RETRY_S
        self._answers = False
        self._asked_number = self._answered_number = 0
        self._least_s: float | None = None
        self._delay_s: float | None = None
        self._bytes_per_s: float | None = None
        self._late_ones = 0
        self._held_since: float | None = None

    @property
    def waits(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked)

    def drew(self, size: int) -> None:
        """Note that `size` bytes were passed to the line."""
        self._bytes += size

    def asks(self) -> bool:
        """Whether to send QUESTION now; if so it counts as sent."""
        now = self._clock()
        if not self._bytes or now - self._last_asked < (LEAST_GAP_S if self._answers else RETRY_S):
            return False
        if not self._answers:
            self._asked.clear()
        elif self._late_s() > QUEUE_S:
            if 2 * self._answered_number < self._asked_number:
                self._distrust()
            self._retry_s = min(2 * self._retry_s, LONGEST_RETRY_S)
        self._asked.append((now, self._bytes))
        self._asked_number += 1
        self._bytes = 0
        self._last_asked = now
        return True

    def answered(self, at: float) -> None:
        """Note that ANSWER came at the time `at`."""
        self._answered_number += 1
        if 2 * self._answered_number < self._asked_number:
            self._distrust()
            return
        self._answers = True
        self._retry_s = RETRY_S
        if not self._asked:
            return
        in_time = at - self._asked[-1][0] - (self._least_s or 0.0) < QUEUE_S
        if in_time and self._late_s() > RETRY_S:  # it belongs to the last question; the other answers are lost
            del self._asked[: len(self._asked) - 1]
        asked, size = self._asked.pop(0)
        self._delay_s = max(at - asked, 0.0)
        self._least_s = self._delay_s if self._least_s is None else min(self._least_s, self._delay_s)
        self.carried(size, self._delay_s - self._least_s)

    def forget(self) -> None:
        """Wait for no answer to the questions so far: while the app was stopped, answers were lost."""
        self._asked_number -= len(self._asked)
        self._asked.clear()
        self._retry_s = RETRY_S
        self._held_since = None

    def _distrust(self) -> None:
        """Start again with a terminal that has left most questions unanswered: the supposed answer was typed or pasted,
        and frames would be held back forever."""
        self._asked.clear()
        self._asked_number = self._answered_number = 0
        self._answers = False
        self._least_s = self._delay_s = None

    def carried(self, size: int, busy_s: float) -> None:
        """Note that the line was busy for `busy_s` seconds with `size` bytes."""
        if busy_s <= MEASURABLE_S:
            self._late_ones = min(self._late_ones, 0) - 1
            if self._late_ones < -FORGET:
                self._bytes_per_s = None
            return
        self._late_ones = max(self._late_ones, 0) + 1
        if self._late_ones >= BELIEVE:
            rate = size / busy_s
            self._bytes_per_s = rate if self._bytes_per_s is None else 0.7 * self._bytes_per_s + 0.3 * rate

    def holds(self, backlog_bytes: int) -> bool:
        """Whether to hold frames back while this many bytes wait."""
        if not backlog_bytes and not (self._answers and self._late_s() > QUEUE_S):
            self._held_since = None
            return False
        if self._held_since is None:
            self._held_since = self._clock()
        return backlog_bytes > 0 or self._clock() - self._last_asked < self._retry_s

    def look_again_s(self) -> float:
        """Seconds until the result of `holds` may change without input."""
        return max(self._last_asked + self._retry_s - self._clock(), LEAST_GAP_S)

    def link(self, backlog_bytes: int) -> Link:
        """The present state of the line."""
        since = self._held_since
        return Link(
            stalled=since is not None and self._clock() - since > STALLED_S,
            slow=since is not None,
            backlog_bytes=backlog_bytes,
            bytes_per_s=self._bytes_per_s,
            delay_s=self._delay_s,
        )

    def _late_s(self) -> float:
        """How much later than on an idle line the oldest answer is."""
        return self._clock() - self._asked[0][0] - (self._least_s or 0.0) if self._asked else 0.0
