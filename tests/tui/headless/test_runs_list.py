"""The list of runs: newest first, with their outcomes, and which can be resumed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from engine.events import CheckpointSaved, Delivery, Evaluated, Event, Outcome, RunEnded, RunStarted, Snapshot
from engine.run.checkpoints import Checkpoints
from engine.run.run_folder import RunFolder
from engine.run.runs import RunRecorder
from tui.headless.runs_list import MOST_SHOWN, listing

NOON = datetime(2026, 11, 24, 12, 0, 0)


def left(logdir: Path, lesson: str, minute: int, outcome: Outcome | None, *events: Event, step: int = 0) -> str:
    with RunFolder.create(logdir, lesson, NOON + timedelta(minutes=minute)) as folder:
        recorder = RunRecorder(folder)
        recorder.write(Delivery("r", 0.0, RunStarted(lesson, "", {"seed": "1"}, f"gdtui {lesson}")))
        for event in events:
            recorder.write(Delivery("r", 61.0, event))
        if step:
            Checkpoints(folder.path, lesson).save(Snapshot(step, 1, {"model/0": np.zeros(1, np.float32)}), {})
            recorder.write(Delivery("r", 61.0, CheckpointSaved(step)))
        if outcome is not None:
            recorder.write(Delivery("r", 61.0, RunEnded(outcome, 938, "")))
    return folder.name


TESTED = Evaluated(938, 2, 0.41, 0.8573, np.zeros((2, 2), np.int64), ("a", "b"), 0.9)


def test_a_run_is_a_row_with_its_outcome_its_result_and_where_it_goes_on(tmp_path: Path) -> None:
    finished = left(tmp_path, "fashion-mnist", 0, Outcome.DONE, TESTED, step=938)
    stopped = left(tmp_path, "tensorboard", 1, Outcome.STOPPED, step=300)
    descent = left(tmp_path, "himmelblau", 2, Outcome.DONE)
    rows = [line.split("  ") for line in listing(tmp_path).splitlines()]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells[0] == ["run", "began", "took", "outcome", "steps", "loss or f", "accuracy", "resumes after"]
    assert all(datetime.strptime(row[1], "%Y-%m-%d %H:%M") for row in cells[1:])
    assert [row[:1] + row[2:] for row in cells[1:]] == [
        [descent, "1:01", "done", "938"],
        [stopped, "1:01", "stopped", "938", "step 300"],
        [finished, "1:01", "done", "938", "0.41", "85.73%"],
    ]


def test_as_json_every_run_is_an_object(tmp_path: Path) -> None:
    name = left(tmp_path, "fashion-mnist", 0, Outcome.STOPPED, TESTED, step=700)
    left(tmp_path, "losses", 1, None)
    rows = [json.loads(line) for line in listing(tmp_path, as_json=True).splitlines()]
    assert [(row["lesson"], row["outcome"], row["checkpoint_step"]) for row in rows] == [
        ("losses", "crashed", None), ("fashion-mnist", "stopped", 700),
    ]  # fmt: skip
    assert rows[1]["run"] == name
    assert rows[1]["metrics"]["test-acc"] == 0.8573
    assert rows[1]["settings"] == {"seed": "1"}


def test_of_many_runs_the_newest_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    for minute in range(MOST_SHOWN + 2):
        left(tmp_path, "losses", minute, Outcome.DONE)
    lines = listing(tmp_path).splitlines()
    assert len(lines) == MOST_SHOWN + 2
    assert lines[-1] == "and 2 older ones; --all lists them"
    assert len(listing(tmp_path, every=True).splitlines()) == MOST_SHOWN + 3
    assert len(listing(tmp_path, as_json=True).splitlines()) == MOST_SHOWN + 2


def test_an_empty_or_missing_logdir_is_reported_and_is_nothing_in_json(tmp_path: Path) -> None:
    assert listing(tmp_path / "none").endswith("holds no run")
    assert listing(tmp_path, as_json=True) == ""
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError, match="loop cannot be read: the path is a symbolic link"):
        listing(tmp_path / "loop")


def test_what_strangers_wrote_reaches_no_terminal_as_a_command(tmp_path: Path) -> None:
    name = left(tmp_path, "losses", 0, Outcome.DONE)
    record = tmp_path / name / "run.json"
    told = json.loads(record.read_text())
    record.write_text(json.dumps({**told, "learned": "\x1b[2J", "step": "\x1b[2J"}))
    (tmp_path / left(tmp_path, "losses", 1, None) / "run.json").write_bytes(b"\x1b[2J\xff")
    text = listing(tmp_path)
    assert all(line.isprintable() for line in text.splitlines())
    assert "step of the wrong kind" in text
    assert listing(tmp_path, as_json=True).replace("\n", "").isprintable()
