"""The command palette: it finds every pane and action, and accepts settings as the lesson texts write them."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.command import Hit
from textual.widgets import Input, OptionList

from tests.tui.app_driver import Driven, driven
from tui.app.commands import PaletteCommands
from tui.process.options import AppOptions
from tui.screens.commands import NOT_NOW
from tui.screens.layout import TITLES
from tui.widgets.news import NewsLines


async def hits(app: Driven, query: str) -> list[Any]:
    """The results of the palette, the best match first."""
    found = [hit async for hit in PaletteCommands(app.screen).search(query) if isinstance(hit, Hit)]
    return sorted(found, key=lambda hit: -hit.score)


async def choose(app: Driven, query: str) -> None:
    """Take the best match of a query."""
    (best, *_) = await hits(app, query)
    result = best.command()
    if result is not None and hasattr(result, "__await__"):
        await result
    await app.pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_every_pane_is_found_by_its_name_and_shown(size: tuple[int, int]) -> None:
    async with driven("himmelblau", prepare=lambda: None, size=size) as app:
        for pane, title in TITLES.items():
            assert any(f"{title} pane" in str(hit.match_display) for hit in await hits(app, title.lower())), title
            await choose(app, f"{title.lower()} pane")
            await app.until(lambda pane=pane: pane in app.screen.panes.visible(), title)


async def test_an_action_that_means_nothing_now_is_found_and_called_impossible() -> None:
    async with driven("himmelblau", prepare=lambda: None) as app:
        (hit, *_) = await hits(app, "resume")
        assert "Resume a run (R)" in str(hit.match_display)
        assert NOT_NOW in str(hit.match_display)
        hit.command()
        await app.until(lambda: f"Resume a run: {NOT_NOW}" in app.text("NewsLines"))


async def test_what_the_keys_of_the_visible_panes_do_is_found() -> None:
    async with driven("himmelblau", prepare=lambda: None) as app:
        app.screen.focus_pane("live")
        await app.until(lambda: app.screen.focused_pane == "live")
        found = [str(hit.match_display) for word in ("basins", "branch", "zoom in") for hit in await hits(app, word)]
        assert {"Basins (b)", "Branch (f)", "Zoom in (+)"} <= set(found)


WRITTEN = (
    ("learning_rate = 0.1", "learning_rate", "0.1"),
    ("learning rate 0.2", "learning_rate", "0.2"),
    ("rate 0.05", "learning_rate", "0.05"),
    ("set rate: 0.1", "learning_rate", "0.1"),
    ("start = 4.5,1", "start", "4.5,1"),
    ("surface = saddle", "surface", "saddle"),
    ("optimizer sgd,adam", "optimizer", "sgd,adam"),
    ("steps = 1000", "steps", "1000"),
)


async def test_a_setting_is_taken_as_lesson_texts_write_it() -> None:
    async with driven("himmelblau", prepare=lambda: None) as app:
        for query, name, text in WRITTEN:
            await choose(app, query)
            assert app.lesson_state.texts[name] == text, query
            assert f"{name.replace('_', ' ')} = {text}" in app.text("NewsLines")


async def test_a_setting_is_typed_into_the_palette_and_taken_by_enter() -> None:
    async with driven("gradients", prepare=lambda: None) as app:
        await app.press("ctrl+p")
        await app.until(lambda: app.app.screen.query("CommandInput"))
        await app.press(*("space" if char == " " else char for char in "start = 4.5"))
        await app.until(
            lambda: any("start = 4.5" in str(o.prompt) for o in app.app.screen.query_one(OptionList).options),
            "the setting in the palette",
        )
        await app.press("enter", "enter")
        await app.until(lambda: app.lesson_state.texts["start"] == "4.5", "the setting")


async def test_a_value_that_is_not_accepted_says_what_is() -> None:
    async with driven("gradients", prepare=lambda: None) as app:
        before = app.lesson_state.texts
        (hit, *_) = await hits(app, "learning_rate = fast")
        assert "expected a number from" in str(hit.match_display)
        hit.command()
        await app.until(lambda: app.screen.focused_pane == "settings")
        assert app.lesson_state.texts == before


async def test_passing_words_replace_the_news_and_no_toast_is_shown() -> None:
    async with driven("himmelblau", prepare=lambda: None, size=(80, 24)) as app:
        before = app.text("NewsLines")
        app.app.notify("something that passes", timeout=0.2)
        await app.until(lambda: "something that passes" in app.text("NewsLines"))
        assert not app.app._notifications
        await app.until(lambda: app.text("NewsLines") == before)
        assert app.screen.query_one(NewsLines).region.bottom <= app.screen.query_one("StatusLine").region.y


async def test_the_focus_of_a_line_that_is_gone_by_then_is_no_failure() -> None:
    options = AppOptions(log=False, glyphs="ascii")
    async with driven("himmelblau", prepare=lambda: None, options=options) as app:
        entry = Input(placeholder="…")
        app.app.on_descendant_focus(events.DescendantFocus(entry))
        assert not entry.cursor_blink


async def test_words_of_a_query_that_look_like_markup_are_shown_as_they_are() -> None:
    async with driven("himmelblau", prepare=lambda: None) as app:
        await app.press("ctrl+p", *"start = [/ ")
        await app.until(lambda: any("[/" in str(each.prompt) for each in app.app.screen.query_one(OptionList).options))
        assert "expected 1 to 64 points" in str(app.app.screen.query_one(OptionList).options[0].prompt)
