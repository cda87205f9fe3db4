"""Modules that are imported at their first use, so that a lesson's settings can be read before TensorFlow loads."""

from __future__ import annotations

import gc
import importlib
import sys
from threading import Lock
from types import ModuleType
from typing import Any

from engine.shared_libraries import load_shared_libraries

_first_import = Lock()


class LazyModule(ModuleType):
    """Stands for the module `name` and imports it when an attribute is first asked for."""

    _module: ModuleType | None = None

    def __getattr__(self, attribute: str) -> Any:
        if self._module is None:
            # import_module also waits for a module that another thread has begun to import.
            known = self.__name__ in sys.modules
            self._module = importlib.import_module(self.__name__) if known else _import_uncollected(self.__name__)
        return getattr(self._module, attribute)


def _import_uncollected(name: str) -> ModuleType:
    """Import a large module with the garbage collector at rest, and keep what it made out of later collections.

    TensorFlow makes 270,000 objects that live as long as the process. Searching them for garbage took a fifth of its
    import, and 0.1 s, in which no thread runs, of each full collection afterwards.
    """
    with _first_import:
        collecting = gc.isenabled()
        gc.disable()
        try:
            load_shared_libraries(name)
            return importlib.import_module(name)
        finally:
            gc.freeze()
            if collecting:
                gc.enable()


tf: Any = LazyModule("tensorflow")
keras: Any = LazyModule("keras")
