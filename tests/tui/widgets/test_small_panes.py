"""The rows around the panes, and what they leave out if there is no room."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tui.model.actions import ACTIONS, GROUPS, ScreenName, action_called, actions_of, bound_on
from tui.screens.base import bindings_of
from tui.text.glyphs import ASCII
from tui.views.small_panes import News
from tui.views.status import status_row
from tui.widgets.key_bar import Key, placed
from tui.widgets.news import lines
from tui.widgets.status_line import words

STATUS = status_row(
    "running", "5 Himmelblau", 120, 200, 40.0, "log ~/logs/himmelblau/20261124-211754", "127.0.0.1:6006"
)


def test_the_status_line_says_all_where_there_is_room() -> None:
    assert words(STATUS, 150) == (
        " · 5 Himmelblau · step 120/200 · 40 steps/s · TensorBoard 127.0.0.1:6006",
        "log ~/logs/himmelblau/20261124-211754",
    )


@pytest.mark.parametrize("room", range(20, 150))
def test_the_status_line_never_outgrows_its_room(room: int) -> None:
    text, log = words(STATUS, room)
    assert len(text) + len(log) + (2 if log else 0) <= max(room, 20)


def test_a_log_folder_that_is_too_long_keeps_its_end() -> None:
    _, log = words(STATUS, 60)
    assert log.startswith("…")
    assert STATUS.log.endswith(log[1:])


def test_in_80_columns_a_training_run_is_named_and_its_log_ends_with_its_time() -> None:
    status = status_row(
        "running", "6 Fashion-MNIST", 12_345, 14_070, 1_050.0, "log ~/logs/fashion-mnist/20261124-211754"
    )
    text, log = words(status, 80 - len("  running ") - 1)
    assert text == " · …hion-MNIST · step 12,345/14,070 · 1,050 steps/s"
    assert log.endswith("20261124-211754")


def test_the_step_is_what_a_narrow_status_line_keeps() -> None:
    assert "step 120/200" in words(STATUS, 50)[0]
    assert "TensorBoard" not in words(STATUS, 50)[0]


def test_news_is_wrapped_and_cut_and_the_line_below_stays() -> None:
    news = News("one two three four five six seven", "more words")
    assert lines(news, 12, 3) == [("one two", False), ("three four …", False), ("more words", True)]
    assert lines(News("one two"), 12, 2) == [("one two", False)]


def test_news_that_is_cut_says_where_it_is_whole() -> None:
    told = "word " * 40
    assert lines(News(told), 60, 2)[-1][0].endswith("word … (Notes)")
    assert lines(News("word"), 60, 2) == [("word", False)]
    assert lines(News(told, bad=True), 60, 2)[-1][0].endswith("word …")


def test_news_in_ascii_is_ascii() -> None:
    shown = lines(News("x² · −1 …" * 5, "0.01 → 0.02"), 20, 3, ASCII)
    assert all(text.isascii() for text, _ in shown)


def key(name: str, label: str, rank: float = 1) -> Key:
    return Key(name, name, label, rank, "help" if name == "?" else name)


def test_keys_stand_in_order_and_help_at_the_right_end() -> None:
    places = placed((key("a", "Apple"), key("b", "Bread"), key("?", "Keys")), 40)
    assert [(x, each.key) for x, each in places] == [(1, "a"), (10, "b"), (33, "?")]


def test_keys_that_do_not_fit_are_left_out_and_help_never() -> None:
    places = placed((key("a", "Apple"), key("b", "Bread"), key("?", "Keys")), 20)
    assert [each.key for _, each in places] == ["a", "?"]


@pytest.mark.parametrize("width", range(10, 60))
def test_keys_never_lie_over_each_other(width: int) -> None:
    places = placed((key("a", "Apple"), key("b", "Bread"), key("c", "Cake"), key("?", "Keys")), width)
    for (x, each), (there, _) in pairwise(places):
        assert x + each.width - 2 <= there


SCREENS: tuple[ScreenName, ...] = ("lab", "log")


@pytest.mark.parametrize("screen", SCREENS)
def test_every_action_has_its_key_once(screen: ScreenName) -> None:
    keys = [key for action in bound_on(screen) for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))


def test_no_action_sits_on_a_key_that_terminals_keep() -> None:
    keys = {key for action in ACTIONS for key in action.keys.split(",")}
    assert not keys & {"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q", "ctrl+c"}


@pytest.mark.parametrize("screen", SCREENS)
def test_the_table_makes_the_bindings(screen: ScreenName) -> None:
    assert [binding.action for binding in bindings_of(screen)] == [action.id for action in bound_on(screen)]
    assert all(action.group in GROUPS and action.tooltip and action.command for action in ACTIONS)
    assert action_called("quit") is not None
    assert action_called("dance") is None


def test_what_both_screens_do_has_the_same_key_on_both() -> None:
    pairs = [(action, action_called(action.id, "log")) for action in actions_of("lab")]
    both = [(lab, log) for lab, log in pairs if log is not None]
    assert len(both) > 8
    assert [lab.id for lab, log in both if lab.keys != log.keys] == []
