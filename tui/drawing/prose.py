"""Words in lines of a given width."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells, set_cell_size


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of `width` cells at most, broken at spaces, and within a word only where it is wider than that.

    An empty text is one empty line.
    """
    width = max(width, 2)
    lines = [""]
    for word in text.split():
        pieces = [word] if cell_len(word) <= width else chop_cells(word, width)
        for number, piece in enumerate(pieces):
            joined = f"{lines[-1]} {piece}" if lines[-1] else piece
            if number == 0 and cell_len(joined) <= width:
                lines[-1] = joined
            elif lines == [""]:
                lines = [piece]
            else:
                lines.append(piece)
    return lines


def cut(text: str, width: int, mark: str = "…") -> str:
    """`text` in `width` cells at most; where it is longer its end is replaced by `mark`."""
    if cell_len(text) <= width:
        return text
    return (set_cell_size(text, width - cell_len(mark)).rstrip() + mark) if width >= cell_len(mark) else mark[:width]


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells, at the left or at the `right`; a longer one is left as it is."""
    space = " " * max(width - cell_len(text), 0)
    return space + text if right else text + space
