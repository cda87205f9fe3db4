"""The last table of a course: one row per lesson."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.headless.tables import aligned
from tui.text.clean import clean
from tui.text.glyphs import Glyphs
from tui.text.words import duration

if TYPE_CHECKING:
    from tui.headless.endings import Result
    from tui.headless.reporter import Report

_HEADS = ("lesson", "outcome", "time", "learned")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def summary(results: Sequence[Result], report: Report, glyphs: Glyphs) -> str:
    """The lessons, their outcomes, durations, and the first sentence of their results."""
    rows = [
        (
            result.lesson.id,
            result.ended.outcome.name.lower(),
            duration(result.elapsed_s),
            first_sentence(result.learned) or result.ended.message,
        )
        for result in results
    ]
    from tui.headless.plain_report import PlainReport

    if isinstance(report, PlainReport):
        return "\n".join(["The course", *aligned(_HEADS, rows, report.spell)]) + "\n"
    from tui.headless.rich_report import RichReport

    if isinstance(report, RichReport):
        return report.table("The course", _HEADS, rows)
    return "\n".join(aligned(_HEADS, rows, lambda text: glyphs.spelled(clean(text)))) + "\n"


def first_sentence(text: str) -> str:
    """The text before the first full stop that ends a sentence."""
    return _SENTENCE_END.split(text, 1)[0]
