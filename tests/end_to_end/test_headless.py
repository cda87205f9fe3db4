"""gdtui without the app, as real processes: their output, their ends, their files."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pytest

from tests.end_to_end.forge import Forge, Process
from tui.headless.json_report import VARYING

GDTUI = (sys.executable, "-m", "tui.cli.main")
CHATTER = re.compile(r"oneDNN|absl|cuda|XLA service|TF_ENABLE", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
LIMIT_S = 120


def run(*argv: str | bytes, environ: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return finished([*GDTUI, *argv], environ, cwd)


def finished(
    argv: Sequence[str | bytes], environ: dict[str, str], cwd: Path, stdout: int | IO[str] = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Run a process to its end; returns its output."""
    return subprocess.run(
        argv,
        check=False,
        env=environ,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=LIMIT_S,
    )


def test_a_run_into_a_pipe_is_plain_lines_and_tensorflow_is_silent(environ: dict[str, str], tmp_path: Path) -> None:
    done = run("himmelblau", "--no-ui", environ=environ, cwd=tmp_path)
    assert done.returncode == 0
    assert not CONTROL.search(done.stdout)
    assert re.search(r"^step 20: x = \[.*\], f\(x\) = [\d.e+-]+, from \(1, 0\)$", done.stdout, re.MULTILINE)
    assert re.search(r"^from \(−4, 0\): .* reached the minimum \(−3.779, −3.283\)", done.stdout, re.MULTILINE)
    assert "\nlearned: " in done.stdout
    pointer = r"gdtui: the log is in \S+/logs/himmelblau/[\d-]+; look at it with: tensorboard --logdir logs"
    assert re.fullmatch(rf"gdtui: himmelblau finished in .*\n{pointer}\n", done.stderr)
    logs = list((tmp_path / "state" / "gdtui" / "log").iterdir())
    assert len(logs) == 1  # with TensorFlow's messages
    assert CHATTER.search(logs[0].read_text(errors="replace"))
    (folder,) = (tmp_path / "logs" / "himmelblau").iterdir()
    assert list(folder.glob("events.out.tfevents.*"))
    assert json.loads((folder / "run.json").read_text())["outcome"] == "done"


@pytest.mark.slow
def test_two_runs_as_json_are_equal_but_for_times(forge: Forge, tmp_path: Path) -> None:
    argv = ["gradients", "--json", "--no-log", "--seed", "3", "--optimizer", "adam"]
    told = []
    for process in [forge.start(*argv, cwd=tmp_path) for _ in range(2)]:
        done = process.wait()
        assert done.code == 0
        assert done.out.isascii()
        rows = [json.loads(row) for row in done.out.splitlines()]
        told.append([{key: value for key, value in row.items() if key not in VARYING} for row in rows])
    assert told[0] == told[1]
    assert not list(tmp_path.iterdir())  # --no-log
    assert told[0][0]["event"] == "run_started"
    assert told[0][-1]["outcome"] == "done"


def test_at_a_terminal_there_are_plots_a_line_of_progress_and_no_chatter(
    environ: dict[str, str], tmp_path: Path
) -> None:
    shown = at_a_terminal("himmelblau", "--no-ui", "--no-log", environ={**environ, "COLUMNS": "100"}, cwd=tmp_path)
    assert "\x1b[38;5;" in shown
    assert "⠤" in shown
    assert "\r\x1b[2K" in shown
    assert not CHATTER.search(shown)


@pytest.mark.slow
def test_no_color_and_ascii_hold_at_a_terminal(environ: dict[str, str], tmp_path: Path) -> None:
    argv = ("losses", "--no-ui", "--no-log", "--ascii")
    shown = at_a_terminal(*argv, environ={**environ, "NO_COLOR": "1", "COLUMNS": "0"}, cwd=tmp_path)
    assert not re.search(r"\x1b\[[0-9;]*[34][0-9]", shown)
    assert shown.isascii()


def at_a_terminal(*argv: str, environ: dict[str, str], cwd: Path) -> str:
    """All output on a pseudo-terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([*GDTUI, *argv], env=environ, cwd=cwd, stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    shown = b""
    try:
        while select.select([leader], [], [], LIMIT_S)[0]:
            try:
                part = os.read(leader, 65536)
            except OSError:  # the other side has closed
                break
            if not part:
                break
            shown += part
        assert process.wait(LIMIT_S) == 0
    finally:
        process.kill()
        os.close(leader)
    return shown.decode()


def slow_run(forge: Forge, folder: Path) -> Process:
    """A run that would go on for hours."""
    argv = ["himmelblau", "--no-ui", "--logdir", str(folder), "--speed", "20", "--steps", "100000"]
    return forge.start(*argv, cwd=folder)


def test_a_signal_ends_a_run_in_order_with_128_and_its_number(forge: Forge, tmp_path: Path) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    processes = [slow_run(forge, tmp_path) for _ in numbers]
    for process, number in zip(processes, numbers, strict=True):
        for line in process.stdout:
            if line.startswith("step 20:"):
                break
        process.send(number)
        ended = process.wait()
        assert ended.code == 128 + number
        assert re.match(r"gdtui: himmelblau: stopped after step \d+\n", ended.err)
    records = [json.loads(path.read_text()) for path in (tmp_path / "himmelblau").glob("*/run.json")]
    assert [record["outcome"] for record in records] == ["stopped"] * 3


def test_when_the_reader_goes_the_run_ends_without_a_word(forge: Forge, tmp_path: Path) -> None:
    process = slow_run(forge, tmp_path)
    process.stdout.readline()
    process.stdout.close()
    ended = process.wait()
    assert (ended.code, ended.err) == (141, "")


def test_a_diverging_run_exits_3_and_says_at_which_step_and_rate(forge: Forge, tmp_path: Path) -> None:
    done = forge.run("himmelblau", "--no-ui", "--no-log", "-q", "--learning-rate", "1", cwd=tmp_path)
    assert done.code == 3
    again = r"gdtui himmelblau --learning-rate 0\.033 --no-ui --no-log"
    assert re.search(rf"not finite at step \d+, learning rate 1; try: {again}\n$", done.err)
    assert done.out.startswith("himmelblau: ")


def test_damaged_data_is_one_line_and_exit_2(forge: Forge, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
    done = forge.run("fashion-mnist", "--no-ui", "--no-log", "--data-dir", "data", "-q", cwd=tmp_path)
    assert (done.code, done.out, len(done.said)) == (2, "", 1)
    assert done.said[0].startswith("gdtui: fashion-mnist: --data-dir: 'data' lacks train-labels-idx1-ubyte")


def test_a_tensorflow_that_fails_to_import_is_one_line_and_its_traceback_is_in_the_log(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "tensorflow.py").write_text("raise ImportError('libcudart.so.12: cannot open shared object file')\n")
    broken = {**environ, "PYTHONPATH": str(tmp_path)}
    done = run("losses", "--no-ui", "--no-log", environ=broken, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    where = re.search(r"ImportError: libcudart.*; more is in (.*)\n", done.stderr)
    assert where is not None
    assert "Traceback" in Path(where[1]).read_text()


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["--version"],
        ["lessons"],
        ["runs"],
        ["runs", "--json"],
        ["--resume"],
        ["himmelblau", "--help"],
        ["himmelblau", "--steps", "0"],
        ["nowhere"],
    ],
)
def test_help_version_lessons_and_bad_usage_import_no_tensorflow(
    argv: list[str], environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('TensorFlow was imported')\n")
    script = (
        "import sys; from tui.cli.main import main; code = main(sys.argv[1:]); "
        "heavy = {'tensorflow', 'keras', 'textual', 'rich', 'plotext', 'PIL'} & {*sys.modules}; "
        "sys.exit(f'{heavy} were imported' if heavy else code)"
    )
    done = finished([sys.executable, "-c", script, *argv], {**environ, "PYTHONPATH": str(tmp_path)}, tmp_path)
    assert done.returncode == (2 if argv[-1] in ("0", "nowhere", "--resume") else 0), done.stderr


@pytest.mark.parametrize("redirect", [">&-", "<&- >&- 2>&-", ">/dev/null", "| head -1"])
def test_help_survives_streams_that_are_closed(redirect: str, environ: dict[str, str], tmp_path: Path) -> None:
    command = f"set -o pipefail; {sys.executable} -m tui.cli.main --help {redirect}"
    done = finished(["bash", "-c", command], environ, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_that_cannot_be_written_says_so(environ: dict[str, str], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = finished([*GDTUI, "--help"], environ, tmp_path, full)
    assert done.returncode == 1
    assert done.stderr == "gdtui: cannot write: No space left on device\n"


def test_in_a_locale_without_unicode_help_is_ascii(environ: dict[str, str], tmp_path: Path) -> None:
    bare = {**environ, "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = run("himmelblau", "--help", environ=bare, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "eta: a step is eta times the slope" in done.stdout


def test_arguments_that_are_no_unicode_are_refused_in_one_line(environ: dict[str, str], tmp_path: Path) -> None:
    done = run("himmelblau", "--surface", b"\xff\x1b[2J", environ=environ, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr
