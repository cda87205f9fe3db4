"""The table of actions: every action of a screen that is not a widget's own.

Bindings, key bar, page of keys and command palette of both screens are built from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from engine.contents import CONTENTS

ScreenName = Literal["lab", "log"]
"""The lab, where lessons run, and the log viewer."""

_LAB: tuple[ScreenName, ...] = ("lab",)
_LOG: tuple[ScreenName, ...] = ("log",)
_BOTH: tuple[ScreenName, ...] = ("lab", "log")


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `keys` are Textual's names, separated by commas; `shown` is how they are written. `rank` orders the
    key bar, 0 leaves it out; `in_key_bar` is written there if one key stands for a pair. `command` is the name in the
    palette. `screens` are those that have the action."""

    id: str
    keys: str
    shown: str
    label: str
    command: str
    tooltip: str
    group: str
    rank: int = 0
    in_key_bar: str = ""
    screens: tuple[ScreenName, ...] = _LAB


GROUPS = ("Run", "Change", "Look", "Share", "App")
FIRST_GROUPS: dict[ScreenName, int] = {"lab": 2, "log": 1}
"""The number of groups at the top of a screen's page of keys: those that are needed most."""

ACTIONS: tuple[Action, ...] = (
    Action("start_or_pause", "space", "space", "Start", "Start or pause", "start the lesson; pause, go on", "Run", 1),
    Action("step", "s,full_stop", "s .", "Step", "Step", "one step, then pause; on a path, look ahead", "Run", 2),
    Action("step_back", "comma", ",", "Back", "Step back", "look one step back along the path", "Run", 3),
    Action("reset", "r", "r", "Reset", "Reset", "back to the beginning; the run stays as a ghost", "Run", 6),
    Action("stop", "x", "x", "Stop", "Stop", "end the run before its next step", "Run", 5),
    Action("recover", "g", "g", "Go back", "Go back and go on slower", "after a divergence: back to the last state "
           "that can go on, at a smaller rate", "Run", 4),
    Action("resume", "R", "R", "Resume", "Resume a run", "on with a classifier's run from its last checkpoint: the one "
           "under the cursor in the history, else the newest unfinished one", "Run", 4),
    Action("rate_down", "left_square_bracket,semicolon", "[ ;", "Rate", "Learning rate down", "a smaller learning "
           "rate; acts on the present run", "Change", 7, "[ ]"),
    Action("rate_up", "right_square_bracket,colon", "] :", "Rate up", "Learning rate up", "a larger one", "Change"),
    Action("next_optimizer", "o", "o", "Optimizer", "Next optimizer", "the next update rule", "Change", 9),
    Action("add_start", "a", "a", "Add start", "Add a start", "a start where the cursor is", "Change", 10),
    Action("clear", "c", "c", "Clear", "Clear", "remove ghosts, overlays and added starts", "Change", 11),
    Action("next_view", "v", "v", "View", "Next view", "plots, images, histograms, texts, hyperparameters, about the "
           "run", "Look", 1, screens=_LOG),
    Action("previous_view", "V", "V", "View back", "Previous view", "the view before", "Look", screens=_LOG),
    Action("filter", "slash", "/", "Filter", "Filter", "find runs or tags by words in them", "Look", 14, screens=_LOG),
    Action("focus_lessons", "slash", "/", "Filter", "Filter lessons", "find a lesson by words in its title or text",
           "Look", 14),
    Action("next_pane", "tab", "tab", "Pane", "Next pane", "to the next pane", "Look", 12, screens=_BOTH),
    Action("previous_pane", "shift+tab", "shift+tab", "Pane back", "Previous pane", "to the pane before", "Look",
           screens=_BOTH),
    Action("zoom", "z", "z", "Zoom", "Zoom the pane", "the pane alone on the screen, and back", "Look", 13,
           screens=_BOTH),
    Action("walk", "F", "F", "First steps", "The first five minutes", "a guided walk: predict, then see", "Look"),
    Action("try_it", "I", "I", "Try it", "Try the text's next step", "apply the next step's settings, and say what to "
           "watch", "Look"),
    Action("exercises", "E", "E", "Exercise", "Exercises", "to the lesson's exercises, and back", "Look", 8),
    Action("glossary", "G", "G", "Glossary", "Glossary", "the terms of the course, each explained", "Look"),
    Action("help", "question_mark", "?", "Keys", "All keys", "every key that acts here", "Look", 1, screens=_BOTH),
    Action("tensorboard", "t", "t", "TensorBoard", "TensorBoard", "start the server, its address; stop", "Share", 15),
    Action("copy_command", "y", "y", "Copy command", "Copy the command line", "the run as one command line, on the "
           "clipboard", "Share", 16, screens=_BOTH),
    Action("export", "e", "e", "Export", "Export", "the plot's data as CSV or JSON, the screen as SVG", "Share", 17,
           screens=_BOTH),
    Action("redraw", "ctrl+l", "^l", "Redraw", "Redraw", "draw the whole screen again", "App",
           screens=_BOTH),
    Action("app.suspend_process", "ctrl+z", "^z", "Suspend", "Suspend", "back to the shell; fg comes back here", "App",
           screens=_BOTH),
    Action("show_log", "w", "w", "Log", "Log", "messages of TensorFlow and other libraries", "App", screens=_BOTH),
    Action("app.command_palette", "ctrl+p", "^p", "Commands", "Commands", "every action and setting", "App", 18,
           screens=_BOTH),
    Action("app.change_theme", "T", "T", "Theme", "Theme", "dark or light, and other themes", "App", screens=_BOTH),
    Action("quit", "q", "q", "Quit", "Quit", "leave; asks only when a run would be lost", "App", 19),
    Action("quit", "q", "q", "Quit", "Quit", "leave; the runs go on", "App", 19, screens=_LOG),
)  # fmt: skip

LESSON_ACTIONS: tuple[Action, ...] = tuple(
    Action(f"open_lesson({number})", str(number), str(number), f"Lesson {number}", f"Lesson {number}",
           f"to lesson {number}", "Look")
    for number in (each.number for each in CONTENTS)
)  # fmt: skip

_KEPT_IN_A_FORM = ("stop",)


def keys_of_runs() -> frozenset[str]:
    """The keys that start, move or resume a run, pick a start or open a lesson: a form must not let them act where they
    may be meant as text."""
    runs = [action for action in ACTIONS if action.group == "Run" and action.id not in _KEPT_IN_A_FORM]
    starts = [action for action in ACTIONS if action.id == "add_start"]
    return frozenset(key for action in (*runs, *starts, *LESSON_ACTIONS) for key in action.keys.split(","))


def actions_of(screen: ScreenName, shown: Mapping[str, str] | None = None) -> tuple[Action, ...]:
    """The actions of a screen, in the order of the table, without those that open a lesson. `shown` has other written
    keys, by action id, for actions whose keys were changed."""
    found = tuple(action for action in ACTIONS if screen in action.screens)
    if not shown:
        return found
    return tuple(replace(action, shown=shown.get(action.id, action.shown)) for action in found)


def bound_on(screen: ScreenName) -> tuple[Action, ...]:
    """The actions of a screen, including those that open a lesson."""
    return (*actions_of(screen), *LESSON_ACTIONS) if screen == "lab" else actions_of(screen)


def action_called(action_id: str, screen: ScreenName = "lab") -> Action | None:
    """Return a screen's action with this id, or None."""
    return next((action for action in bound_on(screen) if action.id == action_id), None)
