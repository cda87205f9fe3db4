"""From a step of a path on with another rate or optimizer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from engine.lesson import Choice, Choices, Param
from tui.screens.dialog import Dialog
from tui.widgets.setting_field import SettingField


class BranchScreen(Dialog[dict[str, str]]):
    """Asks with what to go on; answers the settings as texts. `texts` are the values to begin with."""

    KEYS = "up, down other setting   [ ] rate   b, enter branch   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("b,enter", "branch", "Branch", show=False)]

    def __init__(
        self, where: str, params: Iterable[Param], texts: Mapping[str, str], *, ascii_only: bool = False
    ) -> None:
        super().__init__()
        self._where = where
        self._params = [_single(param) for param in params if param.name in ("learning_rate", "optimizer")]
        self._texts = {param.name: texts[param.name] for param in self._params}
        self._ascii_only = ascii_only

    @property
    def dialog_title(self) -> str:
        return f"Branch from {self._where}"

    def compose_inside(self) -> Iterable[Widget]:
        for param in self._params:
            yield SettingField(param, self._texts[param.name].split(",")[0], ascii_only=self._ascii_only)
        yield Static("\nThe run you branch from stays, dim.", markup=False, classes="dialog-text")

    def on_mount(self) -> None:
        for field in self.query(SettingField):
            if field.param.name == "learning_rate":
                field.control.focus()

    def on_setting_field_given(self, event: SettingField.Given) -> None:
        event.stop()
        self._texts[event.name] = event.text

    def on_setting_field_confirmed(self, event: SettingField.Confirmed) -> None:
        event.stop()
        self.action_branch()

    def on_setting_field_left(self, event: SettingField.Left) -> None:
        event.stop()
        if event.direction == 0:
            self.action_close()
            return
        fields = list(self.query(SettingField))
        fields[(fields.index(event.field) + event.direction) % len(fields)].control.focus()

    def action_branch(self) -> None:
        """Go on from there."""
        if not any(field.error for field in self.query(SettingField)):
            self.dismiss({name: text.split(",")[0] for name, text in self._texts.items()})


def _single(param: Param) -> Param:
    """Of several update rules a branch follows one."""
    if not isinstance(param, Choices):
        return param
    return Choice(name=param.name, default=param.options[0], options=param.options, help=param.help, group=param.group)
