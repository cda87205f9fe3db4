"""A reader of TFRecord files in Python: it checks every checksum, bounds every record, and follows a growing file.

TensorFlow's own reader crashes the process on a record that claims 2⁴⁰ bytes, so untrusted files never reach it. Source
of the format: TensorFlow, tensorflow/core/lib/io/record_writer.h.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import google_crc32c

from engine.files import LFS_POINTER, LFS_WORDS, open_regular
from engine.run.run_folder import reason

MOST_RECORD_BYTES = 64 * 2**20
_READ_BYTES = 2**18
_SEARCH_BYTES = 2**22  # the most bytes that one call searches for a valid record
_MOST_ZEROS = 2**26  # if so many bytes are zero, the rest of the file is assumed to be zero too
_TAIL = 64  # bytes by which a file is recognised
_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")
_SHORT = 4096
_MASK_DELTA = 0xA282EAD8
# The upper half of a record's length is zero: a record begins at least four, at most seven bytes before the first
# zeros.
_ZEROS = re.compile(rb"\0\0\0\0\0*")


class RecordFile:
    """One record file, read from its start as far as it has been written. No pipe is opened, and a link is followed
    only with `follow`.

    A half-written record is the end for now, and so are zeros, which a network's file system shows for bytes not yet
    written: they are read again when complete. A record whose data do not match their checksum is skipped and counted
    in `damaged`. If a record's length is damaged, the next valid record is searched for, and `lost` describes what was
    skipped. `trouble` is the reason why nothing could be read at the last try. `changed` is true if bytes that were
    read are gone: the file was shortened or rewritten, and must be read with a new RecordFile.
    """

    def __init__(self, path: Path, *, follow: bool = False) -> None:
        self.path = path
        self.damaged = 0
        self.trouble = ""
        self.changed = False
        self.searching = False
        self._follow = follow
        self._file = -1
        self._offset = 0  # of the first byte in the buffer
        self._buffer = b""
        self._used = 0
        self._tail = b""  # the bytes before the offset
        self._zeros = 0
        self._suspect = -1  # where the data of the previous record begin, if they are damaged
        self._lost_from = -1  # where a search for a valid record began, -1 without one
        self._lost_bytes = 0
        self._lost_why = ""

    @property
    def offset(self) -> int:
        """The offset of the next record, in bytes."""
        return self._offset + self._used

    @property
    def pending(self) -> int:
        """How many of the bytes read so far at the end are not a complete record yet."""
        return self._zeros or len(self._buffer) - self._used

    @property
    def lost(self) -> str:
        """Why bytes were skipped, from where, and how many; empty if none were."""
        if not self._lost_why:
            return ""
        if self._lost_from >= 0:
            return f"{self._lost_why}; no valid record follows so far"
        return f"{self._lost_why}; {self._lost_bytes:,} bytes skipped"

    def next(self) -> bytes | None:
        """Read the next complete record's data; None if there is none for now.

        `searching` is then true if there are bytes left in which a valid record may be found.
        """
        self.trouble, self._zeros, self.searching = "", 0, False
        while not self.changed and (self._lost_from < 0 or self._found()):
            if not self._have(_HEADER.size):
                return None
            length, checksum = _HEADER.unpack_from(self._buffer, self._used)
            whole = _HEADER.size + length + _FOOTER.size
            if masked_crc32c(self._buffer[self._used : self._used + 8]) != checksum:
                if self._is_unwritten(_HEADER.size):
                    return None
                self._lose("the length of a record is damaged")
                continue
            if length > MOST_RECORD_BYTES:
                self._lose(f"a record claims to be {length} bytes long")
                continue
            if not self._have(whole):
                return None
            begin = self._used + _HEADER.size
            data = self._buffer[begin : begin + length]
            (expected,) = _FOOTER.unpack_from(self._buffer, begin + length)
            if masked_crc32c(data) == expected:
                self._used, self._suspect = self._used + whole, -1
                return data
            if self._is_unwritten(whole):
                return None
            self.damaged += 1
            self._used, self._suspect = self._used + whole, self.offset + _HEADER.size
        return None

    def several(self, most: int) -> list[bytes]:
        """Read the data of the next complete records, at most `most`; empty if there is none for now.

        Records that are complete in the buffer are taken without a call each: most of a log is short records.
        """
        first = self.next()
        if first is None:
            return []
        found = [first]
        used, buffer, room = self._used, self._buffer, len(self._buffer) - _HEADER.size
        header, footer, crc = _HEADER.unpack_from, _FOOTER.unpack_from, google_crc32c.value
        while len(found) < most and used <= room:
            length, checksum = header(buffer, used)
            begin = used + 12
            end = begin + length
            if length > _SHORT or end + 4 > len(buffer) or _of_length(length) != checksum:
                break  # left to `next`
            data = buffer[begin:end]
            plain = crc(data)
            if ((plain >> 15 | plain << 17) + _MASK_DELTA) & 0xFFFFFFFF != footer(buffer, end)[0]:
                break
            found.append(data)
            used = end + 4
        self._used = used
        return found

    def close(self) -> None:
        """Close the file; reading on opens it again."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _have(self, count: int) -> bool:
        """Whether `count` bytes from the start of the next record are in the buffer, after reading more if needed."""
        if len(self._buffer) - self._used >= count:
            return True
        try:
            self._read(count)
        except OSError as error:
            self.trouble = reason(error)
            self.close()
        return len(self._buffer) - self._used >= count

    def _read(self, count: int) -> None:
        if self._file < 0:
            self._file = open_regular(self.path, follow=self._follow)
        if self._used:
            self._tail = self._buffer[max(self._used - _TAIL, 0) : self._used]
        size, here = os.fstat(self._file).st_size, self.offset
        if size < here or os.pread(self._file, len(self._tail), here - len(self._tail)) != self._tail:
            self._buffer, self._used, self._offset = b"", 0, here
            self.changed = True
            self.close()
            return
        rest = self._buffer[self._used :]
        if size < here + len(rest):
            rest = b""
        # Trying to read bytes that do not exist yet would copy the buffer each time, for nothing.
        elif size - here < count and size == here + len(rest):
            return
        parts, have = [rest], len(rest)
        while have < max(count, _READ_BYTES):
            part = os.pread(self._file, max(count - have, _READ_BYTES), here + have)
            if not part:
                break
            parts.append(part)
            have += len(part)
        self._offset, self._used, self._buffer = here, 0, b"".join(parts)
        if here == 0 and self._buffer.startswith(LFS_POINTER):
            self._buffer = b""
            self.trouble = LFS_WORDS

    def _go_to(self, offset: int) -> None:
        """Continue reading at `offset`, with an empty buffer."""
        if self._used and offset == self.offset:
            self._tail = self._buffer[max(self._used - _TAIL, 0) : self._used]
        elif offset != self.offset:
            self._tail = b""
        self._buffer, self._used, self._offset = b"", 0, offset

    # --- not yet written ----------------------------------------------------------------------------------------------

    def _is_unwritten(self, size: int) -> bool:
        """Whether the end of these `size` bytes and all after them are zeros: then they are read again later."""
        after = self._buffer[self._used + size :]
        if self._buffer[self._used + size - 1] or after.count(0) != len(after):
            return False
        at = end = self._offset + len(self._buffer)
        try:
            while part := os.pread(self._file, _READ_BYTES, end) if self._file >= 0 else b"":
                if part.count(0) != len(part):
                    return False
                end += len(part)
                if end - at > _MOST_ZEROS:
                    break
        except OSError as error:
            self.trouble = reason(error)
        self._zeros = end - self.offset
        self._go_to(self.offset)
        return True

    # --- damaged records ----------------------------------------------------------------------------------------------

    def _lose(self, why: str) -> None:
        """Start a search for the next valid record. It may begin within an earlier record that was found damaged."""
        self._lost_why = self._lost_why or (f"{why} (byte {self.offset:,})" if self.offset else why)
        self._lost_from = self.offset
        if self._suspect >= 0:
            self._go_to(self._suspect)
        else:
            self._used += 1
        self._suspect = -1

    def _found(self) -> bool:
        """Continue the search; returns whether a valid record begins at the offset."""
        until = self.offset + _SEARCH_BYTES
        while self._have(_HEADER.size):
            place = next(_headers(self._buffer, self._used), None)
            if place is not None:
                self._used = place
                self._lost_bytes += max(self.offset - self._lost_from, 0)
                self._lost_from = -1
                return True
            # A record may begin in the last bytes, and zeros may still be overwritten.
            written = len(self._buffer.rstrip(b"\0"))
            at_end = not self._more()
            keep = min(written, len(self._buffer)) if at_end else len(self._buffer)
            self._used = max(self._used, keep - _HEADER.size - 3)
            if at_end:
                self._go_to(self.offset)
                return False
            if self.offset >= until:
                self.searching = True
                return False
            self._go_to(self.offset)
        return False

    def _more(self) -> bool:
        """Whether the file continues after the buffer."""
        try:
            return self._file >= 0 and bool(os.pread(self._file, 1, self._offset + len(self._buffer)))
        except OSError:
            return False


def _headers(buffer: bytes, begin: int) -> Iterator[int]:
    """The positions in the buffer, from `begin` on, where a record's length matches its checksum."""
    for zeros in _ZEROS.finditer(buffer, begin):
        start, end = zeros.span()
        for place in (*range(start - 4, min(start, end - 7)), end - 8):
            if begin <= place <= len(buffer) - _HEADER.size:
                length, checksum = _HEADER.unpack_from(buffer, place)
                if length <= MOST_RECORD_BYTES and masked_crc32c(buffer[place : place + 8]) == checksum:
                    yield place


def masked_crc32c(data: bytes) -> int:
    """Compute the checksum that a TFRecord file stores for `data`, in [0, 2³²).

    Source: TensorFlow, tensorflow/core/lib/hash/crc32c.h: the CRC-32C, rotated by 15 bits, plus a constant.
    """
    crc: int = google_crc32c.value(data)
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


@lru_cache(maxsize=_SHORT)
def _of_length(length: int) -> int:
    """The checksum of a record's length; cached, because a log has few different lengths."""
    return masked_crc32c(length.to_bytes(8, "little"))
