"""The end of a process: registered exit functions, flush, but no teardown of the interpreter."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process: run the registered exit functions, but do not tear the interpreter down.

    With TensorFlow loaded, teardown takes up to a second; and if a thread is importing TensorFlow, or is inside it, the
    interpreter ends that thread under C++ code, and the process aborts or hangs.
    """
    try:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(
                OSError, ValueError, AttributeError
            ):  # a stream that was closed from the start is None
                stream.flush()
    finally:
        os._exit(code)
