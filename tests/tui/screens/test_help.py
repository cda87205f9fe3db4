"""The page of all keys: those that act at the focus."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import OptionList

from tests.tui.stage import Stage
from tui.screens.dialogs.help import SCROLLING, arranged, everywhere, own_keys, page
from tui.widgets.log.run_rows import RunRows


class Panel(Widget, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,equals_sign", "zoom", "Zoom in", key_display="+"),
        Binding("left,h", "back", "Back"),
        Binding("x", "unnamed", ""),
    ]


async def keys_of(widget: Widget) -> list[tuple[str, str]]:
    app = Stage(widget)
    async with app.run_test() as pilot:
        widget.focus()
        await pilot.pause()
        return list(own_keys(app.screen)[0][1])


async def test_keys_of_one_action_share_a_row_and_none_is_listed_twice() -> None:
    assert await keys_of(Panel()) == [("+", "Zoom in"), ("← h", "Back")]


async def test_past_runs_tell_both_keys_that_put_one_on_the_plot() -> None:
    assert ("space ⏎", "On the plot") in await keys_of(RunRows())


class Framed(Panel):
    """A panel around a list of Textual's own."""

    def compose(self) -> ComposeResult:
        yield OptionList("one")


async def test_the_keys_of_a_list_are_listed_under_the_name_of_its_content() -> None:
    app = Stage(Framed())
    async with app.run_test() as pilot:
        app.query_one(OptionList).focus()
        await pilot.pause()
        (name, rows), (last, scrolling) = own_keys(app.screen)
        assert name == "Framed"
        assert ("+", "Zoom in") in rows
        assert last == SCROLLING
        assert ("pgup", "Page up") in scrolling


def test_what_a_key_does_is_wrapped_beside_it() -> None:
    shown = page([("Run", [("space", "start the lesson and what comes after it")])], 38).plain
    assert shown.split("\n") == ["Run", "  space         start the lesson and", "                what comes after it"]


def test_the_page_begins_with_the_keys_of_a_run_then_those_in_focus_and_ends_with_those_that_scroll() -> None:
    own = [("Loss plot", [("l", "Log scale")]), (SCROLLING, [("pgup", "Page up")])]
    groups = arranged(own, everywhere(), first=2)
    assert [name for name, _ in groups] == ["Run", "Change", "Loss plot", "Look", "Share", "App", SCROLLING]
    keys = [key for _, rows in groups[:2] for key, _ in rows]
    assert keys[:3] == ["space", "s .", ","]
    assert {"[", "]"} <= {key for shown in keys for key in shown.split()}
