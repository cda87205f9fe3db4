"""What the tests of faults share: a forge of processes, small data, a run to which nothing happened, one cut short."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.forge import Forge
from tests.end_to_end.small_runs import run_in, small_run
from tests.engine.idx import write_dataset


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
    """A small run that prints JSON."""
    return [*small_run(data), "--json"]


@pytest.fixture(scope="session")
def going_on(data: Path) -> list[str]:
    """The arguments that go on with the newest such run."""
    return ["--resume", "--data-dir", str(data), "--json"]


@pytest.fixture(scope="session")
def whole(forge: Forge, arguments: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run that nothing happened to."""
    folder = tmp_path_factory.mktemp("whole")
    assert forge.run(*arguments, cwd=folder).code == 0
    return run_in(folder)


@pytest.fixture(scope="session")
def stopped(forge: Forge, arguments: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a run that was stopped behind its second epoch, at full speed from there on."""
    folder = tmp_path_factory.mktemp("stopped")
    process = forge.start(*arguments, "--speed", "40", "--checkpoint-every", "0.2", cwd=folder)
    process.until("evaluated", epoch=2)
    process.send(signal.SIGTERM)
    process.wait()
    assert len(list(run_in(folder).glob("checkpoints/*.json"))) == 2
    return folder
