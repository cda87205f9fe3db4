"""The Keras callback for training outside gdtui: its numbers equal those of a descent computed by hand, and its log is
read by `gdtui attach`. Keras's own TensorBoard callback is read too."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from engine.callback import GradientLog
from engine.lazy import tf
from engine.log.event_files import read_log
from tui.cli.main import main

RATE, MOMENTUM, BATCH, STEPS = 0.1, 0.5, 4, 6


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(BATCH * STEPS, 3)).astype(np.float32)
    return x, (x @ np.array([[1.0], [-2.0], [0.5]]) + 0.3).astype(np.float32)


def linear(**compiled: Any) -> Any:
    """y = x W + b, to be fitted by momentum."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, name="only")])
    model.compile(keras.optimizers.SGD(RATE, MOMENTUM), "mse", **compiled)
    return model


def by_hand(weights: Sequence[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[dict[str, float]]:
    """The numbers of each step of a fit in this order, in NumPy."""
    w, b = (each.astype(np.float64) for each in weights)
    speed_w, speed_b = np.zeros_like(w), np.zeros_like(b)
    steps = []
    for first in range(0, len(x), BATCH):
        inputs, wanted = x[first : first + BATCH], y[first : first + BATCH]
        error = inputs @ w + b - wanted
        for_w, for_b = 2 * inputs.T @ error / BATCH, 2 * error.mean(axis=0)
        speed_w, speed_b = MOMENTUM * speed_w - RATE * for_w, MOMENTUM * speed_b - RATE * for_b
        norm = float(np.sqrt((for_w**2).sum() + (for_b**2).sum()))
        moved = float(np.sqrt((speed_w**2).sum() + (speed_b**2).sum()))
        size = float(np.sqrt((w**2).sum() + (b**2).sum()))
        steps.append(
            {
                "train-loss": float((error**2).mean()),
                "learning-rate": RATE,
                "gradient-norm": norm,
                "gradient-norm/only": norm,
                "update-ratio/only": moved / size,
            }
        )
        w, b = w + speed_w, b + speed_b
    return steps


def read(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The scalars of a log: (step, value) by tag."""
    scalars = read_log(folder).scalars
    return {
        tag: list(zip(series.steps.tolist(), series.values.tolist(), strict=True)) for tag, series in scalars.items()
    }


@pytest.mark.parametrize(
    "compiled",
    [
        {"jit_compile": False},
        {"jit_compile": True},
        {"jit_compile": False, "steps_per_execution": 4},
        {"run_eagerly": True},
    ],
    ids=str,
)
def test_every_step_of_a_fit_is_logged_as_computed_by_hand(
    tmp_path: Path, data: tuple[np.ndarray, np.ndarray], compiled: dict[str, Any]
) -> None:
    model = linear(**compiled)
    expected = by_hand(model.get_weights(), *data)
    model.fit(*data, batch_size=BATCH, shuffle=False, verbose=0, callbacks=[GradientLog(tmp_path)])
    found = read(tmp_path)
    assert set(found) == set(expected[0])
    for tag, points in found.items():
        assert [step for step, _ in points] == list(range(1, STEPS + 1))
        np.testing.assert_allclose([value for _, value in points], [each[tag] for each in expected], rtol=1e-4)


@pytest.mark.slow
def test_a_fit_is_the_same_with_it_and_leaves_the_optimizer_as_it_was(
    tmp_path: Path, data: tuple[np.ndarray, np.ndarray]
) -> None:
    with_log, without = linear(), linear()
    for model, callbacks in ((with_log, [GradientLog(tmp_path, every=3)]), (without, [])):
        for _ in range(2):
            model.fit(*data, batch_size=BATCH, shuffle=False, verbose=0, callbacks=callbacks)
    for one, other in zip(with_log.get_weights(), without.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert "apply" not in vars(with_log.optimizer)
    assert [step for step, _ in read(tmp_path)["train-loss"]] == [3, 6, 9, 12]


@pytest.mark.parametrize("again", [1, 2])
def test_two_logs_of_a_fit_measure_the_same_and_both_end(
    tmp_path: Path, data: tuple[np.ndarray, np.ndarray], again: int
) -> None:
    model = linear()
    logs = [GradientLog(tmp_path / "a"), GradientLog(tmp_path / "b", every=2)]
    for _ in range(again):
        model.fit(*data, batch_size=BATCH, shuffle=False, verbose=0, callbacks=logs)
    one, other = read(tmp_path / "a"), read(tmp_path / "b")
    assert len(one["gradient-norm"]) == again * STEPS
    assert other == {tag: points[1::2] for tag, points in one.items()}
    assert not {"apply", "scale_loss"} & set(vars(model.optimizer))


class Manual(keras.Sequential):  # type: ignore[misc]
    """A model that does not scale its loss, and applies its gradients itself unless told to let the optimizer."""

    by_optimizer = True

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(x) - y))
        gradients = tape.gradient(loss, self.trainable_variables)
        if self.by_optimizer:
            self.optimizer.apply(gradients, self.trainable_variables)
        else:
            for variable, gradient in zip(self.trainable_variables, gradients, strict=True):
                variable.assign_sub(0.1 * gradient)
        return {"loss": loss}


@pytest.mark.parametrize("by_optimizer", [True, False])
def test_what_a_step_of_one_s_own_does_not_tell_is_left_out(
    tmp_path: Path, data: tuple[np.ndarray, np.ndarray], by_optimizer: bool
) -> None:
    model = Manual([keras.Input((3,)), keras.layers.Dense(1)])
    model.by_optimizer = by_optimizer
    model.compile(keras.optimizers.SGD(RATE))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model.fit(*data, batch_size=BATCH, verbose=0, callbacks=[GradientLog(tmp_path)])
    assert any("no step called the optimizer's apply" in str(each.message) for each in said) != by_optimizer
    found = read(tmp_path)
    assert "train-loss" not in found
    assert len(found.get("gradient-norm", [])) == (STEPS if by_optimizer else 0)


@pytest.mark.parametrize("below", ["", "run"])
def test_the_folder_may_be_reached_through_a_link(
    below: str, tmp_path: Path, data: tuple[np.ndarray, np.ndarray]
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "logs").symlink_to("real")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        linear().fit(*data, batch_size=BATCH, verbose=0, callbacks=[GradientLog(tmp_path / "logs" / below)])
    assert len(read(tmp_path / "real" / below)["train-loss"]) == STEPS


def test_a_schedule_s_rate_and_an_embedding_s_gradient_are_logged(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Embedding(5, 3), keras.layers.Flatten()])
    model.add(keras.layers.Dense(1))
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    model.compile(keras.optimizers.Adam(rate), "mse")
    x, y = np.array([[0, 1], [0, 0], [3, 4]]), np.ones((3, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's, of a sparse gradient made dense
        model.fit(x, y, epochs=3, batch_size=3, verbose=0, callbacks=[GradientLog(tmp_path)])
    found = read(tmp_path)
    np.testing.assert_allclose([value for _, value in found["learning-rate"]], [0.1, 0.05, 0.025], rtol=1e-6)
    layers = [value for tag in found if tag.startswith("gradient-norm/") for _, value in found[tag][:1]]
    np.testing.assert_allclose(np.hypot(*layers), found["gradient-norm"][0][1], rtol=1e-5)


def test_attach_reads_what_the_readme_s_fit_logs_beside_keras_s_own_callback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (text,) = re.findall(r"```python\n# fit.py\n(.*?)```", Path("README.md").read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(text, "fit.py", "exec"), {})
    capfd.readouterr()
    assert main(["attach", "logs", "--no-ui", "--json"]) == 0
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    known = {(row["run"], row["tag"]): row for row in rows}
    steps = 5 * -(-410 // 32)
    layers = {tag for run, tag in known if tag.startswith("update-ratio/")}
    assert len(layers) == 2
    assert {known["keras", tag]["last_step"] for tag in ("train-loss", "gradient-norm", *layers)} == {steps}
    assert {("keras/train", "epoch_loss"), ("keras/validation", "epoch_accuracy")} <= set(known)


def test_a_log_that_cannot_be_written_is_a_warning_and_the_fit_goes_on(
    tmp_path: Path, data: tuple[np.ndarray, np.ndarray]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(UserWarning, match="the log in"):
        model = linear()
        history = model.fit(*data, batch_size=BATCH, verbose=0, callbacks=[GradientLog(tmp_path / "file" / "run")])
    assert np.isfinite(history.history["loss"][0])


def test_a_step_count_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a whole number, 1 or more"):
        GradientLog("logs", every=0)
