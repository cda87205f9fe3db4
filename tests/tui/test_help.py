"""The page of all keys: what acts where the focus is."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.screens.help import own_keys
from tui.widgets.run_rows import RunRows


class Panel(Widget, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,equals_sign", "zoom", "Zoom in", key_display="+"),
        Binding("left,h", "back", "Back"),
        Binding("x", "unnamed", ""),
    ]


class Stage(App[None]):
    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


async def keys_of(widget: Widget) -> list[tuple[str, str]]:
    app = Stage(widget)
    async with app.run_test() as pilot:
        widget.focus()
        await pilot.pause()
        return list(own_keys(app.screen)[0][1])


async def test_keys_of_one_action_share_a_row_and_none_is_told_twice() -> None:
    assert await keys_of(Panel()) == [("+", "Zoom in"), ("← h", "Back")]


async def test_past_runs_tell_both_keys_that_put_one_on_the_plot() -> None:
    assert ("space ⏎", "On the plot") in await keys_of(RunRows())
