"""What the parts of the attach screen show at one moment, made from its state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.run_record import RunRecord
from tui.attach import FRESH_S, AttachState, curves, label
from tui.export import Sheet
from tui.hparams import HparamsRow, HparamsSheet, Value, sheet
from tui.run_log import Kind, RunLog
from tui.text import clean
from tui.widgets.log_status import LogMoment
from tui.widgets.run_about import Part
from tui.widgets.run_list import RunRow
from tui.widgets.step_view import Track
from tui.words import duration, number

_MOST_LINES = 200


def run_state(state: AttachState, run: str, now: float) -> str:
    """Whether a run goes on or how it ended, in a word; empty where nobody knows."""
    if run not in state.runs:
        return "gone" if run in state.logs else ""
    about = state.about.get(run)
    if about is not None and about.record is not None:
        return about.record.outcome
    status = state.log(run).status
    if status:
        return status
    return "running" if about is not None and now - about.written < FRESH_S else ""


def latest_step(state: AttachState, run: str) -> int | None:
    """The latest step that is known of a run."""
    about = state.about.get(run)
    recorded = about.record.step if about is not None and about.record is not None else None
    log = state.logs.get(run)
    if log is None or log.began is None:
        return recorded
    return max(log.step, recorded or 0)


def run_row(state: AttachState, run: str, now: float) -> RunRow:
    """A run in the list."""
    return RunRow(label(state, run), run_state(state, run, now), latest_step(state, run), state.slot(run))


def tracks(state: AttachState, kind: Kind, tag: str) -> tuple[Track, ...]:
    """A tag's images, histograms or texts in each run that is shown and has them."""
    found = []
    for run in state.shown:
        kept = state.log(run).of(kind, tag)
        if kept.entries:
            began = state.log(run).began or 0.0
            found.append(Track(label(state, run), state.slot(run) or 0, kept.entries, began, kept.every))
    return tuple(found)


def scalar_tags(state: AttachState) -> list[str]:
    """The scalar tags that pass the filter."""
    return [item.tag for item in state.items if item.kind == "scalars"]


# --- hyperparameters --------------------------------------------------------------------------------------------------


def hparams_sheet(state: AttachState) -> HparamsSheet:
    """The hyperparameters of every run that passes the filter and tells some."""
    rows = []
    for run in state.order:
        if run not in state.logs and run not in state.about:
            continue
        about = state.about.get(run)
        record = about.record if about is not None else None
        values = _hparams(state.log(run), record)
        if values:
            rows.append(HparamsRow(run, label(state, run), state.slot(run), values, _metrics(state.log(run), record)))
    return sheet(rows)


def _hparams(log: RunLog, record: RunRecord | None) -> Mapping[str, Value]:
    if log.hparams:
        return dict(sorted(log.hparams.items()))
    return {"lesson": record.lesson, **record.settings} if record is not None and record.settings else {}


def _metrics(log: RunLog, record: RunRecord | None) -> Mapping[str, float]:
    """The last values: those that gdtui holds to be worth comparing, or every scalar."""
    if record is not None and record.metrics:
        return record.metrics
    return {tag: float(points.values.array[-1]) for tag, points in log.scalars.items() if len(points)}


# --- in words ---------------------------------------------------------------------------------------------------------


def moment(state: AttachState, now: float) -> LogMoment:
    """What the line below says."""
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
    )


def skips(state: AttachState, run: str) -> tuple[str, ...]:
    """What of a run's log is not shown, a line each."""
    lines = list(state.skipped.get(run, ()))
    left_out = state.log(run).left_out
    if left_out:
        lines.append(f"{left_out:,} values left out: their tags are too long or too many, or their steps too large")
    return tuple(lines)


def thinned(state: AttachState, run: str) -> tuple[str, ...]:
    """The tags of which not every entry is held, a line each."""
    log = state.log(run)
    held = [(tag, len(points), points.seen) for tag, points in log.scalars.items() if points.every > 1]
    for tags in log.kept.values():
        held += [(tag, len(kept.entries), kept.seen) for tag, kept in tags.items() if kept.every > 1]
    return tuple(f"{tag}: {count:,} of {seen:,} are held, evenly spread" for tag, count, seen in held)


def about_words(state: AttachState, now: float) -> tuple[tuple[Part, str], ...]:
    """All that is known of the run under the cursor."""
    run = state.cursor
    if not run:
        return (("name", "no run yet" if state.searching else "no run"),)
    found = state.runs.get(run)
    about = state.about.get(run)
    record = about.record if about is not None else None
    word = run_state(state, run, now)
    words: list[tuple[Part, str]] = [("title", label(state, run))]
    outcome = [word or "not known to go on", *([f"step {latest_step(state, run) or 0:,}"])]
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


def _unread(state: AttachState, run: str) -> list[tuple[Part, str]]:
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


def plot_sheet(state: AttachState) -> Sheet | None:
    """The scalar tag that is looked at, a row a point; None where there is none."""
    if state.item.kind != "scalars":
        return None
    rows = [
        (series.label, step, time_s, value)
        for series in curves(state, state.item.tag)
        if series.times_s is not None
        for step, time_s, value in zip(
            series.steps.tolist(), series.times_s.tolist(), series.values.tolist(), strict=True
        )
    ]
    return Sheet(state.item.tag, ("run", "step", "time_s", "value"), rows) if rows else None
