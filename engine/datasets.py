"""MNIST and Fashion-MNIST: the files that ship with gdtui, or a learner's own folder; verified and decoded.

A folder of one's own holds IDX files, gzipped or not, under the names of the originals, or is a Keras cache folder
(`~/.keras/datasets`), where MNIST is one `mnist.npz`.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.resources
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import InputError

Bytes = npt.NDArray[np.uint8]

SIDE = 28
CLASSES = 10

# Where a tensor's memory must begin. Source: Eigen's largest packet, EIGEN_MAX_ALIGN_BYTES with AVX-512.
ALIGNMENT = 64

# Files are unzipped in pieces of this size.
_PIECE_BYTES = 2**20

# Ten times the originals. A header that claims more is damage or a trap, and is refused before memory is asked for.
MOST_IMAGES = 700_000

# The magic numbers of IDX files of unsigned bytes with three dimensions and with one.
# Source: Y. LeCun, C. Cortes, C. Burges, The MNIST Database, "File formats".
_IMAGES_MAGIC, _LABELS_MAGIC = 2051, 2049

CLASS_NAMES: Mapping[str, tuple[str, ...]] = {
    "mnist": tuple(str(digit) for digit in range(CLASSES)),
    # Source: H. Xiao, K. Rasul, R. Vollgraf, 2017, arXiv:1708.07747, table 2.
    "fashion-mnist": (
        "T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
}  # fmt: skip

_PARTS = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


class DatasetError(InputError):
    """A file of a dataset is missing, damaged or not what it should be; the text is one line that names it."""


@dataclass(frozen=True)
class Dataset:
    """Images uint8 [n, 28, 28] and labels uint8 [n] to train on and to test on."""

    name: str
    class_names: tuple[str, ...]
    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes


def load(name: str, data_dir: str = "") -> Dataset:
    """The dataset `mnist` or `fashion-mnist`, as shipped or from `data_dir`. Its arrays are read-only.

    Raises:
        DatasetError: a file is missing or damaged, or its counts or shapes do not match.
    """
    return _from_folder(name, Path(data_dir).expanduser()) if data_dir else _shipped(name)


@cache
def _shipped(name: str) -> Dataset:
    """The dataset from assets/datasets; kept, because every run of a lesson asks for it again."""
    folder = importlib.resources.files("assets") / "datasets"
    lines = (folder / "SHA256SUMS").read_text("ascii").splitlines()
    sums = {path: found for found, path in (line.split() for line in lines)}
    raw = {}
    for part, stem in _PARTS.items():
        path = f"{name}/{stem}.gz"
        try:
            raw[part] = (folder / name / f"{stem}.gz").read_bytes()
        except OSError as error:
            raise DatasetError(f"{path}: cannot be read ({error.strerror}); reinstall gdtui") from None
        found = hashlib.sha256(raw[part]).hexdigest()
        if found != sums[path]:
            raise DatasetError(f"{path}: wrong sum; expected SHA-256 {sums[path]}, found {found}; reinstall gdtui")
    return _assemble(name, {part: (f"{name}/{_PARTS[part]}.gz", content) for part, content in raw.items()})


def _from_folder(name: str, given: Path) -> Dataset:
    """The dataset from the first place at or under `given` that holds it."""
    if not given.is_dir():
        raise DatasetError(f"--data-dir {str(given)!r} is not a folder; expected IDX files or a Keras cache folder")
    folders = (given, given / name, given / "datasets" / name, given / "datasets")
    for folder in folders:
        found = {part: _idx_file(folder, stem) for part, stem in _PARTS.items()}
        if all(found.values()):
            return _assemble(name, {part: (str(path), _bytes_of(path)) for part, path in found.items() if path})
        if any(found.values()):
            missing = ", ".join(stem for part, stem in _PARTS.items() if found[part] is None)
            raise DatasetError(f"--data-dir: {str(folder)!r} lacks {missing} (with or without .gz)")
        if (folder / f"{name}.npz").is_file():
            return _from_npz(name, folder / f"{name}.npz")
    wanted = ", ".join(_PARTS.values())
    raise DatasetError(f"--data-dir: {str(given)!r} holds no {name}; expected {wanted} (with or without .gz)")


def _idx_file(folder: Path, stem: str) -> Path | None:
    """The file called `stem`, gzipped or not; some copies write a dot before `idx`."""
    names = (stem + ".gz", stem, stem.replace("-idx", ".idx") + ".gz", stem.replace("-idx", ".idx"))
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{str(path)!r}: cannot be read ({error.strerror})") from None


def _assemble(name: str, files: Mapping[str, tuple[str, bytes]]) -> Dataset:
    """The dataset from the contents of its four files, each with the name to give in an error."""
    arrays = {}
    for part, (file, content) in files.items():
        decode = decode_images if part.endswith("images") else decode_labels
        arrays[part] = decode(file, content)
    return _checked(name, arrays, {part: file for part, (file, _) in files.items()})


def _checked(name: str, arrays: Mapping[str, Bytes], files: Mapping[str, str]) -> Dataset:
    for half in ("train", "test"):
        images, labels = arrays[f"{half}_images"], arrays[f"{half}_labels"]
        if len(images) != len(labels):
            file = files[f"{half}_labels"]
            raise DatasetError(f"{file}: expected {len(images)} labels, as there are images, found {len(labels)}")
    for array in arrays.values():
        array.setflags(write=False)
    return Dataset(name, CLASS_NAMES[name], **arrays)


def decode_images(file: str, content: bytes) -> Bytes:
    """The images uint8 [n, 28, 28] of an IDX file, gzipped or not. `file` names it in an error. Raises DatasetError."""
    header, stream = _opened(file, content, 16)
    magic, count, rows, columns = struct.unpack(">IIII", header)
    if magic != _IMAGES_MAGIC:
        raise DatasetError(f"{file}: wrong magic number; expected {_IMAGES_MAGIC} (images), found {magic}")
    if (rows, columns) != (SIDE, SIDE):
        raise DatasetError(f"{file}: expected images of {SIDE}x{SIDE}, found {rows}x{columns}")
    return _body(file, stream, count, "images", SIDE * SIDE).reshape(count, SIDE, SIDE)


def decode_labels(file: str, content: bytes) -> Bytes:
    """The labels uint8 [n], each 0 to 9, of an IDX file, gzipped or not. Raises DatasetError."""
    header, stream = _opened(file, content, 8)
    magic, count = struct.unpack(">II", header)
    if magic != _LABELS_MAGIC:
        raise DatasetError(f"{file}: wrong magic number; expected {_LABELS_MAGIC} (labels), found {magic}")
    labels = _body(file, stream, count, "labels", 1)
    if labels.max() >= CLASSES:
        raise DatasetError(f"{file}: expected labels from 0 to {CLASSES - 1}, found {labels.max()}")
    return labels


def _opened(file: str, content: bytes, header_bytes: int) -> tuple[bytes, io.BufferedIOBase]:
    """The header of an IDX file and the stream behind it, unzipped on the way if need be."""
    plain = io.BytesIO(content)
    stream: io.BufferedIOBase = gzip.GzipFile(fileobj=plain) if content[:2] == b"\x1f\x8b" else plain
    header = _read(file, stream, header_bytes)
    if len(header) < header_bytes:
        raise DatasetError(f"{file}: expected an IDX header of {header_bytes} bytes, found {len(header)}")
    return header, stream


def _body(file: str, stream: io.BufferedIOBase, count: int, what: str, size: int) -> Bytes:
    """`count` items of `size` bytes, and nothing behind them."""
    if not 1 <= count <= MOST_IMAGES:
        raise DatasetError(f"{file}: expected 1 to {MOST_IMAGES} {what}, its header says {count}")
    wanted = count * size
    body, found = _aligned(wanted), 0
    while piece := _read(file, stream, _PIECE_BYTES):  # to the end: only there gzip checks its sum
        if found + len(piece) > wanted:
            raise DatasetError(f"{file}: expected {count} {what}, {wanted} bytes behind its header, found more")
        body[found : found + len(piece)] = np.frombuffer(piece, np.uint8)
        found += len(piece)
    if found < wanted:
        raise DatasetError(f"{file}: expected {count} {what}, {wanted} bytes behind its header, found {found} bytes")
    return body


def _aligned(size: int) -> Bytes:
    """`size` bytes of memory that TensorFlow can use as it is, where otherwise it would take a copy."""
    memory = np.empty(size + ALIGNMENT, np.uint8)
    offset = -memory.ctypes.data % ALIGNMENT
    return memory[offset : offset + size]


def _read(file: str, stream: io.BufferedIOBase, size: int) -> bytes:
    try:
        return stream.read(size)
    except (EOFError, OSError, zlib.error, struct.error) as error:
        raise DatasetError(f"{file}: damaged gzip data ({error}); expected the whole file as published") from None


def _from_npz(name: str, path: Path) -> Dataset:
    """A dataset from the file that Keras keeps: x_train, y_train, x_test, y_test. Nothing in it is unpickled."""
    keras_names = {
        "train_images": "x_train",
        "train_labels": "y_train",
        "test_images": "x_test",
        "test_labels": "y_test",
    }
    file = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_IMAGES * (SIDE * SIDE + 1):
            raise DatasetError(f"{file}: expected at most {MOST_IMAGES} images, it unpacks to {unpacked} bytes")
        with np.load(path, allow_pickle=False) as found:
            arrays: dict[str, Any] = {part: np.asarray(found[key]) for part, key in keras_names.items()}
    except (OSError, EOFError, ValueError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DatasetError(f"{file}: expected x_train, y_train, x_test and y_test of bytes ({reason})") from None
    for part, array in arrays.items():
        shape = (SIDE, SIDE) if part.endswith("images") else ()
        if array.dtype != np.uint8 or array.shape[1:] != shape or array.ndim != len(shape) + 1 or not len(array):
            raise DatasetError(
                f"{file}: expected {keras_names[part]} uint8 [n{', 28, 28' if shape else ''}], "
                f"found {array.dtype} {list(array.shape)}"
            )
        if not shape and array.max() >= CLASSES:
            raise DatasetError(f"{file}: expected labels from 0 to {CLASSES - 1}, found {array.max()}")
    return _checked(name, arrays, dict.fromkeys(arrays, file))
