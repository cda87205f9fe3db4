"""Threads that compute, beside one that draws."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

NICENESS = 3
"""Half the weight of a thread that does not give way: of two cores under two threads that compute, one that draws has
then a core for itself, as soon as it has something to do."""


def give_way() -> None:
    """Have the other threads of this process run before this one, and before those that it begins from now on.

    Where threads have priorities of their own, which is on Linux; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS)
