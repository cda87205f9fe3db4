"""Colours of maps: a perceptual ramp for heights, distinct from the colours of what is drawn on it.

A colour is an int 0xRRGGBB. The ramp is viridis, limited to a band of lightness: dark on a dark theme and light on a
light one, so paths, marks and arrows stand out everywhere.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from engine.colours import viridis
from tui.plot.series_styles import DARK, LIGHT

Colours = npt.NDArray[np.int32]

LEVELS = 32
"""The number of shades of a map: enough to look smooth, and few enough that neighbours often share one."""

_XTERM_DARK = (16, 17, 18, 24, 23, 29, 65, 64, 100)
_XTERM_LIGHT = (140, 110, 116, 151, 157, 192, 229)
"""The same ramps in the colours of a 256-colour terminal; finer shades would only be noise."""
_XTERM_BASINS_DARK = (24, 94, 29, 96, 100, 88)
_XTERM_BASINS_LIGHT = (110, 216, 115, 182, 180, 145)
_SIXTEEN_DARK = (0x000000, 0x0000AA, 0x555555)
_SIXTEEN_LIGHT = (0x00AAAA, 0xAAAAAA, 0xFFFFFF)
_SIXTEEN_BASINS = (0x0000AA, 0xAA5500, 0x00AA00, 0xAA00AA, 0x00AAAA, 0xAA0000)


def channels(colours: Colours) -> npt.NDArray[np.float64]:
    """Red, green and blue, float64 [..., 3] in 0 to 255."""
    return np.stack([(colours >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(np.float64)


def packed(rgb: npt.NDArray[np.float64]) -> Colours:
    """Colours of channels [..., 3]; the inverse of `channels`."""
    whole = np.clip(np.rint(rgb), 0, 255).astype(np.int32)
    return np.asarray(whole[..., 0] << 16 | whole[..., 1] << 8 | whole[..., 2], np.int32)


def blended(colours: Colours, other: Colours | int, part: float) -> Colours:
    """Mix colours: `part` of the other, the rest of the first."""
    to = channels(np.asarray(other, np.int32))
    return packed(channels(colours) * (1 - part) + to * part)


def parsed(text: str) -> int:
    """`#RRGGBB` as a number."""
    return int(text.removeprefix("#"), 16)


def luminance(colours: Colours) -> npt.NDArray[np.float64]:
    """Relative luminance in [0, 1]. Source: WCAG 2.2, definition of relative luminance."""
    part = channels(colours) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


@lru_cache(maxsize=16)
def ramp(dark: bool, system: str = "truecolor", levels: int = LEVELS) -> Colours:
    """The colours of `levels` heights, lowest first, int32 [levels], for a terminal's colour system."""
    if system == "256":
        table = np.array([_xterm(n) for n in (_XTERM_DARK if dark else _XTERM_LIGHT)], np.int32)
    elif system in ("standard", "windows"):
        table = np.array(_SIXTEEN_DARK if dark else _SIXTEEN_LIGHT, np.int32)
    else:
        return _smooth(dark, levels)
    return table[np.arange(levels) * len(table) // levels]


def _smooth(dark: bool, levels: int) -> Colours:
    rgb = viridis(levels)
    height = np.linspace(0, 1, levels)[:, None]
    if dark:
        return packed(rgb * (0.44 + 0.04 * height))
    return packed(255 - (255 - rgb) * (0.38 - 0.02 * height))


def _xterm(number: int) -> int:
    """Colour 16 to 231 of the xterm cube."""
    steps = (0, 95, 135, 175, 215, 255)
    red, green, blue = (number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6
    return steps[red] << 16 | steps[green] << 8 | steps[blue]


def basin_hues(dark: bool) -> Colours:
    """A colour for each basin, int32 [6]; more basins repeat them."""
    return np.array(DARK if dark else LIGHT, np.int32)


def few_basin_hues(dark: bool, system: str) -> Colours | None:
    """The same for a terminal of 256 or 16 colours, int32 [6]: shades of two hues would be shown as one colour there.
    None for a terminal of all colours."""
    if system == "256":
        return np.array([_xterm(n) for n in (_XTERM_BASINS_DARK if dark else _XTERM_BASINS_LIGHT)], np.int32)
    return np.array(_SIXTEEN_BASINS, np.int32) if system in ("standard", "windows") else None
