"""CRC-32C and its TFRecord mask, in Python and NumPy: short data in a loop, long data in many lanes at once.

Source: G. Castagnoli, S. Bräuer, M. Herrmann, IEEE Transactions on Communications 41(6), 1993; the reflected polynomial
0x82F63B78. The mask: TensorFlow, tensorflow/core/lib/hash/crc32c.h.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78
_MASK_DELTA = 0xA282EAD8

# From this length on, lanes of NumPy are faster than a loop over pairs of bytes.
_LONG = 16_384
_LANE_BYTES = 256

# From this many data of one length on, computing them at once is faster than one after another.
_FEW = 8
_MOST_LANES = 4096  # a megabyte at a time, which stays in the cache


def masked_crc32c(data: bytes | memoryview) -> int:
    """The checksum that a TFRecord file keeps of `data`."""
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def crc32c(data: bytes | memoryview) -> int:
    """The CRC-32C of `data`, in [0, 2³²)."""
    register, rest = 0xFFFFFFFF, memoryview(data)
    while len(rest) >= _LONG:
        register, done = _lanes(rest, register)
        rest = rest[done:]
    return _loop(rest, register) ^ 0xFFFFFFFF


def masked_crc32c_of_many(data: Sequence[bytes]) -> list[int]:
    """The checksums of data that are all of one length, computed at once."""
    if len(data) < _FEW:
        return [masked_crc32c(each) for each in data]
    size = len(data[0])
    rows = np.frombuffer(b"".join(data), np.uint8).reshape(len(data), size)
    even = size & ~1
    words = np.ascontiguousarray(rows[:, :even]).view("<u2").T.astype(np.uint32)
    table = _table(16)
    registers = np.full(len(data), 0xFFFFFFFF, np.uint32)
    for pairs in words:
        registers = table[(registers ^ pairs) & 0xFFFF] ^ (registers >> 16)
    if size > even:
        registers = _table(8)[(registers ^ rows[:, even]) & 0xFF] ^ (registers >> 8)
    crcs = registers.astype(np.uint64) ^ 0xFFFFFFFF
    masked = ((crcs >> 15) | (crcs << 17) & 0xFFFFFFFF) + _MASK_DELTA & 0xFFFFFFFF
    found: list[int] = masked.tolist()
    return found


def _loop(data: memoryview, register: int) -> int:
    """The register after `data`, two bytes at a time."""
    pairs, single = _tables()
    even = len(data) & ~1
    # From bytes and not by cast, which would take the machine's own order of bytes.
    for pair in np.frombuffer(data[:even], "<u2").tolist():
        register = pairs[(register ^ pair) & 0xFFFF] ^ (register >> 16)
    if len(data) > even:
        register = single[(register ^ data[even]) & 0xFF] ^ (register >> 8)
    return register


@cache
def _tables() -> tuple[list[int], list[int]]:
    """The register's change by two bytes, and by one."""
    single, pairs = _table(8), _table(16)
    return pairs.tolist(), single.tolist()


@cache
def _table(bits: int) -> Words:
    """What `bits` bits shifted out of the register put into it: uint32 [2^bits]."""
    register = np.arange(2**bits, dtype=np.uint32)
    for _ in range(bits):
        register = (register >> 1) ^ np.where(register & 1, np.uint32(_POLYNOMIAL), np.uint32(0))
    return register


def _lanes(data: memoryview, register: int) -> tuple[int, int]:
    """The register after a part of `data` that is a power of two of lanes, and that part's length.

    Each lane is run through the table on its own, from 0 but for the first; then neighbours are joined, the left one
    moved on by the right one's length.
    """
    lanes = min(2 ** ((len(data) // _LANE_BYTES).bit_length() - 1), _MOST_LANES)
    words = np.frombuffer(data, "<u2", lanes * _LANE_BYTES // 2).reshape(lanes, -1).T.astype(np.uint32)
    table = _table(16)
    registers = np.zeros(lanes, np.uint32)
    registers[0] = register
    for pairs in words:
        registers = table[(registers ^ pairs) & 0xFFFF] ^ (registers >> 16)
    doublings = 0
    while len(registers) > 1:
        registers = _moved(registers[::2], doublings) ^ registers[1::2]
        doublings += 1
    return int(registers[0]), lanes * _LANE_BYTES


def _moved(registers: Words, doublings: int) -> Words:
    """Registers after as many zeros as a lane is long, doubled that often: a linear map, so a table for each byte."""
    tables = _moves(doublings)
    moved: Words = tables[0][registers & 0xFF]
    for place in (1, 2, 3):
        moved ^= tables[place][registers >> (8 * place) & 0xFF]
    return moved


@cache
def _moves(doublings: int) -> Words:
    """What each byte of a register becomes by that move: uint32 [4, 256]."""
    byte = np.arange(256, dtype=np.uint32)
    moved = np.stack([byte << (8 * place) for place in range(4)])
    if doublings:
        return _moved(_moved(moved, doublings - 1), doublings - 1)
    table = _table(8)
    for _ in range(_LANE_BYTES):
        moved = table[moved & 0xFF] ^ (moved >> 8)
    return moved
