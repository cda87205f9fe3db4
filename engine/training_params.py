"""The kinds of settings that only training has: the widths of layers, a learner's own Python file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.own.paths import is_file
from engine.params import Folder, Param, whole

NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Widths(Param):
    """The units of each hidden layer, in order: at most `most` layers of 1 to `high` units. An empty list is written
    `none`."""

    high: int = 2048
    most: int = 8

    @property
    def accepted(self) -> str:
        return f"{NONE}, or 1 to {self.most} whole numbers from 1 to {self.high} separated by ','"

    def parse(self, text: str) -> tuple[int, ...]:
        if text.strip() == NONE:
            return ()
        try:
            return self.check(tuple(whole(part) for part in text.split(",")))
        except ValueError:
            raise self.refuse(text) from None

    def check(self, value: Any) -> tuple[int, ...]:
        if not isinstance(value, tuple | list) or len(value) > self.most:
            raise self.refuse(value)
        if any(isinstance(units, bool) or not isinstance(units, int) or not 1 <= units <= self.high for units in value):
            raise self.refuse(value)
        return tuple(value)

    def text(self, value: Any) -> str:
        return ",".join(map(str, value)) or NONE


@dataclass(frozen=True, kw_only=True)
class PythonFile(Folder):
    """The path of a learner's own Python file, which a run executes. On a command line it is a positional argument. As
    with a folder, a file that is named only in a checkpoint is not read."""

    accepted = "the path of a Python file, FILE.py"
    positional = True

    def check(self, value: Any) -> str:
        path: str = super().check(value)
        if path and not is_file(path):
            raise self.refuse(value)
        return path
