"""What attach is to show: which folder, and which run in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.log_tree import LogTree
from engine.run_folder import NAME, RunError, reason, resolved, shown
from engine.run_record import RECORD
from engine.runs import find_run

SEARCH_S = 2.0
"""How long to look for a first run before the app opens: a larger tree is gone through while it is open."""


@dataclass(frozen=True, slots=True)
class Target:
    """A log folder, and the name below it of the run that is asked for; empty: the newest ones."""

    logdir: Path
    run: str = ""


def find_target(asked: str | None, logdir: Path) -> Target:
    """What `asked` names: a run of `logdir` (its whole name, or its time), a folder in it, or else any folder.

    Without a name it is the newest run of `logdir`, or whatever logs that folder holds.

    Raises:
        RunError: there is nothing of that name, or no log in it; one line.
    """
    if asked is None:
        return _newest(logdir)
    if not asked or "\0" in asked:
        raise RunError(f"{shown(asked)!r} names no run and no folder")
    target = _run_called(asked, logdir) or _folder_called(asked, logdir)
    return target if target is not None else _folder(Path(asked), asked)


def _newest(logdir: Path) -> Target:
    base = resolved(logdir)
    try:
        run = find_run(base)
    except RunError:
        return _folder(base, str(logdir))
    return Target(base, run.relative_to(base).as_posix())


def _run_called(asked: str, logdir: Path) -> Target | None:
    try:
        base = resolved(logdir)
        return Target(base, find_run(base, asked).relative_to(base).as_posix())
    except RunError:
        return None


def _folder_called(asked: str, logdir: Path) -> Target | None:
    """A folder below the logdir that is called so. Names are checked: none leads out, and no link is followed."""
    parts = asked.rstrip("/").split("/")
    if not all(NAME.fullmatch(part) for part in parts):
        return None
    path = resolved(logdir)
    for part in parts:
        path = path / part
        if path.is_symlink() or not path.is_dir():
            return None
    return _folder(path, asked)


def _folder(path: Path, asked: str) -> Target:
    """Any folder that holds logs. One run's folder is shown with that run alone."""
    folder = resolved(path)
    try:
        if not folder.is_dir():
            what = "is a file; give the folder that holds it" if folder.exists() else "is no run's name and no folder"
            raise RunError(f"{shown(asked)!r} {what}")
        next(folder.iterdir(), None)
    except OSError as error:
        raise RunError(f"{shown(asked)!r} cannot be read: {reason(error)}") from None
    tree = LogTree(folder, most=1)
    tree.look(SEARCH_S)
    if not tree.runs and tree.complete:
        raise RunError(f"{shown(asked)!r} holds no event files and no run: nothing to show")
    alone = "." in tree.runs and (folder / RECORD).exists()
    return Target(folder, "." if alone else "")
