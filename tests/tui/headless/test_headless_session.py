"""Lessons without the app: order, outcomes, exit codes, and output that fails."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.errors import InputError
from engine.events import Delivery, Diverged, Event, Learned, LogFailed, Remark
from engine.lesson import Lesson
from engine.settings import Settings
from tui.headless.output import Output, is_at_rest
from tui.headless.session import HeadlessSession
from tui.headless.signals import Stopper
from tui.headless.summary import first_sentence
from tui.process.console import Streams
from tui.process.exit_codes import Exit
from tui.process.jobs import Job, NewRun
from tui.process.options import HeadlessOptions


@pytest.fixture(autouse=True)
def no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """These lessons compute nothing."""
    monkeypatch.setattr("engine.run.runner.tf", SimpleNamespace(__version__="0"))


def lesson(name: str, *events: Event, error: Exception | None = None) -> tuple[Lesson[Any], Settings]:
    def run(settings: Settings) -> Iterator[Event]:
        for event in events:  # noqa: UP028 - a turn is sent at each yield; a tuple takes none
            yield event
        if error is not None:
            raise error

    made: Lesson[Any] = Lesson(1, name, name.capitalize(), "", Settings, run)  # type: ignore[arg-type]
    return made, Settings()


@dataclass
class Told:
    code: int
    out: str
    err: str


def tell(*lessons: tuple[Lesson[Any], Settings], whole_course: bool = False, **options: Any) -> Told:
    out, err = io.StringIO(), io.StringIO()
    chosen = HeadlessOptions(**{"log": False, **options})
    session = HeadlessSession(Streams(out, err, Path("/state/gdtui.log")), chosen, Stopper())
    code = session.run([NewRun(*each) for each in lessons], whole_course=whole_course)
    return Told(code, out.getvalue(), err.getvalue())


GOOD = lesson("good", Remark("hello"), Learned("It works. In more than one way."))
LOST = lesson("lost", Diverged(7, "the loss", 0.5, 1e30, 0.17), Learned("It went up."))
BROKEN = lesson("broken", Remark("so far"), error=RuntimeError("a bug"))
UNREADABLE = lesson("unreadable", error=InputError("train.gz: expected 60,000 images"))


def test_results_go_to_stdout_and_how_it_ended_to_stderr() -> None:
    told = tell(GOOD)
    assert told.code == Exit.DONE
    assert "hello\n" in told.out
    assert "learned: It works." in told.out
    assert told.err.startswith("gdtui: good finished in ")


def test_a_lesson_that_diverged_says_where_and_what_to_try_and_exits_3() -> None:
    told = tell(LOST)
    assert told.code == Exit.DIVERGED
    assert told.err == (
        "gdtui: lost diverged: the loss is not finite at step 7, learning rate 0.5; try --learning-rate 0.17\n"
    )


def test_a_bug_is_one_calm_line_that_says_where_more_is_and_exits_1(capsys: pytest.CaptureFixture[str]) -> None:
    told = tell(BROKEN)
    assert told.code == Exit.FAILED
    assert told.err == "gdtui: broken failed: RuntimeError: a bug; more is in /state/gdtui.log\n"
    assert "Traceback" in capsys.readouterr().err  # which is the log, once the streams are claimed


def test_what_cannot_be_read_is_bad_input_and_exits_2() -> None:
    told = tell(UNREADABLE)
    assert told.code == Exit.USAGE
    assert told.err == "gdtui: unreadable: train.gz: expected 60,000 images\n"


def test_a_course_goes_on_after_a_lesson_that_failed_and_ends_with_the_worst_code() -> None:
    told = tell(LOST, BROKEN, UNREADABLE, GOOD, whole_course=True)
    assert told.code == Exit.FAILED
    assert "learned: It works." in told.out
    table = told.out[told.out.index("The course") :].splitlines()[2:]
    assert [row.split()[:2] for row in table] == [
        ["lost", "diverged"],
        ["broken", "failed"],
        ["unreadable", "failed"],
        ["good", "done"],
    ]
    assert table[-1].endswith("It works.")


@pytest.mark.parametrize(
    ("lessons", "code"),
    [((GOOD, GOOD), 0), ((GOOD, LOST), 3), ((LOST, UNREADABLE), 2), ((UNREADABLE, BROKEN, LOST), 1)],
)
def test_the_worst_outcome_decides(lessons: tuple[tuple[Lesson[Any], Settings], ...], code: int) -> None:
    assert tell(*lessons, whole_course=True).code == code


def test_quiet_prints_what_was_learned_and_what_went_wrong() -> None:
    told = tell(GOOD, LOST, whole_course=True, quiet=True)
    assert told.out == "good: It works. In more than one way.\nlost: It went up.\n"
    assert told.err.startswith("gdtui: lost diverged")


def test_json_prints_events_and_nothing_else() -> None:
    told = tell(GOOD, GOOD, whole_course=True, json=True)
    assert all(row.startswith('{"event": "') for row in told.out.splitlines())
    assert "The course" not in told.out


def test_a_log_that_fails_is_reported_on_stderr() -> None:
    told = tell(lesson("good", LogFailed("disk full")))
    assert told.code == Exit.DONE
    assert "gdtui: disk full\n" in told.err


def test_a_log_that_fails_when_it_is_closed_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closing:
        def write(self, delivery: Delivery) -> None:
            pass

        def close(self) -> None:
            raise OSError("the last bytes did not arrive")

    monkeypatch.setattr(Job, "sinks", lambda job, report: [Closing()])
    told = tell(GOOD)
    assert told.code == Exit.DONE
    assert "the last bytes did not arrive" in told.err


def test_what_comes_from_outside_cannot_reach_the_terminal_as_commands() -> None:
    told = tell(lesson("good", error=InputError("\x1b[2J\r\nrm")))
    assert told.err == "gdtui: good: \ufffd[2J rm\n"


def test_ascii_holds_for_messages_too() -> None:
    told = tell(lesson("good", Remark("η"), error=InputError("σ")), glyphs="ascii")
    assert (told.out + told.err).isascii()


class Broken(io.StringIO):
    """A stream whose reader has gone."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str) -> int:
        raise self._error


def session_writing_to(out: io.StringIO, err: io.StringIO) -> HeadlessSession:
    return HeadlessSession(Streams(out, err), HeadlessOptions(log=False), Stopper())


def test_when_the_reader_has_gone_nothing_is_reported_and_no_other_lesson_begins() -> None:
    err = io.StringIO()
    code = session_writing_to(Broken(BrokenPipeError()), err).run([NewRun(*GOOD), NewRun(*BROKEN)], whole_course=True)
    assert code == Exit.PIPE_CLOSED
    assert "failed" not in err.getvalue()


def test_results_that_cannot_be_written_are_reported_once_and_exit_1() -> None:
    err = io.StringIO()
    code = session_writing_to(Broken(OSError(28, "No space left on device")), err).run(
        [NewRun(*GOOD)], whole_course=False
    )
    assert code == Exit.FAILED
    assert err.getvalue().count("No space left on device") == 1


def test_a_broken_message_stream_stops_nothing() -> None:
    out = io.StringIO()
    assert session_writing_to(out, Broken(OSError(5, "lost"))).run([NewRun(*GOOD)], whole_course=False) == Exit.DONE
    assert "learned" in out.getvalue()


def test_an_output_that_failed_takes_what_it_is_given_and_writes_nothing() -> None:
    closed = io.StringIO()
    closed.close()
    output = Output(closed)
    output.write("a")
    output.write("b")
    assert output.failure is not None
    assert not output.gone


def test_a_file_is_at_rest_and_a_pipe_is_not(tmp_path: Path) -> None:
    with (tmp_path / "f").open("w") as file, Path(os.devnull).open("w") as nothing:
        assert is_at_rest(file)
        assert is_at_rest(nothing)
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as pipe:
        assert not is_at_rest(pipe)
    os.close(reader)
    assert not is_at_rest(io.StringIO())


# --- signals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_stops_the_run_and_is_the_exit_code(number: signal.Signals, code: int) -> None:
    stopped = threading.Event()
    with Stopper(leave=lambda _: None, grace_s=0.0) as stopper:
        stopper.on_signal(stopped.set)
        signal.raise_signal(number)
        assert stopped.is_set()
        assert stopper.code == code


def test_a_second_sigint_leaves_at_once() -> None:
    left: list[int] = []
    with Stopper(leave=left.append, grace_s=3600.0):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert left == []
        signal.raise_signal(signal.SIGINT)
        assert left == [143]


def test_when_the_grace_is_over_the_process_ends_as_it_is() -> None:
    left: list[int] = []
    done = threading.Event()

    def leave(code: int) -> None:
        left.append(code)
        done.set()

    with Stopper(leave=leave, grace_s=0.0):
        signal.raise_signal(signal.SIGHUP)
        assert done.wait(30)
    assert left == [129]


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Stopper() as stopper:
            signal.raise_signal(signal.SIGHUP)
            assert stopper.received is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Stopper():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_between_two_lessons_keeps_the_next_from_running() -> None:
    told = []
    with Stopper(leave=lambda _: None, grace_s=3600.0) as stopper:
        signal.raise_signal(signal.SIGTERM)
        stopper.on_signal(lambda: told.append("stop"))
        assert told == ["stop"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("It fell to 0.8296 at 1.5 e3. Then it rose.", "It fell to 0.8296 at 1.5 e3."),
        ("f(x) = x. and so on", "f(x) = x. and so on"),
        ("", ""),
    ],
)
def test_the_first_sentence_ends_at_its_full_stop(text: str, first: str) -> None:
    assert first_sentence(text) == first
