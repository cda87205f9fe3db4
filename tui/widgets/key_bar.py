"""The key bar, in the last row: the keys that act now, as many as fit, the most useful first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.keys import _character_to_key
from textual.screen import Screen
from textual.strip import Strip

from tui.model.actions import ScreenName, action_called
from tui.plot.text_rows import TextRows
from tui.text.fit import fitting
from tui.text.plain import plain
from tui.widgets.cell_widget import CellWidget

LAST = "help"
"""The action whose key is always shown, at the right end."""
_OWN_RANK = 1.6
"""The keys of the focused widget come after the start key, before all others."""
_OWN_RANKS = {
    "next_panel": 1.1,
    "next_path": 1.2,
    "next_line": 1.2,
    "next_table": 1.2,
    "add_start": 1.3,
    "toggle_basins": 1.4,
    "toggle_solid": 1.45,
    "branch": 1.5,
    "toggle_log": 6.5,
    "smooth": 6.6,
    "zoom": 6.7,
    "reset_view": 6.8,
}
"""The keys of views and plots, by how often they are used; those that zoom and scale come after the keys of the run."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key as it is shown, and the key to press when it is clicked."""

    key: str
    shown: str
    label: str
    rank: float
    action: str

    @property
    def width(self) -> int:
        """Its width in cells, including its gap."""
        return len(self.shown) + len(self.label) + 3


class KeyBar(CellWidget):
    """Shows the active bindings of the screen; a click presses the key. `labels` temporarily rename actions."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--key", "cell--label"}
    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        background: $footer-background;
        & > .cell--key { color: $footer-key-foreground; text-style: bold; }
        & > .cell--label { color: $footer-foreground; }
    }
    """

    def __init__(self, screen: ScreenName, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._screen_name = screen
        self._labels: dict[str, str] = {}
        self._keys: tuple[Key, ...] = ()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def relabel(self, labels: Mapping[str, str]) -> None:
        """Show actions under these names for now."""
        if dict(labels) != self._labels:
            self._labels = dict(labels)
            self._bindings_changed(self.screen)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not self.app.app_focus:
            return
        keys = active_keys(screen, self._screen_name, self._labels)
        if self._glyphs.ascii:
            keys = tuple(replace(key, shown=plain(key.shown), label=plain(key.label)) for key in keys)
        if keys != self._keys:
            self._keys = keys
            self._canvas.changed()

    def on_click(self, event: events.Click) -> None:
        for x, key in placed(self._keys, self.size.width):
            if x <= event.x < x + key.width - 1:
                self.app.simulate_key(key.key)

    def draw(self, width: int, height: int) -> list[Strip]:
        rows = TextRows(width, height)
        for x, key in placed(self._keys, width):
            rows.put(x, 0, key.shown, self._part("key"))
            rows.put(x + len(key.shown) + 1, 0, key.label, self._part("label"))
        return rows.strips()


def active_keys(screen: Screen[object], screen_name: ScreenName, labels: Mapping[str, str]) -> tuple[Key, ...]:
    """The bindings that act on this screen now and are shown, the most useful first."""
    found: dict[str, Key] = {}
    for node, binding, enabled, _ in screen.active_bindings.values():
        name = binding.action.removeprefix("screen.")
        if not (binding.show and enabled) or name in found:
            continue
        action = action_called(name, screen_name) if node is screen or node is screen.app else None
        shown = binding.key_display or screen.app.get_key_display(binding)
        label = labels.get(name, binding.description)
        if action and action.in_key_bar:
            if _are_bound(action.in_key_bar, screen):
                shown = action.in_key_bar
            else:  # the label is of several keys together
                label = action.command
        rank = action.rank if action else _OWN_RANKS.get(name.partition("(")[0], _OWN_RANK)
        found[name] = Key(binding.key, shown, label, rank, name)
    return tuple(sorted(found.values(), key=lambda key: key.rank))


def _are_bound(shown: str, screen: Screen[object]) -> bool:
    """Whether each of these keys acts on this screen: none was replaced by another."""
    return all(_character_to_key(key) in screen.active_bindings for key in shown.split())


def placed(keys: Sequence[Key], width: int) -> list[tuple[int, Key]]:
    """The keys that fit into `width` cells, with the column of each; help is at the right end."""
    last = next((key for key in keys if key.action == LAST), None)
    room = width - 1 - (last.width if last else 0)
    others = [key for key in keys if key is not last]
    places, x = [], 1
    for place in fitting([key.width for key in others], room):
        places.append((x, others[place]))
        x += others[place].width
    return [*places, (width - last.width + 1, last)] if last else places
