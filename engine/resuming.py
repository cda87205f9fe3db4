"""Going on with a run that was cut short: which run is meant, what may be given anew, and where it goes on.

`run_to_resume` finds the folder, `RunFolder.reopen` locks it, `resumption` reads what is in it. Names, paths and the
settings in a checkpoint are data: nothing outside the logdir is reached through one.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import checkpoints
from engine.checkpoints import NoCheckpoint
from engine.errors import InputError, SettingError
from engine.events import Outcome, Snapshot
from engine.lesson import Lesson
from engine.lessons import course
from engine.params import Folder
from engine.run_folder import NAME, RunError, resolved, shown
from engine.runs import RunRecord, find_run, past_runs, read_record
from engine.settings import Settings, param_of, params_of, parse_settings

# What may be given anew beside the live settings: how long the run goes on, how often it is tested and logged, where
# its data lie now, and what it is computed on. None of it is another network or another order of the examples.
GIVEN_ANEW = ("epochs", "test_every", "log_every", "data_dir", "threads", "device", "strategy")

# Given anew, these make other numbers, if only in the last digits, or other steps of the log, of what was logged behind
# the checkpoint.
_MAKES_OTHERS = ("learning_rate", "test_every", "log_every", "threads", "device", "strategy")

_DONE, _DIVERGED = Outcome.DONE.name.lower(), Outcome.DIVERGED.name.lower()


class HasFinished(InputError):  # noqa: N818 - the answer to a question, and the name reads as one
    """The run has done all that it was to do."""


class WouldDiverge(InputError):  # noqa: N818
    """The run diverged, and would again: nothing was given that changes its numbers. `run` is its name, `settings` are
    those it would have, and `learning_rate` is worth trying instead of the one it had."""

    def __init__(self, text: str, run: str, settings: Settings, learning_rate: float) -> None:
        super().__init__(text)
        self.run = run
        self.settings = settings
        self.learning_rate = learning_rate


@dataclass(frozen=True)
class Resumption:
    """A run as it goes on: with `settings` from `snapshot` on, once `changes` (live settings, as texts) are made.

    `anew` says that what was logged behind the checkpoint will not be repeated; `skipped` says of each newer checkpoint
    why it could not be used.
    """

    lesson: Lesson[Any]
    settings: Settings
    changes: Mapping[str, str]
    snapshot: Snapshot
    anew: bool
    skipped: tuple[str, ...]


def may_be_given(lesson: Lesson[Any], name: str) -> bool:
    """Whether a setting may be another than the run had."""
    return name in GIVEN_ANEW or param_of(lesson.settings, name).live


def run_to_resume(
    logdir: Path, name: str | None = None, lesson_id: str | None = None, given: Mapping[str, str] | None = None
) -> Path:
    """The folder of the run that is meant: by its name (`fashion-mnist/20261124-211754`, or the time alone), by its
    path inside the logdir, or the newest that can be resumed, with `lesson_id` of that lesson. What is `given` anew
    decides whether one that has finished can go on.

    Raises:
        RunError: there is no such run, or a run of its lesson begins anew.
        NoCheckpoint: the only ones there are left no checkpoint.
    """
    if name in {lesson.id for lesson in course()}:
        if lesson_id not in (None, name):
            raise RunError(f"a run of {name} is not one of {lesson_id}")
        name, lesson_id = None, name
    if lesson_id is not None:
        _resumable(lesson_id)
    if name is None:
        return _newest(logdir, lesson_id, given or {})
    path = _named(logdir, name, lesson_id)
    if lesson_id not in (None, path.parent.name):
        raise RunError(f"{_name(path)} is no run of {lesson_id}")
    _resumable(path.parent.name)
    return path


def to_be_given_again(settings: Settings) -> dict[str, str]:
    """The folders that a run reads, as texts by their settings' names: it goes on only where they are given again."""
    texts = settings.texts()
    folders = (param.name for param in params_of(type(settings)) if isinstance(param, Folder))
    return {name: texts[name] for name in folders if texts[name]}


def resumption(path: Path, given: Mapping[str, str], at_hand: Mapping[str, str] | None = None) -> Resumption:
    """How the run in the folder `path` goes on, with what is `given` anew, as texts. Hold the folder's lock.

    Of what is `at_hand`, such as the settings of another run, only folders count, in place of those that the run had.

    Raises:
        NoCheckpoint: none in the folder can be used.
        HasFinished, WouldDiverge: there is nothing to be gained.
        SettingError: a setting is not accepted, or cannot be another than it was, or a folder is not given again.
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
    changed = _changed(lesson, settings, {**_folders(name, settings, given, at_hand or {}), **given})
    live = {each: text for each, text in changed.items() if param_of(lesson.settings, each).live}
    settings = parse_settings(lesson.settings, {**settings.texts(), **_without(changed, live)})
    _refuse_in_vain(record, settings, changed, found.snapshot)
    anew = any(each in changed for each in _MAKES_OTHERS)
    return Resumption(lesson, settings, live, found.snapshot, anew, found.skipped)


# --- which run ------------------------------------------------------------------------------------------------


def _resumable(lesson_id: str) -> Lesson[Any]:
    """The lesson called so, if its runs can be resumed. Raises RunError."""
    can = [lesson for lesson in course() if lesson.resume is not None]
    for lesson in can:
        if lesson.id == lesson_id:
            return lesson
    names = " and ".join(lesson.id for lesson in can)
    raise RunError(f"a run of {shown(lesson_id)} leaves no checkpoint and cannot be resumed; those of {names} can")


def _named(logdir: Path, text: str, lesson_id: str | None) -> Path:
    """The run that `text` names, or whose folder it leads to. Raises RunError."""
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
    """The newest run that can be resumed. Raises RunError, NoCheckpoint."""
    can = {lesson.id for lesson in course() if lesson.resume is not None}
    runs = [record for record in past_runs(logdir) if record.path.parent.name in ({lesson_id} if lesson_id else can)]
    open_runs = [record for record in runs if record.outcome != _DONE or _goes_further(record, given)]
    for record in open_runs:
        if checkpoints.exist(record.path):
            return record.path
    where = f"{shown(resolved(logdir))} holds no run{f' of {lesson_id}' if lesson_id else ''} that can be resumed"
    if open_runs:
        raise NoCheckpoint(f"{where}: the newest, {_name(open_runs[0].path)}, left no checkpoint")
    if runs:
        raise RunError(f"{where}: the newest, {_name(runs[0].path)}, has finished")
    raise RunError(where)


def _goes_further(record: RunRecord, given: Mapping[str, str]) -> bool:
    """Whether a finished run has more to do now."""
    try:
        return int(given["epochs"]) > int(record.settings["epochs"])
    except (KeyError, ValueError):
        return False


# --- what is given anew ---------------------------------------------------------------------------------------


def _folders(run: str, settings: Settings, given: Mapping[str, str], at_hand: Mapping[str, str]) -> dict[str, str]:
    """The folders at hand in place of those that the run had, but for those that are given. Raises SettingError."""
    found = {}
    for name, folder in to_be_given_again(settings).items():
        if name in given:
            continue
        if not at_hand.get(name):
            option = param_of(type(settings), name).option
            raise SettingError(
                f"{run} reads the folder {shown(folder)}, and none is read that only a checkpoint names; "
                f"add {option} {shlex.quote(folder)}"
            )
        found[name] = at_hand[name]
    return found


def _changed(lesson: Lesson[Any], settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    """What of `given` differs from `settings`, as texts. Raises SettingError where it may not."""
    changed = {}
    for name, text in given.items():
        param = param_of(lesson.settings, name)
        value = param.parse(text)
        if value == getattr(settings, name):
            continue
        if not may_be_given(lesson, name):
            had = param.text(getattr(settings, name))
            raise SettingError(
                f"{param.option}: the run has {had}, and a run that goes on keeps what makes its numbers"
            )
        changed[name] = param.text(value)
    return changed


def _refuse_in_vain(record: RunRecord, settings: Settings, changed: Mapping[str, str], snapshot: Snapshot) -> None:
    """Raise where going on would do nothing, or end as it ended."""
    name, epochs = _name(record.path), int(settings.texts()["epochs"])
    if "epochs" in changed and epochs < snapshot.epoch:
        raise SettingError(f"--epochs: {epochs} is not accepted; the run is in epoch {snapshot.epoch} already")
    if record.outcome == _DONE and "epochs" not in changed:
        raise HasFinished(f"{name} has finished its {epochs} epochs; with a larger --epochs it goes on")
    if record.outcome == _DIVERGED and not {"learning_rate", "data_dir"} & changed.keys():
        rate = float(settings.texts()["learning_rate"]) / 3
        raise WouldDiverge(f"{name} would end again as it did: {shown(record.message)}", name, settings, rate)


def _without(texts: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name not in names}


def _name(path: Path) -> str:
    """A run's name, which was checked when its folder was found."""
    return f"{path.parent.name}/{path.name}"
