"""Arrays that grow at one end: what a run adds costs what it adds, and what was taken earlier never changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_LEAST = 256


class _Store:
    """Memory for rows, of which the first `used` are written; those are never written again."""

    def __init__(self, rows: npt.NDArray[Any], used: int) -> None:
        self.rows = rows
        self.used = used


@dataclass(frozen=True, slots=True, eq=False)
class Growing:
    """An immutable array [n, ...] that `extended` makes longer, amortised at the cost of the new rows alone.

    Longer versions share their memory with the one they came from, as long as they continue it: the first to continue
    a version writes behind it, a second one copies.
    """

    _store: _Store
    length: int

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Growing:
        """No rows yet; each will have `shape`."""
        return cls(_Store(np.empty((_LEAST, *shape), dtype), 0), 0)

    def __len__(self) -> int:
        return self.length

    @property
    def array(self) -> npt.NDArray[Any]:
        """The rows so far, read-only; a view, not a copy."""
        view = self._store.rows[: self.length]
        view.setflags(write=False)
        return view

    def extended(self, rows: npt.NDArray[Any]) -> Growing:
        """These rows and `rows` [k, ...] behind them."""
        store, end = self._store, self.length + len(rows)
        if store.used != self.length or end > len(store.rows):
            grown = np.empty((max(_LEAST, 2 * end), *store.rows.shape[1:]), store.rows.dtype)
            grown[: self.length] = store.rows[: self.length]
            store = _Store(grown, self.length)
        store.rows[self.length : end] = rows
        store.used = end
        return Growing(store, end)
