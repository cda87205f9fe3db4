"""Commands of the palette that every screen has: its actions, and the keys of the visible widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from textual.actions import ActionError, parse
from textual.binding import Binding
from textual.keys import format_key
from textual.screen import Screen
from textual.widget import Widget

from tui.model.actions import ScreenName, actions_of

Command = tuple[str, str, Callable[[], object]]
"""A command's name, its help, and its function."""
Say = Callable[[str], None]
NOT_NOW = "not possible now"


def shown_keys(keys: Mapping[str, str]) -> dict[str, str]:
    """The written forms of a keymap's keys."""
    return {action: " ".join(map(format_key, given.split(","))) for action, given in keys.items()}


def action_commands(
    screen: Screen[Any], name: ScreenName, say: Say, shown: Mapping[str, str] | None = None
) -> Iterator[Command]:
    """The commands of a screen's actions, with their keys as `shown` if these were changed; one that is not possible
    now reports that."""
    for action in actions_of(name, shown):
        command = f"{action.command} ({action.shown})"
        if action.id == "app.command_palette":
            continue
        if screen.check_action(action.id, ()):
            yield command, action.tooltip, partial(screen.run_action, action.id)
        else:
            yield f"{command}: {NOT_NOW}", action.tooltip, partial(say, f"{action.command}: {NOT_NOW}")


def key_commands(screen: Screen[Any], place_name: Callable[[Widget], str], say: Say) -> Iterator[Command]:
    """The commands of the visible widgets' keys that are in the key bar while their widget has the focus."""
    told: set[str] = set()
    for widget in screen.query("#body *").results(Widget):
        if not widget.region.area or not type(widget).__module__.startswith("tui."):
            continue
        for key, binding in widget._bindings:
            if binding.show and binding.description not in told and not binding.action.startswith("screen."):
                told.add(binding.description)
                shown = binding.key_display or screen.app.get_key_display(Binding(key, binding.action))
                place = place_name(widget)
                yield f"{binding.description} ({shown})", place and f"in {place}", partial(_act, widget, binding, say)


async def _act(widget: Widget, binding: Binding, say: Say) -> None:
    try:
        _, name, parameters = parse(binding.action)
    except ActionError:
        return
    if widget.is_attached and widget.check_action(name, parameters):
        await widget.run_action(binding.action)
    else:
        say(f"{binding.description}: {NOT_NOW}")
