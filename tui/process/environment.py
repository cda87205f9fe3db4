"""The environment of the app: variables translated for Textual, and the screen reserved for the app."""

from __future__ import annotations

import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from tui.process import colour, console
from tui.process.options import AppOptions
from tui.text.glyphs import GlyphSet

FRAMES_PER_S = 20.0
FRAMES_PER_S_SSH = 15.0
FRAMES_PER_S_LOW = 4.0


def prepare(environ: MutableMapping[str, str], options: AppOptions) -> None:
    """Correct what Textual interprets differently: it obeys an empty NO_COLOR, and takes an exported COLUMNS or LINES
    as the terminal's fixed size."""
    for name in ("COLUMNS", "LINES"):
        environ.pop(name, None)
    colour.settle(options.no_color, environ)
    if slow_line(environ, options):
        environ.setdefault("TEXTUAL_ANIMATIONS", "none")


def slow_line(environ: Mapping[str, str], options: AppOptions) -> bool:
    """Whether the terminal may be at the other end of a slow connection."""
    return options.low_bandwidth or bool(environ.get("SSH_CONNECTION"))


def frame_s(environ: Mapping[str, str], options: AppOptions) -> float:
    """The least time between two frames of a run, in seconds: longer over ssh, longest on a slow line."""
    if options.low_bandwidth:
        return 1 / FRAMES_PER_S_LOW
    return 1 / (FRAMES_PER_S_SSH if environ.get("SSH_CONNECTION") else FRAMES_PER_S)


def glyphs(environ: Mapping[str, str], options: AppOptions) -> GlyphSet:
    """Choose the glyphs: the requested ones; else ASCII if the locale's encoding is not UTF-8, and blocks on the Linux
    console, whose fonts have no braille."""
    if options.glyphs is not None:
        return options.glyphs
    if _is_ascii(environ):
        return "ascii"
    return "blocks" if environ.get("TERM", "").startswith("linux") else "braille"


def _is_ascii(environ: Mapping[str, str]) -> bool:
    """Whether the locale's encoding is not UTF-8."""
    said = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    if environ.get("LC_CTYPE") == "C.UTF-8" and environ.get("LANG") in ("C", "POSIX") and not environ.get("LC_ALL"):
        return True  # Python itself sets this LC_CTYPE if the locale is C
    return bool(said) and "utf" not in said.lower()


def claim_screen() -> Path | None:
    """Reserve the terminal for the app; returns the path of the log that receives what other code writes.

    Textual draws on sys.__stderr__, which is redirected to the terminal on descriptor 1, in UTF-8 in every locale.
    """
    streams = console.claim(verbose=False, encoding="utf-8")
    for name in ("__stdout__", "__stderr__"):
        setattr(sys, name, streams.out)
    return streams.log
