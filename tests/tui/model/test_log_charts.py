"""Charts of a log's layout as curves, pinned items, the orders of runs, and what is remembered of a folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from engine.log.charts import Chart, Margin
from engine.log.event_values import Logged, LoggedCharts, LoggedScalar
from engine.log.reader import LogUpdate, Portion
from engine.log.run_tree import FoundRun
from tui.model import log_choices, log_state
from tui.model.log_charts import MOST_CURVES, chart_curves
from tui.model.log_names import TagItem
from tui.model.log_state import LogState
from tui.views.log_views import plot_sheet, run_row, scalar_tags

LOGS = Path("/logs")


def read(**runs: list[Logged]) -> LogState:
    found = tuple(FoundRun(name, LOGS / name, float(number)) for number, name in enumerate(runs))
    portions = tuple(Portion(name, tuple(entries), 0, ()) for name, entries in runs.items())
    return log_state.take(LogState(LOGS), LogUpdate(found, portions, False, False, True))


def scalar(tag: str, value: float, step: int = 1) -> LoggedScalar:
    return LoggedScalar(tag, step, 100.0 + step, value)


def charts(*made: Chart) -> LoggedCharts:
    return LoggedCharts("custom_scalars__config__", 0, 100.0, made)


LOSSES = charts(Chart("losses", ("train/.*", "val/loss")))

# --- charts -----------------------------------------------------------------------------------------------------------


def test_a_chart_draws_the_tags_of_every_run_each_in_a_style_of_its_own() -> None:
    entries = [LOSSES, scalar("train/loss", 1.0), scalar("val/loss", 2.0), scalar("other", 3.0)]
    state = read(a=entries, b=entries)
    assert TagItem("charts", "losses") in state.items
    drawn = chart_curves(state, "losses")
    labels = [series.label for series in drawn.series]
    assert labels == ["b train/loss", "b val/loss", "a train/loss", "a val/loss"]
    assert dict(drawn.slots) == {label: slot for slot, label in enumerate(labels)}


def test_of_one_run_the_curves_have_their_tags_names() -> None:
    state = read(a=[LOSSES, scalar("train/loss", 1.0)])
    assert [series.label for series in chart_curves(state, "losses").series] == ["train/loss"]


def test_the_margins_of_a_value_are_ghosts_in_its_style() -> None:
    band = charts(Chart("band", (), (Margin("v", "low", "high"),)))
    drawn = chart_curves(read(a=[band, scalar("v", 2.0), scalar("low", 1.0), scalar("high", 3.0)]), "band")
    assert [(series.label, series.ghost) for series in drawn.series] == [("v", False), ("low", True), ("high", True)]
    assert set(dict(drawn.slots).values()) == {0}


def test_of_too_many_curves_the_rest_is_counted() -> None:
    entries: list[Logged] = [scalar(f"train/{number}", 1.0) for number in range(MOST_CURVES + 3)]
    drawn = chart_curves(read(a=[LOSSES, *entries]), "losses")
    assert (len(drawn.series), drawn.left_out) == (MOST_CURVES, 3)


def test_a_chart_is_exported_with_all_its_curves() -> None:
    state = read(a=[LOSSES, scalar("train/loss", 1.0), scalar("val/loss", 2.0)])
    sheet = plot_sheet(log_state.show_item(state, TagItem("charts", "losses")))
    assert sheet is not None
    assert [(row[0], row[3]) for row in sheet.rows] == [("train/loss", 1.0), ("val/loss", 2.0)]


# --- pins -------------------------------------------------------------------------------------------------------------


def test_what_is_pinned_comes_first_and_goes_back() -> None:
    state = read(a=[scalar(tag, 1.0) for tag in ("x", "y", "z")])
    pinned = log_state.pin(state, TagItem("scalars", "z"))
    assert scalar_tags(pinned) == ["z", "x", "y"]
    assert scalar_tags(log_state.pin(pinned, TagItem("scalars", "z"))) == ["x", "y", "z"]
    assert log_state.pin(state, TagItem("about")) is state


def test_pins_outlast_news() -> None:
    state = log_state.pin(read(a=[scalar("x", 1.0), scalar("z", 1.0)]), TagItem("scalars", "z"))
    news = LogUpdate(None, (Portion("a", (scalar("y", 1.0),), 0, ()),), False, False, True)
    assert scalar_tags(log_state.take(state, news)) == ["z", "x", "y"]


# --- order ------------------------------------------------------------------------------------------------------------


def test_runs_are_ordered_by_the_value_that_is_looked_at_the_best_first() -> None:
    state = read(a=[scalar("loss", 0.5), scalar("acc", 0.5)], b=[scalar("loss", 0.2), scalar("acc", 0.9)], c=[])
    state = log_state.show_item(state, TagItem("scalars", "loss"))
    by_loss = log_state.next_order(log_state.next_order(state))
    assert (by_loss.order_by, by_loss.order_tag, by_loss.order) == ("value", "loss", ("b", "a", "c"))
    assert run_row(by_loss, "b", 0.0).value == 0.2
    assert log_state.turn_order(by_loss).order == ("a", "b", "c")
    by_accuracy = log_state.order_runs(state, "value", "acc")
    assert by_accuracy.order == ("b", "a", "c")
    assert log_state.next_order(by_loss).order_by == "newest"


def test_an_order_by_value_follows_new_values() -> None:
    state = log_state.order_runs(read(a=[scalar("loss", 0.5)], b=[scalar("loss", 0.2)]), "value", "loss")
    news = LogUpdate(None, (Portion("a", (scalar("loss", 0.1, 2),), 0, ()),), False, False, True)
    assert log_state.take(state, news).order == ("a", "b")


# --- what is remembered -----------------------------------------------------------------------------------------------


def test_filters_order_and_pins_are_remembered_by_folder(tmp_path: Path) -> None:
    state = log_state.pin(read(a=[scalar("loss", 0.5)]), TagItem("scalars", "loss"))
    state = log_state.filter_tags(log_state.filter_runs(state, "lr<0.01 OR a"), "loss")
    state = log_state.order_runs(state, "value", "loss", upside_down=True)
    log_choices.Remembering(tmp_path / "state.json", "/logs").save(state)
    choices = log_choices.Remembering(tmp_path / "state.json", "/logs").choices
    again = log_choices.restored(LogState(LOGS), choices)
    assert log_choices.chosen(again) == log_choices.chosen(state) == choices
    assert log_choices.Remembering(tmp_path / "state.json", "/other").choices == log_choices.LogChoices()


def test_folders_are_remembered_beside_each_other_the_oldest_are_let_go(tmp_path: Path) -> None:
    beside = tmp_path / "state.json"
    state = replace(LogState(LOGS), run_filter="x")
    for number in range(log_choices.MOST_FOLDERS + 1):
        log_choices.Remembering(beside, f"/{number}").save(state)
    folders = json.loads((tmp_path / log_choices.FILE).read_text())["folders"]
    assert len(folders) == log_choices.MOST_FOLDERS
    assert "/0" not in folders and f"/{log_choices.MOST_FOLDERS}" in folders


def test_a_damaged_file_of_choices_is_put_aside_and_said(tmp_path: Path) -> None:
    (tmp_path / log_choices.FILE).write_text('{"version": 1, "folders": {"/logs": {"order": "sideways"}}}')
    found = log_choices.Remembering(tmp_path / "state.json", "/logs")
    assert found.choices == log_choices.LogChoices()
    assert "damaged ('order' is none that there is)" in found.problem
    assert (tmp_path / f"{log_choices.FILE}.damaged-1").exists()
