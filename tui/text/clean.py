"""Cleaning of untrusted text for display: run names, tags, labels from files, arguments, messages of exceptions."""

from __future__ import annotations

import unicodedata

# Controls, format characters (bidi among them), surrogates, private use, unassigned; line and paragraph separators.
UNSHOWABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
REPLACEMENT = "\ufffd"


def clean(text: str, keep_newlines: bool = False) -> str:
    """Replace each character that a terminal could act on by U+FFFD; newlines and tabs stay with `keep_newlines`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        REPLACEMENT if unicodedata.category(c) in UNSHOWABLE and not (keep_newlines and c in "\n\t") else c
        for c in text
    )


def columns(text: str) -> int:
    """Count the terminal columns of `text`: two for East Asian wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
