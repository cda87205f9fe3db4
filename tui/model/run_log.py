"""What one run's log has said so far: a pure fold over what a reader hands out, at the cost of what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from engine.event_values import (
    Logged,
    LoggedArray,
    LoggedHistogram,
    LoggedHparams,
    LoggedImages,
    LoggedScalar,
    LoggedText,
    Restarted,
)
from tui.log_points import Kept, Points

MOST_POINTS = 2**22
"""Points of all of a run's tags that are held."""
MOST_BYTES = 128 * 2**20
"""What the images, histograms, texts and arrays of one run may take."""
MOST_TAGS = 10_000
LONGEST_TAG = 500
FURTHEST_STEP = 2**52
"""Beyond this a float cannot tell a step from the next, so no axis can."""

Kind = Literal["images", "histograms", "texts", "arrays"]
KINDS: Mapping[type[Logged], Kind] = {
    LoggedImages: "images",
    LoggedHistogram: "histograms",
    LoggedText: "texts",
    LoggedArray: "arrays",
}


@dataclass(frozen=True, slots=True)
class RunLog:
    """One run's log as far as it was read. `began` is the time of its first entry, in seconds since 1970; `step` its
    latest one; `status` how it says it ended (done, failed). `left_out` entries had tags too long or too many, or
    steps too far out."""

    scalars: Mapping[str, Points] = field(default_factory=dict)
    kept: Mapping[Kind, Mapping[str, Kept[Any]]] = field(default_factory=dict)
    hparams: Mapping[str, bool | float | str] = field(default_factory=dict)
    began: float | None = None
    step: int = 0
    status: str = ""
    left_out: int = 0

    def of(self, kind: Kind, tag: str) -> Kept[Any]:
        """What is held of a tag."""
        return self.kept.get(kind, {}).get(tag) or Kept()


def folded(log: RunLog, entries: Sequence[Logged]) -> RunLog:
    """The log after these entries."""
    begin = 0
    for place, entry in enumerate(entries):
        if isinstance(entry, Restarted):
            log = _forgotten(_added(log, entries[begin:place]), entry.step)
            begin = place + 1
    return _bounded(_added(log, entries[begin:]))


def _added(log: RunLog, entries: Sequence[Logged]) -> RunLog:
    """The log after entries of which none is a restart."""
    if not entries:
        return log
    began = log.began
    if began is None:
        began = next((entry.wall_time for entry in entries if entry.wall_time), None)
    hparams, status = log.hparams, log.status
    for entry in entries:
        if isinstance(entry, LoggedHparams):
            hparams, status = entry.values or hparams, entry.status
    groups, left_out = _grouped(log, entries)
    scalars = dict(log.scalars)
    kept = {kind: dict(tags) for kind, tags in log.kept.items()}
    for (kind, tag), group in groups.items():
        if kind == "scalars":
            scalars[tag] = (scalars.get(tag) or Points.none()).extended(group, began or 0.0)
        else:
            tags = kept.setdefault(kind, {})
            tags[tag] = (tags.get(tag) or Kept()).extended(group)
    step = max(log.step, *(entry.step for entry in entries if entry.step <= FURTHEST_STEP), 0)
    return RunLog(scalars, kept, hparams, began, step, status, log.left_out + left_out)


def _grouped(
    log: RunLog, entries: Iterable[Logged]
) -> tuple[dict[tuple[Kind | Literal["scalars"], str], list[Any]], int]:
    """The entries by kind and tag, and how many were left out because of their tags or steps."""
    groups: dict[tuple[Kind | Literal["scalars"], str], list[Any]] = {}
    left_out = 0
    tags = len(log.scalars) + sum(map(len, log.kept.values()))
    for entry in entries:
        kind: Kind | Literal["scalars"] | None = (
            "scalars" if isinstance(entry, LoggedScalar) else KINDS.get(type(entry))
        )
        if kind is None:
            continue
        if abs(entry.step) > FURTHEST_STEP:
            left_out += 1
            continue
        group = groups.get((kind, entry.tag))
        if group is None:
            known = log.scalars if kind == "scalars" else log.kept.get(kind, {})
            new = entry.tag not in known
            if len(entry.tag) > LONGEST_TAG or (new and tags >= MOST_TAGS):
                left_out += 1
                continue
            tags += new
            group = groups[kind, entry.tag] = []
        group.append(entry)
    return groups, left_out


def _bounded(log: RunLog) -> RunLog:
    """Within the bounds for a whole run: of the tag that takes most, every second entry goes."""
    points = sum(map(len, log.scalars.values()))
    size = sum(kept.size for tags in log.kept.values() for kept in tags.values())
    if points <= MOST_POINTS and size <= MOST_BYTES:
        return log
    scalars = dict(log.scalars)
    while sum(map(len, scalars.values())) > MOST_POINTS:
        largest = max(scalars, key=lambda tag: len(scalars[tag]))
        scalars[largest] = scalars[largest].halved()
    kept = {kind: dict(tags) for kind, tags in log.kept.items()}
    while size > MOST_BYTES:
        several = [
            (each.size, kind, tag) for kind, tags in kept.items() for tag, each in tags.items() if len(each.entries) > 1
        ]
        if not several:
            break
        before, kind, tag = max(several)
        kept[kind][tag] = kept[kind][tag].halved()
        size += kept[kind][tag].size - before
    return replace(log, scalars=scalars, kept=kept)


def _forgotten(log: RunLog, step: int) -> RunLog:
    """The log of a program that began again behind a checkpoint: nothing from this step on."""
    return replace(
        log,
        scalars={tag: points.before(step) for tag, points in log.scalars.items()},
        kept={kind: {tag: each.before(step) for tag, each in tags.items()} for kind, tags in log.kept.items()},
        step=min(log.step, max(step - 1, 0)),
    )
