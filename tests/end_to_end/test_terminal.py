"""The terminal in danger: signals, crashes, stops, lines that stall or break. A real pseudo-terminal, a small app."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.end_to_end.terminal import ALTERNATE, SYNCHRONIZED, Terminal, is_stopped, python

SMALL_APP = str(Path(__file__).parent / "small_app.py")
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
KILLED = 128 + signal.SIGKILL

# Sequences that leave nothing on the screen.
UNSEEN = re.compile(r"\x1b\[[?<>]?[\d;]*[a-zA-Z]|\x18\x1b\\")

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the small app, and waits until it is drawn."""
    started: list[Terminal] = []

    def begin(*words: str, drawn: str = "ticks", **options: Any) -> Terminal:
        terminal = Terminal(python(SMALL_APP, *words), cwd=tmp_path, **options)
        started.append(terminal)
        terminal.wait_for(drawn)
        return terminal

    yield begin
    for terminal in started:
        terminal.__exit__()


def after_the_app(terminal: Terminal) -> str:
    """The output on the terminal after the alternate screen."""
    return UNSEEN.sub("", bytes(terminal.transcript).rpartition(b"\x1b[?1049l")[2].decode())


def has_ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it has ended in between
        return True


def shows_one_frame(terminal: Terminal) -> bool:
    """Whether the busy app's output is one frame, not parts of two."""
    lines = terminal.text.splitlines()
    tick = re.match(r"ticks (\d+)\.", lines[2])
    last = max((row for row, line in enumerate(lines) if line.startswith("end")), default=0)
    return (
        tick is not None
        and lines[last].strip() == f"end {tick[1]}."
        and all(lines[4 + row][0] == chr(33 + (int(tick[1]) * 7 + row * 13) % 90) for row in range(last - 4))
    )


# --- signals that end -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_stops_the_run_and_gives_the_terminal_back(start: Start, tmp_path: Path, number: int) -> None:
    terminal = start()
    assert {ALTERNATE, 1000} <= terminal.modes and terminal.keyboard_levels == 1
    assert terminal.settings() != terminal.settings_before
    terminal.signal(number)
    assert terminal.exit_code() == 128 + number
    assert terminal.restored
    assert (tmp_path / "stopped").exists()
    assert after_the_app(terminal) == ""


def test_without_a_guardian_a_signal_does_the_same(start: Start, tmp_path: Path) -> None:
    terminal = start("alone")
    assert terminal.app.pid == terminal.process.pid
    terminal.signal(signal.SIGINT)
    assert terminal.exit_code() == 128 + signal.SIGINT
    assert terminal.restored
    assert (tmp_path / "stopped").exists()


def test_a_signal_to_the_whole_group_counts_once(start: Start, tmp_path: Path) -> None:
    terminal = start()
    os.killpg(terminal.process.pid, signal.SIGTERM)
    assert terminal.exit_code() == 128 + signal.SIGTERM
    assert terminal.restored
    assert (tmp_path / "stopped").exists()


def test_what_does_not_end_by_itself_is_ended(start: Start) -> None:
    run_hangs, loop_hangs, interpreter_hangs = start("hangs"), start(), start()
    loop_hangs.press("b")
    interpreter_hangs.press("g")
    for terminal in (loop_hangs, interpreter_hangs):
        terminal.wait_for("hanging")
    for terminal in (run_hangs, loop_hangs, interpreter_hangs):
        terminal.signal(signal.SIGTERM)
    for terminal in (run_hangs, loop_hangs, interpreter_hangs):
        assert terminal.exit_code() == 128 + signal.SIGTERM
        assert terminal.restored


def test_a_second_signal_does_not_wait_for_the_first(start: Start, tmp_path: Path) -> None:
    terminal = start("hangs")
    terminal.signal(signal.SIGINT)
    terminal.wait_until((tmp_path / "stopped").exists)
    while terminal.process.poll() is None:
        terminal.signal(signal.SIGINT)
    assert terminal.exit_code() == 128 + signal.SIGINT
    assert terminal.restored


# --- unexpected ends --------------------------------------------------------------------------------------------------


def test_after_sigkill_the_guardian_gives_the_terminal_back_and_shows_the_log(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"an old line\n" * 50 + b"loading\na \x1b[31mred\xff line\n")
    terminal = start(environ={"SMALL_LOG": str(log)})
    terminal.app.kill()
    assert terminal.exit_code() == KILLED
    assert terminal.restored
    said = after_the_app(terminal).splitlines()
    assert said[:2] == ["gdtui: ended by signal 9 (Killed)", f"gdtui: the end of {log}:"]
    assert said[-2:] == ["  loading", "  a �[31mred� line"]
    assert len(said) == 14


def test_after_a_crash_in_native_code_the_guardian_gives_the_terminal_back(start: Start) -> None:
    terminal = start()
    terminal.press("s")
    assert terminal.exit_code() == 128 + signal.SIGSEGV
    assert terminal.restored
    assert after_the_app(terminal) == "gdtui: ended by signal 11 (Segmentation fault)\r\n"


def test_an_answer_that_comes_after_a_crash_is_not_typed_into_the_shell(start: Start) -> None:
    terminal = start()
    app, answers = terminal.app, list[str]()
    terminal.screen.write_process_input = answers.append
    terminal.wait_until(lambda: answers, "a question")
    terminal.press("s")
    terminal.wait_until(lambda: has_ended(app), "the crash")
    terminal.press(*answers)
    assert terminal.exit_code() == 128 + signal.SIGSEGV
    assert terminal.restored
    assert after_the_app(terminal) == "gdtui: ended by signal 11 (Segmentation fault)\r\n"


def test_an_exit_behind_the_apps_back_leaves_no_mode_on(start: Start) -> None:
    terminal = start()
    terminal.press("e")
    assert terminal.exit_code() == 7
    assert terminal.restored
    assert after_the_app(terminal) == "gdtui: ended unexpectedly, exit code 7\r\n"


def test_an_exception_is_a_line_on_the_terminal_and_a_traceback_in_the_log(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    terminal = start(environ={"SMALL_LOG": str(log)})
    terminal.press("x")
    assert terminal.exit_code() == 1
    assert terminal.restored
    assert after_the_app(terminal).splitlines() == ["gdtui: ValueError: went�[31m wrong", f"gdtui: more is in {log}"]
    assert "ValueError: went" in log.read_text()


def test_without_its_guardian_the_app_ends_in_order(start: Start, tmp_path: Path) -> None:
    terminal = start()
    app = terminal.app
    terminal.process.kill()
    terminal.wait_until(lambda: has_ended(app), "the app to end")
    terminal.wait_until(lambda: terminal.restored, "the terminal to be given back")
    assert (tmp_path / "stopped").exists()


# --- suspending and resuming ------------------------------------------------------------------------------------------


def test_sigtstp_gives_the_terminal_back_and_sigcont_takes_it_again(start: Start) -> None:
    terminal = start()
    guardian, app = psutil.Process(terminal.process.pid), terminal.app
    terminal.signal(signal.SIGTSTP)
    terminal.wait_until(lambda: is_stopped(guardian) and is_stopped(app), "both to stop")
    terminal.wait_until(lambda: terminal.restored, "the terminal to be given back")
    terminal.signal(signal.SIGCONT)
    terminal.wait_until(lambda: ALTERNATE in terminal.modes and "ticks" in terminal.text, "a new screen")
    terminal.press("a")
    terminal.wait_for("pressed [a]")
    terminal.press("q")
    assert terminal.exit_code() == 0
    assert terminal.restored


def test_sigcont_right_behind_sigtstp_is_not_lost(start: Start) -> None:
    terminal = start()
    terminal.signal(signal.SIGTSTP)
    terminal.signal(signal.SIGCONT)
    terminal.press("a")
    terminal.wait_until(lambda: ALTERNATE in terminal.modes and "pressed" in terminal.text, "a new screen")
    terminal.wait_until(lambda: terminal.press("q") or terminal.process.poll() is not None, "the app to end")
    assert terminal.exit_code() == 0
    assert terminal.restored


def test_sigstop_of_the_app_gives_the_terminal_back_too(start: Start) -> None:
    terminal = start()
    guardian = psutil.Process(terminal.process.pid)
    terminal.app.suspend()
    terminal.wait_until(lambda: is_stopped(guardian) and terminal.restored, "the guardian to stop")
    terminal.signal(signal.SIGCONT)
    terminal.wait_until(lambda: ALTERNATE in terminal.modes and "ticks" in terminal.text, "a new screen")
    terminal.press("q")
    assert terminal.exit_code() == 0
    assert terminal.restored


def test_in_a_shell_a_job_stops_goes_on_in_the_foreground_and_not_behind_it(tmp_path: Path) -> None:
    interpreter, app = python(SMALL_APP)
    # The shell echoes what was typed: paths are passed as variables, so no line is long enough to wrap.
    environ = {"PS1": "prompt> ", "INPUTRC": os.devnull, "PY": interpreter, "APP": app}
    with Terminal(["bash", "--norc", "--noprofile", "-i"], cwd=tmp_path, environ=environ) as terminal:
        terminal.wait_for("prompt>")
        terminal.press('"$PY" "$APP"', "enter")
        terminal.wait_for("ticks")
        terminal.press("z")
        terminal.wait_for("Stopped")
        assert ALTERNATE not in terminal.modes
        terminal.press("bg", "enter")
        terminal.wait_for('"$APP" &')
        job = psutil.Process(terminal.process.pid).children(recursive=True)
        terminal.wait_until(lambda: all(is_stopped(process) for process in job), "the job to stop again")
        assert len(job) == 2
        terminal.press("fg", "enter")
        terminal.wait_for("ticks")
        terminal.press("q")
        terminal.wait_until(lambda: terminal.text.rstrip().endswith("prompt>"), "the shell")
        terminal.press("echo code $?", "enter")
        terminal.wait_for("code 0")


def test_ctrl_z_does_nothing_where_no_shell_could_bring_the_app_back(start: Start) -> None:
    terminal = start()
    terminal.press("z", "a")
    terminal.wait_for("pressed [z a]")
    assert ALTERNATE in terminal.modes


# --- lines that break, stall, or are slow -----------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("alone",)])
def test_a_terminal_that_goes_away_ends_the_app_as_sighup(start: Start, tmp_path: Path, words: tuple[str, ...]) -> None:
    terminal = start(*words)
    terminal.hang_up()
    assert terminal.exit_code() == 128 + signal.SIGHUP
    assert (tmp_path / "stopped").exists()


def test_under_nohup_the_run_ends_first_and_no_core_spins(start: Start, tmp_path: Path) -> None:
    terminal = start(ignored=[signal.SIGHUP])
    terminal.hang_up()
    assert terminal.exit_code() == 128 + signal.SIGHUP
    assert float((tmp_path / "used").read_text()) < 0.5  # of the second that it lasts


def test_a_stalled_terminal_holds_nothing_up_and_shows_the_last_frame_when_it_goes_on(
    start: Start, tmp_path: Path
) -> None:
    terminal = start("busy")
    terminal.stall()
    terminal.wait_until((tmp_path / "stalled").exists, "the app to notice")
    terminal.press("a")
    terminal.go_on()
    terminal.wait_until(lambda: "pressed [a]" in terminal.text and shows_one_frame(terminal), "one whole frame")
    terminal.press("q")
    assert terminal.exit_code() == 0


def test_a_signal_ends_the_app_on_a_stalled_terminal(start: Start, tmp_path: Path) -> None:
    terminal = start("busy", columns=200, lines=60)
    terminal.stall()
    terminal.wait_until((tmp_path / "stalled").exists, "the app to notice")
    terminal.signal(signal.SIGTERM)
    assert terminal.process.wait(30) == 128 + signal.SIGTERM
    assert terminal.settings() == terminal.settings_before
    terminal.go_on()
    terminal.wait_until(lambda: terminal.restored, "what had been written before")


def test_a_slow_line_gets_fewer_frames_and_never_a_queue_of_them(start: Start) -> None:
    terminal = start("busy", at_most=20_000)
    terminal.wait_until(lambda: re.search(r"rate [1-9]\d{4}", terminal.text), "the app to measure the line")
    terminal.press("a")
    pressed_at = terminal.received_bytes
    terminal.wait_for("pressed [a]")
    assert terminal.received_bytes - pressed_at < 16_000  # three or four frames: what was under way
    terminal.press("q")
    assert terminal.exit_code() == 0


def test_a_terminal_that_answers_nothing_is_drawn_on_all_the_same(start: Start) -> None:
    terminal = start(answers=False)
    terminal.press("a")
    terminal.wait_for("pressed [a]")
    terminal.press("q")
    assert terminal.exit_code() == 0
    assert terminal.restored


def test_synchronized_output_is_used_where_offered_and_ended(start: Start) -> None:
    terminal = start(synchronized=True)
    terminal.wait_until(lambda: b"\x1b[?2026h" in terminal.transcript, "synchronized output")
    terminal.app.kill()
    assert terminal.exit_code() == KILLED
    assert SYNCHRONIZED not in terminal.modes
    assert terminal.restored


# --- what comes in, and where it goes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\xc3\x28\x1b[999;999;999z\x1b[0n", b"\x1b[97;1:1u", b"\x1b[99999999u\x1b[1099511627776u\x1b[55296u",
        b"\x1b[48;0;0;0;0t\x1b[<0;3;3M\x1b[<0;3;3m", b"\x1b[?2048;1$y\x1b[48;0;0;0;0t\x1b[<0;3;3M\x1b[<0;3;3m",
        b"\x1b[" + b"1;" * 100_000 + b"z", b"\x1b]0;" + b"q" * 100_000 + b"\x07",
        b"\x1b[200~q", b"\x1b[1;", b"\xc2\x9bq\xc2\x85\x00\xc3",
    ],
    ids=lambda data: ascii(data)[2:20],
)  # fmt: skip
def test_whatever_comes_a_key_after_it_arrives(start: Start, data: bytes) -> None:
    terminal = start()
    terminal.send(data)
    terminal.wait_until(lambda: terminal.press("a") or re.search(r"pressed \[[^]]*\ba", terminal.text), "a key")
    terminal.press("q")
    assert terminal.exit_code() == 0
    assert terminal.restored


def test_an_exception_in_the_input_thread_is_logged_and_the_next_key_arrives(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    terminal = start("stumbles", environ={"SMALL_LOG": str(log)})
    terminal.press("!")
    terminal.wait_until(lambda: "ValueError: stumbled" in log.read_text(), "the traceback")
    terminal.press("a")
    terminal.wait_for("pressed [a]")
    terminal.press("q")
    assert terminal.exit_code() == 0


@pytest.mark.parametrize("bracketed", [True, False])
def test_a_paste_of_a_megabyte_costs_neither_time_nor_memory(start: Start, bracketed: bool) -> None:
    terminal = start()
    terminal.press("a")
    terminal.wait_for("pressed [a]")
    before = terminal.app.memory_info().rss
    pasted = b"humid\r" * 170_000
    used = sum(terminal.app.cpu_times()[:2])
    terminal.send(b"\x1b[200~" + pasted + b"\x1b[201~" if bracketed else pasted)
    terminal.wait_for("1,020,000 characters")
    terminal.press("c")
    terminal.wait_for("pressed [a c]")
    assert sum(terminal.app.cpu_times()[:2]) - used < 2  # of the two seconds that it may take on an idle machine
    assert terminal.app.memory_info().rss - before < 50e6
    terminal.press("q")
    assert terminal.exit_code() == 0


def test_the_size_is_the_terminals_whatever_the_environment_says(start: Start) -> None:
    terminal = start(columns=100, lines=30, environ={"COLUMNS": "40", "LINES": "10"}, drawn="small app 100x30")
    terminal.resize(61, 17)
    terminal.wait_for("small app 61x17")


def test_a_change_of_size_is_seen_though_an_offer_to_report_sizes_was_typed(start: Start) -> None:
    terminal = start(answers=False)
    terminal.send(b"\x1b[?2048;2$y")
    terminal.wait_until(lambda: 2048 in terminal.modes, "the mode")
    terminal.resize(61, 17)
    terminal.wait_for("small app 61x17")
    terminal.press("q")
    assert terminal.exit_code() == 0
    assert terminal.restored


def test_what_goes_to_stderr_does_not_matter_to_the_screen(start: Start, tmp_path: Path) -> None:
    with (tmp_path / "err").open("wb") as err:
        terminal = start(stderr=err.fileno())
    terminal.press("q")
    assert terminal.exit_code() == 0
    assert (tmp_path / "err").read_bytes() == b""
