"""Resuming a run from the app: which folder of data it may read. Nothing is computed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.events import Outcome, RunEnded
from engine.lessons import course
from engine.run.resuming import can_be_resumed
from engine.run.run_record import read_record
from tests.engine.left_runs import left
from tui.model.app_state import AppState, Opening
from tui.model.history import past_run
from tui.model.past_runs import unfinished_runs
from tui.model.run_state import RunState
from tui.model.session import EngineSession
from tui.process.options import AppOptions


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def session(logdir: Path) -> Iterator[EngineSession]:
    """A session whose engine is not ready before the test ends."""
    imported = threading.Event()
    made = EngineSession(AppOptions(logdir=logdir), lambda: imported.wait() and None)
    yield made
    made.close()
    imported.set()


def app_state(session: EngineSession, logdir: Path, texts: dict[str, str] | None = None) -> AppState:
    return AppState(course(), session, AppOptions(logdir=logdir), opening=Opening("fashion-mnist", texts))


def test_a_folder_that_only_the_checkpoint_names_is_not_read_and_the_option_to_add_is_named(
    session: EngineSession, logdir: Path
) -> None:
    said = app_state(session, logdir).resume(left(logdir, data_dir="/theirs"))
    assert said.endswith("none is read that only a checkpoint names; add --data-dir /theirs")
    assert not session.alive


def test_the_folder_that_the_app_was_opened_with_counts_as_given(session: EngineSession, logdir: Path) -> None:
    said = app_state(session, logdir, {"data_dir": "/mine"}).resume(left(logdir, data_dir="/theirs"))
    assert said.endswith("goes on after step 20")


def test_the_folder_that_the_lesson_was_given_counts_as_given(session: EngineSession, logdir: Path) -> None:
    opened = app_state(session, logdir)
    opened.lesson_state.change("data_dir", "/mine")
    assert opened.resume(left(logdir, data_dir="/theirs")).endswith("goes on after step 20")


def test_a_folder_of_a_lesson_that_is_unknown_counts_as_no_run(session: EngineSession, logdir: Path) -> None:
    assert "leaves no checkpoint and cannot be resumed" in app_state(session, logdir).resume(logdir / "unknown" / "x")


def test_a_diverged_run_goes_on_with_a_smaller_rate_and_says_so(session: EngineSession, logdir: Path) -> None:
    opened = app_state(session, logdir)
    said = opened.resume(left(logdir, outcome=Outcome.DIVERGED))
    assert said.endswith("goes on after step 20; it diverged, so at learning rate 0.000333 now")
    assert opened.lesson_state.texts["learning_rate"] == "0.000333"


def test_the_open_lessons_own_run_is_offered_before_a_newer_one(session: EngineSession, logdir: Path) -> None:
    older, newer = left(logdir, minute=1), left(logdir, "tensorboard", minute=2)
    opened = app_state(session, logdir)
    assert opened.offered is None
    opened.unfinished.records = unfinished_runs(logdir, {"fashion-mnist": "", "tensorboard": ""})
    assert [record.path for record in opened.unfinished.records] == [newer, older]
    assert opened.offered is not None and opened.offered.path == older
    opened.open("himmelblau")
    assert opened.offered is not None and opened.offered.path == newer


def test_after_a_finished_run_of_the_lesson_no_older_one_is_offered_in_its_place(
    session: EngineSession, logdir: Path
) -> None:
    left(logdir, minute=1)
    done = left(logdir, minute=2, outcome=Outcome.DONE)
    opened = app_state(session, logdir)
    opened.unfinished.records = unfinished_runs(logdir, {"fashion-mnist": ""})
    opened.lesson_state.state = RunState("r", logdir=str(done), ended=RunEnded(Outcome.DONE, 20, "finished"))
    opened.update_offer()
    assert opened.offered is None


@pytest.mark.parametrize("outcome", [Outcome.STOPPED, Outcome.DIVERGED, Outcome.DONE])
def test_the_history_resumes_by_the_rule_of_the_command_line(logdir: Path, outcome: Outcome) -> None:
    record = read_record(left(logdir, outcome=outcome))
    assert past_run(record).resumable is can_be_resumed(record) is (outcome is not Outcome.DONE)
