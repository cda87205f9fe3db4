"""What the process beside a run says of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from tui import last_words
from tui.last_words import LastWords


@pytest.fixture
def pipe() -> Iterator[tuple[TextIO, TextIO]]:
    """Both ends of a stream for messages."""
    ours, theirs = os.pipe()
    with os.fdopen(ours) as said, os.fdopen(theirs, "w") as messages:
        yield said, messages


def begin(messages: TextIO) -> LastWords:
    """The words of a run whose process is the only other one that has the stream."""
    words = LastWords(messages)
    messages.close()
    return words


def end(words: LastWords) -> None:
    """What the end of the run's process does."""
    os.close(words._pipe)


def test_a_run_that_is_gone_without_a_word_is_spoken_for(pipe: tuple[TextIO, TextIO]) -> None:
    said, messages = pipe
    words = begin(messages)
    words.are("it has begun\n")
    words.are("it is gone\n")
    end(words)
    assert said.read() == "it is gone\n"


def test_a_run_that_ends_in_order_is_not(pipe: tuple[TextIO, TextIO]) -> None:
    said, messages = pipe
    words = begin(messages)
    words.are("it is gone\n", "it waits\n")
    words.are_not_needed()
    end(words)
    assert said.read() == ""


def test_what_a_run_waits_for_is_said_again_and_again(
    pipe: tuple[TextIO, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_words, "_EVERY_S", 0.01)
    said, messages = pipe
    words = begin(messages)
    words.are("it is gone\n", "it waits\n")
    assert [said.readline() for _ in range(3)] == ["it waits\n"] * 3
    words.are_not_needed()
    end(words)
    assert set(said.readlines()) <= {"it waits\n"}
