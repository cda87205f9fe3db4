"""The state of the log viewer, without drawing: which runs, in which style, their items, and what is to be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.log.event_values import Logged, LoggedHparams, LoggedImages, LoggedScalar, LoggedText
from engine.log.reader import About, LogUpdate, Portion
from engine.log.run_tree import FoundRun
from engine.run.run_record import RunRecord
from tui.model import log_state
from tui.model.log_names import TagItem, natural, rises, run_label
from tui.model.log_state import LogState, Remarks
from tui.views.log_views import about_words, hparams_sheet, moment, plot_sheet, run_row, run_state, skips

LOGS = Path("/logs")


def news(*names: str, searching: bool = False) -> LogUpdate:
    runs = tuple(FoundRun(name, LOGS / name, float(number)) for number, name in enumerate(names))
    return LogUpdate(runs, (), searching, False, True)


def said(run: str, *entries: Logged, behind: int = 0, skipped: tuple[str, ...] = ()) -> LogUpdate:
    return LogUpdate(None, (Portion(run, entries, behind, skipped),), False, False, True)


def scalar(step: int, value: float = 1.0, tag: str = "loss") -> LoggedScalar:
    return LoggedScalar(tag, step, 100.0 + step, value)


def about(size: int = 100, written: float = 0.0, record: RunRecord | None = None) -> About:
    return About(written, size, record)


def with_runs(*names: str, opened: str = "") -> LogState:
    return log_state.take(LogState(LOGS, opened), news(*names))


# --- runs ---------------------------------------------------------------------------------------------------------


def test_the_newest_runs_come_first_or_all_by_name() -> None:
    state = with_runs("run-9", "run-10", "run-2")
    assert state.order == ("run-2", "run-10", "run-9")
    assert log_state.order_runs(state, "name").order == ("run-2", "run-9", "run-10")


def test_a_filter_leaves_the_runs_that_hold_every_word() -> None:
    state = log_state.filter_runs(with_runs("mnist/a", "mnist/b", "other/a"), "MN a")
    assert state.order == ("mnist/a",)
    assert log_state.filter_runs(state, "").order == ("other/a", "mnist/b", "mnist/a")


def test_a_run_that_was_asked_for_is_drawn_alone() -> None:
    state = with_runs("a", "b", "c", opened="b")
    assert (state.marked, state.cursor, state.shown) == (("b",), "b", ("b",))
    assert log_state.take(state, news("a", "b", "c", "d")).marked == ("b",)


def test_of_a_folder_the_newest_run_and_those_beside_it_are_drawn_at_first() -> None:
    state = with_runs("old/x", "new/a", "new/b")
    assert state.marked == ("new/b", "new/a")
    many = with_runs(*(f"run-{number}" for number in range(20)))
    assert len(many.marked) == log_state.FIRST_MARKED
    assert many.marked[0] == "run-19"


def test_while_runs_are_searched_for_the_choice_is_not_made_for_good() -> None:
    state = log_state.take(LogState(LOGS), news("x/a", searching=True))
    assert state.marked == ("x/a",)
    state = log_state.take(state, news("x/a", "y/b"))
    assert state.marked == ("y/b",)


def test_a_run_that_appears_later_is_drawn_too_and_takes_no_colour_away() -> None:
    state = with_runs("a", "b")
    before = dict(log_state.slots(state))
    state = log_state.take(state, news("a", "b", "c"))
    assert state.marked == ("b", "a", "c")
    assert {name: log_state.slots(state)[name] for name in before} == before
    assert len(set(log_state.slots(state).values())) == 3


def test_once_a_run_was_marked_by_hand_none_is_marked_unasked() -> None:
    state = log_state.mark(with_runs("a", "b"), "a")
    assert state.marked == ("b",)
    assert log_state.take(state, news("a", "b", "c")).marked == ("b",)


def test_a_mark_that_comes_back_has_the_colour_it_had() -> None:
    state = with_runs("a", "b", "c")
    slots = log_state.slots(state)
    state = log_state.mark(log_state.mark(state, "b"), "b")
    assert log_state.slots(state) == slots
    freed = log_state.mark(state, "b")
    freed = log_state.take(freed, news("a", "b", "c", "d"))
    freed = log_state.mark(freed, "d")
    assert freed.slots["d"] == slots["b"]
    assert log_state.mark(freed, "b").slots["b"] not in (slots["a"], slots["c"], slots["b"])


def test_no_more_runs_are_drawn_than_can_be_distinguished() -> None:
    state = with_runs(*(f"run-{number}" for number in range(20)))
    state = log_state.mark_filtered(state)
    assert len(state.marked) == log_state.MOST_MARKED
    assert sorted(log_state.slots(state).values()) == list(range(log_state.MOST_MARKED))
    assert log_state.mark(state, "run-0") is state


def test_without_a_mark_the_run_under_the_cursor_is_shown() -> None:
    state = log_state.mark(with_runs("a", opened="a"), "a")
    assert (state.marked, state.shown) == ((), ("a",))
    assert state.slot("a") == 0


def test_a_run_that_vanished_loses_its_mark_and_the_cursor_moves_on() -> None:
    state = log_state.take(with_runs("a", "b", opened="b"), news("a"))
    assert (state.marked, state.cursor) == ((), "a")


# --- items ------------------------------------------------------------------------------------------------------------


def test_the_items_are_the_tags_of_the_runs_that_are_shown_by_kind_and_name() -> None:
    state = with_runs("a", "b", opened="a")
    state = log_state.take(state, said("a", scalar(1, tag="layer-10"), scalar(1, tag="layer-2")))
    state = log_state.take(
        state, said("a", LoggedText("notes", 1, 1.0, ("x",)), LoggedImages("digits", 1, 1.0, (b"",)))
    )
    state = log_state.take(state, said("b", scalar(1, tag="of-b")))
    assert state.items == (
        TagItem("all"),
        TagItem("scalars", "layer-2"),
        TagItem("scalars", "layer-10"),
        TagItem("images", "digits"),
        TagItem("texts", "notes"),
        TagItem("hparams"),
        TagItem("about"),
    )
    assert TagItem("scalars", "of-b") in log_state.mark(state, "b").items


def test_items_that_are_the_same_are_the_same_object() -> None:
    state = log_state.take(with_runs("a"), said("a", scalar(1)))
    assert log_state.take(state, said("a", scalar(2))).items is state.items


def test_a_tag_filter_leaves_what_holds_every_word_and_what_is_no_tag() -> None:
    state = log_state.take(with_runs("a"), said("a", scalar(1, tag="train-loss"), scalar(1, tag="test-acc")))
    state = log_state.filter_tags(state, "loss train")
    assert [item.tag for item in state.items] == ["", "train-loss", "", ""]


def test_the_next_kind_goes_round() -> None:
    state = log_state.take(with_runs("a"), said("a", scalar(1)))
    kinds = []
    for _ in range(4):
        state = log_state.next_kind(state, 1)
        kinds.append(state.item.kind)
    assert kinds == ["scalars", "hparams", "about", "all"]
    assert log_state.next_kind(state, -1).item.kind == "about"


def test_numbers_in_names_are_ordered_as_numbers() -> None:
    assert sorted(["a10", "a9", "b1", "a", "9", "10"], key=natural) == ["9", "10", "a", "a9", "a10", "b1"]


def test_the_best_value_of_an_accuracy_is_its_greatest_and_of_a_loss_its_least() -> None:
    for tag in ("val/acc", "epoch_sparse_categorical_accuracy", "F1", "eval/return", "top_5", "train-acc", "mAP"):
        assert rises(tag), tag
    for tag in ("loss", "val_loss", "macaroni", "reduce", "lr", "perplexity", "mapping/error"):
        assert not rises(tag), tag


def test_names_that_would_be_shown_alike_are_distinguished() -> None:
    plain, hostile = run_label("a\ufffdb", "logs"), run_label("a\x1bb", "logs")
    assert "\x1b" not in hostile
    assert plain != hostile
    assert run_label(".", "logs") == "logs"


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_a_tag_is_drawn_of_every_shown_run_that_has_it() -> None:
    state = with_runs("a", "b", "c")
    state = log_state.take(state, said("a", scalar(1, 0.5), scalar(2, 0.25)))
    state = log_state.take(state, said("c", scalar(1, 0.1)))
    curves = log_state.curves(state, "loss")
    assert [curve.label for curve in curves] == ["c", "a"]
    assert curves[1].values.tolist() == [0.5, 0.25]
    assert log_state.curves(state, "none") == ()


def test_the_plot_as_a_sheet_has_a_row_a_point() -> None:
    state = log_state.take(with_runs("a"), said("a", scalar(1, 0.5), scalar(3, 0.25)))
    assert plot_sheet(state) is None
    sheet = plot_sheet(log_state.show_item(state, TagItem("scalars", "loss")))
    assert sheet is not None
    assert sheet.rows == [("a", 1, 0.0, 0.5), ("a", 3, 2.0, 0.25)]


def test_a_run_of_gdtui_is_in_the_state_its_record_tells() -> None:
    record = RunRecord("l/a", LOGS / "a", "l", "crashed", step=40)
    state = log_state.learn(with_runs("a", "b"), {"a": about(record=record), "b": about(written=1000.0)})
    assert run_state(state, "a", now=1000.0) == "crashed"
    assert run_row(state, "a", 1000.0).step == 40
    assert run_state(state, "b", now=1000.0 + log_state.FRESH_S - 1) == "running"
    assert run_state(state, "b", now=1000.0 + log_state.FRESH_S + 1) == ""


def test_a_run_that_was_read_and_vanished_is_gone() -> None:
    state = log_state.take(with_runs("a", "b", opened="a"), said("a", scalar(1)))
    assert run_state(log_state.take(state, news("b")), "a", now=0.0) == "gone"


def test_the_line_below_tells_the_run_its_step_and_when_it_was_written() -> None:
    state = log_state.take(with_runs("a", "b"), said("b", scalar(7), skipped=("damaged",)))
    state = log_state.learn(state, {"b": about(written=90.0), "a": about(written=50.0)})
    now = moment(state, now=100.0)
    assert (now.run, now.others, now.step, now.age_s, now.skipped) == ("b", 1, 7, 10.0, 1)


def test_what_was_skipped_and_left_out_is_reported() -> None:
    entries = (scalar(1), scalar(1, tag="x" * 600), scalar(2**60))
    state = log_state.take(with_runs("a"), said("a", *entries, skipped=("a: cut",)))
    lines = ("a: cut", "2 values left out: their tags are too long or too many, or their steps too large")
    assert skips(state, "a") == lines
    assert tuple(line for part, line in about_words(state, 0.0) if part == "bad") == lines


def test_hyperparameters_that_differ_are_columns_and_the_others_are_reported_once() -> None:
    records = {
        run: RunRecord(run, LOGS / run, "l", "done", settings={"rate": rate, "seed": "0"}, metrics={"loss": loss})
        for run, rate, loss in (("a", "0.1", 0.5), ("b", "0.2", 0.4))
    }
    state = log_state.learn(with_runs("a", "b"), {run: about(record=record) for run, record in records.items()})
    sheet = hparams_sheet(state)
    assert [(column.name, column.metric) for column in sheet.columns] == [("loss", True), ("rate", False)]
    assert sheet.same == (("lesson", "l"), ("seed", "0"))
    assert [row.run for row in sheet.rows] == ["b", "a"]


# --- what is read -----------------------------------------------------------------------------------------------------


def test_marked_runs_are_read_first_and_small_new_ones_when_there_is_time() -> None:
    state = with_runs("a", "b", "c", "d", opened="b")
    sizes = {"a": 100, "b": 10**9, "c": 10**9, "d": 200}
    state = log_state.learn(state, {run: about(size) for run, size in sizes.items()})
    assert log_state.wanted(state) == ("b",)
    assert log_state.background(state) == ("d", "a")
    assert log_state.wanted(log_state.look_at(state, "a")) == ("b", "a")
    assert log_state.wanted(log_state.look_at(state, "c")) == ("b",)


def test_runs_that_are_shown_no_more_are_dropped_but_for_the_last_few() -> None:
    names = [f"run-{number:02d}" for number in range(30)]
    state = with_runs(*names, opened="run-00")
    state = log_state.learn(state, {run: about(10**8) for run in names})
    for run in names:
        state = log_state.take(state, said(run, scalar(1)))
    surplus = log_state.surplus(state)
    assert len(surplus) == 29 - 8
    assert "run-00" not in surplus
    left = log_state.forget(state, surplus)
    assert len(left.logs) == 9
    assert replace(left, logs=state.logs, behind=state.behind, skipped=state.skipped) == state


def test_metrics_in_subfolders_are_those_of_the_run_that_tells_the_hyperparameters() -> None:
    state = with_runs("run-0", "run-0/train", "run-0/validation", "run-1", "other/train")
    for run, rate in (("run-0", 0.1), ("run-1", 0.2)):
        state = log_state.take(state, said(run, LoggedHparams("", 0, 1.0, {"lr": rate})))
    state = log_state.take(state, said("run-0/train", scalar(1, 0.5, "epoch_loss")))
    state = log_state.take(state, said("run-0/validation", scalar(1, 0.6, "epoch_loss")))
    state = log_state.take(state, said("other/train", scalar(1, 0.7, "epoch_loss")))
    sheet = hparams_sheet(state)
    rows = {row.run: dict(row.metrics) for row in sheet.rows}
    assert rows == {"run-0": {"train/epoch_loss": 0.5, "validation/epoch_loss": 0.6}, "run-1": {}}
    root = log_state.take(with_runs(".", "train"), said(".", LoggedHparams("", 0, 1.0, {"lr": 0.1})))
    root = log_state.take(root, said("train", scalar(1, 0.5, "epoch_loss")))
    assert [dict(row.metrics) for row in hparams_sheet(root).rows] == [{"train/epoch_loss": 0.5}]


def test_all_of_four_hundred_runs_are_read_for_the_table_which_says_how_many_are() -> None:
    names = [f"run-{number}" for number in range(400)]
    state = log_state.learn(with_runs(*names), {run: about() for run in names})
    assert set(log_state.background(state)) == set(names)
    assert (hparams_sheet(state).read, hparams_sheet(state).known) == (0, 400)
    for run in names:
        entries = (LoggedHparams("", 0, 1.0, {"k": float(len(run))}), scalar(1, tag="val/loss"))
        state = log_state.take(state, said(run, *entries))
    sheet = hparams_sheet(state)
    assert (len(sheet.rows), sheet.read, sheet.known) == (400, 400, 400)
    assert log_state.surplus(state) == ()


def test_what_was_superseded_or_has_no_steps_is_reported_of_the_chosen_item() -> None:
    state = log_state.take(with_runs("a"), said("a", *(scalar(step) for step in (0, 1, 2, 3, 1))))
    state = log_state.take(state, said("a", *(scalar(0, tag="no-step") for _ in range(5))))
    assert moment(state, 0.0).remarks == Remarks(3, by_order=True)
    assert moment(log_state.show_item(state, TagItem("scalars", "loss")), 0.0).remarks == Remarks(3)
    assert moment(log_state.show_item(state, TagItem("scalars", "no-step")), 0.0).remarks == Remarks(by_order=True)


def test_the_curves_before_points_were_superseded_are_ghosts_in_their_runs_style() -> None:
    state = log_state.take(with_runs("a"), said("a", *(scalar(step) for step in (0, 1, 2, 3, 1))))
    now, before = log_state.curves(state, "loss", earlier=True)
    assert (now.steps.tolist(), before.steps.tolist(), before.ghost) == ([0, 1], [0, 1, 2, 3], True)
    slots = log_state.slots(state, "loss")
    assert slots[before.label] == slots[now.label]
    assert log_state.curves(state, "loss") == (now,)


def test_a_folder_without_a_log_is_waited_for_in_words() -> None:
    state = log_state.take(LogState(LOGS), news())
    assert about_words(state, 0.0) == (("name", "no log in /logs yet: waiting for one"),)


def test_a_filter_of_hyperparameters_takes_runs_in_as_their_logs_are_read() -> None:
    state = log_state.learn(with_runs("a", "b", "c"), {run: about() for run in "abc"})
    state = log_state.filter_runs(state, "lr<0.15 OR tag:/^val/")
    assert state.order == ()
    assert set(log_state.background(state)) == {"a", "b", "c"}
    state = log_state.take(state, said("a", LoggedHparams("", 0, 1.0, {"lr": 0.1})))
    state = log_state.take(state, said("b", LoggedHparams("", 0, 1.0, {"lr": 0.2}), scalar(1, tag="val/acc")))
    state = log_state.take(state, said("c", LoggedHparams("", 0, 1.0, {"lr": 0.3})))
    assert state.order == ("b", "a")
    assert log_state.filter_runs(state, "lr<").order == ("c", "b", "a")  # while it cannot be parsed


def test_tags_are_filtered_by_the_same_rules() -> None:
    entries = [scalar(1, tag=tag) for tag in ("train/loss", "val/loss", "val/acc")]
    state = log_state.filter_tags(log_state.take(with_runs("a"), said("a", *entries)), "/^val/ NOT acc")
    assert [item.tag for item in state.items if item.tag] == ["val/loss"]
