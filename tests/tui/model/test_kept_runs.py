"""Runs of earlier sessions: saved, deleted, and kept under another name if the file is damaged.

tests/engine/exercises/test_tasks.py checks that they solve tasks.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.exercises import exercises
from engine.exercises.exercise import MOST_RUNS, Runs, Task
from engine.exercises.seen import Recipe, RunSeen, perform
from tui.model import kept_runs


def kept(path: Path, runs: Runs) -> Runs:
    """The runs as another process finds them."""
    for run in runs:
        kept_runs.add(path, (run,))
    return kept_runs.load(path)[runs[0].lesson]


def test_every_task_that_looks_at_several_runs_has_them_kept() -> None:
    several = {each.id for each in exercises() if isinstance(each, Task) and len(each.solution) > 1}
    comparing = {each.id for each in exercises() if isinstance(each, Task) and each.compares}
    assert several == comparing == {"more-right", "bowls", "overfit", "one-change"}


def test_only_the_newest_runs_of_a_lesson_are_kept_and_some_can_be_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    run = perform("losses", Recipe({"seed": "71"}))
    runs = kept(path, tuple(RunSeen("losses", run.settings, tables=run.tables) for _ in range(MOST_RUNS + 3)))
    assert len(runs) == MOST_RUNS
    kept_runs.forget(path, frozenset({"himmelblau"}))
    assert len(kept_runs.load(path)["losses"]) == MOST_RUNS
    kept_runs.forget(path, frozenset({"losses"}))
    assert kept_runs.load(path) == {}


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        '{"version": 1, "runs": []}',
        '{"version": 1, "runs": {"losses": [{"settings": 1}]}}',
        '{"version": 1, "runs": {"losses": [1]}}',
        '{"version": 2, "runs": {}}',
    ],
)
def test_a_damaged_file_is_put_aside_and_the_log_says_so(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "runs.json"
    path.write_text(damage)
    assert kept_runs.load(path) == {}
    assert "the file of earlier runs is damaged" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["runs.json.damaged-1"]


def test_a_run_whose_settings_this_version_does_not_know_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    run = perform("losses", Recipe({"seed": "71"}))
    kept_runs.add(path, (run, RunSeen("losses", {**run.settings, "depth": "3"})))
    assert len(kept_runs.load(path)["losses"]) == 1
    told = json.loads(path.read_text())
    told["runs"]["no lesson"] = [1]
    path.write_text(json.dumps(told))
    assert list(kept_runs.load(path)) == ["losses"]
