"""The exercise pane: a question, an answer by a key or typed, the verdict, the hint and the worked solution."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from tui.text.fit import wrap
from tui.views.exercise_picture import ExercisePicture
from tui.widgets.learn.line_editor import EditedLine
from tui.widgets.rows_view import RowsView

WIDEST = 92
STARTS_A_NUMBER = "0123456789+-.−"
REST = ("h hint", "w worked solution", "n next")


class ExercisePane(RowsView):
    """One exercise. Digits choose an option; a number or a folder is typed and submitted with `enter`."""

    PREFIX = "exercise-pane"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "hint", "Hint"),
        Binding("w", "work", "Worked solution"),
        Binding("n", "go(1)", "Next exercise"),
        Binding("N", "go(-1)", "Previous exercise", show=False),
        Binding("enter", "enter", "Answer"),
        Binding("up", "scroll_rows(-1)", "Up", show=False),
        Binding("down", "scroll_rows(1)", "Down", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"exercise-pane--{role}"
        for role in ("title", "text", "option", "hint", "worked", "right", "wrong", "entry", "keys")
    }
    DEFAULT_CSS = """
    ExercisePane {
        height: 1fr;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        & > .exercise-pane--title { color: $text-primary; text-style: bold; }
        & > .exercise-pane--text { color: $foreground; }
        & > .exercise-pane--option { color: $foreground; }
        & > .exercise-pane--hint { color: $text-quiet; }
        & > .exercise-pane--worked { color: $foreground; }
        & > .exercise-pane--right { color: $text-success; text-style: bold; }
        & > .exercise-pane--wrong { color: $text-warning; }
        & > .exercise-pane--entry { color: $foreground; text-style: reverse; }
        & > .exercise-pane--keys { color: $text-quiet; }
    }
    """

    class Asked(Message):
        """A request of the learner: `what` is answer, hint, work, again or go."""

        def __init__(self, pane: ExercisePane, what: str, text: str = "", by: int = 0) -> None:
            super().__init__()
            self.pane = pane
            self.what = what
            self.text = text
            self.by = by

        @property
        def control(self) -> ExercisePane:
            return self.pane

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture = ExercisePicture()
        self._line: EditedLine | None = None

    def show(self, picture: ExercisePicture) -> None:
        """Show this exercise. What has not changed is not laid out again."""
        if picture == self._picture:
            return
        another = picture.id != self._picture.id
        grew = len(picture.rows) > len(self._picture.rows)
        self._picture = picture
        if another:
            self._line = None
        self.refresh_bindings()
        self.changed()
        if another:
            self.scroll_to(0, 0, animate=False)
        elif grew:
            self.call_after_refresh(self.scroll_to, y=self.max_scroll_y, animate=False)

    # --- keys -----------------------------------------------------------------------------------------------------

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is kept from the widgets around: while typing, and digits that choose."""
        if self._line is not None:
            return self._line.pressed(key, character) is not None
        return self._chooses(character) or self._begins(character) or self._asks_again(character)

    def _chooses(self, character: str | None) -> bool:
        picture = self._picture
        return bool(picture.options and not picture.answered and character and character in "123456789")

    def _begins(self, character: str | None) -> bool:
        picture = self._picture
        return bool(picture.typed and not picture.answered and character and character in STARTS_A_NUMBER)

    def _asks_again(self, character: str | None) -> bool:
        """Whether a digit follows a wrong answer: it is meant for the question, and must not open a lesson."""
        picture = self._picture
        return bool(picture.answered and not picture.solved and character and character in "0123456789")

    def on_key(self, event: events.Key) -> None:
        """Handle a digit that chooses or asks again, or a key for the typed line."""
        if self._line is not None:
            self._typed(event)
            return
        if self._chooses(event.character):
            event.stop()
            event.prevent_default()
            if int(event.character or 0) <= len(self._picture.options):
                self.post_message(self.Asked(self, "answer", event.character or ""))
        elif self._begins(event.character):
            event.stop()
            event.prevent_default()
            self._edit(EditedLine.of(event.character or ""))
        elif self._asks_again(event.character):
            event.stop()
            event.prevent_default()
            self.post_message(self.Asked(self, "again"))

    def _typed(self, event: events.Key) -> None:
        assert self._line is not None
        if event.key in ("tab", "shift+tab", "ctrl+p"):
            return
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self._edit(None)
        elif event.key == "enter":
            if self._line.text.strip():
                self.post_message(self.Asked(self, "answer", self._line.text))
        else:
            changed = self._line.pressed(event.key, event.character)
            if changed is not None:
                self._edit(changed)

    def on_paste(self, event: events.Paste) -> None:
        """Insert pasted text into the line."""
        if self._picture.typed and not self._picture.answered:
            event.stop()
            self._edit((self._line or EditedLine.of("")).typed(event.text))

    def on_blur(self) -> None:
        self._edit(None)

    def _edit(self, line: EditedLine | None) -> None:
        if line != self._line:
            self._line = line
            self.changed()
            self.scroll_to(y=self.max_scroll_y, animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        picture = self._picture
        if action == "enter":
            return picture.typed or picture.answered or picture.solved
        # While a line is typed its keys are letters.
        return self._line is None or action not in ("hint", "work", "go")

    def accepted(self) -> None:
        """Remove the typed line: the answer was accepted."""
        self._edit(None)

    def action_hint(self) -> None:
        self.post_message(self.Asked(self, "hint"))

    def action_work(self) -> None:
        self.post_message(self.Asked(self, "work"))

    def action_go(self, by: int) -> None:
        self.post_message(self.Asked(self, "go", by=by))

    def action_enter(self) -> None:
        """Begin to type; after a verdict go to the next exercise, or ask the same with other numbers."""
        if self._picture.answered or self._picture.solved:
            self.post_message(self.Asked(self, "go", by=1) if self._picture.solved else self.Asked(self, "again"))
        elif self._picture.typed:
            self._edit(EditedLine.of(""))

    def action_scroll_rows(self, by: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + by, animate=False)

    # --- drawing --------------------------------------------------------------------------------------------------

    def _keys(self) -> str:
        """The keys that act now, for the last row."""
        picture = self._picture
        if self._line is not None:
            return "enter gives it, esc takes it back"
        if picture.solved:
            return "enter next exercise"
        if picture.answered:
            return " · ".join(("enter or a digit: again, other numbers", *REST))
        how = [f"1 to {len(picture.options)} answer"] if picture.options else []
        if picture.typed:
            how = ["enter, or a digit, to type the answer"]
        return " · ".join((*how, *REST))

    def lay_out(self) -> None:
        width, rows = min(self._width - 1, WIDEST), []
        for role, text in (*self._picture.rows, ("", "")):
            shown = self._glyphs.spelled(text)
            as_it_is = role == "option" or shown.startswith(" ") or not shown
            rows += [(role, line) for line in ([shown] if as_it_is else wrap(shown, width))]
        if self._line is not None:
            rows.append(("entry", f"{self._line.text[: self._line.caret]}▏{self._line.text[self._line.caret :]}"))
        rows += [("keys", line) for line in wrap(self._keys(), width)]
        self._rows = [((self._glyphs.spelled(line), role or "text"),) for role, line in rows]
        self.virtual_size = Size(max([self._width, *(cell_len(text) for _, text in rows)]), len(rows))
        self.refresh()
