"""Notices for a user who is not looking at the terminal: its bell, and a notification on its desktop.

There are three sequences for a notification. A terminal skips unknown ones, but some know several and would show
everything twice, so the environment decides which is sent.

Source: OSC 9, iTerm2's documentation of escape codes; OSC 777, rxvt-unicode's notify extension; OSC 99, kitty's
"Desktop notifications"; the wrapping for tmux, its manual, allow-passthrough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tui.text.clean import clean

BELL = "\a"
_END = "\x1b\\"
_LONGEST = 200

Way = Literal["osc9", "osc99", "osc777"]

_WAYS: Mapping[str, tuple[Way, ...]] = {
    "kitty": ("osc99",),
    "foot": ("osc777",),
    "rxvt": ("osc777",),
    "wezterm": ("osc777",),
    "ghostty": ("osc777",),
    "konsole": ("osc777",),
    "vte": ("osc777",),
    "iterm": ("osc9",),
    "windows": ("osc9",),
    "linux": (),
}
"""The sequences for each terminal, by its name; others get the two of which no terminal listed here knows both."""
_OTHERS: tuple[Way, ...] = ("osc9", "osc777")


def notice(title: str, words: str, environ: Mapping[str, str]) -> bytes:
    """The bell, and the sequences that show `title` and `words` on the terminal's desktop."""
    title, words = _safe(title).replace(";", ","), _safe(words)
    sequences = [_sequence(way, title, words) for way in ways(environ)]
    if environ.get("TMUX"):
        sequences = ["\x1bPtmux;" + each.replace("\x1b", "\x1b\x1b") + _END for each in sequences]
    return "".join((BELL, *sequences)).encode()


def ways(environ: Mapping[str, str]) -> tuple[Way, ...]:
    """The sequences for this terminal."""
    return _WAYS.get(_terminal(environ), _OTHERS)


def _terminal(environ: Mapping[str, str]) -> str:
    if environ.get("KITTY_WINDOW_ID"):
        return "kitty"
    if environ.get("WT_SESSION"):
        return "windows"
    if environ.get("KONSOLE_VERSION"):
        return "konsole"
    named = f"{environ.get('TERM_PROGRAM', '')} {environ.get('TERM', '')}".lower()
    return next((name for name in _WAYS if name in named), "vte" if environ.get("VTE_VERSION") else "")


def _sequence(way: Way, title: str, words: str) -> str:
    match way:
        case "osc9":
            return f"\x1b]9;{title}: {words}{_END}"
        case "osc777":
            return f"\x1b]777;notify;{title};{words}{_END}"
        case "osc99":
            return f"\x1b]99;i=gdtui:d=0;{title}{_END}\x1b]99;i=gdtui:p=body;{words}{_END}"


def _safe(text: str) -> str:
    """Text without anything that could end the sequence."""
    return clean(text)[:_LONGEST]
