"""The data of every contestant: the same images in batches of the same size. Only NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.training import datasets

WIDTHS = (784, 256, 128, 64, 32, 10)
BATCH = 128
LEARNING_RATE = 1e-3
EPOCHS = 30


@dataclass(frozen=True)
class Pictures:
    """Pixels float32 [n, 784] in [0, 1] and labels int32 [n], for training and testing."""

    train_x: npt.NDArray[np.float32]
    train_y: npt.NDArray[np.int32]
    test_x: npt.NDArray[np.float32]
    test_y: npt.NDArray[np.int32]

    @property
    def steps(self) -> int:
        """Steps of an epoch, the short one at its end included."""
        return -(-len(self.train_y) // BATCH)


def pictures() -> Pictures:
    """Load Fashion-MNIST as shipped."""
    found = datasets.load("fashion-mnist")
    return Pictures(
        found.train_images.reshape(-1, 784).astype(np.float32) / np.float32(255),
        found.train_labels.astype(np.int32),
        found.test_images.reshape(-1, 784).astype(np.float32) / np.float32(255),
        found.test_labels.astype(np.int32),
    )
