"""The layout of the descent pane's panels."""

from __future__ import annotations

from typing import Literal

Arrangement = Literal["beside", "below", "tabs"]
ARRANGEMENTS: tuple[Arrangement, ...] = ("beside", "below", "tabs")

BESIDE_WIDTH, BESIDE_HEIGHT = 76, 14
BELOW_WIDTH, BELOW_HEIGHT = 44, 26
"""The sizes from which the panels are beside the map, and from which they are below it."""
PANEL_WIDTH, WIDE_PANEL_WIDTH = 31, 46
"""The widths of the race beside the map: with each path's value and step of arrival, and with the minimum too."""
METER_HEIGHT = 16
"""The height from which there is a row for stability."""


def arrangement(width: int, height: int) -> Arrangement:
    """Whether the other panels are beside the map, below it, or in tabs."""
    if width >= BESIDE_WIDTH and height >= BESIDE_HEIGHT:
        return "beside"
    return "below" if width >= BELOW_WIDTH and height >= BELOW_HEIGHT else "tabs"


def map_width(width: int, height: int) -> int:
    """The width of the map beside its panels: a fifth more than its height, if the panels stay readable."""
    wanted = 5 + round(2 * max(height - 5, 1) * 1.2)
    least = PANEL_WIDTH if width < 110 else WIDE_PANEL_WIDTH
    return max(min(wanted, width - least - 2), PANEL_WIDTH)


def race_height(paths: int, height: int) -> int:
    """The height of the race above the side view: what it needs, but at most half."""
    return min(max(paths, 1) + 3, max(height // 2 - 1, 4))


def below_height(height: int) -> int:
    """The height of the panels below the map."""
    return min(max(round(height * 0.28), 8), 16)
