"""Pictures of the app with a run of each lesson, at three sizes; kept in __snapshots__ and compared cell by cell.

After an intended change: pytest tests/tui/test_snapshots.py --snapshot-update, and check the output of `git diff`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.scrollbar import ScrollBar, ScrollBarRender

from tests.tui.played import PlayedSession, play_to_its_end
from tests.tui.plays import PLAYS, TEXTS
from tui.app.app import GdtuiApp
from tui.model.state_file import Remembered, save
from tui.process.options import AppOptions

SIZES = ((80, 24), (120, 36), (200, 60))
HEARD = ("NO_COLOR", "COLUMNS", "LINES", "SSH_CONNECTION", "TEXTUAL_ANIMATIONS")
"""The environment variables that the app or its pictures use."""

Size = tuple[int, int]
Matches = Callable[..., bool]


@pytest.fixture
def matches(snap_compare: Callable[..., bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Whether the app that has played a lesson's run at a size looks like its kept picture. Its home is an empty
    folder."""
    for name in HEARD:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ScrollBar, "renderer", ScrollBarRender)

    def compared(lesson: str, size: Size, *, theme: str = "textual-dark", **options: Any) -> bool:
        play = PLAYS[lesson]()
        state_path = tmp_path / "state.json"
        save(state_path, Remembered(theme=theme))
        app = GdtuiApp(
            AppOptions(logdir=Path("logs"), **options),
            lesson,
            TEXTS.get(lesson, {}),
            state_path=state_path,
            make_session=lambda options: PlayedSession(options, play),
        )
        app.animation_level = "none"

        async def played(pilot: Pilot[Any]) -> None:
            await play_to_its_end(pilot, play)

        return snap_compare(app, terminal_size=size, run_before=played)

    return compared


@pytest.mark.parametrize(
    "size",
    [pytest.param(size, marks=pytest.mark.slow if size == (120, 36) else ()) for size in SIZES],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
@pytest.mark.parametrize("lesson", PLAYS)
def test_a_lesson_with_its_run_looks_as_it_did(lesson: str, size: Size, matches: Matches) -> None:
    assert matches(lesson, size)


@pytest.mark.parametrize(
    ("lesson", "size"),
    zip(("gradients", "himmelblau", "fashion-mnist"), SIZES, strict=True),
    ids=lambda value: value if isinstance(value, str) else f"{value[0]}x{value[1]}",
)
def test_the_light_theme_looks_as_it_did(lesson: str, size: Size, matches: Matches) -> None:
    assert matches(lesson, size, theme="textual-light")


def test_without_colour_and_in_ascii_a_descent_looks_as_it_did(
    matches: Matches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert matches("himmelblau", (120, 36), glyphs="ascii", no_color=True)


def test_a_played_run_is_shown_without_tensorflow(tmp_path: Path) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from tests.tui.played import PlayedSession, play_to_its_end
from tests.tui.plays import PLAYS
from tui.app.app import GdtuiApp
from tui.process.options import AppOptions

async def main():
    play = PLAYS["himmelblau"]()
    options = AppOptions(logdir=Path(sys.argv[1]))
    app = GdtuiApp(options, "himmelblau", make_session=lambda options: PlayedSession(options, play))
    async with app.run_test() as pilot:
        await play_to_its_end(pilot, play)

asyncio.run(main())
print(*{"tensorflow", "keras"} & set(sys.modules))
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
