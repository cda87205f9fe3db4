"""The style sheets: a rule for a class that does not exist, such as one with its former name, styles nothing."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

from textual import widgets as textual_widgets
from textual.css.parse import parse
from textual.widget import Widget

import tui
from tui.app.app import GdtuiApp


def every_class() -> set[type[Widget]]:
    """Every widget class of gdtui and Textual that it uses."""
    for found in pkgutil.walk_packages(tui.__path__, "tui."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for name in textual_widgets.__all__:
        getattr(textual_widgets, name)
    known: set[type[Widget]] = set()
    waiting: list[type[Widget]] = [Widget]
    while waiting:
        known.add(each := waiting.pop())
        waiting += [below for below in each.__subclasses__() if below not in known]
    return known


def types_in(css: str, scope: str, where: str) -> set[str]:
    """The types that the selectors of a style sheet name."""
    css = re.sub(r"\$[\w-]+", "red", css)  # the themes' colours are not at hand here
    return {
        selector.name
        for rule in parse(scope, css, (where, ""))
        for chosen in rule.selector_set
        for selector in chosen.selectors
        if selector.type.name == "TYPE"
    }


def test_every_type_that_a_style_sheet_names_exists() -> None:
    classes = every_class()
    names = {each.__name__ for each in classes} | {GdtuiApp.__name__}
    own = [each for each in classes if each.__module__.startswith("tui.")]
    sheets = [(str(path), path.read_text(), "") for path in Path(tui.__path__[0]).rglob("*.tcss")]
    sheets += [(each.__qualname__, each.__dict__.get("DEFAULT_CSS", ""), each.__name__) for each in own]
    unknown = {where: missing for where, css, scope in sheets if (missing := types_in(css, scope, where) - names)}
    assert unknown == {}
    assert any("AppLogScreen" in types_in(css, scope, where) for where, css, scope in sheets)
