"""The progress file: each exercise with its attempts, as JSON in the user's state folder.

The file can be passed on: it holds the seed of the questions and the solution of each exercise, so everything in it can
be verified.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import InputError
from engine.exercises.seen import Recipe
from tui.model import json_file
from tui.model.json_file import DamagedError, items, mapping, text, truth, whole

VERSION = 1
Solution = float | str | tuple[Recipe, ...] | None
"""The solution of an exercise: an answer, or the runs of a task."""


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one exercise. `seed` and `draw` give the numbers of the next or the solved question.

    `misconception` is the last one that was recognised; `when` is the time of the last attempt, ISO 8601 in UTC.
    `worked` is true if the solution was shown.
    """

    attempts: int = 0
    hint: bool = False
    worked: bool = False
    solved: bool = False
    misconception: str = ""
    when: str = ""
    seed: int = 0
    draw: int = 1
    solution: Solution = None

    @property
    def helped(self) -> bool:
        """Whether it was solved after its solution was shown."""
        return self.solved and self.worked


@dataclass(frozen=True, slots=True)
class CourseProgress:
    """Records by exercise id; `seed` draws this learner's numbers; `walked` is true if the first five minutes were
    offered."""

    seed: int = 0
    records: Mapping[str, Record] = field(default_factory=dict)
    walked: bool = False

    def of(self, exercise: str) -> Record:
        """The record of an exercise, an empty one if there is none."""
        return self.records.get(exercise, Record())

    def with_record(self, exercise: str, record: Record) -> CourseProgress:
        """Replace a record; returns the new progress."""
        return replace(self, records={**self.records, exercise: record})

    def without(self, exercises: tuple[str, ...]) -> CourseProgress:
        """Remove the records of these exercises; returns the new progress."""
        return replace(self, records={name: each for name, each in self.records.items() if name not in exercises})

    def attempted(self, exercise: str, solved: bool, misconception: str, solution: Solution) -> CourseProgress:
        """Add an attempt; returns the new progress. A solved record stays unchanged; a question that was missed gets
        other numbers next."""
        record = self.of(exercise)
        if record.solved:
            return self
        record = replace(
            record,
            attempts=record.attempts + 1,
            solved=solved,
            misconception="" if solved else misconception,
            when=datetime.now(UTC).isoformat(timespec="seconds"),
            seed=self.seed,
            draw=record.draw if solved else record.draw + 1,
            solution=solution if solved else None,
        )
        return self.with_record(exercise, record)


def new() -> CourseProgress:
    """The progress of a new learner, with a new seed."""
    return CourseProgress(random.SystemRandom().randrange(2**31))


def default_path() -> Path:
    """The path of the progress file."""
    import platformdirs

    return platformdirs.user_state_path("gdtui", appauthor=False) / "progress.json"


def load(path: Path) -> tuple[CourseProgress, str]:
    """Load the progress; returns it and a message for the user if the file could not be used (else an empty text)."""
    return json_file.load(path, parsed, new(), "progress file")


def save(path: Path, progress: CourseProgress) -> None:
    """Replace the file atomically. Raises OSError."""
    json_file.save(path, content(progress))


def merged(one: CourseProgress, other: CourseProgress) -> CourseProgress:
    """Merge two, keeping the first one's seed: of each exercise the solved record, else the one with more attempts."""
    records = dict(one.records)
    for name, theirs in other.records.items():
        mine = records.get(name)
        if mine is None or (theirs.solved, theirs.attempts) > (mine.solved, mine.attempts):
            records[name] = theirs
    return CourseProgress(one.seed, records, one.walked or other.walked)


def content(progress: CourseProgress) -> dict[str, Any]:
    """Convert the progress to JSON."""
    records = {}
    for name, record in progress.records.items():
        solution: Any = record.solution
        if isinstance(solution, tuple):
            solution = [
                {"settings": dict(each.settings), "changes": [list(c) for c in each.changes]} for each in solution
            ]
        records[name] = {**asdict(replace(record, solution=None)), "solution": solution}
    return {"version": VERSION, "seed": progress.seed, "walked": progress.walked, "exercises": records}


def parsed(given: Any) -> CourseProgress:
    """Parse the progress from JSON. Raises DamagedError."""
    given = json_file.versioned(given, VERSION)
    records = mapping(given.get("exercises", {}), "exercises")
    return CourseProgress(
        whole(given.get("seed", 0), "seed"),
        {name: _record(mapping(record, name), name) for name, record in records.items()},
        truth(given.get("walked", False), "walked"),
    )


def read(path: Path) -> CourseProgress:
    """Read a progress file that was passed on; it stays in place. Raises InputError."""
    found, problem = json_file.read(path, parsed)
    if found is None:
        raise InputError(f"{path}: {problem}")
    return found


def _record(given: Mapping[str, Any], name: str) -> Record:
    return Record(
        attempts=whole(given.get("attempts", 0), f"{name}: attempts"),
        hint=truth(given.get("hint", False), f"{name}: hint"),
        worked=truth(given.get("worked", False), f"{name}: worked"),
        solved=truth(given.get("solved", False), f"{name}: solved"),
        misconception=text(given.get("misconception", ""), f"{name}: misconception"),
        when=text(given.get("when", ""), f"{name}: when"),
        seed=whole(given.get("seed", 0), f"{name}: seed"),
        draw=whole(given.get("draw", 1), f"{name}: draw"),
        solution=_solution(given.get("solution"), f"{name}: solution"),
    )


def _solution(given: Any, name: str) -> Solution:
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    return tuple(_recipe(mapping(each, name), name) for each in items(given, name))


def _recipe(given: Mapping[str, Any], name: str) -> Recipe:
    settings = {each: text(value, name) for each, value in mapping(given.get("settings", {}), name).items()}
    changes = []
    for change in items(given.get("changes", []), name):
        if len(items(change, name)) != 3:
            raise DamagedError(f"{name[:40]!r} has a change that is not [step, name, value]")
        changes.append((whole(change[0], name), text(change[1], name), text(change[2], name)))
    return Recipe(settings, tuple(changes))
