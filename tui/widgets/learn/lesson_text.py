"""A text of the course: a lesson's, whose answers are hidden until the learner shows them, or the glossary."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.text.course_texts import ENGLISH, GLOSSARY, course_text
from tui.widgets.document_view import DocumentView

HIDDEN = "Predict first. **A** shows the answers."


class LessonText(DocumentView):
    """The text of one lesson. It is one widget, so another lesson is there at once.

    A lesson's last section holds the answers to its questions: `A` shows and hides it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("A", "answers", "Answers")]

    def __init__(
        self,
        lesson: str = "",
        *,
        language: str = ENGLISH,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        self._language = language
        self._lesson = lesson
        self._answers_shown = False
        super().__init__(self._text_now(), id=id, classes=classes)

    def show(self, lesson: str) -> None:
        """Show the text of this lesson from its beginning."""
        if lesson != self._lesson:
            self._lesson, self._answers_shown = lesson, False
            self.show_text(self._text_now())

    def action_answers(self) -> None:
        """Show or hide the answers."""
        if self._lesson == GLOSSARY:
            return
        place = self.scroll_offset.y
        self._answers_shown = not self._answers_shown
        self.show_text(self._text_now())
        self.scroll_to(y=place, animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "answers" or self._lesson != GLOSSARY

    def _text_now(self) -> str:
        if not self._lesson:
            return ""
        text = course_text(self._lesson, self._language)
        before, sign, answers = text.rpartition("\n## ")
        if self._answers_shown or self._lesson == GLOSSARY or not sign:
            return text
        return f"{before}{sign}{answers.partition(chr(10))[0]}\n\n{HIDDEN}\n"
