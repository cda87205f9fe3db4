"""Resuming a run: which run, which settings may be changed, and from which step it goes on.

`run_to_resume` finds the folder, `RunFolder.reopen` locks it, `resumption` reads its contents. Names, paths and the
settings in a checkpoint are untrusted: nothing outside the logdir is reached through them.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.descent import schedules
from engine.errors import InputError, SettingError
from engine.events import Outcome, Snapshot
from engine.lesson import Lesson
from engine.lessons import every_lesson, lesson_named
from engine.own import files as own_files
from engine.own.paths import is_file
from engine.params import Choice, File, Folder, Param
from engine.run import checkpoints
from engine.run.checkpoints import NoCheckpoint
from engine.run.run_folder import NAME, RunError, resolved, shown
from engine.run.run_record import RunRecord, read_record
from engine.run.runs import each_run, find_run
from engine.settings import Settings, param_of, params_of, parse_settings

# Settings that may be changed besides the live ones: how long the run goes on, how often it is tested and logged, where
# its data and its model's file are now, and the device. None of them changes the order of the examples.
MAY_CHANGE = ("epochs", "test_every", "log_every", "data", "data_dir", "file", "threads", "device", "strategy")

# A change of one of these changes the numbers, if only in their last digits, or which steps are logged: what was logged
# after the checkpoint will not be repeated exactly.
_CHANGES_NUMBERS = ("learning_rate", "test_every", "log_every", "threads", "device", "strategy")

_DONE, _DIVERGED = Outcome.DONE.name.lower(), Outcome.DIVERGED.name.lower()
_RUNNING = "running"


class HasFinished(InputError):  # noqa: N818 - the answer to a question, and the name reads as one
    """The run has taken all its steps."""


class WouldDiverge(InputError):  # noqa: N818
    """The run diverged, and would again: no setting was given that changes its numbers. `run` is its name, `settings`
    are those it would have, and `learning_rate` is a better one to try."""

    def __init__(self, text: str, run: str, settings: Settings, learning_rate: float) -> None:
        super().__init__(text)
        self.run = run
        self.settings = settings
        self.learning_rate = learning_rate


@dataclass(frozen=True)
class Resumption:
    """A run to resume: with `settings` from `snapshot` on, after `changes` of live settings, as texts.

    With `numbers_change` the run will not repeat what was logged after the checkpoint; `skipped` has one line for each
    newer checkpoint that could not be used, `changed_files` one for each Python file that has changed since.
    """

    lesson: Lesson[Any]
    settings: Settings
    changes: Mapping[str, str]
    snapshot: Snapshot
    numbers_change: bool
    skipped: tuple[str, ...]
    changed_files: tuple[str, ...] = ()


def may_be_given(lesson: Lesson[Any], name: str) -> bool:
    """Whether a setting may differ from the run's own."""
    return name in MAY_CHANGE or param_of(lesson.settings, name).live


def run_to_resume(
    logdir: Path, name: str | None = None, lesson_id: str | None = None, given: Mapping[str, str] | None = None
) -> Path:
    """Find the folder of a run: by its name (`fashion-mnist/20261124-211754`, or the time alone), by its path inside
    the logdir, or the newest that can be resumed, of the lesson `lesson_id` if given. The settings `given` decide
    whether a finished run can go on, and the newest run of which file is meant, if the lesson takes one as an argument.

    Raises:
        RunError: there is no such run, or runs of its lesson always start from the beginning.
        NoCheckpoint: the only runs found left no checkpoint.
    """
    named = None if name is None else lesson_named(name)
    if named is not None:
        if lesson_id not in (None, named.id):
            raise RunError(f"a run of {named.id} is not one of {lesson_id}")
        name, lesson_id = None, named.id
    if lesson_id is not None:
        _resumable(lesson_id)
    if name is None:
        return _newest(logdir, lesson_id, given or {})
    path = _named(logdir, name, lesson_id)
    if lesson_id not in (None, path.parent.name):
        raise RunError(f"{_name(path)} is no run of {lesson_id}")
    _resumable(path.parent.name)
    return path


def can_be_resumed(record: RunRecord, given: Mapping[str, str] | None = None) -> bool:
    """Whether a run can be resumed: it left a checkpoint, no process is running it, and it has not finished or is
    `given` more epochs. A diverged one can, with another learning rate."""
    return (
        record.path.parent.name in _lessons_that_resume()
        and record.outcome != _RUNNING
        and not _has_finished(record, given or {})
        and checkpoints.exist(record.path)
    )


def newest_to_resume(
    logdir: Path, lesson_id: str | None = None, given: Mapping[str, str] | None = None
) -> RunRecord | None:
    """The record of the run that `run_to_resume` finds, if it can be resumed now. Reads the disk; raises nothing."""
    try:
        record = read_record(run_to_resume(logdir, lesson_id=lesson_id, given=given))
    except (RunError, NoCheckpoint, OSError):
        return None
    return record if can_be_resumed(record, given) else None


def to_be_given_again(settings: Settings) -> dict[str, str]:
    """The folders and files of data that a run reads and the Python files that it runs, as texts by their settings'
    names: to resume it, they must be given again."""
    texts, params = settings.texts(), params_of(type(settings))
    folders = {param.name: texts[param.name] for param in params if isinstance(param, Folder) and texts[param.name]}
    return folders | _own_files(settings)


def resumption(path: Path, given: Mapping[str, str], at_hand: Mapping[str, str] | None = None) -> Resumption:
    """Prepare to resume the run in the folder `path`, with the changed settings `given` as texts. Hold the folder's
    lock.

    From `at_hand`, such as the settings of another run, only folders and files of data are used, in place of those that
    the run had.

    Raises:
        NoCheckpoint: none in the folder can be used.
        HasFinished, WouldDiverge: resuming would achieve nothing.
        SettingError: a setting is not accepted or cannot be changed, or a folder is not given again.
    """
    lesson, name = _resumable(path.parent.name), _name(path)
    record = read_record(path)
    try:
        found = checkpoints.restore(path)
        if found.lesson != lesson.id:
            raise NoCheckpoint(f"its checkpoint is one of the lesson {shown(found.lesson)[:60]!r}")
        settings = parse_settings(lesson.settings, found.settings)
    except (NoCheckpoint, SettingError) as error:
        raise NoCheckpoint(f"{name} cannot be resumed: {error}") from None
    changed = _changed(lesson, settings, {**_paths_at_hand(name, settings, given, at_hand or {}), **given})
    live = {each: text for each, text in changed.items() if param_of(lesson.settings, each).live}
    settings = parse_settings(lesson.settings, {**settings.texts(), **_without(changed, live)})
    _refuse_in_vain(record, settings, changed, found.snapshot)
    # A schedule depends on the total number of steps.
    stretched = "epochs" in changed and settings.texts().get("schedule", schedules.CONSTANT) != schedules.CONSTANT
    other = _changed_files(lesson, settings, found.files)
    numbers_change = stretched or bool(other) or any(each in changed for each in _CHANGES_NUMBERS)
    return Resumption(lesson, settings, live, found.snapshot, numbers_change, found.skipped, other)


def checksums(lesson: Lesson[Any], settings: Settings) -> dict[str, int]:
    """The checksums of the Python files that a run runs: the lesson's own as `lesson`, and those that settings name, by
    their settings."""
    return {name: own_files.checksum(path) for name, path in _python_files(lesson, settings).items()}


def _python_files(lesson: Lesson[Any], settings: Settings) -> dict[str, str]:
    return _own_files(settings) | ({"lesson": lesson.file} if lesson.file else {})


def _own_files(settings: Settings) -> dict[str, str]:
    """The Python files that settings name, which a run executes, by the names of the settings."""
    texts, params = settings.texts(), params_of(type(settings))
    return {param.name: texts[param.name] for param in params if _runs_file(param, texts[param.name])}


def _runs_file(param: Param, text: str) -> bool:
    """Whether a setting names a Python file, which a run executes."""
    return isinstance(param, Choice) and param.files and is_file(text)


def _changed_files(lesson: Lesson[Any], settings: Settings, before: Mapping[str, int]) -> tuple[str, ...]:
    """A line for each Python file that is not the one that the run ran before."""
    now = checksums(lesson, settings)
    return tuple(
        f"{shown(path)} has changed since the checkpoint: the numbers may differ"
        for name, path in _python_files(lesson, settings).items()
        if name in before and now[name] != before[name]
    )


# --- which run ------------------------------------------------------------------------------------------------


def _resumable(lesson_id: str) -> Lesson[Any]:
    """Return the lesson of this id, if its runs can be resumed. Raises RunError."""
    can = [lesson for lesson in every_lesson() if lesson.resume is not None]
    for lesson in can:
        if lesson.id == lesson_id:
            return lesson
    *first, last = (lesson.id for lesson in can)
    names = f"{', '.join(first)} and {last}"
    raise RunError(f"a run of {shown(lesson_id)} leaves no checkpoint and cannot be resumed; those of {names} can")


def _named(logdir: Path, text: str, lesson_id: str | None) -> Path:
    """Find the run that `text` names, or whose path it is. Raises RunError."""
    cut = shown(text if len(text) <= 60 else text[:57] + "...")
    parts = text.split("/")
    if len(parts) <= 2 and all(NAME.fullmatch(part) for part in parts):
        return find_run(logdir, f"{lesson_id}/{text}" if lesson_id and len(parts) == 1 else text)
    base = resolved(logdir)
    try:
        path = Path(text).expanduser().resolve()
    except (OSError, RuntimeError, ValueError):
        raise RunError(f"{cut!r} is neither a run's name nor a path") from None
    if path.parent.parent != base:
        example = "fashion-mnist/20261124-211754"
        raise RunError(f"{cut!r} is no run's folder in {shown(base)}; expected one, or a name such as {example}")
    return find_run(logdir, f"{path.parent.name}/{path.name}")


def _newest(logdir: Path, lesson_id: str | None, given: Mapping[str, str]) -> Path:
    """Find the newest run that can be resumed. Raises RunError, NoCheckpoint."""
    newest: RunRecord | None = None
    unfinished: RunRecord | None = None
    lessons = {lesson_id} if lesson_id else _lessons_that_resume()
    files = _arguments(lesson_id, given)
    for record in each_run(logdir, lessons):
        if any(Path(record.settings.get(name, "")).name != Path(text).name for name, text in files.items()):
            continue
        # A run that another process holds counts too: resuming an older one instead would surprise.
        if can_be_resumed(record, given) or (record.outcome == _RUNNING and checkpoints.exist(record.path)):
            return record.path
        newest = newest or record
        unfinished = unfinished or (None if _has_finished(record, given) else record)
    of = next(iter(files.values()), lesson_id)
    where = f"{shown(resolved(logdir))} holds no run{f' of {shown(of)}' if of else ''} that can be resumed"
    if unfinished is not None:
        raise NoCheckpoint(f"{where}: the newest, {_name(unfinished.path)}, left no checkpoint")
    if newest is not None:
        raise RunError(f"{where}: the newest, {_name(newest.path)}, has finished")
    raise RunError(where)


def _arguments(lesson_id: str | None, given: Mapping[str, str]) -> dict[str, str]:
    """The files among the settings `given` that a lesson takes as arguments. Their names alone distinguish runs: a file
    may have been moved, and the path in a run's record is relative to where the run began."""
    lesson = None if lesson_id is None else lesson_named(lesson_id)
    names = [param.name for param in params_of(lesson.settings) if param.positional] if lesson is not None else []
    return {name: given[name] for name in names if given.get(name)}


def _lessons_that_resume() -> set[str]:
    return {lesson.id for lesson in every_lesson() if lesson.resume is not None}


def _has_finished(record: RunRecord, given: Mapping[str, str]) -> bool:
    return record.is_over and not _goes_further(record, given)


def _goes_further(record: RunRecord, given: Mapping[str, str]) -> bool:
    """Whether a finished run now has more epochs to do."""
    try:
        return int(given["epochs"]) > int(record.settings["epochs"])
    except (KeyError, ValueError):
        return False


# --- changed settings -----------------------------------------------------------------------------------------


def _paths_at_hand(
    run: str, settings: Settings, given: Mapping[str, str], at_hand: Mapping[str, str]
) -> dict[str, str]:
    """The folders and files of data at hand in place of those that the run had, except those given, and the Python
    files at hand if they are the same. Raises SettingError."""
    found = {}
    for name, text in to_be_given_again(settings).items():
        param = param_of(type(settings), name)
        if name in given:
            continue
        is_folder = isinstance(param, Folder) and not param.positional
        if not at_hand.get(name) or not (is_folder or at_hand[name] == text):
            does, what = ("reads", "file" if isinstance(param, File) else "folder") if is_folder else ("runs", "file")
            done = "read" if is_folder else "run"
            again = shlex.quote(text)
            if param.positional:
                again = f"gdtui {run.partition('/')[0]} {again} --resume {shlex.quote(run)}"
            raise SettingError(
                f"{run} {does} the {what} {shown(text)}, and none is {done} that only a checkpoint names; "
                + (f"name it: {again}" if param.positional else f"add {param.option} {again}")
            )
        found[name] = at_hand[name]
    return found


def _changed(lesson: Lesson[Any], settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    """The settings of `given` that differ from `settings`, as texts. Raises SettingError if one may not be changed."""
    changed = {}
    for name, text in given.items():
        param = param_of(lesson.settings, name)
        value = param.parse(text)
        if value == getattr(settings, name):
            continue
        moved = all(_runs_file(param, each) for each in (param.text(value), settings.texts()[name]))
        if not moved and not may_be_given(lesson, name):
            had = param.text(getattr(settings, name))
            raise SettingError(
                f"{param.option}: the run has {had}, and a run that goes on keeps what makes its numbers"
            )
        changed[name] = param.text(value)
    return changed


def _refuse_in_vain(record: RunRecord, settings: Settings, changed: Mapping[str, str], snapshot: Snapshot) -> None:
    """Raise if resuming would do nothing, or end as the run has ended."""
    name, epochs = _name(record.path), getattr(settings, "epochs", None)  # a learner's own lesson may have none
    if epochs is not None and "epochs" in changed and epochs < snapshot.epoch:
        raise SettingError(f"--epochs: {epochs} is not accepted; the run is in epoch {snapshot.epoch} already")
    if epochs is not None and record.outcome == _DONE and snapshot.epoch > epochs:
        raise HasFinished(f"{name} has finished its {epochs} epochs; with a larger --epochs it goes on")
    if record.outcome == _DIVERGED and not {"learning_rate", "data", "data_dir"} & changed.keys():
        set_rate: float | None = getattr(settings, "learning_rate", None)
        rate = (record.metrics.get("learning-rate", 0.0) if set_rate is None else set_rate) / 3
        raise WouldDiverge(f"{name} would end again as it did: {shown(record.message)}", name, settings, rate)


def _without(texts: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name not in names}


def _name(path: Path) -> str:
    """A run's name, which was checked when its folder was found."""
    return f"{path.parent.name}/{path.name}"
