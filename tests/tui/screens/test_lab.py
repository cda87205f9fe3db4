"""The main screen: which keys mean something, which it is handed, and what it says of a slow line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events

from tests.tui.played import PlayedSession
from tui import terminal
from tui.app import GdtuiApp
from tui.options import AppOptions
from tui.screens.main import SLOW_BYTES_PER_S, MainScreen
from tui.terminal.meter import Link


@asynccontextmanager
async def opened(*hasty: str, low_bandwidth: bool = False) -> AsyncIterator[GdtuiApp]:
    """The app with the focus on its main screen; `hasty` keys are pressed while it still imports what that needs."""

    def make_session(options: AppOptions) -> PlayedSession:
        for key in hasty:
            app.screen.post_message(events.Key(key, key if len(key) == 1 else None))
        return PlayedSession(options, ())

    app = GdtuiApp(AppOptions(log=False, low_bandwidth=low_bandwidth), make_session=make_session)
    async with app.run_test(size=(120, 36)) as pilot:
        while not isinstance(app.screen, MainScreen) or app.screen.focused is None:
            await pilot.pause()
        await pilot.pause()
        yield app


@pytest.mark.parametrize(("number", "steps"), [(1, True), (2, False), (3, False), (4, False), (5, True), (6, True)])
async def test_a_step_is_offered_where_a_lesson_has_some(number: int, steps: bool) -> None:
    async with opened() as app:
        assert isinstance(app.screen, MainScreen)
        app.screen.action_open_lesson(number)
        assert app.screen.check_action("step", ()) is steps


async def test_keys_pressed_before_the_screen_is_there_are_pressed_on_it_in_their_order() -> None:
    async with opened("3", "down", "down", "enter") as app:
        assert app.bench.desk.lesson.number == 5


async def test_a_slow_line_is_told_of_once_and_not_where_less_is_sent_already(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(MainScreen, "say", lambda screen, words: said.append(words))
    for low_bandwidth, expected in ((False, (0, 0, 1, 1)), (True, (0, 0, 0, 0))):
        said.clear()
        async with opened(low_bandwidth=low_bandwidth) as app:
            assert isinstance(app.screen, MainScreen)
            for rate, count in zip((None, SLOW_BYTES_PER_S + 1, SLOW_BYTES_PER_S, 1_000), expected, strict=True):
                monkeypatch.setattr(terminal, "link", lambda app, rate=rate: Link(bytes_per_s=rate))
                app.screen.show_now()
                assert len(said) == count
