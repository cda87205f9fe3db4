"""A writer of event files that uses TensorFlow's record writer and checks the file after every flush.

TensorFlow loses records without an error if the folder vanishes, and after its first error if the disk is full; what
follows a torn record cannot be read. So every record is kept until it has been seen in the file. If it is not there,
the file's torn end is cut off, a new file is begun, and the missing records go there.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import struct
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from engine.lazy import tf
from engine.log import summary_values as values
from engine.run.run_folder import open_folder, reason, shown

# The interval at which a failed write is repeated, and the memory for records meanwhile.
_RETRY_S = 5.0
_MOST_WAITING_BYTES = 32 * 2**20

# Distinguishes the files that a process begins within the same second.
_numbers = count()

_STAMPED = re.compile(r"events\.out\.tfevents\.(\d{10})\.")


class EventLogError(OSError):
    """The log could not be written. The text is one line."""


class EventLog:
    """The event files of one run, in `folder`, written by one thread.

    `report` is called with one line when writing first fails, and at the end if anything was lost. Without it,
    EventLogError is raised when writing fails, and at the end if it failed and could not be repaired. `clock` returns
    monotonic seconds.
    """

    def __init__(
        self,
        folder: Path,
        report: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.report = report
        self._folder = folder
        self._clock = clock
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._lost = 0
        self._failing = False
        self._said = False
        self._unsaid = ""
        self._retry_at = 0.0
        self._file: _EventFile | None = None

    def add(self, record: bytes) -> None:
        """Queue an event for the next flush."""
        self._waiting.append(record)
        self._waiting_bytes += len(record)

    def flush(self, *, urgent: bool = False) -> None:
        """Write the queued records and check that they arrived.

        TensorFlow is imported for it only if `urgent`: a run imports it anyway, and the screen waits for no log. After
        a failure it is tried again every few seconds, or at once if `urgent`.
        """
        if not self._waiting or not (urgent or "tensorflow" in sys.modules):
            return
        if self._failing and not urgent and self._clock() < self._retry_at:
            self._shed()
            return
        if self._file is None and not _in_order(self._folder, patient=urgent):
            return
        error = self._tried()
        if error is not None:
            self._recover(error)

    def sync(self) -> None:
        """Flush, and return when the file is on the disk: the log then holds everything up to a checkpoint."""
        self.flush()
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.sync()

    def close(self) -> None:
        """Write the queued records, report losses, and close the file."""
        self.flush(urgent=True)
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.sync()
            self._file.close()
            self._file = None
        lost = self._lost + len(self._waiting)
        self._waiting.clear()
        if lost:
            self._say(f"{lost} records of the log in {shown(self._folder)} could not be written and are lost")
        elif self._unsaid:
            raise EventLogError(self._unsaid)

    def _tried(self) -> Exception | None:
        """Try to write the queued records; returns the error if that failed. Records that are in no file stay
        queued."""
        try:
            if _tensorflow_loads():
                if self._file is None:
                    self._file = _EventFile(self._folder)
                self._file.write(self._waiting)
        except (OSError, UnicodeError, tf.errors.OpError) as error:  # a path in TensorFlow's message may not be UTF-8
            if self._file is not None:
                arrived, self._file = self._file.abandon(), None
                del self._waiting[:arrived]
                self._waiting_bytes = sum(len(record) for record in self._waiting)
            return error
        self._waiting.clear()
        self._waiting_bytes = 0
        self._failing = False
        return None

    def _recover(self, error: Exception) -> None:
        """Try another file after a failure, and later again if that fails too; report only the first failure."""
        first = not self._failing
        self._failing = True
        again = self._tried() if first and _in_order(self._folder) else error
        self._retry_at = self._clock() + _RETRY_S
        self._shed()
        if self._said:
            return
        self._said = True
        problem = f"the log in {shown(self._folder)}: {_in_words(again or error)}"
        if again is not None:
            self._say(f"{problem}; it is tried again every few seconds, and the run goes on")
        elif self.report is not None:
            self.report(f"{problem}; another event file was begun")
        else:
            self._unsaid = problem

    def _shed(self) -> None:
        """Discard the largest records, usually images, when too much is queued."""
        while self._waiting_bytes > _MOST_WAITING_BYTES:
            largest = max(range(len(self._waiting)), key=lambda place: len(self._waiting[place]))
            self._waiting_bytes -= len(self._waiting.pop(largest))
            self._lost += 1

    def _say(self, message: str) -> None:
        if self.report is None:
            raise EventLogError(message)
        self.report(message)


class _EventFile:
    """One event file, open both in TensorFlow's writer and for checking. Raises OSError, UnicodeError,
    tf.errors.OpError."""

    def __init__(self, folder: Path) -> None:
        now = time.time()
        host = socket.gethostname().replace("/", "-")
        # Named as by TensorFlow's summary writer, which itself would take many times as long per record.
        name = f"events.out.tfevents.{int(now):010d}.{host}.{os.getpid()}.{next(_numbers)}.v2"
        self.path = folder / name
        self._writer: Any = None
        inside = open_folder(folder.absolute(), make=True)
        try:
            self._eye = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=inside)
        finally:
            os.close(inside)
        self._seen = 0
        try:
            self._writer = tf.io.TFRecordWriter(os.fsencode(self.path))
            self.write([values.version(now)])
            self._begins = self._seen
        except BaseException:
            with contextlib.suppress(OSError):
                self.close()
            with contextlib.suppress(OSError):
                self.path.unlink()
            raise

    def write(self, records: list[bytes]) -> None:
        """Write records and check that every one arrived."""
        for record in records:
            self._writer.write(record)
        self._writer.flush()
        self._look(expected=len(records))

    def sync(self) -> None:
        os.fsync(self._eye)

    def close(self) -> None:
        self._let_go()
        os.close(self._eye)

    def abandon(self) -> int:
        """Close the file, cut a torn record off its end, and return how many records of the last write are in it.

        An empty file is deleted: retrying every few seconds for hours would leave thousands.
        """
        self._let_go()
        arrived = 0
        try:
            if self._is_in_place():
                arrived, whole = self._records()
                os.ftruncate(self._eye, whole)
                if whole == self._begins:
                    self.path.unlink()
        except OSError:
            arrived = 0
        finally:
            os.close(self._eye)
        return arrived

    def _let_go(self) -> None:
        if self._writer is not None:
            with contextlib.suppress(tf.errors.OpError):
                self._writer.close()

    def _look(self, expected: int) -> None:
        """Check that the file is still the one in the folder and ends with `expected` more whole records."""
        if not self._is_in_place():
            raise FileNotFoundError(errno.ENOENT, "the event file vanished", str(self.path))
        arrived, whole = self._records()
        if arrived != expected or whole != os.fstat(self._eye).st_size:
            full = os.fstatvfs(self._eye).f_bavail == 0
            what = os.strerror(errno.ENOSPC) if full else "what was written did not all arrive"
            raise OSError(errno.ENOSPC if full else errno.EIO, what, str(self.path))
        self._seen = whole

    def _is_in_place(self) -> bool:
        try:
            there = self.path.stat(follow_symlinks=False)
        except OSError:
            return False
        return os.path.samestat(there, os.fstat(self._eye))

    def _records(self) -> tuple[int, int]:
        """Count the whole records after those seen before; returns the count and the byte where the last of them
        ends."""
        size = os.fstat(self._eye).st_size
        added = os.pread(self._eye, max(size - self._seen, 0), self._seen)
        count, end = 0, 0
        while end + 12 <= len(added):
            after = end + struct.unpack_from("<Q", added, end)[0] + 16
            if after > len(added):
                break
            count, end = count + 1, after
        return count, self._seen + end


def _in_order(folder: Path, patient: bool = False) -> bool:
    """Whether a file begun now would sort after those in `folder`: names compare as text, and begin with a second.

    Within one second the rest of the name decides, whose numbers do not sort: 10 before 9, one process before another.
    So a new file must wait for the next second; with `patient` this function waits for it.
    """
    stamps = [stamp[1] for name in _names(folder) if (stamp := _STAMPED.match(name))]
    left_s = int(max(stamps, default="0")) + 1 - time.time()
    if patient and 0 < left_s <= 1:
        time.sleep(left_s)
        return True
    return not 0 < left_s <= 1


def _tensorflow_loads() -> bool:
    """Whether TensorFlow can be imported for writing. A run without it fails and reports that; the log need not."""
    try:
        return bool(tf.__version__)
    except Exception:  # a broken installation may raise anything
        return False


def _names(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))  # noqa: PTH208 - names, not paths
    except OSError:
        return set()


def _in_words(error: Exception) -> str:
    """Why writing failed, in a few words: TensorFlow's messages contain the system's in a longer sentence."""
    if isinstance(error, OSError):
        return reason(error)
    text = str(error)
    for code in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG, errno.ENOENT, errno.ENOTDIR):
        if os.strerror(code) in text:
            return reason(OSError(code, os.strerror(code)))
    return shown(text.split("\n")[0])
