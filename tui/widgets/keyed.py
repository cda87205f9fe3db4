"""The base of widgets whose keys can be changed: each of their bindings gets an id for the keymap."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.message_pump import MessagePump

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


class Keyed(MessagePump):
    """A widget whose bindings have ids, the class's name and the action: `loss_plot.toggle_log`."""

    BINDINGS: ClassVar[list[BindingType]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Before Textual merges them: it keeps what it finds here.
        declared = cls.__dict__.get("BINDINGS")
        if declared:
            cls.BINDINGS = [_named(cls, each) if isinstance(each, Binding) else each for each in declared]
        super().__init_subclass__(**kwargs)


def _named(cls: type, binding: Binding) -> Binding:
    return binding if binding.id else replace(binding, id=f"{widget_id(cls)}.{binding.action}")


def widget_id(cls: type) -> str:
    """A widget class's name as it stands in ids: `loss_plot` for LossPlot."""
    return _HUMP.sub("_", cls.__name__).lower()


def all_keyed() -> dict[str, tuple[str, ...]]:
    """The ids of the bindings of every widget, by widget. Imports them all."""
    import tui.widgets

    for found in pkgutil.walk_packages(tui.widgets.__path__, "tui.widgets."):
        importlib.import_module(found.name)
    return {widget_id(cls): ids for cls in _subclasses(Keyed) if (ids := _ids(cls))}


def _ids(cls: type) -> tuple[str, ...]:
    bindings = cls.__dict__.get("BINDINGS", ())
    return tuple(dict.fromkeys(each.id for each in bindings if isinstance(each, Binding) and each.id))


def _subclasses(cls: type[Any]) -> list[type[Any]]:
    return [found for each in cls.__subclasses__() for found in (each, *_subclasses(each))]
