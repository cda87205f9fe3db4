"""What every test shares."""

from __future__ import annotations

import os

from hypothesis import settings

# No test fails on a time, and the default run stays short; HYPOTHESIS_PROFILE=thorough looks ten times as hard.
settings.register_profile("quick", deadline=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
