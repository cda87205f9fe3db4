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

from engine.events import Learned
from engine.lessons import lesson
from engine.run.checkpoints import restore
from engine.run.run_record import read_record
from engine.settings import parse_settings
from tests.end_to_end.small_runs import gone, name_of, run_in, small_run
from tests.end_to_end.terminal import Terminal
from tests.engine.idx import write_dataset

GDTUI = (sys.executable, "-m", "tui.cli.main")


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
    assert b"loading TensorFlow" in shown  # the wait is shown in a progress line
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


@pytest.mark.slow
def test_with_json_the_report_of_a_detached_run_is_an_object(environ: dict[str, str], tmp_path: Path) -> None:
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


CLASSES = """
import keras
import numpy as np

def model():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(2)])

def data():
    x = np.random.default_rng(0).normal(size=(400, 2))
    return x, (x[:, 0] > 0).astype(int)
"""
NUMBERS = CLASSES.replace("Dense(2)", "Dense(1)").replace("(x[:, 0] > 0).astype(int)", "x.sum(axis=1)")


@pytest.mark.slow
@pytest.mark.parametrize(("code", "tag"), [(CLASSES, "test-acc"), (NUMBERS, "test-loss")])
def test_a_model_of_one_s_own_is_detached_watched_ended_and_resumed_to_the_same_end(
    code: str, tag: str, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(code)
    given = {"epochs": "20", "batch_size": "16", "loop": "graph"}

    def gdtui(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*GDTUI, *words], env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)

    options = [word for name, text in given.items() for word in (f"--{name.replace('_', '-')}", text)]
    assert gdtui("train", "mine.py", *options, "--speed", "5", "--no-ui", "--detach").returncode == 0
    (run,) = (tmp_path / "logs" / "train").iterdir()
    pid = read_record(run).pid
    with Terminal((*GDTUI, "attach", name_of(run)), columns=100, lines=32, cwd=tmp_path, environ=environ) as terminal:
        terminal.wait_for(tag)
        terminal.wait_for("running")
        terminal.press("q")
        assert terminal.exit_code() == 0
    rows = [json.loads(row) for row in gdtui("attach", name_of(run), "--json").stdout.splitlines()]
    assert {"train-loss", tag} <= {row.get("tag") for row in rows}

    waiting = [*GDTUI, "attach", "--wait", name_of(run)]
    with subprocess.Popen(waiting, env=environ, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as waiter:
        with gone(pid):
            os.kill(pid, signal.SIGTERM)
        assert (waiter.communicate()[0], waiter.returncode) == (f"{name_of(run)}: stopped\n", 0)
    stopped = restore(run).snapshot.step
    assert 20 < stopped < 400

    resumed = gdtui("train", "mine.py", "--resume", "--speed", "0", "--no-ui", "--detach")
    assert resumed.returncode == 0 and f"{name_of(run)} goes on after step {stopped}" in resumed.stderr
    waited = gdtui("attach", "--wait", name_of(run))
    assert (waited.stdout, waited.returncode) == (f"{name_of(run)}: done\n", 0)
    found = lesson("train")
    whole = list(found.run(parse_settings(found.settings, {**given, "file": str(tmp_path / "mine.py")})))
    assert restore(run).snapshot.step == 400
    assert [event.text for event in whole if isinstance(event, Learned)] == [read_record(run).learned]
