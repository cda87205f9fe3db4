"""The contract of a lesson: its settings, its texts, and a generator of events that receives a Turn after each
event."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.contents import LessonHeading
from engine.events import Event, Snapshot
from engine.settings import Settings

S = TypeVar("S", bound=Settings)
S_co = TypeVar("S_co", bound=Settings, covariant=True)


@dataclass(frozen=True)
class Turn(Generic[S_co]):
    """What the runner sends into a lesson between two events: the current settings, and how many steps the next event
    may carry at most (None: as many as the lesson can do in 100 ms).

    With `snapshot`, a lesson that can be resumed yields a Snapshot before its next step.
    """

    settings: S_co
    steps: int | None = None
    snapshot: bool = False


Run = Generator[Event, "Turn[S] | None", None]


@dataclass(frozen=True)
class Lesson(LessonHeading, Generic[S]):
    """One lesson, with its heading in lists of lessons.

    `run` is a generator function of events: it takes the settings, yields events, and is sent a Turn (or None) at each
    yield. `code` names the functions that do the work, as `module:function`, for the Code tab. The module that defines
    a lesson must import neither TensorFlow nor Keras at its top level. `resume` is `run` starting from a Snapshot, for
    a lesson that yields one on request. `file` is the Python file of a lesson that comes from one. A lesson that is not
    `in_course` is asked for by its id alone.
    """

    settings: type[S]
    run: Callable[[S], Run[S]]
    code: tuple[str, ...] = ()
    classifier: bool = False
    resume: Callable[[S, Snapshot], Run[S]] | None = None
    file: str = ""
    in_course: bool = True
