"""The lab: which keys mean something, which it is handed, and what it says of a slow line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events

from tests.tui.played import PlayedSession
from tui import terminal
from tui.app.app import GdtuiApp
from tui.process.options import AppOptions
from tui.screens.lab.screen import SLOW_BYTES_PER_S, LabScreen
from tui.terminal.meter import Link


@asynccontextmanager
async def opened(*hasty: str, low_bandwidth: bool = False) -> AsyncIterator[GdtuiApp]:
    """The app with the focus on its main screen; `hasty` keys are pressed while it still imports what that needs."""

    def make_session(options: AppOptions) -> PlayedSession:
        for key in hasty:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        return PlayedSession(options, ())

    app = GdtuiApp(AppOptions(log=False, low_bandwidth=low_bandwidth), make_session=make_session)
    async with app.run_test(size=(120, 36)) as pilot:
        lab = app.screen_stack[0]
        assert isinstance(lab, LabScreen)
        while lab.focused is None or not lab.loaded or app.keys_waiting:
            await pilot.pause()
        await pilot.pause()
        yield app


@pytest.mark.parametrize(("number", "steps"), [(1, True), (2, False), (3, False), (4, False), (5, True), (6, True)])
async def test_a_step_is_offered_where_a_lesson_has_some(number: int, steps: bool) -> None:
    async with opened() as app:
        assert isinstance(app.screen, LabScreen)
        app.screen.action_open_lesson(number)
        assert app.screen.check_action("step", ()) is steps


@pytest.mark.parametrize(("keys", "number"), [("35", 5), ("53", 3), ("/himm\r", 5), ("5?q4", 4), ("5wq/autograd\r", 2)])
async def test_keys_pressed_before_the_screen_is_there_act_on_it_one_after_another(keys: str, number: int) -> None:
    names = {"/": "slash", "?": "question_mark", "\r": "enter"}
    async with opened(*(names.get(key, key) for key in keys)) as app:
        async with asyncio.timeout(60):
            while app.app_state.lesson_state.lesson.number != number:
                await asyncio.sleep(0.01)


async def test_a_slow_line_is_reported_once_and_not_where_less_is_sent_already(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(LabScreen, "say", lambda screen, words: said.append(words))
    for low_bandwidth, expected in ((False, (0, 0, 1, 1)), (True, (0, 0, 0, 0))):
        said.clear()
        async with opened(low_bandwidth=low_bandwidth) as app:
            assert isinstance(app.screen, LabScreen)
            for rate, count in zip((None, SLOW_BYTES_PER_S + 1, SLOW_BYTES_PER_S, 1_000), expected, strict=True):
                monkeypatch.setattr(terminal, "link", lambda app, rate=rate: Link(bytes_per_s=rate))
                app.screen.show_now()
                assert len(said) == count
