"""The reader of log folders for a screen: called in threads, for a limited time each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

from engine.log.reader import About, LogdirReader, LogUpdate

LOOK_S = 0.05
"""The longest time of one call: what was read until then is shown."""


class LogSource:
    """Reads log folders. Any thread may call it, and it may be closed while another one reads."""

    def __init__(self, *logdirs: Path) -> None:
        self._reader = LogdirReader(*logdirs)
        self._lock = Lock()

    def look(self, wanted: Sequence[str], about: Iterable[str]) -> tuple[LogUpdate, dict[str, About]]:
        """Read the news in the logs of the runs `wanted`, and the facts about the runs in `about`."""
        with self._lock:
            return self._reader.read(wanted, LOOK_S), self._reader.about(about)

    def forget(self, runs: Iterable[str]) -> None:
        """Close runs; if they are requested again, they are read from their start."""
        with self._lock:
            for run in runs:
                self._reader.forget(run)

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            self._reader.close()
