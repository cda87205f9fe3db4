"""The line meter: when to hold frames back, and the line's rate. The time is simulated."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tui.terminal.meter import BELIEVE, FORGET, QUEUE_S, RETRY_S, STALLED_S, Link, LinkMeter


@dataclass
class Line:
    """A line with a delay; each frame is 1000 bytes."""

    meter: LinkMeter
    now: float = 100.0

    def frame(self) -> bool:
        self.meter.drew(1000)
        return self.meter.asks()

    def answer(self, after_s: float) -> None:
        self.now += after_s
        self.meter.answered(self.now)


def line(idle_s: float | None = None) -> Line:
    """A line; its terminal has answered once after `idle_s`, if that is given."""
    made = Line(LinkMeter(lambda: made.now))
    if idle_s is not None:
        assert made.frame()
        made.answer(idle_s)
        made.now += 1.0
    return made


def test_nothing_is_held_back_while_answers_come_in_time() -> None:
    far = line(idle_s=0.3)
    for _ in range(20):
        assert far.frame()
        assert not far.meter.holds(0)
        far.answer(0.3)
    assert far.meter.link(0) == Link(delay_s=far.meter.link(0).delay_s)


def test_a_delay_alone_holds_nothing_back_several_frames_are_under_way() -> None:
    far = line(idle_s=0.3)
    for _ in range(6):
        assert far.frame()
        assert not far.meter.holds(0)
        far.now += 0.06


def test_frames_are_held_back_while_an_answer_is_later_than_on_an_idle_line() -> None:
    slow = line(idle_s=0.05)
    slow.frame()
    slow.now += 0.05 + QUEUE_S - 0.01
    assert not slow.meter.holds(0)
    slow.now += 0.02
    assert slow.meter.holds(0)
    assert slow.meter.link(0).slow
    slow.answer(0.1)
    assert not slow.meter.holds(0)
    assert not slow.meter.link(0).slow


def test_frames_are_held_back_while_the_terminal_has_not_taken_the_last() -> None:
    near = line()
    assert near.meter.holds(1)
    assert not near.meter.holds(0)


def test_a_line_held_back_for_a_second_is_stalled() -> None:
    frozen = line(idle_s=0.01)
    frozen.frame()
    frozen.now += 0.2
    assert frozen.meter.holds(0)
    assert not frozen.meter.link(0).stalled
    frozen.now += STALLED_S + 0.01
    assert frozen.meter.holds(0)
    assert frozen.meter.link(0).stalled


def test_where_no_answer_comes_a_frame_is_tried_now_and_then_and_ever_more_rarely() -> None:
    frozen = line(idle_s=0.01)
    for _ in range(3):
        frozen.frame()
        frozen.answer(0.01)
        frozen.now += 1.0
    frozen.frame()
    for wait_s in (RETRY_S, 2 * RETRY_S, 4 * RETRY_S):
        frozen.now += 1.0
        assert frozen.meter.holds(0)
        frozen.now += wait_s - 1.5
        assert frozen.meter.holds(0)
        assert 0.4 < frozen.meter.look_again_s() < 0.6
        frozen.now += 0.6
        assert not frozen.meter.holds(0)
        assert frozen.meter.link(0).stalled
        assert frozen.frame()


def test_an_answer_behind_much_else_is_not_taken_for_a_later_ones() -> None:
    slow = line(idle_s=0.01)
    slow.frame()
    slow.now += RETRY_S + 0.1
    assert not slow.meter.holds(0)
    slow.frame()
    slow.answer(1.5)
    assert slow.meter.link(0).delay_s == pytest.approx(RETRY_S + 0.1 + 1.5)
    assert slow.meter.holds(0)
    slow.answer(0.5)
    assert not slow.meter.holds(0)


def test_a_prompt_answer_shows_that_older_ones_are_lost() -> None:
    attached_again = line(idle_s=0.01)
    attached_again.frame()
    attached_again.now += RETRY_S + 0.1
    assert not attached_again.meter.holds(0)
    attached_again.frame()
    attached_again.answer(0.02)
    assert not attached_again.meter.waits
    assert not attached_again.meter.holds(0)


def test_a_terminal_that_does_not_answer_is_asked_rarely_and_not_waited_for() -> None:
    silent = line()
    asked = 0
    for _ in range(240):
        asked += silent.frame()
        assert not silent.meter.holds(0)
        silent.now += RETRY_S / 100
    assert asked == 3
    assert silent.meter.link(0).delay_s is None


@pytest.mark.parametrize("asked_before", [1, 2, 3, 10])
def test_what_looks_like_an_answer_of_a_silent_terminal_holds_frames_back_for_half_a_minute_at_most(
    asked_before: int,
) -> None:
    silent = line()
    for _ in range(asked_before):
        assert silent.frame()
        silent.now += RETRY_S
    silent.answer(0.0)  # pasted
    held_s = []
    for second in range(300):
        if silent.meter.holds(0):
            held_s.append(second)
        else:
            silent.frame()
        silent.now += 1.0
    assert max(held_s, default=0) <= 3 * RETRY_S
    assert silent.meter.link(0) == Link()
    for _ in range(2):  # it does answer
        silent.now += RETRY_S
        assert silent.frame()
        silent.answer(0.02)
    assert silent.meter.link(0).delay_s is not None


def test_without_anything_drawn_nothing_is_asked() -> None:
    idle = line(idle_s=0.01)
    assert not idle.meter.asks()
    idle.meter.drew(1)
    assert idle.meter.asks()
    idle.meter.drew(1)
    assert not idle.meter.asks()  # too soon after the last one


def test_the_rate_is_what_was_drawn_over_the_time_that_it_took() -> None:
    slow = line(idle_s=0.1)
    for _ in range(BELIEVE - 1):
        slow.frame()
        slow.answer(0.1 + 0.5)
        assert slow.meter.link(0).bytes_per_s is None
    slow.frame()
    slow.answer(0.1 + 0.5)
    rate = slow.meter.link(0).bytes_per_s
    assert rate is not None
    assert abs(rate - 1000 / 0.5) < 1e-6
    slow.now += 1.0
    for _ in range(FORGET + 1):
        assert slow.meter.link(0).bytes_per_s == rate
        slow.now += 1.0
        slow.frame()
        slow.answer(0.1)
    assert slow.meter.link(0).bytes_per_s is None


def test_one_late_answer_says_nothing_of_the_line() -> None:
    busy = line(idle_s=0.01)
    for _ in range(10):
        busy.frame()
        busy.answer(0.9)
        busy.now += 1.0
        busy.frame()
        busy.answer(0.01)
        busy.now += 1.0
    assert busy.meter.link(0).bytes_per_s is None


def test_an_answer_that_nobody_asked_for_is_no_reason_to_fail() -> None:
    near = line()
    near.answer(0.0)
    near.answer(0.0)
    assert near.meter.link(0).delay_s is None


def test_after_a_stop_no_answer_is_waited_for() -> None:
    stopped = line(idle_s=0.05)
    assert stopped.frame()
    stopped.now += RETRY_S / 2
    assert stopped.meter.holds(0)
    stopped.meter.forget()
    assert not stopped.meter.holds(0) and not stopped.meter.waits
    for _ in range(20):
        assert stopped.frame()
        assert not stopped.meter.holds(0)
        stopped.answer(0.06)
