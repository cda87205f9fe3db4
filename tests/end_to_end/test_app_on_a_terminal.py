"""gdtui itself on a real pseudo-terminal, with actions of terminals and users in the middle of a run."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.log.event_files import read_log
from tests.end_to_end.sessions import SMALL
from tests.end_to_end.terminal import ALTERNATE, Terminal, is_stopped, python

RUNNING = re.compile(r"step [\d,]{3,}")


def gdtui(folder: Path, *argv: str, columns: int = 120, lines: int = 36) -> Terminal:
    """The app, with an empty home, in a new folder."""
    environ = {name: str(folder) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    command = python("-m", "tui.cli.main", *argv)
    return Terminal(command, columns=columns, lines=lines, cwd=folder, environ=environ)


def begin_run(terminal: Terminal) -> None:
    """Start the lesson that is shown, and wait until steps have been done."""
    terminal.wait_for("Fashion-MNIST")
    terminal.press("space")
    terminal.wait_until(lambda: RUNNING.search(terminal.text), "steps", limit_s=120)


def the_run(folder: Path) -> dict[str, Any]:
    """The record of the only run."""
    (record,) = folder.glob("logs/*/*/run.json")
    return dict(json.loads(record.read_text()))


@pytest.mark.slow
def test_a_run_outlives_a_stop_and_is_whole_when_the_terminal_goes_away(tmp_path: Path) -> None:
    with gdtui(tmp_path, "fashion-mnist", "--hidden", "32") as terminal:
        begin_run(terminal)
        terminal.signal(signal.SIGTSTP)
        process = psutil.Process(terminal.process.pid)
        terminal.wait_until(lambda: is_stopped(process) and terminal.restored, "the terminal to be given back")
        terminal.signal(signal.SIGCONT)
        terminal.wait_until(lambda: ALTERNATE in terminal.modes and RUNNING.search(terminal.text), "the app again")
        terminal.hang_up()
        assert terminal.exit_code() == 128 + signal.SIGHUP
    run = the_run(tmp_path)
    assert run["outcome"] == "stopped"
    assert run["checkpoint_step"] == run["step"] > 0


def test_two_lessons_run_by_keys_leave_whole_logs_and_the_terminal_as_it_was(tmp_path: Path) -> None:
    with gdtui(tmp_path, "fashion-mnist", *SMALL) as terminal:
        terminal.wait_for("Fashion-MNIST")
        terminal.press("5")
        terminal.wait_until(lambda: "basin" in terminal.text or "Himmelblau" in terminal.text, "lesson 5")
        terminal.press("space")
        terminal.wait_until(lambda: "done · 5 Himmelblau · step 200/200" in terminal.text, "its end", limit_s=120)
        terminal.wait_until(lambda: "(3, 2)" in terminal.text, "the minimum")  # a slow terminal gets a frame in parts
        terminal.press("6")
        terminal.wait_until(lambda: "Space starts it" in terminal.text, "lesson 6")
        terminal.press("space")
        terminal.wait_until(lambda: "done · 6 Fashion-MNIST · step 32/32" in terminal.text, "its end", limit_s=120)
        assert "epoch 2/2" in terminal.text
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert terminal.restored
    (descent,), (training,) = (list(tmp_path.glob(f"logs/{name}/*")) for name in ("himmelblau", "fashion-mnist"))
    path = read_log(descent)
    assert path.scalars["path-1/f"].steps[-1] == 200 and not path.skipped
    losses = read_log(training)
    assert losses.scalars["train-loss"].steps.tolist() == [1, 5, 10, 15, 20, 25, 30] and not losses.skipped
    assert losses.scalars["test-acc"].steps.tolist() == [16, 32]


def test_a_signal_before_the_first_frame_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with gdtui(tmp_path) as terminal:
        terminal.wait_until(lambda: ALTERNATE in terminal.modes, "the app to begin")
        terminal.signal(signal.SIGINT)
        assert terminal.exit_code() == 128 + signal.SIGINT
        assert terminal.restored


def test_on_a_tiny_terminal_the_app_begins_and_ends(tmp_path: Path) -> None:
    with gdtui(tmp_path, columns=20, lines=5) as terminal:
        terminal.wait_for("here are 20 by 5")
        terminal.wait_until(lambda: terminal.press("q") or terminal.process.poll() is not None, "the app to end")
        assert terminal.exit_code() == 0


@pytest.mark.parametrize(
    "brackets",
    [pytest.param((b"", b""), marks=pytest.mark.slow), (b"\x1b[200~", b"\x1b[201~")],
    ids=["typed", "bracketed"],
)
def test_a_paste_of_a_megabyte_is_refused_and_presses_no_key(tmp_path: Path, brackets: tuple[bytes, bytes]) -> None:
    with gdtui(tmp_path, "himmelblau") as terminal:
        terminal.wait_for("● ready")  # importing TensorFlow takes time and memory of its own
        used, before = sum(terminal.app.cpu_times()[:2]), terminal.app.memory_info().rss
        terminal.send(brackets[0] + b"q y\r\t " * 170_000 + brackets[1])
        terminal.wait_for("1,020,000 characters is too long")
        assert sum(terminal.app.cpu_times()[:2]) - used < 2
        assert terminal.app.memory_info().rss - before < 50e6
        terminal.press("q")
        assert terminal.exit_code() == 0
    assert not (tmp_path / "logs").exists()
