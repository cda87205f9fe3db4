"""The reader of a log folder as a screen uses it: in threads, one look at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

from engine.log_reader import About, LogdirReader, News

LOOK_S = 0.05
"""How long one look may take, so that what was read so far is soon on the screen."""


class LogSource:
    """Looks at `logdir`. Any thread may call it, and it may be closed while another one looks."""

    def __init__(self, logdir: Path) -> None:
        self._reader = LogdirReader(logdir)
        self._lock = Lock()

    def look(self, wanted: Sequence[str], about: Iterable[str]) -> tuple[News, dict[str, About]]:
        """What is new in the logs of the runs `wanted`, and what the folders of the runs in `about` are like."""
        with self._lock:
            return self._reader.read(wanted, LOOK_S), self._reader.about(about)

    def forget(self, runs: Iterable[str]) -> None:
        """Let runs go; asked for again, they are read from their start."""
        with self._lock:
            for run in runs:
                self._reader.forget(run)

    def close(self) -> None:
        """Let go of every file."""
        with self._lock:
            self._reader.close()
