"""Text is legible in every theme: measured on the painted widgets, colour by colour, with their backgrounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path, PurePath
from typing import Any, ClassVar, NamedTuple, cast

import pytest
from textual.app import App
from textual.color import BLACK, WHITE, Color
from textual.geometry import Region
from textual.pilot import Pilot
from textual.system_commands import SystemCommandsProvider
from textual.theme import BUILTIN_THEMES
from textual.widgets import OptionList

import tui.app.app
from tests.engine.log_files import append, hparams, scalars, text
from tests.tui.played import PlayedSession, play_to_its_end
from tests.tui.plays import PLAYS, TEXTS
from tui.app.app import GdtuiApp
from tui.app.attach_target import Target
from tui.app.base import ResilientApp
from tui.plot.contrast import LEAST, contrast, ink, legible
from tui.process.options import AppOptions
from tui.screens.dialogs.export import ExportScreen
from tui.screens.dialogs.help import HelpScreen, everywhere
from tui.screens.dialogs.share import ShareScreen
from tui.screens.log_viewer.screen import LogViewer

LEAST_OF_TERMINAL = 3.0
"""For themes in the terminal's own colours, which gdtui cannot choose; measured with those that Textual assumes."""
MARKS = "✓✗‖!"
"""Marks of the states of a run."""


STYLES = Path(tui.app.app.__file__).parent / "styles"


class Poor(NamedTuple):
    """Text with too little contrast."""

    theme: str
    ratio: float
    words: str
    ink: str
    ground: str


def poor(app: App[Any]) -> Iterator[Poor]:
    """The text on the top screen that has too little contrast; of a dialog only its box."""
    least = LEAST_OF_TERMINAL if app.current_theme.ansi else LEAST
    box = next((each.region for each in app.screen.query("#dialog, CommandPalette > Vertical")), app.screen.region)
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for words, style, _ in strip:
            inside = box.contains_region(Region(x, y, max(len(words.rstrip()), 1), 1))
            x += len(words)
            if not inside or style is None or not any(char.isalnum() or char in MARKS for char in words):
                continue
            colours = [style.color, style.bgcolor]
            inked, ground = (
                Color(*colour.get_truecolor(app.ansi_theme, foreground=not place))
                if colour is not None and not colour.is_default
                else Color(*(app.ansi_theme.background_color if place else app.ansi_theme.foreground_color))
                for place, colour in enumerate(colours)
            )
            if style.dim:
                inked = inked.blend(ground, 0.34)
            ratio = contrast(inked, ground)
            if ratio < least - 0.02:  # half a step of 8 bits
                yield Poor(app.theme, round(ratio, 2), words.strip(), inked.hex, ground.hex)


async def every_theme(pilot: Pilot[Any]) -> list[Poor]:
    """The text with too little contrast in any theme that Textual ships."""
    found: list[Poor] = []
    for theme in BUILTIN_THEMES:
        pilot.app.theme = theme
        await pilot.pause()
        await _drawn(pilot)
        found += poor(pilot.app)
    return found


async def _drawn(pilot: Pilot[Any]) -> None:
    """Wait until no drawing is postponed."""
    drawn = [getattr(each, "_canvas", None) for each in pilot.app.screen.query("*")]
    canvases = [canvas for canvas in drawn if canvas is not None]
    await pilot.pause()
    for _ in range(200):
        if not any(canvas._waiting for canvas in canvases):
            return
        await pilot.pause()


@asynccontextmanager
async def played(lesson: str, size: tuple[int, int]) -> Any:
    """The app with a lesson's run at its end."""
    play = PLAYS[lesson]()
    app = GdtuiApp(
        AppOptions(logdir=Path("logs")),
        lesson,
        TEXTS.get(lesson, {}),
        make_session=lambda options: PlayedSession(options, play),
    )
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await play_to_its_end(pilot, play)
        yield pilot


async def focus(pilot: Pilot[Any], pane: str) -> None:
    """Put the focus into a pane."""
    pilot.app.screen.focus_pane(pane)  # type: ignore[attr-defined]
    for _ in range(100):
        await pilot.pause()
        if pilot.app.screen.focused_pane == pane:  # type: ignore[attr-defined]
            return


@pytest.mark.parametrize(
    ("lesson", "pane"),
    [
        ("himmelblau", "settings"),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in (("fashion-mnist", "live"), ("losses", "lessons"))),
    ],
)
async def test_text_is_legible_in_every_theme(lesson: str, pane: str) -> None:
    async with played(lesson, (200, 60)) as pilot:
        await focus(pilot, pane)
        assert await every_theme(pilot) == []


@pytest.mark.slow
async def test_code_and_history_are_legible_in_every_theme() -> None:
    async with played("gradients", (80, 24)) as pilot:
        for pane in ("code", "history"):
            await focus(pilot, pane)
            assert await every_theme(pilot) == []


class Dialogs(ResilientApp):
    """An app with only dialogs."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [Path(tui.app.app.__file__).parent / path for path in GdtuiApp.CSS_PATH]
    COMMANDS: ClassVar[set[Any]] = {SystemCommandsProvider}


@pytest.mark.slow
async def test_dialogs_are_legible_in_every_theme() -> None:
    app = Dialogs()
    app.animation_level = "none"
    dialogs = (
        HelpScreen(everywhere()),
        ShareScreen("gdtui himmelblau", changed=True),
        ExportScreen(("the loss of every step", "the tests: loss and accuracy"), Path("/logs")),
    )
    async with app.run_test(size=(100, 30)) as pilot:
        for dialog in dialogs:
            await app.push_screen(dialog)
            assert await every_theme(pilot) == []
            await app.pop_screen()
        await pilot.press("ctrl+p")
        await _until(pilot, lambda: app.screen.query("CommandList").first(OptionList).option_count)
        assert await every_theme(pilot) == []


@pytest.mark.slow
async def test_logs_are_legible_in_every_theme(tmp_path: Path) -> None:
    for run in ("one", "two"):
        append(tmp_path / run, hparams(rate=0.1), *scalars(0, 1, 2, 3), text(1, "# A title\n\n`code` and **words**"))
    app = GdtuiApp(target=Target(tmp_path, ""))
    app.animation_level = "none"
    async with app.run_test(size=(120, 36)) as pilot:
        await _until(pilot, lambda: isinstance(app.screen, LogViewer) and len(app.screen.state.runs) == 2)
        await _until(pilot, lambda: len(cast("LogViewer", app.screen).state.items) > 3)
        assert await every_theme(pilot) == []


async def _until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    for _ in range(2000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("waited in vain")


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21.0)
    assert contrast(WHITE, WHITE) == 1.0
    assert contrast(Color.parse("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)  # the greyest of AA on white


def test_a_colour_is_moved_no_further_than_it_must_be() -> None:
    grounds = (Color.parse("#eee8d5"), Color.parse("#fdf6e3"))
    fine, faint = Color.parse("#333333"), Color.parse("#93a1a1")
    assert legible(fine, grounds) == fine
    moved = legible(faint, grounds)
    assert LEAST <= min(contrast(moved, ground) for ground in grounds) < LEAST + 0.6


@pytest.mark.parametrize("ground", ["#268bd2", "#777777", "#000000", "#ffffff", "#ff0000"])
def test_ink_stands_out_on_every_ground(ground: str) -> None:
    assert contrast(ink(Color.parse(ground)), Color.parse(ground)) >= LEAST
