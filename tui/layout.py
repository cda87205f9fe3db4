"""Which panes share which place, for the room there is."""

from __future__ import annotations

from typing import Literal

Room = Literal["tiny", "narrow", "medium", "wide"]
Pane = Literal["lessons", "settings", "text", "code", "live", "notes", "history"]
Place = Literal["all", "lessons", "settings", "main", "reading", "live"]

TITLES: dict[Pane, str] = {
    "lessons": "Lessons",
    "text": "Text",
    "code": "Code",
    "settings": "Settings",
    "live": "Live",
    "notes": "Notes",
    "history": "History",
}
LEAST = (60, 20)
"""Below this nothing fits; the app says what it needs."""

_PLACES: dict[Room, dict[Place, tuple[Pane, ...]]] = {
    "tiny": {},
    "narrow": {"all": ("lessons", "text", "code", "settings", "live", "notes", "history")},
    "medium": {
        "lessons": ("lessons",),
        "settings": ("settings",),
        "main": ("live", "text", "code", "notes", "history"),
    },
    "wide": {
        "lessons": ("lessons",),
        "settings": ("settings",),
        "reading": ("text", "code", "notes"),
        "live": ("live", "history"),
    },
}


def room_for(width: int, height: int) -> Room:
    """How much room a screen of this size is."""
    if width < LEAST[0] or height < LEAST[1]:
        return "tiny"
    if width >= 180 and height >= 50:
        return "wide"
    return "medium" if width >= 110 and height >= 30 else "narrow"


def places(room: Room) -> dict[Place, tuple[Pane, ...]]:
    """The places on the screen and the panes that share each; the first is shown until another is asked for."""
    return _PLACES[room]


def place_of(room: Room, pane: Pane) -> Place | None:
    """The place that holds a pane."""
    return next((place for place, panes in places(room).items() if pane in panes), None)
