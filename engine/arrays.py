"""NumPy's .npz and .npy files read with bounds: the sizes that a file claims are compared before memory is asked for.

`numpy.load` trusts the array size in a header, and it and `zipfile` raise a dozen kinds of errors for damaged bytes.
Nothing is unpickled here, and damage raises ValueError. Source of the format: NumPy, NEP 1.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt

# Bytes that are read or unpacked at once; a zip directory that is larger is refused.
_PIECE_BYTES = 2**20
_MOST_LISTING_BYTES = 4 * 2**20

# The header of an array of numbers is 128 bytes.
_MOST_HEADER_BYTES = 10_000

_ENCRYPTED = 1  # bit 0 of a zip entry's flags

# The kinds of NumPy's types: bool, int, unsigned and float; and words.
NUMBERS = "biuf"
WORDS = "U"

_LAST_CHARACTER = 0x10FFFF


def read_arrays(
    file: IO[bytes], most_bytes: int, names: Collection[str] | None = None, kinds: str = NUMBERS
) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of an .npz file by name, only those in `names` if given; they may unpack to `most_bytes` in
    all, and their types are of these `kinds`.

    Raises:
        ValueError: the file is damaged, encrypted, of another kind or too large, or lacks a name; the text is one line.
        OSError: it cannot be read.
    """
    with _told("it is no .npz file, or a damaged one"):
        return _read(file, most_bytes, names, kinds)


def names_of(file: IO[bytes]) -> tuple[str, ...]:
    """The names of the arrays in an .npz file. Raises ValueError, OSError."""
    with _told("it is no .npz file, or a damaged one"), zipfile.ZipFile(cast("IO[bytes]", _Bounded(file))) as archive:
        return tuple(name.removesuffix(".npy") for name in archive.namelist())


def read_array(file: IO[bytes], most_bytes: int, kinds: str = NUMBERS) -> npt.NDArray[Any]:
    """The array in an .npy file, of `most_bytes` bytes at the most and of a type of these `kinds`. Raises ValueError,
    OSError."""
    with _told("it is no .npy file, or a damaged one"):
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        if size > most_bytes:
            raise ValueError(f"it has {size} bytes; expected at most {most_bytes}")
        return _one(file, size, kinds)


@contextmanager
def _told(otherwise: str) -> Iterator[None]:
    """What is raised for damaged bytes becomes ValueError, whose text is one line."""
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:  # zipfile, zlib and NumPy: BadZipFile, error, SyntaxError, TokenError, KeyError, ...
        text = str(error).splitlines()
        told = isinstance(error, ValueError) and text
        raise ValueError(text[0] if told else otherwise) from None


def _read(file: IO[bytes], most_bytes: int, names: Collection[str] | None, kinds: str) -> dict[str, npt.NDArray[Any]]:
    with zipfile.ZipFile(cast("IO[bytes]", _Bounded(file))) as archive:
        entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
        if names is not None:
            if missing := [name for name in names if name not in entries]:
                raise ValueError(f"it lacks {', '.join(missing)}")
            entries = {name: entries[name] for name in names}
        unpacked = sum(entry.file_size for entry in entries.values())
        if unpacked > most_bytes:
            raise ValueError(f"its arrays unpack to {unpacked} bytes; expected at most {most_bytes}")
        return {name: _named(name, archive, entry, kinds) for name, entry in entries.items()}


def _named(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, kinds: str) -> npt.NDArray[Any]:
    try:
        return _array(archive, entry, kinds)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, kinds: str) -> npt.NDArray[Any]:
    if entry.flag_bits & _ENCRYPTED:
        raise ValueError("it is encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("it is compressed in a way that NumPy does not use")
    with archive.open(entry) as stream:
        return _one(stream, entry.file_size, kinds)


def _one(stream: IO[bytes], file_size: int, kinds: str) -> npt.NDArray[Any]:
    """The array that a stream of `file_size` bytes holds."""
    shape, fortran, dtype = _header(stream, kinds)
    size = math.prod(shape) * dtype.itemsize
    if stream.tell() + size != file_size:
        raise ValueError(f"it claims {size} bytes, and {file_size - stream.tell()} are there")
    content = np.empty(size, np.uint8)
    found = 0
    while piece := stream.read(_PIECE_BYTES):  # to the end: only there a zip file's checksum is compared
        content[found : found + len(piece)] = np.frombuffer(piece, np.uint8)
        found += len(piece)
    if found < size:
        raise ValueError(f"it claims {size} bytes, and {found} are there")
    if (
        dtype.kind == WORDS
        and content.view(np.dtype("u4").newbyteorder(dtype.byteorder)).max(initial=0) > _LAST_CHARACTER
    ):
        raise ValueError("its words have characters that do not exist")
    return content.view(dtype).reshape(shape, order="F" if fortran else "C")


def _header(stream: IO[bytes], kinds: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Read an array's header: its shape, whether it is in Fortran order, and its type. Raises ValueError."""
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream, _MOST_HEADER_BYTES)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream, _MOST_HEADER_BYTES)
    else:
        raise ValueError("its header is of an unknown version")
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are not unpickled")
    if dtype.kind not in kinds or dtype.itemsize == 0 or min(shape, default=0) < 0:
        raise ValueError(f"expected numbers{' or words' * (WORDS in kinds)}, found {dtype} {list(shape)}")
    return shape, fortran, dtype


class _Bounded:
    """A file for zipfile that reads at most a few megabytes at once: zipfile reads a directory as large as it
    claims."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size > _MOST_LISTING_BYTES:
            raise ValueError("its list of entries is too large")
        return self._file.read(_MOST_LISTING_BYTES if size < 0 else size)
