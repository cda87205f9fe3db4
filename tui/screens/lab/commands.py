"""Commands of the palette in the lab: every lesson and setting by its name, and settings given as `name = value`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from engine.errors import SettingError
from engine.params import Choice, Choices, Param, Switch
from tui.model.app_state import AppState
from tui.screens.commands import Command
from tui.views import status


class TakesCommands(Protocol):
    """The interface of the screen that these commands need."""

    @property
    def app_state(self) -> AppState: ...

    def open_lesson(self, lesson: str) -> None: ...

    def give(self, name: str, text: str) -> None: ...

    def look_at_setting(self, name: str) -> None: ...

    def say(self, words: str, seconds: float = ...) -> None: ...


def lessons(screen: TakesCommands) -> Iterator[Command]:
    """One command per lesson."""
    for row in status.rows(screen.app_state):
        yield f"Lesson {row.number}: {row.title}", row.summary, partial(screen.open_lesson, row.id)


def settings(screen: TakesCommands) -> Iterator[Command]:
    """One command per setting, and one per value if a setting has few values."""
    for param in screen.app_state.lesson_state.shown_params:
        name, text = _spoken(param), screen.app_state.lesson_state.texts[param.name]
        yield f"Set {name} (now {text})", param.help, partial(screen.look_at_setting, param.name)
        options = param.options if isinstance(param, Choice | Choices) else ()
        if isinstance(param, Switch):
            options = ("on", "off")
        for option in options:
            if option != text:
                yield f"Set {name}: {option}", param.help, partial(screen.give, param.name, option)


def assignments(screen: TakesCommands, query: str) -> list[Command]:
    """Commands that set the value given in `query`, as lesson texts write it: `start = 4.5`; `=` may be left out, and
    `rate` stands for a setting with this word in its name, a live one first."""
    found: dict[str, Command] = {}
    query = query.strip()
    sign = list(re.finditer(r"\s*[=:]\s*", query))[:1]
    for split in sign or re.finditer(r"\s+", query):
        name, value = query[: split.start()].lower(), query[split.end() :]
        for param in sorted(screen.app_state.lesson_state.params, key=lambda each: not each.live) if value else ():
            command = _assignment(screen, param, value) if _is_called(param, name) else None
            if command is not None or (sign and _is_called(param, name)):
                found[param.name] = command or _refusal(screen, param, value)
    return list(found.values())


def _assignment(screen: TakesCommands, param: Param, value: str) -> Command | None:
    try:
        text = param.text(param.parse(value))
    except (SettingError, ValueError):
        return None
    now = screen.app_state.lesson_state.texts[param.name]
    return f"{_spoken(param)} = {text}", f"now {now}: {param.help}", partial(_give, screen, param, text)


def _refusal(screen: TakesCommands, param: Param, value: str) -> Command:
    words = f"{_spoken(param)} = {value}: expected {param.accepted}"
    return words, param.help, partial(screen.look_at_setting, param.name)


def _give(screen: TakesCommands, param: Param, text: str) -> None:
    screen.give(param.name, text)
    if screen.app_state.lesson_state.texts[param.name] == text:
        screen.say(f"{_spoken(param)} = {text}")


def _is_called(param: Param, name: str) -> bool:
    """Whether words, without `set` before them, are the setting's name or whole words of it."""
    words = [word for word in re.split(r"[\s_-]+", name) if word and word != "set"]
    return bool(words) and set(words) <= set(param.name.split("_"))


def _spoken(param: Param) -> str:
    return param.name.replace("_", " ")
