"""The app that shows runs from their event files: live while they are written and afterwards, of any program."""

from __future__ import annotations

from tui.options import AppOptions


def run_attach(target: str | None, options: AppOptions) -> int:
    """Show the run or log folder that `target` names (None: the newest run of the logdir); returns the exit code."""
    raise NotImplementedError
