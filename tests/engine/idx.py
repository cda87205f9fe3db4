"""Small datasets in the IDX format, written byte by byte from its description."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np


def images_file(images: np.ndarray) -> bytes:
    """An IDX file of images uint8 [n, h, w]."""
    return struct.pack(">IIII", 2051, *images.shape) + images.tobytes()


def labels_file(labels: np.ndarray) -> bytes:
    """An IDX file of labels uint8 [n]."""
    return struct.pack(">II", 2049, len(labels)) + labels.astype(np.uint8).tobytes()


def separable(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [count, 28, 28] with a bright bar whose place is the class 0 to 9, and a little noise, and
    labels."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, count).astype(np.uint8)
    images = random.integers(0, 40, (count, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4 + 2 * int(label) : 6 + 2 * int(label), 4:24] = 255
    return images, labels


def write_dataset(folder: Path, train: int = 400, test: int = 200, *, zipped: bool = True) -> Path:
    """A folder with the four files of a small dataset that is easy to learn."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, count, seed in (("train", train, 1), ("t10k", test, 2)):
        images, labels = separable(count, seed)
        for name, content in (
            (f"{stem}-images-idx3-ubyte", images_file(images)),
            (f"{stem}-labels-idx1-ubyte", labels_file(labels)),
        ):
            path = folder / (name + ".gz" if zipped else name)
            path.write_bytes(gzip.compress(content, 1) if zipped else content)
    return folder
