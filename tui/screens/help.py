"""Every key: what acts where the focus is, and what acts everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import ACTIONS, GROUPS
from tui.plain import plain
from tui.screens.dialog import Dialog

KEY_WIDTH = 14

Rows = Sequence[tuple[str, str]]


class HelpScreen(Dialog[None]):
    """All keys in groups; `own` are those of the widget that had the focus, with its name."""

    DIALOG_TITLE = "All keys"
    KEYS = "↑ ↓ scroll   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q", "close", "Close", show=False)]

    def __init__(self, own: Sequence[tuple[str, Rows]] = (), *, ascii_only: bool = False) -> None:
        super().__init__()
        self._groups = [*own, *everywhere()]
        self._ascii_only = ascii_only

    def compose_inside(self) -> Iterable[Widget]:
        with VerticalScroll():
            yield Static(page(self._groups, ascii_only=self._ascii_only), classes="dialog-text")


def everywhere() -> list[tuple[str, Rows]]:
    """The table of actions as groups of (key, what it does)."""
    groups: list[tuple[str, Rows]] = []
    for group in GROUPS:
        rows = [(action.shown, f"{action.command}: {action.tooltip}") for action in ACTIONS if action.group == group]
        if group == "Look":
            rows.insert(0, ("1 to 7", "Open a lesson"))
        groups.append((group, rows))
    return groups


def own_keys(screen: Screen[Any]) -> list[tuple[str, Rows]]:
    """The keys of the widget that has the focus and of those around it, up to the screen, each under its name."""
    groups: list[tuple[str, Rows]] = []
    focused = screen.focused
    if focused is None:
        return groups
    for node in focused.ancestors_with_self:
        if node is screen:
            break
        keys: dict[tuple[str, str], list[str]] = {}
        for key, binding in node._bindings:
            shown = binding.key_display or screen.app.get_key_display(Binding(key, binding.action))
            if binding.description:
                keys.setdefault((binding.action, binding.description), []).append(shown)
        # Keys that are written alike, as + and = are, are one to the learner.
        rows = [(" ".join(dict.fromkeys(shown)), words) for (_, words), shown in keys.items()]
        if rows and isinstance(node, Widget):
            groups.append((_spaced(type(node).__name__), rows))
    return groups


def page(groups: Sequence[tuple[str, Rows]], *, ascii_only: bool = False) -> Content:
    """The groups as one text: a heading each, the keys in a column."""
    lines: list[Content] = []
    for name, rows in groups:
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(name, "bold $text-accent"))
        shown = [(plain(key), plain(words)) for key, words in rows] if ascii_only else rows
        for key, words in shown:
            gap = " " * max(KEY_WIDTH - len(key), 1)
            lines.append(Content.assemble(("  " + key, "bold"), gap, words))
    return Content("\n").join(lines)


def _spaced(name: str) -> str:
    """LossPlot as a person writes it."""
    return "".join(f" {c.lower()}" if c.isupper() and place else c for place, c in enumerate(name))
