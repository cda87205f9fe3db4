"""The environment variables of the app."""

from __future__ import annotations

from typing import get_args

import pytest

from tui.process.environment import glyphs, prepare, slow_line
from tui.process.options import AppOptions
from tui.text.glyphs import GlyphSet

NOTHING = AppOptions()


def test_an_exported_size_is_forgotten() -> None:
    environ = {"COLUMNS": "40", "LINES": "10", "TERM": "xterm"}
    prepare(environ, NOTHING)
    assert environ == {"TERM": "xterm"}


@pytest.mark.parametrize(("said", "no_color", "left"), [("", False, None), ("1", True, "1"), ("1", False, None)])
def test_no_color_says_afterwards_what_was_decided(said: str, no_color: bool, left: str | None) -> None:
    environ = {"NO_COLOR": said}
    prepare(environ, AppOptions(no_color=no_color))
    assert environ.get("NO_COLOR") == left


def test_no_color_can_be_asked_for() -> None:
    environ: dict[str, str] = {}
    prepare(environ, AppOptions(no_color=True))
    assert environ["NO_COLOR"] == "1"


def test_over_ssh_nothing_is_animated_unless_that_was_asked_for() -> None:
    environ = {"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}
    prepare(environ, NOTHING)
    assert environ["TEXTUAL_ANIMATIONS"] == "none"
    environ["TEXTUAL_ANIMATIONS"] = "full"
    prepare(environ, NOTHING)
    assert environ["TEXTUAL_ANIMATIONS"] == "full"


def test_a_line_may_be_slow_over_ssh_or_by_request() -> None:
    assert slow_line({"SSH_CONNECTION": "x"}, NOTHING)
    assert slow_line({}, AppOptions(low_bandwidth=True))
    assert not slow_line({}, NOTHING)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "en_GB.UTF-8"}, "braille"), ({"LANG": "de_DE.utf8"}, "braille"), ({}, "braille"),
        ({"LANG": "C"}, "ascii"), ({"LC_ALL": "POSIX", "LANG": "en_GB.UTF-8"}, "ascii"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "ascii"), ({"LC_ALL": "C.UTF-8", "LANG": "C"}, "braille"),
        ({"LANG": "de_DE.ISO-8859-1"}, "ascii"), ({"TERM": "linux", "LANG": "en_GB.UTF-8"}, "blocks"),
        ({"TERM": "linux-16color"}, "blocks"), ({"TERM": "linux", "LANG": "C"}, "ascii"),
        ({"TERM": "xterm-256color"}, "braille"),
    ],
)  # fmt: skip
def test_the_terminal_and_the_locale_say_what_is_drawn_with(environ: dict[str, str], expected: str) -> None:
    assert glyphs(environ, NOTHING) == expected


def test_what_is_drawn_with_can_be_asked_for() -> None:
    for asked in get_args(GlyphSet):
        assert glyphs({"LANG": "C", "TERM": "linux"}, AppOptions(glyphs=asked)) == asked
