"""Every key: what acts where the focus is, and what acts everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from tui.actions import ACTIONS, GROUPS
from tui.drawing.prose import wrap
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
            yield Keys(self._groups, ascii_only=self._ascii_only, classes="dialog-text")


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
    """The keys of the widget that has the focus and of those around it, up to the screen, each under its name.

    A widget of Textual's own, as a list of options is, tells nobody what it is there for: its keys count as those of
    the one that it is in.
    """
    groups: list[tuple[str, Rows]] = []
    focused = screen.focused
    if focused is None:
        return groups
    keys: dict[tuple[str, str], list[str]] = {}
    for node in focused.ancestors_with_self:
        if node is screen:
            break
        for key, binding in node._bindings:
            shown = binding.key_display or screen.app.get_key_display(Binding(key, binding.action))
            if binding.description:
                keys.setdefault((binding.action, _sentence(binding.description)), []).append(shown)
        if keys and not type(node).__module__.startswith("textual."):
            # Keys that are written alike, as + and = are, are one to the learner.
            rows = [(" ".join(dict.fromkeys(shown)), words) for (_, words), shown in keys.items()]
            groups.append((_spaced(type(node).__name__), rows))
            keys = {}
    return groups


class Keys(Widget):
    """Groups of keys, as wide as there is room for and as high as they need."""

    def __init__(self, groups: Sequence[tuple[str, Rows]], *, ascii_only: bool, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._groups, self._ascii_only = groups, ascii_only

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(page(self._groups, width, ascii_only=self._ascii_only).split("\n"))

    def render(self) -> Content:
        return page(self._groups, self.size.width, ascii_only=self._ascii_only)


def page(groups: Sequence[tuple[str, Rows]], width: int, *, ascii_only: bool = False) -> Content:
    """The groups as one text: a heading each, the keys in a column, what they do wrapped beside it."""
    lines: list[Content] = []
    for name, rows in groups:
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(name, "bold $text-accent"))
        shown = [(plain(key), plain(words)) for key, words in rows] if ascii_only else rows
        for key, words in shown:
            lead = f"  {key}".ljust(KEY_WIDTH + 1) + " "
            first, *more = wrap(words, max(width - KEY_WIDTH - 2, KEY_WIDTH))
            lines.append(Content.assemble((lead, "bold"), first))
            lines += [Content(" " * (KEY_WIDTH + 2) + line) for line in more]
    return Content("\n").join(lines)


def _sentence(words: str) -> str:
    """Scroll Up, as Textual has it, as it is written here."""
    return words.capitalize() if words.istitle() else words


def _spaced(name: str) -> str:
    """LossPlot as a person writes it."""
    return "".join(f" {c.lower()}" if c.isupper() and place else c for place, c in enumerate(name))
