"""A lesson's settings as command-line options. Bounds and parsing are the settings' own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from engine.params import Choice, Choices, Folder, Integer, Number, Param, Starts, Switch
from engine.settings import Settings, params_of

# How the values of a repeated option are written in one text, by the type of its setting.
_APART = {Starts: ";", Choices: ","}

_GROUP_TITLES = {"model": "Network", "log": "Tests and log", "run": "Run"}


class SettingOption(click.Option):
    """One setting's option; its value reaches us as it was typed."""

    MAIN = "Settings"

    def __init__(self, param: Param) -> None:
        self.setting = param
        if isinstance(param, Switch):
            form = f"{param.option}/--no-{param.option[2:]}"
            super().__init__([form, param.name], default=None, is_flag=True, help=described(param))
        else:
            super().__init__(
                [param.option, param.name],
                type=click.UNPROCESSED,
                multiple=True,
                metavar=_metavar(param),
                help=described(param),
            )

    @property
    def section(self) -> str:
        """The heading it stands under in the help."""
        group = self.setting.group
        return _GROUP_TITLES.get(group, group.capitalize() or self.MAIN)


def options_of(settings: type[Settings]) -> list[click.Option]:
    """An option for every setting."""
    return [SettingOption(param) for param in params_of(settings)]


def texts_of(settings: type[Settings], values: Mapping[str, Any]) -> dict[str, str]:
    """The texts that `parse_settings` takes, from what the options of a command line gave. The last one given counts,
    unless the setting is a list."""
    texts = {}
    for param in params_of(settings):
        given = values.get(param.name)
        if given is None or given == ():
            continue
        if isinstance(param, Switch):
            texts[param.name] = param.text(given)
        else:
            texts[param.name] = _APART[type(param)].join(given) if type(param) in _APART else given[-1]
    return texts


def described(param: Param) -> str:
    """What a setting is: its help, then default, range and unit, and whether it can be changed in a run."""
    default = "the optimizer's own" if param.default is None else param.text(param.default)
    facts = [f"default {default}" if default else "", _range(param)]
    if param.live:
        facts.append("live")
    known = "; ".join(fact for fact in facts if fact)
    return f"{param.help}  [{known}]" if known else param.help


def _range(param: Param) -> str:
    if isinstance(param, Number | Integer):
        low, high = (param.text(param.low), param.text(param.high))
        return f"{low} to {high}" + (f" {param.unit}" if param.unit else "")
    if isinstance(param, Choice | Choices):
        return ", ".join(param.options)
    if isinstance(param, Starts):
        return f"1 to {param.most} points, each number at most {param.bound:g} in size"
    return ""


def _metavar(param: Param) -> str:
    for kind, word in ((Integer, "N"), (Number, "NUMBER"), (Folder, "FOLDER"), (Starts, param.unit)):
        if isinstance(param, kind):
            return word
    return "WORD"
