"""The record of a run, run.json. It is untrusted: each field's type is checked, and damage is reported, not raised."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from engine.events import Outcome
from engine.files import read_regular
from engine.run.run_folder import RECORD, STAMP, in_use, reason

VERSION = 1
_MOST_BYTES = 2**20
_ENDINGS = tuple(outcome.name.lower() for outcome in Outcome)

T = TypeVar("T")


@dataclass(frozen=True)
class RunRecord:
    """One run, as recorded in its run.json. Its texts are untrusted.

    `outcome` is done, stopped, diverged or failed; `running` while a process holds the folder; `crashed` if none does
    and no outcome was written. `damaged` is one line about what in run.json could not be read, if anything. `settings`
    are those at the end, `settings_at_start` the initial values of those that were changed during the run. `metrics`
    are the last values known, by the tags of the log (train-loss, test-acc, final-f, ...).
    """

    name: str
    path: Path
    lesson: str
    outcome: str
    settings: Mapping[str, str] = field(default_factory=dict)
    settings_at_start: Mapping[str, str] = field(default_factory=dict)
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

    @property
    def is_over(self) -> bool:
        """Whether it has finished, and its last checkpoint, if its lesson saves any, was saved."""
        return self.outcome == "done" and (self.checkpoint_step is None or self.checkpoint_step >= self.step)


def read_record(path: Path) -> RunRecord:
    """Read the record of the run in the folder `path`. Never raises: errors are reported in `damaged`."""
    try:
        fields = json.loads(read_regular(path / RECORD, _MOST_BYTES))
        if not isinstance(fields, dict):
            raise ValueError("it is not a JSON object")
        if fields.get("version") != VERSION:
            raise ValueError(f"it is not of version {VERSION}")
        problem = ""
    except OSError as error:
        fields, problem = {}, f"{RECORD} cannot be read: {reason(error)}"
    except (ValueError, RecursionError) as error:
        fields, problem = {}, f"{RECORD} is damaged: {error}".splitlines()[0]
    return _record(path, _Fields(fields), problem)


class _Fields:
    """Typed access to an untrusted JSON object; a value of another type counts as absent, and `wrong` lists its
    name."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
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
        value = self._fields.get(key)
        if value is None:
            return default
        return value if isinstance(value, kind) and not isinstance(value, bool) else self._off(key, default)

    def _off(self, key: str, default: T) -> T:
        self.wrong.append(key)
        return default


def _record(path: Path, fields: _Fields, problem: str) -> RunRecord:
    ending = fields.text("outcome")
    if ending not in _ENDINGS:
        ending = "running" if in_use(path) else "crashed"
    checkpoint = fields.whole("checkpoint_step")
    record = RunRecord(
        name=f"{path.parent.name}/{path.name}",
        path=path,
        lesson=fields.text("lesson") or path.parent.name,
        outcome=ending,
        settings=fields.mapping("settings", str),
        settings_at_start=fields.mapping("settings_at_start", str),
        command=fields.text("command"),
        started=fields.time("started") or _stamped(path.name),
        elapsed_s=fields.seconds("elapsed_s"),
        host=fields.text("host"),
        pid=fields.whole("pid"),
        version=fields.text("gdtui"),
        step=fields.whole("step"),
        checkpoint_step=checkpoint or None,
        message=fields.text("message"),
        learned=fields.text("learned"),
        metrics={
            tag: float(value) for tag, value in fields.mapping("metrics", float | int).items() if _is_small(value)
        },
    )
    if not problem and fields.wrong:
        problem = f"{RECORD} is damaged: {', '.join(fields.wrong)} of the wrong kind"
    return replace(record, damaged=problem)


def _is_small(value: float) -> bool:
    """Whether a JSON number is a finite float: whole numbers in JSON are unbounded."""
    return abs(value) < 1e308


def _stamped(name: str) -> datetime | None:
    """Parse the time in a run folder's name."""
    stamp = STAMP.fullmatch(name)
    try:
        return datetime.strptime(stamp[1], "%Y%m%d-%H%M%S").astimezone() if stamp else None
    except (ValueError, OverflowError, OSError):
        return None
