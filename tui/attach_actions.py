"""Every action of the attach screen that is not a widget's own, in one table, as tui.actions has those of the app."""

from __future__ import annotations

from textual.binding import Binding

from tui.actions import Action

GROUPS = ("Look", "Share", "App")

ACTIONS: tuple[Action, ...] = (
    Action("next_view", "v", "v", "View", "Next view", "plots, images, histograms, texts, hyperparameters, about the "
           "run", "Look", 1),
    Action("previous_view", "V", "V", "View back", "Previous view", "the view before", "Look"),
    Action("filter", "slash", "/", "Filter", "Filter", "runs or tags by their words", "Look", 14),
    Action("next_pane", "tab", "tab", "Pane", "Next pane", "from runs to tags to what they show", "Look", 12),
    Action("previous_pane", "shift+tab", "shift+tab", "Pane back", "Previous pane", "to the pane before", "Look"),
    Action("zoom", "z", "z", "Zoom", "Zoom the pane", "the pane alone on the screen, and back", "Look", 13),
    Action("help", "question_mark", "?", "Keys", "All keys", "every key, here and now", "Look", 1),
    Action("copy_command", "y", "y", "Copy command", "Copy the command line", "the run under the cursor as one command "
           "line, on the clipboard", "Share", 16),
    Action("export", "e", "e", "Export", "Export", "the plot's data as CSV or JSON, the screen as SVG", "Share", 17),
    Action("redraw", "ctrl+l", "^l", "Redraw", "Redraw", "all of the screen anew, where something spoilt it", "App"),
    Action("show_log", "w", "w", "Log", "Log", "what was not for the screen", "App"),
    Action("app.command_palette", "ctrl+p", "^p", "Commands", "Commands", "every action", "App", 18),
    Action("app.change_theme", "T", "T", "Theme", "Theme", "dark or light, and other themes", "App"),
    Action("quit", "q", "q", "Quit", "Quit", "leave; the runs go on", "App", 19),
)  # fmt: skip

BINDINGS: list[Binding] = [action.binding for action in ACTIONS]
