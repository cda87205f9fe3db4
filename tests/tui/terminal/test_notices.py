"""The bell and the desktop notification: the sequences for each terminal."""

from __future__ import annotations

import pytest

from tui.terminal.notices import notice

KITTY = b"\x1b]99;i=gdtui:d=0;gdtui\x1b\\\x1b]99;i=gdtui:p=body;a: done\x1b\\"


@pytest.mark.parametrize(
    ("environ", "sent"),
    [
        ({"TERM": "xterm-kitty"}, KITTY),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, KITTY),
        ({"TERM": "foot"}, b"\x1b]777;notify;gdtui;a: done\x1b\\"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, b"\x1b]777;notify;gdtui;a: done\x1b\\"),
        ({"TERM_PROGRAM": "iTerm.app"}, b"\x1b]9;gdtui: a: done\x1b\\"),
        ({"TERM": "xterm"}, b"\x1b]9;gdtui: a: done\x1b\\\x1b]777;notify;gdtui;a: done\x1b\\"),
        ({"TERM": "linux"}, b""),
    ],
)
def test_a_terminal_is_sent_the_bell_and_the_sequence_that_it_knows(environ: dict[str, str], sent: bytes) -> None:
    assert notice("gdtui", "a: done", environ) == b"\a" + sent


def test_tmux_is_asked_to_pass_it_on() -> None:
    sent = notice("gdtui", "done", {"TERM": "tmux-256color", "TERM_PROGRAM": "iTerm.app", "TMUX": "/tmp/tmux"})
    assert sent == b"\a\x1bPtmux;\x1b\x1b]9;gdtui: done\x1b\x1b\\\x1b\\"


def test_nothing_in_the_words_ends_the_sequence() -> None:
    sent = notice("g;d", "a\x1b\\\x07b\x9c" + "x" * 1000, {"TERM": "foot"})
    assert sent.startswith(b"\a\x1b]777;notify;g,d;")
    assert sent.count(b"\x1b") == 2 and sent.count(b"\a") == 1 and len(sent) < 1000
