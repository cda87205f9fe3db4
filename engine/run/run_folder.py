"""A run's own folder, LOGDIR/<lesson>/<YYYYmmdd-HHMMSS>[-n], which one process at a time may write into.

Names come from outside (arguments, other people's folders) and are data: each is checked, and no symbolic link is
followed below the logdir, so that nothing outside it is ever read or written through one.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.errors import InputError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
STAMP = re.compile(r"(\d{8}-\d{6})(?:-(\d{1,6}))?")
_LOCK = ".lock"

# Who asks whether a run is alive holds its lock for an instant; who wants it for good tries again after that instant.
_TRIES = 5
_BETWEEN_TRIES_S = 0.02

_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "no space left on the device",
    errno.EDQUOT: "the disk quota is used up",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "it is a file, not a folder",
    errno.ENAMETOOLONG: "the path is too long",
    errno.ELOOP: "the path is a symbolic link",
}


class RunError(InputError):
    """A run folder cannot be made, found or used; the text is one line for a person."""


class RunInUse(RunError):  # noqa: N818 - the answer to a question, and the name reads as one
    """Another process writes into the run folder: `pid` is its number, or 0 where it is not known."""

    def __init__(self, path: Path, pid: int) -> None:
        self.pid = pid
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{shown(path)}: {who} is writing into this run; stop it first, or choose another run")


def shown(text: object) -> str:
    """`text` on one line, with what does not print as U+FFFD."""
    return "".join(c if c.isprintable() else "\ufffd" for c in str(text))


def reason(error: OSError) -> str:
    """Why a file operation failed, in a few words."""
    return _REASONS.get(error.errno or 0, shown(error.strerror or error).lower())


def checked_name(name: str) -> str:
    """`name` if it can be a folder's name below a logdir. Raises RunError."""
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
    """A run's folder, locked for this process until `close` or its end, however it ends."""

    path: Path
    _lock: int = -1

    @property
    def name(self) -> str:
        """The lesson and the time: `himmelblau/20261124-211754`."""
        return f"{self.path.parent.name}/{self.path.name}"

    @classmethod
    def create(cls, logdir: Path, lesson_id: str, now: datetime) -> Self:
        """Make a new folder for a run that begins `now`, and lock it. What it finds there is left alone.

        Raises:
            RunError: there cannot be one; nothing is left behind.
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
        """Lock the folder of an earlier run, to go on with it.

        Raises:
            RunInUse: another process writes into it.
            RunError: it is no run's folder, or cannot be written to.
        """
        path = path.absolute()
        for name in (path.parent.name, path.name):
            checked_name(name)
        if path.is_symlink() or path.parent.is_symlink():
            raise RunError(f"{shown(path)} is reached through a symbolic link; runs are not written through one")
        if not path.is_dir():
            raise RunError(f"{shown(path)} is no run's folder")
        try:
            return cls(path, _locked(path))
        except OSError as error:
            raise RunError(f"{shown(path)} cannot be written to: {reason(error)}") from None

    def hold(self) -> None:
        """Lock the folder anew where it was deleted and has been made again. Raises RunInUse, OSError."""
        if self._lock < 0:
            return
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat((self.path / _LOCK).stat(follow_symlinks=False), os.fstat(self._lock)):
                return
        lock, self._lock = self._lock, _locked(self.path)
        os.close(lock)

    def close(self) -> None:
        """Let another process have the folder."""
        if self._lock >= 0:
            # Said outright, because a forked child may still hold the descriptor.
            with contextlib.suppress(OSError):
                fcntl.flock(self._lock, fcntl.LOCK_UN)
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def in_use(path: Path) -> bool:
    """Whether a process, this one too, holds the run folder at `path`."""
    try:
        lock = os.open(path / _LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
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


def _locked(path: Path) -> int:
    """A descriptor that holds the folder's lock. Raises RunInUse, or OSError where it cannot be written."""
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    try:
        _acquire(lock, path)
        os.ftruncate(lock, 0)
        # Bytes on the disk, not an empty file: a full disk shows here, before anything was computed.
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
