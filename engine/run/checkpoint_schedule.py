"""The checkpoint schedule: when a run's snapshots are due, and passing them to a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from engine.events import CheckpointSaved, Event, LogFailed, Snapshot


class Store(Protocol):
    """The place where snapshots of a run are kept. Raises OSError if saving fails; those kept before stay unchanged."""

    def save(self, snapshot: Snapshot, settings: Mapping[str, str]) -> None:
        """Keep a snapshot; returns when it is safe."""


class CheckpointSchedule:
    """Passes the snapshots of one run to `store` and reports each to `send`; if `store` is None it keeps none.

    One is due every `every_s` seconds of `clock`, and after each change of a setting: a run resumed from it must
    reproduce the logged numbers.
    """

    def __init__(
        self, store: Store | None, every_s: float, clock: Callable[[], float], send: Callable[[Event], None]
    ) -> None:
        self._store = store
        self._every_s = every_s
        self._clock = clock
        self._send = send
        self._due = clock()
        self._kept_step = -1
        self._failed = False
        self._change_unsaved = False

    @property
    def is_due(self) -> bool:
        """Whether the next one is due."""
        return self._clock() >= self._due

    @property
    def change_unsaved(self) -> bool:
        """Whether a setting was changed since the last one."""
        return self._change_unsaved

    def lacks(self, step: int) -> bool:
        """Whether the checkpoint of `step` is missing."""
        return self._store is not None and self._kept_step < step

    def note_change(self) -> None:
        """Note that a setting was changed: a checkpoint of this step would now lead to other numbers."""
        self._change_unsaved, self._kept_step = True, -1

    def keep(self, snapshot: Snapshot, settings: Mapping[str, str]) -> None:
        """Pass a snapshot to the store. If that fails, the run goes on, and the first failure is reported."""
        if self._store is None:
            return
        self._due = self._clock() + self._every_s
        self._kept_step = snapshot.step
        self._change_unsaved = False
        try:
            self._store.save(snapshot, settings)
        except OSError as error:
            if not self._failed:
                self._send(
                    LogFailed(f"no checkpoint could be saved at step {snapshot.step}: {error.strerror or error}")
                )
            self._failed = True
        else:
            self._failed = False
            self._send(CheckpointSaved(snapshot.step))
