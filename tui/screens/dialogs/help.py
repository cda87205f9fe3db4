"""The page of all keys: those of the focused widget, and those that act everywhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from tui.model.actions import FIRST_GROUPS, GROUPS, ScreenName, actions_of
from tui.screens.dialogs.dialog import Dialog
from tui.text.fit import wrap
from tui.text.glyphs import UNICODE, Glyphs
from tui.widgets.ascii import DrawsAscii

KEY_WIDTH = 14
SCROLLING = "Scrolling"
_SCROLLS = ("scroll_", "page_", "cursor_up", "cursor_down", "first", "last", "page(", "to_end(", "roll(")
"""The beginnings of the names of actions that scroll, Textual's and ours."""

Rows = Sequence[tuple[str, str]]


class HelpScreen(Dialog[None]):
    """All keys of `screen` in groups; `own` are those of the widget that had the focus, with its name, and `keys` those
    of the screen, by default as in the table of actions."""

    DIALOG_TITLE = "All keys"
    KEYS = "↑ ↓ scroll   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q", "close", "Close", show=False)]

    def __init__(
        self,
        own: Sequence[tuple[str, Rows]] = (),
        keys: Sequence[tuple[str, Rows]] | None = None,
        *,
        screen: ScreenName = "lab",
    ) -> None:
        super().__init__()
        self._groups = arranged(own, keys or everywhere(screen), first=FIRST_GROUPS[screen])

    def compose_inside(self) -> Iterable[Widget]:
        with VerticalScroll():
            yield Keys(self._groups, classes="dialog-text")


def everywhere(
    screen: ScreenName = "lab",
    shown: Mapping[str, str] | None = None,
    *,
    hidden: Collection[str] = (),
    later: Collection[str] = (),
) -> list[tuple[str, Rows]]:
    """A screen's actions as groups of (key, description); see `actions_of`. The ids in `hidden` are left out, those in
    `later` are not possible now."""
    groups: list[tuple[str, Rows]] = []
    for group in GROUPS:
        actions = [each for each in actions_of(screen, shown) if each.group == group and each.id not in hidden]
        rows = [
            (action.shown, f"{action.command}: {action.tooltip}" + (" (not now)" if action.id in later else ""))
            for action in actions
        ]
        if group == "Look" and screen == "lab":
            rows.insert(0, ("1 to 7", "Open a lesson"))
        if rows:
            groups.append((group, rows))
    return groups


def arranged(own: Sequence[tuple[str, Rows]], groups: Sequence[tuple[str, Rows]], first: int) -> list[tuple[str, Rows]]:
    """Sort the page: the `first` groups of actions, which are needed most, the keys of the focused widget, the other
    actions, and at the end the keys that scroll."""
    scrolling = [group for group in own if group[0] == SCROLLING]
    return [*groups[:first], *(group for group in own if group[0] != SCROLLING), *groups[first:], *scrolling]


def silent(screen: Screen[Any], name: ScreenName) -> tuple[set[str], set[str]]:
    """The ids of the screen's actions that no key calls now: those whose keys the focused widget takes, and those that
    are not possible."""
    acting = {
        binding.action.rpartition(".")[2]
        for node, binding, enabled, _ in screen.active_bindings.values()
        if enabled and node in (screen, screen.app)
    }
    others = {action.id for action in actions_of(name)} - acting
    possible = {each for each in others if screen.check_action(each, ())}
    return possible, others - possible


def own_keys(screen: Screen[Any]) -> list[tuple[str, Rows]]:
    """The keys of the focused widget and of those around it, up to the screen, each group under its name.

    The purpose of a widget of Textual's own, such as a list of options, is not known from it: its keys count as those
    of the widget that contains it. Keys that scroll or move by pages come last, in their own group.
    """
    groups: list[tuple[str, Rows]] = []
    focused = screen.focused
    if focused is None:
        return groups
    keys: dict[tuple[str, str], list[str]] = {}
    scrolling: dict[tuple[str, str], list[str]] = {}
    for node in focused.ancestors_with_self:
        if node is screen:
            break
        for key, binding in node._bindings:
            shown = binding.key_display or screen.app.get_key_display(Binding(key, binding.action))
            if binding.description:
                into = scrolling if binding.action.startswith(_SCROLLS) else keys
                into.setdefault((binding.action, _sentence(binding.description)), []).append(shown)
        if keys and not type(node).__module__.startswith("textual."):
            groups.append((_spaced(type(node).__name__), _rows(keys)))
            keys = {}
    return [*groups, (SCROLLING, _rows(scrolling))] if scrolling else groups


def _rows(keys: Mapping[tuple[str, str], Sequence[str]]) -> Rows:
    """(Key, description) pairs of keys given by (action, description). Keys that are written alike, as + and =, are
    joined."""
    return [(" ".join(dict.fromkeys(shown)), words) for (_, words), shown in keys.items()]


class Keys(DrawsAscii, Widget):
    """Groups of keys, as wide as the available room and as high as necessary."""

    def __init__(self, groups: Sequence[tuple[str, Rows]], *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._groups = groups

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(page(self._groups, width, glyphs=self._glyphs).split("\n"))

    def render(self) -> Content:
        return page(self._groups, self.size.width, glyphs=self._glyphs)


def page(groups: Sequence[tuple[str, Rows]], width: int, *, glyphs: Glyphs = UNICODE) -> Content:
    """Format the groups as one text: a heading each, the keys in a column, their descriptions wrapped beside it."""
    lines: list[Content] = []
    for name, rows in groups:
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(name, "bold $text-accent"))
        for key, words in ((glyphs.spelled(key), glyphs.spelled(said)) for key, said in rows):
            lead = f"  {key}".ljust(KEY_WIDTH + 1) + " "
            first, *more = wrap(words, max(width - KEY_WIDTH - 2, KEY_WIDTH))
            lines.append(Content.assemble((lead, "bold"), first))
            lines += [Content(" " * (KEY_WIDTH + 2) + line) for line in more]
    return Content("\n").join(lines)


def _sentence(words: str) -> str:
    """Write Textual's Scroll Up as in the other descriptions."""
    return words.capitalize() if words.istitle() else words


def _spaced(name: str) -> str:
    """Write LossPlot as separate words."""
    return "".join(f" {c.lower()}" if c.isupper() and place else c for place, c in enumerate(name))
