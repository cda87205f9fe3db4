"""Priorities of threads: those that compute give way to the one that draws."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

NICENESS = 3
"""Half the weight of a normal thread: on two cores, a thread that draws then has a core for itself beside two that
compute, as soon as it has something to do."""


def give_way() -> None:
    """Give the other threads of this process priority over this one, and over those that it starts from now on.

    Only Linux has priorities per thread; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS)
