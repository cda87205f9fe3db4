"""The log, as the terminal's threads write it: descriptor 2, which is the log while the app has the screen.

Textual captures sys.stderr while an app runs; text printed there is lost.
"""

from __future__ import annotations

import contextlib
import os
import traceback


def log_text(text: str) -> None:
    """Write text to the log."""
    with contextlib.suppress(OSError):
        os.write(2, text.encode(errors="replace"))


def log_exception() -> None:
    """Write the traceback of the present exception to the log."""
    log_text(traceback.format_exc())
