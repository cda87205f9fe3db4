"""Imports up to the first screen, and their order; and what the first frame shows and does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest
from textual.pilot import Pilot

from engine.contents import CONTENTS
from engine.lessons import course
from tests.tui.app_driver import PATIENCE_S
from tui.app.app import GdtuiApp
from tui.app.base import KeyDone
from tui.model.session import EngineSession
from tui.model.state_file import Remembered, save
from tui.process.options import AppOptions
from tui.screens.dialogs.help import HelpScreen
from tui.screens.lab.screen import LabScreen
from tui.widgets.pane_tabs import PaneTabs

TRAINING = ("engine.training.classifier", "engine.training.loop", "engine.training.workers")
UNNEEDED = (*TRAINING, "tensorflow", "keras", "PIL", "lark", "click", "importlib.metadata")

FIRST_FRAME = """
import asyncio, os, sys
from tui.app.app import GdtuiApp
from tui.app.base import KeyDone

async def main():
    app = GdtuiApp()

    def first_needed():
        rows = app.screen._compositor.render_strips()
        print("\\n".join("".join(segment.text for segment in row) for row in rows), *sys.modules, sep="\\n", flush=True)
        os._exit(0)

    app._lab_state = first_needed
    await app.run_async(headless=True, size=(120, 36))

asyncio.run(main())
"""
"""The app up to the first use of its state, at which it prints the screen and the modules."""


def said_by(code: str) -> list[str]:
    """The lines that a new interpreter prints when it runs `code`."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()


def loaded_after(code: str) -> set[str]:
    """The modules that a new interpreter has imported after it has run `code`."""
    return set(said_by(f"{code}\nimport sys; print(*sys.modules, sep='\\n')"))


def test_the_lessons_and_a_text_are_painted_before_numpy_or_a_lesson_is_imported() -> None:
    printed = said_by(FIRST_FRAME)
    screen, loaded = "\n".join(printed[:36]), set(printed[36:])
    assert "7 TensorBoard" in screen and "A derivative answers a small question" in screen and "? Keys" in screen
    late = ("numpy", "engine.lessons", "engine.events", "engine.settings", "engine.descent", "engine.run")
    assert not {name for name in loaded if name.startswith(late)}
    assert loaded.isdisjoint({*UNNEEDED, "tui.model.app_state", "tui.model.session", "tui.plot.cells"})


def test_the_first_screen_needs_nothing_that_trains_and_no_parser_of_command_lines() -> None:
    loaded = loaded_after(
        "import tui.cli.main, tui.app.app, tui.screens.lab.screen\n"
        "from engine.lessons import course; course()\n"
        "from tui.model import app_state, session"
    )
    assert loaded.isdisjoint(UNNEEDED)


def test_the_contents_are_those_of_the_course() -> None:
    assert [each.id for each in CONTENTS] == [each.id for each in course() if not each.file]


class Held:
    """An app whose state is made only when `go_on` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, lesson: str | None = None) -> None:
        self.app = GdtuiApp(
            AppOptions(log=False), lesson, make_session=lambda options: EngineSession(options, lambda: None)
        )
        self.go_on = threading.Event()
        make = self.app._new_state

        def later() -> object:
            self.go_on.wait(PATIENCE_S)
            return make()

        monkeypatch.setattr(self.app, "_new_state", later)

    @property
    def screen(self) -> LabScreen:
        lab = self.app.screen_stack[0]
        assert isinstance(lab, LabScreen)
        return lab

    async def until(self, pilot: Pilot[int], condition: object) -> None:
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while not condition():  # type: ignore[operator]
            assert asyncio.get_running_loop().time() < end
            await pilot.pause(0.01)
        await pilot.pause()


async def test_before_there_is_a_state_keys_act_or_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch)
    async with held.app.run_test(size=(120, 36)) as pilot:
        try:
            await held.until(pilot, lambda: held.screen.takes_keys)
            await pilot.press("question_mark")
            await held.until(pilot, lambda: isinstance(held.app.screen, HelpScreen))
            await pilot.press("escape")
            await held.until(pilot, lambda: held.app.screen is held.screen)
            await pilot.press("5")
            await held.until(pilot, lambda: held.screen.choice.opened == "himmelblau")
            text = held.screen.query_one("LessonText")
            assert "Himmelblau" in "\n".join(text.render_line(y).text for y in range(3))
            await pilot.press("right_square_bracket", "2")
            assert held.app.keys_waiting and not held.screen.loaded and held.screen.choice.opened == "himmelblau"
        finally:
            held.go_on.set()
        await held.until(pilot, lambda: held.screen.loaded and not held.app.keys_waiting)
        states = held.app.app_state.lesson_states
        assert "learning_rate" in states["himmelblau"].given and held.app.app_state.opened == "autograd"


@pytest.mark.parametrize("size", [(79, 24), (80, 24)])
async def test_before_there_is_a_state_every_tab_can_be_chosen_and_that_of_the_exercises_is_gone_to_with_it(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    async with held.app.run_test(size=size) as pilot:
        try:
            await held.until(pilot, lambda: held.screen.takes_keys)
            for tabs in held.screen.query(PaneTabs):
                for place in reversed(tabs._places()):
                    await pilot.click(tabs, offset=(place[1] + 1, 0))
            for _ in range(10):
                await pilot.press("tab")
            ((tabs, first),) = [
                (tabs, first)
                for tabs in held.screen.query(PaneTabs)
                for name, first, _ in tabs._places()
                if name == "exercise"
            ]
            await pilot.click(tabs, offset=(first + 1, 0))
            assert not held.screen.loaded
        finally:
            held.go_on.set()
        await held.until(pilot, lambda: held.screen.loaded and held.screen.focused_pane == "exercise")


async def test_nothing_on_the_screen_moves_when_the_state_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch)
    async with held.app.run_test(size=(120, 36)) as pilot:
        try:
            await held.until(pilot, lambda: held.screen.takes_keys)
            before = {each.id or each: each.region for each in held.screen.query("#body *, NewsLines, KeyBar")}
        finally:
            held.go_on.set()
        await held.until(pilot, lambda: held.screen.loaded)
        after = {each.id or each: each.region for each in held.screen.query("#body *, NewsLines, KeyBar")}
        assert all(after[each] == region for each, region in before.items())


def test_a_lesson_that_is_not_in_the_contents_is_opened_with_its_state(tmp_path) -> None:  # type: ignore[no-untyped-def]
    save(tmp_path / "state.json", Remembered(lesson="gone", done=("losses",)))
    app = GdtuiApp(AppOptions(log=False), state_path=tmp_path / "state.json")
    choice = app._lab().choice  # type: ignore[attr-defined]
    assert choice.opened == "gradients" and [row.id for row in choice.rows if row.mark == "seen"] == ["losses"]


async def test_the_state_is_made_when_no_key_is_taking_effect() -> None:
    app = GdtuiApp(AppOptions(log=False), make_session=lambda options: EngineSession(options, lambda: None))
    async with app.run_test(size=(120, 36)):
        app._take_in_hand(KeyDone())
        waiting = asyncio.create_task(asyncio.to_thread(app.await_no_key))
        assert not app._no_key.is_set()
        app._take_in_hand(None)
        await waiting
        assert app._no_key.is_set()
