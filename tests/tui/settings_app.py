"""An app with only the pane of settings, which applies the given values."""

from __future__ import annotations

from textual.app import ComposeResult

from engine.params import Param
from tui.app.base import ResilientApp
from tui.widgets.learn.settings_form import SettingsForm
from tui.widgets.learn.settings_pane import SettingsPane, SettingsPicture


class SettingsApp(ResilientApp):
    """Shows `params` with their values, given as `texts` by name."""

    def __init__(self, params: tuple[Param, ...], texts: dict[str, str]) -> None:
        super().__init__()
        self.params, self.texts = params, texts
        self.lesson = "lesson"

    def compose(self) -> ComposeResult:
        yield SettingsPane()

    def on_mount(self) -> None:
        self.draw()
        self.form.focus()

    @property
    def form(self) -> SettingsForm:
        return self.query_one(SettingsForm)

    def draw(self) -> None:
        self.query_one(SettingsPane).show(SettingsPicture(self.lesson, self.params, tuple(self.texts.items())))

    def on_settings_form_given(self, event: SettingsForm.Given) -> None:
        if event.text is not None:
            self.texts[event.name] = event.text
        self.draw()
