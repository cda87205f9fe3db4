"""The target of the log viewer: a folder, and a run in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.log.run_tree import LogTree
from engine.run.run_folder import NAME, RECORD, RunError, reason, resolved, shown
from engine.run.runs import find_run

SEARCH_S = 2.0
"""How long to search for a first run before the app opens; the search goes on in the app."""


@dataclass(frozen=True, slots=True)
class Target:
    """A log folder, and the name of the requested run below it; empty: the newest ones. Of several `folders` it is the
    one that contains them all."""

    logdir: Path
    run: str = ""
    folders: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """The key under which this target's choices are saved."""
        return "\n".join(str(root / self.run) for root in self.roots)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders to search."""
        return self.folders or (self.logdir,)


def find_targets(asked: Sequence[str], logdir: Path) -> Target:
    """Find the folders of several names; see `find_target`. Raises RunError."""
    if len(asked) < 2:
        return find_target(asked[0] if asked else None, logdir)
    found = [find_target(each, logdir) for each in asked]
    folders = tuple(dict.fromkeys(each.logdir / each.run for each in found))
    if len(folders) == 1:
        return found[0]
    return Target(Path(os.path.commonpath(folders)), folders=folders)


def find_target(asked: str | None, logdir: Path) -> Target:
    """Find what `asked` names: a run of `logdir` (its whole name, or its time), a folder in it, or else any folder.

    Without a name it is the newest run of `logdir`, or any logs that folder holds. A folder may be empty or not exist
    yet: logs may appear.

    Raises:
        RunError: it names no folder that can be read; one line.
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
    """Find a folder of this name below the logdir. Names are checked: none leads outside, and no link is followed."""
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
    """Find any folder that holds logs, or may later. If it is one run's folder, only that run is shown."""
    folder = resolved(path)
    try:
        if folder.exists():
            if not folder.is_dir():
                raise RunError(f"{shown(asked)!r} is a file; give the folder that holds it")
            next(folder.iterdir(), None)
        else:
            os.lstat(folder)  # a path below a file can never become a folder
    except FileNotFoundError:
        pass
    except OSError as error:
        raise RunError(f"{shown(asked)!r} cannot be read: {reason(error)}") from None
    tree = LogTree(folder, most=1)
    tree.look(SEARCH_S)
    alone = "." in tree.runs and (folder / RECORD).exists()
    return Target(folder, "." if alone else "")
