"""The focus survives the removal of the widget that had it: without a focus, keys have no effect."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.tui.app_driver import driven
from tui.widgets.curve.curve_view import CurveView
from tui.widgets.learn.lesson_list import LessonList
from tui.widgets.pane import Pane


@pytest.mark.parametrize("pane", ["text", "lessons", "settings"])
async def test_the_focus_stays_in_the_pane_of_a_widget_that_goes(pane: str) -> None:
    async with driven("gradients", size=(120, 36)) as app:
        app.screen.focus_pane(pane)
        await app.until(lambda: app.screen.focused_pane == pane, pane)
        gone = app.screen.focused
        gone.display = False  # the focused widget goes
        app.screen.set_focus(None)
        gone.display = True
        await app.until(lambda: app.screen.focused is not None, "the focus")
        assert app.screen.focused_pane == pane


async def test_nothing_has_the_focus_while_the_terminal_has_not() -> None:
    async with driven("gradients") as app:
        app.screen.focus_pane("text")
        await app.until(lambda: app.screen.focused_pane == "text", "the text")
        app.app.app_focus = False
        await app.pilot.pause()
        assert app.screen.focused is None
        app.app.app_focus = True
        await app.until(lambda: app.screen.focused_pane == "text", "the focus that is given back")


async def test_of_two_panes_that_are_asked_for_the_later_gets_the_focus() -> None:
    async with driven("gradients", size=(120, 36)) as app:
        app.screen.focus_pane("history")  # which is made first
        app.screen.focus_pane("lessons")
        await app.until(lambda: app.screen.focused_pane == "lessons", "the lessons")
        await app.pilot.pause()
        assert app.screen.focused_pane == "lessons"


async def test_the_focus_comes_to_a_view_that_is_made_after_the_last_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    make, begun, go_on, imported = CurveView._compose, asyncio.Event(), asyncio.Event(), threading.Event()

    async def late(view: CurveView) -> None:
        begun.set()
        await go_on.wait()
        await make(view)

    monkeypatch.setattr(CurveView, "_compose", late)
    async with driven("gradients", prepare=lambda: imported.wait() and None) as app:
        app.screen.focus_pane("live")
        await begun.wait()
        for _ in range(3):
            refreshed = asyncio.Event()
            app.screen.call_after_refresh(refreshed.set)
            await refreshed.wait()
        assert app.screen.focused_pane != "live"
        go_on.set()
        await app.until(lambda: app.screen.focused_pane == "live", "the live view")
        imported.set()


async def test_a_focus_from_before_a_request_does_not_cancel_it() -> None:
    async with driven("gradients") as app:
        pane = app.screen.query_one("#pane-live", Pane)
        app.screen.query_one(LessonList).focus()
        app.screen.focus_pane("live")  # the event of the focus above is still to come
        await app.until(lambda: app.screen.focused in pane.query("*"), "the live view")


async def test_a_pane_takes_the_focus_at_once() -> None:
    """What takes it may be hidden a moment later."""
    async with driven("gradients") as app:
        pane = app.screen.query_one("#pane-text", Pane)
        app.screen.focus_pane("text")
        await app.until(lambda: app.screen.focused_pane == "text", "the text")
        app.screen.set_focus(None)
        assert pane.focus_inside()
        assert app.screen.focused in pane.query("*")
