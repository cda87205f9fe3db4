"""Real faults during a run: real processes, signals, full disks, damaged files.

GDTUI_KILLS is how often the run of the kill test is killed; 50 take some minutes.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.log.event_files import read_log
from engine.run.checkpoints import Checkpoints, NoCheckpoint, restore
from engine.run.run_folder import RunFolder
from engine.run.run_record import read_record
from tests.end_to_end.forge import Ended, Forge, Process
from tests.end_to_end.small_runs import (
    STEPS,
    assert_same_log,
    assert_same_run,
    damage,
    fill,
    mounted,
    name_of,
    repeated_steps,
    run_in,
)

KILLS = int(os.environ.get("GDTUI_KILLS", "4"))
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may mount")


# --- killed ---------------------------------------------------------------------------------------------------


def test_a_run_killed_at_random_moments_ends_with_the_numbers_of_one_that_was_not(
    forge: Forge, arguments: list[str], going_on: list[str], whole: Path, tmp_path: Path
) -> None:
    moments = random.Random(2026)
    kills = trials = 0
    while kills < KILLS:
        trials += 1
        folder = tmp_path / str(trials)
        folder.mkdir()
        begin = [*arguments, "--speed", "60", "--checkpoint-every", "0.1"]
        process = forge.start(*begin, cwd=folder)
        while True:
            if kills < KILLS and has_come_to(process, "compiling" if kills % 5 == 3 else "running"):
                time.sleep(moments.uniform(0.0, 0.6))  # nothing is awaited: the moment is random
                process.send(signal.SIGKILL)
                kills += 1
            ended = process.wait()
            if ended.code == 0:
                break
            if ended.code == 4:  # killed before its first checkpoint: there is nothing to resume
                newest = f"the newest, {name_of(run_in(folder))}, left no checkpoint"
                assert ended.said == [f"gdtui: {folder}/logs holds no run that can be resumed: {newest}"]
                shutil.rmtree(folder / "logs")
                process = forge.start(*begin, cwd=folder)
                continue
            assert ended.code == 128 + signal.SIGKILL
            assert reported_checkpoint(ended, run_in(folder)) <= read_or_none(run_in(folder))
            outcome = read_record(run_in(folder)).outcome
            if outcome == "done":  # everything was written, and the process was about to end
                break
            assert outcome == "crashed"
            process = forge.start(*going_on, "--checkpoint-every", "0.1", cwd=folder)
        run = run_in(folder)
        assert_same_run(run, whole)
        assert repeated_steps(run) == []
        assert not list(run.glob("**/*.tmp"))


def has_come_to(process: Process, phase: str) -> bool:
    """Wait for a phase of the process; returns whether it was reached."""
    return any(event["event"] == "phase" and event["name"] == phase for event in process.events())


def reported_checkpoint(ended: Ended, run: Path) -> int:
    """The step of the checkpoint that was reported as kept; -1 if there was none."""
    words = rf"gdtui: {name_of(run)} was killed or crashed, perhaps for want of memory; more may be in \S+\.log"
    kept = rf"(?:; its checkpoint of step (\d+) is kept; go on with: gdtui --resume {name_of(run)} --data-dir \S+)?"
    found = re.fullmatch(words + kept, ended.said[-1])
    assert found is not None
    return int(found[1] or -1)


def read_or_none(run: Path) -> int:
    """The step of the existing checkpoint; -1 if there is none."""
    with contextlib.suppress(NoCheckpoint):
        return restore(run).snapshot.step
    return -1


# --- stopped by signals ---------------------------------------------------------------------------------------


def test_a_signal_leaves_a_checkpoint_of_the_last_step_and_the_run_goes_on_from_there(
    forge: Forge, arguments: list[str], data: Path, going_on: list[str], whole: Path, tmp_path: Path
) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    processes = []
    for number in numbers:
        (tmp_path / number.name).mkdir()
        processes.append(forge.start(*arguments, "--speed", "12", cwd=tmp_path / number.name))

    def signal_after_tests(process: Process, tests: int, number: signal.Signals) -> None:
        for _ in range(tests):
            process.until("evaluated")
        process.send(number)

    with ThreadPoolExecutor() as pool:  # each at its own time: one that waits for another may have ended by then
        list(pool.map(signal_after_tests, processes, (1, 2, 3), numbers))
    for process, number in zip(processes, numbers, strict=True):
        ended, run = process.wait(), run_in(tmp_path / number.name)
        assert ended.code == 128 + number
        step = restore(run).snapshot.step
        assert 0 < step < STEPS
        how = f"go on with: gdtui --resume {name_of(run)} --data-dir {data}"
        assert f"; {how}" in ended.err
        if "before it could end in order" not in ended.err:  # as where others have the machine for two seconds
            assert read_record(run).outcome == "stopped"
            kept = f"gdtui: its checkpoint of step {step} is kept; {how}"
            assert ended.said[:2] == [f"gdtui: fashion-mnist: stopped after step {step}", kept]
    resumed = forge.start(*going_on, "--speed", "0", cwd=tmp_path / "SIGHUP")
    assert resumed.until("run_started")["resumed_step"] == step
    assert resumed.until("metrics")["first_step"] == step + 1
    assert read_record(run).outcome in ("running", "done")
    assert resumed.wait().code == 0
    assert_same_run(run, whole)


def test_a_run_that_another_process_has_is_left_alone_and_named(forge: Forge, stopped: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    before = sorted(run.rglob("*"))
    with RunFolder.reopen(run):
        for argv in (["--resume"], ["--resume", name_of(run)], ["--resume", f"logs/{name_of(run)}/"]):
            second = forge.run(*argv, cwd=folder)
            assert second.code == 5
            assert second.said == [
                f"gdtui: {run}: process {os.getpid()} is writing into this run; stop it first, or choose another run"
            ]
    assert sorted(run.rglob("*")) == before


def test_a_folder_of_data_that_only_a_checkpoint_names_is_not_read(
    forge: Forge, stopped: Path, data: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    before = sorted(run.rglob("*"))
    ended = forge.run("--resume", cwd=folder)
    assert (ended.code, ended.out) == (2, "")
    refused = f"{name_of(run)} reads the folder {data}, and none is read that only a checkpoint names"
    assert ended.said == [f"gdtui: {refused}; add --data-dir {data}"]
    assert sorted(run.rglob("*")) == before


# --- checkpoints that do not restore --------------------------------------------------------------------------


def test_a_damaged_newest_checkpoint_falls_back_to_the_one_before_and_says_so(
    forge: Forge, stopped: Path, going_on: list[str], whole: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    older, newest = sorted((run / "checkpoints").glob("*.npz"))
    damage(newest)
    ended = forge.run(*going_on, "--speed", "0", cwd=folder)
    assert ended.code == 0
    assert ended.said[0].startswith(f"gdtui: {newest.stem} cannot be used: its arrays are damaged")
    before, done = int(older.stem.split("-")[1]), int(newest.stem.split("-")[1])
    goes_on = f"gdtui: {name_of(run)} goes on after step {before}; steps {before + 1} to {done} are taken again"
    assert ended.said[1] == goes_on
    assert_same_run(run, whole)
    assert repeated_steps(run) == []


def test_where_no_checkpoint_restores_the_reason_is_reported_and_no_run_begins(
    forge: Forge, stopped: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    for arrays in (run / "checkpoints").glob("*.npz"):
        damage(arrays)
    before = sorted(run.rglob("*"))
    ended = forge.run("--resume", name_of(run), cwd=folder)
    assert ended.code == 4
    assert len(ended.said) == 1
    assert re.match(rf"gdtui: {name_of(run)} cannot be resumed: step-0+\d+ cannot be used: its arrays", ended.said[0])
    assert sorted(run.rglob("*")) == before
    shutil.rmtree(run / "checkpoints")
    ended = forge.run("--resume", name_of(run), cwd=folder)
    assert (ended.code, ended.said) == (4, [f"gdtui: {name_of(run)} cannot be resumed: it holds no checkpoint"])


def test_a_checkpoint_of_the_version_before_is_refused_in_one_line(forge: Forge, stopped: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    for manifest in (run / "checkpoints").glob("*.json"):
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 1}))
    before = sorted(run.rglob("*"))
    ended = forge.run("--resume", name_of(run), cwd=folder)
    newest = max((run / "checkpoints").glob("*.json")).stem
    why = f"{newest} cannot be used: an earlier version of gdtui wrote it; start its lesson again"
    assert (ended.code, ended.said) == (4, [f"gdtui: {name_of(run)} cannot be resumed: {why}"])
    assert sorted(run.rglob("*")) == before


def test_a_checkpoint_of_another_network_is_refused_and_going_on_is_not_advised(
    forge: Forge, stopped: Path, going_on: list[str], tmp_path: Path
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "work")
    run = run_in(folder)
    found = restore(run)
    others = {**found.snapshot.arrays, "model/0": np.zeros((784, 16), np.float32)}
    Checkpoints(run, found.lesson).save(replace(found.snapshot, arrays=others), found.settings)
    ended = forge.run(*going_on, cwd=folder)
    assert ended.code == 4
    (why,) = [line for line in ended.said if "does not fit" in line]
    assert why.endswith("model/0: expected float32 [784, 32], found float32 [784, 16]")
    assert "go on with" not in ended.err


# --- nowhere to write -----------------------------------------------------------------------------------------


def test_without_a_folder_to_write_to_the_error_comes_before_anything_else(forge: Forge, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "fashion-mnist").touch()
    for logdir, reason in (
        ("file", "--logdir: 'file' is a file; expected a folder's path"),
        ("file/below", "is not accepted: Not a directory"),
        ("logs", "fashion-mnist: it is a file, not a folder"),
        ("/proc/logs", "no run can be logged in /proc/logs: "),
    ):
        ended = forge.run("fashion-mnist", "--no-ui", "--logdir", logdir, cwd=tmp_path)
        assert (ended.code, ended.out, len(ended.said)) == (2, "", 1)
        assert reason in ended.said[0]


@needs_root
def test_a_logdir_that_is_read_only_is_reported_before_anything_else(
    forge: Forge, stopped: Path, tmp_path: Path
) -> None:
    logs = shutil.copytree(stopped / "logs", tmp_path / "logs")
    with mounted("--bind", str(logs), at=logs, again="remount,ro,bind"):
        for argv in (["fashion-mnist", "--no-ui"], ["--resume"]):
            ended = forge.run(*argv, cwd=tmp_path)
            assert (ended.code, ended.out, len(ended.said)) == (2, "", 1)
            assert ended.said[0].endswith("the file system is read-only")


def test_files_that_may_not_grow_cost_the_checkpoints_and_not_the_run(
    forge: Forge, arguments: list[str], whole: Path, tmp_path: Path
) -> None:
    ended = forge.run(*arguments, cwd=tmp_path, limits={resource.RLIMIT_FSIZE: 2**18})
    assert ended.code == 1
    (lost,) = [line for line in ended.said if "are lost" in line]
    begin = (
        f"gdtui: no checkpoint of it could be saved: its {STEPS} steps are lost; once its folder can be written to, "
    )
    assert lost.startswith(f"{begin}run it again: gdtui fashion-mnist ")
    assert ended.said[0] == "gdtui: no checkpoint could be saved at step 0: File too large"
    assert_same_log(run_in(tmp_path), whole)


@pytest.mark.slow
@needs_root
def test_a_full_disk_costs_the_log_and_the_newest_checkpoint_and_room_brings_all_back(
    forge: Forge, arguments: list[str], going_on: list[str], whole: Path, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=8m", "tmpfs", at=logs):
        process = forge.start(*arguments, "--speed", "20", "--checkpoint-every", "0.2", cwd=tmp_path)
        process.until("checkpoint_saved")
        fill(logs / "ballast")
        process.until("log_failed")
        process.until("evaluated", epoch=3)
        process.send(signal.SIGTERM)
        ended = process.wait()
        assert ended.code == 143
        assert sum("no checkpoint could be saved" in line for line in ended.said) == 1
        assert sum("the log in" in line for line in ended.said if "no space left" in line) == 1
        kept = restore(run_in(tmp_path)).snapshot.step
        lost = rf"its checkpoint of step {kept} is kept, steps {kept + 1} to \d+ are lost; go on with: gdtui --resume"
        assert any(re.search(lost, line) for line in ended.said)
        (logs / "ballast").unlink()
        assert forge.run(*going_on, "--speed", "0", cwd=tmp_path).code == 0
        assert_same_run(run_in(tmp_path), whole)


@needs_root
def test_a_last_checkpoint_that_finds_no_room_is_a_failure_and_what_is_advised_works(
    forge: Forge, arguments: list[str], whole: Path, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=12m", "tmpfs", at=logs):
        process = forge.start(*arguments, "--speed", "40", "--checkpoint-every", "86400", cwd=tmp_path)
        process.until("evaluated", epoch=3)
        fill(logs / "ballast")
        ended = process.wait()
        assert ended.code == 1
        run = run_in(tmp_path)
        kept = restore(run).snapshot.step
        (advice,) = [line for line in ended.said if "go on with: " in line]
        told, _, command = advice.partition("go on with: ")
        lost = f"steps {kept + 1} to {STEPS} are lost; once its folder can be written to, "
        assert told == f"gdtui: its checkpoint of step {kept} is kept, {lost}"
        (logs / "ballast").unlink()
        again = forge.run(*shlex.split(command)[1:], "--speed", "0", "--json", cwd=tmp_path)
        assert again.code == 0
        assert_same_run(run, whole)
        assert forge.run(*shlex.split(command)[1:], cwd=tmp_path).said == [
            f"gdtui: {name_of(run)} has finished its 6 epochs; with a larger --epochs it goes on"
        ]


@pytest.mark.slow
def test_a_logdir_that_vanishes_is_reported_once_and_the_run_goes_on_in_a_new_one(
    forge: Forge, arguments: list[str], whole: Path, tmp_path: Path
) -> None:
    process = forge.start(*arguments, "--speed", "30", "--checkpoint-every", "0.2", cwd=tmp_path)
    process.until("evaluated")
    name = name_of(run_in(tmp_path))
    (tmp_path / "logs").rename(
        tmp_path / "gone"
    )  # at once: what is deleted file by file may be written again meanwhile
    shutil.rmtree(tmp_path / "gone", ignore_errors=True)
    ended = process.wait()
    assert ended.code == 0
    assert sum("the event file vanished" in line or "no such file" in line for line in ended.said) == 1
    run = tmp_path / "logs" / name
    ours, theirs = restore(run).snapshot, restore(whole).snapshot
    for part, array in theirs.arrays.items():
        np.testing.assert_array_equal(ours.arrays[part], array)
    assert read_record(run).outcome == "done"


# --- numbers that are not finite ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_run_that_diverges_keeps_its_last_finite_checkpoint_and_says_what_to_try(
    forge: Forge, arguments: list[str], data: Path, going_on: list[str], tmp_path: Path
) -> None:
    wild = [*arguments, "--hidden", "64,32,16", "--optimizer", "sgd", "--learning-rate", "1000"]
    ended = forge.run(*wild, cwd=tmp_path)
    run = run_in(tmp_path)
    assert ended.code == 3
    step = read_record(run).step
    diverged = rf"gdtui: fashion-mnist diverged: .* is not finite at step {step}, learning rate 1000; try: (.*)"
    again = re.fullmatch(diverged, ended.said[0])
    assert again is not None
    assert shlex.split(again[1])[:2] == ["gdtui", "fashion-mnist"]
    assert "--learning-rate 330" in again[1]
    found = restore(run).snapshot
    assert found.step < step
    assert all(np.isfinite(array).all() for part, array in found.arrays.items() if not part.startswith("run/"))
    how = f"gdtui --resume {name_of(run)} --data-dir {data} --learning-rate 330"
    assert ended.said[1] == f"gdtui: its checkpoint of step {found.step} is kept; go on with: {how}"

    refused = forge.run(*going_on[:-1], cwd=tmp_path)
    assert (refused.code, len(refused.said)) == (3, 1)
    assert refused.said[0].endswith(f"try: {how}")

    calm = forge.run(*going_on, "--learning-rate", "0.05", cwd=tmp_path)
    assert calm.code == 0
    assert repeated_steps(run) == []
    log = read_log(run).scalars["learning-rate"]
    assert set(log.values[log.steps > found.step].tolist()) == {float(np.float32(0.05))}


# --- no memory, no TensorFlow, bugs ---------------------------------------------------------------------------


def test_out_of_memory_is_a_line_that_says_where_more_is(forge: Forge, arguments: list[str], tmp_path: Path) -> None:
    # No more than it has when it begins: what is needed then fails in Python or in native code, as it comes.
    before = (
        "import resource; size = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize() + 2**24;"
        "resource.setrlimit(resource.RLIMIT_AS, (size, size))"
    )
    ended = forge.run(*arguments, cwd=tmp_path, before=before)
    assert ended.code not in (0, 2)
    line = next(line for line in ended.said if "; more " in line)
    log = re.search(r"; more (?:is|may be) in (\S+\.log)", line)
    assert log is not None
    assert re.search("Memory|memory|Fatal Python error|bad_alloc|Thread", Path(log[1]).read_text(errors="replace"))


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--xla_nonsense=1", "Unknown flag in XLA_FLAGS: --xla_nonsense=1"),
        ("nowhere", 'Could not open file "nowhere" to read flags for environment variable "XLA_FLAGS".'),
    ],
)
def test_flags_that_tensorflow_ends_for_are_reported_in_its_own_words(
    forge: Forge, arguments: list[str], tmp_path: Path, flags: str, said: str
) -> None:
    ended = forge.run(*arguments, cwd=tmp_path, environ={"XLA_FLAGS": flags})
    assert ended.code not in (0, 2)
    assert ended.said[-1].startswith(f"gdtui: {name_of(run_in(tmp_path))} crashed: {said}")
    assert "memory" not in ended.err


def test_a_tensorflow_that_does_not_load_is_one_line_in_a_logged_run_too(forge: Forge, tmp_path: Path) -> None:
    broken = (
        "import sys\nfor name in [*sys.modules]:\n    if name.split('.')[0] == 'tensorflow': del sys.modules[name]\n"
        "sys.modules['tensorflow'] = None"
    )
    ended = forge.run("fashion-mnist", "--no-ui", cwd=tmp_path, before=broken)
    assert (ended.code, len(ended.said)) == (1, 1)
    told = re.fullmatch(r"gdtui: fashion-mnist failed: ModuleNotFoundError: .*; more is in (\S+)", ended.said[0])
    assert told is not None
    assert "Traceback" in Path(told[1]).read_text()
    assert read_record(run_in(tmp_path)).outcome == "failed"


def test_a_bug_before_a_run_begins_is_one_line_and_a_traceback_in_the_log(forge: Forge, tmp_path: Path) -> None:
    before = "from tui.headless.session import HeadlessSession; HeadlessSession._open = None"
    ended = forge.run("losses", "--no-ui", cwd=tmp_path, before=before)
    assert ended.code == 1
    assert len(ended.said) == 1
    told = re.fullmatch(r"gdtui: something went wrong: TypeError: .*; more is in (\S+)", ended.said[0])
    assert told is not None
    assert "Traceback" in Path(told[1]).read_text()


def test_a_bug_in_what_is_printed_leaves_the_run_s_checkpoint_and_log(
    forge: Forge, arguments: list[str], tmp_path: Path
) -> None:
    before = (
        "from tui.headless.json_report import JsonReport; was = JsonReport.text\n"
        "JsonReport.text = lambda self, each: 1 / 0 if type(each.event).__name__ == 'Evaluated' else was(self, each)"
    )
    ended = forge.run(*arguments, "--speed", "20", cwd=tmp_path, before=before)
    assert ended.code == 1
    assert ended.said[0].startswith("gdtui: something went wrong: ZeroDivisionError: division by zero; more is in ")
    record = read_record(run_in(tmp_path))
    assert record.outcome == "stopped"
    assert restore(run_in(tmp_path)).snapshot.step == record.step > 0
