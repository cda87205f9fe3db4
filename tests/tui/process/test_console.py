"""The standard streams: width, encoding, redirection."""

from __future__ import annotations

import io
import os
import pty
import sys
from pathlib import Path

import pytest

from tui.process import colour, console


@pytest.mark.parametrize("term", ["", "dumb"])
def test_a_terminal_that_cannot_move_its_cursor_is_none(term: str) -> None:
    assert not console.has_terminal_type({"TERM": term})
    assert not console.can_draw({"TERM": term})


def test_the_app_needs_both_streams_to_be_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "isatty", lambda fd: fd == 0)
    assert not console.can_draw({"TERM": "xterm"})
    monkeypatch.setattr(os, "isatty", lambda fd: True)
    assert console.can_draw({"TERM": "xterm"})


@pytest.mark.parametrize(
    ("said", "width"),
    [("132", 132), ("0", 80), ("-5", 80), ("wide", 80), ("", 80), ("９９", 80), ("9" * 40, 999_999)],
)
def test_columns_counts_when_it_is_a_positive_number(said: str, width: int) -> None:
    assert console.width_of(io.StringIO(), {"COLUMNS": said}) == width


def test_a_terminal_is_asked_for_its_width() -> None:
    leader, follower = pty.openpty()
    try:
        with os.fdopen(follower, "w") as stream:
            assert console.width_of(stream, {}) == 80  # a new pseudo-terminal says 0, which is no width
    finally:
        os.close(leader)


@pytest.mark.parametrize(("value", "refused"), [("1", True), ("0", True), ("", False)])
def test_no_color_counts_when_it_is_not_empty(value: str, refused: bool) -> None:
    assert colour.refused({"NO_COLOR": value}) is refused
    assert not colour.refused({})


def test_an_empty_no_color_is_taken_away() -> None:
    environ = {"NO_COLOR": ""}
    colour.settle(False, environ)
    assert environ == {}
    colour.settle(True, environ)
    assert environ == {"NO_COLOR": "1"}


def test_old_logs_are_retired(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = None
    for number in range(console.KEPT_LOGS + 5):
        descriptor, path = console._open_log()
        os.close(descriptor)
        assert path is not None
        folder = path.parent
        path.rename(folder / f"20260101-000000-{number:04}.log")
    assert folder is not None
    assert len(list(folder.iterdir())) <= console.KEPT_LOGS + 1
    assert folder.stat().st_mode & 0o077 == 0


def test_logs_of_processes_that_still_run_are_spared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    held, first = console._open_log()
    assert first is not None
    long_ago = first.rename(first.with_name("20200101-000000-1.log"))
    for number in range(console.KEPT_LOGS + 5):
        descriptor, path = console._open_log()
        os.close(descriptor)
        assert path is not None
        path.rename(path.with_name(f"20260101-000000-{number:04}.log"))
    assert long_ago.exists()
    os.close(held)
    os.close(console._open_log()[0])
    assert not long_ago.exists()


def test_where_no_log_can_be_kept_what_is_written_there_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    monkeypatch.setattr(console.tempfile, "gettempdir", lambda: "/proc/nowhere")
    descriptor, path = console._open_log()
    assert path is None
    assert os.write(descriptor, b"lost") == 4
    os.close(descriptor)


def test_a_stream_that_cannot_carry_a_character_carries_a_mark_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    console.mend_standard_streams()
    narrow.write("η")
    narrow.flush()
    assert not console.speaks_unicode(narrow)
