"""The names of what attach shows: runs, and the tags of their logs as items to look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from zlib import crc32

from tui.run_log import RunLog
from tui.text import clean

ItemKind = Literal["all", "scalars", "images", "histograms", "texts", "hparams", "about"]
TAGGED: tuple[ItemKind, ...] = ("scalars", "images", "histograms", "texts")


@dataclass(frozen=True, slots=True)
class Item:
    """Something to look at: of the kinds in TAGGED a tag, of the others everything."""

    kind: ItemKind
    tag: str = ""


OVERVIEW = Item("all")
"""Every scalar tag in small."""


def items_of(logs: Iterable[RunLog], filter_text: str, known: Sequence[Item] = ()) -> tuple[Item, ...]:
    """What these logs have to look at, tags that do not hold every word of the filter left out.

    Where they are those that are `known`, the very same tuple is returned.
    """
    tags: dict[ItemKind, set[str]] = {kind: set() for kind in TAGGED}
    for log in logs:
        tags["scalars"].update(log.scalars)
        tags["images"].update(log.kept.get("images", ()))
        tags["histograms"].update(log.kept.get("histograms", ()))
        tags["texts"].update(log.kept.get("texts", ()))
    words = filter_text.lower().split()
    found = {Item(kind, tag) for kind in TAGGED for tag in tags[kind] if all(word in tag.lower() for word in words)}
    fixed = [OVERVIEW] if tags["scalars"] else []
    if found | {*fixed, Item("hparams"), Item("about")} == set(known):
        return tuple(known)
    ordered = sorted(found, key=lambda item: (TAGGED.index(item.kind), natural(item.tag)))
    return (*fixed, *ordered, Item("hparams"), Item("about"))


@lru_cache(maxsize=2**16)
def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key by which layer-2 comes before layer-10."""
    parts = re.split(r"(\d+)", name)
    return tuple((0, int(part), "") if part.isdecimal() and len(part) < 20 else (1, 0, part) for part in parts if part)


@lru_cache(maxsize=2**16)
def run_label(run: str, root: str) -> str:
    """A run's name made safe to show, "." being the log folder `root`; different runs have different ones."""
    name = root if run == "." else run
    shown = clean(name)
    # Names that are not as they can be shown might be shown alike.
    return shown if shown == name and name else f"{shown}~{crc32(run.encode(errors='replace')):08x}"
