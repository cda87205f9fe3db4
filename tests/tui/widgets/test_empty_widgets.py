"""Every widget that takes keys, before it has anything to show: no key raises an error."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest
from textual import events
from textual.keys import key_to_character
from textual.widget import Widget

import tui.widgets
from tests.tui.stage import Stage


def focusable() -> list[type[Widget]]:
    """The widgets of the app that take the focus and are created without arguments."""
    found: set[type[Widget]] = set()
    for module in pkgutil.walk_packages(tui.widgets.__path__, "tui.widgets."):
        for kind in vars(importlib.import_module(module.name)).values():
            if not (inspect.isclass(kind) and issubclass(kind, Widget) and kind.__module__ == module.name):
                continue
            parameters = inspect.signature(kind).parameters.values()
            told = any(
                each.default is each.empty and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
                for each in parameters
            )
            abstract = any(
                getattr(inspect.getattr_static(kind, name), "__isabstractmethod__", False) for name in dir(kind)
            )
            if kind.can_focus and not told and not abstract:
                found.add(kind)
    return sorted(found, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("size", [(80, 24), (3, 1)], ids=str)
@pytest.mark.parametrize("kind", focusable(), ids=lambda kind: kind.__name__)
async def test_no_key_fails_on_a_widget_that_has_nothing_to_show(kind: type[Widget], size: tuple[int, int]) -> None:
    widget = kind()
    app = Stage(widget)
    async with app.run_test(size=size) as pilot:
        widget.focus()
        await pilot.pause()
        keys = [key for key in widget._bindings.key_to_bindings if key not in ("tab", "shift+tab")]
        for key in (*keys, "enter", "space", "escape", "5"):
            app.post_message(events.Key(key, key_to_character(key)))
        await pilot.click(widget.__class__)
        await pilot.pause()
