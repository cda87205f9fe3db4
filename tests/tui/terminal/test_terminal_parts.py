"""Parts of `tui.terminal` by themselves: signals, keys, what the guardian says, what Textual's private names are."""

from __future__ import annotations

import inspect
import os
import re
import signal
from pathlib import Path

import pytest
from textual._ansi_sequences import SYNC_START
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from tui.terminal.guardian import ENDING, TAIL_LINES, end_of, obituary
from tui.terminal.keyboard import Keyboard
from tui.terminal.meter import ANSWER
from tui.terminal.restore import LEAVE
from tui.terminal.shared import Shared
from tui.terminal.signals import SAME_EVENT_S, Signals

# --- signals ----------------------------------------------------------------------------------------------------------


class Clock:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_first_signal_is_waited_for_and_a_later_one_is_acted_upon_at_once() -> None:
    clock, at_once = Clock(), []
    signals = Signals(at_once.append, clock)
    signals._handle(signal.SIGTERM, None)
    assert signals.wait() == signals.received == signal.SIGTERM
    clock.now = SAME_EVENT_S - 0.1
    signals._handle(signal.SIGTERM, None)
    assert at_once == []
    clock.now = SAME_EVENT_S + 0.1
    signals._handle(signal.SIGINT, None)
    signals._handle(signal.SIGINT, None)
    assert at_once == [signal.SIGTERM]


def test_hang_ups_count_once_however_many_say_so() -> None:
    clock, at_once = Clock(), []
    signals = Signals(at_once.append, clock)
    for clock.now in (0.0, 1.0, 2.0):
        signals._handle(signal.SIGHUP, None)
    assert signals.received == signal.SIGHUP
    assert at_once == []


def test_what_was_ignored_stays_ignored() -> None:
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signals = Signals(lambda number: None)
        signals.listen()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        os.kill(os.getpid(), signal.SIGQUIT)
        assert signals.wait() == signal.SIGQUIT
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- keys -------------------------------------------------------------------------------------------------------------


class Typing:
    """A keyboard on a pipe; each call types and returns what was read."""

    def __init__(self) -> None:
        self._end, self._typed = os.pipe()
        self.keyboard = Keyboard(self._end, lambda number, at: None)

    def __call__(self, data: bytes) -> str | None:
        os.write(self._typed, data)
        return self.keyboard.read()

    def hang_up(self) -> None:
        os.close(self._typed)


@pytest.fixture
def typed() -> Typing:
    return Typing()


def test_answers_are_taken_out_of_what_is_typed(typed: Typing) -> None:
    assert typed(f"a{ANSWER}b{ANSWER}".encode()) == "ab"
    assert typed.keyboard.answers == 2


@pytest.mark.parametrize("cut", [2, 3])
def test_an_answer_in_two_parts_is_one(typed: Typing, cut: int) -> None:
    assert typed(b"x" + ANSWER[:cut].encode()) == "x"
    assert typed(ANSWER[cut:].encode() + b"y") == "y"
    assert typed.keyboard.answers == 1


def test_what_only_began_like_an_answer_is_typed_after_all(typed: Typing) -> None:
    assert typed(b"\x1b[") == ""
    assert typed(b"A") == "\x1b[A"
    assert typed(b"\x1b[") == ""
    assert typed.keyboard.rest() == "\x1b["
    assert typed.keyboard.rest() == ""
    assert typed(b"\x1b") == "\x1b"


def test_bytes_that_are_no_text_are_replaced(typed: Typing) -> None:
    assert typed(b"\xffa\xc3") == "�a"
    assert typed(b"\xa9") == "é"


def test_the_end_of_the_input_is_told(typed: Typing) -> None:
    typed.hang_up()
    assert typed.keyboard.read() is None


def test_nobody_waits_for_answers_that_have_come(typed: Typing) -> None:
    typed(ANSWER.encode())
    typed.keyboard.await_answers(1, 60.0)
    typed.keyboard.await_answers(2, 0.0)


# --- what the guardian says -------------------------------------------------------------------------------------------


def test_the_end_of_a_log_is_its_last_lines_safe_to_show(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(5000)) + b"\x1b]0;title\x07 [bold]\n\xff")
    lines = end_of(log)
    assert len(lines) == TAIL_LINES
    assert lines[-3:] == ["line 4999", "�]0;title� [bold]", "�"]


def test_without_a_log_there_is_no_end_of_one(tmp_path: Path) -> None:
    assert end_of(None) == end_of(tmp_path / "none") == end_of(tmp_path) == []


def test_the_guardian_says_how_it_ended() -> None:
    assert obituary(-9, None) == "gdtui: ended by signal 9 (Killed)\n"
    assert obituary(3, None) == "gdtui: ended unexpectedly, exit code 3\n"


def test_the_log_of_the_app_is_known_behind_a_fork(tmp_path: Path) -> None:
    shared = Shared()
    assert shared.log is None
    assert not shared.modes_on
    child = os.fork()
    if child == 0:
        shared.log = tmp_path / "a log ü"
        shared.modes_on = True
        os._exit(0)
    os.waitpid(child, 0)
    assert shared.log == tmp_path / "a log ü"
    assert shared.modes_on
    shared.log = Path("/" + "x" * 5000)
    assert shared.log is None


# --- Textual ----------------------------------------------------------------------------------------------------------


def test_the_private_names_of_textual_that_the_driver_relies_on_are_there() -> None:
    start = inspect.getsource(LinuxDriver.start_application_mode)
    stop = inspect.getsource(LinuxDriver.stop_application_mode)
    source = inspect.getsource(LinuxDriver)
    assert "self._writer_thread = WriterThread(self._file)" in start
    assert "self._key_thread = Thread(target=self._run_input_thread" in start
    assert "self.run_input_thread()" in inspect.getsource(LinuxDriver._run_input_thread)
    assert "self.attrs_before = termios.tcgetattr(self.fileno)" in start
    assert "self._must_signal_resume" in start
    assert "self._get_terminal_size()" in start
    assert "self.exit_event.set()" in inspect.getsource(LinuxDriver.disable_input)
    assert "termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)" in stop
    assert "signal.signal(signal.SIGTSTP, self._sigtstp_application)" in source
    assert "signal.signal(signal.SIGCONT, self._sigcont_application)" in source
    assert {"_auto_restart", "_loop", "_app", "_size", "_debug"} <= set(re.findall(r"self\.(_\w+)", source)) | set(
        re.findall(r"self\.(_\w+)", inspect.getsource(LinuxDriver.__mro__[1]))
    )


def test_textual_paints_through_the_names_that_the_painting_relies_on() -> None:
    display = inspect.getsource(App._display)
    assert display.index("self._batch_count") < display.index("self._driver.flush()")
    assert "self.post_display_hook()" in display
    assert "self._driver" in display
    assert {"batch_update", "post_display_hook", "exit"} <= set(dir(App))


def test_every_mode_that_textual_turns_on_is_turned_off() -> None:
    source = re.sub(r"#.*", "", inspect.getsource(LinuxDriver)) + SYNC_START
    turned_on = {int(number) for number in re.findall(r"\[\?(\d+)h", source)} - {7, 25}
    assert {1000, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048} <= turned_on
    turned_off = {int(number) for number in re.findall(r"\[\?(\d+)l", LEAVE)}
    assert turned_on <= turned_off
    assert LEAVE.index("\x1b[<u") < LEAVE.index("\x1b[?1049l") < LEAVE.index("\x1b[?25h")
    assert "\x1b[?7h" in LEAVE
