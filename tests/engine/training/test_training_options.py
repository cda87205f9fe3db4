"""The machine options of a classifier: precision, threads, device, replicas, workers. The steps are the same with all
of them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError, SettingError
from engine.events import Evaluated, Event, Metrics, Outcome, RunEnded, Snapshot
from engine.lazy import tf
from engine.lesson import Turn
from engine.lessons import lesson
from engine.run.runner import Runner
from engine.run.sinks import Mailbox
from engine.settings import parse_settings
from engine.training import batches, classifier, datasets, distributed
from engine.training.classifier_settings import ClassifierSettings
from engine.training.devices import Place, place
from engine.training.distributed import ClusterTask, Role, WorkerLost, gather, role
from engine.training.network import network
from tests.engine.idx import write_dataset
from tests.engine.trainers import begun

LESSON = lesson("fashion-mnist")
SMALL = {"epochs": "2", "batch_size": "32", "log_every": "10", "test_every": "0"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_dataset(tmp_path_factory.mktemp("data"), 400, 200))


def settings(data: str = "", **texts: str) -> ClassifierSettings:
    return parse_settings(ClassifierSettings, {**SMALL, "data_dir": data, **texts})


def run(data: str, **texts: str) -> list[Event]:
    return list(LESSON.run(parse_settings(LESSON.settings, {**SMALL, "data_dir": data, **texts})))


def losses(events: list[Event]) -> np.ndarray:
    return np.concatenate([event.loss for event in events if isinstance(event, Metrics)])


@pytest.fixture(scope="module")
def plain(data: str) -> list[Event]:
    return run(data)


# --- precision ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_in_mixed_precision_the_losses_follow_those_of_full_precision(data: str, plain: list[Event]) -> None:
    mixed = run(data, mixed_precision="on")
    assert losses(mixed) == pytest.approx(losses(plain), rel=0.1, abs=0.02)
    assert not np.array_equal(losses(mixed), losses(plain))
    assert [event for event in mixed if isinstance(event, Evaluated)][-1].accuracy > 0.9


@pytest.mark.parametrize(("policy", "half"), [("mixed_bfloat16", "bfloat16"), ("mixed_float16", "float16")])
def test_hidden_layers_compute_in_16_bits_and_weights_and_logits_have_32(policy: str, half: str) -> None:
    model = network(ClassifierSettings(), policy)
    *hidden, output = model.layers
    assert {layer.compute_dtype for layer in hidden} == {half}
    assert output.compute_dtype == "float32"
    assert {variable.dtype for variable in model.variables} == {"float32"}
    assert model(np.zeros((1, 784), np.float32)).dtype == tf.float32


@pytest.mark.slow
def test_float16_scales_the_loss_and_tells_the_norm_of_the_unscaled_gradients(data: str) -> None:
    found = []
    for here in (Place(), Place(policy="mixed_float16")):
        with begun(settings(data), place=here) as trainer:
            found.append(trainer.advance(0, 13))
    assert float(trainer.optimizer.dynamic_scale.numpy()) > 1000
    assert found[1].gradient_norm == pytest.approx(found[0].gradient_norm, rel=0.2)
    assert found[1].loss == pytest.approx(found[0].loss, rel=0.05)


@pytest.mark.slow
def test_a_run_in_mixed_precision_goes_on_number_for_number(data: str) -> None:
    chosen = parse_settings(LESSON.settings, {**SMALL, "data_dir": data, "mixed_precision": "on"})
    running = LESSON.run(chosen)
    events, kept, turn = [], None, None
    for _ in count():
        try:
            event = running.send(turn)
        except StopIteration:
            break
        events.append(event)
        if isinstance(event, Snapshot):
            kept = kept or (event, len(losses(events)))
        turn = Turn(chosen, 5, snapshot=kept is None and len(events) > 6)
    assert kept is not None and LESSON.resume is not None
    rest = losses(list(LESSON.resume(chosen, kept[0])))
    np.testing.assert_array_equal(rest, losses(events)[kept[1] :])


# --- threads and devices --------------------------------------------------------------------------------------


def test_threads_that_come_too_late_are_one_line(data: str) -> None:
    tf.constant(0)  # TensorFlow has started
    box = Mailbox()
    late = parse_settings(LESSON.settings, {**SMALL, "data_dir": data, "threads": "77"})
    runner = Runner(LESSON, late, [box], run="r")
    runner.start()
    assert runner.join(60)
    (ended,) = (each.event for each in box.take() if isinstance(each.event, RunEnded))
    assert (ended.outcome, ended.traceback) == (Outcome.FAILED, "")
    assert ended.message.startswith("--threads: 77 comes too late: TensorFlow has started with ")


def test_a_gpu_that_is_not_there_is_one_line() -> None:
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU")
    with pytest.raises(InputError, match=r"^--device: 'gpu' is not accepted: TensorFlow finds no GPU here"):
        place(settings(device="gpu"))


@pytest.mark.slow
def test_the_cpu_by_name_gives_the_numbers_of_the_cpu_by_choice(data: str, plain: list[Event]) -> None:
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU")
    np.testing.assert_array_equal(losses(run(data, device="cpu")), losses(plain))


def test_no_image_is_copied_for_tensorflow(data: str) -> None:
    dataset = datasets.load("fashion-mnist", data)
    images = dataset.train_images.reshape(-1, 784)
    assert np.shares_memory(np.asarray(memoryview(batches.tensor(images))), images)
    moved = np.concatenate([np.zeros(1, np.uint8), images.ravel()])[1:].reshape(images.shape)
    np.testing.assert_array_equal(batches.tensor(moved).numpy(), images)
    assert not images.flags.writeable


# --- replicas -------------------------------------------------------------------------------------------------

# A machine with three devices, in its own process: they are fixed before TensorFlow starts. So are threads.
MIRRORED = """
import json, sys
import numpy as np
import tensorflow as tf
from engine.training import classifier_trainer
from engine.events import Evaluated, Metrics
from engine.settings import parse_settings
from engine.lessons import lesson
from engine.training.network import network
cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 3)
found = lesson("fashion-mnist")
events = list(found.run(parse_settings(found.settings, json.loads(sys.argv[1]))))
trainer = classifier_trainer._trainers.last()
strategy = trainer.place.strategy
copies = [[copy.numpy() for copy in strategy.experimental_local_results(variable.value)] for variable in
          trainer.model.trainable_variables]
print(json.dumps({
    "replicas": strategy.num_replicas_in_sync,
    "loss": np.concatenate([event.loss for event in events if isinstance(event, Metrics)]).tolist(),
    "norms": [event.gradient_norm for event in events if isinstance(event, Metrics) and event.last_step == 10],
    "train": [event.train_accuracy for event in events if isinstance(event, Evaluated)],
    "equal": all(np.array_equal(each[0], copy) for each in copies for copy in each),
    "threads": tf.config.threading.get_intra_op_parallelism_threads(),
}))
"""


@pytest.mark.slow
def test_replicas_share_each_batch_and_take_the_steps_of_one(data: str, plain: list[Event]) -> None:
    """32 examples are 11 for two of the three devices and 10 for the last; 16 in the last batch are 11, 5 and none."""
    texts = {**SMALL, "data_dir": data, "strategy": "mirrored", "threads": "1"}
    asked = subprocess.run(
        [sys.executable, "-c", MIRRORED, json.dumps(texts)], capture_output=True, text=True, check=True
    )
    told = json.loads(asked.stdout)
    assert (told["replicas"], told["equal"], told["threads"]) == (3, True, 1)
    np.testing.assert_allclose(told["loss"], losses(plain), rtol=1e-3, atol=1e-5)
    norms = [event.gradient_norm for event in plain if isinstance(event, Metrics) and event.last_step == 10]
    assert told["norms"] == pytest.approx(norms, rel=1e-3)
    assert told["train"] == [event.train_accuracy for event in plain if isinstance(event, Evaluated)]


def test_the_shares_of_a_batch_are_the_batch(data: str) -> None:
    dataset = datasets.load("fashion-mnist", data)
    images = dataset.train_images.reshape(-1, 784)
    order = batches.epoch_order(400, 0, 1)
    each = batches.Batches(400, 32)
    for step in (0, 12):
        found, labels, weights = _gathered(each, images, dataset.train_labels, order, step)
        shares = [
            _gathered(each, images, dataset.train_labels, order, step, share=share, shares=3) for share in range(3)
        ]
        joined = [np.concatenate(parts) for parts in zip(*shares, strict=True)]
        counts = joined[2] > 0
        assert counts.sum() == (weights > 0).sum() == (32 if step == 0 else 16)
        assert joined[2].sum() == pytest.approx(1.0)
        np.testing.assert_array_equal(joined[0][counts], found[weights > 0])
        np.testing.assert_array_equal(joined[1][counts], labels[weights > 0])
        chosen = order.numpy()[step * 32 : (step + 1) * 32]
        np.testing.assert_array_equal(found[weights > 0], images[chosen])
        np.testing.assert_array_equal(labels[weights > 0], dataset.train_labels[chosen])


def _gathered(each: batches.Batches, *data: Any, **share: int) -> list[np.ndarray]:
    return [part.numpy() for part in each.gather(*data, **share)]


# --- TF_CONFIG ------------------------------------------------------------------------------------------------


def config(cluster: Any, task: Any) -> dict[str, str]:
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}


def test_worker_0_is_the_chief() -> None:
    cluster = {"worker": ["a:1", "b:2", "[::1]:3"]}
    found = [role(config(cluster, {"type": "worker", "index": index})) for index in (0, 1, "2")]
    assert [each.is_chief for each in found] == [True, False, False]
    assert [str(each.task) for each in found] == ["worker 0 at a:1", "worker 1 at b:2", "worker 2 at [::1]:3"]
    assert [each.address for each in found[1].others] == ["a:1", "[::1]:3"]


def test_a_chief_of_its_own_comes_before_the_workers_and_other_tasks_do_not_count() -> None:
    cluster = {"worker": ["b:2", "c:3"], "chief": ["a:1"], "evaluator": ["d:4"]}
    chief = role(config(cluster, {"type": "chief", "index": 0}))
    worker = role(config(cluster, {"type": "worker", "index": 0}))
    assert chief.is_chief and not worker.is_chief
    assert worker == Role(
        (ClusterTask("chief", 0, "a:1"), ClusterTask("worker", 0, "b:2"), ClusterTask("worker", 1, "c:3")), 1
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "multi-worker needs the variable TF_CONFIG"),
        ({"TF_CONFIG": " "}, "multi-worker needs the variable TF_CONFIG"),
        ({"TF_CONFIG": "{"}, "it is not JSON"),
        ({"TF_CONFIG": "[" * 10**5}, "it is not JSON"),
        ({"TF_CONFIG": "3"}, "it has no object 'cluster'"),
        ({"TF_CONFIG": '{"cluster": {"worker": ["a:1"]}}'}, "it has no object 'task'"),
        (config({}, {"type": "worker", "index": 0}), "cluster.worker is missing"),
        (config({"worker": "a:1"}, {"type": "worker", "index": 0}), "cluster.worker is not a list"),
        (config({"worker": ["a"]}, {"type": "worker", "index": 0}), 'cluster.worker holds "a", which is no host:port'),
        (config({"worker": [7]}, {"type": "worker", "index": 0}), "cluster.worker holds 7, which is no host:port"),
        (config({"worker": ["a:99999"]}, {"type": "worker", "index": 0}), "whose port is not one of 1 to 65535"),
        (config({"worker": ["a:1", "a:1"]}, {"type": "worker", "index": 0}), "its cluster has an address twice"),
        (config({"worker": ["a:1"], "chief": ["b:1", "c:1"]}, {"type": "worker", "index": 0}), "more than one address"),
        (config({"worker": ["a:1"]}, {"type": "worker", "index": 1}), 'its cluster has no task "worker" 1'),
        (config({"worker": ["a:1"]}, {"type": "worker", "index": -1}), 'its cluster has no task "worker" -1'),
        (config({"worker": ["a:1"]}, {"type": "ps", "index": 0}), 'its cluster has no task "ps" 0'),
        (config({"worker": ["a:1"]}, {"index": "\x1b[31m"}), 'its cluster has no task null "\\u001b[31m"'),
    ],
)
def test_a_tf_config_that_cannot_be_followed_is_one_line(environ: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        role(environ)
    text = str(caught.value)
    assert said in text and text.isprintable() and "host-0:2222" in text


def test_a_role_is_known_without_tensorflow() -> None:
    code = "import sys; from engine.training.distributed import role; print('tensorflow' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "False"


def test_workers_that_come_when_tensorflow_has_started_are_one_line(data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tf.constant(0)
    monkeypatch.setenv("TF_CONFIG", config({"worker": ["127.0.0.1:9"]}, {"type": "worker", "index": 0})["TF_CONFIG"])
    dataset = datasets.load("fashion-mnist", data)
    with pytest.raises(InputError, match="must be the first run of its process"):
        list(classifier.train(dataset, settings(data, strategy="multi-worker")))


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(SettingError, match="expected one of none, mirrored, multi-worker"):
        settings(strategy="parameter-server")


# --- meeting --------------------------------------------------------------------------------------------------


@pytest.fixture
def roles() -> tuple[Role, ...]:
    """Three workers on free ports of this machine."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    tasks = tuple(
        ClusterTask("worker", index, f"127.0.0.1:{each.getsockname()[1]}") for index, each in enumerate(sockets)
    )
    for each in sockets:
        each.close()
    return tuple(Role(tasks, number) for number in range(3))


def ticks() -> Iterator[float]:
    return (float(second) for second in count())


def test_workers_wait_until_all_of_them_are_there(roles: tuple[Role, ...]) -> None:
    first = gather(roles[0])
    assert [str(task) for task in next(first)] == [str(task) for task in roles[0].others]
    everybody = Barrier(3)

    def meet(role: Role, waiting: Iterator[tuple[ClusterTask, ...]]) -> bool:
        list(waiting)
        with distributed._listening(role):  # as TensorFlow's server does from here on
            everybody.wait(60)
        return True

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(meet, roles, (first, gather(roles[1]), gather(roles[2]))))


def test_workers_that_do_not_come_in_time_are_named(roles: tuple[Role, ...]) -> None:
    clock = ticks()
    waiting = gather(roles[1], patience_s=3.0, clock=lambda: next(clock), pause=lambda _: None)
    with pytest.raises(WorkerLost) as caught:
        list(waiting)
    assert str(caught.value) == f"{roles[0].tasks[0]}, {roles[0].tasks[2]}: not there within 3 s"


def test_a_port_that_another_program_has_is_one_line(roles: tuple[Role, ...]) -> None:
    port = int(roles[0].task.address.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)), pytest.raises(InputError) as caught:
        next(gather(roles[0]))
    assert str(caught.value).startswith(f"TF_CONFIG: worker 0 at 127.0.0.1:{port}: cannot listen at its port {port} (")


def test_one_worker_alone_waits_for_nobody() -> None:
    assert not list(gather(Role((ClusterTask("worker", 0, "127.0.0.1:9"),), 0)))


def test_who_stops_waiting_lets_the_port_go(roles: tuple[Role, ...]) -> None:
    waiting = gather(roles[0])
    next(waiting)
    waiting.close()
    assert not distributed._answers(roles[0].task.address)
