"""A run's own folder, LOGDIR/<lesson>/<YYYYmmdd-HHMMSS>[-n], in which only one process at a time may write.

Names from outside (arguments, other people's folders) are untrusted: each is checked, and no symbolic link is followed
below the logdir, so nothing outside it is read, written or deleted.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import socket
import stat
import time
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.errors import InputError
from engine.files import NotRegularError, open_below, open_regular

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
STAMP = re.compile(r"(\d{8}-\d{6})(?:-(\d{1,6}))?", re.ASCII)
RECORD = "run.json"
CHECKPOINTS = "checkpoints"
EVENTS = "tfevents"
"""The text by which TensorBoard recognises the name of an event file."""
_LOCK = ".lock"

# To see whether a run is alive, its lock is taken for an instant; a process that wants the lock retries after that.
_TRIES = 5
_BETWEEN_TRIES_S = 0.02

_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "no space left on the device",
    errno.EDQUOT: "the disk quota is exceeded",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "it is a file, not a folder",
    errno.ENAMETOOLONG: "the path is too long",
    errno.ELOOP: "the path is a symbolic link",
}


class RunError(InputError):
    """A run folder cannot be made, found or used; the text is one line for the user."""


class RunInUse(RunError):  # noqa: N818 - the answer to a question, and the name reads as one
    """Another process is using the run folder: `pid` is its number, or 0 if it is not known."""

    def __init__(self, path: Path, pid: int) -> None:
        self.pid = pid
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{shown(path)}: {who} is writing into this run; stop it first, or choose another run")


class RunUnsafe(RunError):  # noqa: N818
    """A file that gdtui would write in the run's folder, or the path to it, is a symbolic link or no regular file."""


def shown(text: object) -> str:
    """Put `text` on one line, with unprintable characters as U+FFFD."""
    return "".join(c if c.isprintable() else "\ufffd" for c in str(text))


def reason(error: OSError) -> str:
    """Why a file operation failed, in a few words."""
    if isinstance(error, NotRegularError):
        return str(error.strerror)
    return _REASONS.get(error.errno or 0, shown(error.strerror or error).lower())


def checked_name(name: str) -> str:
    """Return `name` if it can be the name of a folder below a logdir. Raises RunError."""
    if not NAME.fullmatch(name):
        cut = name if len(name) <= 60 else name[:57] + "..."
        raise RunError(
            f"{shown(cut)!r} cannot be a run's name; expected 1 to 64 letters, digits, '.', '_' or '-', "
            "the first a letter or digit"
        )
    return name


def resolved(logdir: Path) -> Path:
    """The logdir as an absolute path; it may itself be a link. Raises RunError."""
    try:
        return logdir.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise RunError(f"{shown(logdir)} cannot be the log folder: {shown(error)}") from None


@dataclass
class RunFolder:
    """A run's folder, locked by this process until `close` or the end of the process."""

    path: Path
    _lock: int = -1

    @property
    def name(self) -> str:
        """The lesson and the time: `himmelblau/20261124-211754`."""
        return f"{self.path.parent.name}/{self.path.name}"

    @classmethod
    def create(cls, logdir: Path, lesson_id: str, now: datetime) -> Self:
        """Make a new folder for a run that begins `now`, and lock it. Existing files stay untouched.

        Raises:
            RunError: the folder cannot be made; nothing is left behind.
        """
        base = resolved(logdir)
        lesson = base / checked_name(lesson_id)
        try:
            base.mkdir(parents=True, exist_ok=True)
            lesson.mkdir(exist_ok=True)
        except OSError as error:
            raise _cannot(base, error) from None
        if lesson.is_symlink():
            raise RunError(f"{shown(lesson)} is a symbolic link; runs are not written through one")
        stamp = now.strftime("%Y%m%d-%H%M%S")
        try:
            path = _new_folder(lesson, stamp)
        except OSError as error:
            raise _cannot(base, error) from None
        try:
            return cls(path, _locked(path))
        except OSError as error:
            with contextlib.suppress(OSError):
                (path / _LOCK).unlink(missing_ok=True)
                path.rmdir()
            raise _cannot(base, error) from None

    @classmethod
    def reopen(cls, path: Path) -> Self:
        """Lock the folder of an earlier run, to resume it.

        Raises:
            RunInUse: another process writes into it.
            RunError: it is no run's folder, or cannot be written to.
        """
        path = path.absolute()
        for name in (path.parent.name, path.name):
            checked_name(name)
        if not path.is_dir():
            raise RunError(f"{shown(path)} is no run's folder")
        try:
            _refuse_links(path)
            return cls(path, _locked(path))
        except NotRegularError as error:
            at = path.parent.parent / error.filename
            raise RunUnsafe(f"{shown(at)} is not used: {reason(error)}; gdtui follows no link in its logs") from None
        except OSError as error:
            raise RunError(f"{shown(path)} cannot be written to: {reason(error)}") from None

    def open(self) -> int:
        """Open the folder and return a descriptor; if it was deleted, make and lock it again.

        Raises RunInUse, OSError.
        """
        descriptor = open_folder(self.path, make=True)
        try:
            self._hold(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _hold(self, folder: int) -> None:
        """Lock the folder of this descriptor if it is not the one that was locked."""
        if self._lock < 0:
            return
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.stat(_LOCK, dir_fd=folder, follow_symlinks=False), os.fstat(self._lock)):
                return
        lock, self._lock = self._lock, _locked(self.path)
        os.close(lock)

    def close(self) -> None:
        """Release the folder for other processes."""
        if self._lock >= 0:
            # Unlocked explicitly, because a forked child may still hold the descriptor.
            with contextlib.suppress(OSError):
                fcntl.flock(self._lock, fcntl.LOCK_UN)
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def in_use(path: Path) -> bool:
    """Whether a process, including this one, holds the run folder at `path`."""
    try:
        lock = open_regular(path / _LOCK)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(lock)
    return False


def _new_folder(lesson: Path, stamp: str) -> Path:
    for number in count(1):
        path = lesson / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            if number == 999_999:
                raise
        else:
            return path
    raise AssertionError("unreachable")


def open_folder(path: Path, *, make: bool = False) -> int:
    """Open the run's folder `path`, LOGDIR/<lesson>/<run>; no link is followed below the logdir. Returns a
    descriptor."""
    names = filter(None, (path.parent.name, path.name))  # the folder / has no name
    return open_below(path.parent.parent, tuple(names), make=make)


def _refuse_links(path: Path) -> None:
    """Raise NotRegularError if a file that gdtui writes in the run's folder `path` is a link, or the path contains
    one."""
    folder = open_folder(path)
    try:
        for name in os.listdir(folder):  # noqa: PTH208 - names, not paths
            ours = name in (_LOCK, RECORD, CHECKPOINTS) or EVENTS in name
            if ours and stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                raise NotRegularError(errno.ELOOP, "it is a symbolic link", f"{path.parent.name}/{path.name}/{name}")
    finally:
        os.close(folder)


def _locked(path: Path) -> int:
    """Lock the folder; returns the descriptor that holds the lock. Raises RunInUse, or OSError if it cannot be
    written."""
    lock = open_regular(path / _LOCK, os.O_RDWR | os.O_CREAT)
    try:
        _acquire(lock, path)
        os.ftruncate(lock, 0)
        # Bytes on the disk instead of an empty file: a full disk is noticed here, before anything is computed.
        os.pwrite(lock, f"{os.getpid()} {socket.gethostname()}\n".encode(), 0)
        os.fsync(lock)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _acquire(lock: int, path: Path) -> None:
    for tried in range(_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if tried + 1 < _TRIES:
                time.sleep(_BETWEEN_TRIES_S)
        else:
            return
    holder = os.pread(lock, 64, 0).split(b" ")[0]
    raise RunInUse(path, int(holder) if holder.isdigit() and len(holder) < 12 else 0)


def _cannot(logdir: Path, error: OSError) -> RunError:
    at = Path(os.fsdecode(error.filename)) if error.filename else logdir
    return RunError(f"no run can be logged in {shown(at)}: {reason(error)}")
