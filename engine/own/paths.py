"""The form in which a setting names a learner's Python file: `FILE.py`, or `FILE.py:NAME`."""

from __future__ import annotations

import re

FORM = re.compile(r"(?P<path>.+\.py)(:(?P<name>[A-Za-z_]\w*))?")


def is_file(text: str) -> bool:
    """Whether a setting's text names a Python file rather than an expression."""
    return FORM.fullmatch(text) is not None
