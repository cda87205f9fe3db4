"""The user's choices in the log viewer, saved by folder: filters, the order of runs, pinned tags."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from tui.model import json_file, log_state
from tui.model.json_file import DamagedError, items, mapping, text, truth
from tui.model.log_names import TAGGED, TagItem
from tui.model.log_state import MOST_PINNED, LogState, OrderBy

VERSION = 1
MOST_FOLDERS = 200
"""The most folders whose choices are saved, the last ones used."""
FILE = "log-choices.json"


@dataclass(frozen=True, slots=True)
class LogChoices:
    """The saved choices of one folder."""

    run_filter: str = ""
    tag_filter: str = ""
    order_by: OrderBy = "newest"
    order_tag: str = ""
    upside_down: bool = False
    pinned: tuple[TagItem, ...] = ()


def chosen(state: LogState) -> LogChoices:
    """The choices in a state."""
    return LogChoices(
        state.run_filter, state.tag_filter, state.order_by, state.order_tag, state.upside_down, state.pinned
    )


def restored(state: LogState, choices: LogChoices) -> LogState:
    """A state with these choices applied."""
    state = replace(state, pinned=choices.pinned)
    state = log_state.filter_tags(log_state.filter_runs(state, choices.run_filter), choices.tag_filter)
    return log_state.order_runs(state, choices.order_by, choices.order_tag, upside_down=choices.upside_down)


class Remembering:
    """The choices of one folder, loaded at once; one file beside the state file `beside` holds those of all folders.
    `problem` is a message for the user if the file could not be used, else empty."""

    def __init__(self, beside: Path, folder: str) -> None:
        self._path, self._folder = beside.with_name(FILE), folder
        known, self.problem = _load(self._path)
        self.choices = known.get(folder, LogChoices())

    def save(self, state: LogState) -> None:
        """Save the present choices, together with those of other folders saved by then. Raises OSError."""
        choices = chosen(state)
        if choices == self.choices:
            return
        self.choices = choices
        known = _load(self._path)[0]
        known.pop(self._folder, None)
        if choices != LogChoices():
            known[self._folder] = choices
        json_file.save(self._path, {"version": VERSION, "folders": _fitting(known)})


def _load(path: Path) -> tuple[dict[str, LogChoices], str]:
    nothing: dict[str, LogChoices] = {}
    return json_file.load(path, _parsed, nothing, "file of choices")


def _fitting(known: Mapping[str, LogChoices]) -> dict[str, Any]:
    """The choices for which the file has room, the last used at its end."""
    kept: list[tuple[str, Any]] = []
    room = json_file.LARGEST // 2
    for name, choices in reversed(list(known.items())):
        content = _content(choices)
        room -= len(json.dumps([name, content]))
        if room < 0 or len(kept) >= MOST_FOLDERS:
            break
        kept.append((name, content))
    return dict(reversed(kept))


def _content(choices: LogChoices) -> dict[str, Any]:
    return {
        "runs": choices.run_filter,
        "tags": choices.tag_filter,
        "order": choices.order_by,
        "order_tag": choices.order_tag,
        "upside_down": choices.upside_down,
        "pinned": [[item.kind, item.tag] for item in choices.pinned],
    }


def _parsed(content: Any) -> dict[str, LogChoices]:
    folders = mapping(json_file.versioned(content, VERSION).get("folders", {}), "folders")
    return {name: _choices(mapping(each, name)) for name, each in folders.items()}


def _choices(content: Mapping[str, Any]) -> LogChoices:
    order = next((each for each in get_args(OrderBy) if each == content.get("order", "newest")), None)
    if order is None:
        raise DamagedError("'order' is none that there is")
    return LogChoices(
        run_filter=text(content.get("runs", ""), "runs"),
        tag_filter=text(content.get("tags", ""), "tags"),
        order_by=order,
        order_tag=text(content.get("order_tag", ""), "order_tag"),
        upside_down=truth(content.get("upside_down", False), "upside_down"),
        pinned=tuple(_pinned(each) for each in items(content.get("pinned", []), "pinned")[:MOST_PINNED]),
    )


def _pinned(content: Any) -> TagItem:
    pair = [text(each, "pinned") for each in items(content, "pinned")]
    kind = next((kind for kind in TAGGED if pair[:1] == [kind]), None)
    if kind is None or len(pair) != 2:
        raise DamagedError("'pinned' is not a kind and a tag")
    return TagItem(kind, pair[1])
