"""Attach as a process on a real terminal: it follows a log, ends by key and by signal, refuses in one line."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.end_to_end.terminal import Terminal, python
from tests.engine.log_files import append, scalars


def attach(tmp_path: Path, *words: str, lines: int = 24) -> Terminal:
    environ = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    argv = python("-m", "tui.cli.main", "attach", *words)
    return Terminal(argv, columns=80, lines=lines, cwd=tmp_path, environ=environ)


def test_a_log_is_followed_while_it_is_written_and_q_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    append(tmp_path / "run", *scalars(0, 1, 2))
    with attach(tmp_path, str(tmp_path)) as terminal:
        terminal.wait_for("step 2")
        append(tmp_path / "run", *scalars(3, 41))
        terminal.wait_for("step 41")
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert terminal.restored


def test_a_signal_ends_it_with_its_number(tmp_path: Path) -> None:
    append(tmp_path / "run", *scalars(0, 1, 2))
    with attach(tmp_path, str(tmp_path)) as terminal:
        terminal.wait_for("step 2")
        terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 143
        assert terminal.restored


def test_what_can_never_be_a_folder_is_one_line_and_bad_usage(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no log")
    with attach(tmp_path, "notes.txt") as terminal:
        assert terminal.exit_code() == 2
        said = terminal.text.strip().splitlines()
        assert len(said) == 1
        assert "'notes.txt' is a file" in said[0]


def test_a_folder_that_is_not_there_yet_is_waited_for_and_it_says_so(tmp_path: Path) -> None:
    with attach(tmp_path, "later") as terminal:
        terminal.wait_for("no log yet: waiting")
        append(tmp_path / "later" / "run", *scalars(0, 1, 2))
        terminal.wait_for("step 2")
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert terminal.restored


def test_several_folders_are_shown_with_their_names(tmp_path: Path) -> None:
    for name in ("one", "two"):
        append(tmp_path / name / "run", *scalars(0, 1, 2))
    with attach(tmp_path, "one", "two") as terminal:
        terminal.wait_for("one/run")
        terminal.wait_for("two/run")
        terminal.press("q")
        assert terminal.exit_code() == 0
