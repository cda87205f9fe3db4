"""The settings of the classifier lessons that choose the network and the loss."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError, SettingError
from engine.events import Evaluated, Metrics, Remark, Snapshot
from engine.lazy import keras, tf
from engine.lesson import Turn
from engine.lessons import lesson
from engine.log.summaries import _hparams
from engine.settings import command_line, parse_settings
from engine.training import datasets, scores, step
from engine.training.batches import epoch_order
from engine.training.classifier_settings import ClassifierSettings
from engine.training.diagnosis import WINDOW, diagnosis
from engine.training.network import initial_weights, network
from engine.training.variables import seeds
from tests.engine.idx import write_dataset
from tests.engine.lesson_runs import cut_and_resumed, losses
from tests.engine.trainers import begun

LESSON = lesson("fashion-mnist")
BATCH = 32
SMALL = {
    "hidden": "24,12",
    "epochs": "2",
    "batch_size": str(BATCH),
    "log_every": "10",
    "test_every": "0",
    "train_examples": "120",
}
EVERYTHING = {
    "hidden": "24,12", "convolution": "on", "batch_norm": "on", "dropout": "0.2", "l2": "0.001", "loss": "mse",
    "initializer": "he_normal",
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_dataset(tmp_path_factory.mktemp("data"), 120, 100))


def settings(data: str = "", **texts: str) -> Any:
    return parse_settings(LESSON.settings, {**SMALL, "data_dir": data, **texts})


def layers(**texts: str) -> list[str]:
    found = network(parse_settings(ClassifierSettings, texts))
    names = [type(layer).__name__.removesuffix("Normalization").removesuffix("2D") for layer in found.layers]
    return [
        f"{name}{layer.units}" if hasattr(layer, "units") else name
        for name, layer in zip(names, found.layers, strict=True)
    ]


def test_the_course_s_network_is_the_default() -> None:
    assert layers() == ["SplitDense256", "Dense128", "Dense64", "Dense32", "Dense10"]


def test_the_network_has_what_the_settings_ask_for() -> None:
    assert layers(hidden="none") == ["Dense10"]
    assert layers(hidden="9,5", dropout="0.5") == ["SplitDense9", "Dropout", "Dense5", "Dropout", "Dense10"]
    assert layers(hidden="8", batch_norm="on") == ["SplitDense8", "Batch", "Activation", "Dense10"]
    convolved = ["Reshape", "Conv", "MaxPooling", "Conv", "MaxPooling", "Flatten"]
    assert layers(hidden="8", convolution="on") == [*convolved, "SplitDense8", "Dense10"]


def test_the_sum_of_squared_kernels_is_the_penalty() -> None:
    model = network(parse_settings(ClassifierSettings, {"hidden": "6,4", "l2": "0.5", "convolution": "on"}))
    kernels = [each for each in model.trainable_variables if len(each.shape) > 1]
    expected = 0.5 * sum(float(np.sum(np.square(each.numpy()))) for each in kernels)
    assert float(tf.add_n(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_kernels_are_drawn_by_the_initializer_and_the_seed_and_scales_are_one() -> None:
    model = network(parse_settings(ClassifierSettings, {"hidden": "300,40", "batch_norm": "on"}))
    kernel, bias, gamma, beta, *_ = initial_weights(model, 3, "he_normal")
    assert kernel.shape == (784, 300) and kernel.std() == pytest.approx(math.sqrt(2 / 784), rel=0.02)
    np.testing.assert_array_equal(kernel, keras.initializers.HeNormal(seed=3000)((784, 300)).numpy())
    assert not bias.any() and not beta.any() and (gamma == 1).all()
    assert not any(each.any() for each in initial_weights(model, 3, "zeros")[4::4])


@pytest.mark.parametrize(
    ("text", "value"), [("256,128", (256, 128)), (" 7 ", (7,)), ("none", ()), ("2048,1", (2048, 1))]
)
def test_widths_are_whole_numbers_apart_by_commas(text: str, value: tuple[int, ...]) -> None:
    found = parse_settings(ClassifierSettings, {"hidden": text})
    assert found.hidden == value
    assert parse_settings(ClassifierSettings, found.texts()) == found


@pytest.mark.parametrize("text", ["", "0", "2049", "8,", "8;8", "8.5", "-1", "8," * 8 + "8", "none,8", "٨"])
def test_other_widths_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(SettingError, match=r"^--hidden: .* is not accepted; expected none, or 1 to 8 whole numbers"):
        parse_settings(ClassifierSettings, {"hidden": text})


@pytest.mark.parametrize("state", [{"batch_norm": "on"}, {"dropout": "0.1"}])
def test_replicas_refuse_a_network_with_state(state: dict[str, str]) -> None:
    with pytest.raises(SettingError, match=r"^--strategy: 'mirrored' is not accepted with --(batch-norm|dropout)"):
        parse_settings(ClassifierSettings, {"strategy": "mirrored", **state})


def test_the_settings_are_in_the_command_and_among_the_hyperparameters() -> None:
    chosen = settings(**EVERYTHING)
    said = command_line(LESSON.id, chosen)
    assert "--hidden 24,12 --convolution --initializer he_normal --batch-norm --dropout 0.2 --l2 0.001" in said
    assert "--loss mse" in said
    found = _hparams(LESSON.id, chosen.texts())
    assert (found["hidden"], found["dropout"], found["batch_norm"], found["loss"]) == ("24,12", 0.2, True, "mse")


@pytest.mark.slow
def test_an_epoch_with_every_setting_is_what_keras_makes_of_it(data: str) -> None:
    """Dropout, batch statistics, penalties and the short last batch are included."""
    chosen = settings(data, **EVERYTHING)
    other = network(chosen)
    with begun(chosen) as trainer:
        other.set_weights(trainer.model.get_weights())
        for mine, theirs in zip(seeds(trainer.model), seeds(other), strict=True):
            theirs.assign(mine)
        found = np.concatenate([trainer.advance(0, 3).loss, trainer.advance(3, 1).loss])
    other.compile(
        optimizer=keras.optimizers.Adam(chosen.learning_rate),
        loss=lambda labels, logits: step.squared_error(tf.cast(tf.reshape(labels, [-1]), tf.int32), logits),
        jit_compile=False,
    )
    dataset = datasets.load("fashion-mnist", data)
    images, order = dataset.train_images.reshape(-1, 784) / np.float32(255), epoch_order(120, 0, 1).numpy()
    expected = []
    for first in range(0, 120, BATCH):
        batch = order[first : first + BATCH]
        other.reset_metrics()
        expected.append(other.train_on_batch(images[batch], dataset.train_labels[batch].astype(np.int32)))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_run_with_every_setting_goes_on_number_for_number(data: str) -> None:
    chosen = settings(data, **EVERYTHING)
    events, again, step = cut_and_resumed(LESSON, chosen, 3)
    assert step == 3
    np.testing.assert_array_equal(losses(again), losses(events)[step:])
    tests, tests_again = ([each for each in part if isinstance(each, Evaluated)] for part in (events, again))
    assert [each.loss for each in tests] == [each.loss for each in tests_again]
    remark = next(each for each in events if isinstance(each, Remark))
    assert "Two convolutions of 8 and 16 filters and dense layers 400-24-12-10 learn to tell" in remark.text
    assert "mean squared error of a batch" in remark.text


@pytest.mark.slow
def test_a_checkpoint_of_another_shape_is_refused_in_one_line(data: str) -> None:
    def snapshot_of(**texts: str) -> Snapshot:
        chosen = settings(data, **texts)
        running = LESSON.run(chosen)
        event = next(running)
        while not isinstance(event, Snapshot):
            event = running.send(Turn(chosen, 1, snapshot=isinstance(event, Metrics)))
        running.close()
        return event

    assert LESSON.resume is not None
    deep, wide = snapshot_of(hidden="10,10"), snapshot_of(hidden="10")
    with pytest.raises(InputError, match=r"^the checkpoint does not fit these settings: it holds \d+ more variables"):
        list(LESSON.resume(settings(data, hidden="10"), deep))
    with pytest.raises(InputError, match=r"^the checkpoint does not fit these settings: model/0: expected float32"):
        list(LESSON.resume(settings(data, hidden="12"), wide))


def test_the_squared_error_of_a_test_is_the_one_that_is_trained_on() -> None:
    random = np.random.default_rng(0)
    logits, labels = random.normal(size=(7, 4)).astype(np.float32), random.integers(0, 4, 7)
    expected = float(tf.reduce_mean(step.squared_error(labels.astype(np.int32), logits)))
    assert scores.mean_squared_error(logits, labels) == pytest.approx(expected, rel=1e-5)


def test_guessing_has_its_price_in_squared_error_too() -> None:
    at_first = diagnosis(np.array([0.095], np.float32), 1, (), 10, "mse")
    assert at_first == "The first loss is 0.095; guessing costs 9/100 = 0.090."
    guessing = diagnosis(np.full(WINDOW, 0.0901, np.float32), 1, (), 10, "mse")
    assert guessing == "The loss stands at 9/100 = 0.090: the network is guessing."
    falling = diagnosis(np.linspace(0.09, 0.02, 200).astype(np.float32), 1, (), 10, "mse")
    assert falling == "The loss falls: 0.029 after 0.090 at first."
