"""Modal screens: opened one at a time, closed once, and keys queued until they are there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from textual import events
from textual.command import CommandList
from textual.geometry import Offset
from textual.screen import Screen
from textual.widgets import Static

import tui
from tests.tui.app_driver import Driven, driven
from tui.screens.dialogs.help import HelpScreen
from tui.screens.lab.screen import LabScreen
from tui.screens.modal import open_dialog
from tui.screens.palette import Palette
from tui.widgets.learn.lesson_text import LessonText

KEYS = {"/": "slash", "?": "question_mark", "\r": "enter", "\x10": "ctrl+p", "\x1b": "escape", "^": "pageup"}


async def write(app: Driven, keys: str, *, ended: bool = True) -> None:
    """Press keys like one write to the terminal: all at once."""
    for key in keys:
        app.app.post_message(events.Key(KEYS.get(key, key), key))
    if ended:
        await app.until(lambda: not app.app.keys_waiting, "the keys")


async def test_modal_screens_are_pushed_in_one_place() -> None:
    base = {"app.py"}  # its two screens
    pushing = {
        path.name
        for path in Path(tui.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("push_screen", "push_screen_wait")
    }
    assert pushing - base == {"modal.py"}


async def test_a_dialog_is_not_opened_over_another() -> None:
    async with driven("gradients") as app:
        assert open_dialog(app.app, HelpScreen())
        assert not open_dialog(app.app, HelpScreen())
        app.app.action_command_palette()
        await app.until(lambda: isinstance(app.app.screen, HelpScreen) and app.app.screen.is_mounted)
        assert len(app.app.screen_stack) == 2


async def test_a_dialog_closed_twice_closes_no_other_screen() -> None:
    async with driven("gradients") as app:
        dialog = HelpScreen()
        open_dialog(app.app, dialog)
        dialog.action_close()
        dialog.action_close()
        await app.until(lambda: not dialog.is_running)
        assert isinstance(app.app.screen, LabScreen)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (59, 15), (10, 3)], ids=str)
async def test_enter_twice_in_the_palette_runs_one_command(size: tuple[int, int]) -> None:
    async with driven("gradients", size=size) as app:
        await write(app, "\x10\r\r\x10^\x1b\x10\x10\x1b\x1b?q?")
        await app.until(lambda: isinstance(app.app.screen, HelpScreen))
        assert [type(screen).__name__ for screen in app.app.screen_stack] == ["LabScreen", "HelpScreen"]


async def test_words_and_enter_in_one_write_run_the_command_that_they_find() -> None:
    async with driven("gradients") as app:
        await write(app, "\x10lesson 5\r", ended=False)
        await app.until(lambda: app.lesson_state.lesson.number == 5, "lesson 5")
        await app.until(lambda: isinstance(app.app.screen, LabScreen))


async def test_a_click_while_the_palette_opens_is_dropped_and_one_beside_it_closes_it() -> None:
    async with driven("gradients") as app:
        app.app.action_command_palette()
        for kind in (events.MouseDown, events.MouseUp):
            app.app.post_message(kind(None, 1, 1, 0, 0, 1, False, False, False, screen_x=1, screen_y=1))
        await app.until(lambda: isinstance(app.app.screen, Palette) and app.app.screen.takes_keys, "the palette")
        assert app.app.screen.query_one(CommandList).option_count
        await app.pilot.click(offset=Offset(1, 1))
        await app.until(lambda: isinstance(app.app.screen, LabScreen), "the palette to close")


async def test_text_of_the_main_screen_can_be_selected_with_the_mouse() -> None:
    async with driven("gradients") as app:
        text = app.screen.query_one("#summary", Static)
        await app.until(lambda: text.region.area, "the list of lessons")
        await app.pilot.mouse_down(text, offset=(0, 0))
        await app.pilot.hover(text, offset=(6, 0))
        await app.pilot.mouse_up(text, offset=(6, 0))
        await app.until(app.screen.get_selected_text, "selected text")
        assert (app.screen.get_selected_text() or "") in str(text.render())


async def test_a_filter_that_no_pane_has_room_for_does_nothing() -> None:
    async with driven("gradients", size=(50, 12)) as app:
        await write(app, "/5\r")
        assert app.lesson_state.lesson.number == 5


async def test_a_click_on_a_widget_that_is_being_removed_is_survived() -> None:
    """Until the next layout it is still found under the mouse, without a parent."""
    async with driven("gradients", size=(120, 36)) as app:
        line = app.screen.query_one(LessonText)
        x, y = line.region.x + 2, line.region.y
        with app.app.batch_update():
            await line.remove()
            assert Screen.get_widget_and_offset_at(app.screen, x, y)[0].parent is None
            for kind in (events.MouseDown, events.MouseMove, events.MouseUp):
                app.screen._forward_event(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
