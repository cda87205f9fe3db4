"""Colours of maps: even steps of lightness, paths that stand out, and exact colours on poorer terminals."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from rich.color import Color, ColorSystem

from tui.plot import path_styles
from tui.plot.palettes import basin_hues, blended, channels, luminance, packed, parsed, ramp
from tui.text.glyphs import ASCII, UNICODE


def rich(number: int) -> Color:
    return Color.from_rgb(number >> 16, number >> 8 & 255, number & 255)


def contrast(one: float, other: float) -> float:
    """Source: WCAG 2.2, definition of contrast ratio."""
    high, low = max(one, other), min(one, other)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("system", ["truecolor", "256"])
def test_the_higher_the_lighter(dark: bool, system: str) -> None:
    light = luminance(ramp(dark, system))
    assert light[-1] > light[0]
    slack = 1e-9 if system == "truecolor" else 0.02
    assert (np.diff(light) >= -slack).all()


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("slot", range(6))
def test_every_path_stands_out_from_the_lower_three_quarters_of_the_map(dark: bool, slot: int) -> None:
    mark = float(luminance(np.array(parsed(path_styles.colour(slot, dark=dark)), np.int32)))
    below = luminance(ramp(dark))[:24]
    assert min(contrast(mark, float(ground)) for ground in below) >= 2.0


def test_the_colours_of_256_survive_richs_downgrade_unchanged() -> None:
    for dark in (True, False):
        for number in set(ramp(dark, "256").tolist()):
            shown = rich(number).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
            assert tuple(shown) == tuple(channels(np.array(number, np.int32)).astype(int))


@pytest.mark.parametrize("dark", [True, False])
def test_sixteen_colours_keep_three_heights_apart(dark: bool) -> None:
    shown = {rich(number).downgrade(ColorSystem.STANDARD).number for number in ramp(dark, "standard").tolist()}
    assert len(shown) == 3


def test_no_two_of_36_paths_share_both_colour_and_mark() -> None:
    looks = {(path_styles.colour(s, dark=True), path_styles.head(s, UNICODE)) for s in range(36)}
    assert len(looks) == 36
    assert all(path_styles.head(s, ASCII).isascii() for s in range(36))


def test_without_colour_neighbours_differ_in_mark_and_line() -> None:
    for one, other in combinations(range(4), 2):
        assert path_styles.dash(one, plain=True) != path_styles.dash(other, plain=True)
        assert path_styles.head(one, UNICODE) != path_styles.head(other, UNICODE)


def test_channels_and_packed_undo_each_other() -> None:
    colours = np.array([0x000000, 0x123456, 0xFFFFFF], np.int32)
    assert (packed(channels(colours)) == colours).all()


def test_blending_half_way_is_the_middle() -> None:
    assert int(blended(np.array(0x000000, np.int32), 0x204060, 0.5)) == 0x102030


def test_basins_have_hues_of_their_own() -> None:
    assert len(set(basin_hues(True).tolist())) == len(set(basin_hues(False).tolist())) == 6
