"""Names in the log viewer: of runs, and of the tags of their logs as items to choose."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args
from zlib import crc32

from tui.model.log_filter import Subject, while_typed
from tui.model.run_log import RunLog
from tui.text.clean import clean

ItemKind = Literal["all", "charts", "scalars", "images", "histograms", "curves", "audio", "texts", "hparams", "about"]
KINDS: tuple[ItemKind, ...] = get_args(ItemKind)
TAGGED: tuple[ItemKind, ...] = ("charts", "scalars", "images", "histograms", "curves", "audio", "texts")


@dataclass(frozen=True, slots=True)
class TagItem:
    """An item to choose: a tag for the kinds in TAGGED, or a chart's name; for the others everything of the kind."""

    kind: ItemKind
    tag: str = ""


OVERVIEW = TagItem("all")
"""All scalar tags as small plots."""


def items_of(
    logs: Iterable[RunLog], filter_text: str, known: Sequence[TagItem] = (), pinned: Collection[TagItem] = ()
) -> tuple[TagItem, ...]:
    """The items of these logs, those `pinned` first, without tags that do not pass the filter.

    If they equal `known`, that same tuple is returned.
    """
    tags: dict[ItemKind, set[str]] = {kind: set() for kind in TAGGED}
    for log in logs:
        tags["scalars"].update(log.scalars)
        for kind, kept in log.kept.items():
            tags[kind].update(kept)
        tags["charts"] = {chart.name for chart in log.charts} | (tags["charts"] - set(log.kept.get("charts", ())))
    passes = while_typed(filter_text).passes
    found = {TagItem(kind, tag) for kind in TAGGED for tag in tags[kind] if passes(Subject(tag, (tag,)))}
    fixed = [OVERVIEW] if tags["scalars"] else []
    if found | {*fixed, TagItem("hparams"), TagItem("about")} == set(known):
        return tuple(known)
    ordered = sorted(found, key=lambda item: (item not in pinned, TAGGED.index(item.kind), natural(item.tag)))
    return (*fixed, *ordered, TagItem("hparams"), TagItem("about"))


_RISING = re.compile(
    r"(?:^|[^a-z])(?:acc|accuracy|auc|roc|f1|f_?beta|precision|recall|score|reward|return|returns|iou|miou|dice|map|bleu"
    r"|rouge|psnr|ssim|r2|top_?\d+|[a-z]*accuracy)(?:[^a-z]|$)"
)


def rises(tag: str) -> bool:
    """Whether the best value of a tag is its greatest, as for an accuracy, judged by its name; a loss falls."""
    return _RISING.search(tag.lower()) is not None


@lru_cache(maxsize=2**16)
def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts layer-2 before layer-10."""
    parts = re.split(r"(\d+)", name)
    return tuple((0, int(part), "") if part.isdecimal() and len(part) < 20 else (1, 0, part) for part in parts if part)


@lru_cache(maxsize=2**16)
def run_label(run: str, root: str) -> str:
    """Make a run's name safe to show; "." is the log folder `root`. Different runs get different labels."""
    name = root if run == "." else run
    shown = clean(name)
    # Two names that have to be changed for display might become equal.
    return shown if shown == name and name else f"{shown}~{crc32(run.encode(errors='replace')):08x}"
