"""What the environment says to the app."""

from __future__ import annotations

import pytest

from tui.environment import prepare, slow_line, wants_ascii
from tui.options import AppOptions

NOTHING = AppOptions()


def test_an_exported_size_is_forgotten() -> None:
    environ = {"COLUMNS": "40", "LINES": "10", "TERM": "xterm"}
    prepare(environ, NOTHING)
    assert environ == {"TERM": "xterm"}


@pytest.mark.parametrize(("said", "left"), [("", None), ("1", "1")])
def test_no_color_counts_when_it_is_not_empty(said: str, left: str | None) -> None:
    environ = {"NO_COLOR": said}
    prepare(environ, NOTHING)
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
        ({"LANG": "en_GB.UTF-8"}, False), ({"LANG": "de_DE.utf8"}, False), ({}, False),
        ({"LANG": "C"}, True), ({"LC_ALL": "POSIX", "LANG": "en_GB.UTF-8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True), ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
    ],
)  # fmt: skip
def test_the_locale_says_whether_the_terminal_takes_more_than_ascii(environ: dict[str, str], expected: bool) -> None:
    assert wants_ascii(environ, NOTHING) is expected


def test_ascii_can_be_asked_for() -> None:
    assert wants_ascii({"LANG": "en_GB.UTF-8"}, AppOptions(ascii_only=True))
