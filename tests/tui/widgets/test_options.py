"""The list of options on its own."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual import events
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tests.tui.stage import Stage
from tui.widgets.options import Options, PaletteList


@pytest.mark.parametrize("key", ["pageup", "pagedown"])
async def test_pages_are_turned_right_after_the_options_have_changed(key: str) -> None:
    options = Options(*(Option(f"option {number}", id=f"o{number}") for number in range(40)))
    app = Stage(options)
    async with app.run_test(size=(30, 10)) as pilot:
        options.focus()
        options.highlighted = 20
        await pilot.pause()
        options.replace_option_prompt("o3", "another")
        (options.action_page_up if key == "pageup" else options.action_page_down)()
        assert abs((options.highlighted or 0) - 20) in (7, 8)


async def test_without_room_no_page_is_turned() -> None:
    options = Options("one", "two")
    options.styles.height = 0
    app = Stage(options)
    async with app.run_test(size=(30, 10)) as pilot:
        options.focus()
        options.highlighted = 0
        await pilot.press("pagedown", "pageup")
        assert options.highlighted == 0


@pytest.mark.parametrize("kind", [Options, PaletteList])
@pytest.mark.parametrize(("option", "chosen"), [(0, 1), (2, 0)])
async def test_a_click_on_an_option_that_is_gone_by_then_does_nothing(
    kind: type[OptionList], option: int, chosen: int
) -> None:
    class Counting(Stage):
        found = 0

        def on_option_list_option_selected(self) -> None:
            self.found += 1

    options = kind("one", "two")
    app = Counting(options)
    async with app.run_test(size=(30, 10)) as pilot:
        style = Style(meta={"option": option})
        options.post_message(events.Click(options, 1, 1, 0, 0, 1, False, False, False, style=style))
        await pilot.pause()
        assert app.found == chosen
