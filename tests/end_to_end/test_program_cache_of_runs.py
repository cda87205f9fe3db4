"""The program cache between real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.log.event_files import read_log
from engine.program_cache import FLAGS
from tests.end_to_end.small_runs import small_run

pytestmark = pytest.mark.slow


def loss_of(folder: Path, data: Path, *argv: str) -> np.ndarray:
    """The losses of a small run in its own process."""
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if name != FLAGS}
    environ = {**kept, "XDG_CACHE_HOME": str(folder.parent / "cache"), "XDG_STATE_HOME": str(folder.parent / "state")}
    command = [sys.executable, "-m", "tui", *small_run(data), "--no-ui", "--quiet", *argv]
    subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
    (run,) = (folder / "logs" / "fashion-mnist").iterdir()
    return read_log(run).scalars["train-loss"].values


def programs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("cache/gdtui/programs/*/*")}


def test_a_run_with_kept_or_damaged_programs_has_the_losses_of_one_that_compiles(data: Path, tmp_path: Path) -> None:
    first = loss_of(tmp_path / "first", data)
    compiled = programs(tmp_path)
    assert compiled
    second = loss_of(tmp_path / "second", data)
    assert programs(tmp_path) == compiled  # nothing was compiled again: the bytes would differ
    for path in tmp_path.glob("cache/gdtui/programs/*/*"):
        path.write_bytes(path.read_bytes()[:1000])
    third = loss_of(tmp_path / "third", data)
    assert programs(tmp_path)
    assert all(len(program) > 1000 for program in programs(tmp_path).values())
    for losses in (second, third):
        np.testing.assert_array_equal(losses, first)
