"""The output: a table for the terminal, one for the README, and all raw numbers as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.contest import Results
from tests.benchmarks.rows import Figure

MEDIANS = "Figures are medians of rounds in turns, ± half the distance between the quartiles, unless said otherwise."
PACKAGES = ("tensorflow", "keras", "numpy", "textual")


def verdict(figure: Figure) -> str:
    """A word for whether the target is met."""
    return {True: "met", False: "not met", None: "-"}[figure.met]


def show(figures: Sequence[Figure], console: Console) -> None:
    """Print the table, and below it the reasons for missing figures."""
    table = Table(title=f"gdtui, measured on {machine()}", title_justify="left")
    table.add_column("what", overflow="fold")
    table.add_column("figure", justify="right", no_wrap=True)
    table.add_column("target", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    styles = {True: "green", False: "red", None: "dim"}
    for each in figures:
        table.add_row(each.row.what, str(each), str(each.row.target), verdict(each), style=styles[each.met])
    console.print(table)
    for line in remarks(figures):
        console.print(line, markup=False, highlight=False)


def remarks(figures: Sequence[Figure]) -> list[str]:
    """Remarks for the reader: the meaning of figures, and why some are missing."""
    lines = [MEDIANS]
    for each in figures:
        how = "" if each.row.how == "median" else f"{each.row.how} of {len(each.values)}"
        parts = (how if each.values else "", each.row.note, *each.asides, each.why)
        said = "; ".join(part for part in parts if part)
        if said:
            lines.append(f"{each.row.what}: {said.rstrip('.')}.")
    return lines


def markdown(figures: Sequence[Figure]) -> str:
    """The table for the README."""
    lines = [f"Measured on {machine()}.", "", "| what | figure | target | |", "| --- | ---: | ---: | --- |"]
    lines += [f"| {each.row.what} | {each} | {each.row.target} | {verdict(each)} |" for each in figures]
    lines.append("")
    lines += [f"- {line}" for line in remarks(figures)]
    return "\n".join(lines) + "\n"


def save(
    path: Path, figures: Sequence[Figure], results: Mapping[str, Results], imports: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write everything that was measured, and what the `imports` of each stage of a start take."""
    rows = [
        {
            "name": each.row.name,
            "what": each.row.what,
            "figure": each.figure,
            "spread": each.spread,
            "values": each.values,
            "summary": each.row.how,
            "unit": each.row.target.unit,
            "target": str(each.row.target),
            "met": each.met,
            "asides": each.asides,
            "why": each.why,
        }
        for each in figures
    ]
    measured: dict[str, Any] = {
        group: {"samples": each.samples, "missing": each.missing, "failed": each.failed}
        for group, each in results.items()
    }
    content = {
        "machine": machine(), "versions": versions(), "rows": rows, "imports": dict(imports), "measured": measured,
    }  # fmt: skip
    path.write_text(json.dumps(content, indent=1) + "\n")


def machine() -> str:
    """A description of the machine: only its number of cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{cores} core{'s' if cores > 1 else ''}"


def versions() -> dict[str, str]:
    """The versions of the most important packages."""
    found = {"python": sys.version.split()[0]}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found
