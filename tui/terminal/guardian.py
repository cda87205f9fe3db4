"""The guardian: the process that the shell started. It forks the app, waits, and restores the terminal if the app
cannot.

It imports very little: it is forked in a millisecond and stays small. It passes signals to the app and the app's exit
code to the shell, and it stops when the app stops, because the shell waits for it.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tui.process.log_end import cause_in, end_of
from tui.terminal.restore import Terminal, controls, in_foreground
from tui.text.clean import clean

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
PASSED = (*ENDING, signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2)

# The app's own watchdog needs the interpreter; if native code holds it, the app is killed after this time. The rest of
# two seconds is for the system, which reclaims its memory, and for the terminal.
LAST_RESORT_S = 1.65


@dataclass(frozen=True)
class Guard:
    """The app's handle of its guardian: the descriptor `end` reads as ended when the guardian has gone."""

    terminal: Terminal
    pid: int
    end: int


def fork_guarded(terminal: Terminal) -> Guard | None:
    """Fork. Returns in the child; the parent stays as its guardian and never returns. Returns None without forking if
    threads are running: locks that they hold would be held forever in the child."""
    if threading.active_count() > 1:
        return None
    end, held = os.pipe()
    # Signals that come between the fork and the handlers are delayed until the handlers are set.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*PASSED, signal.SIGCHLD, signal.SIGCONT})
    child = os.fork()
    if child == 0:
        os.close(held)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return Guard(terminal, os.getppid(), end)
    os.close(end)
    return _guard(Guardian(child, terminal), before)


def _guard(guardian: Guardian, mask: set[int | signal.Signals]) -> NoReturn:
    """Guard until the app has ended, then end with its result."""
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
    """Waits for the app, `child`, and for signals that are meant for it."""

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
        """Receive signals through a pipe. One that is ignored stays ignored: nohup."""
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        heard = {*PASSED, signal.SIGCONT, signal.SIGCHLD}
        if not controls(self.terminal.keyboard):  # otherwise the kernel tells the app about a new size too
            heard.add(signal.SIGWINCH)
        for number in heard:
            if number == signal.SIGCHLD or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _ignore)

    def wait(self) -> int:
        """Guard until the app has ended; returns its exit code, 128 + n if signal n ended it."""
        while True:
            pid, status = os.waitpid(self._child, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                self._stop()
            elif pid:
                return self._clean_up(os.waitstatus_to_exitcode(status))
            self._pass_on()

    def _pass_on(self) -> None:
        """Wait for signals and pass them to the app."""
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
        if continued:  # SIGCONT came before the app had given the terminal back
            self._continue()
            return
        self.terminal.restore()
        if controls(self.terminal.keyboard) and in_foreground(self.terminal.keyboard):
            # As ctrl+z does in a terminal that is not raw: programs that wait for this one stop too.
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
            os.kill(0, signal.SIGTSTP)
        os.kill(os.getpid(), signal.SIGSTOP)
        signal.signal(signal.SIGTSTP, _ignore)
        self._continue()

    def _continue(self) -> None:
        if self._stopped:
            self._stopped = False
            os.kill(self._child, signal.SIGCONT)
        elif self._stopping:
            self._continued = True

    def _clean_up(self, code: int) -> int:
        """Restore the terminal if the app did not, and report what is known of its end."""
        left_on = self.terminal.shared.modes_on
        self.terminal.restore()
        if self._asked is not None and code < 0:  # it did not end when it was asked to
            return 128 + self._asked
        if code < 0 or left_on:
            self.terminal.offer(end_message(code, self.terminal.shared.log).encode(errors="replace"), 0.5)
        return code if code >= 0 else 128 - code


def end_message(code: int, log: Path | None) -> str:
    """The message about an app that ended with `code` (-n: by signal n) and could not report it itself."""
    how = f"unexpectedly, exit code {code}" if code >= 0 else f"by signal {-code} ({signal.strsignal(-code)})"
    cause = cause_in(log)
    lines = [f"gdtui: ended {how}{': ' if cause else ''}{cause}"]
    tail = end_of(log)
    if tail:
        lines += [f"gdtui: the end of {clean(str(log))}:", *(f"  {line}" for line in tail)]
    return "".join(f"{line}\n" for line in lines)


def _ignore(*_: object) -> None:
    """A signal handler that does nothing: the number is in the pipe by now."""
