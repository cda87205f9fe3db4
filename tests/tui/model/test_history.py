"""Past runs: their order, the filter, and the row of a run's folder."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lessons import lesson
from engine.run.run_record import RunRecord
from engine.settings import params_of
from tui.model.history import COLUMNS, PastRun, filter_of, ordered, past_run, setting_words, words_of
from tui.text.glyphs import ASCII
from tui.views import run_columns

NOON = datetime(2026, 11, 24, 12, 0)


def run(name: str, **parts: object) -> PastRun:
    return PastRun(f"himmelblau/{name}", "himmelblau", str(parts.pop("outcome", "done")), **parts)  # type: ignore[arg-type]


RUNS = (
    run("a", started=NOON, value=0.5, value_name="loss", accuracy=0.9, steps=100, changed={"learning_rate": "0.1"}),
    run("b", started=NOON + timedelta(1), value=1e-8, value_name="f", steps=7, settings={"optimizer": "adam"}),
    run("c", value=None, outcome="crashed", command="gdtui himmelblau --seed 3"),
)


def names(runs: list[PastRun]) -> str:
    return "".join(each.run[-1] for each in runs)


@pytest.mark.parametrize(
    ("column", "descending", "expected"),
    [
        ("when", True, "bac"),
        ("when", False, "abc"),
        ("value", False, "bac"),
        ("steps", True, "abc"),
        ("accuracy", True, "abc"),
    ],
)
def test_runs_are_sorted_and_the_unknown_comes_last_either_way(column: str, descending: bool, expected: str) -> None:
    assert names(ordered(RUNS, column, descending=descending)) == expected


def test_a_loss_that_is_not_a_number_comes_last() -> None:
    broken = run("d", value=math.nan, value_name="loss")
    assert names(ordered((broken, *RUNS), "value", descending=True))[:2] == "ab"


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_can_be_sorted_by(column: str) -> None:
    assert sorted(names(ordered(RUNS, column, descending=True))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "abc"),
        ("adam", "b"),
        ("ADAM himmel", "b"),
        ("crashed", "c"),
        ("seed 3", "c"),
        ("acc>0.85", "a"),
        ("loss<1", "a"),
        ("f<1e-6", "b"),
        ("steps>=7 steps<100", "b"),
        ("acc>", ""),
        ("nothing like it", ""),
    ],
)
def test_a_filter_is_words_and_comparisons_all_of_which_hold(text: str, expected: str) -> None:
    passes = filter_of(text)
    assert names([each for each in RUNS if passes(each, words_of(each))]) == expected


@given(st.text())
def test_no_filter_fails(text: str) -> None:
    passes = filter_of(text)
    found = [passes(each, words_of(each)) for each in RUNS]
    if not text.split():
        assert all(found)


def record(**parts: object) -> RunRecord:
    return RunRecord("himmelblau/20261124-211754", Path("x"), "himmelblau", "done", **parts)  # type: ignore[arg-type]


def test_a_row_tells_which_settings_differ_from_the_lesson_s_own() -> None:
    defaults = lesson("himmelblau").settings().texts()
    row = past_run(record(settings={**defaults, "learning_rate": "0.05"}))
    assert row.changed == {"learning_rate": "0.05"}
    assert set(row.settings) == {param.name for param in params_of(lesson("himmelblau").settings)}
    assert setting_words(row.changed) == "learning rate 0.05"


def test_a_lesson_that_nobody_knows_has_every_setting_told() -> None:
    stranger = RunRecord("x/1", Path("x"), "x", "crashed", settings={"a": "1"})
    assert past_run(stranger).changed == {"a": "1"}


def test_a_descent_is_reported_by_its_f_and_a_classifier_by_its_loss() -> None:
    descent = past_run(record(metrics={"final-f": 1e-9, "learning-rate": 0.1}))
    assert (descent.value, descent.value_name, descent.accuracy) == (1e-9, "f", None)
    classifier = past_run(record(metrics={"test-loss": 0.3, "train-loss": 0.2, "test-acc": 0.89}))
    assert (classifier.value, classifier.value_name, classifier.accuracy) == (0.3, "loss", 0.89)


def test_narrow_tables_leave_out_the_least_needed_columns_first() -> None:
    sizes = run_columns.measured(RUNS)
    wide = [column.name for column in run_columns.fitted(sizes, 140)]
    assert wide == list(COLUMNS)
    assert "time" not in [column.name for column in run_columns.fitted(sizes, 80)]
    assert [column.name for column in run_columns.fitted(sizes, 40)] == ["lesson", "value", "settings"]


@given(st.integers(20, 250))
def test_a_row_is_never_wider_than_its_room_where_there_is_some(width: int) -> None:
    columns = run_columns.fitted(run_columns.measured(RUNS), width)
    used = run_columns.MARK + sum(len(text) for text in run_columns.row(RUNS[0], columns))
    assert used <= max(width, 40)


def test_outcomes_have_a_sign_beside_their_colour() -> None:
    cells = [run_columns.cell(run("x", outcome=outcome), "outcome") for outcome in ("done", "diverged", "crashed")]
    assert cells == ["✓ done", "! diverged", "✗ crashed"]
    plain = run_columns.cell(run("x", outcome="done"), "outcome", glyphs=ASCII)
    assert plain == "+ done"


def test_controls_in_a_stranger_s_settings_are_not_shown() -> None:
    nasty = run("x", changed={"a\x1b[2J": "\u202e"})
    assert run_columns.cell(nasty, "settings") == "a\ufffd[2J \ufffd"


def test_a_setting_changed_during_a_run_is_reported_with_both_values(tmp_path: Path) -> None:
    record = RunRecord(
        "himmelblau/a", tmp_path, "himmelblau", "done",
        settings={"learning_rate": "0.2"}, settings_at_start={"learning_rate": "0.1"},
    )  # fmt: skip
    assert setting_words(past_run(record).changed) == "learning rate 0.1, then 0.2"


def test_long_numbers_are_rounded_in_a_row_and_exact_in_the_command(tmp_path: Path) -> None:
    start = "3.238457202911377,1.061234567"
    record = RunRecord("himmelblau/a", tmp_path, "himmelblau", "done", settings={"start": start}, command=start)
    told = past_run(record)
    assert run_columns.cell(told, "settings") == "start 3.238,1.061"
    assert told.command == start
