"""The parser of terminal input: keys as Textual reads them, everything else skipped, for any input cut anywhere."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import constants, events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.message import Message

from tui.terminal.input_parser import MOST_KEPT, MOST_PASTED, PATIENCE_S, InputParser
from tui.terminal.meter import ANSWER
from tui.terminal.type_ahead import KEYS_PER_S, MOST_AHEAD

PASTE, END = "\x1b[200~", "\x1b[201~"


class Input:
    """A parser whose clock stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0
        self.answers = 0
        self.refused: list[int] = []
        self.parser = InputParser(self._answered, self.refused.append, lambda: self.now)

    def __call__(self, *pieces: str) -> list[str]:
        """The messages for input that comes in these pieces."""
        return [told(message) for piece in pieces for message in self.parser.feed(piece)]

    def after(self, seconds: float) -> list[str]:
        """The messages after so much time without more input."""
        self.now += seconds
        return [told(message) for message in self.parser.tick()]

    def _answered(self) -> None:
        self.answers += 1


@pytest.fixture
def typed() -> Input:
    return Input()


def told(message: Message) -> str:
    """A message as a short text."""
    match message:
        case events.Key():
            return message.key
        case events.Paste():
            return f"paste {message.text!r}"
        case events.MouseEvent():
            return f"{type(message).__name__} {message.screen_x:g},{message.screen_y:g}"
        case events.Resize():
            return f"resize {message.size.width}x{message.size.height}"
    return type(message).__name__


def by_textual(text: str) -> list[str]:
    """The result of Textual's own parser."""
    parser = XTermParser()
    return [told(message) for message in [*parser.feed(text), *parser.feed("")]]


# --- as Textual reads it ----------------------------------------------------------------------------------------------

# Excluded: an 8-bit control; keys that Textual takes for the report of a cursor, or for a code point though they do not
# end with u.
NAMED = [
    key
    for key, named in ANSI_SEQUENCES_KEYS.items()
    if key not in ("\x1b\x1b", "\x9b")
    and not re.fullmatch(r"\x1b\[1;\dR", key)
    and (key.endswith("u") or not isinstance(named, tuple) or [key.value for key in named] == by_textual(key))
]
KITTY = [
    "\x1b[97u",
    "\x1b[97;5u",
    "\x1b[97;2;65u",
    "\x1b[27u",
    "\x1b[57441;2u",
    "\x1b[1;2A",
    "\x1b[3;5~",
    "\x1b[;;229u",
]
OTHERS = [
    "\x1b[<0;3;4M",
    "\x1b[<0;3;4m",
    "\x1b[<35;3;4M",
    "\x1b[<64;3;4M",
    "\x1b[I",
    "\x1b[O",
    "\x1b[?2026;2$y",
    "é",
    "語",
]
KNOWN = [*NAMED, *KITTY, *OTHERS, f"{PASTE}two\nlines{END}"]


@pytest.mark.parametrize("sequence", KNOWN, ids=ascii)
def test_a_sequence_that_textual_knows_means_what_it_means_there(sequence: str) -> None:
    parsed = Input()
    assert parsed(sequence) + parsed.after(1) == by_textual(sequence)


@given(
    st.lists(
        st.sampled_from([*KITTY, *OTHERS, "\x1b[A", "\x1bOP", "\x1b[3~", "a", "\r", f"{PASTE}text{END}"]), max_size=30
    )
)
def test_a_stream_of_known_sequences_is_read_as_textual_reads_it(sequences: list[str]) -> None:
    once = ["a"] + [name for name in sequences if "2026" not in name]
    assert Input()(*once) == Input()("".join(once)) == by_textual("".join(once))


@given(st.lists(st.sampled_from(KNOWN), max_size=10), st.lists(st.integers(0, 100), max_size=10))
def test_where_input_is_cut_makes_no_difference(sequences: list[str], cuts: list[int]) -> None:
    text = "".join(sequences)
    marks = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    assert Input()(*(text[a:b] for a, b in itertools.pairwise(marks) if a < b)) == Input()(text)


@pytest.mark.parametrize(
    ("sequence", "key"), [("\x1b[1;2R", "shift+f3"), ("\x1b[5A", "ctrl+up"), ("\x1b[25~", "f13"), ("\x1b[[A", "f1")]
)
def test_a_function_key_is_neither_the_place_of_a_cursor_nor_a_character(typed: Input, sequence: str, key: str) -> None:
    assert typed(sequence) == [key]


# --- any input --------------------------------------------------------------------------------------------------------

PARTS = st.sampled_from(
    ["\x1b", "\x1b[", "\x1bO", "\x1b]", "\x1bP", "[", "<", "?", ";", ":", "0", "48", "99999999", "1099511627776",
     "55296", "u", "t", "M", "m", "R", "~", "$y", "A", "\x07", "\x18", "\x9b", "\x85", "é", "q", PASTE, END,
     "\x1b[?2048;1$y"]
)  # fmt: skip


@given(st.lists(st.one_of(PARTS, st.text(max_size=5)), max_size=60), st.booleans())
def test_no_input_raises_and_a_key_after_it_arrives(parts: list[str], at_once: bool) -> None:
    parsed = Input()
    parsed(*(["".join(parts)] if at_once and any(parts) else [part for part in parts if part]))
    parsed.after(2 * PATIENCE_S)
    assert parsed("\x1b[A") == ["up"]
    assert parsed("x") == ["x"]


@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_and_a_key_after_them_arrives(data: bytes) -> None:
    parsed = Input()
    if data:
        parsed(data.decode(errors="replace"))
    parsed.after(2 * PATIENCE_S)
    assert parsed("x") == ["x"]


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[97;1:1u", "\x1b[97;1:3u", "\x1b[97:65;2u", "\x1b[99999999u", "\x1b[1099511627776u", "\x1b[55296u",
        "\x1b[113~", "\x1b[113;1A", "\x1b[999;999;999z", f"\x1b[{'1;' * 3000}m", "\x1b[?62;4c", "\x1b[?9999;1$y",
        "\x1b[48;0;0;0;0t", "\x1b[48;99999;99999;99999;99999t", "\x1b[48;24;80;384;640t",
        f"\x1b[<0;{'9' * 400};1M", f"\x1b[<0;{'9' * 100};1M",
        "\x1b[<0;5M", "\x1b[<0;-1;-1M", "\x1b[1 2;3z", "\x1b[M ab", "\x1b[32;10;10M",
        "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b]52;c;cQ==\x07", "\x1bP>|term(1)\x1b\\", "\x1b_Gi=1;OK\x1b\\",
        "\x9b99999999u", "\x9d0;q\x9c", "\x85", "\x80",
    ],
    ids=lambda sequence: ascii(sequence)[:30],
)  # fmt: skip
def test_what_is_unknown_huge_or_malformed_is_skipped_as_a_whole(typed: Input, sequence: str) -> None:
    assert typed(f"a{sequence}b") == ["a", "b"]
    assert typed(*f"a{sequence}b") == ["a", "b"]


def test_what_is_skipped_is_logged_and_not_for_ever(typed: Input, capfd: pytest.CaptureFixture[str]) -> None:
    typed("\x1b[97;1:1u")
    assert capfd.readouterr().err == "gdtui: terminal input skipped: '\\x1b[97;1:1u'\n"
    typed("\x1b[97;1:1u" * 10_000)
    assert len(capfd.readouterr().err.splitlines()) < 100


def test_a_sequence_that_goes_on_and_on_is_not_kept_and_ends_where_it_ends(typed: Input) -> None:
    for begin, part, end in (("\x1b[", "1;", "A"), ("\x1b]0;", "q", "\x07"), ("\x1bP", "q", "\x1b\\")):
        assert typed(begin, *[part * 2000] * 50) == []
        assert len(typed.parser._begun) <= MOST_KEPT
        assert typed(f"{end}b") == ["b"]


def test_a_malformed_sequence_does_not_take_what_follows_it(typed: Input) -> None:
    assert typed("\x1b[12éx") == ["é", "x"]
    assert typed("\x1b[12\x1b[A") == ["up"]
    assert typed("\x1b]title\x1b[A") == ["up"]


# --- timeouts ---------------------------------------------------------------------------------------------------------


def test_escape_alone_is_the_key_and_soon_told(typed: Input) -> None:
    assert typed("\x1b") == []
    assert typed.after(constants.ESCAPE_DELAY) == ["escape"]
    assert typed("\x1b\x1b[A") == ["escape", "up"]
    assert typed("\x1bx") == ["alt+x"]


@pytest.mark.parametrize("begun", ["\x1b[", "\x1b[1;", "\x1bO", "\x1b]0;title", "\x1b[" + "1" * 5000, "\x1b[Mab"])
def test_a_sequence_that_never_ends_gives_the_input_back_after_a_second(typed: Input, begun: str) -> None:
    typed(begun)
    typed.after(PATIENCE_S)
    assert typed("b") == ["b"]


def test_on_a_slow_line_a_sequence_may_take_half_a_second(typed: Input) -> None:
    assert typed("\x1b[1;") == typed.after(0.5) == []
    assert typed("5A") == ["ctrl+up"]


# --- pastes -----------------------------------------------------------------------------------------------------------


def test_a_paste_that_never_ends_gives_the_input_back_after_a_second_though_keys_are_pressed(typed: Input) -> None:
    assert typed(f"{PASTE}text") == []
    assert typed.after(0.5) == typed("q") == typed.after(0.4) == typed("q") == []
    assert typed.after(0.1) == ["paste 'textqq'"]
    assert typed("q") == ["q"]


def test_a_paste_on_a_slow_line_may_take_longer(typed: Input) -> None:
    typed(PASTE)
    for _ in range(10):
        assert typed("forty characters of a text on a slow line") == typed.after(0.9) == []
    assert len(typed(END)) == 1


def test_a_long_paste_is_refused_and_not_kept(typed: Input) -> None:
    piece = "語" * 4096
    assert typed(PASTE, *[piece] * 250, END, "x") == ["x"]
    assert typed.refused == [250 * 4096]
    assert typed(f"{PASTE}{'y' * MOST_PASTED}{END}") == [f"paste {'y' * MOST_PASTED!r}"]


def test_a_paste_holds_nothing_that_a_terminal_acts_on(typed: Input) -> None:
    assert typed(f"{PASTE}a\r\nb\rc\td\x1b[31m\u202e\x00\x9b1m{END}") == ["paste 'a\\nb\\nc\\td�[31m��[1m'"]


def test_text_without_brackets_is_a_paste_where_nobody_types_so_fast(typed: Input) -> None:
    text = "quit\r" * MOST_AHEAD
    assert typed(text[:100], text[100:]) == []
    assert typed.after(0.9 * MOST_AHEAD / KEYS_PER_S) == []
    lines = "quit\n" * MOST_AHEAD
    assert typed.after(0.2 * MOST_AHEAD / KEYS_PER_S) == [f"paste {lines!r}"]
    assert typed("q") == ["q"]


def test_in_a_paste_without_brackets_a_mouse_is_no_text_and_a_sequence_is_no_key(typed: Input) -> None:
    assert typed("x" * 100, "\x1b[<0;3;3M", "\x1b[A", "\x1b") == ["MouseDown 2,2"]
    assert typed.after(constants.ESCAPE_DELAY) == []
    assert typed.after(1) == [f"paste {'x' * 100!r}"]


def test_a_paste_in_brackets_ends_one_without(typed: Input) -> None:
    assert typed("x" * 100, f"{PASTE}y{END}") == [f"paste {'x' * 100!r}", "paste 'y'"]


def test_a_long_paste_without_brackets_is_refused_and_costs_little(typed: Input) -> None:
    assert typed(*["humid\r" * 680] * 250) == []
    assert typed.refused == []
    assert typed.after(1) == []
    assert typed.refused == [250 * 680 * 6]


def test_a_key_that_is_held_down_ends_a_paste_without_brackets_before_long(typed: Input) -> None:
    assert typed("x" * 100) == []
    for _ in range(60):
        typed.now += 1 / 30
        keys = typed("j")
    assert keys == ["j"]


def test_a_key_that_is_held_down_is_no_paste(typed: Input) -> None:
    for _ in range(1000):
        assert typed("j") == ["j"]
        typed.after(1 / 50)


def test_an_end_without_a_paste_is_skipped(typed: Input) -> None:
    assert typed(f"a{END}b") == ["a", "b"]


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", ["", PASTE])
def test_answers_are_taken_out_wherever_they_come_and_however_cut(typed: Input, begin: str) -> None:
    typed(begin or "a", *ANSWER, f"b{ANSWER}", END)
    assert typed.answers == 2


def test_sizes_are_taken_from_a_terminal_that_has_offered_to_report_them(typed: Input) -> None:
    size, mouse = "\x1b[48;24;80;384;640t", "\x1b[<0;17;33M"
    assert typed(size) == []
    assert typed("\x1b[?2048;1$y", size) == ["InBandWindowResize", "resize 80x24"]
    assert typed(mouse) == ["MouseDown 2,2"]
    assert typed("\x1b[48;0;0;0;0t", "\x1b[48;24;80;0;0t", mouse) == ["MouseDown 2,2"]


def test_a_mode_is_reported_once() -> None:
    typed = Input()
    reports = [*typed.parser.feed("\x1b[?2026;2$y\x1b[?2026;1$y")]
    assert [type(report) for report in reports] == [messages.TerminalSupportsSynchronizedOutput]
