"""Signals while gdtui, or TensorFlow, is still being imported, while a run is compiled or resumed.

It ends within two seconds; the tests allow ten, for busy machines.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.run.run_record import read_record
from tests.end_to_end.forge import Forge
from tests.end_to_end.small_runs import run_in

LONG_S = 10.0

STARTS = """
import os, signal, sys
left = int(sys.argv.pop())
import tui.__main__
def look(event, _):
    global left
    left -= event == "import"
    if left == 0:
        left = -1
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(look)
sys.argv[1:] = ["lessons"]
tui.__main__.entry()
"""


@pytest.mark.parametrize("imports", [1, 2, 10, 30, 100, 200])
def test_an_interrupt_at_any_import_ends_it_without_a_word(imports: int) -> None:
    ended = subprocess.run([sys.executable, "-c", STARTS, str(imports)], capture_output=True, text=True, check=False)
    assert ended.returncode in (-signal.SIGINT, 128 + signal.SIGINT)
    assert (ended.stdout, ended.stderr) == ("", "")


def test_python_s_own_handler_is_back_once_all_is_imported() -> None:
    program = (
        "import signal, sys, tui.__main__\n"
        "from tui.cli import main\n"
        "main._main = lambda argv: signal.raise_signal(signal.SIGINT)\n"
        "print(main.main([]))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "130\n", "")


def test_sigterm_while_tensorflow_is_imported_ends_the_run_in_order(tmp_path: Path) -> None:
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "tui", "fashion-mnist", "--no-ui", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environ) as process:
        assert process.stdout is not None
        events = map(json.loads, process.stdout)
        assert any(event["event"] == "phase" and event["name"] == "importing" for event in events)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait() in (128 + signal.SIGTERM, -signal.SIGKILL)
        assert time.monotonic() - began < LONG_S
    assert read_record(run_in(tmp_path)).outcome in ("stopped", "crashed")
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.parametrize("phase", ["compiling", "running"])
@pytest.mark.parametrize("resumed", [False, True])
def test_sigterm_in_every_later_phase_ends_the_run(
    forge: Forge, arguments: list[str], going_on: list[str], stopped: Path, tmp_path: Path, phase: str, resumed: bool
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work") if resumed else tmp_path
    process = forge.start(*(going_on if resumed else arguments), "--speed", "20", cwd=folder)
    process.until("phase", name=phase)
    began = time.monotonic()
    process.send(signal.SIGTERM)
    assert process.wait().code in (128 + signal.SIGTERM, 128 + signal.SIGKILL)
    assert time.monotonic() - began < LONG_S
