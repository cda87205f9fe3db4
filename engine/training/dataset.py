"""A dataset in memory: images and labels, independent of the file format."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import InputError

Array = npt.NDArray[Any]

# Where a tensor's memory must begin. Source: Eigen's largest packet, EIGEN_MAX_ALIGN_BYTES with AVX-512.
ALIGNMENT = 64

# Ten times the images of MNIST, in number and in bytes. What claims more is damage, a trap, or too large for memory.
MOST_IMAGES = 700_000
MOST_BYTES = MOST_IMAGES * 28 * 28


# Of data without a test set, this share is kept apart to test on.
TEST_SHARE = 0.2


class DatasetError(InputError):
    """A file of a dataset is missing, damaged or not what it should be; the text is one line that names it."""


@dataclass(frozen=True)
class Dataset:
    """Images to train on and to test on: [n, h, w] grey or [n, h, w, c], uint8, or float32 that training scales to
    [0, 1]; h is 1 for the rows of a table. Labels uint8 or int64 [n] are places in `class_names`.

    One that `is_original` has the labels of the published set called `name`. `note` says in a sentence what was done to
    the data, if anything. The validation images are kept apart from the training images to choose by; there are none
    at first.
    """

    name: str
    class_names: tuple[str, ...]
    is_original: bool
    train_images: Array
    train_labels: Array
    test_images: Array
    test_labels: Array
    note: str = ""
    validation_images: Array = field(default_factory=lambda: np.zeros(0, np.uint8))
    validation_labels: Array = field(default_factory=lambda: np.zeros(0, np.uint8))

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(h, w), or (h, w, c)."""
        return self.train_images.shape[1:]

    def kept_apart(self, count: int) -> Dataset:
        """The dataset with its last `count` training images kept apart for validation.

        Raises:
            DatasetError: there would be none left to train on.
        """
        if not count:
            return self
        left = len(self.train_labels) - count
        if left <= 0:
            raise DatasetError(f"--validation: {count:,} leaves none of {len(self.train_labels):,} images to train on")
        return replace(
            self,
            train_images=self.train_images[:left],
            train_labels=self.train_labels[:left],
            validation_images=self.train_images[left:],
            validation_labels=self.train_labels[left:],
        )


def test_count(count: int) -> int:
    """How many of `count` examples without a test set are kept apart to test on."""
    return max(round(count * TEST_SHARE), 1)


def flat(images: Array) -> Array:
    """Images [n, …] as rows [n, features]."""
    return images.reshape(len(images), -1)


def aligned(size: int) -> npt.NDArray[np.uint8]:
    """`size` bytes of memory that TensorFlow can use as it is, where otherwise it would take a copy."""
    memory = np.empty(size + ALIGNMENT, np.uint8)
    offset = -memory.ctypes.data % ALIGNMENT
    return memory[offset : offset + size]


def in_aligned_memory(array: Array) -> Array:
    """`array` itself where it lies as TensorFlow can use it, else a copy that does."""
    if array.flags.c_contiguous and array.ctypes.data % ALIGNMENT == 0:
        return array
    copy: Array = aligned(array.nbytes).view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
