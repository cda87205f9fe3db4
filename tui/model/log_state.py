"""The state of the log viewer: pure folds `(state, update) -> state`, and the choices of its user."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from engine.log.reader import About, LogUpdate
from engine.log.run_tree import FoundRun
from tui.model.log_filter import Subject, Value, while_typed
from tui.model.log_names import KINDS, OVERVIEW, TAGGED, ItemKind, TagItem, items_of, natural, rises, run_label
from tui.model.run_log import RunLog, folded
from tui.model.series import Series

MOST_MARKED = 12
"""The most runs drawn together: as many as colour, dash and mark can distinguish."""
FIRST_MARKED = 6
"""In a folder that was named, this many of the newest runs are marked at first."""
FRESH_S = 60.0
"""A run of another program that was written to within this time is assumed to be running."""

BACKGROUND_RUNS = 1000
BACKGROUND_BYTES = 2**22
BACKGROUND_BYTES_OF_ALL = 2**26
"""Unmarked runs are read too, the newest small ones up to this size: lists and tables show their numbers."""
_UNASKED_BYTES = 2**26  # up to this size, the run under the cursor is read without being marked
_MOST_HELD = 8
MOST_PINNED = 100

OrderBy = Literal["newest", "name", "value"]
"""The possible orders of runs."""


@dataclass(frozen=True, slots=True)
class LogState:
    """The state of the log viewer. `order` are the runs that pass the filter, in their order, which `upside_down`
    reverses: by value it is that of the last value of the tag `order_tag`, best first. `items` are those of the shown
    runs, `pinned` ones first. `opened` is the run that was requested by name; `untouched` is true until a run is marked
    by hand."""

    logdir: Path
    opened: str = ""
    runs: Mapping[str, FoundRun] = field(default_factory=dict, repr=False)
    about: Mapping[str, About] = field(default_factory=dict, repr=False)
    logs: Mapping[str, RunLog] = field(default_factory=dict, repr=False)
    behind: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    searching: bool = True
    beyond: bool = False
    order: tuple[str, ...] = ()
    order_by: OrderBy = "newest"
    order_tag: str = ""
    upside_down: bool = False
    run_filter: str = ""
    tag_filter: str = ""
    cursor: str = ""
    marked: tuple[str, ...] = ()
    slots: Mapping[str, int] = field(default_factory=dict)
    untouched: bool = True
    item: TagItem = OVERVIEW
    items: tuple[TagItem, ...] = ()
    pinned: tuple[TagItem, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The runs that are drawn: the marked ones, or without any the one under the cursor."""
        return self.marked or ((self.cursor,) if self.cursor else ())

    def log(self, run: str) -> RunLog:
        """The part of a run's log that has been read."""
        return self.logs.get(run) or _NOTHING

    def slot(self, run: str) -> int | None:
        """The slot of a run's colour and line style, if it is drawn."""
        if run in self.marked:
            return self.slots[run]
        return 0 if not self.marked and run == self.cursor else None


_NOTHING = RunLog()


# --- news -------------------------------------------------------------------------------------------------------------


def take(state: LogState, news: LogUpdate) -> LogState:
    """The state after news from the reader."""
    if news.runs is not None:
        state = _with_runs(state, {run.name: run for run in news.runs})
    state = replace(state, searching=news.searching, beyond=news.beyond)
    if not news.portions:
        return state
    logs, behind, skipped = dict(state.logs), dict(state.behind), dict(state.skipped)
    for portion in news.portions:
        logs[portion.run] = folded(logs.get(portion.run) or _NOTHING, portion.entries)
        behind[portion.run] = portion.behind
        skipped[portion.run] = portion.skipped
    state = _with_items(replace(state, logs=logs, behind=behind, skipped=skipped))
    return _ordered(state) if _order_needs_log(state) else state


def learn(state: LogState, about: Mapping[str, About]) -> LogState:
    """The state with new facts about some runs."""
    if not about:
        return state
    state = replace(state, about={**state.about, **about})
    return _ordered(state) if _order_needs_log(state) else state


def _order_needs_log(state: LogState) -> bool:
    return state.order_by == "value" or while_typed(state.run_filter).needs_log


def forget(state: LogState, runs: Iterable[str]) -> LogState:
    """Discard what was read of some runs."""
    gone = set(runs)
    return replace(
        state,
        logs={run: log for run, log in state.logs.items() if run not in gone},
        behind={run: behind for run, behind in state.behind.items() if run not in gone},
    )


def _with_runs(state: LogState, runs: Mapping[str, FoundRun]) -> LogState:
    new = [run for run in runs if run not in state.runs]
    gone = [run for run in state.marked if run not in runs]
    state = _ordered(replace(state, runs=runs, marked=tuple(run for run in state.marked if run not in gone)))
    if state.untouched and state.opened in runs:
        return mark(replace(state, cursor=state.opened), state.opened)
    if state.untouched and not state.opened:
        state = _marked_unasked(state, new)
    if state.cursor not in runs:
        state = replace(state, cursor=(state.marked or state.order or ("",))[0])
    return _with_items(state)


def _marked_unasked(state: LogState, new: Sequence[str]) -> LogState:
    """Mark the newest run and those beside it; once all are found, add new runs while there is room."""
    if state.searching:
        state, candidates, most = replace(state, marked=(), slots={}), list(state.runs), FIRST_MARKED
    else:
        candidates, most = list(new), MOST_MARKED
    for run in sorted(candidates, key=lambda run: (state.runs[run].since, run), reverse=True):
        beside = not state.marked or _parent(run) == _parent(state.marked[0])
        if beside and len(state.marked) < most:
            state = mark(state, run)
    return replace(state, untouched=True)


def _parent(run: str) -> str:
    return run.rpartition("/")[0]


# --- choices ----------------------------------------------------------------------------------------------------------


def mark(state: LogState, run: str) -> LogState:
    """Mark or unmark a run for drawing; unchanged if MOST_MARKED are drawn already."""
    if run in state.marked:
        marked = tuple(each for each in state.marked if each != run)
        return _with_items(replace(state, marked=marked, untouched=False))
    if run not in state.runs or len(state.marked) >= MOST_MARKED:
        return state
    taken = {state.slots[each] for each in state.marked}
    slot = state.slots.get(run, -1)
    if slot < 0 or slot in taken:
        slot = next(free for free in range(MOST_MARKED) if free not in taken)
    slots = {**state.slots, run: slot}
    return _with_items(replace(state, marked=(*state.marked, run), slots=slots, untouched=False))


def mark_only(state: LogState, run: str) -> LogState:
    """Draw only this run."""
    return mark(replace(state, marked=()), run)


def mark_filtered(state: LogState) -> LogState:
    """Draw the runs that pass the filter, as many as can be distinguished."""
    state = replace(state, marked=())
    for run in state.order[:MOST_MARKED]:
        state = mark(state, run)
    return state


def look_at(state: LogState, run: str) -> LogState:
    """Move the cursor to a run."""
    if run == state.cursor:
        return state
    state = replace(state, cursor=run)
    return state if state.marked else _with_items(state)


def filter_runs(state: LogState, text: str) -> LogState:
    """Keep the runs that pass a filter: tui.model.log_filter."""
    return _ordered(replace(state, run_filter=text))


def next_order(state: LogState) -> LogState:
    """Go to the next order: newest first, by name, by the last value of the chosen scalar."""
    orders: list[OrderBy] = ["newest", "name"]
    tag = _tag_to_order_by(state)
    if tag:
        orders.append("value")
    here = orders.index(state.order_by) if state.order_by in orders else -1
    return order_runs(state, orders[(here + 1) % len(orders)], tag)


def order_runs(state: LogState, by: OrderBy, tag: str = "", *, upside_down: bool = False) -> LogState:
    """Set the order of the runs; "value" is the last value of `tag`."""
    tag = tag if by == "value" else ""
    return _ordered(replace(state, order_by=by, order_tag=tag, upside_down=upside_down))


def turn_order(state: LogState) -> LogState:
    """Reverse the order of the runs."""
    return _ordered(replace(state, upside_down=not state.upside_down))


def _tag_to_order_by(state: LogState) -> str:
    if state.item.kind == "scalars":
        return state.item.tag
    return next((item.tag for item in state.items if item.kind == "scalars"), "")


def pin(state: LogState, item: TagItem) -> LogState:
    """Pin an item before the others, or unpin it."""
    if item.kind not in TAGGED:
        return state
    pinned = tuple(each for each in state.pinned if each != item)
    pinned = (*pinned, item) if pinned == state.pinned else pinned
    return _with_items(replace(state, pinned=pinned[-MOST_PINNED:], items=()))


def filter_tags(state: LogState, text: str) -> LogState:
    """Keep the tags that pass a filter; if the chosen one does not, choose the first."""
    state = _with_items(replace(state, tag_filter=text))
    first = next((item for item in state.items if item.tag), None)
    return state if state.item in state.items or first is None else show_item(state, first)


def show_item(state: LogState, item: TagItem) -> LogState:
    """Choose an item."""
    return replace(state, item=item)


def show_kind(state: LogState, kind: ItemKind) -> LogState:
    """Choose the first item of a kind."""
    return show_item(state, next((item for item in state.items if item.kind == kind), state.item))


def next_kind(state: LogState, by: int) -> LogState:
    """Choose the first item of the next (1) or previous (-1) kind."""
    kinds = sorted({item.kind for item in state.items}, key=KINDS.index)
    if not kinds:
        return state
    here = kinds.index(state.item.kind) if state.item.kind in kinds else -by
    return show_kind(state, kinds[(here + by) % len(kinds)])


# --- reading ----------------------------------------------------------------------------------------------------------


def wanted(state: LogState) -> tuple[str, ...]:
    """The runs to be read and followed, in order of urgency."""
    runs = dict.fromkeys(state.marked)
    about = state.about.get(state.cursor)
    if not state.marked or (about is not None and about.size <= _UNASKED_BYTES):
        runs[state.cursor] = None
    return tuple(run for run in runs if run in state.runs)


def newest(state: LogState) -> Sequence[str]:
    """The runs to look into before the user asks for them: the newest that pass the filter, or all of the newest if
    only their logs show whether they pass, or their place."""
    if _order_needs_log(state):
        return sorted(state.runs, key=lambda run: (state.runs[run].since, run), reverse=True)[:BACKGROUND_RUNS]
    return state.order[:BACKGROUND_RUNS]


def background(state: LogState) -> tuple[str, ...]:
    """Other runs to be read when there is time: the newest of the small ones."""
    found, size = [], 0
    for run in newest(state):
        about = state.about.get(run)
        if about is not None and about.size <= BACKGROUND_BYTES and size + about.size <= BACKGROUND_BYTES_OF_ALL:
            found.append(run)
            size += about.size
    return tuple(found)


def surplus(state: LogState) -> tuple[str, ...]:
    """Runs that were read and are neither shown nor small, except the last few; they are to be closed."""
    needed = {*wanted(state), *background(state)}
    held = [run for run in state.logs if run not in needed]
    return tuple(held[: max(len(held) - _MOST_HELD, 0)])


# --- display ----------------------------------------------------------------------------------------------------------


def curves(state: LogState, tag: str, *, earlier: bool = False) -> tuple[Series, ...]:
    """The curves of a scalar tag for every shown run that has it, the first marked first; then, with `earlier`, those
    before points were superseded, as ghosts."""
    found, ghosts = [], []
    for run in state.shown:
        points = state.log(run).scalars.get(tag)
        if points is None or not len(points):
            continue
        name = label(state, run)
        found.append(points.series(name))
        ghosts += [each.series(_before(name, place), ghost=True) for place, each in enumerate(points.earlier, 1)]
    return (*found, *ghosts) if earlier else tuple(found)


def slots(state: LogState, tag: str = "") -> dict[str, int]:
    """The slot of each label in `curves`, including a tag's earlier curves."""
    found = {}
    for run in state.shown:
        name, slot = label(state, run), state.slot(run) or 0
        points = state.log(run).scalars.get(tag)
        count = len(points.earlier) if points is not None else 0
        found.update(dict.fromkeys((name, *(_before(name, place + 1) for place in range(count))), slot))
    return found


def _before(name: str, place: int) -> str:
    return f"{name} before {place}"


@dataclass(frozen=True, slots=True)
class Remarks:
    """Notes on the drawn points: how many earlier ones were superseded, and whether the log gives no steps, in which
    case they are drawn in their order."""

    superseded: int = 0
    by_order: bool = False


def remarks(state: LogState) -> Remarks:
    """The notes on the chosen tag, or on all tags, of all shown runs."""
    tag = state.item.tag if state.item.kind == "scalars" else None
    drawn = [
        points for run in state.shown for name, points in state.log(run).scalars.items() if tag is None or name == tag
    ]
    return Remarks(sum(points.superseded for points in drawn), any(points.by_order for points in drawn))


def label(state: LogState, run: str) -> str:
    """A run's name for display."""
    return run_label(run, state.logdir.name)


def last_value(state: LogState, run: str, tag: str) -> float | None:
    """The last value of a scalar tag of a run, if it is known."""
    points = state.log(run).scalars.get(tag)
    return float(points.values.array[-1]) if points is not None and len(points) else None


def _ordered(state: LogState) -> LogState:
    passes = while_typed(state.run_filter).passes
    names = [run for run in state.runs if passes(_subject(state, run))] if state.run_filter else list(state.runs)
    if state.order_by == "name":
        names.sort(key=natural, reverse=state.upside_down)
    else:
        names.sort(key=lambda run: (state.runs[run].since, run), reverse=not state.upside_down)
    if state.order_by == "value":
        names = _by_value(state, names)
    return replace(state, order=tuple(names))


def _by_value(state: LogState, names: Sequence[str]) -> list[str]:
    """The runs by their last value of the tag, best first; those without a number are last in either order."""
    values = {run: last_value(state, run, state.order_tag) for run in names}
    known = {run: value for run, value in values.items() if value is not None and not math.isnan(value)}
    ordered = sorted(known, key=known.__getitem__, reverse=rises(state.order_tag) != state.upside_down)
    return [*ordered, *(run for run in names if run not in known)]


def _subject(state: LogState, run: str) -> Subject:
    """A run as the subject of a filter, from the part of its log that has been read."""
    log, about = state.log(run), state.about.get(run)
    values: dict[str, Value] = dict(about.record.settings) if about is not None and about.record is not None else {}
    if log is _NOTHING:
        return Subject(run, (), values)
    last = {tag: float(points.values.array[-1]) for tag, points in log.scalars.items() if len(points)}
    tags = {*log.scalars, *(tag for kind in log.kept.values() for tag in kind)}
    return Subject(run, tags, {**last, **values, **log.hparams})


def _with_items(state: LogState) -> LogState:
    """Update the items."""
    return replace(state, items=items_of(map(state.log, state.shown), state.tag_filter, state.items, state.pinned))
