"""Logs of tensorboardX 2.6.5 and of PyTorch 2.13, stored beside this file, are read as by TensorBoard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from engine.log.charts import Chart, Margin
from engine.log.event_files import LogReader, read_log
from engine.log.event_values import LoggedAudio, LoggedCharts, LoggedCurve, decoded
from engine.log.run_tree import LogTree
from engine.log.scalar_table import read_scalars

LOGS = Path(__file__).parent / "tensorboardx"
TORCH = Path(__file__).parent / "torch"
PLUGINS = Path(__file__).parent / "tensorboardx-plugins"

Scalars = dict[str, list[tuple[int, float, float]]]


def test_every_folder_that_it_writes_is_a_run() -> None:
    tree = LogTree(LOGS)
    assert tree.look(60.0)
    assert sorted(tree.runs) == [".", "both/a", "both/b", "trial"]


@pytest.mark.parametrize("run", [".", "both/a", "both/b", "trial"])
def test_its_scalars_are_those_of_the_event_accumulator(run: str) -> None:
    found = scalars_of(LOGS / run)
    assert found == accumulated(LOGS / run) and found


@pytest.mark.parametrize("run", [".", "both_a", "both_b", "trial"])
def test_pytorchs_scalars_are_those_of_the_event_accumulator(run: str) -> None:
    found = scalars_of(TORCH / run)
    assert found == accumulated(TORCH / run) and found


def test_what_pytorch_logged_comes_back() -> None:
    table = read_scalars(TORCH)
    exact = 1 / np.arange(1, 41)
    assert table.scalars["double"].values.tolist() == exact.tolist()
    for tag in ("loss", "new", "no-step"):
        assert table.scalars[tag].values.tolist() == exact.astype(np.float32).tolist()
    assert read_scalars(TORCH / "trial").hparams == {"lr": 0.1, "opt": "sgd"}
    assert table.skipped == ()


def scalars_of(folder: Path) -> Scalars:
    """The scalars as gdtui reads them."""
    return {
        tag: list(zip(points.steps.tolist(), points.wall_times.tolist(), points.values.tolist(), strict=True))
        for tag, points in read_scalars(folder).scalars.items()
    }


def accumulated(folder: Path) -> Scalars:
    """The scalars as TensorBoard reads them."""
    accumulator = EventAccumulator(str(folder), {"scalars": 0, "tensors": 0})
    accumulator.Reload()
    found = {
        tag: [(each.step, each.wall_time, each.value) for each in accumulator.Scalars(tag)]
        for tag in accumulator.Tags()["scalars"]
    }
    for tag in accumulator.Tags()["tensors"]:
        if accumulator.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            points = accumulator.Tensors(tag)
            found[tag] = [
                (each.step, each.wall_time, float(tensor_util.make_ndarray(each.tensor_proto).item()))
                for each in points
            ]
    return found


def test_what_was_logged_comes_back() -> None:
    table = read_scalars(LOGS)
    np.testing.assert_allclose(table.scalars["loss"].values, 1 / np.arange(1, 41), rtol=1e-6)
    assert table.scalars["no-step"].valid.all() and len(table.scalars["no-step"].steps) == 40
    assert read_scalars(LOGS / "trial").hparams == {"lr": pytest.approx(0.1), "opt": "sgd"}
    log = read_log(LOGS)
    assert log.skipped == ()
    assert log.contents.texts["notes/text_summary"][0].texts == ("**hello**",)
    assert log.contents.histograms["weights"][0].bins[:, 2].sum() == 10
    picture = decoded(log.images["digit"][0].files[0])
    assert picture is not None and picture.shape == (4, 4, 3)


def test_its_curves_charts_and_audio_are_what_was_logged() -> None:
    reader = LogReader(PLUGINS)
    entries = [entry for batch in reader.batches(100) for record in batch for entry in reader.decoder.decode(record)]
    reader.close()
    assert reader.skipped == ()
    (curve,) = (entry for entry in entries if isinstance(entry, LoggedCurve))
    assert (curve.tag, curve.step, curve.points.shape) == ("pr", 3, (6, 21))
    assert curve.points[:4].sum(axis=0).tolist() == [200.0] * 21
    positives, negatives = curve.points[0, 0], curve.points[1, 0]
    np.testing.assert_allclose(curve.points[5], curve.points[0] / positives, rtol=1e-6)
    assert positives + negatives == 200
    (layout,) = (entry for entry in entries if isinstance(entry, LoggedCharts))
    assert layout.charts == (
        Chart("Losses / both", ("train/loss", "val/loss")),
        Chart("Losses / band", (), (Margin("mid", "low", "high"),)),
    )
    (audio,) = (entry for entry in entries if isinstance(entry, LoggedAudio))
    (clip,) = audio.clips
    assert (clip.kind, clip.rate_hz, clip.channels, clip.seconds) == ("wav", 8000, 1, 0.1)
