"""What every test shares."""

from __future__ import annotations

import gc
import os

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
