"""Several processes that train together: which has a run folder, and which are silent."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.lessons import lesson
from engine.settings import parse_settings
from tui.process.jobs import NewRun, begin
from tui.process.options import HeadlessOptions

NOW = datetime(2026, 11, 24, 21, 17, 54)


@pytest.fixture
def together() -> NewRun:
    found = lesson("fashion-mnist")
    return NewRun(found, parse_settings(found.settings, {"strategy": "multi-worker"}))


def tf_config(index: int) -> str:
    return json.dumps({"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": index}})


def test_the_chief_has_a_run_folder(together: NewRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", tf_config(0))
    job = begin(together, HeadlessOptions(logdir=tmp_path), NOW)
    assert job.path is not None and job.path.parent.parent == tmp_path and not job.silent
    job.close()


def test_another_worker_has_none_and_says_one_line(
    together: NewRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CONFIG", tf_config(1))
    job = begin(together, HeadlessOptions(logdir=tmp_path), NOW)
    assert (job.path, job.store(), tuple(job.sinks(print)), job.silent) == (None, None, (), True)
    assert job.notes == ("worker 1 at b:2 takes its part in the run of worker 0 at a:1, which logs it",)
    assert not list(tmp_path.iterdir())


def test_a_bad_tf_config_is_reported_before_a_folder_is_made(
    together: NewRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CONFIG", tf_config(2))
    with pytest.raises(InputError, match="its cluster has no task"):
        begin(together, HeadlessOptions(logdir=tmp_path), NOW)
    assert not list(tmp_path.iterdir())


def test_tf_config_says_nothing_to_a_run_of_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", "no JSON")
    found = lesson("fashion-mnist")
    job = begin(NewRun(found, parse_settings(found.settings, {})), HeadlessOptions(logdir=tmp_path), NOW)
    assert job.path is not None
    job.close()
