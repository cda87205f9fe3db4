"""What a lesson is: a generator of events that is sent a turn between two of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.events import Event, Snapshot
from engine.settings import Settings

S = TypeVar("S", bound=Settings)
S_co = TypeVar("S_co", bound=Settings, covariant=True)


@dataclass(frozen=True)
class Turn(Generic[S_co]):
    """What the runner sends into a lesson between two events: the settings as they are now, and how many steps the
    next event may carry at most (None: as many as the lesson likes, 100 ms of work).

    With `snapshot`, a lesson that can be resumed yields a Snapshot before its next step.
    """

    settings: S_co
    steps: int | None = None
    snapshot: bool = False


Run = Generator[Event, "Turn[S] | None", None]


@dataclass(frozen=True)
class Lesson(Generic[S]):
    """One lesson of the course; `number` is its place in it.

    `run` is a generator function of events: it takes the settings, yields events, and is sent a Turn (or None) at
    each yield. `code` names the functions that do the work, as `module:function`, for the app's code tab. The module
    that defines a lesson must import neither TensorFlow nor Keras at its top level. `resume` is `run` from a Snapshot
    on, for a lesson that yields one when it is asked to.
    """

    number: int
    id: str
    title: str
    summary: str
    settings: type[S]
    run: Callable[[S], Run[S]]
    code: tuple[str, ...] = ()
    classifier: bool = False
    resume: Callable[[S, Snapshot], Run[S]] | None = None
