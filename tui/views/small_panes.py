"""View data of the small panes: a lesson in the list, the news lines, the status line."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.contents import LessonHeading
from tui.text.words import age


@dataclass(frozen=True, slots=True)
class LessonRow:
    """One lesson: its place, names, and `mark`, a state that has a sign in `Glyphs`. `solved` is how many of its
    exercises are solved, as in `3/6`; empty if that is not known yet."""

    id: str
    number: int
    title: str
    summary: str
    mark: str = "new"
    solved: str = ""


def lesson_row(heading: LessonHeading, mark: str = "new", solved: str = "") -> LessonRow:
    """Build the row of a lesson."""
    return LessonRow(heading.id, heading.number, heading.title, heading.summary, mark, solved)


def invitation(lesson: LessonHeading | LessonRow) -> str:
    """The news of a lesson that has no run yet."""
    return f"{lesson.title}: {lesson.summary}. Space starts it."


@dataclass(frozen=True, slots=True)
class LessonChoice:
    """The lessons, and the id of the one that is open."""

    rows: tuple[LessonRow, ...]
    opened: str

    @property
    def row(self) -> LessonRow | None:
        """The row of the open lesson, if it is among them."""
        return next((row for row in self.rows if row.id == self.opened), None)


@dataclass(frozen=True, slots=True)
class News:
    """The news: `text` is the main line, `more` one line below it; both clean. `bad`: something went wrong. `passing`:
    shown for only a few seconds, and kept nowhere."""

    text: str = ""
    more: str = ""
    bad: bool = False
    passing: bool = False


@dataclass(frozen=True, slots=True)
class StatusPart:
    """A few words of the status row, clean. `rank` orders them by importance, 0 first; `bad`: something went wrong;
    `keeps_end`: if it is too long, its beginning is cut instead of leaving it out. `age_s` is an elapsed time in
    seconds, shown after the words; it does not count when parts are compared."""

    words: str
    rank: int
    bad: bool = False
    keeps_end: bool = False
    age_s: float | None = field(default=None, compare=False)

    @property
    def text(self) -> str:
        """The words, and the age if there is one."""
        return self.words if self.age_s is None else f"{self.words} {age(self.age_s)} ago"


@dataclass(frozen=True, slots=True)
class Status:
    """`state` is a word or two for the present state; `log` the folder of the log, or why there is none, of which at
    least the last `least_log` cells are kept."""

    state: str = ""
    parts: tuple[StatusPart, ...] = ()
    log: str = ""
    least_log: int = 0


STARTING = Status("starting")
"""The status until the engine is known."""
