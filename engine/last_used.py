"""Values that take long to make and are used again: compiled programs, the code of files, results of searches."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Key = tuple[Any, ...]


class LastUsed(Generic[T]):
    """The `most` values that were used last, by their keys. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, T] = {}
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], T]) -> T:
        """Return the value of `key`; if there is none, it is made and kept. Two threads may make the same one."""
        with self._lock:
            if key in self._values:
                self._values[key] = self._values.pop(key)
                return self._values[key]
        made = make()
        with self._lock:
            self._values.pop(key, None)
            self._values[key] = made
            for oldest in list(self._values)[: -self._most]:
                del self._values[oldest]
        return made

    def __contains__(self, key: Key) -> bool:
        with self._lock:
            return key in self._values

    def last(self, *beginning: Any) -> T | None:
        """Return the value used last of those whose key begins so; None if there is none."""
        with self._lock:
            found = (value for key, value in reversed(self._values.items()) if key[: len(beginning)] == beginning)
            return next(found, None)
