"""Screens that survive a failing handler, take keys only when they are complete, and are opened and closed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.geometry import Offset, Size
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from tui.widgets.steady import Steady

T = TypeVar("T")


class SteadyScreen(Steady, Screen[T], Generic[T]):
    """A screen of gdtui. The app queues keys that are pressed before it `takes_keys`."""

    @property
    def takes_keys(self) -> bool:
        """Whether its widgets exist and can take a key."""
        return self.is_mounted and self.is_running

    def takes(self, key: str) -> bool:
        """Whether it takes this key now."""
        return self.takes_keys

    def takes_action(self, action: str | None) -> bool:
        """Whether an action of the screen can take effect now; None stands for an effect that is no action's."""
        return True

    def _screen_resized(self, size: Size) -> None:
        # Each screen passes its size events on to those below it. With two changes of size in progress, the screens
        # would pass both to each other forever.
        super()._screen_resized(self.app.size)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        # A removed widget stays on the screen until the next layout, but has no parent. Textual begins a selection of
        # text in the parent, so such a widget counts as none.
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (None, None) if widget is not None and widget.parent is None else (widget, offset)

    def in_turn(self, act: Callable[[], object], action: str | None = None) -> None:
        """Call a function when the queued keys have acted and `action` can take effect, if this is the top screen then:
        for a click whose effect must not come before that of earlier keys."""
        self.app.post_message(InTurn(lambda: act() if self.is_active else None, action))

    def release_keys(self) -> None:
        """Let the app press the queued keys; called when `takes_keys` becomes true."""
        self.app.post_message(KeysTaken())

    @property
    def has_parts(self) -> bool:
        """Whether its widgets exist: not before they are composed, nor while they are removed."""
        return self.is_attached and bool(self.children) and not self._pruning

    def _on_mount(self, event: events.Mount) -> None:
        self.call_after_refresh(self.release_keys)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close the screen once. A second simultaneous key or click finds it closed, and closes no other."""
        if self.is_active:
            return super().dismiss(result)
        return AwaitComplete()


class InTurn(events.Event, bubble=False):
    """A request that the app queues among the keys: to call `act`, the effect of an action or, with None, of none."""

    def __init__(self, act: Callable[[], object], action: str | None) -> None:
        super().__init__()
        self.act = act
        self.action = action


class KeysTaken(events.Event, bubble=False):
    """The top screen takes keys from now on."""


def open_dialog(app: App[Any], dialog: ModalScreen[T], answered: Callable[[T | None], None] | None = None) -> bool:
    """Open a dialog over the app's base screen; the only place where a modal screen is pushed.

    One at a time: while another is open or the app is being left, it does nothing and returns False.
    """
    if app.screen.is_modal or not app.is_running:
        return False
    app.push_screen(dialog, answered)
    return True
