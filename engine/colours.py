"""The colour tables that all pictures share, on the screen and in the log: viridis for heights, Okabe–Ito for
series."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

BLACK, ORANGE, SKY_BLUE, GREEN = 0x000000, 0xE69F00, 0x56B4E9, 0x009E73
YELLOW, BLUE, VERMILION, PURPLE = 0xF0E442, 0x0072B2, 0xD55E00, 0xCC79A7
"""Colours 0xRRGGBB that can be distinguished with any common colour blindness.

Source: M. Okabe and K. Ito, Color Universal Design, 2008.
"""

_VIRIDIS = (0x440154, 0x482878, 0x3E4A89, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B, 0xFDE725)
"""Ten evenly spaced colours of the 256. Source: S. van der Walt, N. Smith, viridis, matplotlib 1.5, 2015, CC0."""


def rgb(colour: int) -> tuple[int, int, int]:
    """Split a colour 0xRRGGBB into red, green and blue, 0 to 255 each."""
    return colour >> 16, colour >> 8 & 255, colour & 255


@lru_cache(maxsize=8)
def viridis(levels: int) -> npt.NDArray[np.float64]:
    """Return viridis from low to high in `levels` evenly spaced colours: red, green, blue from 0 to 255, float64
    [levels, 3], read-only."""
    anchors = np.array([rgb(colour) for colour in _VIRIDIS], np.float64)
    at = np.linspace(0, len(anchors) - 1, levels)
    table = np.stack([np.interp(at, np.arange(len(anchors)), anchors[:, c]) for c in range(3)], axis=-1)
    table.setflags(write=False)
    return table
