"""The last table of a course: one row a lesson."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.headless_tables import aligned
from tui.plain import plain
from tui.text import clean
from tui.words import duration

if TYPE_CHECKING:
    from tui.headless_endings import Result
    from tui.headless_voice import Report

_HEADS = ("lesson", "outcome", "time", "learned")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def summary(results: Sequence[Result], report: Report, *, ascii_only: bool) -> str:
    """The lessons, how they ended, how long they took, and the first sentence of what was learned."""
    rows = [
        (
            result.lesson.id,
            result.ended.outcome.name.lower(),
            duration(result.elapsed_s),
            first_sentence(result.learned) or result.ended.message,
        )
        for result in results
    ]
    from tui.headless_plain import PlainReport

    if isinstance(report, PlainReport):
        return "\n".join(["The course", *aligned(_HEADS, rows, report.spell)]) + "\n"
    from tui.headless_rich import RichReport

    if isinstance(report, RichReport):
        return report.table("The course", _HEADS, rows)
    spell = plain if ascii_only else str
    return "\n".join(aligned(_HEADS, rows, lambda text: spell(clean(text)))) + "\n"


def first_sentence(text: str) -> str:
    """What stands before the first full stop that ends a sentence."""
    return _SENTENCE_END.split(text, 1)[0]
