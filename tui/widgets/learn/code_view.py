"""The code pane: the functions that a lesson runs, read from their source, with coloured syntax."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from tui.text.source import source_of

_HANGING = 4
"""The additional indentation of the wrapped rest of a line of code."""


class CodeView(VerticalScroll, can_focus=True):
    """Functions one below the other, each under its place. They are read and coloured when first shown."""

    DEFAULT_CSS = """
    CodeView {
        scrollbar-size: 1 1;
        padding: 0 1;
        & > .place { width: 1fr; height: auto; color: $text-primary; text-style: bold; margin-bottom: 1; }
        & > Listing { width: 1fr; height: auto; margin-bottom: 1; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._places: tuple[str, ...] = ()
        self._shown: tuple[str, ...] = ()

    def show(self, places: Sequence[str]) -> None:
        """Show these functions, written `module:function`."""
        self._places = tuple(places)
        if self.is_mounted and self.size:
            self.call_later(self._read)

    def on_show(self) -> None:
        self.call_later(self._read)

    async def _read(self) -> None:
        if self._shown == self._places:
            return
        self._shown = self._places
        from textual.highlight import highlight

        await self.remove_children()
        made: list[Widget] = []
        for place in self._places:
            module, _, name = place.partition(":")
            try:
                text, line = source_of(place)
            except (OSError, LookupError, SyntaxError) as error:
                text, line = f"# {error}", 0
            where = f"{module.replace('.', '/')}.py:{line}  {name}"
            made.append(Static(where, classes="place", markup=False))
            made.append(Listing(highlight(text, language="python")))
        await self.mount_all(made)
        self.scroll_home(animate=False)


class Listing(Widget):
    """Code in colour; a line that is too long is wrapped."""

    def __init__(self, code: Content) -> None:
        super().__init__()
        self._code = code

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(wrapped(self._code, width))

    def render(self) -> Content:
        return Content("\n").join(wrapped(self._code, self.size.width))


def wrapped(code: Content, width: int) -> list[Content]:
    """Wrap lines of code to `width` cells, between words. The rest of a line is indented like the line in a docstring,
    like the words in a comment, and further in code."""
    lines: list[Content] = []
    in_text = False
    for line in code.split("\n", allow_blank=True):
        text = line.plain.rstrip()
        quotes = text.count('"""')
        begins = len(text) - len(text.lstrip())
        hanging = begins + (0 if in_text or quotes else 2 if text.lstrip().startswith("#") else _HANGING)
        in_text ^= quotes % 2 == 1
        lines += _parted(line[: len(text)], begins, min(hanging, width // 2), width)
    return lines


def _parted(line: Content, begins: int, hanging: int, width: int) -> list[Content]:
    """Split a line into pieces of at most `width` cells, all but the first indented by `hanging` cells."""
    pieces: list[Content] = []
    lead = Content("")
    while line.cell_length > width - lead.cell_length > 0:
        room = width - lead.cell_length
        at = line.plain.rfind(" ", 0 if pieces else begins + 1, room + 1)
        end = at if at > (0 if pieces else begins) else room
        pieces.append(lead + line[:end])
        rest = line.plain[end:]
        line = line[end + len(rest) - len(rest.lstrip()) :]
        lead = Content(" " * hanging)
    return [*pieces, lead + line]
