"""A plot's data as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import numpy as np

from engine.events import (
    Curve,
    Delivery,
    Evaluated,
    Event,
    Metrics,
    PathsGrew,
    PathsOpened,
    RunStarted,
    SettingChanged,
    Table,
)
from tui.model.export import as_csv, as_json, available, sheet_of, write_new
from tui.model.run_state import RunState, fold, fold_all

NOW = datetime(2026, 11, 24, 21, 17, 54)


def run_of(*events: Event) -> RunState:
    return fold_all(RunState("r"), [Delivery("r", float(n), event) for n, event in enumerate(events)])


def descent() -> RunState:
    starts = np.array([[1, 2]], np.float32)
    points = np.array([[[0.5, np.nan]]], np.float32)
    started = RunStarted("himmelblau", "H", {"learning_rate": "0.1"}, "gdtui himmelblau")
    opened = PathsOpened(("from (1, 2)",), ("sgd",), starts, np.ones(1, np.float32), starts, 1)
    return run_of(started, opened, PathsGrew(1, points, np.array([[np.inf]], np.float32), points.copy(), 0.2))


def test_every_step_of_every_path_is_a_row() -> None:
    sheet = sheet_of(descent(), "paths")
    assert sheet is not None
    rows = list(csv.DictReader(io.StringIO(as_csv(sheet))))
    assert [(row["step"], row["x"], row["y"], row["f"], row["learning_rate"]) for row in rows] == [
        ("0", "1.0", "2.0", "1.0", "0.1"),
        ("1", "0.5", "nan", "inf", "0.2"),
    ]


def test_json_says_of_which_run_and_has_null_for_what_is_not_finite() -> None:
    state = descent()
    sheet = sheet_of(state, "paths")
    assert sheet is not None
    content = json.loads(as_json(sheet, state))
    assert (content["lesson"], content["command"]) == ("himmelblau", "gdtui himmelblau")
    assert content["rows"][1][content["columns"].index("f")] is None


def test_losses_keep_every_step_at_full_precision() -> None:
    loss = np.array([0.1, 0.2], np.float32)
    state = run_of(Metrics(1, 1, loss, loss, 1.5, 1e-3, 10.0, 2, 1))
    sheet = sheet_of(state, "loss")
    assert sheet is not None
    assert [np.float32(row[2]) for row in sheet.rows] == list(loss)


def test_a_run_offers_what_it_has() -> None:
    tested = Evaluated(1, 1, 0.5, 0.9, np.eye(2, dtype=np.int64), ("a", "b"))
    x = np.linspace(0, 1, 3)
    assert available(run_of(tested)) == ("accuracy", "confusion")
    assert available(run_of(Curve("c", "c", "x", x, x, x), Table("t", "T", ("x",), ((None,),)))) == ("curves", "tables")
    assert available(RunState("r")) == ()


def test_a_confusion_matrix_has_its_names_on_both_sides() -> None:
    tested = Evaluated(1, 1, 0.5, 0.9, np.array([[3, 1], [0, 4]]), ("a", "b"))
    sheet = sheet_of(run_of(tested), "confusion")
    assert sheet is not None
    assert list(sheet.rows) == [("a", 3, 1), ("b", 0, 4)]


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    first = write_new(tmp_path, "loss", "csv", "one", NOW)
    second = write_new(tmp_path, "loss", "csv", "two", NOW)
    assert (first.name, second.name) == ("gdtui-loss-20261124-211754.csv", "gdtui-loss-20261124-211754-2.csv")
    assert (first.read_text(), second.read_text()) == ("one", "two")


def test_what_was_changed_during_a_run_is_not_exported_as_its_settings() -> None:
    state = fold(descent(), Delivery("r", 3.0, SettingChanged(1, "learning_rate", "0.1", "0.2")))
    sheet = sheet_of(state, "paths")
    assert sheet is not None
    content = json.loads(as_json(sheet, state))
    assert content["settings"] == {"learning_rate": "0.1"}
    assert content["changes"] == [{"step": 1, "name": "learning_rate", "before": "0.1", "after": "0.2"}]
