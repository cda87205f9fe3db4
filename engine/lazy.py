"""Modules that are imported at their first use: a lesson's settings can be read without loading TensorFlow."""

from __future__ import annotations

import gc
import importlib
import sys
from threading import Lock
from types import ModuleType
from typing import Any

from engine import program_cache
from engine.shared_libraries import load_shared_libraries

_first_import = Lock()


class LazyModule(ModuleType):
    """A stand-in for the module `name` that imports it at the first access to an attribute."""

    _module: ModuleType | None = None

    def __getattr__(self, attribute: str) -> Any:
        if self._module is None:
            # import_module also waits for another thread that is importing the module.
            known = self.__name__ in sys.modules
            self._module = importlib.import_module(self.__name__) if known else _import_uncollected(self.__name__)
        return getattr(self._module, attribute)


def _import_uncollected(name: str) -> ModuleType:
    """Import a large module with the garbage collector off, and exempt its objects from later collections.

    TensorFlow creates 270,000 objects that live as long as the process. Searching them for garbage took a fifth of its
    import time, and 0.1 s, in which no thread runs, of each full collection afterwards.
    """
    with _first_import:
        collecting = gc.isenabled()
        gc.disable()
        try:
            load_shared_libraries(name)
            module = importlib.import_module(name)
            if name == "tensorflow":
                program_cache.fill(module)
            return module
        finally:
            gc.freeze()
            if collecting:
                gc.enable()


tf: Any = LazyModule("tensorflow")
keras: Any = LazyModule("keras")


def is_of_keras(thing: Any) -> bool:
    """Whether Keras defines a class or a function, or the class of an object."""
    return str(getattr(thing, "__module__", "")).partition(".")[0] == "keras"
