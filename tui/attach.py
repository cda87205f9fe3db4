"""What attach knows and shows: pure folds `(state, news) -> state`, and choices of the person who looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.log_reader import About, News
from engine.log_tree import FoundRun
from tui.attach_names import OVERVIEW, Item, ItemKind, items_of, natural, run_label
from tui.run_log import RunLog, folded
from tui.series import Series

MOST_MARKED = 12
"""Runs drawn over each other: as many as colour, dash and mark tell apart."""
FIRST_MARKED = 6
"""Of a folder that was named, this many of the newest runs are marked at first."""
FRESH_S = 60.0
"""A run of another program that was written to within this time is taken to go on."""

BACKGROUND_RUNS = 100
BACKGROUND_BYTES = 2**22
BACKGROUND_BYTES_OF_ALL = 2**26
"""Of runs that are not marked the newest are read too, small ones, so that lists and tables know their numbers."""
_UNASKED_BYTES = 2**26  # the run under the cursor is read without being marked up to this size
_MOST_HELD = 8


@dataclass(frozen=True, slots=True)
class AttachState:
    """All that is known and chosen. `order` are the runs that pass the filter, in their order; `items` what the runs
    that are shown have to look at. `opened` is the run that was asked for by name; `untouched` is true as long as
    nobody marked a run."""

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
    by_name: bool = False
    run_filter: str = ""
    tag_filter: str = ""
    cursor: str = ""
    marked: tuple[str, ...] = ()
    slots: Mapping[str, int] = field(default_factory=dict)
    untouched: bool = True
    item: Item = OVERVIEW
    items: tuple[Item, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The runs that are drawn: those marked, or without any the one under the cursor."""
        return self.marked or ((self.cursor,) if self.cursor else ())

    def log(self, run: str) -> RunLog:
        """A run's log as far as it was read."""
        return self.logs.get(run) or _NOTHING

    def slot(self, run: str) -> int | None:
        """Which colour and line style a run has, where it is drawn."""
        if run in self.marked:
            return self.slots[run]
        return 0 if not self.marked and run == self.cursor else None


_NOTHING = RunLog()


# --- news -------------------------------------------------------------------------------------------------------------


def take(state: AttachState, news: News) -> AttachState:
    """The state after what a reader brought."""
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
    return _with_items(replace(state, logs=logs, behind=behind, skipped=skipped))


def learn(state: AttachState, about: Mapping[str, About]) -> AttachState:
    """The state after a look at some runs' folders."""
    return replace(state, about={**state.about, **about}) if about else state


def forget(state: AttachState, runs: Iterable[str]) -> AttachState:
    """Let go what was read of some runs."""
    gone = set(runs)
    return replace(
        state,
        logs={run: log for run, log in state.logs.items() if run not in gone},
        behind={run: behind for run, behind in state.behind.items() if run not in gone},
    )


def _with_runs(state: AttachState, runs: Mapping[str, FoundRun]) -> AttachState:
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


def _marked_unasked(state: AttachState, new: Sequence[str]) -> AttachState:
    """Mark the newest run and those beside it; once all were found, add what comes there as long as there is room."""
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


def mark(state: AttachState, run: str) -> AttachState:
    """Draw a run, or no longer; unchanged where as many are drawn as can be told apart."""
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


def mark_only(state: AttachState, run: str) -> AttachState:
    """Draw this run alone."""
    return mark(replace(state, marked=()), run)


def mark_filtered(state: AttachState) -> AttachState:
    """Draw those that pass the filter, as many as can be told apart."""
    state = replace(state, marked=())
    for run in state.order[:MOST_MARKED]:
        state = mark(state, run)
    return state


def look_at(state: AttachState, run: str) -> AttachState:
    """Put the cursor on a run."""
    if run == state.cursor:
        return state
    state = replace(state, cursor=run)
    return state if state.marked else _with_items(state)


def filter_runs(state: AttachState, text: str) -> AttachState:
    """Leave the runs whose names hold every word."""
    return _ordered(replace(state, run_filter=text))


def order_runs(state: AttachState, *, by_name: bool) -> AttachState:
    """By name, or the newest first."""
    return _ordered(replace(state, by_name=by_name))


def filter_tags(state: AttachState, text: str) -> AttachState:
    """Leave the tags that hold every word; where that which was looked at is none of them, look at the first."""
    state = _with_items(replace(state, tag_filter=text))
    first = next((item for item in state.items if item.tag), None)
    return state if state.item in state.items or first is None else show_item(state, first)


def show_item(state: AttachState, item: Item) -> AttachState:
    """Look at something else."""
    return replace(state, item=item)


def show_kind(state: AttachState, kind: ItemKind) -> AttachState:
    """Look at the first item of a kind."""
    return show_item(state, next((item for item in state.items if item.kind == kind), state.item))


def next_kind(state: AttachState, by: int) -> AttachState:
    """Look at the first item of the next (1) or previous (-1) kind."""
    kinds = list(dict.fromkeys(item.kind for item in state.items))
    if not kinds:
        return state
    here = kinds.index(state.item.kind) if state.item.kind in kinds else -by
    return show_kind(state, kinds[(here + by) % len(kinds)])


# --- what is to be read -----------------------------------------------------------------------------------------------


def wanted(state: AttachState) -> tuple[str, ...]:
    """The runs to be read and followed, the first first."""
    runs = dict.fromkeys(state.marked)
    about = state.about.get(state.cursor)
    if not state.marked or (about is not None and about.size <= _UNASKED_BYTES):
        runs[state.cursor] = None
    return tuple(run for run in runs if run in state.runs)


def background(state: AttachState) -> tuple[str, ...]:
    """Other runs to be read when there is time: the newest of the small ones."""
    found, size = [], 0
    for run in state.order[:BACKGROUND_RUNS]:
        about = state.about.get(run)
        if about is not None and about.size <= BACKGROUND_BYTES and size + about.size <= BACKGROUND_BYTES_OF_ALL:
            found.append(run)
            size += about.size
    return tuple(found)


def surplus(state: AttachState) -> tuple[str, ...]:
    """Runs that were read and are neither shown nor small, but for the last few; they are to be let go."""
    needed = {*wanted(state), *background(state)}
    held = [run for run in state.logs if run not in needed]
    return tuple(held[: max(len(held) - _MOST_HELD, 0)])


# --- what is shown ----------------------------------------------------------------------------------------------------


def curves(state: AttachState, tag: str) -> tuple[Series, ...]:
    """A scalar tag of every run that is shown and has it, the first marked first."""
    found = []
    for run in state.shown:
        points = state.log(run).scalars.get(tag)
        if points is not None and len(points):
            found.append(points.series(label(state, run)))
    return tuple(found)


def slots(state: AttachState) -> dict[str, int]:
    """The slot of each label in `curves`."""
    return {label(state, run): state.slot(run) or 0 for run in state.shown}


def label(state: AttachState, run: str) -> str:
    """A run's name as it is shown."""
    return run_label(run, state.logdir.name)


def _ordered(state: AttachState) -> AttachState:
    words = state.run_filter.lower().split()
    names = [run for run in state.runs if all(word in run.lower() for word in words)] if words else list(state.runs)
    if state.by_name:
        names.sort(key=natural)
    else:
        names.sort(key=lambda run: (state.runs[run].since, run), reverse=True)
    return replace(state, order=tuple(names))


def _with_items(state: AttachState) -> AttachState:
    """Bring the items up to date."""
    return replace(state, items=items_of(map(state.log, state.shown), state.tag_filter, state.items))
