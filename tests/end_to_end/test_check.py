"""gdtui check and gdtui progress as real processes, into a pipe."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.test_headless import GDTUI, LIMIT_S, run


def test_answers_are_graded_into_a_pipe_and_exit_6_says_that_some_are_not_solved(
    environ: dict[str, str], tmp_path: Path
) -> None:
    answers = {"stuck": {"x": 0}, "fan-out": 1}
    (tmp_path / "answers.json").write_text(json.dumps(answers))
    done = run("check", "autograd", "--json", "--answers", "answers.json", environ=environ, cwd=tmp_path)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 6
    assert [line["id"] for line in lines if line.get("solved")] == ["stuck"]
    assert lines[-1] == {"summary": {"solved": 1, "exercises": 6}}
    assert done.stderr == ""
    assert not (tmp_path / "state" / "gdtui" / "progress.json").exists()


@pytest.mark.slow
def test_a_run_without_the_app_solves_a_task_and_the_progress_is_found_again(
    environ: dict[str, str], tmp_path: Path
) -> None:
    done = run("autograd", "--no-ui", "--no-log", "--x", "0", environ=environ, cwd=tmp_path)
    assert "exercise solved: Wrong and stuck" in done.stderr
    progress = run("progress", "--json", environ=environ, cwd=tmp_path)
    assert json.loads(progress.stdout)["exercises"]["stuck"]["solved"] is True
    (tmp_path / "me.json").write_text(progress.stdout)
    again = run("check", "autograd", "--json", "--verify", "me.json", environ=environ, cwd=tmp_path)
    assert json.loads(again.stdout.splitlines()[-1]) == {"summary": {"solved": 1, "exercises": 6}}
    run("progress", "--reset", "autograd", environ=environ, cwd=tmp_path)
    assert "2 Autograd       0/6" in run("progress", environ=environ, cwd=tmp_path).stdout
    run("progress", "--import", "me.json", environ=environ, cwd=tmp_path)
    assert "2 Autograd       1/6" in run("progress", environ=environ, cwd=tmp_path).stdout


def test_lines_from_a_pipe_are_answers(environ: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*GDTUI, "check", "losses"], input="n\nn\nh\nq\n", capture_output=True, text=True, check=False,
        env=environ, cwd=tmp_path, timeout=LIMIT_S,
    )  # fmt: skip
    assert done.returncode == 6
    assert "0 of 6 solved" in done.stdout


BAD = [("check", "nothing"), ("check", "--answers", "none"), ("progress", "--import", "none")]


@pytest.mark.parametrize("argv", BAD)
def test_bad_input_is_one_line_and_exit_2(argv: tuple[str, ...], environ: dict[str, str], tmp_path: Path) -> None:
    done = run(*argv, environ=environ, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
