"""The glossary: the course's terms, each explained in a sentence or two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.screens.dialogs.dialog import Dialog
from tui.text.course_texts import GLOSSARY
from tui.widgets.learn.lesson_text import LessonText


class GlossaryScreen(Dialog[None]):
    """The glossary's text, scrolled with the keyboard."""

    DIALOG_TITLE = "Glossary"
    KEYS = "↑ ↓ scroll   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("G,q", "close", "Close", show=False)]

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def compose_inside(self) -> Iterable[Widget]:
        yield LessonText(GLOSSARY, language=self._language)
