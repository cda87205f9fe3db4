"""Colour tables: the colours of their sources, evenly interpolated."""

from __future__ import annotations

import numpy as np

from engine.colours import SKY_BLUE, rgb, viridis


def test_viridis_goes_from_its_first_to_its_last_colour_and_only_gets_lighter() -> None:
    table = viridis(256)
    assert table[0].tolist() == [68, 1, 84]
    assert table[-1].tolist() == [253, 231, 37]
    assert (np.diff(table @ [0.2126, 0.7152, 0.0722]) > 0).all()


def test_the_middle_of_viridis_is_near_that_of_matplotlib() -> None:
    # Source: matplotlib 3.9, _cm_listed.py, entry 128 of 256.
    np.testing.assert_allclose(viridis(257)[128], [33, 145, 140], atol=2)


def test_a_colour_has_its_red_green_and_blue() -> None:
    assert rgb(SKY_BLUE) == (86, 180, 233)
