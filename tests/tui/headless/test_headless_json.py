"""A run as JSON lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import events
from engine.events import CheckpointSaved, Delivery, Event, Images, PathsGrew, RunEnded
from tests.tui.headless_events import TABLE, delivered, descent, evaluated, metrics, said, started, surface, training
from tui.headless.json_report import VARYING, JsonReport, line, name_of, reference


def objects(*these: Event) -> list[dict[str, Any]]:
    return [json.loads(row) for row in said(JsonReport(), *these).splitlines()]


def gathered(*these: Event) -> list[tuple[int, int]]:
    """First and last step of each metrics object."""
    rows = [row for row in objects(*these) if row["event"] == "metrics"]
    return [(row["first_step"], row["first_step"] + len(row["loss"]) - 1) for row in rows]


def test_every_event_is_one_object_with_its_name_run_and_time() -> None:
    rows = objects(*descent())
    assert [row["event"] for row in rows] == [name_of(type(event)) for event in descent()]
    assert all(row["run"] == "himmelblau" and row["elapsed_s"] == 0 for row in rows)


def test_an_object_has_the_fields_of_its_event() -> None:
    row = json.loads(line(Delivery("a/b", 1.23456789, TABLE)))
    assert row == {
        "event": "table",
        "run": "a/b",
        "elapsed_s": 1.234568,
        "key": "linear",
        "title": "y = x·w + b",
        "columns": ["quantity", "tape"],
        "rows": [["y", 5.0], ["dy/dw", 3.25], ["d²y/dw²", None]],
    }


def test_a_resumed_run_says_after_which_step_and_its_steps_end_at_the_same_numbers() -> None:
    begun = replace(started("fashion-mnist"), resumed_step=430)
    rows = objects(begun, metrics(1, 431, 200))
    assert rows[0]["resumed_step"] == 430
    assert gathered(begun, metrics(1, 431, 200), RunEnded(events.Outcome.DONE, 630, "")) == [
        (431, 500), (501, 600), (601, 630),
    ]  # fmt: skip


def test_arrays_are_lists_and_a_float32_has_no_digit_too_many() -> None:
    point = np.array([[[0.1, 0.2]]], np.float32)
    row = json.loads(line(delivered(PathsGrew(1, point, point[:, :, 0], point, 0.01))))
    assert row["points"] == [[[0.1, 0.2]]]
    assert np.float32(row["points"][0][0][0]) == point[0, 0, 0]


def test_what_is_not_finite_is_null() -> None:
    lost = np.array([[[np.nan, np.inf]]], np.float32)
    text = line(delivered(PathsGrew(1, lost, lost[:, :, 0], lost, float("-inf"))))
    row = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert row["points"] == [[[None, None]]]
    assert row["learning_rate"] is None


def test_nested_parts_are_objects_and_an_outcome_is_a_word() -> None:
    (minimum,) = objects(surface())[0]["minima"]
    assert minimum == {"label": "(3, 2)", "point": [3.0, 2.0], "value": 0.0, "found": False, "kink": False}
    assert objects(*descent())[-1]["outcome"] == "done"


def test_pictures_are_numbers() -> None:
    picture = Images("t", 0, np.zeros((1, 2, 2), np.uint8), np.array([3]), None, ("a",))
    row = objects(picture)[0]
    assert row["images"] == [[[0, 0], [0, 0]]]
    assert row["labels"] == [3]
    assert row["predictions"] is None


def test_a_line_is_ascii_whatever_it_says() -> None:
    assert said(JsonReport(), *descent()).isascii()
    hostile = RunEnded(events.Outcome.FAILED, 0, "\x1b[2J \udcff \u202e")
    text = line(delivered(hostile))
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["message"] == "\x1b[2J \udcff \u202e"


def test_steps_are_gathered_to_the_same_objects_however_they_come() -> None:
    coarse = [metrics(1, 1, 200), metrics(1, 201, 50)]
    fine = [metrics(1, first, 10) for first in range(1, 251, 10)]
    assert gathered(started(), *coarse, evaluated(250, 1)) == [(1, 100), (101, 200), (201, 250)]
    assert gathered(started(), *fine, evaluated(250, 1)) == [(1, 100), (101, 200), (201, 250)]


def test_gathering_keeps_to_the_steps_of_the_log() -> None:
    assert gathered(started(log_every="40"), metrics(1, 1, 100), evaluated(100, 1)) == [(1, 40), (41, 80), (81, 100)]
    assert gathered(started(log_every="0"), metrics(1, 1, 150), evaluated(150, 1)) == [(1, 100), (101, 150)]


def test_an_epoch_s_end_ends_a_gathering() -> None:
    assert gathered(started(), metrics(1, 1, 30), metrics(2, 31, 70)) == [(1, 30), (31, 100)]


def test_a_checkpoint_comes_by_the_clock_and_ends_no_gathering() -> None:
    assert gathered(started(), metrics(1, 1, 30), CheckpointSaved(30), metrics(1, 31, 70)) == [(1, 100)]


def test_gathering_loses_no_step() -> None:
    rows = [row for row in objects(*training()) if row["event"] == "metrics"]
    losses = np.concatenate([row["loss"] for row in rows])
    assert np.allclose(losses, 1 / np.arange(1, 939))


def test_the_rate_of_each_step_is_given_where_they_differ() -> None:
    falling = replace(metrics(1, 1, 150), rates=np.linspace(0.2, 0.1, 150, dtype=np.float32), learning_rate=0.1)
    changed = [replace(metrics(1, 151, 30), learning_rate=0.1), replace(metrics(1, 181, 20), learning_rate=0.3)]
    first, second = (
        row for row in objects(started(), falling, *changed, evaluated(200, 1)) if row["event"] == "metrics"
    )
    np.testing.assert_allclose(first["rates"], np.linspace(0.2, 0.1, 150)[:100], rtol=1e-6)
    assert first["learning_rate"] == pytest.approx(first["rates"][-1])
    assert second["rates"][49:] == [0.1] * 31 + [0.3] * 20
    (plain,) = (row for row in objects(started(), metrics(1, 1, 50), evaluated(50, 1)) if row["event"] == "metrics")
    assert plain["rates"] is None


def test_the_gradient_norm_is_given_where_it_was_known() -> None:
    rows = [row for row in objects(started(), metrics(1, 1, 150, norm=2.5), evaluated(150, 1)) if "loss" in row]
    assert [row.get("gradient_norm") for row in rows[:2]] == [None, 2.5]


def test_two_runs_at_different_speeds_differ_in_times_and_rates_alone() -> None:
    def run(chunk: int, rate: float) -> list[dict[str, Any]]:
        chunks = [metrics(1, first, chunk, rate=rate) for first in range(1, 201, chunk)]
        rows = objects(started(log_every="100"), *chunks, evaluated(200, 1))
        return [{key: value for key, value in row.items() if key not in VARYING} for row in rows]

    assert run(chunk=10, rate=500.0) == run(chunk=50, rate=1500.0)


def test_the_reference_has_every_event_that_reaches_a_sink() -> None:
    table = reference()
    reaching = {name_of(each) for each in Event.__subclasses__()} - {"snapshot"}
    assert {row.split("`")[1] for row in table.splitlines()[2:]} == reaching


def test_the_readme_lists_every_event_and_field() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    rows = [row.split("|")[1:3] for row in reference().splitlines()[2:]]
    assert len(rows) > 15
    for event, names in rows:
        assert f"|{event}|{names}|" in readme, f"{event.strip()} is not as in the README's table"
