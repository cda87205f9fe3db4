"""A run as plain lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.events import Evaluated, Learned, PathsGrew, Remark, Table
from tests.tui.headless_events import (
    TABLE,
    curve,
    descent,
    evaluated,
    grew,
    metrics,
    opened,
    said,
    started,
    surface,
    training,
)
from tui.headless.plain_report import MOST_PATHS, PlainReport
from tui.headless.tables import aligned, confusion
from tui.text.glyphs import ASCII


def test_a_descent_is_reported_every_twenty_steps_and_at_its_end() -> None:
    text = said(PlainReport(), started(), opened("from (0, 0)", total_steps=45), grew(1, 45))
    steps = [line for line in text.splitlines() if line.startswith("step")]
    assert steps == [
        "step 0: x = [0, 0], f(x) = 170",
        "step 20: x = [20, -20], f(x) = 20",
        "step 40: x = [40, -40], f(x) = 40",
        "step 45: x = [45, -45], f(x) = 45",
    ]


def test_a_run_that_was_taken_up_again_says_from_where() -> None:
    text = said(PlainReport(), replace(started("fashion-mnist"), resumed_step=469))
    assert text.splitlines() == ["== Fashion-mnist ==", "$ gdtui fashion-mnist --no-ui", "resumed after step 469"]


def test_which_steps_are_printed_does_not_depend_on_how_the_steps_come() -> None:
    whole = said(PlainReport(), started(), opened("a", total_steps=60), grew(1, 60))
    parts = said(PlainReport(), started(), opened("a", total_steps=60), grew(1, 7), grew(8, 41), grew(49, 12))
    assert parts == whole


def test_of_several_paths_each_is_named() -> None:
    text = said(PlainReport(), started(), opened("from (1, 0)", "from (−4, 0)"), grew(1, 20, paths=2))
    assert "step 20: x = [20, -20], f(x) = 20, from (−4, 0)\n" in text


def test_a_crowd_of_paths_is_summed_up() -> None:
    labels = [f"from ({number}, 0)" for number in range(64)]
    text = said(PlainReport(), started(), opened(*labels), grew(1, 20, paths=64))
    lines = [line for line in text.splitlines() if line.startswith("step 20")]
    assert len(lines) == MOST_PATHS + 1
    assert lines[-1] == f"step 20: and {64 - MOST_PATHS} paths more, the lowest f(x) = 20"


def test_a_crowd_that_has_wholly_diverged_is_reported_without_a_warning() -> None:
    lost = np.full((64, 20), np.nan, np.float32)
    nowhere = np.full((64, 20, 2), np.nan, np.float32)
    text = said(PlainReport(), started(), opened(*["a"] * 64), PathsGrew(1, nowhere, lost, nowhere, 0.01))
    assert "the lowest f(x) = inf" in text


def test_the_loss_is_reported_every_hundred_steps_with_its_epoch() -> None:
    text = said(PlainReport(), started(log_every="100"), metrics(1, 1, 130), metrics(1, 131, 130))
    for other in ("0", "²", ""):  # of a learner's own lesson
        assert said(PlainReport(), started(log_every=other), metrics(1, 1, 130), metrics(1, 131, 130)) == text
    assert [line for line in text.splitlines() if "loss" in line] == [
        "epoch 1 step 100 loss 0.01 mse 0.001",
        "epoch 1 step 200 loss 0.005 mse 0.0005",
    ]


def test_an_epoch_ends_with_its_test_accuracy() -> None:
    assert said(PlainReport(), evaluated(469, 3)) == "epoch 3 test acc 0.8600, test loss 0.4000, train acc 0.8500\n"
    assert said(PlainReport(), evaluated(500, None)).startswith("step 500 test acc 0.8600")
    kept = replace(evaluated(469, 3), validation_accuracy=0.87)
    assert said(PlainReport(), kept).endswith(", train acc 0.8500, val acc 0.8700\n")


def test_the_confusion_matrix_stands_at_the_end_of_training() -> None:
    text = said(PlainReport(), *training())
    assert text.count("Confusion matrix") == 1
    assert "      bag  coat\nbag     9     1\ncoat    2     8\n" in text


def test_a_matrix_that_is_too_wide_is_printed_in_pages_of_columns() -> None:
    names = tuple(f"letter {place}" for place in range(26))
    tested = Evaluated(9, 1, 0.4, 0.8, np.eye(26, dtype=np.int64) * 7, names)
    pages = list(confusion(tested, 80))
    assert pages[0][0].endswith("a predicted one, columns 1 to 7 of 26")
    assert [head for _, heads, _ in pages for head in heads[1:]] == list(names)
    assert all(len(rows) == 26 for _, _, rows in pages)
    for _, heads, rows in pages:
        assert max(map(len, aligned(heads, rows))) <= 80


def test_of_hundreds_of_classes_the_most_frequent_confusions_are_printed() -> None:
    counts = np.eye(100, dtype=np.int64) * 50
    counts[3, 4], counts[90, 2] = 7, 9
    ((title, heads, rows),) = confusion(Evaluated(9, 1, 0.4, 0.8, counts, tuple(map(str, range(100)))))
    assert title == "The most frequent confusions of 100 classes after step 9"
    assert heads == ("true", "predicted", "count", "of")
    assert rows == (("90", "2", 9, 59), ("3", "4", 7, 57))


def test_a_table_is_aligned_numbers_to_the_right() -> None:
    assert said(PlainReport(), TABLE) == "\ny = x·w + b\nquantity  tape\ny            5\ndy/dw     3.25\nd²y/dw²\n"


def test_columns_are_counted_as_a_terminal_counts_them() -> None:
    assert aligned(("a", "b"), (("m̂", 1), ("日", 2))) == ["a   b", "m̂   1", "日  2"]


def test_a_curve_is_a_line_of_numbers() -> None:
    assert "61 points, x from -3 to 3, value from 0 to 9, gradient from -6 to 6" in said(PlainReport(), curve())


def test_a_surface_names_its_minima() -> None:
    assert "minimum (3, 2), f = 0\n" in said(PlainReport(), surface())


def test_each_path_says_where_it_ended() -> None:
    text = said(PlainReport(), *descent())
    assert "from (1, 0): x = [3, 2], f(x) = 1e-12, |gradient| = 1e-05, reached the minimum (3, 2) in 21 steps\n" in text
    assert "diverged at step 41\n" in text


def test_quiet_says_what_was_learned_and_nothing_else() -> None:
    quiet = PlainReport(quiet=True)
    assert said(quiet, *descent()) == "himmelblau: The path reached the minimum (3, 2). It took 21 steps.\n"


def test_ascii_is_ascii() -> None:
    text = said(PlainReport(ASCII), *descent(), TABLE, curve())
    assert text.isascii()
    assert "eta times the gradient" in text


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\rb", "\u202egnp", "one\ntwo"])
def test_nothing_that_a_terminal_acts_on_comes_through(hostile: str) -> None:
    text = said(PlainReport(), Remark(hostile), Learned(hostile), Table("k", hostile, (hostile,), ((hostile,),)))
    assert all(c == "\n" or c.isprintable() for c in text)
    assert len(text.splitlines()) == len(
        said(PlainReport(), Remark("x"), Learned("x"), Table("k", "x", ("x",), (("x",),))).splitlines()
    )
