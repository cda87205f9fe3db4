"""The base of the app: survives failures of its parts, queues keys until a screen can take them, opens the palette."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable
from weakref import WeakSet

from rich.console import RenderableType
from textual import events
from textual.app import App, ScreenStackError
from textual.css.query import NoMatches
from textual.filter import LineFilter
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.theme import ThemeProvider
from textual.widget import MountError, Widget
from textual.worker import WorkerFailed

from tui.app import failures
from tui.plot.contrast import legible_variables
from tui.screens.modal import InTurn, SteadyScreen, open_dialog
from tui.widgets.ascii import ASCII_CLASS
from tui.widgets.line_filters import ASCII, BLOCKS, tolerant
from tui.widgets.pane import Pane
from tui.widgets.steady import Steady, charged

WIDGETS_GONE = (NoMatches, MountError, ScreenStackError)
"""Errors of handlers that look for widgets which an ending app has removed."""
MOST_UNDRAWN = 5
"""The most frames in a row that may fail because of the base screen itself; then the app ends."""
MOST_HELD = 10_000
"""The most keys that are queued; later ones are dropped."""
Queued = events.Key | events.Paste | InTurn
"""What acts in the order in which it came, each on the result of the one before."""
PATIENCE_FOR_KEY_S = 0.3
"""The longest that work in another thread gives way to a key: the interpreter runs one thread at a time."""
LOOK_S = 0.25
"""How often to check whether queued keys can be pressed, if no event triggers it."""
PATIENCE = 20
"""The number of checks for which a dialog that takes no keys is waited for: then `escape` is passed to it."""


@runtime_checkable
class Speaks(Protocol):
    """A screen with a row for passing messages."""

    def say(self, words: str, seconds: float = ...) -> None:
        """Show words for some seconds."""


class KeyDone(Message):
    """A message that follows a key through the queues of the widgets it bubbles through: its effect has begun."""


class ResilientApp(Steady, App[int]):
    """An app that goes on when a part of it fails, and that can be left at any time.

    An exception in a handler, a watcher, a timer, a callback, a worker or a draw closes the pane or the dialog that it
    came from, is logged and is reported in one line. Before `begun`, and if the base screen itself cannot be drawn, it
    ends the app with exit status 1.
    """

    draws_blocks = False
    """Whether signs that a console lacks are replaced by those that it has."""

    outlives_errors: bool | None = None
    """Whether the app goes on after an exception. None: it does on a terminal; without one, as under a test's pilot, it
    ends and the exception is raised to make the test fail."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._begun = False
        self._failures = failures.FailureLog()
        self._failed_dialogs: WeakSet[Screen[Any]] = WeakSet()
        self._undrawn = 0
        self._held: deque[Queued] = deque()
        self._in_hand: KeyDone | None = None
        self._no_key = threading.Event()
        self._no_key.set()
        self._seen_in_hand: KeyDone | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._looks = 0

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a message on the top screen's row for passing messages. A toast would cover text; it is used only on
        screens without such a row."""
        speaker = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Speaks)), None)
        if speaker is None:
            super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)
        else:
            speaker.say(message, self.NOTIFICATION_TIMEOUT if timeout is None else timeout)

    def get_css_variables(self) -> dict[str, str]:
        self.theme_variables = legible_variables(super().get_css_variables())
        return self.theme_variables

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = [tolerant(each) for each in super().get_line_filters()]
        if self.has_class(ASCII_CLASS):
            return [*filters, ASCII]
        return [*filters, BLOCKS] if self.draws_blocks else filters

    def begin(self) -> None:
        """Note that the base screen exists: from now on the app goes on when a part fails."""
        self._begun = True

    # --- failures -----------------------------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        leaving = self._exit or not self._running
        cause = error.error if isinstance(error, WorkerFailed) else error
        if leaving and isinstance(cause, WIDGETS_GONE):
            # Textual handles what is still in its queues while it removes the widgets: not a failure of the app.
            self.log.warning(f"left while a widget was at work: {error}")
            return
        begun = self._begun or charged(error) is not None  # it is enough that a part exists that can be closed
        if leaving or not begun or not self._outlives or self._exception is not None:
            super()._handle_exception(error)
            return
        try:
            self._outlive(cause if isinstance(cause, Exception) else error)
        except Exception as another:
            super()._handle_exception(another)

    @property
    def _outlives(self) -> bool:
        return not self.is_headless if self.outlives_errors is None else self.outlives_errors

    def _outlive(self, error: Exception) -> None:
        """Log an exception, close the part that it came from, and report it once."""
        part, drawing, kind = failures.part_of(error), failures.from_drawing(error), type(error).__name__
        name = _name(part)
        tells, done = self._failures.note(error, name), "the app goes on"
        match part:
            case Pane():
                tells, done = (
                    part.close_failed(
                        f"This pane failed ({kind}) and was closed. The app goes on, and so does a run.\n\n"
                        "enter  make it again\nw      show the log, which says where it failed"
                    ),
                    "it was closed",
                )
            case Screen():
                tells, done = part not in self._failed_dialogs, "it was closed"
                self._failed_dialogs.add(part)
                self.call_later(self._close, part)
            case Widget() if drawing or charged(error) is not None:
                tells, done = part.display, "it was hidden"
                part.display = False
        if drawing:
            self._undrawn += part is None
            if self._undrawn >= MOST_UNDRAWN:
                super()._handle_exception(error)
                return
            self.refresh(layout=True)  # the rest of the frame is still to be drawn
        if tells:
            self.notify(f"{name} failed ({kind}); {done}. w shows the log", severity="warning", markup=False)

    def _close(self, dialog: Screen[Any]) -> None:
        """Remove a dialog that has failed."""
        if dialog.is_active:
            dialog.dismiss(None)

    def _fatal_error(self) -> None:
        if self._outlives:  # the caller of the app reports and logs what ended it
            self._close_messages_no_wait()
        else:
            super()._fatal_error()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        failed = self._undrawn
        super()._display(screen, renderable)
        if self._undrawn == failed:
            self._undrawn = 0

    # --- keys ---------------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Queue keys that come before the top screen exists, or before the previous key has taken effect: they act in
        order, on the result of the one before. The mouse acts on what is visible, so its early events are dropped."""
        forwarded = isinstance(event, events.InputEvent) and event.is_forwarded
        if isinstance(event, Queued) and not forwarded:
            if self._held or self._in_hand is not None or not self._takes(event):
                self._hold(event)
            else:
                await self._press(event)
        elif not isinstance(event, events.MouseEvent) or forwarded or self._takes(event):
            await super().on_event(event)

    def _takes(self, event: events.Event) -> bool:
        """Whether the top screen takes an event of a user now."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, SteadyScreen) and isinstance(event, InTurn):
            return screen.takes_keys and screen.takes_action(event.action)
        if isinstance(screen, SteadyScreen):
            return screen.takes(event.key if isinstance(event, events.Key) else "")
        return screen is not None

    @property
    def keys_waiting(self) -> bool:
        """Whether there are keys that have not acted yet."""
        return bool(self._held) or self._in_hand is not None

    def _hold(self, event: Queued) -> None:
        if len(self._held) < MOST_HELD:
            self._held.append(event)
        if self._looking is None:
            self._looks = 0
            self._look_later()

    async def _press(self, event: Queued) -> None:
        target = self.focused or self.screen
        self._no_key.clear()
        await super().on_event(event)
        done = KeyDone()
        self._take_in_hand(done if target.post_message(done) else None)

    def _take_in_hand(self, done: KeyDone | None) -> None:
        self._in_hand = done
        (self._no_key.set if done is None else self._no_key.clear)()

    def await_no_key(self) -> None:
        """Wait, in another thread, until no key is taking effect, but not longer than PATIENCE_FOR_KEY_S."""
        self._no_key.wait(PATIENCE_FOR_KEY_S)

    async def on_key_done(self, event: KeyDone) -> None:
        """Press the next queued key. The effect of the last may still be on its way to the screen, such as the focus on
        its way to a pane that is being shown."""
        if not self.screen.call_after_refresh(self.call_later, self._finish_key, event):
            await self._finish_key(event)

    async def _finish_key(self, done: KeyDone) -> None:
        if done is self._in_hand:
            self._take_in_hand(None)
            await self._press_held()

    def on_in_turn(self, event: InTurn) -> None:
        event.act()

    async def on_keys_taken(self) -> None:
        await self._press_held()

    async def _press_held(self) -> None:
        while self._held and self._in_hand is None and self._takes(self._held[0]):
            await self._press(self._held.popleft())

    def _look_later(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def _look(self) -> None:
        """Press queued keys if the event that allows it was lost, with a widget that was removed."""
        self._looking = None
        if not self._held or not self._running:
            return
        self._looks += 1
        if self._in_hand is self._seen_in_hand:
            self._take_in_hand(None)
        self._seen_in_hand = self._in_hand
        if self._looks > PATIENCE and self.screen.is_modal:
            self.call_later(self._press, self._held.popleft())
        self.call_later(self._press_held)
        self._look_later()

    # --- the palette --------------------------------------------------------------------------------------------------

    def action_command_palette(self) -> None:
        """Show every command."""
        self._open_palette()

    def search_themes(self) -> None:
        """Show the themes."""
        self._open_palette([ThemeProvider], "Search for themes…")

    def _open_palette(self, providers: Sequence[Any] | None = None, placeholder: str = "Search for commands…") -> None:
        from tui.screens.palette import Palette

        open_dialog(self, Palette(providers, placeholder=placeholder))


def _name(part: Widget | None) -> str:
    """The name of a part of the screen for messages."""
    if part is None:
        return "a part of the app"
    if isinstance(part, Pane):
        return f"the {part.name} pane"
    return "the" + "".join(f" {c.lower()}" if c.isupper() else c for c in type(part).__name__)
