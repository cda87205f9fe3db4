"""The dialog for a branch from a step of a path, with another rate or optimizer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from engine.params import Choice, Choices, Param
from tui.screens.dialogs.dialog import Dialog
from tui.widgets.learn.settings_form import SettingsForm


class BranchScreen(Dialog[dict[str, str]]):
    """Asks for the settings of a branch; answers with them as texts. `texts` are the initial values."""

    KEYS = "← → change   [ ] ; : rate   ↑ ↓ other setting   f branch   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "branch", "Branch"),
        Binding("left_square_bracket,semicolon", "step(-1)", "Rate down", show=False),
        Binding("right_square_bracket,colon", "step(1)", "Rate up", show=False),
    ]

    def __init__(self, where: str, params: Iterable[Param], texts: Mapping[str, str]) -> None:
        super().__init__()
        self._where = where
        self._params = [_single(param) for param in params if param.name in ("learning_rate", "optimizer")]
        self._texts = {param.name: texts[param.name].split(",")[0] for param in self._params}

    @property
    def dialog_title(self) -> str:
        return f"Branch from {self._where}"

    def compose_inside(self) -> Iterable[Widget]:
        yield SettingsForm()
        yield Static("", markup=False, id="refused", classes="dialog-warning")
        yield Static("The run you branch from stays, dim.", markup=False, classes="dialog-text")

    def on_mount(self) -> None:
        form = self.query_one(SettingsForm)
        form.show(self._params, self._texts)
        form.look_at("learning_rate")
        form.focus()

    def on_settings_form_given(self, event: SettingsForm.Given) -> None:
        event.stop()
        if event.text is not None:
            self._texts[event.name] = event.text
            event.form.show(self._params, dict(self._texts))

    def on_settings_form_looked(self, event: SettingsForm.Looked) -> None:
        event.stop()
        self.query_one("#refused", Static).update(event.form.error)

    def action_step(self, by: int) -> None:
        """Change the learning rate."""
        form = self.query_one(SettingsForm)
        form.look_at("learning_rate")
        form.action_change(by)

    def action_branch(self) -> None:
        """Branch from the step."""
        if self.query_one(SettingsForm).typing is None:
            self.dismiss(dict(self._texts))


def _single(param: Param) -> Param:
    """Turn a list of update rules into a single choice: a branch follows one."""
    if not isinstance(param, Choices):
        return param
    return Choice(
        name=param.name,
        default=param.options[0],
        options=param.options,
        files=param.files,
        help=param.help,
        group=param.group,
    )
