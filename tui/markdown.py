"""The Markdown that lesson texts use, as blocks: headings, paragraphs, lists, tables, code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HEADING = re.compile(r"(#{1,4})\s+(.*)")
_ITEM = re.compile(r"( *)([-*]|\d+[.)])\s+(.*)")
_RULE = re.compile(r"\|?[\s:|-]+\|?")
_SPAN = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*|(?<![\w*])\*([^*\s](?:[^*]*[^*\s])?)\*(?!\w)|\[([^\]]+)\]\([^)]*\)")

Span = tuple[str, str]
"""A text and what it is: text, code, strong or em."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a level from 1 on."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words that flow."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: its marker (`-` or `1.`), and how many lists it lies within."""

    marker: str
    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Code:
    """Lines as they stand."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its rows, of which the first names the columns."""

    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Item | Code | Grid


def blocks(text: str) -> list[Block]:
    """The blocks of a text in order. What it does not know is a paragraph."""
    found: list[Block] = []
    lines = text.splitlines()
    place = 0
    while place < len(lines):
        line = lines[place]
        if not line.strip():
            place += 1
        elif line.startswith("```"):
            end = next((n for n in range(place + 1, len(lines)) if lines[n].startswith("```")), len(lines))
            found.append(Code(tuple(lines[place + 1 : end])))
            place = end + 1
        elif heading := _HEADING.fullmatch(line):
            found.append(Heading(len(heading[1]), heading[2].strip()))
            place += 1
        elif line.lstrip().startswith("|"):
            end = next((n for n in range(place, len(lines)) if not lines[n].lstrip().startswith("|")), len(lines))
            found.append(_grid(lines[place:end]))
            place = end
        else:
            end = next((n for n in range(place + 1, len(lines)) if _ends(lines[n])), len(lines))
            found.append(_words(lines[place:end]))
            place = end
    return found


def _ends(line: str) -> bool:
    """Whether a line is no continuation of the words before it."""
    stripped = line.strip()
    return not stripped or stripped.startswith(("```", "|")) or bool(_HEADING.fullmatch(line) or _ITEM.fullmatch(line))


def _words(lines: Sequence[str]) -> Block:
    item = _ITEM.fullmatch(lines[0])
    if item is None:
        return Paragraph(" ".join(line.strip() for line in lines))
    text = " ".join([item[3].strip(), *(line.strip() for line in lines[1:])])
    return Item("-" if item[2] in "-*" else item[2], text, len(item[1]) // 2)


def _grid(lines: Sequence[str]) -> Grid:
    rows = [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in lines]
    kept = [row for line, row in zip(lines, rows, strict=True) if not _RULE.fullmatch(line.strip())]
    width = max((len(row) for row in kept), default=0)
    return Grid(tuple((*row, *[""] * (width - len(row))) for row in kept))


def spans(text: str) -> list[Span]:
    """A line's words with what each is, its marks taken away."""
    return list(_spans(text))


def _spans(text: str) -> Iterator[Span]:
    end = 0
    for found in _SPAN.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], "text"
        code, strong, em, link = found.groups()
        yield (code, "code") if code else (strong, "strong") if strong else (em, "em") if em else (link, "text")
        end = found.end()
    if end < len(text):
        yield text[end:], "text"
