"""What every test shares."""

from __future__ import annotations

import gc
import os
import signal

from hypothesis import settings

# No test fails on a time, and the default run stays short; HYPOTHESIS_PROFILE=thorough looks ten times as hard.
settings.register_profile("quick", deadline=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# TensorFlow, Textual and the tests themselves are a large heap that outlives every test: walking it again and again
# took a quarter of the suite's time.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """Leave what has been imported to itself."""
    gc.collect()
    gc.freeze()


# nohup, and shells that start something in the background, have it ignore signals, and all that it starts: tests of
# signals would wait for ever for what an ignored one does.
for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
