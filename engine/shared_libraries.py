"""A loader for a package's large shared libraries that releases the interpreter lock meanwhile."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path


def load_shared_libraries(package: str) -> list[Path]:
    """Load the shared libraries in the folder of `package` while other threads run; returns those that loaded.

    Importing an extension module holds the interpreter lock while the system loads the libraries it is linked with,
    which for TensorFlow's 1.3 GB is 0.3 to 0.4 s in which no other thread draws. The same call through ctypes releases
    the lock, and the import then finds the libraries loaded. If one does not load, the import will report why.
    """
    if os.name != "posix":
        return []
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    flags = sys.getdlopenflags()
    return [path for path in _libraries(package) if dlopen(os.fsencode(path), flags)]


def _libraries(package: str) -> list[Path]:
    """Find lib*.so.* and lib*.dylib beside the package's modules, dependencies first: for
    TensorFlow, libtensorflow_framework, then libtensorflow_cc."""
    found = importlib.util.find_spec(package)
    folders = [Path(folder) for folder in (found.submodule_search_locations or ())] if found is not None else []
    names = {path for folder in folders for pattern in ("lib*.so*", "lib*.dylib") for path in folder.glob(pattern)}
    return sorted(names, reverse=True)
