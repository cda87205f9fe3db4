"""Datasets from NumPy's .npz and .npy files. Nothing in them is unpickled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine import arrays
from engine.training import idx, prepared
from engine.training.dataset import MOST_BYTES, MOST_IMAGES, Array, Dataset, DatasetError
from engine.training.prepared import Names, Part

# What the images and the labels are called: by Keras, MedMNIST, scikit-learn, and others. A test set has the same names
# with `test` in place of `train`; without `train` in them there is none.
PAIRS = (
    ("x_train", "y_train"), ("train_images", "train_labels"), ("X_train", "y_train"), ("images_train", "labels_train"),
    ("x", "y"), ("X", "y"), ("images", "labels"), ("data", "target"), ("data", "labels"),
)  # fmt: skip

# Eight bytes may stand for a number that one byte holds, as int64 does.
_MOST_BYTES = 8 * (MOST_BYTES + MOST_IMAGES)

# Labels may be words.
_KINDS = arrays.NUMBERS + arrays.WORDS


def of_npz(name: str, path: Path, names: Names | None) -> Dataset:
    """The dataset in an .npz file: images and labels under one of the PAIRS of names. Raises DatasetError."""
    file = repr(str(path))
    try:
        with idx.opened(path) as source:
            there = arrays.names_of(source)
            pair = next((each for each in PAIRS if set(each) <= set(there)), None)
            if pair is None:
                raise ValueError(f"found {', '.join(there[:8]) or 'nothing'}")
            tested = tuple(each.replace("train", "test") for each in pair)
            halves = [pair, tested] if tested != pair and set(tested) <= set(there) else [pair]
            found = arrays.read_arrays(source, _MOST_BYTES, [each for half in halves for each in half], _KINDS)
    except (OSError, ValueError) as error:
        raise DatasetError(f"{file}: expected arrays x_train, y_train, x_test, y_test or the like ({error})") from None
    parts = [Part(found[x], found[y], f"{file}, {x}", f"{file}, {y}") for x, y in halves]
    return prepared.dataset(name, parts[0], parts[1] if parts[1:] else None, names)


def of_npy(name: str, path: Path, names: Names | None) -> Dataset:
    """The dataset of an .npy file of images, with labels beside it: `x_train.npy` and `y_train.npy`, or another of the
    PAIRS of names; with or without a test set. Raises DatasetError."""
    pair = next(_pairs(path), None)
    if pair is None:
        wanted = ", ".join(f"{x}.npy with {y}.npy" for x, y in PAIRS[:2])
        raise DatasetError(f"{str(path)!r}: expected images with labels beside them, as {wanted}")
    tested = [each.with_name(each.name.replace("train", "test")) for each in pair]
    halves = [pair, tested] if tested != pair and all(each.exists() for each in tested) else [pair]
    parts = [Part(_read(x), _read(y), repr(str(x)), repr(str(y))) for x, y in halves]
    return prepared.dataset(name, parts[0], parts[1] if parts[1:] else None, names)


def _pairs(path: Path) -> Iterator[list[Path]]:
    """The images and labels that the file is one of."""
    for x, y in PAIRS:
        both = [path.with_name(f"{each}.npy") for each in (x, y)]
        also = [each.name.replace("train", "test") for each in both]
        if path.name in {each.name for each in both} | set(also) and all(each.exists() for each in both):
            yield both


def _read(path: Path) -> Array:
    try:
        with idx.opened(path) as source:
            return arrays.read_array(source, _MOST_BYTES, _KINDS)
    except (OSError, ValueError) as error:
        raise DatasetError(f"{str(path)!r}: {error}") from None
