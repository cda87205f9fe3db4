"""IDX files: arrays of any shape and type of number, gzipped or not, and which of them belong together.

A file's header is compared with the file's size before anything else is read.
Source of the format: Y. LeCun, C. Cortes, C. Burges, The MNIST Database, "File formats".
"""

from __future__ import annotations

import gzip
import io
import math
import os
import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

import numpy as np

from engine.files import LFS_POINTER, LFS_WORDS, open_regular
from engine.training.dataset import MOST_BYTES, MOST_IMAGES, Array, DatasetError, aligned

# The types of number by the third byte of a file. Two zeros precede it, the number of dimensions follows.
_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}

# QMNIST has this many numbers for each label, of which the first is the class.
QMNIST_COLUMNS = 8

# Files are unzipped in pieces of this size.
_PIECE_BYTES = 2**20

# What deflate can do: at best a byte stands for 1032, at worst 5 bytes are added to 16 KB. Beside that there is a gzip
# header. Source: zlib technical details; RFC 1951, 3.2.4.
_DEFLATE_RATIO = 1032
_DEFLATE_OVERHEAD = 1.001
_GZIP_HEADER_BYTES = 2**16

PARTS = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
"""The four files of MNIST by what they hold."""

# MNIST's names and their kin: `emnist-letters-test-images-idx3-ubyte`, `qmnist-train-labels-idx2-int`. Some copies have
# a dot before `idx`.
_NAME = re.compile(
    r"(?P<set>(?:.*[-_])?)(?P<half>train|t10k|test)[-_](?P<what>images|labels)[-.]idx\d-[a-z0-9]+(?P<zipped>\.gz)?"
)

Set = Mapping[str, Path]
"""The files of one dataset by the keys of PARTS."""


def sets_of(paths: Iterable[Path]) -> dict[str, dict[str, Path]]:
    """The IDX files among `paths` by the beginning that their names share, "" for MNIST's own names; of a file that is
    there twice, the gzipped one."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(paths, key=lambda each: not each.name.endswith(".gz")):
        if name := _NAME.fullmatch(path.name):
            half = "train" if name["half"] == "train" else "test"
            found.setdefault(name["set"].rstrip("-_"), {}).setdefault(f"{half}_{name['what']}", path)
    return found


def missing_of(files: Set) -> list[str]:
    """The names, as MNIST has them, of the files that a set lacks."""
    return [name for part, name in PARTS.items() if part not in files]


def opened(path: Path) -> IO[bytes]:
    """A file of a dataset; it may be reached through a link. Raises DatasetError."""
    try:
        return os.fdopen(open_regular(path, follow=True), "rb")
    except OSError as error:
        raise DatasetError(f"{str(path)!r}: cannot be read ({error.strerror})") from None


def decode_images(file: str, source: IO[bytes]) -> Array:
    """The images [n, …] of an IDX file, gzipped or not. `file` names it in an error. Raises DatasetError."""
    return _IdxFile(file, source).array("images", range(2, 5))


def decode_labels(file: str, source: IO[bytes]) -> Array:
    """The labels [n] of an IDX file, gzipped or not; of the eight columns that QMNIST has, the first.
    Raises DatasetError."""
    labels = _IdxFile(file, source).array("labels", range(1, 3))
    if labels.ndim == 1:
        return labels
    if labels.shape[1] not in (1, QMNIST_COLUMNS) or labels.dtype.kind not in "iu":
        raise DatasetError(f"{file}: expected labels [n], found {labels.dtype} {list(labels.shape)}")
    return np.ascontiguousarray(labels[:, 0])


class _IdxFile:
    """An IDX file, unzipped while it is read if need be. `file` names it in errors, which are DatasetError."""

    def __init__(self, file: str, source: IO[bytes]) -> None:
        self._file = file
        self._size = source.seek(0, io.SEEK_END)
        source.seek(0)
        self._zipped = source.read(2) == b"\x1f\x8b"
        source.seek(0)
        if self._zipped and self._size > self._most_zipped(MOST_BYTES):
            raise DatasetError(f"{file}: {self._size} bytes are more than {MOST_IMAGES} images take")
        self._stream: IO[bytes] = gzip.GzipFile(fileobj=source) if self._zipped else source  # type: ignore[assignment]
        self._header_bytes = 0

    def array(self, what: str, dimensions: range) -> Array:
        """Read the whole file: an array with one of `dimensions` many axes, the first of which counts its `what`."""
        magic = self._header(4)
        if len(magic) == 4 and LFS_POINTER.startswith(magic):
            raise DatasetError(f"{self._file}: {LFS_WORDS}")
        zeros, kind, depth = struct.unpack(">HBB", magic)
        if zeros or kind not in _TYPES:
            expected = "two zeros, a type and a number of dimensions"
            raise DatasetError(f"{self._file}: wrong magic number; expected {expected}, found {magic.hex(' ')}")
        if depth not in dimensions:
            many = f"{dimensions[0]} to {dimensions[-1]} dimensions"
            raise DatasetError(f"{self._file}: expected {what}, an array of {many}, found one of {depth}")
        shape = struct.unpack(f">{depth}I", self._header(4 * depth))
        dtype = np.dtype(_TYPES[kind])
        numbers = self._body(shape[0], what, math.prod(shape[1:]) * dtype.itemsize).view(dtype).reshape(shape)
        return numbers.astype(dtype.newbyteorder("="), copy=False)

    def _header(self, size: int) -> bytes:
        found = self._read(size)
        self._header_bytes += len(found)
        if len(found) < size:
            raise DatasetError(f"{self._file}: expected an IDX header, found {self._header_bytes} bytes")
        return found

    def _body(self, count: int, what: str, item_bytes: int) -> Array:
        """`count` items of `item_bytes` bytes after the header, and nothing after them."""
        if not 1 <= count <= MOST_IMAGES:
            raise DatasetError(f"{self._file}: expected 1 to {MOST_IMAGES} {what}, its header says {count}")
        wanted = count * item_bytes
        if not 1 <= wanted <= MOST_BYTES:
            raise DatasetError(f"{self._file}: expected 1 to {MOST_BYTES} bytes of {what}, its header says {wanted}")
        expected = f"{self._file}: expected {count} {what}, {wanted} bytes after its header"
        self._compare_size(wanted, expected)
        body, found = aligned(wanted), 0
        while piece := self._read(_PIECE_BYTES):  # to the end: only there gzip checks its sum
            if found + len(piece) > wanted:
                raise DatasetError(f"{expected}, found more")
            body[found : found + len(piece)] = np.frombuffer(piece, np.uint8)
            found += len(piece)
        if found < wanted:
            raise DatasetError(f"{expected}, found {found} bytes")
        return body

    def _compare_size(self, wanted: int, expected: str) -> None:
        """Raise where the file's size says already that it holds more or fewer bytes."""
        if not self._zipped:
            if (found := self._size - self._header_bytes) != wanted:
                raise DatasetError(f"{expected}, found {found} bytes")
        elif self._size > self._most_zipped(wanted):
            raise DatasetError(f"{expected}, found more")
        elif self._size * _DEFLATE_RATIO < wanted:
            raise DatasetError(f"{expected}, and the file of {self._size} bytes cannot hold as many")

    @staticmethod
    def _most_zipped(size: int) -> float:
        return size * _DEFLATE_OVERHEAD + _GZIP_HEADER_BYTES

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, OSError, zlib.error, struct.error) as error:
            whole = "expected the whole file as published"
            raise DatasetError(f"{self._file}: damaged gzip data ({error}); {whole}") from None
