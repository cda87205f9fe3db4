"""The frame diff: a terminal that gets shortened frames shows the same as one that gets everything that Textual
writes."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.terminal.frame_diff import DEFAULT, FrameDiff, Pen, change, is_plain, styled

COLUMNS, LINES = 12, 4

COLOURS = ("31", "39", "97", "38;5;231", "38;2;1;2;3", "42", "49", "104", "48;5;17", "48;2;9;8;7")
ATTRIBUTES = ("1", "3", "4", "7", "9")


class Screen:
    """A terminal that has received `data` so far."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.Stream(self._screen)
        self.size = 0

    def feed(self, data: str) -> None:
        self._stream.feed(data.replace("\n", "\r\n"))
        self.size += len(data)

    @property
    def state(self) -> object:
        cells = [[self._screen.buffer[y][x] for x in range(COLUMNS)] for y in range(LINES)]
        return cells, min(self._screen.cursor.x, COLUMNS - 1), self._screen.cursor.y


@st.composite
def pieces(draw: st.DrawFn, characters: str) -> str:
    """One strip as Textual writes it: a cursor move, then segments, each with its style and a reset."""
    row, column = draw(st.integers(0, LINES - 1)), draw(st.integers(0, COLUMNS - 1))
    piece = f"\x1b[{row + 1};{column + 1}H"
    for _ in range(draw(st.integers(0, 3))):
        text = draw(st.text(characters, min_size=1, max_size=6))
        room = COLUMNS - column
        text = text[:room] if is_plain(text) else text[: room // 2]
        column += len(text) if is_plain(text) else 2 * len(text)
        style = ";".join(draw(st.lists(st.sampled_from(COLOURS + ATTRIBUTES), max_size=3)))
        piece += f"\x1b[{style}m{text}\x1b[0m" if style and text else text
    return piece


def frames(characters: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.lists(pieces(characters), max_size=4).map("".join), max_size=8)


def assert_same(drawn: list[str]) -> None:
    whole, short, diff = Screen(), Screen(), FrameDiff()
    for frame in drawn:
        whole.feed(frame + "\x1b[1;1H")
        short.feed(diff.frame(frame + "\x1b[1;1H"))
        assert short.state == whole.state


@given(frames("ab ─▀α"))
@settings(max_examples=120, deadline=None)
def test_the_screen_is_the_same_after_each_frame(drawn: list[str]) -> None:
    assert_same(drawn)


@given(frames("a 漢字"))
@settings(max_examples=60, deadline=None)
def test_the_screen_is_the_same_with_wide_characters(drawn: list[str]) -> None:
    assert_same(drawn)


@given(st.lists(st.sampled_from([*COLOURS, *ATTRIBUTES, "0", ""]), max_size=6), st.lists(st.sampled_from(COLOURS)))
@settings(max_examples=200, deadline=None)
def test_a_change_of_pen_makes_one_of_the_other(one: list[str], other: list[str]) -> None:
    old, new = styled(DEFAULT, ";".join(one) or "0"), styled(DEFAULT, ";".join(other) or "0")
    sequence = change(old, new)
    assert sequence.startswith("\x1b[")
    assert sequence.endswith("m")
    assert styled(old, sequence[2:-1]) == new or old == new


def test_what_is_shown_already_is_not_written_again() -> None:
    diff = FrameDiff()
    frame = "\x1b[1;1H\x1b[1;38;5;2mloss\x1b[0m 0.5\x1b[1;1H"
    assert diff.frame(frame) == "\x1b[1;1H\x1b[m\x1b[1;38;5;2mloss\x1b[m 0.5\x1b[1;1H"
    assert diff.frame(frame) == ""


def test_of_a_number_the_digits_that_change_are_written() -> None:
    diff = FrameDiff()
    diff.frame("\x1b[2;1Hstep 1099 of 2000\x1b[1;1H")
    assert diff.frame("\x1b[2;1Hstep 1100 of 2000\x1b[1;1H") == "\x1b[2;7H100\x1b[1;1H"


def test_changes_far_apart_are_two_and_near_ones_are_one() -> None:
    diff = FrameDiff()
    diff.frame("\x1b[1;1Ha--b-----------c")
    assert diff.frame("\x1b[1;1HA--B-----------C") == "\x1b[1;1HA--B\x1b[11CC"


def test_the_cursor_goes_where_textual_puts_it() -> None:
    diff = FrameDiff()
    diff.frame("\x1b[1;1Habc\x1b[2;4H")
    assert diff.frame("\x1b[1;1Habc\x1b[2;5H") == "\x1b[C"
    assert diff.frame("\x1b[1;1Habc\x1b[2;5H") == ""


def test_after_something_unknown_all_is_written() -> None:
    diff = FrameDiff()
    frame = "\x1b[1;1Hloss\x1b[1;1H"
    diff.frame(frame)
    assert diff.frame("\x1b[2J") == "\x1b[m\x1b[2J"
    assert "loss" in diff.frame(frame)
    assert diff.frame("a\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\") != ""
    assert "loss" in diff.frame(frame)
    diff.forget()
    assert "loss" in diff.frame(frame)


@pytest.mark.parametrize(
    "harmless", ["\x07", "\x1b]52;c;YQ==\x07", "\x1b]22;pointer\x07", "\x1b[?2048h", "\x1b[>25u", ""]
)
def test_what_changes_no_cell_goes_through_and_nothing_is_forgotten(harmless: str) -> None:
    diff = FrameDiff()
    diff.frame("\x1b[1;1Hloss")
    assert diff.frame(harmless) == harmless
    assert diff.frame("\x1b[1;1Hloss") == ""


def test_what_terminals_do_not_agree_about_is_always_written() -> None:
    diff = FrameDiff()
    frame = "\x1b[1;1H日本 ok\x1b[1;1H"
    assert "日本 ok" in diff.frame(frame)
    assert "日本 ok" in diff.frame(frame)
    assert is_plain("θ ← θ − η·∇f ▁▂▃ ⣿ │ ✓ é")
    assert not any(map(is_plain, ("漢", "🙂", "e\u0301", "a\u200bb", "\u202e", "✅")))


def test_a_style_is_read_as_terminals_read_it() -> None:
    pen = styled(DEFAULT, "1;38;5;231;48;2;1;2;3")
    assert pen == Pen(frozenset({"1"}), "38;5;231", "48;2;1;2;3")
    assert styled(pen, "39") == Pen(frozenset({"1"}), "39", "48;2;1;2;3")
    assert styled(pen, "0;4") == Pen(frozenset({"4"}))
    assert styled(pen, "") == DEFAULT
