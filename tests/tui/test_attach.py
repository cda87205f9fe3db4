"""What attach knows and shows, apart from drawing: which runs, in which style, what of them, what is to be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.event_values import Logged, LoggedImages, LoggedScalar, LoggedText
from engine.log_reader import About, News, Portion
from engine.log_tree import FoundRun
from engine.run_record import RunRecord
from tui import attach
from tui.attach import AttachState
from tui.attach_names import Item, natural, run_label
from tui.attach_views import about_words, hparams_sheet, moment, plot_sheet, run_row, run_state, skips

LOGS = Path("/logs")


def news(*names: str, searching: bool = False) -> News:
    runs = tuple(FoundRun(name, LOGS / name, float(number)) for number, name in enumerate(names))
    return News(runs, (), searching, False, True)


def said(run: str, *entries: Logged, behind: int = 0, skipped: tuple[str, ...] = ()) -> News:
    return News(None, (Portion(run, entries, behind, skipped),), False, False, True)


def scalar(step: int, value: float = 1.0, tag: str = "loss") -> LoggedScalar:
    return LoggedScalar(tag, step, 100.0 + step, value)


def about(size: int = 100, written: float = 0.0, record: RunRecord | None = None) -> About:
    return About(written, size, record)


def with_runs(*names: str, opened: str = "") -> AttachState:
    return attach.take(AttachState(LOGS, opened), news(*names))


# --- runs ---------------------------------------------------------------------------------------------------------


def test_the_newest_runs_come_first_or_all_by_name() -> None:
    state = with_runs("run-9", "run-10", "run-2")
    assert state.order == ("run-2", "run-10", "run-9")
    assert attach.order_runs(state, by_name=True).order == ("run-2", "run-9", "run-10")


def test_a_filter_leaves_the_runs_that_hold_every_word() -> None:
    state = attach.filter_runs(with_runs("mnist/a", "mnist/b", "other/a"), "MN a")
    assert state.order == ("mnist/a",)
    assert attach.filter_runs(state, "").order == ("other/a", "mnist/b", "mnist/a")


def test_a_run_that_was_asked_for_is_drawn_alone() -> None:
    state = with_runs("a", "b", "c", opened="b")
    assert (state.marked, state.cursor, state.shown) == (("b",), "b", ("b",))
    assert attach.take(state, news("a", "b", "c", "d")).marked == ("b",)


def test_of_a_folder_the_newest_run_and_those_beside_it_are_drawn_at_first() -> None:
    state = with_runs("old/x", "new/a", "new/b")
    assert state.marked == ("new/b", "new/a")
    many = with_runs(*(f"run-{number}" for number in range(20)))
    assert len(many.marked) == attach.FIRST_MARKED
    assert many.marked[0] == "run-19"


def test_while_runs_are_searched_for_the_choice_is_not_made_for_good() -> None:
    state = attach.take(AttachState(LOGS), news("x/a", searching=True))
    assert state.marked == ("x/a",)
    state = attach.take(state, news("x/a", "y/b"))
    assert state.marked == ("y/b",)


def test_a_run_that_appears_later_is_drawn_too_and_takes_no_colour_away() -> None:
    state = with_runs("a", "b")
    before = dict(attach.slots(state))
    state = attach.take(state, news("a", "b", "c"))
    assert state.marked == ("b", "a", "c")
    assert {name: attach.slots(state)[name] for name in before} == before
    assert len(set(attach.slots(state).values())) == 3


def test_once_a_run_was_marked_by_hand_none_is_marked_unasked() -> None:
    state = attach.mark(with_runs("a", "b"), "a")
    assert state.marked == ("b",)
    assert attach.take(state, news("a", "b", "c")).marked == ("b",)


def test_a_mark_that_comes_back_has_the_colour_it_had() -> None:
    state = with_runs("a", "b", "c")
    slots = attach.slots(state)
    state = attach.mark(attach.mark(state, "b"), "b")
    assert attach.slots(state) == slots
    freed = attach.mark(state, "b")
    freed = attach.take(freed, news("a", "b", "c", "d"))
    freed = attach.mark(freed, "d")
    assert freed.slots["d"] == slots["b"]
    assert attach.mark(freed, "b").slots["b"] not in (slots["a"], slots["c"], slots["b"])


def test_no_more_runs_are_drawn_than_can_be_told_apart() -> None:
    state = with_runs(*(f"run-{number}" for number in range(20)))
    state = attach.mark_filtered(state)
    assert len(state.marked) == attach.MOST_MARKED
    assert sorted(attach.slots(state).values()) == list(range(attach.MOST_MARKED))
    assert attach.mark(state, "run-0") is state


def test_without_a_mark_the_run_under_the_cursor_is_shown() -> None:
    state = attach.mark(with_runs("a", opened="a"), "a")
    assert (state.marked, state.shown) == ((), ("a",))
    assert state.slot("a") == 0


def test_a_run_that_vanished_loses_its_mark_and_the_cursor_moves_on() -> None:
    state = attach.take(with_runs("a", "b", opened="b"), news("a"))
    assert (state.marked, state.cursor) == ((), "a")


# --- items ------------------------------------------------------------------------------------------------------------


def test_the_items_are_the_tags_of_the_runs_that_are_shown_by_kind_and_name() -> None:
    state = with_runs("a", "b", opened="a")
    state = attach.take(state, said("a", scalar(1, tag="layer-10"), scalar(1, tag="layer-2")))
    state = attach.take(state, said("a", LoggedText("notes", 1, 1.0, ("x",)), LoggedImages("digits", 1, 1.0, (b"",))))
    state = attach.take(state, said("b", scalar(1, tag="of-b")))
    assert state.items == (
        Item("all"),
        Item("scalars", "layer-2"),
        Item("scalars", "layer-10"),
        Item("images", "digits"),
        Item("texts", "notes"),
        Item("hparams"),
        Item("about"),
    )
    assert Item("scalars", "of-b") in attach.mark(state, "b").items


def test_items_that_are_the_same_are_the_same_object() -> None:
    state = attach.take(with_runs("a"), said("a", scalar(1)))
    assert attach.take(state, said("a", scalar(2))).items is state.items


def test_a_tag_filter_leaves_what_holds_every_word_and_what_is_no_tag() -> None:
    state = attach.take(with_runs("a"), said("a", scalar(1, tag="train-loss"), scalar(1, tag="test-acc")))
    state = attach.filter_tags(state, "loss train")
    assert [item.tag for item in state.items] == ["", "train-loss", "", ""]


def test_the_next_kind_goes_round() -> None:
    state = attach.take(with_runs("a"), said("a", scalar(1)))
    kinds = []
    for _ in range(4):
        state = attach.next_kind(state, 1)
        kinds.append(state.item.kind)
    assert kinds == ["scalars", "hparams", "about", "all"]
    assert attach.next_kind(state, -1).item.kind == "about"


def test_numbers_in_names_are_ordered_as_numbers() -> None:
    assert sorted(["a10", "a9", "b1", "a", "9", "10"], key=natural) == ["9", "10", "a", "a9", "a10", "b1"]


def test_names_that_would_be_shown_alike_are_told_apart() -> None:
    plain, hostile = run_label("a\ufffdb", "logs"), run_label("a\x1bb", "logs")
    assert "\x1b" not in hostile
    assert plain != hostile
    assert run_label(".", "logs") == "logs"


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_a_tag_is_drawn_of_every_shown_run_that_has_it() -> None:
    state = with_runs("a", "b", "c")
    state = attach.take(state, said("a", scalar(1, 0.5), scalar(2, 0.25)))
    state = attach.take(state, said("c", scalar(1, 0.1)))
    curves = attach.curves(state, "loss")
    assert [curve.label for curve in curves] == ["c", "a"]
    assert curves[1].values.tolist() == [0.5, 0.25]
    assert attach.curves(state, "none") == ()


def test_the_plot_as_a_sheet_has_a_row_a_point() -> None:
    state = attach.take(with_runs("a"), said("a", scalar(1, 0.5), scalar(3, 0.25)))
    assert plot_sheet(state) is None
    sheet = plot_sheet(attach.show_item(state, Item("scalars", "loss")))
    assert sheet is not None
    assert sheet.rows == [("a", 1, 0.0, 0.5), ("a", 3, 2.0, 0.25)]


def test_a_run_of_gdtui_is_in_the_state_its_record_tells() -> None:
    record = RunRecord("l/a", LOGS / "a", "l", "crashed", step=40)
    state = attach.learn(with_runs("a", "b"), {"a": about(record=record), "b": about(written=1000.0)})
    assert run_state(state, "a", now=1000.0) == "crashed"
    assert run_row(state, "a", 1000.0).step == 40
    assert run_state(state, "b", now=1000.0 + attach.FRESH_S - 1) == "running"
    assert run_state(state, "b", now=1000.0 + attach.FRESH_S + 1) == ""


def test_a_run_that_was_read_and_vanished_is_gone() -> None:
    state = attach.take(with_runs("a", "b", opened="a"), said("a", scalar(1)))
    assert run_state(attach.take(state, news("b")), "a", now=0.0) == "gone"


def test_the_line_below_tells_the_run_its_step_and_when_it_was_written() -> None:
    state = attach.take(with_runs("a", "b"), said("b", scalar(7), skipped=("damaged",)))
    state = attach.learn(state, {"b": about(written=90.0), "a": about(written=50.0)})
    now = moment(state, now=100.0)
    assert (now.run, now.others, now.step, now.age_s, now.skipped) == ("b", 1, 7, 10.0, 1)


def test_what_was_skipped_and_left_out_is_told() -> None:
    entries = (scalar(1), scalar(1, tag="x" * 600), scalar(2**60))
    state = attach.take(with_runs("a"), said("a", *entries, skipped=("a: cut",)))
    lines = ("a: cut", "2 values left out: their tags are too long or too many, or their steps too large")
    assert skips(state, "a") == lines
    assert tuple(line for part, line in about_words(state, 0.0) if part == "bad") == lines


def test_hyperparameters_that_differ_are_columns_and_the_others_are_told_once() -> None:
    records = {
        run: RunRecord(run, LOGS / run, "l", "done", settings={"rate": rate, "seed": "0"}, metrics={"loss": loss})
        for run, rate, loss in (("a", "0.1", 0.5), ("b", "0.2", 0.4))
    }
    state = attach.learn(with_runs("a", "b"), {run: about(record=record) for run, record in records.items()})
    sheet = hparams_sheet(state)
    assert [(column.name, column.metric) for column in sheet.columns] == [("loss", True), ("rate", False)]
    assert sheet.same == (("lesson", "l"), ("seed", "0"))
    assert [row.run for row in sheet.rows] == ["b", "a"]


# --- what is read -----------------------------------------------------------------------------------------------------


def test_marked_runs_are_read_first_and_small_new_ones_when_there_is_time() -> None:
    state = with_runs("a", "b", "c", "d", opened="b")
    sizes = {"a": 100, "b": 10**9, "c": 10**9, "d": 200}
    state = attach.learn(state, {run: about(size) for run, size in sizes.items()})
    assert attach.wanted(state) == ("b",)
    assert attach.background(state) == ("d", "a")
    assert attach.wanted(attach.look_at(state, "a")) == ("b", "a")
    assert attach.wanted(attach.look_at(state, "c")) == ("b",)


def test_runs_that_are_looked_at_no_more_are_let_go_but_for_the_last_few() -> None:
    names = [f"run-{number:02d}" for number in range(30)]
    state = with_runs(*names, opened="run-00")
    state = attach.learn(state, {run: about(10**8) for run in names})
    for run in names:
        state = attach.take(state, said(run, scalar(1)))
    surplus = attach.surplus(state)
    assert len(surplus) == 29 - 8
    assert "run-00" not in surplus
    left = attach.forget(state, surplus)
    assert len(left.logs) == 9
    assert replace(left, logs=state.logs, behind=state.behind, skipped=state.skipped) == state
