"""Settings that take seconds to prepare: meanwhile the screen answers, what needs them waits, and the newest counts."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.descent import chosen, search
from engine.descent.search import Found, Landscape, Ranges
from engine.errors import InputError
from engine.events import Outcome, RunEnded
from engine.last_used import LastUsed
from tests.tui.played import PlayedSession, settled
from tui.app.app import GdtuiApp
from tui.process.options import AppOptions
from tui.screens.dialogs.help import HelpScreen
from tui.screens.lab.screen import LabScreen
from tui.views import status
from tui.widgets.learn.settings_form import SettingsForm

BOWL, SHIFTED = "x^2+y^2", "(x - 1)^2 + y^2"


class HeldSearch:
    """The search for minima, each of which begins when it is called and goes on when it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads: list[threading.Thread] = []
        self.gates: list[threading.Event] = []
        self.error: Exception | None = None
        self._search = search.search
        monkeypatch.setattr(search, "search", self._held)
        monkeypatch.setattr(chosen, "_found", LastUsed(8))
        chosen._surface_called.cache_clear()
        chosen._function_called.cache_clear()

    def _held(self, ground: Landscape, ranges: Ranges = ()) -> Found:
        gate = threading.Event()
        self.threads.append(threading.current_thread())
        self.gates.append(gate)
        assert threading.current_thread() is not threading.main_thread() and gate.wait(60)
        if self.error is not None:
            raise self.error
        return self._search(ground, ranges)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldSearch:
    return HeldSearch(monkeypatch)


@asynccontextmanager
async def opened(lesson: str = "himmelblau") -> AsyncIterator[tuple[LabScreen, Pilot[Any]]]:
    """The lab, open at a lesson, with a session that plays a run without a step."""
    ended = ((0.0, RunEnded(Outcome.DONE, 0, "finished")),)
    app = GdtuiApp(AppOptions(log=False), lesson, make_session=lambda options: PlayedSession(options, ended))
    async with app.run_test(size=(120, 36)) as pilot:
        lab = app.screen_stack[0]
        assert isinstance(lab, LabScreen)
        await until(pilot, lambda: settled(lab) and not app.keys_waiting)
        yield lab, pilot


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    for _ in range(6000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("waited in vain")


def texts(lab: LabScreen) -> dict[str, str]:
    return dict(lab.app_state.lesson_state.texts)


async def test_the_screen_answers_while_a_typed_surface_is_searched(held: HeldSearch) -> None:
    async with opened() as (lab, pilot):
        lab.look_at_setting("surface")
        await until(pilot, lambda: isinstance(lab.focused, SettingsForm))
        await pilot.press("x", *"^2+y^2", "enter")
        await until(pilot, lambda: held.gates)
        form = lab.query_one(SettingsForm)
        assert texts(lab)["surface"] == "himmelblau" and form._form.texts["surface"] == BOWL
        await until(pilot, lambda: status.news(lab.app_state).text.startswith("Searching for the minima"))
        await pilot.press("tab")
        await until(pilot, lambda: lab.focused_pane not in (None, "settings"))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(lab.app.screen, HelpScreen))
        await pilot.press("escape")
        held.gates[0].set()
        await until(pilot, lambda: texts(lab)["surface"] == BOWL)
        surface = chosen.surface_called(BOWL)
        assert texts(lab)["learning_rate"] == f"{surface.learning_rate:g}"
        assert texts(lab)["start"] == ";".join(f"{x:g},{y:g}" for x, y in surface.starts)
        assert len(held.threads) == 1 and not lab.app_state.preparing and not lab.preparer.busy


async def test_a_run_waits_for_the_search_and_has_its_starts_and_rate(held: HeldSearch) -> None:
    async with opened() as (lab, pilot):
        lab.focus_pane("live")
        await until(pilot, lambda: lab.focused_pane == "live")
        lab.give("surface", BOWL)
        await until(pilot, lambda: held.gates)
        rule = texts(lab)["optimizer"]
        await pilot.press("space", "o")
        assert lab.app_state.lesson_state.state is None
        held.gates[0].set()
        await until(pilot, lambda: (state := lab.app_state.lesson_state.state) is not None and state.settings)
        ran, surface = lab.app_state.lesson_state.state.settings, chosen.surface_called(BOWL)
        assert (ran["surface"], ran["learning_rate"]) == (BOWL, f"{surface.learning_rate:g}")
        assert ran["start"] == ";".join(f"{x:g},{y:g}" for x, y in surface.starts)
        assert ran["optimizer"] == rule
        await until(pilot, lambda: texts(lab)["optimizer"] != rule)  # the key after it acted on the next run


async def test_an_action_of_the_palette_waits_as_its_key_does(held: HeldSearch) -> None:
    async with opened() as (lab, pilot):
        lab.give("surface", BOWL)
        await until(pilot, lambda: held.gates)
        await lab.run_action("start_or_pause")
        assert lab.app_state.lesson_state.state is None
        held.gates[0].set()
        await until(pilot, lambda: (state := lab.app_state.lesson_state.state) is not None and state.settings)
        assert lab.app_state.lesson_state.state.settings["surface"] == BOWL


async def test_an_older_search_does_not_overwrite_a_newer_one(held: HeldSearch) -> None:
    async with opened() as (lab, pilot):
        lab.give("surface", BOWL)
        await until(pilot, lambda: len(held.gates) == 1)
        lab.give("surface", SHIFTED)
        await until(pilot, lambda: len(held.gates) == 2)
        held.gates[1].set()
        await until(pilot, lambda: texts(lab)["surface"] == SHIFTED)
        held.gates[0].set()
        await until(pilot, lambda: not held.threads[0].is_alive())
        await pilot.pause()
        assert texts(lab)["surface"] == SHIFTED and not lab.app_state.lesson_state.awaited


async def test_other_changes_follow_in_their_order(held: HeldSearch) -> None:
    async with opened() as (lab, pilot):
        lab.give("surface", BOWL)
        await until(pilot, lambda: held.gates)
        lab.give("learning_rate", "0.5")
        lab.give("domain", "-2:2")
        assert texts(lab)["learning_rate"] == "0.01"
        held.gates[0].set()
        await until(pilot, lambda: len(held.gates) == 2)
        assert (texts(lab)["surface"], texts(lab)["learning_rate"]) == (BOWL, "0.5")
        held.gates[1].set()
        await until(pilot, lambda: not lab.preparer.busy)
        assert texts(lab)["domain"] == "-2:2" and texts(lab)["learning_rate"] == "0.5"


async def test_a_change_is_made_in_its_own_lesson_even_if_another_is_open_by_then(held: HeldSearch) -> None:
    async with opened() as (lab, pilot):
        lab.give("surface", BOWL)
        await until(pilot, lambda: held.gates)
        await pilot.press("1")
        await until(pilot, lambda: lab.app_state.opened == "gradients")
        held.gates[0].set()
        await until(pilot, lambda: not lab.preparer.busy)
        assert "surface" not in texts(lab)
        assert lab.app_state.lesson_states["himmelblau"].texts["surface"] == BOWL


async def test_a_function_of_one_variable_is_searched_the_same_way(held: HeldSearch) -> None:
    async with opened("gradients") as (lab, pilot):
        lab.give("function", "x^4 - x")
        await until(pilot, lambda: held.gates)
        assert texts(lab)["function"] == "parabola"
        held.gates[0].set()
        await until(pilot, lambda: texts(lab)["function"] == "x^4 - x")
        assert texts(lab)["start"] == f"{chosen.function_called('x^4 - x').start:g}"


async def test_what_the_course_brings_is_applied_at_once(held: HeldSearch) -> None:
    async with opened() as (lab, _):
        lab.give("surface", "saddle")
        assert texts(lab)["surface"] == "saddle" and not lab.preparer.busy and not held.gates


async def test_a_search_that_refuses_says_so_and_leaves_the_settings_as_they_were(held: HeldSearch) -> None:
    held.error = InputError("nothing of it can be drawn")
    async with opened() as (lab, pilot):
        lab.give("surface", BOWL)
        await until(pilot, lambda: held.gates)
        held.gates[0].set()
        await until(pilot, lambda: not lab.preparer.busy)
        await until(pilot, lambda: "nothing of it can be drawn" in shown_news(lab))
        assert texts(lab)["surface"] == "himmelblau" and not lab.app_state.lesson_state.awaited
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: texts(lab)["learning_rate"] == "0.02")


def shown_news(lab: LabScreen) -> str:
    news = lab.query_one("NewsLines")
    return "\n".join(news.render_line(y).text for y in range(news.size.height))
