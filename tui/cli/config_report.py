"""The command `gdtui config`: the default values in effect here, each with its source."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tui.cli.chosen_options import OptionSources, Said, choose
from tui.cli.config_file import EVERY_LESSON
from tui.headless.tables import aligned
from tui.text.clean import clean

Row = tuple[str, str, str]


def config_report(said: Said, sources: OptionSources, *, as_json: bool = False) -> str:
    """Report name, value and source of options, and of the file's settings and keys, as a table or as JSON.

    Raises:
        InputError: the file, the environment or an option is wrong.
    """
    rows, config = list(_rows(said, sources)), sources.config
    if as_json:
        values = [dict(zip(("name", "value", "source"), row, strict=True)) for row in rows]
        return json.dumps({"file": str(config.path), "found": config.found, "values": values})
    lines = aligned(("name", "value", "source"), rows, clean)
    return "\n".join([f"file: {clean(str(config.path))}{'' if config.found else ' (there is none)'}", "", *lines])


def _rows(said: Said, sources: OptionSources) -> Iterator[Row]:
    for name, chosen in choose(said, sources).items():
        yield name.replace("_", "-"), chosen.text, chosen.source
    config = sources.config
    yield "theme", config.theme or "last used", "file" if config.theme else "default"
    for lesson, texts in config.settings.items():
        where = "settings" if lesson == EVERY_LESSON else f"settings.{lesson}"
        for name, text in texts.items():
            yield f"{where}.{name.replace('_', '-')}", text, "file"
    for action, keys in config.keys.items():
        yield f"keys.{action}", keys, "file"
