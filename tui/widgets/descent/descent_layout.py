"""How the panels of the descent pane share the room there is."""

from __future__ import annotations

from typing import Literal

Arrangement = Literal["beside", "below", "tabs"]
ARRANGEMENTS: tuple[Arrangement, ...] = ("beside", "below", "tabs")

BESIDE_WIDTH, BESIDE_HEIGHT = 76, 14
BELOW_WIDTH, BELOW_HEIGHT = 44, 26
"""From which size on the panels stand beside the map, and from which on below it."""
PANEL_WIDTH, WIDE_PANEL_WIDTH = 31, 46
"""What the race needs beside the map: each path's value and the step of its arrival; and where it arrived too."""
METER_HEIGHT = 16
"""From this height on there is a row for stability."""


def arrangement(width: int, height: int) -> Arrangement:
    """Whether the other panels stand beside the map, below it, or take turns with it."""
    if width >= BESIDE_WIDTH and height >= BESIDE_HEIGHT:
        return "beside"
    return "below" if width >= BELOW_WIDTH and height >= BELOW_HEIGHT else "tabs"


def map_width(width: int, height: int) -> int:
    """Columns for the map beside its panels: a fifth wider than high, as far as the panels can read beside it."""
    wanted = 5 + round(2 * max(height - 5, 1) * 1.2)
    least = PANEL_WIDTH if width < 110 else WIDE_PANEL_WIDTH
    return max(min(wanted, width - least - 2), PANEL_WIDTH)


def race_height(paths: int, height: int) -> int:
    """Rows for the race above the side view: what it needs, but at most half."""
    return min(max(paths, 1) + 3, max(height // 2 - 1, 4))


def below_height(height: int) -> int:
    """Rows for the panels below the map."""
    return min(max(round(height * 0.28), 8), 16)
