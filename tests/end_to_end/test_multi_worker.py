"""Two processes on loopback that train together, according to TF_CONFIG: the same steps as one process, the same
weights."""

from __future__ import annotations

import json
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from engine.events import Metrics
from engine.lessons import lesson
from engine.log.event_files import read_log
from engine.run.checkpoints import restore
from engine.run.run_record import read_record
from engine.settings import parse_settings
from tests.end_to_end.forge import Forge, Process

# 400 images in batches of 33, which two workers cannot share evenly; the last batch of an epoch has four.
SETTINGS = {
    "hidden": "64,32", "epochs": "2", "batch_size": "33", "optimizer": "adamw", "log_every": "5", "test_every": "0",
}  # fmt: skip
STEPS = 26

# Both workers save their weights at the end of the run; only the chief's are in a checkpoint.
LEAVE_WEIGHTS = """
import os
import numpy
from engine.training.loop import Trainer
end = Trainer.end
def ending(trainer):
    numpy.savez(os.environ["WEIGHTS"], **trainer.state())
    end(trainer)
Trainer.end = ending
"""


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def arguments(data: Path, settings: dict[str, str]) -> list[str]:
    given = {**settings, "data_dir": str(data), "strategy": "multi-worker"}
    options = [word for name, text in given.items() for word in (f"--{name.replace('_', '-')}", text)]
    return ["fashion-mnist", "--json", *options]


def start_both(forge: Forge, folder: Path, argv: list[str]) -> tuple[Process, Process]:
    """The chief and one worker, each in a new folder."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    started = []
    for index, name in enumerate(("chief", "worker")):
        (folder / name).mkdir()
        config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        environ = {"TF_CONFIG": json.dumps(config), "WEIGHTS": str(folder / f"{name}.npz")}
        started.append(forge.start(*argv, cwd=folder / name, environ=environ, before=LEAVE_WEIGHTS))
    return started[0], started[1]


def run_in(folder: Path) -> Path:
    (found,) = (folder / "chief" / "logs" / "fashion-mnist").iterdir()
    return found


def alone(data: Path) -> np.ndarray:
    """Every step's loss when one process takes the same batches."""
    found = lesson("fashion-mnist")
    events = found.run(parse_settings(found.settings, {**SETTINGS, "data_dir": str(data)}))
    return np.concatenate([event.loss for event in events if isinstance(event, Metrics)])


@pytest.mark.slow
def test_two_workers_take_the_steps_of_one_process_and_end_with_equal_weights(
    forge: Forge, data: Path, tmp_path: Path
) -> None:
    chief, worker = start_both(forge, tmp_path, arguments(data, SETTINGS))
    loss = np.concatenate([event["loss"] for event in chief.events() if event["event"] == "metrics"])
    told, quiet = chief.wait(), worker.wait()
    assert (told.code, quiet.code) == (0, 0)
    ours = np.load(tmp_path / "chief.npz")
    theirs = np.load(tmp_path / "worker.npz")
    assert set(ours.files) == set(theirs.files)
    for name in ours.files:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
    expected = alone(data)
    assert len(loss) == len(expected) == STEPS
    np.testing.assert_allclose(loss, expected, rtol=1e-3, atol=1e-5)
    # Only the chief writes.
    assert quiet.out == "" and len(quiet.said) == 1 and "worker 1 at 127.0.0.1:" in quiet.said[0]
    assert not list((tmp_path / "worker").iterdir())
    assert read_record(run_in(tmp_path)).outcome == "done"
    assert read_log(run_in(tmp_path)).scalars["train-loss"].steps[-1] == 25
    kept = restore(run_in(tmp_path)).snapshot
    assert kept.step == STEPS
    for name in ours.files:
        np.testing.assert_array_equal(kept.arrays[name], ours[name], err_msg=name)


@pytest.mark.slow
def test_a_worker_that_is_killed_ends_the_other_with_one_line(forge: Forge, data: Path, tmp_path: Path) -> None:
    chief, worker = start_both(forge, tmp_path, arguments(data, {**SETTINGS, "epochs": "10000"}))
    chief.until("metrics")
    worker.send(signal.SIGKILL)
    ended = chief.wait()
    assert ended.code == 1
    assert ended.said[0].startswith("gdtui: fashion-mnist: worker 1 at 127.0.0.1:")
    assert "is gone" in ended.said[0]
    kept = restore(run_in(tmp_path)).snapshot.step
    assert ended.said[1].startswith(f"gdtui: its checkpoint of step {kept} is kept")
    assert read_record(run_in(tmp_path)).outcome == "failed"
    worker.wait()


@pytest.mark.slow
def test_a_worker_that_is_stopped_stops_the_other_and_no_step_is_lost(forge: Forge, data: Path, tmp_path: Path) -> None:
    chief, worker = start_both(forge, tmp_path, arguments(data, {**SETTINGS, "epochs": "10000"}))
    chief.until("metrics")
    worker.send(signal.SIGTERM)
    stopped, ended = worker.wait(), chief.wait()
    assert (stopped.code, ended.code) == (128 + signal.SIGTERM, 1)
    assert ended.said[0] == "gdtui: fashion-mnist: another worker has stopped, and this one with it"
    last = [event for event in map(json.loads, ended.out.splitlines()) if event["event"] == "metrics"][-1]
    assert restore(run_in(tmp_path)).snapshot.step == last["first_step"] + len(last["loss"]) - 1


def test_a_worker_that_waits_for_the_others_can_be_stopped(forge: Forge, data: Path, tmp_path: Path) -> None:
    first, second = free_ports(2)
    config = {
        "cluster": {"worker": [f"127.0.0.1:{first}", f"127.0.0.1:{second}"]},
        "task": {"type": "worker", "index": 0},
    }
    chief = forge.start(*arguments(data, SETTINGS), cwd=tmp_path, environ={"TF_CONFIG": json.dumps(config)})
    chief.until("phase", name="waiting", detail=f"worker 1 at 127.0.0.1:{second}")
    chief.send(signal.SIGTERM)
    assert chief.wait().code == 128 + signal.SIGTERM


def test_a_worker_that_is_being_connected_can_be_stopped(forge: Forge, data: Path, tmp_path: Path) -> None:
    (mine,) = free_ports(1)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes every call, and is no worker
        theirs = f"127.0.0.1:{silent.getsockname()[1]}"
        config = {"cluster": {"worker": [f"127.0.0.1:{mine}", theirs]}, "task": {"type": "worker", "index": 0}}
        chief = forge.start(*arguments(data, SETTINGS), cwd=tmp_path, environ={"TF_CONFIG": json.dumps(config)})
        chief.until("phase", name="waiting", detail=f"the connection to worker 1 at {theirs}")
        chief.send(signal.SIGINT)
        assert chief.wait().code == 128 + signal.SIGINT


def test_a_bad_tf_config_is_one_line_and_no_folder(forge: Forge, data: Path, tmp_path: Path) -> None:
    config = {"cluster": {"worker": ["127.0.0.1:2222"]}, "task": {"type": "worker", "index": 1}}
    ended = forge.run(*arguments(data, SETTINGS), cwd=tmp_path, environ={"TF_CONFIG": json.dumps(config)})
    assert ended.code == 2 and ended.out == "" and not list(tmp_path.iterdir())
    assert len(ended.said) == 1 and "its cluster has no task" in ended.said[0]
