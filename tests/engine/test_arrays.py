"""NumPy's archives from untrusted sources: their arrays, or a one-line error."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.arrays import NUMBERS, WORDS, read_arrays

MOST = 2**24


def saved(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def with_header(header: str, content: bytes = bytes(40), how: int = zipfile.ZIP_STORED) -> bytes:
    """An archive whose one array has this header and content."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + content)
    return file.getvalue()


def numbers(shape: str, kind: str = "<f4") -> str:
    return f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}\n"


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.asfortranarray(np.arange(12, dtype=np.int64).reshape(3, 4)),
        np.array(7, np.uint8),
        np.zeros((0, 3)),
        np.array([1, 2], ">f8"),
        np.array([True, False]),
    ],
)
def test_what_numpy_writes_is_read(array: np.ndarray) -> None:
    for content in (saved(x=array), saved(other=np.zeros(3), x=array)):
        found = read_arrays(io.BytesIO(content), MOST, ["x"])
        assert list(found) == ["x"]
        assert found["x"].dtype == array.dtype
        np.testing.assert_array_equal(found["x"], array)


def encrypted() -> bytes:
    content = bytearray(saved(x=np.zeros(3)))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (with_header("("), "no .npz file, or a damaged one"),
        (with_header("(" * 900), "no .npz file, or a damaged one"),
        (with_header("{'"), "no .npz file, or a damaged one"),
        (with_header(numbers("(10000000000000,)")), "claims 40000000000000 bytes, and 40 are there"),
        (with_header(numbers("(-10,)")), "x: expected numbers, found"),
        (with_header(numbers("(-5, -2)")), "x: expected numbers, found"),
        (with_header(numbers("(10,)", "|O")), "not unpickled"),
        (with_header(numbers("(10,)", "<U1")), "x: expected numbers, found"),
        (with_header(numbers("(9,)")), "claims 36 bytes, and 40 are there"),
        (with_header(numbers("(10,)"), how=zipfile.ZIP_BZIP2), "compressed in a way"),
        (with_header(numbers("(10,)"), how=zipfile.ZIP_LZMA), "compressed in a way"),
        (with_header(numbers(f"({MOST},)", "|u1"), bytes(MOST), zipfile.ZIP_DEFLATED), "unpack to"),
        (encrypted(), "it is encrypted"),
        (saved(y=np.zeros(3)), "it lacks x"),
        (b"", "no .npz file, or a damaged one"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",  # the bytes hold the time of day
)
def test_what_is_damaged_or_a_trap_is_one_line(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        read_arrays(io.BytesIO(content), MOST, ["x"])
    assert len(str(caught.value).splitlines()) == 1


def test_a_list_of_entries_that_claims_gigabytes_is_not_read(tmp_path: Path) -> None:
    size = 2**31
    with (tmp_path / "x.npz").open("wb+") as file:
        file.truncate(size)
        file.seek(size)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0))
        tracemalloc.start()
        try:
            with pytest.raises(ValueError, match="list of entries is too large"):
                read_arrays(file, MOST)
            assert tracemalloc.get_traced_memory()[1] < 2**24
        finally:
            tracemalloc.stop()


def test_words_are_read_where_they_are_expected() -> None:
    words = np.array(["T-shirt", "ε", ""], ">U8")
    found = read_arrays(io.BytesIO(saved(x=words)), MOST, ["x"], NUMBERS + WORDS)
    assert found["x"].tolist() == words.tolist()
    with pytest.raises(ValueError, match="x: its words have characters that do not exist"):
        read_arrays(io.BytesIO(with_header(numbers("(10,)", "<U1"), b"\xff" * 40)), MOST, ["x"], NUMBERS + WORDS)


@given(st.binary(max_size=40), st.integers(0, 400))
def test_any_damage_is_one_line_or_changes_no_number(noise: bytes, place: int) -> None:
    content = bytearray(saved(x=np.arange(5.0)))
    content[place : place + len(noise)] = noise
    try:
        found = read_arrays(io.BytesIO(bytes(content)), MOST, ["x"])
    except (ValueError, OSError) as error:
        assert len(str(error).splitlines()) == 1
    else:
        np.testing.assert_array_equal(found["x"], np.arange(5.0))
