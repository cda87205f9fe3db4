"""Real links, pipes and sockets in a run's folder: nothing outside the logdir is touched, and nothing waits."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from engine.run.checkpoints import restore
from tests.end_to_end.forge import Forge
from tests.end_to_end.small_runs import STEPS, assert_same_run, run_in


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["checkpoints", "run.json", ".lock", "log"])
def test_a_link_in_place_of_what_a_run_writes_is_refused_in_a_line(
    forge: Forge, stopped: Path, going_on: list[str], tmp_path: Path, name: str
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run, outside = run_in(folder), tmp_path / "outside"
    odd = next(run.glob("*tfevents*")) if name == "log" else run / name
    odd.rename(outside)
    odd.symlink_to(outside)
    before = content_of(tmp_path)
    ended = forge.run(*going_on, "--epochs", "7", cwd=folder)
    assert (ended.code, ended.out) == (4, "")
    assert ended.said == [f"gdtui: {odd} is not used: it is a symbolic link; gdtui follows no link in its logs"]
    assert content_of(tmp_path) == before


def test_a_run_s_folder_that_is_a_link_is_refused(
    forge: Forge, stopped: Path, going_on: list[str], tmp_path: Path
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    run.rename(tmp_path / "outside")
    run.symlink_to(tmp_path / "outside")
    before = content_of(tmp_path / "outside")
    ended = forge.run(going_on[0], str(run), *going_on[1:], cwd=folder)
    assert (ended.code, len(ended.said)) == (2, 1)
    assert content_of(tmp_path / "outside") == before


@pytest.mark.parametrize("part", ["json", "npz"])
def test_a_pipe_in_place_of_a_checkpoint_s_file_falls_back_to_the_one_before(
    forge: Forge, stopped: Path, going_on: list[str], whole: Path, tmp_path: Path, part: str
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    newest = max((run / "checkpoints").glob(f"*.{part}"))
    newest.unlink()
    os.mkfifo(newest)
    ended = forge.run(*going_on, "--speed", "0", cwd=folder)
    assert ended.code == 0
    assert ended.said[0] == f"gdtui: {newest.stem} cannot be used: it is a named pipe, not a regular file"
    assert_same_run(run, whole)


def test_where_all_are_pipes_that_is_reported_and_nothing_begins(
    forge: Forge, stopped: Path, going_on: list[str], tmp_path: Path
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    for part in (run / "checkpoints").iterdir():
        part.unlink()
        os.mkfifo(part)
    ended = forge.run(*going_on, cwd=folder)
    assert ended.code == 4
    assert len(ended.said) == 1
    assert ended.said[0].endswith("cannot be used: it is a named pipe, not a regular file")


def test_pipes_in_place_of_the_record_and_a_log_file_hold_nothing_up(
    forge: Forge, stopped: Path, going_on: list[str], tmp_path: Path
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    (run / "run.json").unlink()
    for name in ("run.json", "events.out.tfevents.0000000001.pipe"):
        os.mkfifo(run / name)
    assert forge.run("runs", cwd=folder).code == 0
    assert forge.run(*going_on, "--speed", "0", cwd=folder).code == 0
    assert restore(run).snapshot.step == STEPS


@pytest.mark.parametrize("name", [".lock", "output.jsonl"])
def test_a_pipe_in_place_of_what_is_written_is_refused_in_a_line(
    forge: Forge, stopped: Path, going_on: list[str], tmp_path: Path, name: str
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    odd = run_in(folder) / name
    odd.unlink(missing_ok=True)
    os.mkfifo(odd)
    ended = forge.run(*going_on, *(["--detach"] if name != ".lock" else []), cwd=folder)
    assert (ended.code, len(ended.said)) == (4 if name == ".lock" else 2, 1)
    assert "it is a named pipe, not a regular file" in ended.said[0]
