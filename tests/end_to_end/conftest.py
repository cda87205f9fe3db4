"""Fixtures of whole processes: an environment; and of the tests of faults: a forge of processes, small data, an
undisturbed run, an interrupted one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.forge import Forge
from tests.end_to_end.small_runs import run_in, small_run
from tests.engine.idx import write_dataset


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A new environment: nothing of the user's who runs the tests, whose XDG_CONFIG_HOME and XDG_CACHE_HOME the tests
    have set."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("COV", "PATH", "LD_", "HOME", "PYTHONPATH", "XDG_C"))
    }
    return {**kept, "XDG_STATE_HOME": str(tmp_path / "state"), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}


@pytest.fixture(scope="session")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    made = Forge(tmp_path_factory.mktemp("forge"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), 400, 200)


@pytest.fixture(scope="session")
def arguments(data: Path) -> list[str]:
    """The arguments of a small run that prints JSON."""
    return [*small_run(data), "--json"]


@pytest.fixture(scope="session")
def going_on(data: Path) -> list[str]:
    """The arguments that resume the newest such run."""
    return ["--resume", "--data-dir", str(data), "--json"]


@pytest.fixture(scope="session")
def whole(forge: Forge, arguments: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the undisturbed run."""
    folder = tmp_path_factory.mktemp("whole")
    assert forge.run(*arguments, cwd=folder).code == 0
    return run_in(folder)


@pytest.fixture(scope="session")
def stopped(forge: Forge, arguments: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a run that was stopped after its second epoch, and goes on at full speed."""
    folder = tmp_path_factory.mktemp("stopped")
    process = forge.start(*arguments, "--speed", "40", "--checkpoint-every", "0.2", cwd=folder)
    process.until("evaluated", epoch=2)
    process.send(signal.SIGTERM)
    process.wait()
    assert len(list(run_in(folder).glob("checkpoints/*.json"))) == 2
    return folder
