"""The list of lessons in course order, each with its state; it can be filtered by words."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.text.course_texts import ENGLISH, course_text
from tui.views.small_panes import LessonRow
from tui.widgets.ascii import DrawsAscii
from tui.widgets.field_input import FieldInput
from tui.widgets.options import Options

STYLES = {
    "running": "$text-accent",
    "paused": "$text-accent",
    "seen": "$text-quiet",
    "solved": "$text-success",
    "new": "",
}


class LessonList(DrawsAscii, Vertical):
    """The lessons; `enter` opens one. `filter` shows an input line, and `enter` in it opens the first match: a lesson
    with the words in its title or summary, else one with them in its text."""

    DEFAULT_CSS = """
    LessonList {
        & > Input { display: none; margin-bottom: 1; }
        &.-filtering > Input { display: block; }
        & > OptionList {
            height: auto; border: none; padding: 0; background: transparent; scrollbar-size-vertical: 1;
            &:focus { border: none; background-tint: $foreground 0%; }
            &.-textual-compact > .option-list--option { padding: 0; }
            & > .option-list--option { padding: 0 1 0 0; }
            &:focus > .option-list--option-highlighted {
                color: $foreground; background: $row-focus-background; text-style: $row-focus-style;
            }
        }
        & > #summary { color: $text-quiet; margin-top: 1; height: 1fr; }
    }
    """

    class Opened(Message):
        """The learner chose a lesson."""

        def __init__(self, lessons: LessonList, lesson: str) -> None:
            super().__init__()
            self.lessons = lessons
            self.lesson = lesson

        @property
        def control(self) -> LessonList:
            return self.lessons

    def __init__(
        self,
        rows: Sequence[LessonRow],
        opened: str = "",
        language: str = ENGLISH,
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._rows = tuple(rows)
        self._open = opened
        self._language = language
        self._texts: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        entry = FieldInput("")
        entry.placeholder = "words of a lesson"
        entry.can_focus = False
        yield entry
        yield Options(*self._options(self._rows), compact=True, markup=False)
        yield Static("", markup=False, id="summary")

    def on_mount(self) -> None:
        self._highlight_open()

    def show(self, rows: Sequence[LessonRow], opened: str) -> None:
        """Show these lessons, `opened` marked as open. What has not changed is not drawn again."""
        if (tuple(rows), opened) == (self._rows, self._open):
            return
        moved = opened != self._open
        before = {row.id: row for row in self._rows}
        self._rows, self._open = tuple(rows), opened
        if not self.is_mounted or not self.children:
            return
        options = self.query_one(OptionList)
        shown = {option.id for option in options.options}
        for row in self._rows:
            if row.id in shown and (moved or before.get(row.id) != row):
                options.replace_option_prompt(row.id, self._prompt(row))
        if moved:
            self._highlight_open()

    def filter(self) -> None:
        """Show the input line, and put the focus there, as soon as it is composed."""
        self.add_class("-filtering")
        entry = self.query_one_optional(Input)
        if entry is None:  # its own queue is read after it is composed
            self.call_later(self._focus_entry)
        else:
            self._focus_entry()

    def _focus_entry(self) -> None:
        for entry in self.query(Input):
            entry.can_focus = True
            entry.focus()

    def focus_list(self) -> None:
        """Put the focus on the lessons."""
        self.query_one(OptionList).focus()

    def _options(self, rows: Sequence[LessonRow]) -> list[Option]:
        return [Option(self._prompt(row), id=row.id) for row in rows]

    def _prompt(self, row: LessonRow) -> Content:
        mark = self._glyphs.run_sign(row.mark)
        here = self._glyphs.opened if row.id == self._open else " "
        return Content.assemble(
            (here, "$text-primary"),
            (f"{row.number} ", "$text-quiet"),
            (f"{row.title:<14}", "bold" if row.id == self._open else ""),
            (f" {mark}", STYLES.get(row.mark, "$text-warning")),
            (f" {row.solved}", "$text-quiet"),
        )

    def _highlight_open(self) -> None:
        options = self.query_one(OptionList)
        place = next((n for n, option in enumerate(options.options) if option.id == self._open), None)
        if place is not None:
            options.highlighted = place

    def _matching(self, text: str) -> list[LessonRow]:
        words = text.lower().split()
        named, others = [], []
        for row in self._rows:
            if all(word in f"{row.number} {row.title} {row.summary}".lower() for word in words):
                named.append(row)
            elif all(word in self._text_of(row.id) for word in words):
                others.append(row)
        return named + others

    def _text_of(self, lesson: str) -> str:
        """A lesson's text in small letters, read once."""
        if lesson not in self._texts:
            self._texts[lesson] = course_text(lesson, self._language).lower()
        return self._texts[lesson]

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self._options(self._matching(event.value)))
        if not event.value:
            self._highlight_open()
        else:
            options.highlighted = 0 if options.option_count else None
        if not options.option_count:
            self.query_one("#summary", Static).update("no lesson has these words; esc shows all")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        found = self._matching(event.value)
        if found:
            self._leave_filter()
            self.post_message(self.Opened(self, found[0].id))

    def on_key(self, event: events.Key) -> None:
        entry = self.query_one_optional(Input)
        typing = entry is not None and entry.has_focus
        if event.key == "escape" and self.has_class("-filtering"):
            event.stop()
            self._leave_filter()
        elif event.key == "down" and typing:
            event.stop()
            self.focus_list()

    def _leave_filter(self) -> None:
        self.remove_class("-filtering")
        entry = self.query_one(Input)
        entry.value, entry.can_focus = "", False
        self.focus_list()
        self._highlight_open()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        row = next((row for row in self._rows if row.id == event.option.id), None)
        self.query_one("#summary", Static).update(row.summary if row is not None else "")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id is not None:
            self.post_message(self.Opened(self, event.option.id))
