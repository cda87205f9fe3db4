"""Markdown as blocks of styled words: headings, paragraphs, lists, code, tables. Parsed by markdown-it as
CommonMark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Span = tuple[str, str]
"""A text and its role: text, code, strong, em, strike, or break (the end of a line)."""
Spans = tuple[Span, ...]
QUOTE = "▎ "
"""The margin of a quotation."""
_ROLES = {"strong_open": "strong", "em_open": "em", "s_open": "strike"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a level from 1 to 6."""

    level: int
    text: Spans
    margin: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words that are wrapped."""

    text: Spans
    margin: str = ""


@dataclass(frozen=True, slots=True)
class ListItem:
    """The first paragraph of a list entry, with its marker (`-` or `1.`)."""

    marker: str
    text: Spans
    margin: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that are shown unchanged."""

    lines: tuple[str, ...]
    margin: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: rows of equal length; the first has the column names."""

    rows: tuple[tuple[Spans, ...], ...]
    margin: str = ""


@dataclass(frozen=True, slots=True)
class ThematicBreak:
    """A horizontal line."""

    margin: str = ""


Block = Heading | Paragraph | ListItem | Code | Grid | ThematicBreak
"""`margin` is the text before each of its rows: two or more spaces for each list it is in, QUOTE for each quotation."""


def blocks(text: str) -> list[Block]:
    """Parse a text into blocks; tabs become spaces up to the next multiple of four."""
    return list(_blocks(_parser().parse(text.expandtabs(4))))


def spans(text: str) -> Spans:
    """Parse one line into words with their roles."""
    (inline,) = _parser().parseInline(text)
    return _spans(inline.children or ())


@cache
def _parser() -> MarkdownIt:
    """Build the parser: CommonMark with tables, without entities and links shown by their decoded address, which could
    restore a character that was cleaned away. HTML is treated as text."""
    from markdown_it import MarkdownIt  # takes 20 ms to import, so not before the first text is shown

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["entity", "autolink"])


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    margins: list[str] = []
    # The marker of a list entry that has begun, until its first paragraph; and the margin before it.
    begun: tuple[str, str] | None = None
    rows: list[list[Spans]] = []
    kind = ""
    for token in tokens:
        margin = "".join(margins)
        if begun is not None and token.type not in ("paragraph_open", "inline"):
            yield ListItem(begun[0], (), begun[1])
            begun = None
        match token.type:
            case "blockquote_open":
                margins.append(QUOTE)
            case "list_item_open":
                marker = f"{token.info}{token.markup}" if token.info else "-"
                begun = (marker, margin)
                margins.append(" " * (len(marker) + 1))
            case "blockquote_close" | "list_item_close":
                margins.pop()
            case "paragraph_open" | "heading_open" | "th_open" | "td_open":
                kind = token.tag
            case "inline" if kind in ("th", "td"):
                rows[-1].append(_spans(token.children or ()))
            case "inline" if begun is not None:
                yield ListItem(begun[0], _spans(token.children or ()), begun[1])
                begun = None
            case "inline":
                words = _spans(token.children or ())
                yield Paragraph(words, margin) if kind == "p" else Heading(int(kind[1]), words, margin)
            case "fence" | "code_block":
                yield Code(tuple(token.content.removesuffix("\n").split("\n")), margin)
            case "hr":
                yield ThematicBreak(margin)
            case "table_open":
                rows = []
            case "tr_open":
                rows.append([])
            case "table_close":
                yield Grid(tuple(map(tuple, rows)), margin)


def _spans(tokens: Sequence[Token]) -> Spans:
    """Convert inline tokens to spans, joining neighbours of one role. A link becomes its words, a picture its
    description."""
    found: list[Span] = []
    roles = ["text"]
    for token in tokens:
        if role := _ROLES.get(token.type):
            roles.append(role)
        elif token.nesting < 0 and len(roles) > 1 and token.type.replace("_close", "_open") in _ROLES:
            roles.pop()
        elif token.type == "hardbreak":
            found.append(("", "break"))
        else:
            text = " " if token.type == "softbreak" else token.content
            role = "code" if token.type == "code_inline" else roles[-1]
            if text and found and found[-1][1] == role != "code":
                found[-1] = (found[-1][0] + text, role)
            elif text:
                found.append((text, role))
    return tuple(found)
