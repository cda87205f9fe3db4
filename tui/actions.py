"""Every action that is not a widget's own, in one table: it makes bindings, footer, help and command palette."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Action:
    """`keys` are Textual's names, apart by commas; `shown` is how they are written; `rank` orders the footer, 0 is
    not in it, and there `footer` is written where a key stands for its fellow too. `command` is the name in the
    palette."""

    id: str
    keys: str
    shown: str
    label: str
    command: str
    tooltip: str
    group: str
    rank: int = 0
    footer: str = ""

    @property
    def in_footer(self) -> str:
        """How its key is written in the footer."""
        return self.footer or self.shown

    @property
    def binding(self) -> Binding:
        """The binding of the action; it acts wherever no widget takes its keys first."""
        return Binding(
            self.keys, self.id, self.label, show=self.rank > 0, key_display=self.shown, tooltip=self.tooltip, id=self.id
        )


GROUPS = ("Run", "Change", "Look", "Share", "App")

ACTIONS: tuple[Action, ...] = (
    Action("start_or_pause", "space", "space", "Start", "Start or pause", "start the lesson; pause, go on", "Run", 1),
    Action("step", "s,full_stop", "s .", "Step", "Step", "one step, then pause; on a path, look ahead", "Run", 2),
    Action("step_back", "comma", ",", "Back", "Step back", "look one step back along the path", "Run", 3),
    Action("reset", "r", "r", "Reset", "Reset", "back to the beginning; the run stays as a ghost", "Run", 6),
    Action("stop", "x", "x", "Stop", "Stop", "end the run before its next step", "Run", 5),
    Action("recover", "g", "g", "Go back", "Go back and go on slower", "after a divergence: back to the last finite "
           "state, on at a third of the rate", "Run", 4),
    Action("resume", "R", "R", "Resume", "Resume a run", "on with a classifier's run from its last checkpoint: the one "
           "under the cursor in the history, else the last one", "Run", 4),
    Action("rate_down", "left_square_bracket", "[", "Rate", "Learning rate down", "a smaller learning rate; acts on "
           "the run that goes on", "Change", 7, "[ ]"),
    Action("rate_up", "right_square_bracket", "]", "Rate up", "Learning rate up", "a larger one", "Change"),
    Action("next_optimizer", "o", "o", "Optimizer", "Next optimizer", "the next update rule", "Change", 9),
    Action("add_start", "a", "a", "Add start", "Add a start", "a start where the cursor is", "Change", 10),
    Action("clear", "c", "c", "Clear", "Clear", "take away ghosts, overlays and added starts", "Change", 11),
    Action("focus_lessons", "slash", "/", "Filter", "Filter lessons", "find a lesson by its words", "Look", 14),
    Action("next_pane", "tab", "tab", "Pane", "Next pane", "to the next pane", "Look", 12),
    Action("previous_pane", "shift+tab", "shift+tab", "Pane back", "Previous pane", "to the pane before", "Look"),
    Action("zoom", "z", "z", "Zoom", "Zoom the pane", "the pane alone on the screen, and back", "Look", 13),
    Action("help", "question_mark", "?", "Keys", "All keys", "every key, here and now", "Look", 1),
    Action("tensorboard", "t", "t", "TensorBoard", "TensorBoard", "start the server, its address; stop", "Share", 15),
    Action("copy_command", "y", "y", "Copy command", "Copy the command line", "the run as one command line, on the "
           "clipboard", "Share", 16),
    Action("export", "e", "e", "Export", "Export", "the plot's data as CSV or JSON, the screen as SVG", "Share", 17),
    Action("redraw", "ctrl+l", "^l", "Redraw", "Redraw", "all of the screen anew, where something spoilt it", "App"),
    Action("app.suspend_process", "ctrl+z", "^z", "Suspend", "Suspend", "back to the shell; fg comes back here", "App"),
    Action("show_log", "w", "w", "Log", "Log", "what TensorFlow and others had to say", "App"),
    Action("app.command_palette", "ctrl+p", "^p", "Commands", "Commands", "every action and setting", "App", 18),
    Action("app.change_theme", "T", "T", "Theme", "Theme", "dark or light, and other themes", "App"),
    Action("quit", "q", "q", "Quit", "Quit", "leave; asks only when a run would be lost", "App", 19),
)  # fmt: skip

LESSON_ACTIONS: tuple[Action, ...] = tuple(
    Action(f"open_lesson({number})", str(number), str(number), f"Lesson {number}", f"Lesson {number}",
           f"to lesson {number}", "Look")
    for number in range(1, 8)
)  # fmt: skip

BINDINGS: list[Binding] = [action.binding for action in (*ACTIONS, *LESSON_ACTIONS)]


def action_called(action_id: str) -> Action | None:
    """The action with this id, or None."""
    return next((action for action in (*ACTIONS, *LESSON_ACTIONS) if action.id == action_id), None)
