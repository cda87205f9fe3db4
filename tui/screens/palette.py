"""The command palette: Textual's, opened and closed as a dialog, with keys that wait for the commands."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from tui.screens.modal import SteadyScreen
from tui.widgets.options import PaletteList, can_turn_pages


class Palette(CommandPalette, SteadyScreen[None]):
    """A palette that waits for a running search; Textual's acts on the commands of the last one."""

    _submitted = False

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield PaletteList() if isinstance(widget, CommandList) else widget

    @property
    def takes_keys(self) -> bool:
        return super().takes_keys and self.has_class("-ready")

    @property
    def _gathers(self) -> bool:
        return any(
            worker.node is self and worker.group == self._GATHER_COMMANDS_GROUP and not worker.is_finished
            for worker in self.workers
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self._gathers:
            event.stop()
            event.prevent_default()
            self._submitted = True

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        event.stop()
        if event.worker.group != self._GATHER_COMMANDS_GROUP or event.state != WorkerState.SUCCESS:
            return
        self.release_keys()
        if self._submitted:
            self._submitted = False
            self._select_or_command()

    def on_input_changed(self, event: Input.Changed) -> None:
        if not self.is_active:  # closed, and about to be removed: a search would look for its list
            event.stop()
            event.prevent_default()

    def _action_command_list(self, action: str) -> None:
        # A list without room has no pages; Textual fails to turn them.
        if not action.startswith("page") or can_turn_pages(self.query_one(CommandList)):
            super()._action_command_list(action)

    def on_click(self, event: events.Click) -> None:
        """Close on a click beside the palette."""
        event.prevent_default()
        if event.widget is self:
            self._action_escape()
