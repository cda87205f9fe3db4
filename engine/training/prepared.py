"""Images and labels as files have them, made a dataset: checked, split where there is no test set, scaled, and labels
made places in the list of classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.training.dataset import Array, Dataset, DatasetError, in_aligned_memory, test_count

# A first layer of 256 units has a kernel of this many rows of 1 kB: 200 MB, and Adam keeps two more of that size.
MOST_FEATURES = 200_000
MOST_CLASSES = 500

# Whole numbers up to 255 are a pixel's bytes where any is greater than this; others are scaled.
_PIXELS_REACH = 127

# Rows of fewer numbers are no small images.
_LEAST_PIXELS = 64

_LONGEST_NAME = 40
_LARGEST_LABEL = 2**31
_MOST_LISTED = 8


@dataclass(frozen=True)
class Part:
    """Images [n, …] of numbers and labels [n], whole numbers or words, not yet converted; with the names of their files
    for errors."""

    images: Array
    labels: Array
    images_file: str
    labels_file: str

    def at(self, places: Array) -> Part:
        """The examples at these places."""
        return replace(self, images=self.images[places], labels=self.labels[places])


@dataclass(frozen=True)
class Names:
    """Names for the classes in order; `file` gave them. Labels begin at 0, or at 1 where none is 0."""

    names: tuple[str, ...]
    file: str


def dataset(name: str, train: Part, test: Part | None, names: Names | None = None, note: str = "") -> Dataset:
    """The dataset called `name` of a part to train on and one to test on; where there is none, a fifth is kept apart.

    Raises:
        DatasetError: images and labels do not fit together, or are none.
    """
    train, test = _checked(train), None if test is None else _checked(test)
    if test is not None and _are_words(test) != _are_words(train):
        kinds = ("whole numbers", "words")
        expected, found = kinds[_are_words(train)], kinds[_are_words(test)]
        raise DatasetError(f"{test.labels_file}: expected {expected}, as {train.labels_file} has them, found {found}")
    train, test = _of_one_type(train, test)
    if test is not None and test.images.shape[1:] != train.images.shape[1:]:
        raise DatasetError(
            f"{test.images_file}: expected images of {size(train.images.shape[1:])}, as {train.images_file} has them, "
            f"found {size(test.images.shape[1:])}"
        )
    if test is None:
        train, test = _split(train)
        apart = f"{len(test.labels):,} examples drawn at random are" if len(test.labels) > 1 else "One example is"
        note = f"{note} {apart} kept apart to test on.".strip()
    elif _is_sorted(train.labels):
        train = train.at(np.random.default_rng(0).permutation(len(train.labels)))
    classes, labels = _classes(train, test, names)
    if names is not None and _are_words(train):
        note = f"{note} The names in {names.file} are not used: the classes have names.".strip()
    untrained = np.setdiff1d(np.arange(len(classes)), labels[0])
    if untrained.size:
        note = f"{note} There is no example of {listed([classes[each] for each in untrained])} to train on.".strip()
    low, high = _range(train)
    return Dataset(
        name,
        classes,
        False,
        train_images=_fixed(_scaled(train.images, low, high)),
        train_labels=_fixed(labels[0]),
        test_images=_fixed(_scaled(test.images, low, high)),
        test_labels=_fixed(labels[1]),
        note=note,
    )


def _fixed(array: Array) -> Array:
    """The array where TensorFlow can use it as it is, read-only."""
    array = in_aligned_memory(array)
    array.setflags(write=False)
    return array


def listed(names: Sequence[str]) -> str:
    """The names in a sentence, the first few of many."""
    return ", ".join(names[:_MOST_LISTED]) + (", …" if len(names) > _MOST_LISTED else "")


def size(shape: tuple[int, ...]) -> str:
    """The shape of an image in a word: `28x28`, `32x32x3`."""
    return "x".join(map(str, shape))


def is_name(text: str) -> bool:
    """Whether a class may be called so."""
    return bool(text) and text.isprintable() and len(text) <= _LONGEST_NAME


def _of_one_type(train: Part, test: Part | None) -> tuple[Part, Part | None]:
    """Convert the images of both parts to bytes if the numbers of both are those of pixels, else to float32.

    Raises:
        DatasetError: one part has numbers from 0 to 1, and the other whole numbers beyond them.
    """
    parts = [train] if test is None else [train, test]
    every = [part.images for part in parts]
    if all(each.dtype == np.uint8 for each in every):
        return train, test
    whole = all(each.dtype.kind in "iu" and each.min() >= 0 for each in every)
    greatest = max(each.max() for each in every)
    if whole and _PIXELS_REACH < greatest <= 255 and every[0].shape[1] > 1:  # rows of other numbers are no pixels
        return _converted(parts, np.uint8)
    if len({each.dtype.kind == "f" for each in every}) > 1 and any(each.max() <= 1 < greatest for each in every):
        found = " and ".join(f"{each.dtype} up to {each.max():g}" for each in every)
        raise DatasetError(f"{parts[-1].images_file}: expected numbers as those to train on have, found {found}")
    return _converted(parts, np.float32)


def _converted(parts: list[Part], dtype: type[np.generic]) -> tuple[Part, Part | None]:
    train, *test = [replace(part, images=part.images.astype(dtype, copy=False)) for part in parts]
    return train, test[0] if test else None


def _are_words(part: Part) -> bool:
    return bool(part.labels.dtype.kind == "U")


def _checked(part: Part) -> Part:
    images, labels = _images(part.images, part.images_file), _labels(part.labels, part.labels_file)
    if len(images) != len(labels):
        raise DatasetError(
            f"{part.labels_file}: expected {len(images)} labels, as there are images, found {len(labels)}"
        )
    return replace(part, images=images, labels=labels)


def _images(images: Array, file: str) -> Array:
    """Images [n, h, w] or [n, h, w, c] of whole numbers or float32; rows of numbers [n, d] as [n, 1, d] or squares."""
    if images.ndim not in (2, 3, 4) or not images.size or images.dtype.kind not in "biuf":
        raise DatasetError(
            f"{file}: expected images [n, height, width], [n, height, width, channels] or rows [n, numbers], "
            f"found {images.dtype} {list(images.shape)}"
        )
    if images.dtype == np.bool_:
        images = images.astype(np.uint8) * np.uint8(255)
    elif images.dtype.kind == "f":
        with np.errstate(over="ignore"):
            found, images = images, images.astype(np.float32, copy=False)
        if not np.isfinite(images).all():
            place = np.unravel_index(int(np.argmax(~np.isfinite(images))), images.shape)
            raise DatasetError(f"{file}: expected finite numbers of float32, found {found[place]} in image {place[0]}")
    channels = (1, 3, 4)
    if images.ndim == 4 and images.shape[3] not in channels and images.shape[1] in channels:
        images = np.moveaxis(images, 1, 3)  # PyTorch's order
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim == 2:
        side = _side(images.shape[1])
        images = images.reshape(len(images), *((side, side) if side else (1, images.shape[1])))
    if math.prod(images.shape[1:]) > MOST_FEATURES:
        raise DatasetError(
            f"{file}: expected at most {MOST_FEATURES:,} numbers an image, found {size(images.shape[1:])}"
        )
    return images


def _side(numbers: int) -> int:
    """The side of a square image of `numbers` pixels; 0 if they form no square or a square too small."""
    side = math.isqrt(numbers)
    return side if side * side == numbers >= _LEAST_PIXELS else 0


def _labels(labels: Array, file: str) -> Array:
    """Labels [n]: words, or whole numbers."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise DatasetError(f"{file}: expected labels [n], found {labels.dtype} {list(labels.shape)}")
    if labels.dtype.kind == "U":
        return labels
    if labels.dtype.kind not in "biuf":
        raise DatasetError(f"{file}: expected labels that are whole numbers or words, found {labels.dtype}")
    numbers = labels.astype(np.float64)
    wrong = (np.rint(numbers) != numbers) | (np.abs(numbers) > _LARGEST_LABEL)
    if wrong.any():
        raise DatasetError(f"{file}: expected labels that are whole numbers or words, found {labels[wrong][0]!s}")
    return labels.astype(np.int64)


def _split(part: Part) -> tuple[Part, Part]:
    """A part to train on and one to test on, drawn at random; always the same."""
    count = len(part.labels)
    if count < 2:
        raise DatasetError(f"{part.labels_file}: expected at least 2 examples, found {count}")
    order = np.random.default_rng(0).permutation(count)
    tested = test_count(count)
    return part.at(order[tested:]), part.at(order[:tested])


def _is_sorted(labels: Array) -> bool:
    """Whether examples lie class by class: the first ones would not be a sample of all."""
    return labels[0] != labels[-1] and bool((labels[1:] >= labels[:-1]).all())


def _classes(train: Part, test: Part, names: Names | None) -> tuple[tuple[str, ...], tuple[Array, Array]]:
    """The names of the classes in order, and the labels as places among them."""
    if _are_words(train) or names is None:
        labels, found = np.unique(np.concatenate([train.labels, test.labels]), return_inverse=True)
        classes = tuple(map(str, labels.tolist()))
    else:
        everything = np.concatenate([train.labels, test.labels])
        first, last = int(everything.min()), int(everything.max())
        from_one = first == 1 and last == len(names.names)
        classes, found = names.names, everything - int(from_one)
        for part in (train, test):
            low, high = int(part.labels.min()) - from_one, int(part.labels.max()) - from_one
            if low < 0 or high >= len(classes):
                expected = f"labels from 0 to {len(classes) - 1}, as {names.file} has {len(classes)} lines"
                raise DatasetError(f"{part.labels_file}: expected {expected}, found {high if low >= 0 else low}")
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise DatasetError(f"{train.labels_file}: expected 2 to {MOST_CLASSES} classes, found {len(classes):,}")
    if (bad := next((each for each in classes if not is_name(each)), None)) is not None:
        raise DatasetError(
            f"{train.labels_file}: expected class names of 1 to {_LONGEST_NAME} characters, found {bad!r}"
        )
    places = found.astype(np.uint8 if len(classes) <= 256 else np.int64)
    return classes, (places[: len(train.labels)], places[len(train.labels) :])


def _range(part: Part) -> tuple[Array | float, Array | float]:
    """The least and the greatest number: of each column of a table, of all images together. Raises DatasetError."""
    images = part.images
    if images.dtype == np.uint8:
        return 0.0, 1.0
    axis = 0 if images.shape[1] == 1 else None
    low, high = images.min(axis=axis), images.max(axis=axis)
    with np.errstate(over="ignore"):
        if not np.isfinite(high - low).all():
            raise DatasetError(f"{part.images_file}: expected numbers whose differences are finite in float32")
    return low, np.where(high > low, high, low + 1.0).astype(np.float32)


def _scaled(images: Array, low: Array | float, high: Array | float) -> Array:
    """Return images of float32 with `low` mapped to 0 and `high` to 1; images of bytes are returned unchanged."""
    return images if images.dtype == np.uint8 else ((images - low) / (high - low)).astype(np.float32)
