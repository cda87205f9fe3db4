"""Arrays that grow at one end in amortised O(new rows); rows taken earlier never change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_LEAST = 256


class _Store:
    """Memory for rows, of which the first `used` are written; written rows never change."""

    def __init__(self, rows: npt.NDArray[Any], used: int) -> None:
        self.rows = rows
        self.used = used


@dataclass(frozen=True, slots=True, eq=False)
class GrowableArray:
    """An immutable array [n, ...] that `extended` makes longer in amortised O(new rows).

    Longer versions share their memory with the one they came from, while they continue it: the first version to be
    extended writes after its rows, a second extension of it copies.
    """

    _store: _Store
    length: int

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: npt.DTypeLike) -> GrowableArray:
        """Make an empty array whose rows will have `shape`."""
        return cls(_Store(np.empty((_LEAST, *shape), dtype), 0), 0)

    def __len__(self) -> int:
        return self.length

    @property
    def array(self) -> npt.NDArray[Any]:
        """The rows so far, read-only; a view, not a copy."""
        view = self._store.rows[: self.length]
        view.setflags(write=False)
        return view

    def extended(self, rows: npt.NDArray[Any]) -> GrowableArray:
        """Append `rows` [k, ...]; returns the longer array."""
        store, end = self._store, self.length + len(rows)
        if store.used != self.length or end > len(store.rows):
            grown = np.empty((max(_LEAST, 2 * end), *store.rows.shape[1:]), store.rows.dtype)
            grown[: self.length] = store.rows[: self.length]
            store = _Store(grown, self.length)
        store.rows[self.length : end] = rows
        store.used = end
        return GrowableArray(store, end)
