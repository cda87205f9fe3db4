"""The charts of a log's layout, TensorBoard's custom scalars, as curves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.log.charts import Chart, tags_of
from tui.model.log_names import natural
from tui.model.log_state import LogState, label
from tui.model.run_log import RunLog
from tui.model.series import Series
from tui.text.clean import clean

MOST_CURVES = 24
"""The most curves of one chart that are drawn: more could not be distinguished."""


@dataclass(frozen=True, slots=True)
class ChartCurves:
    """The curves of a chart, those of margins as ghosts; the slot of each label; how many were left out."""

    series: tuple[Series, ...] = ()
    slots: tuple[tuple[str, int], ...] = ()
    left_out: int = 0


def chart_curves(state: LogState, name: str) -> ChartCurves:
    """The curves of the charts of this name, of every shown run that has some.

    Each tag of each run has its own slot; a value and its margins share one.
    """
    found: dict[str, tuple[Series, int]] = {}
    slot = left_out = 0
    for run in state.shown:
        log = state.log(run)
        for chart in _charts(state, name):
            for group in _groups(chart, log):
                shown = [(tag, ghost) for tag, ghost in group if tag in log.scalars and len(log.scalars[tag])]
                labels = [_label(state, run, tag) for tag, _ in shown]
                if not shown or all(each in found for each in labels):
                    continue
                if slot >= MOST_CURVES:
                    left_out += len(shown)
                    continue
                for (tag, ghost), each in zip(shown, labels, strict=True):
                    found.setdefault(each, (log.scalars[tag].series(each, ghost=ghost), slot))
                slot += 1
    ordered = sorted(found.values(), key=lambda pair: pair[0].ghost)
    return ChartCurves(
        tuple(series for series, _ in ordered), tuple((series.label, at) for series, at in ordered), left_out
    )


def _charts(state: LogState, name: str) -> Iterator[Chart]:
    """The different charts of a name in the shown runs: most runs of a folder have the same layout."""
    charts = dict.fromkeys(chart for run in state.shown for chart in state.log(run).charts if chart.name == name)
    yield from charts


def _groups(chart: Chart, log: RunLog) -> Iterator[tuple[tuple[str, bool], ...]]:
    """The tags that share a slot, each with whether it is a margin."""
    for tag in tags_of(chart, sorted(log.scalars, key=natural)):
        yield ((tag, False),)
    for margin in chart.margins:
        yield (margin.value, False), (margin.lower, True), (margin.upper, True)


def _label(state: LogState, run: str, tag: str) -> str:
    return f"{label(state, run)} {clean(tag)}" if len(state.shown) > 1 else clean(tag)
