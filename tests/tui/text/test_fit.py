"""Pieces side by side in a given width: which are kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.text.fit import fitting, joined

RANKED = [(3, "himmelblau"), (0, "step 20"), (2, "TensorBoard"), (1, "40/s")]


def test_where_there_is_room_everything_stands_in_its_order() -> None:
    assert joined(RANKED, 80, ", ") == "himmelblau, step 20, TensorBoard, 40/s"


def test_what_matters_least_is_left_out_first() -> None:
    assert joined(RANKED, 30, ", ") == "step 20, TensorBoard, 40/s"
    assert joined(RANKED, 8, ", ") == "step 20"
    assert joined(RANKED, 6, ", ") == "40/s"
    assert joined(RANKED, 3, ", ") == ""


def test_a_piece_that_does_not_fit_leaves_its_room_to_the_next() -> None:
    assert fitting([4, 9, 3], 8) == [0, 2]
    assert fitting([4, 9, 3], 8, gap=2) == [0]
    assert fitting([4, 9, 3], 9, order=[1, 0, 2]) == [1]


@given(st.lists(st.integers(0, 20), max_size=8), st.integers(0, 60), st.integers(0, 3), st.randoms())
def test_what_is_kept_never_outgrows_its_room_and_nothing_left_out_would_fit(widths, room, gap, random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(widths)))
    random.shuffle(order)
    kept = fitting(widths, room, gap=gap, order=order)
    used = sum(widths[place] + gap for place in kept) - gap
    assert kept == sorted(set(kept))
    assert used <= room or not kept
    assert all(used + gap + widths[place] > room for place in order if place not in kept)
