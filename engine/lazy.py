"""Modules that are imported at their first use, so that a lesson's settings can be read before TensorFlow loads."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """Stands for the module `name` and imports it when an attribute is first asked for."""

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self.__name__), attribute)


tf: Any = LazyModule("tensorflow")
keras: Any = LazyModule("keras")
