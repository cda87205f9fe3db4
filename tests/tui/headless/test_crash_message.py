"""The messages of the process beside a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from tui.headless import crash_message
from tui.headless.crash_message import CrashMessage


@pytest.fixture
def pipe() -> Iterator[tuple[TextIO, TextIO]]:
    """Both ends of a stream for messages."""
    ours, theirs = os.pipe()
    with os.fdopen(ours) as said, os.fdopen(theirs, "w") as messages:
        yield said, messages


def begin(messages: TextIO) -> CrashMessage:
    """The message of a run whose process is the only other one with the stream."""
    words = CrashMessage(messages)
    messages.close()
    return words


def end(words: CrashMessage) -> None:
    """End as the run's process would."""
    os.close(words._pipe)


def test_a_run_that_is_gone_without_a_word_is_spoken_for(pipe: tuple[TextIO, TextIO]) -> None:
    said, messages = pipe
    words = begin(messages)
    words.set("it has begun\n")
    words.set("it is gone\n")
    end(words)
    assert said.read() == "it is gone\n"


def test_a_run_that_ends_in_order_is_not(pipe: tuple[TextIO, TextIO]) -> None:
    said, messages = pipe
    words = begin(messages)
    words.set("it is gone\n", meanwhile="it waits\n")
    words.cancel()
    end(words)
    assert said.read() == ""


def test_what_a_run_waits_for_is_reported_again_and_again(
    pipe: tuple[TextIO, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash_message, "_EVERY_S", 0.01)
    said, messages = pipe
    words = begin(messages)
    words.set("it is gone\n", meanwhile="it waits\n")
    assert [said.readline() for _ in range(3)] == ["it waits\n"] * 3
    words.cancel()
    end(words)
    assert set(said.readlines()) <= {"it waits\n"}


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (
            "I0000 00:00:1.2 7 port.cc:1] ready\nF0000 00:00:3.4 7 flags.cc:234] Unknown flag: --x\n",
            "Unknown flag: --x\n",
        ),
        ("I0000 00:00:1.2 7 port.cc:1] ready\n", "it is gone\n"),
    ],
)
def test_what_native_code_said_of_its_end_is_reported(
    pipe: tuple[TextIO, TextIO], tmp_path: Path, log: str, expected: str
) -> None:
    (tmp_path / "log").write_text(log)
    said, messages = pipe
    words = begin(messages)
    words.set("it is gone\n", crashed=f"{crash_message.CAUSE}\n", log=tmp_path / "log")
    end(words)
    assert said.read() == expected


def test_a_run_whose_interpreter_is_held_is_ended_when_it_was_asked_to() -> None:
    held = (
        "import ctypes, signal, sys\n"
        "from tui.headless.crash_message import CrashMessage\n"
        "words = CrashMessage(sys.stderr)\n"
        "words.set('it is gone', late='it was ended')\n"
        "signal.signal(signal.SIGTERM, lambda *_: None)\n"
        "with words.watching_signals():\n"
        "    print('held', flush=True)\n"
        "    for _ in range(9):\n"  # a signal ends one call of sleep
        "        ctypes.PyDLL(None).sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate()[1] == "it was ended"
    assert process.returncode == -signal.SIGKILL
