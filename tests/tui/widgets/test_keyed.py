"""Every key of every widget can be changed: its binding has an id."""

from __future__ import annotations

import inspect
import sys

from textual.binding import Binding
from textual.widget import Widget

from tui.widgets.keyed import all_keyed


def test_every_binding_of_our_widgets_has_an_id_of_its_widget() -> None:
    known = {name for ids in all_keyed().values() for name in ids}
    modules = [module for name, module in sys.modules.items() if name.startswith("tui.widgets.")]
    ours = {each for module in modules for each in vars(module).values() if inspect.isclass(each)}
    widgets = [each for each in ours if issubclass(each, Widget) and each.__module__.startswith("tui.widgets.")]
    assert len(widgets) > 40
    nameless = [
        (each.__name__, binding.action)
        for each in widgets
        for binding in each.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id not in known
    ]
    assert nameless == []
