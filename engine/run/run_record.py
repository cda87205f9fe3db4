"""What a run's run.json tells: text from outside, each part checked for its kind, damage told and not raised."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from engine.events import Outcome
from engine.run_folder import STAMP, in_use

RECORD = "run.json"
VERSION = 1
_MOST_BYTES = 2**20
_ENDINGS = tuple(outcome.name.lower() for outcome in Outcome)

T = TypeVar("T")


@dataclass(frozen=True)
class RunRecord:
    """One run, as its run.json tells it. Texts in it may come from strangers.

    `outcome` is done, stopped, diverged or failed; `running` while a process holds the folder; `crashed` where none
    does and no outcome was written. `damaged` says in one line what in run.json could not be read, if anything.
    `metrics` are the last values known, by the tags of the log (train-loss, test-acc, final-f, ...).
    """

    name: str
    path: Path
    lesson: str
    outcome: str
    settings: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    started: datetime | None = None
    elapsed_s: float = 0.0
    host: str = ""
    pid: int = 0
    version: str = ""
    step: int = 0
    checkpoint_step: int | None = None
    message: str = ""
    learned: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    damaged: str = ""


def read_record(path: Path) -> RunRecord:
    """The record of the run in the folder `path`. Never raises: what cannot be read is said in `damaged`."""
    try:
        told = json.loads(_content(path / RECORD))
        if not isinstance(told, dict):
            raise ValueError("it is no JSON object")
        if told.get("version") != VERSION:
            raise ValueError(f"it is not of version {VERSION}")
        problem = ""
    except OSError as error:
        told, problem = {}, f"{RECORD} cannot be read: {error.strerror or error}"
    except (ValueError, RecursionError) as error:
        told, problem = {}, f"{RECORD} is damaged: {error}".splitlines()[0]
    return _record(path, _Fields(told), problem)


def _content(path: Path) -> bytes:
    """What a plain file of a decent size holds. Raises OSError, ValueError."""
    # Neither a link nor a pipe that a stranger put there: the one leads out, the other never ends.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is no plain file")
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES} bytes")
    return content


class _Fields:
    """Typed access to a JSON object from outside; what is of another type counts as absent, and is told in `wrong`."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told
        self.wrong: list[str] = []

    def text(self, key: str) -> str:
        text: str = self._get(key, str, "")
        return text

    def whole(self, key: str) -> int:
        number: int = self._get(key, int, 0)
        return number if 0 <= number < 2**63 else self._off(key, 0)

    def seconds(self, key: str) -> float:
        number = self._get(key, float | int, 0.0)
        return float(number) if 0 <= number < 1e12 else self._off(key, 0.0)

    def mapping(self, key: str, kind: Any) -> dict[str, Any]:
        found = self._get(key, dict, {})
        good = {name: value for name, value in found.items() if isinstance(value, kind) and not isinstance(value, bool)}
        return good if len(good) == len(found) else self._off(key, good)

    def time(self, key: str) -> datetime | None:
        text = self.text(key)
        try:
            return datetime.fromisoformat(text).astimezone() if text else None
        except (ValueError, OverflowError):
            return self._off(key, None)

    def _get(self, key: str, kind: Any, default: Any) -> Any:
        value = self._told.get(key)
        if value is None:
            return default
        return value if isinstance(value, kind) and not isinstance(value, bool) else self._off(key, default)

    def _off(self, key: str, default: T) -> T:
        self.wrong.append(key)
        return default


def _record(path: Path, told: _Fields, problem: str) -> RunRecord:
    ending = told.text("outcome")
    if ending not in _ENDINGS:
        ending = "running" if in_use(path) else "crashed"
    checkpoint = told.whole("checkpoint_step")
    record = RunRecord(
        name=f"{path.parent.name}/{path.name}",
        path=path,
        lesson=told.text("lesson") or path.parent.name,
        outcome=ending,
        settings=told.mapping("settings", str),
        command=told.text("command"),
        started=told.time("started") or _stamped(path.name),
        elapsed_s=told.seconds("elapsed_s"),
        host=told.text("host"),
        pid=told.whole("pid"),
        version=told.text("gdtui"),
        step=told.whole("step"),
        checkpoint_step=checkpoint or None,
        message=told.text("message"),
        learned=told.text("learned"),
        metrics={tag: float(value) for tag, value in told.mapping("metrics", float | int).items() if _is_small(value)},
    )
    if not problem and told.wrong:
        problem = f"{RECORD} is damaged: {', '.join(told.wrong)} of the wrong kind"
    return replace(record, damaged=problem)


def _is_small(value: float) -> bool:
    """Whether a JSON number is a finite float: whole numbers in JSON have no end."""
    return abs(value) < 1e308


def _stamped(name: str) -> datetime | None:
    """The time in a run folder's name."""
    stamp = STAMP.fullmatch(name)
    try:
        return datetime.strptime(stamp[1], "%Y%m%d-%H%M%S").astimezone() if stamp else None
    except (ValueError, OverflowError, OSError):
        return None
