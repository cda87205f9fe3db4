"""The keymap: other keys for actions, checked. Keys are written as typed, or by Textual's names."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import product

from engine.errors import InputError
from engine.params import quoted
from tui.model.actions import ACTIONS, LESSON_ACTIONS, ScreenName

_MODIFIERS = ("ctrl", "shift", "alt", "meta", "super", "hyper")


def keymap(given: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Build Textual's keymap, keys separated by commas, from the keys given for each action's id.

    Raises:
        InputError: no action has this id, no key has this name, or two actions of one screen have the same key.
    """
    actions = (*ACTIONS, *LESSON_ACTIONS)
    ids = tuple(dict.fromkeys(action.id for action in actions))
    found: dict[str, str] = {}
    for action_id, words in given.items():
        if action_id not in ids and not _is_of_a_widget(action_id):
            raise InputError(f"keys: no action is called {quoted(action_id)}; expected one of {', '.join(ids)}")
        keys = [_key(action_id, word) for word in words]
        if not keys:
            raise InputError(f"keys.{action_id}: an empty list is not accepted; expected at least one key")
        found[action_id] = ",".join(keys)
    taken: dict[tuple[ScreenName, str], str] = {}
    for action in sorted(actions, key=lambda action: action.id in found):  # given keys come last: those are named
        for screen, key in product(action.screens, found.get(action.id, action.keys).split(",")):
            other = taken.setdefault((screen, key), action.id)
            if other != action.id:
                raise InputError(
                    f"keys.{action.id}: the key {key} is that of {other} too; expected another key for one"
                )
    return found


def _is_of_a_widget(action_id: str) -> bool:
    """Whether an id is that of a widget's own action, as loss_plot.toggle_log. Raises InputError where the widget has
    others."""
    widget, dot, _ = action_id.partition(".")
    if not dot:
        return False
    from tui.widgets.keyed import all_keyed  # with all widgets, so not where no such id is given

    ids = all_keyed().get(widget, ())
    if ids and action_id not in ids:
        raise InputError(f"keys: no action is called {quoted(action_id)}; expected one of {', '.join(ids)}")
    return bool(ids)


def _key(action_id: str, word: str) -> str:
    """Convert a key to Textual's name."""
    from textual.keys import Keys, _character_to_key

    word = word.strip() if len(word) > 1 else word
    *modifiers, base = word.split("+") if len(word) > 1 and not word.endswith("+") else [word]
    if len(base) == 1 and base.isprintable():
        base = "space" if base == " " else _character_to_key(base)
    elif base not in {key.value for key in Keys} and not _is_character(base):
        base = ""
    if not base or any(modifier not in _MODIFIERS for modifier in modifiers):
        raise InputError(
            f"keys.{action_id}: {quoted(word)} is not accepted; expected a character, or a key's name such as f5, "
            "ctrl+s, shift+up or space"
        )
    return "+".join([*modifiers, base])


def _is_character(name: str) -> bool:
    """Whether a name is that of a character in Textual: question_mark, full_stop, minus."""
    from textual.keys import REPLACED_KEYS, _get_unicode_name_from_key

    try:
        unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
    except KeyError:
        return False
    return True
