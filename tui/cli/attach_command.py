"""The command `gdtui attach`: its options and its request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from engine.errors import InputError
from tui.cli.chosen_options import OptionSources, Said, flag, options_of
from tui.cli.common_options import drawing_options, flag_option, logdir_option
from tui.cli.completion import a_file, a_run
from tui.model import log_filter
from tui.process.options import HeadlessOptions, ReportOptions


@dataclass(frozen=True)
class Attach:
    """Runs or log folders to show, the newest run of the logdir if none is named; with `report` without the app. With
    `wait`, wait for a run's end instead."""

    targets: tuple[str, ...]
    options: HeadlessOptions
    report: ReportOptions | None = None
    wait: bool = False


def attach_params() -> list[click.Parameter]:
    """The options of `gdtui attach`."""
    return [
        click.Argument(["targets"], nargs=-1, metavar="[RUN|FOLDER]...", shell_complete=a_run),
        flag_option(["--no-ui", "no_ui"], "print a table of runs and tags; without a terminal it is printed unasked"),
        flag_option(["--json", "json"], "one JSON object a line, a run's tag each; implies --no-ui"),
        flag_option(
            ["--wait", "wait"], "wait until the run has ended, and exit as it did: 0 done, 1 failed, 3 diverged"
        ),
        click.Option(
            ["--csv", "csv"],
            metavar="FILE",
            shell_complete=a_file,
            help="write every point of every tag; - is standard output; implies --no-ui",
        ),
        click.Option(
            ["--tags", "tags"],
            multiple=True,
            metavar="PATTERN",
            help="only these tags in a report, as 'val/*'; repeatable",
        ),
        click.Option(
            ["--filter", "filter"],
            metavar="FILTER",
            help="only runs that pass, as 'lr<0.01 NOT (sgd OR /test$/) tag:val/'; implies --no-ui",
        ),
        click.Option(
            ["--runs", "runs"], multiple=True, metavar="PATTERN", help="only these runs in a report; repeatable"
        ),
        logdir_option(),
        *drawing_options(),
    ]


def attach_of(targets: tuple[str, ...], values: Mapping[str, Any], said: Said, sources: OptionSources) -> Attach:
    """Make a request to show runs or log folders. Raises InputError."""
    options = options_of(said, sources)
    to_file = values["csv"]
    report = ReportOptions(
        json=options.json,
        csv=to_file or "",
        tags=values["tags"],
        runs=values["runs"],
        filter=values["filter"] or "",
    )
    try:
        log_filter.parse(report.filter)
    except log_filter.FilterError as error:
        raise InputError(f"--filter: {error}") from None
    if to_file == "":
        raise InputError("--csv: '' is not accepted; expected a file's name, or - for standard output")
    if to_file == "-" and options.json:
        raise InputError("--csv - and --json both write to standard output; give --csv a file")
    asked = flag(said, "no_ui") or report != ReportOptions()
    if values["wait"] and asked:
        raise InputError("--wait prints no report; leave out --no-ui, --json, --csv, --tags, --runs and --filter")
    return Attach(targets, options, report if asked else None, values["wait"])
