"""The target of attach: a run, a folder of the logdir, any folder; everything else gives one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.run.run_folder import RunError
from tests.engine.log_files import append, scalars
from tui.app.attach_target import Target, find_target, find_targets


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    for name in ("himmelblau/20261124-211754", "himmelblau/20261124-211800", "fashion-mnist/20261124-090000"):
        append(logs / name, *scalars(1))
        (logs / name / "run.json").write_text("{}")
    return logs


def test_without_a_name_it_is_the_newest_run(logdir: Path) -> None:
    assert find_target(None, logdir) == Target(logdir, "himmelblau/20261124-211800")


def test_a_run_is_named_in_full_or_by_its_time(logdir: Path) -> None:
    run = Target(logdir, "fashion-mnist/20261124-090000")
    assert find_target("fashion-mnist/20261124-090000", logdir) == run
    assert find_target("20261124-090000", logdir) == run


def test_a_folder_of_the_logdir_is_shown_with_all_its_runs(logdir: Path) -> None:
    assert find_target("himmelblau", logdir) == Target(logdir / "himmelblau")


def test_any_folder_with_logs_of_any_program_will_do(logdir: Path, tmp_path: Path) -> None:
    append(tmp_path / "other" / "train", *scalars(1))
    assert find_target(str(tmp_path / "other"), logdir) == Target(tmp_path / "other")
    assert find_target(None, tmp_path / "other") == Target(tmp_path / "other")


def test_a_path_to_a_runs_folder_shows_that_run(logdir: Path) -> None:
    path = logdir / "himmelblau" / "20261124-211754"
    assert find_target(str(path), logdir) == Target(path, ".")


def test_a_run_without_events_yet_can_be_attached_to(logdir: Path) -> None:
    fresh = logdir / "himmelblau" / "20261124-211900"
    fresh.mkdir()
    (fresh / "run.json").write_text("{}")
    assert find_target(None, logdir).run == "himmelblau/20261124-211900"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("/etc/passwd/logs", "a part of the path is a file"),
        ("", "names no run and no folder"),
        ("a\0b", "names no run and no folder"),
        ("x" * 5000, "too long"),
        ("/etc/passwd/\x1b[31m", "a part of the path is a file"),
    ],
)
def test_what_names_nothing_is_reported_in_one_clean_line(logdir: Path, asked: str, words: str) -> None:
    with pytest.raises(RunError, match=words) as refused:
        find_target(asked, logdir)
    assert str(refused.value).isprintable()


def test_a_file_is_no_folder(logdir: Path) -> None:
    path = append(logdir.parent / "single", *scalars(1))
    with pytest.raises(RunError, match="is a file; give the folder that holds it"):
        find_target(str(path), logdir)


def test_a_folder_that_is_empty_or_not_there_yet_can_be_waited_for(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "later", "not/yet/there"):
        assert find_target(str(tmp_path / name), tmp_path / "logs") == Target(tmp_path / name)
    assert find_target(None, tmp_path / "empty") == Target(tmp_path / "empty")


def test_several_names_mean_all_their_folders(logdir: Path, tmp_path: Path) -> None:
    run, other = logdir / "fashion-mnist" / "20261124-090000", tmp_path / "other"
    found = find_targets(["20261124-090000", str(other), "himmelblau"], logdir)
    assert found.roots == (run, other, logdir / "himmelblau")
    assert found.logdir == tmp_path
    assert find_targets(["himmelblau", "himmelblau"], logdir) == Target(logdir / "himmelblau")
    assert find_targets([], logdir) == find_target(None, logdir)


def test_no_name_leads_out_of_the_logdir(logdir: Path, tmp_path: Path) -> None:
    append(tmp_path / "secret" / "20261124-000000", *scalars(1))
    (logdir / "link").symlink_to(tmp_path / "secret")
    for name in ("../secret", "himmelblau/../../secret", "link", "link/20261124-000000"):
        found = find_target(name, logdir)  # what that name means from here, where nothing is called so
        assert not found.logdir.is_relative_to(tmp_path) and not found.logdir.exists()
