"""Cells whose colours are numbers, for pictures where every cell has its own: fast to fill, compare and write."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

NONE = -1
"""No colour: the widget's own shows."""
BOLD, REVERSE = 1, 2


class Raster:
    """`width` by `height` cells: characters, foreground and background colours (0xRRGGBB or NONE), and attributes."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.chars = np.full((height, width), " ", dtype="<U1")
        self.front = np.full((height, width), NONE, dtype=np.int32)
        self.back = np.full((height, width), NONE, dtype=np.int32)
        self.attributes = np.zeros((height, width), dtype=np.int32)

    def copy(self) -> Raster:
        """A copy to draw on."""
        twin = Raster.__new__(Raster)
        twin.width, twin.height = self.width, self.height
        twin.chars, twin.front = self.chars.copy(), self.front.copy()
        twin.back, twin.attributes = self.back.copy(), self.attributes.copy()
        return twin

    def put(self, x: int, y: int, text: str, front: int, attributes: int = 0) -> None:
        """Write narrow characters, keeping the background; what falls outside is left out."""
        if not 0 <= y < self.height:
            return
        for column, char in enumerate(text, x):
            if 0 <= column < self.width:
                self.chars[y, column] = char
                self.front[y, column] = front
                self.attributes[y, column] = attributes

    def codes(self) -> npt.NDArray[np.int64]:
        """The appearance of each cell as one number, int64 [height, width]; equal for cells that look the same in a
        terminal."""
        front = np.where((self.chars == " ") & (self.attributes & REVERSE == 0), NONE, self.front).astype(np.int64)
        return np.asarray((front + 1) << 27 | (self.back.astype(np.int64) + 1) << 2 | self.attributes)
