"""Sinks of a run's events, and the mailbox from which another thread takes them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from engine.events import Delivery, Event, LogFailed


class Sink(Protocol):
    """A receiver of events. `write` is called in the engine thread, in order; an exception in it is reported once as a
    LogFailed event and ends that sink, never the run."""

    def write(self, delivery: Delivery) -> None:
        """Take one event."""

    def close(self) -> None:
        """Close the sink: no event will follow."""


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
        """Wake the waiting thread."""
        self._arrived.set()

    def take(self, most: int | None = None) -> list[Delivery]:
        """Take what has come since the last call, oldest first, at most `most` events. Never waits."""
        self._arrived.clear()
        taken: list[Delivery] = []
        while self._waiting and (most is None or len(taken) < most):
            taken.append(self._waiting.popleft())
        if self._waiting:
            self._arrived.set()
        return taken

    def wait(self, timeout_s: float) -> bool:
        """Wait at most `timeout_s` seconds until something has come; returns whether something has."""
        return self._arrived.wait(timeout_s)


class Sinks:
    """The sinks of the run called `run`. `elapsed_s` returns the seconds since it began."""

    def __init__(self, sinks: Sequence[Sink], run: str, elapsed_s: Callable[[], float]) -> None:
        self._open = list(sinks)
        self._run = run
        self._elapsed_s = elapsed_s

    def send(self, event: Event) -> None:
        """Pass an event to each sink; one that fails is closed, and the others get an event about it."""
        delivery = Delivery(self._run, self._elapsed_s(), event)
        failed = [(sink, said) for sink in self._open if (said := _failure(sink, partial(sink.write, delivery)))]
        # All sinks get the event before any gets a failure: the first event of a run is RunStarted for every sink.
        for sink, _ in failed:
            self._open.remove(sink)
            _failure(sink, sink.close)  # it may hold a file open; its own failure is reported below
        for _, said in failed:
            self.send(LogFailed(said))

    def close(self) -> None:
        """Close every sink, the last first. If one fails, those still open get an event about it."""
        while self._open:
            sink = self._open.pop()
            if said := _failure(sink, sink.close):
                self.send(LogFailed(said))


def _failure(sink: Sink, action: Callable[[], None]) -> str:
    """Call a sink; returns the reason in one line if it failed, and an empty text if not."""
    try:
        action()
    except Exception as error:  # a sink may fail in any way; the run must not
        return f"{type(sink).__name__}: {error}".splitlines()[0]
    return ""
