"""The styles of a drawn widget's component classes, with their transparency blended into the background."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget


class ComponentStyles:
    """`parts("title")` is the style of `.PREFIX--title`. Textual's own partial styles drop a colour's alpha.

    Call `forget` when styles were updated.
    """

    def __init__(self, widget: Widget, prefix: str = "cell") -> None:
        self._widget = widget
        self._prefix = prefix
        self._known: dict[str, Style] = {}

    def __call__(self, name: str) -> Style:
        """The style of one part: its colours if the style sheet sets them, and its bold, dim, reverse."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = part_style(self._widget, f"{self._prefix}--{name}")
        return known

    def forget(self) -> None:
        """Discard the styles after a change, to look them up again."""
        self._known.clear()


def part_style(widget: Widget, name: str) -> Style:
    """The style of one component class; what its rules do not set is left to the background."""
    styles = widget.get_component_styles(name)
    own = styles.background
    below = widget.background_colors[1] + own
    color = (below + styles.color).rich_color if styles.has_rule("color") else None
    ground = below.rich_color if styles.has_rule("background") and own.a > 0 else None
    return Style(color=color, bgcolor=ground) + styles.text_style
