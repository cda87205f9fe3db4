"""The layout of panes: which panes share which place in each room, and which of them are visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Room = Literal["tiny", "narrow", "medium", "wide"]
Pane = Literal["lessons", "settings", "text", "exercise", "code", "live", "notes", "history"]
Place = Literal["all", "lessons", "settings", "main", "reading", "live", "exercise"]

TITLES: dict[Pane, str] = {
    "lessons": "Lessons",
    "text": "Text",
    "exercise": "Exercise",
    "code": "Code",
    "settings": "Settings",
    "live": "Live",
    "notes": "Notes",
    "history": "History",
}
LEAST = (60, 20)
"""Below this nothing fits; the app reports the size it needs."""

_PLACES: dict[Room, dict[Place, tuple[Pane, ...]]] = {
    "tiny": {},
    "narrow": {"all": ("lessons", "text", "exercise", "code", "settings", "live", "notes", "history")},
    "medium": {
        "lessons": ("lessons",),
        "settings": ("settings",),
        "main": ("live", "text", "code", "notes", "history"),
        "exercise": ("exercise",),
    },
    "wide": {
        "lessons": ("lessons",),
        "settings": ("settings",),
        "reading": ("text", "code", "notes"),
        "live": ("live", "history"),
        "exercise": ("exercise",),
    },
}


def room_for(width: int, height: int) -> Room:
    """The room class of a screen of this size.

    Textual's HORIZONTAL_BREAKPOINTS and VERTICAL_BREAKPOINTS look at one dimension each.
    """
    if width < LEAST[0] or height < LEAST[1]:
        return "tiny"
    if width >= 180 and height >= 50:
        return "wide"
    return "medium" if width >= 110 and height >= 30 else "narrow"


def places(room: Room) -> dict[Place, tuple[Pane, ...]]:
    """The places on the screen and the panes that share each; the first is shown until another is chosen."""
    return _PLACES[room]


def place_of(room: Room, pane: Pane) -> Place | None:
    """The place of a pane."""
    return next((place for place, panes in places(room).items() if pane in panes), None)


class PaneLayout:
    """The visible panes: one at each place of the room, or only the zoomed one.

    `exercises_shown` returns whether the learner has the exercises open; otherwise they have no place.
    """

    def __init__(self, exercises_shown: Callable[[], bool]) -> None:
        self.room: Room = "narrow"
        self.zoomed: Pane | None = None
        self._exercises_shown = exercises_shown
        self._shown: dict[tuple[Room, Place], Pane] = {("narrow", "all"): "text", ("medium", "main"): "text"}

    @property
    def places(self) -> dict[Place, tuple[Pane, ...]]:
        """The present places on the screen, and the panes that share each."""
        shown = self._exercises_shown()
        return {place: panes for place, panes in places(self.room).items() if place != "exercise" or shown}

    def shown_in(self, place: Place) -> Pane:
        """The visible pane at a place."""
        panes = places(self.room)[place]
        shown = self._shown.get((self.room, place), panes[0])
        return shown if shown in panes else panes[0]

    def visible(self) -> set[Pane]:
        """The visible panes."""
        return {self.zoomed} if self.zoomed is not None else {self.shown_in(place) for place in self.places}

    def make_visible(self, pane: Pane) -> None:
        """Make a pane the visible one at its place, if the room has a place for it."""
        place = place_of(self.room, pane)
        if place is not None:
            self._shown[(self.room, place)] = pane

    def next_to(self, pane: Pane | None, by: int) -> Pane | None:
        """The pane `by` panes after this one, cyclically; the first one for None; None if no pane has a place."""
        order = [each for panes in self.places.values() for each in panes]
        if not order:
            return None
        place = order.index(pane) + by if pane in order else 0
        return order[place % len(order)]
