"""How a process of gdtui ends."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process with what is registered to be done then, but without taking the interpreter apart.

    With TensorFlow in it, that takes up to a second; and where a thread is just importing TensorFlow, or is inside it,
    the interpreter ends that thread under C++ code, and the process aborts or hangs for good.
    """
    try:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):  # closed from the start, it is None
                stream.flush()
    finally:
        os._exit(code)
