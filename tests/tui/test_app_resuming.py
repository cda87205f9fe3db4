"""Going on with a run from the app: which folder of data it may read. Nothing is computed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.lessons import course
from tests.engine.left_runs import left
from tui.options import AppOptions
from tui.session import Session
from tui.workbench import Opening, Workbench


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def session(logdir: Path) -> Iterator[Session]:
    """A session whose engine is not there before the test ends."""
    imported = threading.Event()
    made = Session(AppOptions(logdir=logdir), lambda: imported.wait() and None)
    yield made
    made.close()
    imported.set()


def bench(session: Session, logdir: Path, texts: dict[str, str] | None = None) -> Workbench:
    return Workbench(course(), session, AppOptions(logdir=logdir), opening=Opening("fashion-mnist", texts))


def test_a_folder_that_only_the_checkpoint_names_is_not_read_and_it_is_said_what_to_add(
    session: Session, logdir: Path
) -> None:
    said = bench(session, logdir).resume(left(logdir, data_dir="/theirs"))
    assert said.endswith("none is read that only a checkpoint names; add --data-dir /theirs")
    assert not session.alive


def test_the_folder_that_the_app_was_opened_with_counts_as_given(session: Session, logdir: Path) -> None:
    said = bench(session, logdir, {"data_dir": "/mine"}).resume(left(logdir, data_dir="/theirs"))
    assert said.endswith("goes on behind step 20")


def test_the_folder_that_the_desk_was_given_counts_as_given(session: Session, logdir: Path) -> None:
    opened = bench(session, logdir)
    opened.desk.change("data_dir", "/mine")
    assert opened.resume(left(logdir, data_dir="/theirs")).endswith("goes on behind step 20")


def test_a_folder_of_a_lesson_that_is_unknown_is_said_to_be_no_run(session: Session, logdir: Path) -> None:
    assert "leaves no checkpoint and cannot be resumed" in bench(session, logdir).resume(logdir / "unknown" / "x")
