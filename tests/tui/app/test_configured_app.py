"""The app with a configuration file: theme, keys, defaults of settings."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.tui.app_driver import Driven, driven
from tui.cli.keymap import keymap
from tui.process.options import AppOptions
from tui.screens.dialogs.help import HelpScreen, Keys, page
from tui.widgets.descent.surface_map import SurfaceMap
from tui.widgets.key_bar import KeyBar, active_keys


def app_with(options: AppOptions, state_path: Path | None = None) -> AbstractAsyncContextManager[Driven]:
    """The app at Himmelblau's surface, or as it is remembered, with an engine that has nothing to import."""
    lesson = "himmelblau" if state_path is None else None
    return driven(lesson, {}, options=options, state_path=state_path, prepare=lambda: None)


def rate(app: Driven) -> Any:
    return app.lesson_state.texts["learning_rate"]


async def test_the_rate_has_keys_that_need_no_altgr() -> None:
    async with app_with(AppOptions(log=False)) as app:
        before = rate(app)
        await app.press("colon")
        raised = rate(app)
        assert float(raised) > float(before)
        await app.press("semicolon")
        assert rate(app) == before
        await app.press("right_square_bracket")
        assert rate(app) == raised


async def test_an_action_has_the_key_that_it_was_given_instead_of_its_own() -> None:
    async with app_with(AppOptions(log=False, keys={"rate_up": "u", "rate_down": "U", "zoom": "f5"})) as app:
        before = rate(app)
        await app.press("right_square_bracket", "colon")
        assert rate(app) == before
        await app.press("u")
        assert float(rate(app)) > float(before)
        bar = app.screen.query_one(KeyBar)
        shown = {key.action: key.shown for key in active_keys(app.screen, "lab", bar._labels)}
        assert (shown["rate_down"], shown["zoom"]) == ("U", "f5")
        await app.press("question_mark")
        await app.until(lambda: isinstance(app.app.screen, HelpScreen))
        keys = page(app.app.screen.query_one(Keys)._groups, 80).plain
        assert re.search("U +Learning rate down", keys)
        assert "[ ;" not in keys


async def test_a_pair_of_keys_is_shown_only_while_both_act() -> None:
    async with app_with(AppOptions(log=False, keys={"rate_up": "u"})) as app:
        bar = app.screen.query_one(KeyBar)
        shown = {key.action: key.shown for key in active_keys(app.screen, "lab", bar._labels)}
        assert shown["rate_down"] == "[ ;"


async def test_a_widgets_own_action_has_the_key_that_it_was_given() -> None:
    async with app_with(AppOptions(log=False, keys=keymap({"surface_map.zoom(1)": ["Z"]}))) as app:
        await app.until(lambda: app.screen.query(SurfaceMap), "the map")
        surface = app.screen.query_one(SurfaceMap)
        surface.focus()
        await app.until(lambda: surface.has_focus, "the focus")
        keys = {binding.action: key for key, (_, binding, *_) in app.screen.active_bindings.items()}
        assert keys["zoom(1)"] == "Z"


@pytest.mark.parametrize(("configured", "theme"), [("nord", "nord"), ("", "textual-light")])
async def test_the_theme_of_the_configuration_goes_over_the_one_that_is_remembered(
    configured: str, theme: str, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"version": 1, "theme": "textual-light"}')
    async with app_with(AppOptions(log=False, theme=configured), state) as app:
        assert app.app.theme == theme


async def test_settings_of_the_configuration_are_the_defaults_that_a_learner_changes() -> None:
    async with app_with(AppOptions(log=False, settings={"himmelblau": {"learning_rate": "0.02", "steps": "7"}})) as app:
        state = app.lesson_state
        assert (state.texts["learning_rate"], state.texts["steps"]) == ("0.02", "7")
        state.change("steps", "9")
        assert state.texts["steps"] == "9"
        assert state.given == {"steps": "9"}
        state.forget()
        assert state.texts["steps"] == "7"
