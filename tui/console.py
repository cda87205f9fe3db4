"""What the standard streams are good for: whether there is a terminal to draw on, and what it can show."""

from __future__ import annotations

import os
from collections.abc import Mapping


def can_draw(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the app has a terminal: stdin and stdout are one, and TERM is neither empty nor dumb."""
    return environ.get("TERM", "") not in ("", "dumb") and all(_is_terminal(fd) for fd in (0, 1))


def _is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False
