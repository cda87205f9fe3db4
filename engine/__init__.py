"""The engine: numbers from TensorFlow as a stream of events. It knows no screen.

The public names below are imported at their first use, so that `import engine` costs nothing. One lesson is
`engine.lessons.lesson(id)`: here its name is that of the module `engine.lesson`.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "Lesson": "engine.lesson",
    "Settings": "engine.settings",
    "SettingError": "engine.errors",
    "parse_settings": "engine.settings",
    "course": "engine.lessons",
    "Runner": "engine.runner",
    "Mailbox": "engine.sinks",
}

__all__ = ["Lesson", "Mailbox", "Runner", "SettingError", "Settings", "course", "parse_settings"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
