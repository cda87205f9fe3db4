"""Arrays that may be too large for memory: collected block by block, in memory up to a limit, and beyond it in a
temporary file, which is then a memory map.

The file has no name: the system deletes it with the last array that uses it, and when the process ends in any way.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engine.errors import InputError

Array = npt.NDArray[Any]

# An array is kept in memory up to this size, and up to a quarter of the machine's memory.
MOST_BYTES = 4 * 2**30

# This much of the disk is left free: checkpoints and logs are written there, too.
LEFT_FREE = 2**30

# What is read, converted or written at once.
BLOCK_BYTES = 64 * 2**20

_folder: Path | None = None


class NoRoom(InputError):  # noqa: N818 - the state of a disk
    """An array fits neither into memory nor on the disk; the text is one line that names the folder."""


def use(folder: Path | None) -> None:
    """Put temporary files into `folder`, which is created when it is needed; None: where the system puts them."""
    global _folder
    _folder = folder


def most_bytes() -> int:
    """The size up to which an array is kept in memory."""
    return min(MOST_BYTES, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4)


def is_mapped(array: Array) -> bool:
    """Whether the elements of `array` lie in a memory map."""
    found: Any = array
    while isinstance(found, np.ndarray):
        found = found.base
    return isinstance(found, mmap.mmap)


class ArrayWriter:
    """Joins blocks [k, …] to an array [n, …]. `rows` is about how many there will be, None if nothing is known: if they
    are too many for memory, the first block is written to the disk already."""

    def __init__(self, rows: int | None = None) -> None:
        self._expected = rows or 0
        self._blocks: list[Array] = []
        self._rows = self._bytes = self._written = 0
        self._file: IO[bytes] | None = None

    def add(self, block: Array) -> None:
        """Append a block.

        Raises:
            NoRoom: it fits neither into memory nor on the disk.
            ValueError: its rows have another shape or dtype than those before.
        """
        first = self._blocks[0] if self._blocks else block
        if (first.shape[1:], first.dtype) != (block.shape[1:], block.dtype):
            forms = (f"{each.dtype} {list(each.shape[1:])}" for each in (first, block))
            raise ValueError(f"expected examples of one shape and dtype, found {' and '.join(forms)}")
        self._blocks.append(block)
        self._rows += len(block)
        self._bytes += block.nbytes
        expected = max(self._bytes, self._expected * block.nbytes // max(len(block), 1))
        if self._file is not None or expected > most_bytes():
            self._write(expected)

    def array(self) -> Array:
        """The array of all blocks, read-only if it is on the disk. Raises ValueError if there is no block."""
        if self._file is None:
            return np.concatenate(self._blocks)
        self._file.flush()
        shape = (self._rows, *self._blocks[0].shape[1:])
        return np.asarray(np.memmap(self._file, self._blocks[0].dtype, "r", shape=shape))

    def _write(self, expected: int) -> None:
        """Write the blocks in memory to the file; `expected` is the size of the whole in bytes."""
        folder = _folder or Path(tempfile.gettempdir())
        try:
            if self._file is None:
                folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the memory map outlives a block
            free = max(shutil.disk_usage(folder).free - LEFT_FREE, 0)
            if expected - self._written > free:
                raise NoRoom(
                    f"data of {_size(expected)} are too large for memory, where {_size(most_bytes())} may be, and for "
                    f"{folder}, where {_size(self._written + free)} may be"
                )
            for block in self._blocks:
                self._file.write(np.ascontiguousarray(block).data)
        except OSError as error:
            raise NoRoom(
                f"data of {_size(expected)} are too large for memory, and cannot be written to {folder}: "
                f"{error.strerror}"
            ) from None
        self._written = self._bytes
        self._blocks = [np.empty((0, *self._blocks[0].shape[1:]), self._blocks[0].dtype)]


def changed(array: Array, change: Callable[[Array], Array]) -> Array:
    """Apply `change`, which converts each row separately, to `array` [n, …]. Raises NoRoom."""
    if array.nbytes <= BLOCK_BYTES or change(array[:1]).dtype == array.dtype:
        return change(array)
    writer = ArrayWriter(len(array))
    for rows in blocks(array):
        writer.add(change(array[rows]))
    return writer.array()


def taken(array: Array, places: npt.NDArray[np.int64]) -> Array:
    """The rows of `array` [n, …] at these places, copied. Raises NoRoom."""
    if not is_mapped(array):
        return np.asarray(array[places])
    writer = ArrayWriter(len(places))
    for rows in blocks(array, len(places)):
        writer.add(np.asarray(array[places[rows]]))
    return writer.array()


def blocks(array: Array, count: int | None = None) -> list[slice]:
    """Slices of `count` rows of an array [n, …] (None: all), of about BLOCK_BYTES each."""
    rows = max(BLOCK_BYTES * len(array) // max(array.nbytes, 1), 1)
    return [slice(first, first + rows) for first in range(0, len(array) if count is None else count, rows)]


def _size(count: int) -> str:
    return f"{count / 1e9:.3g} GB"
