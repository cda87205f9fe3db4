"""The base of the two screens, lab and log viewer: their actions, commands and common dialogs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, get_args

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Static

from tui import terminal
from tui.model.actions import ScreenName, bound_on
from tui.process.options import AppOptions
from tui.screens.commands import Command, action_commands, key_commands, shown_keys
from tui.screens.layout import LEAST, Room, room_for
from tui.screens.modal import SteadyScreen, open_dialog

if TYPE_CHECKING:
    from tui.screens.dialogs.export import Exportable


def bindings_of(screen: ScreenName) -> list[Binding]:
    """The bindings of a screen's actions; an action is triggered unless a widget takes its key first."""
    return [
        Binding(
            action.keys,
            action.id,
            action.label,
            show=action.rank > 0,
            key_display=action.shown,
            tooltip=action.tooltip,
            id=action.id,
        )
        for action in bound_on(screen)
    ]


class BaseScreen(SteadyScreen[None]):
    """A screen with which the app opens: each row of the table of actions is one of its methods `action_<id>`."""

    SCREEN_NAME: ClassVar[ScreenName]
    options: AppOptions

    @abstractmethod
    def say(self, words: str, seconds: float = 4.0) -> None:
        """Show words for some seconds, in the screen's row for passing messages."""

    def fit_room(self, width: int, height: int, *, update: bool = True) -> Room:
        """Set the class of the available room, and report if it is too little; `update` restyles at once."""
        here = room_for(width, height)
        for room in get_args(Room):
            self.set_class(room == here, f"-{room}", update=update)
        if here == "tiny" and self.has_parts:
            words = f"gdtui needs {LEAST[0]} by {LEAST[1]} characters;\nhere are {width} by {height}."
            self.query_one("#too-small", Static).update(words)
        return here

    def alert(self, words: str) -> None:
        """Alert a user who looks elsewhere, if that is enabled."""
        if self.options.notify:
            terminal.notify(self.app, "gdtui", words)

    # --- focus --------------------------------------------------------------------------------------------------------

    def watch_focused(self) -> None:
        """Watch the focus: a focused widget that is removed would take it along, and keys would have no effect."""
        if self.focused is None and self.takes_keys:
            self.call_after_refresh(self._find_focus)

    def _find_focus(self) -> None:
        # While the terminal itself has lost the focus, no widget should have it; Textual restores it afterwards.
        if self.focused is None and self.app.app_focus and self.has_parts:
            self.focus_again()

    @abstractmethod
    def focus_again(self) -> None:
        """Put the focus back to its last place, because no widget has it."""

    # --- commands -----------------------------------------------------------------------------------------------------

    def commands(self) -> Iterator[Command]:
        """The content of the palette: the actions, the screen's own commands, and the keys of the visible widgets."""
        yield from action_commands(self, self.SCREEN_NAME, self.say, shown_keys(self.options.keys))
        yield from self.own_commands()
        yield from key_commands(self, self.place_name, self.say)

    def own_commands(self) -> Iterator[Command]:
        """Commands of only this screen."""
        yield from ()

    def commands_given(self, query: str) -> Sequence[Command]:
        """Commands that the text typed into the palette spells out, as `start = 4.5` does."""
        return ()

    @abstractmethod
    def place_name(self, widget: Widget) -> str:
        """The name of the place where a widget is; empty if it has none."""

    # --- dialogs ------------------------------------------------------------------------------------------------------

    def action_help(self) -> None:
        """Show every key, those of the focused widget first."""
        from tui.screens.dialogs.help import HelpScreen, everywhere, own_keys, silent

        hidden, later = silent(self, self.SCREEN_NAME)
        keys = everywhere(self.SCREEN_NAME, shown_keys(self.options.keys), hidden=hidden, later=later)
        open_dialog(self.app, HelpScreen(own_keys(self), keys, screen=self.SCREEN_NAME))

    def action_show_log(self) -> None:
        """Show the log of what was not meant for the screen."""
        from tui.screens.dialogs.app_log import AppLogScreen

        open_dialog(self.app, AppLogScreen(getattr(self.app, "log_path", None), self.own_messages()))

    def own_messages(self) -> str:
        """Messages that the screen itself keeps and that belong into the log."""
        return ""

    def share(self, command: str, *, changed: bool = False) -> None:
        """Show a run as one command line; `changed`: its settings were changed during the run."""
        from tui.screens.dialogs.share import ShareScreen

        open_dialog(self.app, ShareScreen(command, changed=changed))

    def action_export(self) -> None:
        """Export the data of a plot, or the screen."""
        from tui.screens.dialogs.export import ask_what_to_export

        ask_what_to_export(self.app, self.exports(), self.picture_names(), Path.cwd(), self.say)

    @abstractmethod
    def exports(self) -> Sequence[Exportable]:
        """The data that can be exported, those of the focused plot first."""

    @abstractmethod
    def picture_names(self) -> tuple[str, str]:
        """The title of a picture of the screen, and the stem of its file name."""

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
        terminal.repaint(self.app)
