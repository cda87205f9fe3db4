"""A run as JSON lines: one object per event. The output is ASCII, and a number that is not finite is null.

Every object has `event` (the event's name in snake_case), `run` and `elapsed_s`, then the event's own fields: arrays as
lists, an outcome by its name in small letters. Training steps are gathered into one `metrics` for every `log_every`
steps: two runs with the same settings and seed differ only in times and rates, and in the `checkpoint_saved` events,
which depend on the clock.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import numpy as np

from engine import events
from engine.events import LOG_EVERY, CheckpointSaved, Delivery, Event, LogFailed, Metrics, RunStarted

# Fields that differ between two runs of the same settings and seed on the same machine.
VARYING = ("run", "elapsed_s", "steps_per_s", "logdir")


class JsonReport:
    """Turns events into JSON lines."""

    def __init__(self) -> None:
        self._gathered = _Gathered()

    def text(self, delivery: Delivery) -> str:
        """The lines of an event: none while steps are gathered, several if it ends a gathering."""
        return "".join(f"{line(each)}\n" for each in self._gathered.take(delivery))


class _Gathered:
    """Gathers metrics: they come in chunks of any size, and leave at fixed steps."""

    def __init__(self) -> None:
        self._every = LOG_EVERY
        self._chunks: list[Delivery] = []

    def take(self, delivery: Delivery) -> Iterator[Delivery]:
        """The deliveries to write after `delivery` has come."""
        event = delivery.event
        if isinstance(event, RunStarted):
            self._every = event.log_every
        if isinstance(event, CheckpointSaved | LogFailed):  # these come at any step: no reason to split
            yield delivery
            return
        if not isinstance(event, Metrics):
            yield from self._rest()
            yield delivery
            return
        if self._chunks and _metrics(self._chunks[-1]).epoch != event.epoch:
            yield from self._rest()
        for piece in _split(event, self._every):
            self._chunks.append(replace(delivery, event=piece))
            if piece.last_step % self._every == 0:
                yield from self._rest()

    def _rest(self) -> Iterator[Delivery]:
        """The gathered metrics, as one event with the last chunk's rates."""
        if self._chunks:
            chunks = [_metrics(chunk) for chunk in self._chunks]
            loss, mse = (np.concatenate([getattr(chunk, part) for chunk in chunks]) for part in ("loss", "mse"))
            each = np.concatenate([chunk.learning_rates for chunk in chunks])
            rates = None if (each == each[-1]).all() else each.astype(np.float32)
            whole = replace(chunks[-1], first_step=chunks[0].first_step, loss=loss, mse=mse, rates=rates)
            yield replace(self._chunks[-1], event=whole)
            self._chunks = []


def _metrics(delivery: Delivery) -> Metrics:
    if not isinstance(delivery.event, Metrics):
        raise TypeError("only metrics are gathered")
    return delivery.event


def _split(event: Metrics, every: int) -> Iterator[Metrics]:
    """Split the event at multiples of `every`. Only the last piece knows its gradient norm."""
    begun = 0
    for cut in [*range(every - (event.first_step - 1) % every, event.steps, every), event.steps]:
        norm = event.gradient_norm if cut == event.steps else math.nan
        rates = None if event.rates is None else event.rates[begun:cut]
        yield replace(
            event,
            first_step=event.first_step + begun,
            loss=event.loss[begun:cut],
            mse=event.mse[begun:cut],
            gradient_norm=norm,
            learning_rate=event.learning_rate if rates is None else float(rates[-1]),
            rates=rates,
        )
        begun = cut


def line(delivery: Delivery) -> str:
    """Format one event as JSON."""
    said = {
        "event": name_of(type(delivery.event)),
        "run": delivery.run,
        "elapsed_s": round(delivery.elapsed_s, 6),
        **_plain(delivery.event),
    }
    return json.dumps(said, allow_nan=False)


def name_of(event: type[Event]) -> str:
    """An event's name: PathsGrew is `paths_grew`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()


def _plain(value: Any) -> Any:
    """Convert `value` to JSON's types."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, np.ndarray):
        return _listed(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    raise TypeError(f"an event holds a {type(value).__name__}, which has no form in JSON")


def _listed(array: np.ndarray[Any, Any]) -> Any:
    """Convert an array to nested lists. A float32 is written with the fewest digits that distinguish it from its
    neighbours."""
    if array.dtype.kind != "f":
        return array.tolist()
    if array.ndim > 1:
        return [_listed(part) for part in array]
    if array.dtype == np.float64:
        return [part if math.isfinite(part) else None for part in array.tolist()]
    return [float(str(part)) if np.isfinite(part) else None for part in array]


def reference() -> str:
    """Describe the events and their fields as a Markdown table, from their docstrings."""
    rows = ["| event | fields | what it says |", "|---|---|---|"]
    for event in _all_events():
        own = ", ".join(f"`{part.name}`" for part in fields(event)) or "none"
        said = " ".join((event.__doc__ or "").split()).replace("|", "\\|")
        rows.append(f"| `{name_of(event)}` | {own} | {said} |")
    return "\n".join(rows)


def _all_events() -> list[Any]:
    """All events that reach a sink, in the order of their module."""
    found = [each for each in vars(events).values() if isinstance(each, type) and issubclass(each, Event)]
    return [each for each in found if each not in (Event, events.Snapshot)]


if __name__ == "__main__":
    print(reference())  # noqa: T201 - for the README
