"""The TensorBoard process: it ends when gdtui ends, even by SIGKILL, and loads no TensorFlow.

Run as a script with the parent's process number (0: do not watch the parent) and TensorBoard's own arguments. The
parent holds the other end of standard input and never writes to it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from types import ModuleType

_PR_SET_PDEATHSIG = 1  # Source: prctl(2)
_GRACE_S = 3.0


def main() -> None:
    """Become TensorBoard."""
    parent, arguments = int(sys.argv[1]), sys.argv[2:]
    _die_with(parent)
    threading.Thread(target=_watch_parent, name="parent's death", daemon=True).start()
    # TensorBoard looks for this module to decide to run without TensorFlow: it starts in 1 s instead of 5, takes 70 MB
    # instead of 570, and TensorFlow's reader, which a crafted event file can crash, is not loaded. All that gdtui logs
    # is shown.
    sys.modules["tensorboard.compat.notf"] = ModuleType("tensorboard.compat.notf")
    from tensorboard.main import run_main

    sys.argv = ["tensorboard", *arguments]
    run_main()


def _die_with(parent: int) -> None:
    """On Linux: tell the kernel to end this process when the thread that started it ends."""
    if not parent or not sys.platform.startswith("linux"):
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before this call
        sys.exit(1)


def _watch_parent() -> None:
    """On any system: end when the pipe from the parent breaks, first gracefully, then by force."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
