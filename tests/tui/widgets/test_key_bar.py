"""The key bar: which keys it shows for a focus, ranked by use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.played import PlayedSession, play_to_its_end
from tests.tui.plays import PLAYS, TEXTS
from tui.app.app import GdtuiApp
from tui.process.options import AppOptions


async def keys_of_live(lesson: str, size: tuple[int, int]) -> str:
    """The last row after a run, with the focus in the live pane."""
    play = PLAYS[lesson]()
    options = AppOptions(logdir=Path("logs"))
    texts = TEXTS.get(lesson, {})
    app = GdtuiApp(options, lesson, texts, make_session=lambda options: PlayedSession(options, play))
    async with app.run_test(size=size) as pilot:
        await play_to_its_end(pilot, play)
        return app.screen.query_one("KeyBar").render_line(0).text


@pytest.mark.parametrize(
    ("lesson", "shown"),
    [
        ("himmelblau", ("space ", "v View", "n Next path", "a Add start", "b Basins", "m 3D", "? Keys")),
        ("gradients", ("space ", "v View", "a Add start", "f Branch", "? Keys")),
        ("fashion-mnist", ("space ", "v View", "s . Step", "? Keys")),
    ],
)
async def test_in_80_columns_the_live_pane_shows_the_keys_of_its_view_first(
    lesson: str, shown: tuple[str, ...]
) -> None:
    row = await keys_of_live(lesson, (80, 24))
    places = [row.index(each) for each in shown]
    assert places == sorted(places)
    assert "Zoom" not in row


async def test_where_there_is_room_the_keys_that_zoom_follow_those_of_the_run() -> None:
    row = await keys_of_live("himmelblau", (200, 60))
    places = [row.index(each) for each in ("v View", "f Branch", "s . Step", "+ Zoom in", "o Optimizer", "z Zoom")]
    assert places == sorted(places)
