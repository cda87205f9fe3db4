"""Parts of `tui.terminal`: signals, keys, the guardian's messages, Textual's private names."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import os
import re
import select
import signal
from pathlib import Path

import pytest
from textual import events
from textual._ansi_sequences import SYNC_START
from textual._context import active_app
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from tui.process.log_end import TAIL_LINES, end_of
from tui.terminal.driver import SteadyDriver
from tui.terminal.guardian import ENDING, end_message
from tui.terminal.keyboard import Keyboard
from tui.terminal.meter import ANSWER
from tui.terminal.restore import LEAVE
from tui.terminal.shared import Shared
from tui.terminal.signals import SAME_EVENT_S, Signals
from tui.terminal.type_ahead import MOST_AHEAD, TypeAhead

# --- signals ----------------------------------------------------------------------------------------------------------


class Clock:
    """A clock that advances only when the test moves it."""

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
    """A keyboard on a pipe; each call types and returns the keys that were read."""

    def __init__(self) -> None:
        self._end, self._typed = os.pipe()
        self.keyboard = Keyboard(self._end, lambda at: None)

    def __call__(self, data: bytes) -> list[str]:
        os.write(self._typed, data)
        assert self.keyboard.read()
        return [message.key for message in self.keyboard.messages() if isinstance(message, events.Key)]

    def hang_up(self) -> None:
        os.close(self._typed)


@pytest.fixture
def typed() -> Typing:
    return Typing()


def test_answers_are_taken_out_of_what_is_typed(typed: Typing) -> None:
    assert typed(f"a{ANSWER}b{ANSWER}".encode()) == ["a", "b"]
    assert typed.keyboard.answers == 2


def test_bytes_that_are_no_text_are_replaced_and_characters_may_come_in_parts(typed: Typing) -> None:
    assert typed(b"\xffa\xc3") == ["replacement_character", "a"]
    assert typed(b"\xa9") == ["é"]


def test_a_keyboard_that_is_restarted_has_forgotten_what_had_begun(typed: Typing) -> None:
    assert typed(b"\x1b[200~a\xc3") == []
    typed.keyboard.restart()
    assert typed(b"b") == ["b"]


def test_a_burst_of_keys_is_taken_and_then_as_many_as_a_person_can_press() -> None:
    clock = Clock()
    ahead = TypeAhead(clock)
    assert sum(ahead.take() for _ in range(10_000)) == MOST_AHEAD
    for _ in range(1000):  # a key that is held down
        clock.now += 1 / 30
        assert ahead.take()
    assert not ahead.rested
    clock.now += 60
    assert ahead.rested
    assert ahead.take(MOST_AHEAD)
    clock.now += 60
    assert not ahead.take(MOST_AHEAD + 1)
    assert not ahead.take()


def test_the_end_of_the_input_is_reported(typed: Typing) -> None:
    typed.hang_up()
    assert not typed.keyboard.read()


def test_nobody_waits_for_answers_that_have_come(typed: Typing) -> None:
    typed(ANSWER.encode())
    typed.keyboard.await_answers(1, 60.0)
    typed.keyboard.await_answers(2, 0.0)


# --- the guardian's messages ------------------------------------------------------------------------------------------


def test_the_end_of_a_log_is_its_last_lines_safe_to_show(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(5000)) + b"\x1b]0;title\x07 [bold]\n\xff")
    lines = end_of(log)
    assert len(lines) == TAIL_LINES
    assert lines[-3:] == ["line 4999", "�]0;title� [bold]", "�"]


def test_without_a_log_there_is_no_end_of_one(tmp_path: Path) -> None:
    assert end_of(None) == end_of(tmp_path / "none") == end_of(tmp_path) == []


def test_the_guardian_says_how_it_ended() -> None:
    assert end_message(-9, None) == "gdtui: ended by signal 9 (Killed)\n"
    assert end_message(3, None) == "gdtui: ended unexpectedly, exit code 3\n"


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


# --- the driver -------------------------------------------------------------------------------------------------------


async def test_what_the_input_thread_has_done_is_done_in_the_context_of_the_app() -> None:
    app, seen = App[None](), list[object]()
    token = active_app.set(app)
    driver = SteadyDriver.__new__(SteadyDriver)
    driver._loop, driver._context = asyncio.get_running_loop(), contextvars.copy_context()
    active_app.reset(token)
    await asyncio.to_thread(contextvars.Context().run, driver._soon, lambda: seen.append(active_app.get(None)))
    while not seen:
        await asyncio.sleep(0)
    assert seen == [app]


def test_a_terminal_without_input_is_not_waited_for() -> None:
    """What was there to read may be gone: the guardian discards it while the app is stopped."""
    screen, terminal = os.openpty()
    keyboard = Keyboard(terminal, lambda at: None)
    assert keyboard.read() and not list(keyboard.messages())
    os.write(screen, b"q\n")
    select.select([keyboard.fd], [], [])
    assert keyboard.read() and list(keyboard.messages())
    os.close(screen)
    assert not keyboard.read()
    os.close(terminal)


def test_no_moment_is_there_in_which_a_change_of_size_is_ignored() -> None:
    driver = SteadyDriver.__new__(SteadyDriver)
    driver._in_band_window_resize = True
    assert not driver._in_band_window_resize


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
    assert "if not self._in_band_window_resize:" in start
    assert "self._get_terminal_size()" in start
    assert "self.exit_event.set()" in inspect.getsource(LinuxDriver.disable_input)
    assert "termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)" in stop
    assert "signal.signal(signal.SIGTSTP, self._sigtstp_application)" in source
    assert "signal.signal(signal.SIGCONT, self._sigcont_application)" in source
    assert {"_auto_restart", "_loop", "_app", "_size"} <= set(re.findall(r"self\.(_\w+)", source)) | set(
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
