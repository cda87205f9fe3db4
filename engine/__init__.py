"""The engine: computes with TensorFlow and reports everything as a stream of events. It knows no screen.

The public names below are imported at their first use, so `import engine` costs nothing. To get one lesson, call
`engine.lessons.lesson(id)`: the name `engine.lesson` is that of a module.
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
    "Runner": "engine.run.runner",
    "Mailbox": "engine.run.sinks",
}

__all__ = ["Lesson", "Mailbox", "Runner", "SettingError", "Settings", "course", "parse_settings"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
