"""A package's large shared libraries, loaded without the interpreter lock."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path


def load_shared_libraries(package: str) -> list[Path]:
    """Load the shared libraries in the folder of `package`; returns those that loaded. Meanwhile other threads run.

    Importing an extension module holds the interpreter lock while the system loads what it is linked with, which for
    TensorFlow's 1.3 GB is 0.3 to 0.4 s in which no other thread draws. The same call through ctypes lets go of the
    lock, and the import then finds the libraries loaded. One that does not load is left to the import, which says why.
    """
    if os.name != "posix":
        return []
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    flags = sys.getdlopenflags()
    return [path for path in _libraries(package) if dlopen(os.fsencode(path), flags)]


def _libraries(package: str) -> list[Path]:
    """lib*.so.* and lib*.dylib beside the package's modules, what others are linked with first: for TensorFlow,
    libtensorflow_framework, then libtensorflow_cc."""
    found = importlib.util.find_spec(package)
    folders = [Path(folder) for folder in (found.submodule_search_locations or ())] if found is not None else []
    names = {path for folder in folders for pattern in ("lib*.so*", "lib*.dylib") for path in folder.glob(pattern)}
    return sorted(names, reverse=True)
