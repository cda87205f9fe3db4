"""Exceptions that the app survives: the part of the screen that each came from, and their entries in the log."""

from __future__ import annotations

import contextlib
import os
import traceback
from datetime import datetime
from types import TracebackType

from textual._context import active_message_pump
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import NoActiveWorker, get_current_worker

from tui.widgets.pane import Pane
from tui.widgets.steady import charged

_DRAWING = ("_compositor_refresh", "_refresh_layout", "_display")
"""Functions of Textual's that all drawing and layout goes through."""


def part_of(error: Exception) -> Widget | None:
    """Find the part of the screen that an exception came from and that can be closed alone: a pane, a modal screen, or
    a widget in neither; None if it came from the app or its base screen."""
    origin = charged(error) or _innermost_widget(error) or _pump()
    if not isinstance(origin, Widget):
        return None
    for node in origin.ancestors_with_self:
        if isinstance(node, Pane) or (isinstance(node, Screen) and node.is_modal):
            return node
    holds_panes = isinstance(origin, Screen) or bool(origin.query(Pane))
    return None if holds_panes else origin


def from_drawing(error: Exception) -> bool:
    """Whether an exception was raised while the screen was drawn or laid out."""
    return any(frame.f_code.co_name in _DRAWING for frame, _ in traceback.walk_tb(error.__traceback__))


def _innermost_widget(error: Exception) -> MessagePump | None:
    """The widget, or the app, whose method was called last."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in reversed(frames):
        node = frame.f_locals.get("self")
        if isinstance(node, App) or (isinstance(node, Widget) and isinstance(node.ancestors_with_self[-1], App)):
            return node
    return None


def _pump() -> MessagePump | None:
    """The active object: the node of the worker, else the message pump."""
    with contextlib.suppress(NoActiveWorker):
        return get_current_worker().node
    return active_message_pump.get(None)


class FailureLog:
    """Writes tracebacks to the log, each in full only once: a failure in every frame must not flood it."""

    def __init__(self) -> None:
        self._times: dict[tuple[object, ...], int] = {}

    def note(self, error: Exception, where: str) -> bool:
        """Log an exception; returns whether it is the first of its type with this stack in this part of the screen."""
        key = (type(error), *_way(error.__traceback__), where)
        times = self._times[key] = self._times.get(key, 0) + 1
        if times == 1:
            _write(f"{datetime.now():%H:%M:%S} gdtui: {where} failed\n{''.join(traceback.format_exception(error))}")
        elif times in (10, 100, 1000) or times % 10_000 == 0:
            _write(f"{datetime.now():%H:%M:%S} gdtui: {where} failed {times:,} times by {type(error).__name__}\n")
        return times == 1


def _way(raised: TracebackType | None) -> list[tuple[str, int]]:
    return [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(raised)]


def _write(text: str) -> None:
    # Descriptor 2 is the log while the app has the screen, even if sys.stderr is not.
    with contextlib.suppress(OSError):
        os.write(2, text.encode("utf-8", "replace"))
