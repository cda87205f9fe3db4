"""The data of the classifier lessons: MNIST and Fashion-MNIST as they ship with gdtui, or a learner's own.

A folder of one's own holds IDX files, gzipped or not, as MNIST, EMNIST, KMNIST and QMNIST have them; or is a Keras
cache folder (`~/.keras/datasets`), where MNIST is one `mnist.npz`; or the root of torchvision's datasets, which keeps
them in `NAME/raw`; or it has a folder of images for each class. A single file is .npz, .npy, CSV, or one of a set of
IDX files. Names for the classes are the lines of a `labels.txt` beside them.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import io
import zlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import IO

from engine.files import read_regular
from engine.training import array_files, idx, image_folders, prepared, table_files
from engine.training.dataset import Dataset, DatasetError
from engine.training.prepared import MOST_CLASSES, Names, Part

CLASS_NAMES: Mapping[str, tuple[str, ...]] = {
    "mnist": tuple(str(digit) for digit in range(10)),
    # Source: H. Xiao, K. Rasul, R. Vollgraf, 2017, arXiv:1708.07747, table 2.
    "fashion-mnist": (
        "T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
}  # fmt: skip

# Names for the classes of one's own data: a file with a line for each.
NAMES_FILES = ("labels.txt", "class-names.txt")
_MOST_NAMES_BYTES = 2**16

# CRC-32 of the training labels and then the test labels, which identify the originals in every file format.
_LABELS_SUM = {"mnist": 2816178722, "fashion-mnist": 4051253088}

# What torchvision calls their folders.
_TORCHVISION = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}

_EXPECTED = ".npz, .npy, .csv, or an IDX file such as train-images-idx3-ubyte.gz"


def load(name: str, data_dir: str = "", data: str = "") -> Dataset:
    """The dataset `mnist` or `fashion-mnist` as shipped, or what is in the folder `data_dir` or the file `data`. Its
    arrays are read-only.

    Raises:
        DatasetError: a file is missing or damaged, or its counts or shapes do not match; or both are given.
    """
    if not data_dir and not data:
        return _shipped(name)
    if data_dir and data:
        raise DatasetError("--data and --data-dir are both given; expected one of them")
    option, given = ("--data-dir", data_dir) if data_dir else ("--data", data)
    try:
        found = (_found_in if data_dir else _of_file)(name, Path(given).expanduser())
    except (OSError, RuntimeError) as error:  # `~name` is RuntimeError where no user has that name
        told = error.strerror if isinstance(error, OSError) else error
        raise DatasetError(f"{option} {given!r} cannot be read ({told})") from None
    return found


@cache
def _shipped(name: str) -> Dataset:
    """Load the dataset from assets/datasets; cached, because every run of a lesson loads it."""
    folder = importlib.resources.files("assets") / "datasets"
    lines = (folder / "SHA256SUMS").read_text("ascii").splitlines()
    sums = {path: found for found, path in (line.split() for line in lines)}
    raw = {}
    for part, stem in idx.PARTS.items():
        path = f"{name}/{stem}.gz"
        try:
            raw[part] = (folder / name / f"{stem}.gz").read_bytes()
        except OSError as error:
            raise DatasetError(f"{path}: cannot be read ({error.strerror}); reinstall gdtui") from None
        found = hashlib.sha256(raw[part]).hexdigest()
        if found != sums[path]:
            raise DatasetError(f"{path}: wrong sum; expected SHA-256 {sums[path]}, found {found}; reinstall gdtui")
    files = {part: (f"{name}/{idx.PARTS[part]}.gz", io.BytesIO(content)) for part, content in raw.items()}
    return _decoded(name, files, None)


def _found_in(name: str, given: Path) -> Dataset:
    """The dataset from the first place at or under `given` that holds one. Raises DatasetError, OSError."""
    if not given.is_dir():
        raise DatasetError(
            f"--data-dir {str(given)!r} is not a folder; expected one of IDX files, of a folder of images for each "
            "class, or a Keras cache folder"
        )
    torch = given / _TORCHVISION[name] / "raw"
    for folder in (given, given / name, given / "raw", torch, given / "datasets" / name, given / "datasets"):
        if folder.is_dir() and (found := _here(name, folder)) is not None:
            return found
    if raw := sorted(folder for folder in given.glob("*/raw") if idx.sets_of(folder.iterdir())):
        if len(raw) > 1:
            names = ", ".join(folder.parent.name for folder in raw)
            raise DatasetError(f"--data-dir: {str(given)!r} holds {names}; expected the folder of one of them")
        return _of_sets(name, raw[0])
    if image_folders.holds_images(given):
        return image_folders.dataset(name, given, _given_names(given))
    if below := image_folders.below(given):
        raise DatasetError(f"--data-dir: {str(given)!r} has no folders of images; expected its folder {str(below)!r}")
    wanted = ", ".join(idx.PARTS.values())
    raise DatasetError(
        f"--data-dir: {str(given)!r} holds no {name}; expected {wanted} (with or without .gz), {name}.npz, or a "
        "folder of images for each class"
    )


def _here(name: str, folder: Path) -> Dataset | None:
    """The dataset whose files lie in this very folder, if any do."""
    if idx.sets_of(folder.iterdir()):
        return _of_sets(name, folder)
    path = folder / f"{name}.npz"
    if path.exists():
        return _known(array_files.of_npz(name, path, _given_names(folder)), _given_names(folder))
    return None


def _of_sets(name: str, folder: Path) -> Dataset:
    """The dataset from a folder's IDX files: its only set, or the one that is called like the lesson's."""
    sets = idx.sets_of(folder.iterdir())
    whole = {each: files for each, files in sets.items() if not idx.missing_of(files)}
    chosen = next((each for each in ("", name) if each in whole), next(iter(whole), None) if len(whole) == 1 else None)
    if chosen is not None:
        return _of_set(name, whole[chosen], folder)
    if whole:
        raise DatasetError(
            f"--data-dir: {str(folder)!r} holds {', '.join(sorted(whole))}; expected one set: name a file with --data"
        )
    missing = ", ".join(idx.missing_of(min(sets.values(), key=lambda files: len(idx.missing_of(files)))))
    raise DatasetError(f"--data-dir: {str(folder)!r} lacks {missing} (with or without .gz)")


def _of_set(name: str, files: idx.Set, folder: Path) -> Dataset:
    """The dataset from the four files of a set."""
    with ExitStack() as until_read:
        opened = {part: (str(path), until_read.enter_context(idx.opened(path))) for part, path in files.items()}
        return _decoded(name, opened, _given_names(folder))


def _decoded(name: str, files: Mapping[str, tuple[str, IO[bytes]]], names: Names | None) -> Dataset:
    """The dataset from its four files, each with the name to give in an error."""
    halves: dict[str, Part] = {}
    for half in ("train", "test"):
        (images_file, images), (labels_file, labels) = files[f"{half}_images"], files[f"{half}_labels"]
        decoded = idx.decode_images(images_file, images)
        if Path(images_file).name.startswith("emnist-"):
            decoded = decoded.swapaxes(1, 2)  # EMNIST's images lie on their side
        halves[half] = Part(decoded, idx.decode_labels(labels_file, labels), images_file, labels_file)
    return _known(prepared.dataset(name, halves["train"], halves["test"], names), names)


def _known(found: Dataset, names: Names | None) -> Dataset:
    """The dataset with the names of its classes, where it is the original."""
    labels_sum = zlib.crc32(found.test_labels.tobytes(), zlib.crc32(found.train_labels.tobytes()))
    if labels_sum != _LABELS_SUM[found.name]:
        return found
    return replace(found, is_original=True, class_names=found.class_names if names else CLASS_NAMES[found.name])


def _of_file(name: str, path: Path) -> Dataset:
    """The dataset from one file. Raises DatasetError, OSError."""
    if table_files.is_table(path):
        return table_files.dataset(name, path)
    if not path.exists():
        raise DatasetError(f"--data {str(path)!r}: there is no such file; expected {_EXPECTED}")
    if path.is_dir():
        raise DatasetError(f"--data {str(path)!r} is a folder; expected {_EXPECTED}; --data-dir takes a folder")
    names = _given_names(path.parent)
    readers: dict[str, Callable[[str, Path, Names | None], Dataset]] = {
        ".npz": array_files.of_npz,
        ".npy": array_files.of_npy,
    }
    if path.suffix.lower() in readers:
        return _known(readers[path.suffix.lower()](name, path, names), names)
    for files in idx.sets_of(path.parent.iterdir()).values():
        if path.name in {each.name for each in files.values()}:
            if missing := idx.missing_of(files):
                raise DatasetError(f"--data {str(path)!r}: beside it there is no {', '.join(missing)}")
            return _of_set(name, files, path.parent)
    raise DatasetError(f"--data {str(path)!r} is of a kind that is not read; expected {_EXPECTED}")


def _given_names(folder: Path) -> Names | None:
    """The names that a folder gives its classes, from 0 on; None where it gives none. Raises DatasetError."""
    for file in NAMES_FILES:
        path = folder / file
        try:
            lines = read_regular(path, _MOST_NAMES_BYTES, follow=True).decode("utf-8-sig").splitlines()
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            told = error.strerror if isinstance(error, OSError) else error
            raise DatasetError(f"{str(path)!r}: cannot be read ({told})") from None
        names = tuple(line.strip() for line in lines if line.strip())
        if not 2 <= len(names) <= MOST_CLASSES or not all(map(prepared.is_name, names)):
            raise DatasetError(f"{str(path)!r}: expected a line for each class, of at most 40 characters")
        if twice := next((each for place, each in enumerate(names) if each in names[:place]), None):
            raise DatasetError(f"{str(path)!r}: expected a name of its own for each class, found {twice!r} twice")
        return Names(names, repr(str(path)))
    return None
