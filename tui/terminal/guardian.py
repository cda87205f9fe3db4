"""The guardian: the process the shell started. It forks the app, waits, and puts the terminal right if the app cannot.

It imports next to nothing, so that it is forked in a millisecond and stays small. Signals go through it to the app,
the app's exit code through it to the shell, and it stops when the app stops, which is what the shell waits for.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tui.terminal.restore import Terminal, controls, in_foreground
from tui.text import clean

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
PASSED = (*ENDING, signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2)

# The app's own watchdog needs the interpreter; where that is held by native code, this is what is left of two seconds.
LAST_RESORT_S = 1.95

TAIL_LINES = 12
TAIL_BYTES = 8192


@dataclass(frozen=True)
class Guard:
    """What the app knows of its guardian: `end` is a descriptor that reads as ended when the guardian has gone."""

    terminal: Terminal
    pid: int
    end: int


def fork_guarded(terminal: Terminal) -> Guard | None:
    """Fork. Returns in the child; the parent stays as its guardian and never returns. None, and no fork, where threads
    run: what they hold would be held for ever in the child."""
    if threading.active_count() > 1:
        return None
    end, held = os.pipe()
    # Signals that come between the fork and the handlers wait for those.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*PASSED, signal.SIGCHLD, signal.SIGCONT})
    child = os.fork()
    if child == 0:
        os.close(held)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return Guard(terminal, os.getppid(), end)
    os.close(end)
    return _guard(Guardian(child, terminal), before)


def _guard(guardian: Guardian, mask: set[int | signal.Signals]) -> NoReturn:
    """Guard until the app has ended, then end as it did."""
    code = 1
    try:
        guardian.listen()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        code = guardian.wait()
    except BaseException:  # a guardian that fails must not run on as a second app
        terminal = guardian.terminal
        terminal.restore()
    finally:
        os._exit(code)


class Guardian:
    """Waits for the app, `child`, and for signals that belong to it."""

    def __init__(self, child: int, terminal: Terminal) -> None:
        self.terminal = terminal
        self._child = child
        self._stopped = False
        self._stopping = False
        self._continued = False
        self._due: float | None = None
        self._asked: int | None = None
        self._woken, self._wake = os.pipe()

    def listen(self) -> None:
        """Have signals told through a pipe. One that is ignored stays so: nohup."""
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        heard = {*PASSED, signal.SIGCONT, signal.SIGCHLD}
        if not controls(self.terminal.keyboard):  # else the kernel tells the app of a new size too
            heard.add(signal.SIGWINCH)
        for number in heard:
            if number == signal.SIGCHLD or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _heard)

    def wait(self) -> int:
        """Guard until the app has ended; the exit code it ended with, 128 + n where signal n ended it."""
        while True:
            pid, status = os.waitpid(self._child, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                self._stop()
            elif pid:
                return self._farewell(os.waitstatus_to_exitcode(status))
            self._pass_on()

    def _pass_on(self) -> None:
        """Wait for signals and give them to the app."""
        left_s = None if self._due is None else max(self._due - time.monotonic(), 0.0)
        if not select.select([self._woken], [], [], left_s)[0]:
            os.kill(self._child, signal.SIGKILL)
            self._due = None
            return
        for number in os.read(self._woken, 64):
            if number == signal.SIGCONT:
                self._continue()
            elif number != signal.SIGCHLD:
                os.kill(self._child, number)
                if number == signal.SIGTSTP:
                    self._stopping = True
                if number in ENDING and self._asked is None:
                    self._asked = number
                    self._due = time.monotonic() + LAST_RESORT_S

    def _stop(self) -> None:
        """Stop as the app has. It has left the terminal before, unless SIGSTOP gave it no time to."""
        self._stopped = True
        continued, self._stopping, self._continued = self._continued, False, False
        if continued:  # SIGCONT was faster than the app at giving the terminal back
            self._continue()
            return
        self.terminal.restore()
        if controls(self.terminal.keyboard) and in_foreground(self.terminal.keyboard):
            # What ctrl+z does in a terminal that is not raw: programs that wait for this one stop too.
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
            os.kill(0, signal.SIGTSTP)
        os.kill(os.getpid(), signal.SIGSTOP)
        signal.signal(signal.SIGTSTP, _heard)
        self._continue()

    def _continue(self) -> None:
        if self._stopped:
            self._stopped = False
            os.kill(self._child, signal.SIGCONT)
        elif self._stopping:
            self._continued = True

    def _farewell(self, code: int) -> int:
        """Put the terminal right if the app has left it otherwise, and say what is known of its end."""
        left_on = self.terminal.shared.modes_on
        self.terminal.restore()
        if self._asked is not None and code < 0:  # it did not end by itself when it was asked to
            return 128 + self._asked
        if code < 0 or left_on:
            self.terminal.offer(obituary(code, self.terminal.shared.log).encode(errors="replace"), 0.5)
        return code if code >= 0 else 128 - code


def obituary(code: int, log: Path | None) -> str:
    """What to say of an app that ended with `code` (-n: by signal n) and could not say it itself."""
    how = f"unexpectedly, exit code {code}" if code >= 0 else f"by signal {-code} ({signal.strsignal(-code)})"
    lines = [f"gdtui: ended {how}"]
    tail = end_of(log)
    if tail:
        lines += [f"gdtui: the end of {clean(str(log))}:", *(f"  {line}" for line in tail)]
    return "".join(f"{line}\n" for line in lines)


def end_of(log: Path | None) -> list[str]:
    """The last lines of a log, safe to show; none where there is no log."""
    if log is None:
        return []
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - TAIL_BYTES, 0))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return [clean(line.expandtabs())[:200] for line in deque(text.splitlines(), TAIL_LINES)]


def _heard(*_: object) -> None:
    """A handler: the number is in the pipe by now."""
