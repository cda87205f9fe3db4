"""What the environment says to the app, put so that Textual understands it, and the screen kept for the app alone."""

from __future__ import annotations

import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from tui import colour, console
from tui.options import AppOptions


def prepare(environ: MutableMapping[str, str], options: AppOptions) -> None:
    """Mend what Textual takes in another sense: an empty NO_COLOR counts for it, and an exported COLUMNS or LINES is
    the terminal's size for good."""
    for name in ("COLUMNS", "LINES"):
        environ.pop(name, None)
    colour.settle(options.no_color or colour.refused(environ), environ)
    if slow_line(environ, options):
        environ.setdefault("TEXTUAL_ANIMATIONS", "none")


def slow_line(environ: Mapping[str, str], options: AppOptions) -> bool:
    """Whether the terminal may be far away."""
    return options.low_bandwidth or bool(environ.get("SSH_CONNECTION"))


def wants_ascii(environ: Mapping[str, str], options: AppOptions) -> bool:
    """Whether to draw with ASCII alone: asked for, or the locale names another encoding than UTF-8."""
    if options.ascii_only:
        return True
    said = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    if environ.get("LC_CTYPE") == "C.UTF-8" and environ.get("LANG") in ("C", "POSIX") and not environ.get("LC_ALL"):
        return True  # Python itself sets this LC_CTYPE where the locale is C
    return bool(said) and "utf" not in said.lower()


def claim_screen() -> Path | None:
    """Keep the terminal for the app: what anyone else writes goes to a log, whose path is returned.

    Textual draws on sys.__stderr__. It becomes the terminal on descriptor 1, in UTF-8 whatever the locale says.
    """
    streams = console.claim(verbose=False, encoding="utf-8")
    for name in ("__stdout__", "__stderr__"):
        setattr(sys, name, streams.out)
    return streams.log
