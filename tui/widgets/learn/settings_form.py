"""The settings form: all settings of a lesson in one widget, changed with arrow keys, and typed if they are numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from engine.params import Choice, Choices, Domain, Folder, Formula, Integer, Number, Param, Starts, Switch
from engine.training_params import Widths
from tui.model.actions import keys_of_runs
from tui.model.stepping import next_text, own_word, toggled, typed_into
from tui.widgets.learn.form_errors import why_not
from tui.widgets.learn.form_rows import Form, FormRow
from tui.widgets.learn.form_sheet import FormSheet

NUMBER_BEGINS, PATH_BEGINS = "0123456789.-+", "/~."
"""The characters that begin to edit a number and a path."""
EXPRESSION_BEGINS = NUMBER_BEGINS + "("
"""Those that begin to type an expression, besides its variables: letters are keys, too."""
KEPT = keys_of_runs()
HINT = "no key starts or moves a run in the settings; tab leaves them"
_VERBS = ("tick", "switch", "open", "choose", "type", "take")


class SettingsForm(FormSheet, can_focus=True):
    """Settings as rows. `up` and `down` select a setting, `left` and `right` change its value; `enter` and `space`
    tick, choose or begin typing, and so does the first character of a number. Typed text is checked at once and applied
    at `enter`. Keys that act on runs and lessons are disabled while the form has the focus. Posts Given for each
    accepted value.

    Text is typed into Textual's Input. The rows are our own, not an OptionList: the words of a setting are in columns,
    with a cursor among them and each to be clicked, while an option is one entry as wide as the list. The same rows as
    options take 20 ms of processor time to show at another lesson, these 7 ms; a key takes 7 ms and 9 ms.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Setting above", show=False),
        Binding("down", "move(1)", "Setting below", show=False),
        Binding("home", "move(-1000)", "First setting", show=False),
        Binding("end", "move(1000)", "Last setting", show=False),
        Binding("left", "change(-1)", "Less, or the word before", show=False),
        Binding("right", "change(1)", "Change", key_display="← →"),
        # One of these is enabled at a time: the effect of enter and space on the selected setting.
        Binding("enter", "take", "Take"),
        Binding("enter,space", "tick", "Tick", key_display="space"),
        Binding("enter,space", "switch", "Switch", key_display="space"),
        Binding("enter,space", "open", "Open"),
        Binding("enter,space", "choose", "Choose"),
        Binding("enter,space", "type", "Type"),
        Binding("escape", "leave", "Take back"),
        Binding("delete,backspace", "restore", "Back to its default", show=False),
    ]

    class Given(Message):
        """The learner gave a setting an accepted value, written as `text`; None: reset it."""

        def __init__(self, form: SettingsForm, name: str, text: str | None) -> None:
            super().__init__()
            self.form = form
            self.name = name
            self.text = text

    class Refused(Message):
        """The focus left a typed text that its setting does not accept."""

    class Looked(Message):
        """Another setting was selected, or the typed text became valid or invalid."""

        def __init__(self, form: SettingsForm) -> None:
            super().__init__()
            self.form = form

    def show(self, params: Sequence[Param], texts: dict[str, str], changed: frozenset[str] = frozenset()) -> None:
        """Show these settings. The selection stays if its setting is still there; typed text stays."""
        before = self.looked_at
        self._form = Form(tuple(params), texts, changed, self._form.opened)
        names = [param.name for param in params]
        if before is not None and before.name in names:
            self._here = names.index(before.name)
        else:
            self._stop_typing()
            self._here, self._option = 0, 0
            self._form = Form(tuple(params), texts, changed)
        self._lay_out()

    def look_at(self, name: str) -> bool:
        """Select a setting; returns False if it is not shown."""
        names = [param.name for param in self._form.params]
        if name not in names:
            return False
        if self._types and not self._take():
            self._stop_typing()
        self._go(names.index(name))
        return True

    @property
    def _verb(self) -> str:
        """The action that `enter` triggers now."""
        param = self.looked_at
        if self._types:
            return "take"
        if isinstance(param, Choices):
            return "tick"
        if isinstance(param, Choice):
            return "choose" if self._form.opened else "open"
        return "switch" if isinstance(param, Switch) else "type"

    @property
    def _is_typed(self) -> bool:
        """Whether the selected setting is typed, not chosen."""
        return isinstance(self.looked_at, Number | Integer | Starts | Folder | Formula | Domain | Widths)

    @property
    def _variables(self) -> tuple[str, ...]:
        """The variables of the expression that the selected setting accepts; empty if it accepts none."""
        param = self.looked_at
        return param.variables if isinstance(param, Choice | Choices | Formula) else ()

    def _begins(self, character: str | None) -> bool:
        """Whether a character begins to edit the selected setting: one with which a number, a path or an expression
        begins."""
        if not character:
            return False
        param = self.looked_at
        if self._variables and (character in EXPRESSION_BEGINS or character in self._variables):
            return True
        if isinstance(param, Folder) or own_word(param):
            return character in PATH_BEGINS
        return self._is_typed and character in NUMBER_BEGINS

    def _word_beside(self, by: int) -> int | None:
        """The index of the word one row below (1) or above (-1) the cursor, the last one if that row is shorter; None
        if there is no such row."""
        columns, last = self._columns, len(self._words) - 1
        there = self._option + by * columns
        if there < 0 or self._option // columns + by > last // columns:
            return None
        return min(there, last)

    # --- keys -----------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Do not offer keys that would do nothing; `escape` then belongs to the form's container."""
        if action == "leave":
            return self._types or bool(self._form.opened)
        if action == "change":
            fixed = isinstance(self.looked_at, Starts | Folder | Formula | Domain | Widths | None)
            return not self._types and not fixed
        return action not in _VERBS or action == self._verb

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is kept from the widgets around: text, and keys that would act on a run or a lesson."""
        return key in KEPT or self._begins(character)

    def on_key(self, event: events.Key) -> None:
        begins = self._begins(event.character)
        if self._types or not (begins or event.key in KEPT - {"space"}):
            return
        event.stop()
        event.prevent_default()
        if begins:
            self._type(event.character or "")
        else:
            self.hint = HINT
            self.post_message(self.Looked(self))

    def on_paste(self, event: events.Paste) -> None:
        if (self._is_typed or own_word(self.looked_at)) and event.text:
            event.stop()
            self._type(event.text.splitlines()[0])

    def action_move(self, by: int) -> None:
        """Select another setting, or move within its words; typed text is applied first."""
        if not self._form.params or (self._types and not self._take()):
            return
        if abs(by) == 1 and self._words:
            there = self._word_beside(by)
            if there is not None or self._form.opened:  # an opened list is left by choosing or cancelling
                self._option = self._option if there is None else there
                self.refresh()
                return
        self._go(min(max(self._here + by, 0), len(self._form.params) - 1), from_below=by < 0)

    def action_change(self, by: int) -> None:
        """Change to a number's next value, or to the next word."""
        param = self.looked_at
        if self._words:
            self._option = min(max(self._option + by, 0), len(self._words) - 1)
            self.refresh()
        elif param is not None:
            self._give(next_text(param, self._form.texts[param.name], by))

    def action_tick(self) -> None:
        """Tick or untick the word under the cursor."""
        param = self.looked_at
        if self.option in own_word(param):
            self._type("")
        elif isinstance(param, Choices):
            chosen = toggled(param, self._form.texts[param.name], self.option or param.options[0])
            if chosen:
                self._give(chosen)
            else:
                self.app.bell()

    def action_switch(self) -> None:
        """Switch on or off."""
        self.action_change(1)

    def action_open(self) -> None:
        """Show all the words of a choice."""
        param = self.looked_at
        if isinstance(param, Choice):
            self._open(param.name)
            text = self._form.texts[param.name]
            self._option = self._words.index(text) if text in param.options else len(self._words) - 1
            self._scroll_to_cursor()

    def action_choose(self) -> None:
        """Choose the word under the cursor."""
        chosen, param = self.option, self.looked_at
        self._open("")
        if chosen in own_word(param) and isinstance(param, Choice):
            text = self._form.texts[param.name]
            self._type("" if text in param.options else text)
        elif chosen is not None:
            self._give(chosen)

    def action_type(self) -> None:
        """Begin to type, at the end of the setting's text."""
        if self._is_typed and self.looked_at is not None:
            self._type(self._form.texts[self.looked_at.name])

    def action_take(self) -> None:
        """Apply the typed text."""
        self._take()

    def action_leave(self) -> None:
        """Cancel typing, or close the choice."""
        self._stop_typing()
        self._open("")
        self._look()

    def action_restore(self) -> None:
        """Reset the setting to its default."""
        param = self.looked_at
        if param is not None and param.name in self._form.changed:
            self.post_message(self.Given(self, param.name, None))

    def on_blur(self) -> None:
        if not self._types:
            self._open("")
        self.refresh()

    def on_focus(self) -> None:
        if self._types:  # a click on the form: only the input line has keys until typing ends
            self.screen.set_focus(self._entry, scroll_visible=False)
        self.refresh()
        self._look()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check the typed text."""
        event.stop()
        if self._types:
            self._check()
            self._look()

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Apply the typed text when the focus goes elsewhere. One that the setting does not accept stays, with its
        error."""
        event.stop()
        stays = self.screen.focused in (self, self._entry) or not self.app.app_focus
        if self._types and not stays and not self._take():
            self.post_message(self.Refused())

    def on_click(self, event: events.Click) -> None:
        if event.widget is self._entry:
            return
        place = event.y + self.scroll_offset.y
        row = self._rows[place] if place < len(self._rows) else FormRow(())
        if row.param < 0:
            return
        hit = next((word for word, first, last in row.options if first <= event.x < last), None)
        if row.param != self._here:
            if self._types and not self._take():
                return
            self._go(row.param)
        if hit is not None:
            if hit not in self._words:  # of a list that was closed meanwhile
                return
            self._option = self._words.index(hit)
        if hit is not None or (not row.options and event.x >= row.value_at):
            getattr(self, f"action_{self._verb}")()

    # --- effects --------------------------------------------------------------------------------------------------

    def _go(self, there: int, *, from_below: bool = False) -> None:
        if there != self._here:
            self._open("")
            self._here = there
            last = len(self._words) - 1
            self._option = last - last % self._columns if from_below and last > 0 else 0
        self._scroll_to_cursor()
        self.refresh()
        self._look()

    def _look(self) -> None:
        """Update after another setting was selected, or the mode changed: the keys do something else."""
        self.hint = ""
        self.refresh_bindings()
        self.post_message(self.Looked(self))

    def _open(self, name: str) -> None:
        if name != self._form.opened:
            self._form = Form(self._form.params, self._form.texts, self._form.changed, name)
            self._lay_out()
            self.refresh_bindings()
        self.refresh()

    def _type(self, text: str) -> None:
        """Begin to type into the selected setting, with the caret after `text`."""
        if self.looked_at is None:
            return
        self._open("")
        self._entry.value = ""
        self._entry.insert_text_at_cursor(text)
        self._types = self._entry.display = True
        self._place_entry()
        self._check(begun=not text)
        self.screen.set_focus(self._entry, scroll_visible=False)
        self.refresh()
        self._look()

    def _check(self, *, begun: bool = False) -> None:
        """Find why the setting does not accept the typed text, if it does not; when typing has just `begun`, there is
        none to accept."""
        param = self.looked_at
        if param is None or begun:
            self.error = ""
        else:
            self.error = why_not(param, self._entry.value, max(self.size.width - 2, 20))
        self._entry.set_class(bool(self.error), "-refused")

    def _stop_typing(self) -> None:
        if not self._types:
            return
        self._types, self.error = False, ""
        if self._entry.has_focus:
            self.screen.set_focus(self, scroll_visible=False)
        self._entry.display = False
        self.refresh()

    def _take(self) -> bool:
        """Apply the typed text; returns False, and keeps it, if the setting does not accept it."""
        if not self._types:
            return False
        self._check()
        if self.error:
            return False
        text = self._entry.value
        self._stop_typing()
        self._look()
        param = self.looked_at
        self._give(typed_into(param, self._form.texts[param.name], text) if param is not None else text)
        return True

    def _give(self, text: str) -> None:
        param = self.looked_at
        if param is None:
            return
        text = param.text(param.parse(text))
        if text != self._form.texts[param.name]:
            self.post_message(self.Given(self, param.name, text))
