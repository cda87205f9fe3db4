"""Runs that outlive the terminal they were started from, as real processes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.checkpoints import restore
from engine.runs import read_record
from tests.end_to_end.small_runs import gone, name_of, run_in, small_run
from tests.engine.idx import write_dataset

GDTUI = (sys.executable, "-m", "tui.cli")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment of its own: nothing of the person's who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("COV", "PATH", "LD_", "HOME"))}
    return {**kept, "XDG_STATE_HOME": str(tmp_path / "state"), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}


def test_a_detached_run_outlives_its_shell_and_terminal_and_is_ended_by_its_number_with_a_checkpoint(
    environ: dict[str, str], tmp_path: Path
) -> None:
    given = small_run(write_dataset(tmp_path / "data"))
    shell, terminal = pty.fork()
    if shell == 0:
        os.chdir(tmp_path)
        command = '"$@" > told; echo it returned $?; read line'
        os.execve("/bin/sh", ["sh", "-c", command, "sh", *GDTUI, *given, "--speed", "5", "--detach"], environ)
    shown = b""
    while b"it returned" not in shown:
        shown += os.read(terminal, 65536)
    run = run_in(tmp_path)
    pid = read_record(run).pid
    os.close(terminal)  # which hangs up
    os.waitpid(shell, 0)

    assert b"it returned 0" in shown
    assert b"loading TensorFlow" in shown  # the wait is told, in a line that goes
    assert [line.split(maxsplit=1) for line in (tmp_path / "told").read_text().splitlines()] == [
        [name_of(run), f"goes on as process {pid}"],
        ["output", f"{run}/output.txt, messages.txt"],
        ["look", f"gdtui attach {name_of(run)}"],
        ["tensorboard", "--logdir logs"],
        ["stop", f"kill {pid}"],
    ]
    assert os.getsid(pid) == pid
    assert read_record(run).outcome == "running"
    with gone(pid):
        os.kill(pid, signal.SIGTERM)
    assert f"its checkpoint of step {restore(run).snapshot.step} is kept" in (run / "messages.txt").read_text()
    assert (run / "output.txt").read_text().startswith("== Fashion-MNIST ==\n")


def test_a_detached_run_that_fails_before_it_begins_passes_its_line_and_its_code_through(
    environ: dict[str, str], tmp_path: Path
) -> None:
    for argv, code, line in (
        (["fashion-mnist", "--data-dir", "nowhere"], 2, "gdtui: fashion-mnist: --data-dir 'nowhere' is not a folder; "),
        (["--resume"], 4, f"gdtui: {tmp_path}/logs holds no run that can be resumed: the newest, "),
    ):
        done = subprocess.run(
            [*GDTUI, *argv, "--detach"], env=environ, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith(line)


def test_with_json_what_is_said_of_a_detached_run_is_an_object(environ: dict[str, str], tmp_path: Path) -> None:
    argv = [*GDTUI, "losses", "--detach", "--json"]
    done = subprocess.run(argv, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["event"] == "detached"
    with gone(told["pid"]):
        pass
    rows = [json.loads(row) for row in Path(told["output"]).read_text().splitlines()]
    assert rows[0]["run"] == told["run"]
    assert rows[-1]["outcome"] == "done"
    assert "losses finished in" in Path(told["messages"]).read_text()
