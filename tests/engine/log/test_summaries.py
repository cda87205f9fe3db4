"""The TensorBoard log of a run, read back with TensorBoard's own reader, and its behaviour in failures."""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf  # writing a log does not import it, and these tests write one
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.util import tensor_util

from engine.events import (
    CheckpointSaved,
    Curve,
    Delivery,
    Diverged,
    Evaluated,
    Event,
    Histogram,
    Histograms,
    Images,
    Learned,
    LogFailed,
    Metrics,
    Outcome,
    PathsGrew,
    PathsOpened,
    Phase,
    Remark,
    RunEnded,
    RunStarted,
    SettingChanged,
    Table,
)
from engine.lessons import lesson
from engine.log import summary_values as values
from engine.log.event_files import read_log
from engine.log.event_writer import EventLog, EventLogError
from engine.log.pictures import confusion_picture, image_grid
from engine.log.plots import surface_picture
from engine.log.solid_picture import solid_picture
from engine.log.summaries import SummaryWriter
from engine.run.runner import Runner
from engine.run.sinks import Mailbox
from engine.settings import parse_settings

NAMES = tuple("abcdefghij")
EVERYTHING = {"tensors": 0, "scalars": 0, "images": 0, "histograms": 0}


class Logged:
    """A folder's log as read by TensorBoard."""

    def __init__(self, folder: Path) -> None:
        self._log = EventAccumulator(str(folder), size_guidance=EVERYTHING)
        self._log.Reload()

    @property
    def tags(self) -> set[str]:
        return set(self._log.Tags()["tensors"])

    def plugin(self, tag: str) -> str:
        return str(self._log.SummaryMetadata(tag).plugin_data.plugin_name)

    def steps(self, tag: str) -> list[int]:
        return [event.step for event in self._log.Tensors(tag)]

    def values(self, tag: str) -> list[float]:
        assert self.plugin(tag) == "scalars"
        return [tensor_util.make_ndarray(event.tensor_proto).item() for event in self._log.Tensors(tag)]

    def texts(self, tag: str) -> list[str]:
        assert self.plugin(tag) == "text"
        return [event.tensor_proto.string_val[0].decode() for event in self._log.Tensors(tag)]

    def images(self, tag: str, place: int = -1) -> list[np.ndarray[Any, Any]]:
        assert self.plugin(tag) == "images"
        width, height, *files = self._log.Tensors(tag)[place].tensor_proto.string_val
        found = [np.asarray(Image.open(io.BytesIO(file))) for file in files]
        assert all(image.shape[:2] == (int(height), int(width)) for image in found)
        return found

    def array(self, tag: str) -> np.ndarray[Any, Any]:
        array: np.ndarray[Any, Any] = tensor_util.make_ndarray(self._log.Tensors(tag)[-1].tensor_proto)
        return array

    def content(self, tag: str) -> bytes:
        return bytes(self._log.SummaryMetadata(tag).plugin_data.content)


def started(**changes: Any) -> RunStarted:
    settings_ = {"learning_rate": "0.001", "optimizer": "adam", "beta_1": "default", "log_every": "100", "seed": "3"}
    given_ = {
        "lesson": "fashion-mnist",
        "title": "Fashion-MNIST",
        "settings": settings_,
        "command": "gdtui it",
    }
    return RunStarted(**(given_ | changes))


def metrics(first: int, steps: int) -> Metrics:
    """Steps whose loss encodes their number: 1/step."""
    loss = (1.0 / np.arange(first, first + steps)).astype(np.float32)
    return Metrics(1, first, loss, loss / 2, float(first + steps - 1), 0.001, 1500.0, 100_000, 3)


def chunks(total: int, lengths: Sequence[int], start: int = 0) -> Iterator[Metrics]:
    done, place = start, 0
    while done < total:
        steps = min(lengths[place % len(lengths)], total - done)
        yield metrics(done + 1, steps)
        done, place = done + steps, place + 1


def log(folder: Path, *events: Event, close: bool = True, **options: Any) -> SummaryWriter:
    writer = SummaryWriter(folder, **options)
    for number, event in enumerate(events):
        writer.write(Delivery("run", number / 10, event))
    if close:
        writer.close()
    return writer


def image_event(tag: str, count: int, predicted: bool = True, as_grid: bool = False) -> Images:
    random = np.random.default_rng(5)
    images = random.integers(0, 256, (count, 28, 28), np.uint8)
    labels = random.integers(0, 10, count)
    return Images(tag, 469, images, labels, (labels + labels % 2) % 10 if predicted else None, NAMES, as_grid)


def run(folder: Path, lesson_id: str, **texts: str) -> list[Event]:
    """A real run of a lesson with its log; returns its events."""
    chosen, mailbox = lesson(lesson_id), Mailbox()
    runner = Runner(chosen, parse_settings(chosen.settings, texts), [SummaryWriter(folder), mailbox], run="run")
    runner.start()
    assert runner.join(120) and runner.outcome is Outcome.DONE
    events = [delivery.event for delivery in mailbox.take()]
    assert not [event for event in events if isinstance(event, LogFailed)]
    return events


# --- training scalars -----------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 90), min_size=1, max_size=5), st.sampled_from([1, 7, 100]))
def test_the_loss_is_logged_at_step_1_and_the_multiples_whatever_the_chunks(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], every: int
) -> None:
    folder = tmp_path_factory.mktemp("log")
    log(folder, started(), *chunks(230, lengths), log_every=every)
    logged = Logged(folder)
    steps = [step for step in range(1, 231) if step == 1 or step % every == 0]
    for tag in ("train-loss", "train-mse", "learning-rate"):
        assert logged.steps(tag) == steps
    np.testing.assert_array_equal(logged.values("train-loss"), (1 / np.array(steps)).astype(np.float32))
    np.testing.assert_array_equal(logged.values("train-mse"), (1 / np.array(steps)).astype(np.float32) / 2)


def test_where_chunks_end_at_logged_steps_norm_and_speed_are_logged_there(tmp_path: Path) -> None:
    log(tmp_path, started(), *chunks(300, [50]))
    logged = Logged(tmp_path)
    assert logged.steps("gradient-norm") == logged.steps("steps-per-second") == [100, 200, 300]
    assert logged.values("gradient-norm") == [100.0, 200.0, 300.0]


def test_where_they_do_not_norm_and_speed_are_logged_at_the_step_they_were_measured(tmp_path: Path) -> None:
    log(tmp_path, started(), *chunks(300, [80]))
    logged = Logged(tmp_path)
    assert (
        logged.values("gradient-norm")
        == [float(step) for step in logged.steps("gradient-norm")]
        == [160.0, 240.0, 300.0]
    )


def test_how_often_is_the_runs_own_setting_unless_the_writer_has_one(tmp_path: Path) -> None:
    own = started(settings={"log_every": "40"})
    log(tmp_path / "own", own, *chunks(100, [10]))
    log(tmp_path / "told", own, *chunks(100, [10]), log_every=50)
    assert Logged(tmp_path / "own").steps("train-loss") == [1, 40, 80]
    assert Logged(tmp_path / "told").steps("train-loss") == [1, 50, 100]


def test_a_loss_that_is_not_finite_is_logged_as_it_is(tmp_path: Path) -> None:
    lost = Metrics(1, 100, np.array([np.nan], np.float32), np.array([np.inf], np.float32), 1.0, 9.0, 1.0, 100, 1)
    log(tmp_path, started(), lost, Diverged(100, "the loss", 9.0, 2.5, 3.0), Diverged(101, "a weight", 9.0, 2.5, None))
    logged = Logged(tmp_path)
    assert np.isnan(logged.values("train-loss")).all() and np.isinf(logged.values("train-mse")).all()
    assert logged.texts("diverged")[0].startswith("the loss is not finite at step 100, learning rate 9;")


# --- tests, images, histograms --------------------------------------------------------------------------------


def test_what_images_kept_apart_showed_is_logged(tmp_path: Path) -> None:
    for name, kept in (("none", (None, None)), ("some", (0.45, 0.83))):
        test = Evaluated(469, 1, 0.5, 0.81, np.eye(10, dtype=np.int64), NAMES, 0.8, *kept)
        log(tmp_path / name, started(), test)
    assert not {"val-acc", "val-loss"} & Logged(tmp_path / "none").tags
    logged = Logged(tmp_path / "some")
    np.testing.assert_allclose(logged.values("val-acc"), [0.83], rtol=1e-6)
    np.testing.assert_allclose(logged.values("val-loss"), [0.45], rtol=1e-6)


def test_a_test_is_logged_and_at_an_epochs_end_its_confusion_matrix_too(tmp_path: Path) -> None:
    confusion = np.random.default_rng(0).integers(0, 90, (10, 10))
    between = Evaluated(500, None, 0.5, 0.81, confusion, NAMES, 0.8)
    end = Evaluated(938, 2, 0.4, 0.84, confusion, NAMES, 0.85)
    log(tmp_path, started(), between, end)
    logged = Logged(tmp_path)
    assert logged.steps("test-acc") == [500, 938]
    np.testing.assert_allclose(logged.values("test-acc"), [0.81, 0.84], rtol=1e-6)
    np.testing.assert_allclose(logged.values("test-loss"), [0.5, 0.4], rtol=1e-6)
    np.testing.assert_allclose(logged.values("train-acc"), [0.8, 0.85], rtol=1e-6)
    assert logged.steps("confusion-matrix") == [938] and logged.values("epoch") == [2.0]
    picture = Image.fromarray(confusion_picture(confusion, NAMES).rgb())
    (shown,) = logged.images("confusion-matrix")
    np.testing.assert_array_equal(confusion_picture(confusion, NAMES).palette[shown], np.asarray(picture))
    np.testing.assert_array_equal(logged.array("confusion-counts"), confusion)
    assert json.loads(logged.content("confusion-counts")) == {"classes": list(NAMES)}


def test_images_are_logged_one_by_one_and_as_a_titled_grid(tmp_path: Path) -> None:
    sample, each = image_event("Training sample:", 1, predicted=False), image_event("val-onebyone-images:", 25)
    grid = image_event("val-images:", 25, as_grid=True)
    log(tmp_path, started(), sample, each, grid)
    logged = Logged(tmp_path)
    np.testing.assert_array_equal(logged.images("Training sample:")[0], sample.images[0])
    np.testing.assert_array_equal(np.stack(logged.images("val-onebyone-images:")), each.images)
    picture = image_grid(grid.images, grid.labels, grid.predictions, NAMES)
    np.testing.assert_array_equal(picture.palette[logged.images("val-images:")[0]], picture.rgb())


def test_images_in_colour_are_logged_in_colour(tmp_path: Path) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (4, 12, 10, 3), np.uint8)
    each = Images("val-onebyone-images:", 469, pixels, np.arange(4), np.arange(4), NAMES)
    grid = Images("val-images:", 469, pixels, np.arange(4), np.arange(4), NAMES, as_grid=True)
    log(tmp_path, started(), each, grid)
    logged = Logged(tmp_path)
    np.testing.assert_array_equal(np.stack(logged.images("val-onebyone-images:")), pixels)
    (found,) = logged.images("val-images:")
    np.testing.assert_array_equal(found, image_grid(pixels, np.arange(4), np.arange(4), NAMES))


def test_histograms_are_the_bins_of_the_histogram_plugin(tmp_path: Path) -> None:
    edges, counts = np.array([-1.0, 0.0, 0.5, 2.0]), np.array([3, 0, 9])
    log(tmp_path, started(), Histograms(469, 1, (Histogram("weights/layer-1/kernel", edges, counts, 0.1, 0.2, 3.0),)))
    logged = Logged(tmp_path)
    assert logged.plugin("weights/layer-1/kernel") == "histograms"
    np.testing.assert_array_equal(logged.array("weights/layer-1/kernel"), [[-1, 0, 3], [0, 0.5, 0], [0.5, 2, 9]])


# --- words ----------------------------------------------------------------------------------------------------


def test_settings_tables_and_what_was_learned_are_logged_as_markdown(tmp_path: Path) -> None:
    table = Table("t", "A title", ("a|b", "c"), ((1.5, "x|y\n"), (None, 2)))
    log(
        tmp_path,
        started(),
        Remark("First."),
        table,
        Remark("Second."),
        SettingChanged(40, "learning_rate", "0.001", "0.01"),
        Learned("It learned."),
        RunEnded(Outcome.DONE, 40, "finished"),
    )
    logged = Logged(tmp_path)
    (told,) = logged.texts("settings")
    assert "| learning rate | 0.001 |" in told.splitlines() and "    gdtui it" in told.splitlines()
    assert logged.texts("table/t") == ["A title\n\n| a\\|b | c |\n| --- | --- |\n| 1.5 | x\\|y |\n|  | 2 |"]
    assert logged.texts("remarks") == ["First.\n\nSecond."]
    assert logged.texts("learned") == ["It learned."] and logged.texts("outcome") == ["finished"]
    assert "0.001 → 0.01" in logged.texts("setting-changed/learning_rate")[0]


def test_settings_are_hparams_of_their_own_type_and_an_end_is_reported(tmp_path: Path) -> None:
    log(tmp_path, started(), RunEnded(Outcome.DONE, 40, "finished"))
    logged = Logged(tmp_path)
    start = hparams_metadata.parse_session_start_info_plugin_data(logged.content("_hparams_/session_start_info"))
    hparams = {name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()}
    assert hparams == {
        "lesson": "fashion-mnist",
        "learning_rate": 0.001,
        "optimizer": "adam",
        "log_every": 100.0,
        "seed": 3.0,
    }
    end = hparams_metadata.parse_session_end_info_plugin_data(logged.content("_hparams_/session_end_info"))
    assert end.status == 1


def test_a_run_that_was_stopped_has_no_end_yet(tmp_path: Path) -> None:
    log(tmp_path, started(), RunEnded(Outcome.STOPPED, 40, "stopped after step 40"))
    assert "_hparams_/session_end_info" not in Logged(tmp_path).tags


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [(Outcome.FAILED, Outcome.DONE, 1), (Outcome.DONE, Outcome.FAILED, 2), (Outcome.DIVERGED, Outcome.DONE, 1)],
)
def test_of_a_run_that_went_on_the_hparams_tab_gets_the_last_end(
    tmp_path: Path, before: Outcome, after: Outcome, status: int
) -> None:
    log(tmp_path, started(), *chunks(200, [200]), RunEnded(before, 200, "ended"))
    log(tmp_path, started(resumed_step=200), *chunks(400, [200], start=200), RunEnded(after, 400, "ended"))
    logged = Logged(tmp_path)
    end = hparams_metadata.parse_session_end_info_plugin_data(logged.content("_hparams_/session_end_info"))
    assert end.status == status
    assert logged.steps("train-loss") == [1, 100, 200, 300, 400]


def test_a_run_that_had_ended_and_goes_on_has_no_end(tmp_path: Path) -> None:
    log(tmp_path, started(), *chunks(200, [200]), RunEnded(Outcome.FAILED, 200, "a worker is gone"))
    log(tmp_path, started(resumed_step=150), *chunks(250, [100], start=150))
    assert "_hparams_/session_end_info" not in Logged(tmp_path).tags


# --- descents -------------------------------------------------------------------------------------------------


def test_a_real_descent_leaves_every_step_of_every_path_and_a_picture(tmp_path: Path) -> None:
    events = run(tmp_path, "himmelblau", steps="30", start="1,0;-4,0")
    logged = Logged(tmp_path)
    opened = next(event for event in events if isinstance(event, PathsOpened))
    grew = [event for event in events if isinstance(event, PathsGrew)]
    points = np.concatenate([opened.starts[:, None], *(event.points for event in grew)], axis=1)
    gradients = np.concatenate([opened.gradients[:, None], *(event.gradients for event in grew)], axis=1)
    for path in range(2):
        tag = f"path-{path + 1}"
        assert logged.steps(f"{tag}/x") == list(range(31))
        x, y = points[path, :, 0], points[path, :, 1]
        np.testing.assert_array_equal(logged.values(f"{tag}/x"), x)
        np.testing.assert_array_equal(logged.values(f"{tag}/y"), y)
        f = (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
        np.testing.assert_allclose(logged.values(f"{tag}/f"), f, rtol=1e-4, atol=1e-4)
        norms = np.hypot(gradients[path, :, 0], gradients[path, :, 1])
        np.testing.assert_allclose(logged.values(f"{tag}/gradient-norm"), norms, rtol=1e-5)
    np.testing.assert_allclose(logged.values("learning-rate"), 0.01, rtol=1e-6)
    assert logged.steps("final-f") == [30]
    assert logged.values("final-f")[0] == min(logged.values("path-1/f")[-1], logged.values("path-2/f")[-1])
    surface = next(event for event in events if type(event).__name__ == "SurfaceDrawn")
    (picture,) = logged.images("paths")
    np.testing.assert_array_equal(picture, surface_picture(surface, opened.labels, list(points)))  # type: ignore[arg-type]
    (solid,) = logged.images("paths-3d")
    np.testing.assert_array_equal(solid, solid_picture(surface, opened.labels, list(points)))  # type: ignore[arg-type]
    assert "| path-2 |" in logged.texts("starts")[0] and opened.labels[1] in logged.texts("ends")[0]
    start = hparams_metadata.parse_session_start_info_plugin_data(logged.content("_hparams_/session_start_info"))
    assert start.hparams["steps"].number_value == 30


def test_a_real_descent_on_a_curve_leaves_curves_tables_and_its_path(tmp_path: Path) -> None:
    events = run(tmp_path, "gradients", steps="12")
    logged = Logged(tmp_path)
    assert logged.steps("path-1/x") == list(range(13)) and "path-1/y" not in logged.tags
    tables = {f"table/{event.key}" for event in events if isinstance(event, Table)}
    curves = {f"curve/{event.key}" for event in events if isinstance(event, Curve)}
    assert tables and curves and tables | curves | {"paths", "learned", "outcome"} <= logged.tags
    assert logged.images("paths")[0].shape[2] == 3
    assert "paths-3d" not in logged.tags


def test_a_descent_that_is_stopped_is_still_drawn(tmp_path: Path) -> None:
    x = np.linspace(-1, 1, 5)
    points = np.zeros((1, 3, 1), np.float32)
    grew = PathsGrew(1, points, points[..., 0], points, 0.1)
    opened = PathsOpened(("p",), ("sgd",), points[:, 0], points[:, 0, 0], points[:, 0], 50)
    curve = Curve("c", "c", "x²", x, x * x, 2 * x)
    log(tmp_path, started(), curve, opened, grew, RunEnded(Outcome.STOPPED, 3, "stopped"))
    assert Logged(tmp_path).steps("paths") == [3]


def test_of_a_very_long_descent_every_nth_step_is_logged_and_reported(tmp_path: Path) -> None:
    points = np.zeros((1, 15_000, 2), np.float32)
    opened = PathsOpened(("p",), ("sgd",), points[:, 0], points[:, 0, 0], points[:, 0], 15_000)
    log(tmp_path, started(), opened, PathsGrew(1, points, points[..., 0], points, 0.1))
    log_ = read_log(tmp_path)
    steps = log_.scalars["path-1/x"].steps
    assert steps[0] == 0 and steps[-1] == 15_000 and set(np.diff(steps).tolist()) == {3}
    assert "Every 3rd step is logged" in log_.contents.texts["starts"][0].texts[0]


def test_of_very_many_paths_the_first_are_logged_and_that_is_reported(tmp_path: Path) -> None:
    points = np.zeros((40, 2, 2), np.float32)
    opened = PathsOpened(("p",) * 40, ("sgd",) * 40, points[:, 0], points[:, 0, 0], points[:, 0], 2)
    log(tmp_path, started(), opened, PathsGrew(1, points, points[..., 0], points, 0.1))
    logged = Logged(tmp_path)
    assert "path-16/f" in logged.tags and "path-17/f" not in logged.tags
    assert "first 16 paths" in logged.texts("starts")[0]


# --- when data are on the disk --------------------------------------------------------------------------------


def test_every_event_is_on_the_disk_when_the_next_begins(tmp_path: Path) -> None:
    writer = SummaryWriter(tmp_path)
    writer.write(Delivery("run", 0.0, started()))
    for event in chunks(500, [100]):
        writer.write(Delivery("run", 1.0, event))
        log_ = read_log(tmp_path)
        assert log_.skipped == ()
        assert log_.scalars["train-loss"].steps[-1] == event.last_step
    writer.close()


def test_a_log_that_is_not_yet_needed_imports_no_tensorflow(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from engine.events import Delivery, Phase, RunStarted
from engine.log.summaries import SummaryWriter
writer = SummaryWriter(Path({str(tmp_path)!r}))
writer.write(Delivery("run", 0.0, RunStarted("losses", "Losses", {{}}, "gdtui losses")))
writer.write(Delivery("run", 0.0, Phase("importing")))
print("tensorflow" in sys.modules)
"""
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "False"


def test_nothing_is_written_before_a_lesson_has_settled_what_it_computes_on(tmp_path: Path) -> None:
    writer = log(tmp_path, started(), Phase("waiting"), Remark("First."), Phase("compiling"), close=False)
    assert not list(tmp_path.iterdir())
    writer.write(Delivery("run", 1.0, metrics(1, 100)))
    assert read_log(tmp_path).scalars["train-loss"].steps[-1] == 100
    writer.close()


def test_times_are_those_of_the_events(tmp_path: Path) -> None:
    clock = Clock()
    writer = log(tmp_path, started(), metrics(1, 100), close=False, clock=clock)
    clock.now += 0.1
    writer.write(Delivery("run", 0.1, metrics(101, 100)))
    clock.now += 60.0  # paused: a minute later by the clock, and no time of the run
    writer.write(Delivery("run", 0.1, metrics(201, 100)))
    writer.close()
    times = read_log(tmp_path).scalars["train-loss"].wall_times
    np.testing.assert_allclose(np.diff(times), [0.0, 0.1, 60.0], atol=1e-6)


# --- resuming -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a run that was killed without warning after 750 steps."""
    folder = tmp_path_factory.mktemp("killed") / "run"
    code = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_summaries import chunks, log, started
log(Path({str(folder)!r}), started(), *chunks(750, [50]), close=False)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == -9
    return folder


def test_a_resumed_run_repeats_no_step_and_misses_none(killed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(killed, tmp_path / "run")
    said: list[str] = []
    log(folder, started(resumed_step=330), *chunks(1200, [70], start=330), report=said.append)
    for tag in ("train-loss", "train-mse", "learning-rate"):
        assert Logged(folder).steps(tag) == [1, *range(100, 1201, 100)]
    assert Logged(folder).texts("settings") and said == []


def test_a_record_that_a_crash_cut_short_hides_nothing_of_the_resumed_run(killed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(killed, tmp_path / "run")
    (path,) = folder.iterdir()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 7)
    log(folder, started(resumed_step=300), *chunks(900, [50], start=300))
    assert Logged(folder).steps("train-loss") == [1, *range(100, 901, 100)]


def test_a_log_that_ends_before_the_checkpoint_is_reported(killed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(killed, tmp_path / "run")
    said: list[str] = []
    log(folder, started(resumed_step=950), *chunks(1_000, [50], start=950), report=said.append)
    assert said == ["the log ends at step 700, the checkpoint is of step 950"]


def test_what_was_logged_after_the_checkpoint_is_cut_off_where_the_numbers_become_others(
    killed: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(killed, tmp_path / "run")
    log(folder, started(resumed_step=330), *halved(chunks(1200, [70], start=330)), numbers_change=True)
    assert Logged(folder).steps("train-loss") == [1, *range(100, 1201, 100)]
    expected = [1 / step if step < 330 else 0.5 / step for step in [1, *range(100, 1201, 100)]]
    assert Logged(folder).values("train-loss") == pytest.approx(expected)
    read = read_log(folder).scalars["train-loss"]
    assert read.steps.tolist() == Logged(folder).steps("train-loss")
    assert read.values == pytest.approx(expected)


def halved(events: Iterator[Metrics]) -> Iterator[Metrics]:
    return (replace(event, loss=event.loss / 2) for event in events)


# --- failures -------------------------------------------------------------------------------------------------


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """Make writing beyond `size` bytes of a file fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_disk_that_fills_up_and_empties_again_costs_nothing_and_is_reported_once(tmp_path: Path) -> None:
    said: list[str] = []
    clock = Clock()
    writer = log(tmp_path, started(), *chunks(1_000, [100]), close=False, report=said.append, clock=clock)
    with no_file_over(30):
        for event in chunks(4_000, [100], start=1_000):
            clock.now += 1
            writer.write(Delivery("run", 1.0, event))
            writer.write(Delivery("run", 1.0, image_event(f"image {event.last_step}", 1)))
    assert Logged(tmp_path).steps("train-loss")[-1] == 1_000
    clock.now += 10
    writer.write(Delivery("run", 1.0, metrics(4_001, 100)))
    writer.close()
    assert len(said) == 1 and len(said[0].splitlines()) == 1
    assert "it is tried again every few seconds" in said[0]
    assert Logged(tmp_path).steps("train-loss") == [1, *range(100, 4_101, 100)]
    log_ = read_log(tmp_path)
    assert log_.skipped == () and len([tag for tag in log_.images if tag.startswith("image ")]) == 30


def test_a_record_that_was_torn_by_a_full_disk_is_cut_off_and_written_elsewhere(tmp_path: Path) -> None:
    said: list[str] = []
    writer = log(tmp_path, started(), *chunks(100, [100]), close=False, report=said.append)
    (path,) = tmp_path.iterdir()
    with no_file_over(path.stat().st_size + 500):
        for event in chunks(1_000, [100], start=100):
            writer.write(Delivery("run", 1.0, event))
    writer.close()
    assert len(list(tmp_path.iterdir())) >= 2
    assert Logged(tmp_path).steps("train-loss") == [1, *range(100, 1_001, 100)]
    assert read_log(tmp_path).skipped == () and len(said) == 1


def test_a_disk_that_stays_full_ends_no_run_and_what_is_lost_is_reported_at_the_end(tmp_path: Path) -> None:
    said: list[str] = []
    writer = log(tmp_path, started(), *chunks(500, [100]), close=False, report=said.append)
    with no_file_over(30):
        for event in chunks(4_000, [100], start=500):
            writer.write(Delivery("run", 1.0, event))
        writer.close()
    assert len(said) == 2 and said[1].startswith("35 records") and said[1].endswith("are lost")
    assert Logged(tmp_path).steps("train-loss") == [1, *range(100, 501, 100)]
    assert read_log(tmp_path).skipped == ()  # what is there is whole
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("whole", [True, False], ids=["the folder", "the file"])
def test_a_log_that_vanishes_is_begun_again_and_that_is_reported_once(tmp_path: Path, whole: bool) -> None:
    folder, said = tmp_path / "logs" / "run", list[str]()
    writer = log(folder, started(), metrics(1, 100), close=False, report=said.append)
    if whole:
        shutil.rmtree(tmp_path / "logs")
    else:
        next(folder.iterdir()).unlink()
    for event in chunks(400, [100], start=100):
        writer.write(Delivery("run", 1.0, event))
    writer.close()
    assert len(said) == 1 and said[0].endswith("another event file was begun")
    assert Logged(folder).steps("train-loss") == [200, 300, 400]


def test_a_folder_in_whose_place_a_file_stands_is_tried_until_it_is_gone(tmp_path: Path) -> None:
    folder, said, clock = tmp_path / "run", list[str](), Clock()
    folder.write_text("in the way")
    writer = log(folder, started(), metrics(1, 100), close=False, report=said.append, clock=clock)
    assert len(said) == 1
    folder.unlink()
    writer.write(Delivery("run", 1.0, metrics(101, 100)))
    assert not folder.exists()
    clock.now += 6
    writer.write(Delivery("run", 1.0, metrics(201, 100)))
    writer.close()
    assert Logged(folder).steps("train-loss") == [1, 100, 200, 300] and len(said) == 1


def test_without_anyone_to_tell_a_failure_is_raised_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("in the way")
    with pytest.raises(EventLogError):
        log(tmp_path / "run", started(), metrics(1, 100))
    chosen, mailbox = lesson("autograd"), Mailbox()
    writer = SummaryWriter(tmp_path / "run")
    runner = Runner(chosen, parse_settings(chosen.settings, {}), [writer, mailbox], run="run")
    runner.start()
    assert runner.join(60) and runner.outcome is Outcome.DONE
    failures = [each.event for each in mailbox.take() if isinstance(each.event, LogFailed)]
    assert len(failures) == 1 and "is a file" in failures[0].message


def test_without_anyone_to_tell_a_failure_that_was_mended_is_raised_at_the_end(tmp_path: Path) -> None:
    writer = log(tmp_path / "run", started(), metrics(1, 100), close=False)
    shutil.rmtree(tmp_path / "run")
    writer.write(Delivery("run", 1.0, metrics(101, 100)))
    with pytest.raises(EventLogError, match="vanished"):
        writer.close()
    assert Logged(tmp_path / "run").steps("train-loss") == [200]


def test_a_path_that_is_no_utf_8_can_be_logged_to(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/d\xff"))
    log(folder, started(), metrics(1, 100))
    assert read_log(folder).scalars["train-loss"].steps.tolist() == [1, 100]


def test_an_event_file_that_cannot_be_begun_leaves_nothing_open_and_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise ValueError("no writer today")

    log(tmp_path / "before", started(), metrics(1, 100))  # what a first log opens for good is open now
    opened = len(list(Path("/dev/fd").iterdir()))
    monkeypatch.setattr(tf.io, "TFRecordWriter", refuse)
    writer = SummaryWriter(tmp_path / "run")
    writer.write(Delivery("run", 0.0, started()))
    with pytest.raises(ValueError, match="no writer today"):
        writer.write(Delivery("run", 1.0, metrics(1, 100)))
    assert list((tmp_path / "run").iterdir()) == [] and len(list(Path("/dev/fd").iterdir())) == opened


def test_what_waits_for_a_disk_is_bounded_and_images_go_before_numbers(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("in the way")
    said: list[str] = []
    event_log = EventLog(tmp_path / "run", said.append)
    for number in range(100):
        value = values.text("t", "x" * 2**20) if number % 2 else values.scalar("s", number)
        event_log.add(values.event(number, 0.0, [value]))
        event_log.flush()
    (tmp_path / "run").unlink()
    event_log.close()
    log_ = read_log(tmp_path / "run")
    assert log_.scalars["s"].steps.tolist() == list(range(0, 100, 2)) and len(log_.contents.texts["t"]) == 31
    assert said[-1].startswith("19 records")


def test_a_checkpoint_finds_its_steps_on_the_disk(tmp_path: Path) -> None:
    writer = log(tmp_path, started(), metrics(1, 100), CheckpointSaved(100), close=False)
    assert read_log(tmp_path).scalars["train-loss"].steps.tolist() == [1, 100]
    writer.close()
