"""Small runs, the comparison of two of them, and actions on their folders."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.log.event_files import read_log
from engine.run.checkpoints import restore
from engine.run.run_record import read_record

EPOCHS, STEPS_AN_EPOCH = 6, 13
STEPS = EPOCHS * STEPS_AN_EPOCH


def small_run(data: Path) -> list[str]:
    """The arguments of a run of six epochs of thirteen steps, logged every ten and tested every seven, of a network of
    two layers, which compiles in half of the time."""
    given = {"data-dir": data, "hidden": 32, "epochs": EPOCHS, "batch-size": 32, "log-every": 10, "test-every": 7}
    return ["fashion-mnist", *(text for name, value in given.items() for text in (f"--{name}", str(value)))]


def run_in(folder: Path) -> Path:
    """The one run's folder below a working folder."""
    (found,) = (folder / "logs" / "fashion-mnist").iterdir()
    return found


def name_of(run: Path) -> str:
    return f"{run.parent.name}/{run.name}"


def assert_same_run(run: Path, whole: Path) -> None:
    """The last checkpoints hold the same numbers bit for bit, and the logs the same steps and the same numbers."""
    ours, theirs = restore(run).snapshot, restore(whole).snapshot
    assert (ours.step, ours.epoch) == (theirs.step, theirs.epoch) == (STEPS, EPOCHS + 1)
    assert ours.arrays.keys() == theirs.arrays.keys()
    for name, array in theirs.arrays.items():
        np.testing.assert_array_equal(ours.arrays[name], array, err_msg=name)
    assert_same_log(run, whole)
    assert read_record(run).outcome == "done"


def assert_same_log(run: Path, whole: Path) -> None:
    ours, theirs = read_log(run), read_log(whole)
    assert ours.scalars.keys() == theirs.scalars.keys()
    for tag, series in theirs.scalars.items():
        np.testing.assert_array_equal(ours.scalars[tag].steps, series.steps, err_msg=tag)
        if tag != "steps-per-second":
            np.testing.assert_array_equal(ours.scalars[tag].values, series.values, err_msg=tag)
    assert {tag: [each.step for each in kept] for tag, kept in ours.images.items()} == {
        tag: [each.step for each in kept] for tag, kept in theirs.images.items()
    }


def repeated_steps(run: Path) -> list[int]:
    """Steps of the loss that are in the files more than once, according to TensorBoard's reader for programs."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(str(run), size_guidance={"tensors": 0})
    log.Reload()
    steps = [event.step for event in log.Tensors("train-loss")]
    return [step for step in steps if steps.count(step) > 1]


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@contextlib.contextmanager
def mounted(*how: str, at: Path, again: str = "") -> Iterator[None]:
    """Mount something at a folder. Skips the test if even root may not."""
    done = subprocess.run(["mount", *how, str(at)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no mount: {done.stderr.strip()}")
    try:
        if again:
            subprocess.run(["mount", "-o", again, str(at)], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@contextlib.contextmanager
def gone(pid: int) -> Iterator[None]:
    """Wait after its block until a process, not a child of ours, has ended; it may have ended before."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        yield
        return
    try:
        yield
        assert select.select([watched], [], [], 120)[0]
    finally:
        os.close(watched)
