"""Waiting for a run's end: its outcome, and its exit code."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.events import Delivery, Outcome, RunEnded, RunStarted
from engine.log import summary_values as values
from engine.run.run_folder import RunFolder
from engine.run.runs import RunRecorder
from tests.engine.log_files import append, event, hparams, scalars
from tui.headless.log_wait import wait_for
from tui.process.exit_codes import Exit


def waited(folder: Path, only: str = "", *changes: Callable[[], object], now: float = 0.0) -> tuple[Exit, str, str]:
    """The exit code and the output, when at each wait one of the changes happens."""
    out, err, due = io.StringIO(), io.StringIO(), list(changes)

    def sleep(_: float) -> None:
        if due:
            due.pop(0)()
            os.utime(folder)

    clock = iter(float(tick) for tick in range(10**6))
    code = wait_for([folder], only, out, err, clock=lambda: now or next(clock), sleep=sleep)
    assert not due
    return code, out.getvalue(), err.getvalue()


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(Outcome.DONE, Exit.DONE), (Outcome.DIVERGED, Exit.DIVERGED), (Outcome.FAILED, Exit.FAILED)],
)
def test_a_run_of_gdtui_gives_its_outcome_once_it_has_ended(tmp_path: Path, outcome: Outcome, code: Exit) -> None:
    with RunFolder.create(tmp_path, "losses", datetime(2026, 11, 24, 12)) as folder:
        recorder = RunRecorder(folder)
        recorder.write(Delivery("r", 0.0, RunStarted("losses", "", {}, "gdtui losses")))

        def end() -> None:
            recorder.write(Delivery("r", 1.0, RunEnded(outcome, 3, "")))
            folder.close()

        found = waited(tmp_path, folder.name, end)
    assert found == (code, f"{folder.name}: {outcome.name.lower()}\n", "")


def test_a_run_of_another_program_ends_as_its_log_says(tmp_path: Path) -> None:
    append(tmp_path / "run", hparams(lr=0.1), *scalars(1))
    end = event(2, values.hparams_end(succeeded=False))
    found = waited(tmp_path, "", lambda: append(tmp_path / "run", *scalars(2)), lambda: append(tmp_path / "run", end))
    assert found == (Exit.FAILED, "run: failed\n", "")


def test_a_run_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    logs = tmp_path / "later"
    logs.mkdir()
    code, out, err = waited(
        logs, "", lambda: append(logs / "run", hparams(lr=0.1), event(2, values.hparams_end(succeeded=True)))
    )
    assert (code, out) == (Exit.DONE, "run: done\n")
    assert err == f"gdtui: no run in {logs} yet: waiting\n"


def test_a_run_that_has_not_been_written_for_long_ends_as_nobody_knows(tmp_path: Path) -> None:
    path = append(
        tmp_path / "run", event(0, values.scalar("x", 1.0), after_s=0), event(1, values.scalar("x", 1.0), after_s=100)
    )
    os.utime(path, (1000.0, 1000.0))
    ticks = iter((1200.0, 1299.0, 1301.0))
    out = io.StringIO()
    assert wait_for([tmp_path], "", out, io.StringIO(), clock=lambda: next(ticks), sleep=lambda _: None) == Exit.FAILED
    assert out.getvalue() == "run: unknown\n"


def test_a_time_that_is_none_is_no_gap_to_wait_for(tmp_path: Path) -> None:
    path = append(tmp_path / "run", *scalars(1, 2), event(3, values.scalar("train-loss", 1.0), after_s=1e13))
    os.utime(path, (1000.0, 1000.0))
    out = io.StringIO()
    assert wait_for([tmp_path], "", out, io.StringIO(), clock=lambda: 1100.0, sleep=lambda _: None) == Exit.FAILED
    assert out.getvalue() == "run: unknown\n"


def test_several_runs_are_refused(tmp_path: Path) -> None:
    append(tmp_path / "a")
    append(tmp_path / "b")
    with pytest.raises(InputError, match="2; name it"):
        wait_for([tmp_path], "", io.StringIO(), io.StringIO())
