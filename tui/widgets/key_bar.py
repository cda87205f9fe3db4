"""The last row: the keys that act here and now, as many as fit, the most useful first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.screen import Screen

from tui.actions import action_called
from tui.drawing.cells import Cells
from tui.plain import plain
from tui.widgets.drawn import Bare

LAST = "help"
"""The action whose key always has its place, at the right end."""
_OWN_RANK = 6.5
"""The keys of the widget that has the focus stand behind those of the run, before everything else."""


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
        """Cells it takes, its gap included."""
        return len(self.shown) + len(self.label) + 3


class KeyBar(Bare):
    """Shows the active bindings of the screen; a click presses the key. `labels` rename actions for the moment."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"drawn--key", "drawn--label"}
    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        background: $footer-background;
        & > .drawn--key { color: $footer-key-foreground; text-style: bold; }
        & > .drawn--label { color: $footer-foreground; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(ascii_only=ascii_only, id=id)
        self._labels: dict[str, str] = {}
        self._keys: tuple[Key, ...] = ()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def relabel(self, labels: Mapping[str, str]) -> None:
        """Call actions by these names for the moment."""
        if dict(labels) != self._labels:
            self._labels = dict(labels)
            self._bindings_changed(self.screen)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not self.app.app_focus:
            return
        keys = active_keys(screen, self._labels)
        if self._ascii_only:
            keys = tuple(replace(key, shown=plain(key.shown), label=plain(key.label)) for key in keys)
        if keys != self._keys:
            self._keys = keys
            self._canvas.changed()

    def on_click(self, event: events.Click) -> None:
        for x, key in placed(self._keys, self.size.width):
            if x <= event.x < x + key.width - 1:
                self.app.simulate_key(key.key)

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        for x, key in placed(self._keys, width):
            cells.put(x, 0, key.shown, self._part("key"))
            cells.put(x + len(key.shown) + 1, 0, key.label, self._part("label"))
        return cells


def active_keys(screen: Screen[object], labels: Mapping[str, str]) -> tuple[Key, ...]:
    """The bindings that act on this screen now and want to be shown, the most useful first."""
    found: dict[str, Key] = {}
    for node, binding, enabled, _ in screen.active_bindings.values():
        name = binding.action.removeprefix("screen.")
        if not (binding.show and enabled) or name in found:
            continue
        action = action_called(name) if node is screen or node is screen.app else None
        shown = action.in_footer if action else binding.key_display or screen.app.get_key_display(binding)
        label = labels.get(name, binding.description)
        found[name] = Key(binding.key, shown, label, action.rank if action else _OWN_RANK, name)
    return tuple(sorted(found.values(), key=lambda key: key.rank))


def placed(keys: Sequence[Key], width: int) -> list[tuple[int, Key]]:
    """Which keys fit into `width` cells, with the column of each; help stands at the right end."""
    last = next((key for key in keys if key.action == LAST), None)
    room = width - 1 - (last.width if last else 0)
    places, x = [], 1
    for key in keys:
        if key is not last and x + key.width <= room + 1:
            places.append((x, key))
            x += key.width
    return [*places, (width - last.width + 1, last)] if last else places
