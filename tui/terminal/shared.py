"""A page of memory shared by the app and its guardian; it outlives the app."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

_MODES = 0
_OWED = 1
_LENGTH = slice(2, 4)
_PATH = 4


class Shared:
    """The facts that a guardian needs when the app can no longer report them. Anonymous memory, kept by a fork."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)

    @property
    def modes_on(self) -> bool:
        """Whether the terminal is in the app's modes: raw, alternate screen, mouse."""
        return self._page[_MODES] != 0

    @modes_on.setter
    def modes_on(self, on: bool) -> None:
        self._page[_MODES] = int(on)

    @property
    def owed(self) -> int:
        """How many answers of the terminal to the app are still to come, at most 255."""
        return self._page[_OWED]

    @owed.setter
    def owed(self, answers: int) -> None:
        self._page[_OWED] = min(max(answers, 0), 255)

    @property
    def log(self) -> Path | None:
        """The file to which the app's own errors go."""
        length = int.from_bytes(self._page[_LENGTH], "little")
        return Path(os.fsdecode(self._page[_PATH : _PATH + length])) if length else None

    @log.setter
    def log(self, path: Path | None) -> None:
        name = os.fsencode(path.absolute()) if path is not None else b""
        if len(name) > mmap.PAGESIZE - _PATH:
            name = b""
        self._page[_PATH : _PATH + len(name)] = name
        self._page[_LENGTH] = len(name).to_bytes(2, "little")
