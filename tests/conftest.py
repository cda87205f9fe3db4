"""Fixtures and settings that all tests share."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import tempfile

from hypothesis import settings

# Nothing of the user who runs the tests is used: neither their configuration nor their compiled programs.
_home = tempfile.mkdtemp(prefix="gdtui-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ |= {"XDG_CONFIG_HOME": f"{_home}/config", "XDG_CACHE_HOME": f"{_home}/cache"}

# No test fails because of a duration, and the default run stays short; HYPOTHESIS_PROFILE=thorough tries ten times as
# much.
settings.register_profile("quick", deadline=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# TensorFlow, Textual and the tests themselves are a large heap that outlives every test: searching it again and again
# for garbage took a quarter of the suite's time.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """Exempt everything that has been imported from garbage collection."""
    gc.collect()
    gc.freeze()


# nohup, and shells that start something in the background, make it and its children ignore signals: tests of signals
# would wait forever.
for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
