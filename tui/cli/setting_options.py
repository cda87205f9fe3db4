"""A lesson's settings as command-line options. The settings themselves define bounds and parsing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from engine.params import Choice, Choices, Domain, File, Folder, Formula, Integer, Number, Param, Starts, Switch
from engine.settings import Settings, params_of
from engine.training_params import Widths
from tui.cli.completion import a_file, setting_values

# The separator of a repeated option's values in one text, by the type of its setting.
_APART = {Starts: ";", Choices: ","}

_GROUP_TITLES = {"model": "Network", "log": "Tests and log", "run": "Run"}


class SettingOption(click.Option):
    """One setting's option; its value is passed on unparsed."""

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
                shell_complete=setting_values,
                help=described(param),
            )

    @property
    def section(self) -> str:
        """Its heading in the help."""
        group = self.setting.group
        return _GROUP_TITLES.get(group, group.capitalize() or self.MAIN)


def options_of(settings: type[Settings]) -> list[click.Parameter]:
    """An option for every setting; an argument for one that is positional."""
    return [_argument(param) if param.positional else SettingOption(param) for param in params_of(settings)]


def _argument(param: Param) -> click.Argument:
    """A setting that is a positional argument. A missing one is reported when the settings are created."""
    return click.Argument([param.name], required=False, metavar="FILE.py", shell_complete=a_file)


def texts_of(settings: type[Settings], values: Mapping[str, Any]) -> dict[str, str]:
    """The texts for `parse_settings`, from the values of a command line's options. The last one given counts, unless
    the setting is a list."""
    texts = {}
    for param in params_of(settings):
        given = values.get(param.name)
        if given is None or given == ():
            continue
        if isinstance(param, Switch):
            texts[param.name] = param.text(given)
        else:
            listed = [given] if param.positional else given
            texts[param.name] = _APART[type(param)].join(listed) if type(param) in _APART else listed[-1]
    return texts


def described(param: Param) -> str:
    """Describe a setting: its help, then default, range and unit, and whether it can be repeated and changed
    during a run."""
    default = "the optimizer's own" if param.default is None else param.text(param.default)
    facts = [f"default {default}" if default else "", _range(param)]
    if param.repeated:
        facts.append("repeatable")
    if param.live:
        facts.append("live")
    known = "; ".join(fact for fact in facts if fact)
    return f"{param.help}  [{known}]" if known else param.help


def _range(param: Param) -> str:
    if isinstance(param, Number | Integer):
        low, high = (param.text(param.low), param.text(param.high))
        return f"{low} to {high}" + (f" {param.unit}" if param.unit else "")
    if isinstance(param, Choice | Choices):
        return ", ".join(param.options) + param.also
    if isinstance(param, Widths):
        return param.accepted
    if isinstance(param, Starts):
        return f"1 to {param.most} points, each number at most {param.bound:g} in size"
    return ""


def _metavar(param: Param) -> str:
    words = {
        Integer: "N", Number: "NUMBER", Folder: "FOLDER", File: "FILE", Formula: "EXPRESSION",
        Domain: "LOW:HIGH", Widths: "N,N...",
    }  # fmt: skip
    if isinstance(param, Starts):
        return param.unit
    also = ""
    if isinstance(param, Choice | Choices):
        also = ("|EXPRESSION" if param.variables else "") + ("|FILE.py" if param.files else "")
    return words.get(type(param), "WORD" + also)
