"""TFRecord files read in Python: every checksum checked, no record larger than memory, a growing file followed.

TensorFlow's own reader crashes the process on a record whose length says 2⁴⁰ bytes; strangers' files never reach it.
Source of the format: TensorFlow, tensorflow/core/lib/io/record_writer.h.
"""

from __future__ import annotations

import os
import stat
import struct
from functools import lru_cache
from pathlib import Path

from engine.crc32c import masked_crc32c, masked_crc32c_of_many
from engine.run_folder import reason

MOST_RECORD_BYTES = 64 * 2**20
_READ_BYTES = 2**18
_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")
_SHORT = 4096


class RecordFile:
    """One record file, read from its start as far as it has been written. No link is followed, no pipe opened.

    A half-written record is the end for now: it is read once it is whole. `damaged` records, whose data do not match
    their checksum, are passed over. `trouble` says why nothing behind a place can be read; then `next` says None for
    good.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0
        self.trouble = ""
        self._file = -1
        self._offset = 0  # of the first byte in the buffer
        self._buffer = b""
        self._used = 0

    @property
    def offset(self) -> int:
        """Where the next record begins, in bytes."""
        return self._offset + self._used

    @property
    def pending(self) -> int:
        """How many bytes at the end are no whole record (yet), as far as has been read."""
        return len(self._buffer) - self._used

    def next(self) -> bytes | None:
        """The next whole record's data, or None where there is none for now, or none any more."""
        while not self.trouble:
            if not self._have(_HEADER.size):
                return None
            length, checksum = _HEADER.unpack_from(self._buffer, self._used)
            if masked_crc32c(self._buffer[self._used : self._used + 8]) != checksum:
                self._give_up("the length of a record is damaged")
                return None
            if length > MOST_RECORD_BYTES:
                self._give_up(f"a record claims to be {length} bytes long")
                return None
            if not self._have(_HEADER.size + length + _FOOTER.size):
                return None
            begin = self._used + _HEADER.size
            data = self._buffer[begin : begin + length]
            (expected,) = _FOOTER.unpack_from(self._buffer, begin + length)
            self._used = begin + length + _FOOTER.size
            if masked_crc32c(data) == expected:
                return data
            self.damaged += 1
        return None

    def several(self, most: int) -> list[bytes]:
        """The next whole records' data, `most` at the most; none where there is none for now, or none any more.

        Checksums of short records of one length are computed at once: of a training log nearly all are such.
        """
        first = self.next()
        if first is None:
            return []
        found: list[bytes | None] = [first]
        expected: list[int] = [0]
        lengths: dict[int, list[int]] = {}
        used, buffer = self._used, self._buffer
        while len(found) < most and len(buffer) - used >= _HEADER.size:
            length, checksum = _HEADER.unpack_from(buffer, used)
            end = used + _HEADER.size + length + _FOOTER.size
            if length > _SHORT or end > len(buffer) or _of_length(length) != checksum:
                break  # left to `next`
            lengths.setdefault(length, []).append(len(found))
            found.append(buffer[used + _HEADER.size : end - _FOOTER.size])
            expected.append(_FOOTER.unpack_from(buffer, end - _FOOTER.size)[0])
            used = end
        self._used = used
        for places in lengths.values():
            checksums = masked_crc32c_of_many([found[place] or b"" for place in places])
            for place, checksum in zip(places, checksums, strict=True):
                if checksum != expected[place]:
                    found[place] = None
        self.damaged += found.count(None)
        return [record for record in found if record is not None]

    def close(self) -> None:
        """Let the file go; reading on opens it again."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _have(self, count: int) -> bool:
        """Whether `count` bytes from the next record's begin on are in the buffer, after reading on where needed."""
        if len(self._buffer) - self._used >= count:
            return True
        try:
            self._read(count)
        except OSError as error:
            self._give_up(reason(error))
        return len(self._buffer) - self._used >= count

    def _read(self, count: int) -> None:
        if self._file < 0:
            self._file = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(self._file)
        if not stat.S_ISREG(status.st_mode):
            self._give_up("it is no plain file")
            return
        end = self._offset + len(self._buffer)
        if status.st_size < end:
            self._give_up("it became shorter while it was read")
            return
        # Reading what is not there yet would copy the buffer at every look, for nothing.
        if status.st_size - self.offset < count and status.st_size == end:
            return
        parts = [self._buffer[self._used :]]
        have = len(parts[0])
        while have < max(count, _READ_BYTES):
            part = os.pread(self._file, max(count - have, _READ_BYTES), self.offset + have)
            if not part:
                break
            parts.append(part)
            have += len(part)
        self._offset, self._used, self._buffer = self.offset, 0, b"".join(parts)

    def _give_up(self, why: str) -> None:
        self.trouble = f"{why} (byte {self.offset})" if self.offset else why
        self._buffer, self._used, self._offset = b"", 0, self.offset
        self.close()


@lru_cache(maxsize=_SHORT)
def _of_length(length: int) -> int:
    """The checksum of a record's length, of which a log has few."""
    return masked_crc32c(length.to_bytes(8, "little"))
