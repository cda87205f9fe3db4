"""Lessons 6 and 7 on small data; tests in tests/end_to_end train on all of Fashion-MNIST."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from engine.errors import InputError
from engine.events import (
    CheckpointSaved,
    Diverged,
    Evaluated,
    Event,
    Histograms,
    Images,
    Learned,
    Metrics,
    Outcome,
    Remark,
    RunEnded,
    SettingChanged,
    Snapshot,
)
from engine.lazy import tf
from engine.lesson import Turn
from engine.lessons import lesson
from engine.run.checkpoints import Checkpoints, restore
from engine.run.runner import Runner
from engine.run.sinks import Mailbox
from engine.settings import Settings, parse_settings
from engine.training import classifier_trainer, variables
from engine.training.batches import epoch_order
from engine.training.classifier import train
from engine.training.classifier_settings import ClassifierSettings
from engine.training.datasets import load
from engine.training.loop import Trainer
from tests.engine.idx import write_dataset
from tests.engine.trainers import begun

E = TypeVar("E", bound=Event)
TRAIN, TEST, BATCH = 400, 200, 32
STEPS_AN_EPOCH = 13  # 400 / 32, rounded up


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_dataset(tmp_path_factory.mktemp("data"), TRAIN, TEST))


def small(data: str, lesson_id: str = "fashion-mnist", **texts: str) -> Settings:
    given = {"data_dir": data, "epochs": "3", "batch_size": str(BATCH), "log_every": "10", "test_every": "0"}
    return parse_settings(lesson(lesson_id).settings, {**given, **texts})


def run(data: str, lesson_id: str = "fashion-mnist", **texts: str) -> list[Event]:
    return list(lesson(lesson_id).run(small(data, lesson_id, **texts)))


def only(events: Iterable[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def losses(events: Iterable[Event]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.float32), *(event.loss for event in only(events, Metrics))])


@pytest.fixture(scope="module")
def plain(data: str) -> list[Event]:
    return run(data)


def test_every_step_is_reported_once(plain: list[Event]) -> None:
    steps = [step for event in only(plain, Metrics) for step in range(event.first_step, event.last_step + 1)]
    assert steps == list(range(1, 3 * STEPS_AN_EPOCH + 1))


def test_an_epoch_ends_with_a_test_of_every_test_image(plain: list[Event]) -> None:
    tests = only(plain, Evaluated)
    assert [(each.step, each.epoch) for each in tests] == [(13, 1), (26, 2), (39, 3)]
    for each in tests:
        assert each.confusion.sum() == TEST
        assert each.accuracy == pytest.approx(np.trace(each.confusion) / TEST)
        assert each.train_accuracy is not None
        assert 0 <= each.train_accuracy <= 1


def test_the_network_learns(data: str) -> None:
    assert only(run(data, epochs="12"), Evaluated)[-1].accuracy > 0.95


def test_the_first_loss_is_near_that_of_guessing(plain: list[Event]) -> None:
    assert only(plain, Metrics)[0].loss[0] == pytest.approx(np.log(10), rel=0.2)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(data: str, plain: list[Event]) -> None:
    np.testing.assert_array_equal(losses(run(data)), losses(plain))
    assert not np.array_equal(losses(run(data, seed="1")), losses(plain))


def test_how_many_steps_an_event_carries_changes_no_number(data: str, plain: list[Event]) -> None:
    settings = small(data)
    running = lesson("fashion-mnist").run(settings)
    events = [next(running)]
    try:
        while True:
            events.append(running.send(Turn(settings, 1)))
    except StopIteration:
        pass
    assert all(event.steps == 1 for event in only(events, Metrics)[1:])
    np.testing.assert_array_equal(losses(events), losses(plain))
    assert [each.accuracy for each in only(events, Evaluated)] == [each.accuracy for each in only(plain, Evaluated)]


def test_the_gradient_norm_is_known_at_every_logged_step(plain: list[Event]) -> None:
    ends = {event.last_step for event in only(plain, Metrics)}
    assert {10, 20, 30} <= ends


def test_a_test_inside_an_epoch_is_asked_for_by_steps(data: str) -> None:
    tests = only(run(data, test_every="5"), Evaluated)
    assert [each.step for each in tests] == [5, 10, 13, 15, 20, 25, 26, 30, 35, 39]
    assert [each.step for each in tests if each.epoch is None] == [5, 10, 15, 20, 25, 30, 35]


def test_images_histograms_and_words_come_with_an_epoch(plain: list[Event]) -> None:
    images = only(plain, Images)
    assert [each.tag for each in images[:3]] == ["Training sample:", "val-onebyone-images:", "val-images:"]
    assert len(images[1].images) == 25
    assert images[2].as_grid
    tensors = only(plain, Histograms)[0].tensors
    assert [each.tag for each in tensors[:2]] == ["weights/layer-1/kernel", "gradients/layer-1/kernel"]
    assert tensors[0].counts.sum() == 784 * 256
    assert isinstance(plain[-1], Learned)
    assert f"{only(plain, Evaluated)[-1].accuracy:.2%}" in plain[-1].text


def test_an_epochs_order_is_a_permutation_that_depends_on_seed_and_epoch() -> None:
    orders = [epoch_order(1000, seed, epoch).numpy() for seed, epoch in ((0, 1), (0, 2), (1, 1), (0, 1))]
    for order in orders:
        assert sorted(order) == list(range(1000))
    assert np.array_equal(orders[0], orders[3])
    assert not np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], orders[2])


@pytest.mark.parametrize(("batch_size", "divided"), [(64, 3), pytest.param(30, 0, marks=pytest.mark.slow)])
def test_one_step_of_gradient_descent_is_what_numpy_makes_of_it(data: str, batch_size: int, divided: int) -> None:
    """Compute forward, loss and backward through five layers by hand, for the short last batch too (400 = 6 x 64 + 16
    = 13 x 30 + 10), and for a batch in pieces as for a whole one."""
    from engine.training import datasets

    dataset = datasets.load("fashion-mnist", data)
    with begun(small(data, optimizer="sgd", learning_rate="0.1", batch_size=str(batch_size)), seed=3) as trainer:
        order = epoch_order(TRAIN, 3, 1).numpy()
        for step in (0, TRAIN // batch_size):
            chosen = order[step * batch_size : (step + 1) * batch_size]
            x, labels = dataset.train_images[chosen].reshape(-1, 784) / 255.0, dataset.train_labels[chosen]
            weights = _weights(trainer)
            loss, gradients = _by_hand(weights, x, labels)
            stretch = trainer.advance(step, 1)
            assert stretch.loss[0] == pytest.approx(loss, rel=1e-4)
            norm = np.sqrt(sum((each**2).sum() for each in gradients))
            assert stretch.gradient_norm == pytest.approx(norm, rel=1e-3)
            for before, gradient, after in zip(weights, gradients, _weights(trainer), strict=True):
                np.testing.assert_allclose(after, before - 0.1 * gradient, atol=2e-6)
        graph = trainer.functions["xla", batch_size, False].get_concrete_function().graph.as_graph_def()
        operations = [node.op for function in graph.library.function for node in function.node_def]
        assert operations.count("Split") == divided + 1  # the first layer divides its inputs


def _weights(trainer: Trainer) -> list[Any]:
    """Kernel and bias of each layer in turn, in float64."""
    return [each.astype(np.float64) for each in variables.values_of(trainer.model.trainable_variables)]


def _by_hand(weights: list[Any], x: Any, labels: Any) -> tuple[float, list[Any]]:
    """Mean cross-entropy of the five-layer network and its gradients, in float64."""
    activations = [x]
    for layer in range(5):
        z = activations[-1] @ weights[2 * layer] + weights[2 * layer + 1]
        activations.append(np.maximum(z, 0) if layer < 4 else z)
    shifted = activations[-1] - activations[-1].max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(labels)), labels]).mean()
    delta = (p - np.eye(10)[labels]) / len(labels)
    gradients: list[Any] = []
    for layer in reversed(range(5)):
        gradients[:0] = [activations[layer].T @ delta, delta.sum(axis=0)]
        delta = (delta @ weights[2 * layer].T) * (activations[layer] > 0)
    return float(loss), gradients


@pytest.mark.parametrize("optimizer", ["adam", pytest.param("momentum", marks=pytest.mark.slow)])
def test_a_step_writes_its_kernels_in_place_and_leaves_the_rate_as_it_was(data: str, optimizer: str) -> None:
    """A kernel that XLA copied would be a `copy` of its shape in the compiled loop."""
    with begun(small(data, optimizer=optimizer, learning_rate="0.003")) as trainer:
        trainer.advance(0, 5)
        assert trainer.optimizer.learning_rate.numpy() == np.float32(0.003) == np.float32(trainer.learning_rate)
        given = (*trainer.data.at(0, 1), tf.constant(0), tf.constant(1))
        compiled = trainer.functions["xla", BATCH, False].experimental_get_compiler_ir(*given)(stage="optimized_hlo")
        for variable in trainer.model.trainable_variables:
            if len(variable.shape) > 1:
                rows, columns = variable.shape
                assert f"f32[{rows},{columns}]" in compiled
                assert not re.search(rf"f32\[{rows},{columns}\]\S* copy\(", compiled)


@pytest.mark.slow
def test_tensorflow_has_nothing_to_say_against_the_network(data: str) -> None:
    """TensorFlow's graph optimizer reports on stderr when it gives up on a function."""
    code = f"""
from engine.lessons import lesson
from engine.settings import parse_settings
found = lesson("fashion-mnist")
list(found.run(parse_settings(found.settings, {{"epochs": "1", "batch_size": "64", "data_dir": {data!r}}})))
"""
    talking = {name: text for name, text in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    asked = subprocess.run([sys.executable, "-c", code], env=talking, capture_output=True, text=True, check=True)
    assert "oneDNN" in asked.stderr or "TensorFlow" in asked.stderr  # it does talk
    assert "optimization failure" not in asked.stderr and "specify an operation" not in asked.stderr


def test_the_compiled_loop_is_not_traced_again_for_another_run_or_rate(data: str) -> None:
    from engine.training import datasets

    run(data)
    settings = small(data)
    assert isinstance(settings, ClassifierSettings)
    trainer = classifier_trainer.trainer(settings, datasets.load("fashion-mnist", data))
    (compiled,) = trainer.functions.values()
    run(data, learning_rate="0.02", seed="5", epochs="1")
    assert list(trainer.functions.values()) == [compiled]
    assert compiled.experimental_get_tracing_count() == 1


def test_the_learning_rate_changes_while_it_runs(data: str, plain: list[Event]) -> None:
    settings = small(data)
    running = lesson("fashion-mnist").run(settings)
    events = [next(running)]
    try:
        while True:
            late = bool(only(events, Evaluated))
            now = small(data, learning_rate="0.0") if late else settings
            events.append(running.send(Turn(now)))
    except StopIteration:
        pass
    rates = [event.learning_rate for event in only(events, Metrics)]
    assert rates[0] == pytest.approx(1e-3)
    assert rates[-1] == 0.0
    accuracies = [each.accuracy for each in only(events, Evaluated)]
    assert accuracies[0] == accuracies[1] == accuracies[2]


def test_a_rate_far_too_high_stops_at_the_step_whose_loss_is_not_finite(data: str) -> None:
    events = run(data, hidden="64,32,16", optimizer="sgd", learning_rate="1000", epochs="5")
    diverged = only(events, Diverged)
    assert len(diverged) == 1
    loss = losses(events)
    assert np.isfinite(loss[:-1]).all()
    assert diverged[0].step == len(loss)
    assert diverged[0].learning_rate == 1000
    assert diverged[0].suggested_learning_rate < 1000
    assert isinstance(events[-1], Learned)
    assert "nan" not in events[-1].text


@pytest.mark.slow
def test_a_relu_on_the_output_is_reported_by_what_it_clips(data: str) -> None:
    events = run(data, hidden="32", output_activation="relu", epochs="2")
    assert isinstance(events[-1], Learned)
    assert "clips" in events[-1].text


def test_lesson_seven_runs_ten_epochs_of_mnist_at_a_hundredth(data: str) -> None:
    settings = lesson("tensorboard").settings()
    assert isinstance(settings, ClassifierSettings)
    assert (settings.epochs, settings.learning_rate, settings.optimizer, settings.batch_size) == (10, 0.01, "adam", 128)
    events = run(data, "tensorboard", epochs="1")
    assert only(events, Evaluated)[0].class_names == tuple("0123456789")


def test_images_of_the_learner_are_counted_and_called_by_digits(data: str) -> None:
    """The network learns other images, such as letters, from files under the names of Fashion-MNIST's."""
    events = run(data, epochs="1")
    assert only(events, Remark)[0].text.startswith("400 grey pictures in ten classes. A network ")
    assert {each.class_names for each in only(events, Evaluated)} == {tuple("0123456789")}
    assert {each.class_names for each in only(events, Images)} == {tuple("0123456789")}
    assert not re.search("[Cc]lothes|T-shirt|60,000", "".join(str(event) for event in events))


def test_a_share_of_the_images_is_reported_as_a_share(data: str) -> None:
    events = lesson("fashion-mnist").run(small(data, "fashion-mnist", epochs="1", train_examples="150"))
    remark = next(event for event in events if isinstance(event, Remark))
    assert remark.text.startswith("150 of 400 grey pictures in ten classes.")


# --- stopping and resuming ------------------------------------------------------------------------------------


class StopAt:
    """A sink that keeps the events and stops the run after a step."""

    def __init__(self, step: int | None) -> None:
        self.step = step
        self.events: list[Event] = []
        self.runner: Runner | None = None

    def write(self, delivery: Any) -> None:
        self.events.append(delivery.event)
        if self.step and self.runner and isinstance(delivery.event, Metrics) and delivery.event.last_step >= self.step:
            self.runner.stop()

    def close(self) -> None: ...


def kept_run(settings: Settings, folder: Path, stop_at: int | None, snapshot: Snapshot | None = None) -> list[Event]:
    sink = StopAt(stop_at)
    found = lesson("fashion-mnist")
    sink.runner = Runner(found, settings, [sink], run="r", store=Checkpoints(folder, found.id), snapshot=snapshot)
    sink.runner.start()
    assert sink.runner.join(60)
    return sink.events


@pytest.mark.parametrize("stop_at", [1, 13, 20, *(pytest.param(step, marks=pytest.mark.slow) for step in (5, 26, 38))])
def test_a_run_that_was_cut_goes_on_number_for_number(data: str, tmp_path: Path, stop_at: int) -> None:
    settings = small(data, test_every="5")
    whole = kept_run(settings, tmp_path / "whole", None)
    first = kept_run(settings, tmp_path / "cut", stop_at)
    assert first[-1].outcome is Outcome.STOPPED  # type: ignore[attr-defined]
    found = restore(tmp_path / "cut")
    assert found.snapshot.step == first[-1].step  # type: ignore[attr-defined]
    second = kept_run(settings, tmp_path / "cut", None, found.snapshot)
    np.testing.assert_array_equal(np.concatenate([losses(first), losses(second)]), losses(whole))

    def told(events: list[Event]) -> list[tuple[Any, ...]]:
        return [
            (each.step, each.epoch, each.loss, each.accuracy, each.train_accuracy) for each in only(events, Evaluated)
        ]

    assert told(first) + told(second) == told(whole)
    assert [each.text for each in only(second, Learned)] == [each.text for each in only(whole, Learned)]
    assert restore(tmp_path / "cut").snapshot.step == 39


@pytest.mark.slow
def test_images_kept_apart_are_not_trained_on_and_tested_beside_the_test_set(data: str) -> None:
    events = list(lesson("fashion-mnist").run(small(data, hidden="32", validation="80", epochs="2")))
    assert only(events, Metrics)[-1].total_steps == 2 * 10  # (400 - 80) / 32
    for each in only(events, Evaluated):
        assert each.confusion.sum() == TEST
        assert each.validation_accuracy is not None and each.validation_loss is not None
        assert 80 * each.validation_accuracy == pytest.approx(round(80 * each.validation_accuracy))
        assert np.isfinite(each.validation_loss)
    (learned,) = only(events, Learned)
    assert "By the examples kept apart" in learned.text
    plain = list(lesson("fashion-mnist").run(small(data, epochs="1")))
    assert only(plain, Evaluated)[0].validation_accuracy is None


def test_the_images_kept_apart_are_the_last_ones_and_measured_as_the_test_images_are(data: str) -> None:
    dataset = load("fashion-mnist", data)
    apart = dataset.kept_apart(80)
    np.testing.assert_array_equal(apart.train_images, dataset.train_images[:320])
    np.testing.assert_array_equal(apart.validation_images, dataset.train_images[320:])
    np.testing.assert_array_equal(apart.validation_labels, dataset.train_labels[320:])
    same = replace(apart, test_images=apart.validation_images, test_labels=apart.validation_labels)
    for each in (event for event in train(same, small(data, hidden="32")) if isinstance(event, Evaluated)):
        assert (each.validation_loss, each.validation_accuracy) == (pytest.approx(each.loss), each.accuracy)


def test_what_leaves_nothing_to_train_on_is_refused(data: str) -> None:
    with pytest.raises(InputError, match=r"^--validation: 400 leaves none of 400 images to train on$"):
        list(lesson("fashion-mnist").run(small(data, validation="400")))


@pytest.mark.parametrize("stop_at", [5, 15])
def test_a_run_with_images_kept_apart_goes_on_number_for_number(data: str, tmp_path: Path, stop_at: int) -> None:
    settings = small(data, hidden="32", validation="80")
    whole = kept_run(settings, tmp_path / "whole", None)
    first = kept_run(settings, tmp_path / "cut", stop_at)
    second = kept_run(settings, tmp_path / "cut", None, restore(tmp_path / "cut").snapshot)

    def told(events: list[Event]) -> list[tuple[Any, ...]]:
        return [(each.epoch, each.validation_loss, each.validation_accuracy) for each in only(events, Evaluated)]

    assert told(first) + told(second) == told(whole)
    assert [each.text for each in only(second, Learned)] == [each.text for each in only(whole, Learned)]


def test_a_pause_leaves_a_checkpoint(data: str, tmp_path: Path) -> None:
    box = Mailbox()
    found = lesson("fashion-mnist")
    runner = Runner(found, small(data), [box], run="r", store=Checkpoints(tmp_path, found.id), paused=True)
    runner.start()
    seen: list[str] = []
    while "Phase paused" not in seen:
        assert box.wait(60)
        seen += [f"Phase {d.event.name}" if hasattr(d.event, "name") else type(d.event).__name__ for d in box.take()]
    assert restore(tmp_path).snapshot.step == runner.step_number
    runner.stop()
    assert runner.join(60)


def test_a_snapshot_of_another_network_is_refused_in_one_line(data: str, tmp_path: Path) -> None:
    kept_run(small(data), tmp_path, 5)
    settings = small(data, optimizer="sgd")
    arrays = {name: array for name, array in restore(tmp_path).snapshot.arrays.items() if name != "model/3"}
    with pytest.raises(InputError, match="does not fit"):
        resume = lesson("fashion-mnist").resume
        assert resume is not None
        list(resume(settings, Snapshot(5, 1, arrays)))


def test_a_run_does_not_go_on_with_other_data(data: str, tmp_path: Path) -> None:
    kept_run(small(data), tmp_path / "run", 5)
    images = next(iter(Path(data).glob("train-images*")))
    other = shutil.copytree(data, tmp_path / "other")
    content = bytearray(gzip.decompress(images.read_bytes()))
    content[5000] ^= 1
    (other / images.name).write_bytes(gzip.compress(bytes(content)))
    events = kept_run(small(str(other)), tmp_path / "run", None, restore(tmp_path / "run").snapshot)
    assert isinstance(events[-1], RunEnded)
    assert "--data, --data-dir: the examples are not those" in events[-1].message


def test_a_live_change_is_in_a_checkpoint_before_the_first_step_with_it(data: str, tmp_path: Path) -> None:
    found, box = lesson("fashion-mnist"), Mailbox()
    runner = Runner(found, small(data), [box], run="r", store=Checkpoints(tmp_path, found.id), store_every_s=1e9)
    runner.set("learning_rate", "0.02")
    runner.start()
    assert runner.join(60)
    changed = [type(each.event) for each in box.take() if isinstance(each.event, SettingChanged | CheckpointSaved)]
    assert changed == [CheckpointSaved, SettingChanged, CheckpointSaved, CheckpointSaved]
    kept = sorted((tmp_path / "checkpoints").glob("*.json"))
    assert [json.loads(path.read_text())["step"] for path in kept] == [0, 39]
    assert {json.loads(path.read_text())["settings"]["learning_rate"] for path in kept} == {"0.02"}


def test_data_that_cannot_be_read_ends_the_run_with_one_line_and_no_traceback(tmp_path: Path) -> None:
    box = Mailbox()
    runner = Runner(lesson("fashion-mnist"), small(str(tmp_path)), [box], run="r")
    runner.start()
    assert runner.join(60)
    ended = [delivery.event for delivery in box.take() if isinstance(delivery.event, RunEnded)]
    assert [(each.outcome, each.traceback) for each in ended] == [(Outcome.FAILED, "")]
    assert "holds no fashion-mnist" in ended[0].message
