"""Where the events of a run go: the sinks of its runner, and the mailbox from which another thread takes them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from engine.events import Delivery, Event, LogFailed


class Sink(Protocol):
    """Where events go. `write` is called in the engine thread, in order; an exception from it is said once as a
    LogFailed event and ends that sink, never the run."""

    def write(self, delivery: Delivery) -> None:
        """Take one event."""

    def close(self) -> None:
        """No event will follow."""


class Mailbox:
    """A sink that keeps events until another thread takes them. Thread-safe; neither side waits for the other."""

    def __init__(self) -> None:
        self._waiting: deque[Delivery] = deque()
        self._arrived = threading.Event()

    def write(self, delivery: Delivery) -> None:
        """Keep an event."""
        self._waiting.append(delivery)
        self._arrived.set()

    def close(self) -> None:
        """Wake whoever waits."""
        self._arrived.set()

    def take(self, most: int | None = None) -> list[Delivery]:
        """What has come since the last call, oldest first, `most` events of it at the most. Never waits."""
        self._arrived.clear()
        taken: list[Delivery] = []
        while self._waiting and (most is None or len(taken) < most):
            taken.append(self._waiting.popleft())
        if self._waiting:
            self._arrived.set()
        return taken

    def wait(self, timeout_s: float) -> bool:
        """Wait until something has come, `timeout_s` seconds at most; True if something has."""
        return self._arrived.wait(timeout_s)


class Sinks:
    """The sinks of the run called `run`. `elapsed_s` returns the seconds since it began."""

    def __init__(self, sinks: Sequence[Sink], run: str, elapsed_s: Callable[[], float]) -> None:
        self._open = list(sinks)
        self._run = run
        self._elapsed_s = elapsed_s

    def send(self, event: Event) -> None:
        """Pass an event to each of them; one that fails is closed, and the others hear of it."""
        delivery = Delivery(self._run, self._elapsed_s(), event)
        failed = [(sink, said) for sink in self._open if (said := _failure(sink, partial(sink.write, delivery)))]
        # All have the event before any hears of a failure: the first of a run is RunStarted for every sink.
        for sink, _ in failed:
            self._open.remove(sink)
            _failure(sink, sink.close)  # it may hold a file open; that it does not work is said below
        for _, said in failed:
            self.send(LogFailed(said))

    def close(self) -> None:
        """Close every sink, the last first. Of one that fails at that, those hear that are still open."""
        while self._open:
            sink = self._open.pop()
            if said := _failure(sink, sink.close):
                self.send(LogFailed(said))


def _failure(sink: Sink, action: Callable[[], None]) -> str:
    """Do what a sink is asked; returns in one line why it failed, nothing where it did not."""
    try:
        action()
    except Exception as error:  # any sink may fail in any way; the run must not
        return f"{type(sink).__name__}: {error}".splitlines()[0]
    return ""
