"""The configuration file, config.toml in the user's configuration folder: defaults for options, settings and keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from engine.errors import InputError, SettingError
from engine.files import read_regular
from engine.lesson import Lesson
from engine.lessons import every_lesson
from engine.params import Choice, Folder, Number, Param, Switch, quoted
from engine.settings import param_of, params_of, text_of
from tui.cli.keymap import keymap
from tui.process.options import CHECKPOINT_EVERY_S, DEFAULT_LOGDIR
from tui.text.course_texts import ENGLISH, languages
from tui.text.glyphs import GlyphSet

LARGEST = 1 << 20

AUTO = "auto"
"""Leaves the choice of glyphs to the terminal."""

EVERY_LESSON = ""
"""The key in `Config.settings` of the settings that apply to every lesson."""

CHECKPOINT_EVERY = Number(
    name="checkpoint_every",
    default=CHECKPOINT_EVERY_S,
    low=0.1,
    high=86_400.0,
    unit="s",
    help="seconds between checkpoints of a classifier's run",
)

OPTIONS: tuple[Param, ...] = (
    Folder(name="logdir", default=DEFAULT_LOGDIR, help="where runs are logged for TensorBoard"),
    Switch(name="log", default=True, help="write a TensorBoard log, and checkpoints"),
    CHECKPOINT_EVERY,
    Switch(name="cache", default=True, help="keep compiled programs, and use those of earlier runs"),
    Choice(name="language", default=ENGLISH, options=languages(), help="language of the texts"),
    Switch(name="color", default=True, help="colours"),
    Choice(
        name="glyphs",
        default=AUTO,
        options=(AUTO, *get_args(GlyphSet)),
        help="what is drawn with; auto is blocks on the Linux console, ascii without UTF-8, else braille",
    ),
    Switch(name="ascii", default=False, help="ASCII characters only, as glyphs ascii"),
    Switch(name="low_bandwidth", default=False, help="send less to a slow terminal"),
    Switch(name="notify", default=False, help="bell and desktop notification when a run ends, diverges or stalls"),
)
"""The options that can have a default in the file, in the order in which they are shown."""


@dataclass(frozen=True)
class Config:
    """The checked content of the file: texts of options by name; texts of settings by lesson, or for EVERY_LESSON; the
    keys of actions by id, in Textual's names; the theme, empty if there is none."""

    path: Path
    found: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    theme: str = ""

    def settings_of(self, lesson: Lesson[Any]) -> dict[str, str]:
        """The file's defaults for a lesson's settings. Those for every lesson apply if the lesson has the setting."""
        common = self.settings.get(EVERY_LESSON, {})
        return {
            **{name: text for name, text in common.items() if _takes(lesson, name, text)},
            **self.settings.get(lesson.id, {}),
        }


def load(path: Path) -> Config:
    """Read and check the file; without one there are no defaults. Raises InputError that names the key."""
    try:
        content = tomllib.loads(read_regular(path, LARGEST, follow=True).decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return Config(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not written in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: {error}") from None
    return _File(path, content).checked()


@dataclass(frozen=True)
class _File:
    path: Path
    content: Mapping[str, Any]

    def checked(self) -> Config:
        options: dict[str, str] = {}
        settings: dict[str, dict[str, str]] = {}
        keys: dict[str, str] = {}
        theme = ""
        known = {param.name: param for param in OPTIONS}
        for key, value in self.content.items():
            name = _name(key)
            if name in known:
                options[name] = self._text(key, known[name], value)
            elif name == "theme":
                theme = self._text(key, _themes(), value)
            elif name == "settings":
                settings = self._settings(self._table(key, value))
            elif name == "keys":
                keys = self._keys(self._table(key, value))
            else:
                names = [*(_key(each) for each in known), "theme", "[settings]", "[keys]"]
                raise self._error(f"no key is called {quoted(key)}; expected one of {', '.join(names)}")
        return Config(self.path, True, options, settings, keys, theme)

    def _settings(self, table: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {EVERY_LESSON: {}}
        lessons = {lesson.id: lesson for lesson in every_lesson()}
        for key, value in table.items():
            if key in lessons:
                where = f"settings.{key}"
                found[key] = {
                    _name(each): self._text(f"{where}.{each}", self._param(lessons[key], where, each), given)
                    for each, given in self._table(where, value).items()
                }
            elif isinstance(value, dict):
                raise self._error(f"settings: no lesson is called {quoted(key)}; expected one of {', '.join(lessons)}")
            else:
                found[EVERY_LESSON][_name(key)] = self._of_any_lesson(key, value)
        return found

    def _of_any_lesson(self, key: str, value: Any) -> str:
        """The text of a setting that at least one lesson has."""
        params = [param for each in every_lesson() for param in params_of(each.settings) if param.name == _name(key)]
        if not params:
            raise self._error(f"settings: no lesson has a setting called {quoted(key)}")
        refused: InputError | None = None
        for param in params:
            try:
                return self._text(f"settings.{key}", param, value)
            except InputError as error:
                refused = error
        assert refused is not None
        raise refused

    def _param(self, lesson: Lesson[Any], where: str, key: str) -> Param:
        try:
            return param_of(lesson.settings, _name(key))
        except SettingError as error:
            raise self._error(f"{where}: {error}") from None

    def _keys(self, table: Mapping[str, Any]) -> dict[str, str]:
        given: dict[str, list[str]] = {}
        for key, value in table.items():
            words = value if isinstance(value, list) else [value]
            if not all(isinstance(word, str) for word in words):
                raise self._error(f"keys.{key}: {quoted(value)} is not accepted; expected a key, or a list of keys")
            given[key] = words
        try:
            return keymap(given)
        except InputError as error:
            raise self._error(str(error)) from None

    def _text(self, key: str, param: Param, value: Any) -> str:
        """Convert a value to the text that its parameter accepts."""
        text = text_of(value, param)
        try:
            return param.text(param.parse(text)) if text is not None else _refuse(param, value)
        except SettingError:
            raise self._error(f"{key}: {quoted(value)} is not accepted; expected {param.accepted}") from None

    def _table(self, key: str, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._error(f"{key}: {quoted(value)} is not accepted; expected a table, [{key}]")
        return value

    def _error(self, words: str) -> InputError:
        return InputError(f"{self.path}: {words}")


def _refuse(param: Param, value: Any) -> str:
    raise param.refuse(value)


def _themes() -> Choice:
    from textual.theme import BUILTIN_THEMES

    return Choice(name="theme", options=tuple(BUILTIN_THEMES))


def _takes(lesson: Lesson[Any], name: str, text: str) -> bool:
    try:
        param_of(lesson.settings, name).parse(text)
    except SettingError:
        return False
    return True


def _name(key: str) -> str:
    return key.replace("-", "_")


def _key(name: str) -> str:
    return name.replace("_", "-")
