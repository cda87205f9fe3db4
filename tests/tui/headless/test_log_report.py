"""The report of log folders: a table, JSON lines, and every point as CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tensorboard.compat.proto.summary_pb2 import Summary

from engine.log import summary_values as values
from tests.engine.log_files import BEGAN, NAME, append, event, hparams, old_scalars, scalars
from tui.headless.log_report import write_report
from tui.process.options import ReportOptions


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def report(*folders: Path, only: str = "", out: io.StringIO | None = None, **options: Any) -> tuple[str, str]:
    """What is written to stdout and stderr."""
    out, err = out or io.StringIO(), io.StringIO()
    assert write_report(folders, only, ReportOptions(**options), out, err, now=4e9) is None
    return out.getvalue(), err.getvalue()


def objects(*folders: Path, **options: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in report(*folders, json=True, **options)[0].splitlines()]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    append(tmp_path / "run-10", *scalars(*range(20)), *(event(step, values.scalar("val/acc", step)) for step in (5, 9)))
    append(tmp_path / "run-9", hparams(lr=0.1), *old_scalars(1, 2, 4), event(4, values.hparams_end(succeeded=True)))
    return tmp_path


def test_the_table_has_a_row_a_run_and_tag_with_last_best_step_and_state(logs: Path) -> None:
    lines = [line.split() for line in report(logs)[0].splitlines()]
    assert lines == [
        ["run", "tag", "last", "best", "step", "state"],
        ["run-9", "loss", "0.2", "0.2", "min", "4", "done"],
        ["run-10", "train-loss", "0.05", "0.05", "min", "19", "unknown"],
        ["run-10", "val/acc", "9", "9", "max", "9", "unknown"],
    ]


def test_json_has_an_object_a_run_and_tag(logs: Path) -> None:
    append(logs / "run-9", *old_scalars(2), name=NAME.replace("17", "18"))
    assert objects(logs)[0] == {
        "run": "run-9", "tag": "loss", "points": 2, "first_step": 1, "last_step": 2, "last": pytest.approx(1 / 3),
        "min": pytest.approx(1 / 3), "max": 0.5, "superseded": 2, "state": "unknown",
    }  # fmt: skip
    assert [each["tag"] for each in objects(logs)] == ["loss", "train-loss", "val/acc"]
    assert report(logs)[0].splitlines()[-1].startswith("2 earlier points superseded")


def test_a_run_that_starts_over_tells_the_points_that_count_and_those_superseded(tmp_path: Path) -> None:
    append(tmp_path, *old_scalars(*range(1000)))
    append(tmp_path, *old_scalars(*range(20)), name=NAME.replace("17", "18"))
    (found,) = objects(tmp_path)
    assert (found["run"], found["points"], found["last_step"], found["superseded"]) == (".", 20, 19, 1000)


def test_values_that_are_not_finite_are_null_in_json_and_named_in_the_table(tmp_path: Path) -> None:
    numbers = (1.0, 3.0, float("inf"), float("nan"))
    append(tmp_path, *(event(step, values.scalar("x", number)) for step, number in enumerate(numbers)))
    (found,) = objects(tmp_path)
    assert (found["last"], found["min"], found["max"]) == (None, 1.0, 3.0)
    assert "NaN" in report(tmp_path)[0]


def test_the_csv_has_every_point_as_it_was_logged(logs: Path) -> None:
    append(logs / "run-9", *old_scalars(2), name=NAME.replace("17", "18"))
    found = rows(report(logs, csv="-", runs=("run-9",))[0])
    assert found[0] == ["run", "tag", "step", "wall_time", "value"]
    third = float(values.scalar("x", 1 / 3).tensor.float_val[0])
    assert [(run, tag, int(step), float(at), float(value)) for run, tag, step, at, value in found[1:]] == [
        ("run-9", "loss", 1, BEGAN + 1, 0.5),
        ("run-9", "loss", 2, BEGAN + 2, third),
        ("run-9", "loss", 4, BEGAN + 4, pytest.approx(0.2)),
        ("run-9", "loss", 2, BEGAN + 2, third),
    ]


def test_the_csv_may_go_into_a_file_beside_json(logs: Path, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    assert report(logs, csv=str(path)) == ("", "")
    assert len(rows(path.read_text())) == 1 + 20 + 2 + 3
    assert len(objects(logs, csv=str(path))) == 3


def test_a_file_that_cannot_be_written_is_reported(logs: Path) -> None:
    options = ReportOptions(csv=str(logs / "no" / "folder.csv"))
    failure = write_report([logs], "", options, io.StringIO(), io.StringIO())
    assert isinstance(failure, FileNotFoundError)


def test_patterns_choose_runs_and_tags(logs: Path) -> None:
    assert [each["tag"] for each in objects(logs, tags=("val/*", "none"))] == ["val/acc"]
    assert {each["run"] for each in objects(logs, runs=("*-9",))} == {"run-9"}
    assert "none of those asked for" in report(logs, runs=("other",))[0]
    assert "none of those asked for" in report(logs, tags=("other",))[0]
    assert "run-9" not in report(logs, tags=("val/*",))[0]


def test_a_filter_leaves_the_runs_whose_names_tags_and_hyperparameters_pass(logs: Path) -> None:
    for text, run in (("lr<0.2", "run-9"), ("NOT lr<0.2", "run-10"), ("tag:/^val/", "run-10"), ("loss<0.25", "run-9")):
        assert {each["run"] for each in objects(logs, filter=text)} == {run}


def test_a_run_that_was_asked_for_is_reported_alone(logs: Path) -> None:
    assert "run-10" not in report(logs, only="run-9")[0]


def test_runs_of_several_folders_are_distinguished(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    append(other / "run-9", *old_scalars(7))
    runs = [each["run"] for each in objects(logs, other, tags=("loss",))]
    assert runs == [f"{other.name}/run-9", f"{logs.name}/run-9"]


def test_names_reach_a_file_as_they_are_and_a_terminal_made_safe(tmp_path: Path) -> None:
    tag = 'a,"b"\n\x1b[31m'
    append(tmp_path, event(1, Summary.Value(tag=tag, simple_value=0.5)))
    assert rows(report(tmp_path, csv="-")[0])[1][1] == tag
    assert "\x1b" not in report(tmp_path, csv="-", out=Terminal())[0]
    assert "\x1b" not in report(tmp_path)[0]
    assert objects(tmp_path)[0]["tag"] == tag


def test_what_could_not_be_read_is_reported_on_stderr(logs: Path) -> None:
    path = logs / "run-9" / NAME
    path.write_bytes(path.read_bytes() + b"Killed")
    out, err = report(logs)
    assert "run-9" in out and err == f"gdtui: run-9: {NAME}: the last 6 bytes are not a complete record\n"


def test_a_run_without_scalars_is_listed_in_the_table(tmp_path: Path) -> None:
    append(tmp_path / "run", hparams(lr=0.1))
    assert "(no scalars)" in report(tmp_path)[0]
    assert objects(tmp_path) == []
