"""Small curves as rows of bars, all on one scale: the options of an exercise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.events import FloatArray
from tui.text.glyphs import UNICODE, Glyphs

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = ".:-=+*#@"


def curve_bars(curves: Mapping[str, FloatArray], glyphs: Glyphs = UNICODE) -> dict[str, str]:
    """Draw each curve, by name, as a text of one character per value; empty if there are no curves."""
    if not curves:
        return {}
    bars = _PLAIN_BARS if glyphs.ascii else _BARS
    low = min(float(curve.min()) for curve in curves.values())
    high = max(float(curve.max()) for curve in curves.values())
    scale = (len(bars) - 1) / ((high - low) or 1.0)
    return {
        name: "".join(bars[int(level)] for level in np.rint((curve - low) * scale)) for name, curve in curves.items()
    }
