"""The panes that share a place."""

from __future__ import annotations

import pytest

from tui.screens.layout import TITLES, Room, place_of, places, room_for


@pytest.mark.parametrize(
    ("size", "room"),
    [
        ((59, 24), "tiny"), ((80, 19), "tiny"), ((60, 20), "narrow"), ((80, 24), "narrow"), ((109, 50), "narrow"),
        ((120, 36), "medium"), ((179, 60), "medium"), ((200, 60), "wide"),
    ],
)  # fmt: skip
def test_the_size_says_how_much_room_there_is(size: tuple[int, int], room: Room) -> None:
    assert room_for(*size) == room


@pytest.mark.parametrize("room", ["narrow", "medium", "wide"])
def test_every_pane_has_one_place(room: Room) -> None:
    panes = [pane for shared in places(room).values() for pane in shared]
    assert sorted(panes) == sorted(TITLES)


def test_a_pane_is_found_where_it_is() -> None:
    assert place_of("medium", "history") == "main"
    assert place_of("wide", "history") == "live"
    assert place_of("tiny", "history") is None
