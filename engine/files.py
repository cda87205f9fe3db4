"""Opening files of unknown origin: only regular files, no symbolic link unless it is allowed, and never blocking.

Opening a named pipe in place of a file would block, a device may act on being opened, and a symbolic link may lead
anywhere. Python's own `open` accepts all of them, so every file that is read is opened here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path

_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISDIR, "a folder"),
)

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
"""The first bytes of the small file that Git LFS leaves in place of one that it has not fetched."""
LFS_WORDS = "a Git LFS pointer stands in place of the file: git lfs pull fetches it"


class NotRegularError(OSError):
    """A link, pipe, device or folder stands where a regular file, or a folder, is expected; it was not opened."""


def open_regular(path: str | Path, flags: int = os.O_RDONLY, *, follow: bool = False, folder: int | None = None) -> int:
    """Open the regular file at `path`, relative to the descriptor `folder` if given; returns a descriptor.

    A symbolic link is followed only with `follow`. Never blocks.

    Raises:
        NotRegularError: it is a link, a pipe, a socket, a device or a folder.
        OSError: it cannot be opened.
    """
    try:
        _check(os.stat(path, dir_fd=folder, follow_symlinks=follow), path)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    flags |= os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(path, flags, 0o666, dir_fd=folder)
    try:
        _check(os.fstat(descriptor), path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_regular(path: str | Path, most: int, *, follow: bool = False, folder: int | None = None) -> bytes:
    """Read a regular file of at most `most` bytes; see `open_regular`.

    Raises:
        NotRegularError, OSError: it cannot be opened or read.
        ValueError: it is larger.
    """
    with os.fdopen(open_regular(path, follow=follow, folder=folder), "rb") as file:
        if os.fstat(file.fileno()).st_size > most:
            raise ValueError(f"it is larger than {most} bytes")
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it is larger than {most} bytes")
    return content


def open_below(base: Path, names: Sequence[str], *, make: bool = False) -> int:
    """Open the folder base/names[0]/names[1]/… and return a descriptor; only `base` may be, or be reached through, a
    link.

    With `make`, missing folders are created.

    Raises:
        NotRegularError: one of them is a link or no folder.
        OSError: one of them cannot be opened or made.
    """
    if make:
        base.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(base, flags)
    for count, name in enumerate(names, 1):
        try:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, dir_fd=folder)
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not stat.S_ISDIR(status.st_mode):
                raise NotRegularError(errno.ENOTDIR, f"it is {_kind(status)}, not a folder", "/".join(names[:count]))
            inner = os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def write_whole(name: str, content: bytes, folder: int, *, durable: bool = True) -> None:
    """Write the file `name` in the folder with descriptor `folder`, completely or not at all. No link is followed.

    With `durable`, its content is on the disk when this returns. Raises OSError.
    """
    temporary = f"{name}.tmp"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o666, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _check(status: os.stat_result, path: str | Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotRegularError(errno.EINVAL, f"it is {_kind(status)}, not a regular file", str(path))


def _kind(status: os.stat_result) -> str:
    if stat.S_ISREG(status.st_mode):
        return "a file"
    return next((name for matches, name in _KINDS if matches(status.st_mode)), "something else")
