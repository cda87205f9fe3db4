"""Run folders are locked, named and confined; run.json is complete or absent, and damage to it is reported, not
raised."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.events import (
    CheckpointSaved,
    Delivery,
    Evaluated,
    Event,
    Learned,
    Metrics,
    Outcome,
    PathEnded,
    RunEnded,
    RunStarted,
    SettingChanged,
)
from engine.run import run_folder
from engine.run.run_folder import RunError, RunFolder, RunInUse, checked_name, in_use
from engine.run.run_record import read_record
from engine.run.runs import RunRecorder, find_run, past_runs

NOW = datetime(2026, 11, 24, 21, 17, 54)

HOLD = """
import sys, time
from datetime import datetime
from pathlib import Path
from engine.run.runs import RunFolder
folder = RunFolder.create(Path(sys.argv[1]), "himmelblau", datetime(2026, 11, 24, 21, 17, 54))
print(folder.path, flush=True)
time.sleep(60)
"""


def holder(logdir: Path) -> tuple[subprocess.Popen[str], Path]:
    """Another process that holds a run folder, and that folder."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(logdir)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def write_all(recorder: RunRecorder, *events: Event, elapsed_s: float = 1.0) -> None:
    for event in events:
        recorder.write(Delivery("run", elapsed_s, event))


def started(**changes: object) -> RunStarted:
    given = {"lesson": "himmelblau", "title": "Himmelblau", "settings": {"seed": "0"}, "command": "gdtui himmelblau"}
    return RunStarted(**(given | changes))  # type: ignore[arg-type]


def metrics(first: int, steps: int, loss: float = 0.5) -> Metrics:
    values = np.full(steps, loss, np.float32)
    return Metrics(2, first, values, values / 10, 1.5, 0.01, 1234.0, 938, 2)


# --- folders --------------------------------------------------------------------------------------------------


def test_a_run_folder_is_named_after_the_lesson_and_the_time(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "logs", "himmelblau", NOW) as folder:
        assert folder.path == tmp_path / "logs" / "himmelblau" / "20261124-211754"
        assert folder.name == "himmelblau/20261124-211754"
        assert folder.path.is_dir()


def test_a_second_run_in_the_same_second_gets_a_number(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        with RunFolder.create(tmp_path, "losses", NOW) as folder:
            names.append(folder.name)
    assert names == ["losses/20261124-211754", "losses/20261124-211754-2", "losses/20261124-211754-3"]


def test_files_get_the_users_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with RunFolder.create(tmp_path / "logs", "losses", NOW) as folder:
            write_all(RunRecorder(folder), started())
            assert (folder.path.stat().st_mode & 0o777) == 0o750
            assert ((folder.path / "run.json").stat().st_mode & 0o777) == 0o640
    finally:
        os.umask(before)


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "/etc", "a\n", "a\0b", "x" * 65, "é", "-x", "a b"])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError) as refused:
        RunFolder.create(tmp_path, name, NOW)
    assert len(str(refused.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=80))
def test_an_accepted_name_is_one_path_component_of_plain_characters(name: str) -> None:
    try:
        checked_name(name)
    except RunError as error:
        assert str(error).isprintable()
    else:
        assert Path("logs", name).parent == Path("logs")
        assert name.isascii() and not name.startswith(".") and 1 <= len(name) <= 64 and "/" not in name


def test_a_lesson_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    outside, logdir = tmp_path / "outside", tmp_path / "logs"
    outside.mkdir()
    logdir.mkdir()
    (logdir / "losses").symlink_to(outside)
    with pytest.raises(RunError, match="symbolic link"):
        RunFolder.create(logdir, "losses", NOW)
    assert list(outside.iterdir()) == []
    assert past_runs(logdir) == ()


def test_the_logdir_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "logs").symlink_to(tmp_path / "disk")
    with RunFolder.create(tmp_path / "logs", "losses", NOW) as folder:
        assert folder.path.parent.parent == tmp_path / "disk"


def test_a_logdir_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("mine")
    with pytest.raises(RunError, match=r"logs: it is a file, not a folder$"):
        RunFolder.create(tmp_path / "logs", "losses", NOW)
    with pytest.raises(RunError, match="a part of the path is a file"):
        RunFolder.create(tmp_path / "logs" / "deeper", "losses", NOW)
    assert (tmp_path / "logs").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_logdir_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(RunError, match="permission denied"):
            RunFolder.create(tmp_path / "logs", "losses", NOW)
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EACCES])
def test_a_disk_that_takes_nothing_is_one_clear_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fails(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(run_folder.os, "fsync", fails)
    with pytest.raises(RunError) as refused:
        RunFolder.create(tmp_path, "losses", NOW)
    assert len(str(refused.value).splitlines()) == 1
    assert run_folder.reason(OSError(code, os.strerror(code))) in str(refused.value)
    assert list((tmp_path / "losses").iterdir()) == []


def test_a_path_with_a_nul_or_without_end_is_refused(tmp_path: Path) -> None:
    for logdir in (Path("a\0b"), tmp_path / ("x" * 300), Path("/dev/null/logs")):
        with pytest.raises(RunError) as refused:
            RunFolder.create(logdir, "losses", NOW)
        assert len(str(refused.value).splitlines()) == 1


# --- locks ----------------------------------------------------------------------------------------------------


def test_a_folder_that_another_process_holds_is_refused_with_its_number(tmp_path: Path) -> None:
    process, path = holder(tmp_path)
    try:
        assert in_use(path)
        with pytest.raises(RunInUse) as refused:
            RunFolder.reopen(path)
        assert refused.value.pid == process.pid
        assert str(process.pid) in str(refused.value)
    finally:
        process.kill()
        process.wait()


def test_a_killed_process_leaves_the_folder_free_at_once(tmp_path: Path) -> None:
    process, path = holder(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with RunFolder.reopen(path) as folder:
        assert folder.path == path


def test_the_same_process_cannot_hold_a_folder_twice(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, "losses", NOW) as folder, pytest.raises(RunInUse):
        RunFolder.reopen(folder.path)


def test_a_closed_folder_can_be_reopened_and_closing_twice_is_nothing(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "losses", NOW)
    folder.close()
    folder.close()
    RunFolder.reopen(folder.path).close()


def test_another_process_sees_that_a_run_is_alive_and_when_it_is_not(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "losses", NOW)
    code = (
        f"from pathlib import Path; from engine.run.run_folder import in_use; print(in_use(Path({str(folder.path)!r})))"
    )
    ask = [sys.executable, "-c", code]
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip() == "True"
    folder.close()
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_a_folder_that_was_deleted_and_made_again_is_held_again(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "losses", NOW)
    recorder = RunRecorder(folder)
    write_all(recorder, started())
    shutil.rmtree(tmp_path / "losses")
    write_all(recorder, RunEnded(Outcome.DONE, 1, "finished"))
    with pytest.raises(RunInUse):
        RunFolder.reopen(folder.path)
    folder.close()
    RunFolder.reopen(folder.path).close()


def test_what_is_no_run_folder_is_not_reopened(tmp_path: Path) -> None:
    (tmp_path / "losses").mkdir()
    (tmp_path / "losses" / "file").write_text("")
    (tmp_path / "losses" / "link").symlink_to(tmp_path)
    for name in ("missing", "file", "link"):
        with pytest.raises(RunError):
            RunFolder.reopen(tmp_path / "losses" / name)


# --- run.json -------------------------------------------------------------------------------------------------


def test_a_finished_run_is_reported_whole(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "fashion-mnist", NOW)
    recorder = RunRecorder(folder)
    write_all(
        recorder,
        started(
            lesson="fashion-mnist", settings={"seed": "3", "learning_rate": "0.001"}, command="gdtui fashion-mnist"
        ),
        metrics(1, 469),
        SettingChanged(469, "learning_rate", "0.001", "0.0005"),
        Evaluated(469, 1, 0.4, 0.85, np.eye(10, dtype=np.int64), tuple("abcdefghij"), 0.8),
        CheckpointSaved(469),
        Learned("It learned."),
        RunEnded(Outcome.DONE, 938, "finished"),
        elapsed_s=2.5,
    )
    recorder.close()
    (record,) = past_runs(tmp_path)
    assert (record.name, record.lesson, record.outcome) == ("fashion-mnist/20261124-211754", "fashion-mnist", "done")
    assert record.settings == {"seed": "3", "learning_rate": "0.0005"}
    assert (record.step, record.checkpoint_step, record.message) == (938, 469, "finished")
    assert (record.learned, record.command) == ("It learned.", "gdtui fashion-mnist")
    assert record.metrics["test-acc"] == 0.85
    assert record.metrics["train-loss"] == pytest.approx(0.5)
    assert (record.pid, record.elapsed_s, record.damaged) == (os.getpid(), 2.5, "")
    assert record.started is not None and record.started.tzinfo is not None


def test_a_descent_is_reported_by_its_lowest_end_and_its_fastest_path(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "himmelblau", NOW)
    ends = [
        PathEnded(p, f"path {p}", (0.0, 0.0), value, 0.1, None, step) for p, value, step in [(0, 3.0, 60), (1, 0.5, 41)]
    ]
    write_all(RunRecorder(folder), started(), *ends, RunEnded(Outcome.DONE, 200, "finished"))
    record = read_record(folder.path)
    assert (record.metrics["final-f"], record.metrics["steps-to-minimum"]) == (0.5, 41.0)


def test_numbers_that_are_not_finite_are_left_out_of_the_file(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "losses", NOW)
    write_all(RunRecorder(folder), started(), metrics(1, 5, float("nan")), RunEnded(Outcome.DIVERGED, 5, "the loss"))
    json.loads((folder.path / "run.json").read_text(), parse_constant=pytest.fail)
    assert "train-loss" not in read_record(folder.path).metrics


def test_a_run_is_running_while_its_folder_is_held_and_crashed_afterwards(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "losses", NOW)
    write_all(RunRecorder(folder), started())
    assert past_runs(tmp_path)[0].outcome == "running"
    folder.close()
    assert past_runs(tmp_path)[0].outcome == "crashed"


def test_a_resumed_run_keeps_when_it_began_and_how_long_it_has_taken(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "losses", NOW)
    write_all(RunRecorder(folder), started(), metrics(1, 100), RunEnded(Outcome.STOPPED, 100, "stopped"), elapsed_s=7.0)
    began = read_record(folder.path).started
    resumed = RunRecorder(folder)
    write_all(resumed, started(resumed_step=100), elapsed_s=0.5)
    record = read_record(folder.path)
    assert (record.started, record.elapsed_s) == (began, 7.5)
    assert (record.outcome, record.step, record.checkpoint_step) == ("running", 100, 100)
    assert record.metrics["train-loss"] == pytest.approx(0.5)


def test_a_run_that_goes_on_is_written_every_few_seconds_and_not_more_often(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "losses", NOW)
    recorder = RunRecorder(folder)
    write_all(recorder, started(), elapsed_s=0.0)
    seen = []
    for tenth in range(120):
        write_all(recorder, metrics(1 + tenth, 1), elapsed_s=tenth / 10)
        seen.append(read_record(folder.path).step)
    assert len(set(seen)) == 3


def test_a_vanished_folder_is_made_again(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "logs", "losses", NOW)
    recorder = RunRecorder(folder)
    write_all(recorder, started())
    for each in folder.path.iterdir():
        each.unlink()
    folder.path.rmdir()
    write_all(recorder, RunEnded(Outcome.DONE, 5, "finished"))
    assert read_record(folder.path).outcome == "done"


def test_a_full_disk_is_borne_until_the_last_word_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(tmp_path, "losses", NOW)
    recorder = RunRecorder(folder)
    write_all(recorder, started())
    whole = (folder.path / "run.json").read_bytes()

    def full(*_: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    write_all(recorder, metrics(1, 5), CheckpointSaved(5), elapsed_s=60.0)
    with pytest.raises(OSError, match="could not be brought up to date: no space left on the device"):
        write_all(recorder, RunEnded(Outcome.DONE, 5, "finished"))
    assert (folder.path / "run.json").read_bytes() == whole
    assert not (folder.path / "run.json.tmp").exists()


def test_without_run_json_the_folders_name_still_tells_lesson_and_time(tmp_path: Path) -> None:
    (tmp_path / "losses" / "20200102-030405").mkdir(parents=True)
    (record,) = past_runs(tmp_path)
    assert (record.lesson, record.outcome) == ("losses", "crashed")
    assert record.started is not None and record.started.replace(tzinfo=None) == datetime(2020, 1, 2, 3, 4, 5)
    assert record.damaged.startswith("run.json cannot be read")


def test_a_run_json_that_is_a_link_or_a_pipe_or_huge_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(json.dumps({"version": 1, "message": "secret"}))
    folders = [tmp_path / "losses" / f"2020010{n}-000000" for n in (1, 2, 3)]
    for folder in folders:
        folder.mkdir(parents=True)
    (folders[0] / "run.json").symlink_to(secret)
    os.mkfifo(folders[1] / "run.json")
    (folders[2] / "run.json").write_bytes(b" " * (2**20 + 1))
    records = past_runs(tmp_path)
    assert len(records) == 3
    assert all(record.damaged and record.message == "" for record in records)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["version", "lesson", "settings", "command", "started", "elapsed_s", "host", "pid", "gdtui", "outcome", "step"]
KEYS += ["checkpoint_step", "message", "learned", "metrics"]
json_objects = st.dictionaries(st.sampled_from(KEYS), json_values).map(
    lambda d: json.dumps({"version": 1} | d).encode()
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | json_objects)
def test_any_run_json_gives_a_record(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "losses" / "20200101-000000"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_bytes(content)
    record = read_record(folder)
    assert record.name == "losses/20200101-000000"
    assert record.outcome in ("done", "stopped", "diverged", "failed", "running", "crashed")
    assert all(isinstance(value, float) and np.isfinite(value) for value in record.metrics.values())
    assert all(isinstance(text, str) for pair in record.settings.items() for text in pair)
    assert 0 <= record.step < 2**63
    assert len(record.damaged.splitlines()) <= 1


def test_a_deeply_nested_run_json_is_damage_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("[" * 100_000)
    assert "damaged" in read_record(tmp_path).damaged


# --- lists of runs --------------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first_across_lessons(tmp_path: Path) -> None:
    for name in [
        "losses/20260101-000000",
        "himmelblau/20260101-000000-2",
        "losses/20260101-000000-10",
        "a/20251231-235959",
    ]:
        (tmp_path / name).mkdir(parents=True)
    assert [record.name for record in past_runs(tmp_path)] == [
        "losses/20260101-000000-10",
        "himmelblau/20260101-000000-2",
        "losses/20260101-000000",
        "a/20251231-235959",
    ]
    assert [record.name for record in past_runs(tmp_path, most=1)] == ["losses/20260101-000000-10"]


def test_other_folders_and_links_are_no_runs(tmp_path: Path) -> None:
    for name in ["losses/mine", "losses/20260101", ".git/20260101-000000", "losses/20260101-000000x"]:
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "losses" / "20260101-000001").symlink_to(tmp_path)
    (tmp_path / "losses" / "20260101-000002").write_text("")
    assert past_runs(tmp_path) == ()


def test_a_logdir_that_is_not_there_holds_no_runs(tmp_path: Path) -> None:
    assert past_runs(tmp_path / "logs") == ()
    with pytest.raises(RunError, match="holds no run"):
        find_run(tmp_path / "logs")


def test_of_ten_thousand_runs_only_as_many_are_opened_as_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = tmp_path / "losses"
    lesson.mkdir()
    for number in range(10_000):
        os.mkdir(f"{lesson}/20260101-{number // 3600:02}{number // 60 % 60:02}{number % 60:02}")  # noqa: PTH102
    opened = []
    original = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest: opened.append(path) or original(path, *rest))
    records = past_runs(tmp_path, most=20)
    assert [record.path.name for record in records[:2]] == ["20260101-024639", "20260101-024638"]
    assert len(records) == 20
    assert len(opened) <= 40


def test_a_run_is_found_by_its_name_its_time_or_as_the_newest(tmp_path: Path) -> None:
    for name in ["losses/20260101-000000", "himmelblau/20260102-000000"]:
        (tmp_path / name).mkdir(parents=True)
    assert find_run(tmp_path).name == "20260102-000000"
    assert find_run(tmp_path, "20260101-000000") == tmp_path / "losses" / "20260101-000000"
    assert find_run(tmp_path, "himmelblau/20260102-000000").parent.name == "himmelblau"
    for name in ["losses/20260102-000000", "../losses/20260101-000000", "", "losses", "a/losses/20260101-000000"]:
        with pytest.raises(RunError):
            find_run(tmp_path, name)


def test_reading_the_runs_imports_no_tensorflow() -> None:
    code = "import sys, engine.run.runs; print('tensorflow' in sys.modules, 'tensorboard' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["False", "False"]


def test_a_record_keeps_what_a_live_setting_was_at_the_start(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, "himmelblau", NOW) as folder:
        write_all(
            RunRecorder(folder),
            started(settings={"learning_rate": "0.1"}),
            SettingChanged(29, "learning_rate", "0.1", "0.2"),
            SettingChanged(40, "learning_rate", "0.2", "0.5"),
            RunEnded(Outcome.DONE, 50, "finished"),
        )
        record = read_record(folder.path)
    assert (record.settings, record.settings_at_start) == ({"learning_rate": "0.5"}, {"learning_rate": "0.1"})
