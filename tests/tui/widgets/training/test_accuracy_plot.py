"""Accuracy over epochs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.events import Evaluated
from tests.tui.stage import Stage
from tui.widgets.training.accuracy_plot import AccuracyPlot, accuracy_series


def evaluated(step: int, epoch: int | None, accuracy: float, train: float | None = None) -> Evaluated:
    return Evaluated(step, epoch, 0.5, accuracy, np.eye(2, dtype=np.int64), ("a", "b"), train)


def test_train_and_test_accuracy_lie_at_their_epochs() -> None:
    test, train = accuracy_series([evaluated(469, 1, 0.8, 0.75), evaluated(938, 2, 0.85, 0.86)])
    assert (test.label, test.steps.tolist(), test.values.tolist()) == ("test", [1, 2], [0.8, 0.85])
    assert (train.label, train.steps.tolist(), train.values.tolist()) == ("train", [1, 2], [0.75, 0.86])


def test_images_kept_apart_have_a_curve_of_their_own() -> None:
    shown = [replace(evaluated(469 * n, n, 0.8, 0.75), validation_accuracy=0.7 + n / 100) for n in (1, 2)]
    *_, kept = accuracy_series(shown)
    assert (kept.label, kept.steps.tolist(), kept.values.tolist()) == ("validation", [1, 2], [0.71, 0.72])


def test_an_evaluation_within_an_epoch_lies_at_its_part() -> None:
    (test,) = accuracy_series([evaluated(250, None, 0.7), evaluated(500, 1, 0.8), evaluated(750, None, 0.82)])
    assert test.steps.tolist() == [0.5, 1, 1.5]


def test_before_the_first_epoch_ends_there_is_nothing_to_place() -> None:
    assert accuracy_series([evaluated(250, None, 0.7)]) == ()


async def test_the_cursor_reads_both_curves() -> None:
    plot = AccuracyPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show_evaluations([evaluated(469, 1, 0.8, 0.75), evaluated(938, 2, 0.85, 0.86)])
        plot.focus()
        await pilot.press("end")
        assert "epoch 2 · accuracy 0.85 · test" in plot.render_line(0).text
        await pilot.press("n")
        assert "epoch 2 · accuracy 0.86 · train" in plot.render_line(0).text
