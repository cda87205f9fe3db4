"""View data of the log viewer's panes, built from its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from engine.run.run_record import RunRecord
from tui.model.export import Sheet
from tui.model.hparams import HparamsRow, HparamsSheet, sheet
from tui.model.log_charts import chart_curves
from tui.model.log_filter import Value
from tui.model.log_state import FRESH_S, LogState, Remarks, curves, label, last_value, remarks
from tui.model.run_log import Kind, RunLog
from tui.text.clean import clean
from tui.text.words import counted, duration, number, size
from tui.views.small_panes import Status, StatusPart


@dataclass(frozen=True, slots=True)
class LogMoment:
    """The present state of the log viewer: `age_s` is the time since the log was last written, None if it is not known;
    `behind` are bytes yet to be read, `skipped` how many kinds of values could not be read; `others` runs are drawn
    beside `run`."""

    state: str = ""
    run: str = ""
    others: int = 0
    step: int | None = None
    age_s: float | None = None
    behind: int = 0
    skipped: int = 0
    searching: bool = False
    logdir: str = ""
    remarks: Remarks = field(default_factory=Remarks)


Part = Literal["title", "name", "text", "bad"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as a row: its clean label, its state (one that has a sign in `Glyphs`, or empty), its latest step if known,
    the slot of its line if it is drawn, and the value by which the runs are sorted, if they are."""

    label: str
    state: str = ""
    step: int | None = None
    slot: int | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One tag of one run: its entries by ascending step. `began` is the start of the run in seconds since 1970.

    Two are equal if they hold the same entry objects.
    """

    label: str
    slot: int
    entries: Sequence[Any]
    began: float = 0.0
    every: int = 1

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Track)
            and (self.label, self.slot, self.every) == (other.label, other.slot, other.every)
            and self.entries is other.entries
        )

    def __hash__(self) -> int:
        return hash((self.label, self.slot))


_MOST_LINES = 200


def run_state(state: LogState, run: str, now: float) -> str:
    """Whether a run is going on or how it ended, in a word; empty if that is not known."""
    if run not in state.runs:
        return "gone" if run in state.logs else ""
    about = state.about.get(run)
    record, written = (about.record, about.written) if about is not None else (None, 0.0)
    return state_word(record, state.log(run).status, written, now)


def state_word(record: RunRecord | None, status: str, written: float, now: float) -> str:
    """A run's state from its record, from the outcome in its log, and from the time when its log was last written."""
    if record is not None:
        return record.outcome
    return status or ("running" if now - written < FRESH_S else "")


def latest_step(state: LogState, run: str) -> int | None:
    """The latest known step of a run."""
    about = state.about.get(run)
    recorded = about.record.step if about is not None and about.record is not None else None
    log = state.logs.get(run)
    if log is None or log.began is None:
        return recorded
    return max(log.step, recorded or 0)


def run_row(state: LogState, run: str, now: float) -> RunRow:
    """Build a run's row for the list."""
    value = last_value(state, run, state.order_tag) if state.order_by == "value" else None
    return RunRow(label(state, run), run_state(state, run, now), latest_step(state, run), state.slot(run), value)


def tracks(state: LogState, kind: Kind, tag: str) -> tuple[Track, ...]:
    """A tag's images, histograms or texts in each shown run that has them."""
    found = []
    for run in state.shown:
        kept = state.log(run).of(kind, tag)
        if kept.entries:
            began = state.log(run).began or 0.0
            found.append(Track(label(state, run), state.slot(run) or 0, kept.entries, began, kept.every))
    return tuple(found)


def scalar_tags(state: LogState) -> list[str]:
    """The scalar tags that pass the filter."""
    return [item.tag for item in state.items if item.kind == "scalars"]


# --- hyperparameters --------------------------------------------------------------------------------------------------


def hparams_sheet(state: LogState) -> HparamsSheet:
    """Build the table of hyperparameters: of every run that passes the filter and has some, with its metrics and those
    of the runs in its subfolders that have none themselves, as Keras logs them."""
    told: dict[str, tuple[Mapping[str, Value], dict[str, float]]] = {}
    for run in state.order:
        if run in state.logs or run in state.about:
            values = _hparams(state.log(run), _record(state, run))
            if values:
                told[run] = values, dict(_metrics(state.log(run), _record(state, run)))
    for run, log in state.logs.items():
        above = _above(run, told)
        if above:
            below = run.removeprefix(f"{above}/")
            told[above][1].update({f"{below}/{tag}": value for tag, value in _metrics(log, None).items()})
    rows = [HparamsRow(run, label(state, run), state.slot(run), *found) for run, found in told.items()]
    read = sum(run in state.logs and not state.behind.get(run) for run in state.order)
    return sheet(rows, read, len(state.order))


def _above(run: str, told: Mapping[str, object]) -> str:
    """The nearest folder above a run that has hyperparameters; empty if the run itself has some, or no folder has."""
    above = "" if run in told else run
    while above:
        above = above.rpartition("/")[0]
        if above in told:
            return above
    return "." if run != "." and run not in told and "." in told else ""


def _record(state: LogState, run: str) -> RunRecord | None:
    about = state.about.get(run)
    return about.record if about is not None else None


def _hparams(log: RunLog, record: RunRecord | None) -> Mapping[str, Value]:
    if log.hparams:
        return dict(sorted(log.hparams.items()))
    return {"lesson": record.lesson, **record.settings} if record is not None and record.settings else {}


def _metrics(log: RunLog, record: RunRecord | None) -> Mapping[str, float]:
    """The last values: those that gdtui considers worth comparing, or every scalar."""
    if record is not None and record.metrics:
        return record.metrics
    return {tag: float(points.values.array[-1]) for tag, points in log.scalars.items() if len(points)}


# --- in words ---------------------------------------------------------------------------------------------------------


def moment(state: LogState, now: float) -> LogMoment:
    """Build the data of the status row."""
    run = next((run for run in state.shown if run in state.runs), state.cursor)
    shown = state.shown
    written = max((state.about[each].written for each in shown if each in state.about), default=0.0)
    return LogMoment(
        state=run_state(state, run, now),
        run=label(state, run) if run else "",
        others=max(len(shown) - 1, 0),
        step=latest_step(state, run),
        age_s=now - written if written else None,
        behind=sum(state.behind.get(each, 0) for each in shown),
        skipped=sum(len(skips(state, each)) for each in shown),
        searching=state.searching,
        logdir=clean(str(state.logdir)),
        remarks=remarks(state),
    )


def status_row(now: LogMoment) -> Status:
    """Build the status row of the log viewer; the log folder is its least important part."""
    state = now.state or ("searching" if now.searching else "log" if now.run else "no log yet: waiting")
    return Status(state, tuple(_status_parts(now)), now.logdir)


def _status_parts(now: LogMoment) -> Iterator[StatusPart]:
    if now.run:
        yield StatusPart(now.run + (f" +{now.others}" if now.others else ""), 0)
    if now.step is not None:
        yield StatusPart(f"step {now.step:,}", 1)
    if now.remarks.by_order:
        yield StatusPart("no steps logged: drawn in order", 2)
    if now.remarks.superseded:
        yield StatusPart(f"{counted(now.remarks.superseded, 'earlier point')} superseded", 2)
    if now.behind:
        yield StatusPart(f"reading, {size(now.behind)} to go", 3)
    elif now.age_s is not None:
        yield StatusPart("written", 3, age_s=now.age_s)
    if now.skipped:
        yield StatusPart(f"{now.skipped} skipped: see About", 4, bad=True)


def skips(state: LogState, run: str) -> tuple[str, ...]:
    """The parts of a run's log that are not shown, one line each."""
    lines = list(state.skipped.get(run, ()))
    left_out = state.log(run).left_out
    if left_out:
        lines.append(f"{left_out:,} values left out: their tags are too long or too many, or their steps too large")
    return tuple(lines)


def thinned(state: LogState, run: str) -> tuple[str, ...]:
    """The tags of which not every entry is kept, one line each."""
    log = state.log(run)
    held = [(tag, len(points), points.seen) for tag, points in log.scalars.items() if points.every > 1]
    for tags in log.kept.values():
        held += [(tag, len(kept.entries), kept.seen) for tag, kept in tags.items() if kept.every > 1]
    return tuple(f"{tag}: {count:,} of {seen:,} are kept, evenly spread" for tag, count, seen in held)


def about_words(state: LogState, now: float) -> tuple[tuple[Part, str], ...]:
    """All that is known of the run under the cursor."""
    run = state.cursor
    if not run:
        where = clean(str(state.logdir))
        return (("name", "searching" if state.searching else f"no log in {where} yet: waiting for one"),)
    found = state.runs.get(run)
    about = state.about.get(run)
    record = about.record if about is not None else None
    word = run_state(state, run, now)
    words: list[tuple[Part, str]] = [("title", label(state, run))]
    outcome = [word or "not known to be running", *([f"step {latest_step(state, run) or 0:,}"])]
    if record is not None and record.elapsed_s:
        outcome.append(duration(record.elapsed_s))
    words.append(("bad" if word in ("crashed", "failed", "diverged", "gone") else "text", " · ".join(outcome)))
    if record is not None:
        words += [
            ("bad" if line is record.damaged else "name", line) for line in (record.message, record.damaged) if line
        ]
        if record.learned:
            words += [("name", "\nlearned"), ("text", record.learned)]
    words += _unread(state, run)
    if found is not None:
        words += [("name", "\nlog"), ("text", str(found.path))]
    if about is not None and about.written:
        when = datetime.fromtimestamp(about.written).strftime("%Y-%m-%d %H:%M:%S")
        words.append(("text", f"{about.size:,} bytes, last written {when}"))
    words += _contents(state.log(run))
    if record is not None and record.command:
        words += [("name", "\ncommand"), ("text", record.command)]
    hparams = _hparams(state.log(run), record)
    if hparams:
        widest = max(len(name) for name in hparams)
        words.append(("name", "\nhyperparameters"))
        words += [("text", f"{name:<{widest}}  {_said(value)}") for name, value in list(hparams.items())[:_MOST_LINES]]
    return tuple(words)


def _unread(state: LogState, run: str) -> list[tuple[Part, str]]:
    words: list[tuple[Part, str]] = []
    skipped = skips(state, run)
    if skipped:
        words += [("name", "\ncould not be read"), *(("bad", line) for line in skipped[:_MOST_LINES])]
    thin = thinned(state, run)
    if thin:
        words += [("name", "\nheld in part"), *(("text", line) for line in thin[:_MOST_LINES])]
    if state.behind.get(run):
        words.append(("name", f"\n{state.behind[run]:,} bytes are yet to be read"))
    return words


def _contents(log: RunLog) -> list[tuple[Part, str]]:
    counts = [("scalars", len(log.scalars)), *((kind, len(tags)) for kind, tags in log.kept.items())]
    said = ", ".join(f"{count} {kind}" for kind, count in counts if count)
    return [("text", f"tags: {said}")] if said else []


def _said(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return number(value) if isinstance(value, float) else value


# --- export -----------------------------------------------------------------------------------------------------------


def plot_sheet(state: LogState) -> Sheet | None:
    """The chosen scalar tag or chart as a table, one row per point; None if there is none."""
    if state.item.kind not in ("scalars", "charts"):
        return None
    chart = state.item.kind == "charts"
    rows = [
        (series.label, step, time_s, value)
        for series in (chart_curves(state, state.item.tag).series if chart else curves(state, state.item.tag))
        if series.times_s is not None
        for step, time_s, value in zip(
            series.steps.tolist(), series.times_s.tolist(), series.values.tolist(), strict=True
        )
    ]
    return Sheet(state.item.tag, ("run", "step", "time_s", "value"), rows) if rows else None
