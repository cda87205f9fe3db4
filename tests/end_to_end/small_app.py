"""A small app on `tui.terminal`: it shows its input, and can be made to misbehave. Run as a script, with words:

    alone       no guardian
    busy        repaints all of the screen, all the time
    hangs       never ends a run that is to be stopped
    stumbles    raises in the input thread when ! is typed

Keys: z suspends, q quits, b blocks the event loop, g blocks the whole interpreter, s crashes in native code, x raises,
e ends the process as native code might.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import sys
import time
from pathlib import Path
from typing import ClassVar

from tui import terminal

WORDS = set(sys.argv[1:])

if "alone" not in WORDS:  # before large imports, as intended
    terminal.guard()

# ruff: noqa: E402
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.driver import Driver
from textual.message import Message
from textual.widgets import Static

from tui.terminal.driver import SteadyDriver


class SmallApp(App[int]):
    """Shows its size, the last key, and ticks; it writes into the named file when it is stopped."""

    BINDINGS: ClassVar = [Binding("q", "quit"), Binding("z", "suspend_process")]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, driver_class: type[Driver]) -> None:
        super().__init__(driver_class=driver_class)
        self.ticks = 0
        self.pressed = ""
        self.busy_until: int | None = None
        self.used_s = 0.0

    def compose(self) -> ComposeResult:
        yield Static("small app", id="text", markup=False)

    def on_mount(self) -> None:
        self.set_interval(1 / 20, self.tick)

    def tick(self) -> None:
        self.ticks += 1
        link = terminal.link(self)
        if link.stalled:
            Path("stalled").touch()
        lines = [
            f"small app {self.size.width}x{self.size.height}",
            f"pressed [{self.pressed[-60:]}]",
            f"ticks {self.ticks}.",
            f"stalled {link.stalled} rate {link.bytes_per_s or 0:.0f} delay {link.delay_s or 0:.3f}",
        ]
        if "busy" in WORDS:
            rows = range(self.size.height - len(lines) - 1)
            width = self.size.width - 1
            lines += ["".join(chr(33 + (self.ticks * 7 + r * 13 + c) % 90) for c in range(width)) for r in rows]
        lines.append(f"end {self.ticks}.")
        if self.pressed.endswith(("b", "g")):
            lines.append("hanging")
        self.query_one(Static).update("\n".join(lines))

    def on_paste(self, event: events.Paste) -> None:
        self.pressed = f"{self.pressed} paste of {len(event.text)}".strip()

    def on_key(self, event: events.Key) -> None:
        self.pressed = f"{self.pressed[-60:]} {event.key}".strip()
        if event.key == "b":
            self.set_timer(0.2, lambda: time.sleep(60))
        elif event.key == "g":
            self.set_timer(0.2, lambda: ctypes.PyDLL(None).sleep(60))
        elif event.key == "s":
            faulthandler._sigsegv()
        elif event.key == "x":
            raise ValueError("went\x1b[31m wrong")
        elif event.key == "e":
            os._exit(7)


def stumble(driver: SteadyDriver, message: Message) -> None:
    """Handle input of the terminal, but raise at an exclamation mark."""
    if isinstance(message, events.Key) and message.character == "!":
        raise ValueError("stumbled")
    super(SteadyDriver, driver).process_message(message)


def busy(app: SmallApp) -> bool:
    """Claim to have work that must not be interrupted: for a second, whose CPU time it records."""
    if app.busy_until is None:
        app.busy_until = app.ticks + 20
        app.used_s = time.process_time()
    if app.ticks >= app.busy_until:
        Path("used").write_text(f"{time.process_time() - app.used_s}")
    return app.ticks < app.busy_until


def stop(app: SmallApp) -> None:
    """Record that it was called."""
    Path("stopped").write_text(f"{app.ticks}\n")
    while "hangs" in WORDS:
        time.sleep(1)


if __name__ == "__main__":
    if "stumbles" in WORDS:
        SteadyDriver.process_message = stumble  # type: ignore[method-assign]
    if log := os.environ.get("SMALL_LOG"):
        terminal.keep_log(Path(log))
    descriptor = os.open(log or os.devnull, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.exit(terminal.run(SmallApp, stop, busy=busy))
