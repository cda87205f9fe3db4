"""What is remembered from one session to the next: the last lesson, settings, what was done, the theme.

One JSON file in the user's state folder, versioned, written whole or not at all, readable by its owner alone. A file
that cannot be understood is put aside under another name, never thrown away and never fatal.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VERSION = 1
_LARGEST = 1 << 20
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """`settings` maps a lesson's id to the texts that the learner gave; `done` are ids of lessons run to their end."""

    lesson: str = ""
    theme: str = ""
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    done: tuple[str, ...] = ()


class _DamagedError(ValueError):
    """The file does not hold what it should."""


def default_path() -> Path:
    """Where the state file lies."""
    import platformdirs

    return platformdirs.user_state_path("gdtui", appauthor=False) / "state.json"


def load(path: Path) -> tuple[Remembered, str]:
    """What was remembered, and a message for a person where the file could not be used (else empty)."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return Remembered(), ""
    except OSError as error:
        return Remembered(), f"the state file cannot be read ({error.strerror}): starting with defaults"
    try:
        return _parsed(raw), ""
    except (ValueError, RecursionError) as error:
        return Remembered(), _put_aside(path, str(error) if isinstance(error, _DamagedError) else "not JSON")


def save(path: Path, remembered: Remembered) -> None:
    """Write the file anew, whole or not at all. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = {
        "version": VERSION,
        "lesson": remembered.lesson,
        "theme": remembered.theme,
        "settings": {lesson: dict(texts) for lesson, texts in remembered.settings.items()},
        "done": list(remembered.done),
    }
    # mkstemp makes the file 0600, and its name is nobody else's: two sessions may save at once.
    handle, name = tempfile.mkstemp(prefix=".state-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _parsed(raw: bytes) -> Remembered:
    if len(raw) > _LARGEST:
        raise _DamagedError("larger than 1 MB")
    content = json.loads(raw)
    if not isinstance(content, dict):
        raise _DamagedError("not an object")
    if content.get("version") != VERSION:
        raise _DamagedError(f"written by another version, {str(content.get('version'))[:20]!r}")
    settings = _mapping(content.get("settings", {}), "settings")
    return Remembered(
        lesson=_text(content.get("lesson", ""), "lesson"),
        theme=_text(content.get("theme", ""), "theme"),
        settings={
            lesson: {name: _text(text, name) for name, text in _mapping(texts, lesson).items()}
            for lesson, texts in settings.items()
        },
        done=tuple(_text(lesson, "done") for lesson in _list(content.get("done", []), "done")),
    )


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise _DamagedError(f"{name[:40]!r} is not a text")
    return value


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _DamagedError(f"{name[:40]!r} is not an object")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _DamagedError(f"{name[:40]!r} is not a list")
    return value


def _put_aside(path: Path, why: str) -> str:
    """Rename the file to the first name that is free; returns what to tell the learner."""
    aside = next(
        (there for n in range(1, 100) if not (there := path.with_name(f"{path.name}.damaged-{n}")).exists()), None
    )
    if aside is not None:
        try:
            path.rename(aside)
        except OSError:
            aside = None
    kept = f"put aside as {aside.name}" if aside is not None else "left where it is"
    return f"the state file is damaged ({why}): {kept}, starting with defaults"
