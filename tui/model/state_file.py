"""The state file: the last lesson, settings, finished lessons and the theme, kept between sessions as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui.model import json_file
from tui.model.json_file import items, mapping, text

VERSION = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """`settings` maps a lesson's id to the texts that the learner gave; `done` are ids of lessons run to their end."""

    lesson: str = ""
    theme: str = ""
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    done: tuple[str, ...] = ()


def default_path() -> Path:
    """The path of the state file."""
    import platformdirs

    return platformdirs.user_state_path("gdtui", appauthor=False) / "state.json"


def load(path: Path) -> tuple[Remembered, str]:
    """Load the state; returns it and a message for the user if the file could not be used (else an empty text)."""
    return json_file.load(path, _parsed, Remembered(), "state file")


def save(path: Path, remembered: Remembered) -> None:
    """Replace the file atomically. Raises OSError."""
    content = {
        "version": VERSION,
        "lesson": remembered.lesson,
        "theme": remembered.theme,
        "settings": {lesson: dict(texts) for lesson, texts in remembered.settings.items()},
        "done": list(remembered.done),
    }
    json_file.save(path, content)


def _parsed(content: Any) -> Remembered:
    content = json_file.versioned(content, VERSION)
    settings = mapping(content.get("settings", {}), "settings")
    return Remembered(
        lesson=text(content.get("lesson", ""), "lesson"),
        theme=text(content.get("theme", ""), "theme"),
        settings={
            lesson: {name: text(value, name) for name, value in mapping(texts, lesson).items()}
            for lesson, texts in settings.items()
        },
        done=tuple(text(lesson, "done") for lesson in items(content.get("done", []), "done")),
    )
