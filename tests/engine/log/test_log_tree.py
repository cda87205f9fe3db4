"""Runs are found in small steps, including new and vanished ones, and no link leads out of the log folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.log.run_tree import LogTree, log_folders
from tests.engine.log_files import NAME, append, scalars


def names(tree: LogTree) -> list[str]:
    return sorted(tree.runs)


def looked(tree: LogTree) -> LogTree:
    assert tree.look(60.0)
    return tree


def test_a_run_is_a_folder_that_holds_event_files_the_log_folder_itself_too(tmp_path: Path) -> None:
    append(tmp_path)
    append(tmp_path / "a" / "train")
    append(tmp_path / "a" / "validation")
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no log")
    assert names(looked(LogTree(tmp_path))) == [".", "a/train", "a/validation"]


def test_a_folder_with_a_run_json_is_a_run_before_its_first_event(tmp_path: Path) -> None:
    (tmp_path / "himmelblau" / "20261124-211754").mkdir(parents=True)
    (tmp_path / "himmelblau" / "20261124-211754" / "run.json").write_text("{}")
    assert names(looked(LogTree(tmp_path))) == ["himmelblau/20261124-211754"]


def test_new_runs_are_taken_in_and_vanished_ones_leave(tmp_path: Path) -> None:
    gone = append(tmp_path / "a")
    tree = looked(LogTree(tmp_path))
    append(tmp_path / "b" / "c")
    gone.unlink()
    assert names(looked(tree)) == ["b/c"]


def test_a_run_is_as_old_as_its_newest_files_name_says(tmp_path: Path) -> None:
    append(tmp_path / "a", name="events.out.tfevents.1700000000.host")
    append(tmp_path / "a", name="events.out.tfevents.1700000009.host")
    append(tmp_path / "b", name="my.tfevents")
    os.utime(tmp_path / "b", (1.6e9, 1.6e9))
    tree = looked(LogTree(tmp_path))
    assert tree.runs["a"].since == 1_700_000_009
    assert tree.runs["b"].since == 1.6e9


def test_links_to_runs_are_followed_below_the_log_folder_which_may_be_one_itself(tmp_path: Path) -> None:
    append(tmp_path / "outside" / "a")
    logs = tmp_path / "logs"
    append(logs / "run")
    (logs / "out").symlink_to(tmp_path / "outside")
    (logs / "nowhere").symlink_to(tmp_path / "gone")
    (logs / "zeros").symlink_to("/dev/zero")
    (tmp_path / "link").symlink_to(logs)
    assert names(looked(LogTree(tmp_path / "link"))) == ["out/a", "run"]


def test_a_folder_that_several_ways_lead_to_is_one_run_and_loops_end(tmp_path: Path) -> None:
    append(tmp_path / "run" / "train")
    (tmp_path / "again").symlink_to(tmp_path / "run")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "run" / "up").symlink_to(tmp_path / "run")
    assert names(looked(LogTree(tmp_path))) == ["run/train"]


def test_a_link_whose_target_appears_later_is_followed_then(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "run").symlink_to(tmp_path / "outside")
    os.utime(logs, (1.6e9, 1.6e9))
    tree = looked(LogTree(logs))
    assert names(tree) == []
    append(tmp_path / "outside")
    assert names(looked(tree)) == ["run"]


def test_no_link_leads_out_of_a_run_folder_that_gdtui_writes(tmp_path: Path) -> None:
    append(tmp_path / "outside")
    append(tmp_path / "logs" / "run")
    (tmp_path / "logs" / "run" / "run.json").write_text("{}")
    (tmp_path / "logs" / "run" / "out").symlink_to(tmp_path / "outside")
    assert names(looked(LogTree(tmp_path / "logs"))) == ["run"]


def test_runs_nine_folders_deep_are_found_and_deeper_than_is_looked_it_says_that_there_is_more(tmp_path: Path) -> None:
    append(tmp_path / "/".join("abcdefghi"))
    tree = looked(LogTree(tmp_path))
    assert names(tree) == ["a/b/c/d/e/f/g/h/i"]
    assert not tree.beyond
    append(tmp_path / "/".join(["x"] * 70))
    assert looked(tree).beyond


def test_runs_of_several_folders_are_distinguished_by_the_last_parts_of_their_paths(tmp_path: Path) -> None:
    for folder in ("one/logs", "two/logs"):
        append(tmp_path / folder)
        append(tmp_path / folder / "a")
    tree = looked(LogTree(tmp_path / "one" / "logs", tmp_path / "two" / "logs"))
    assert names(tree) == ["one/logs", "one/logs/a", "two/logs", "two/logs/a"]
    assert tree.runs["two/logs/a"].path == tmp_path / "two" / "logs" / "a"
    assert names(looked(LogTree(tmp_path / "one", tmp_path / "two"))) == [
        "one/logs", "one/logs/a", "two/logs", "two/logs/a",
    ]  # fmt: skip
    assert names(looked(LogTree(tmp_path / "one", tmp_path / "one"))) == ["logs", "logs/a"]


def test_a_large_tree_is_gone_through_in_many_looks(tmp_path: Path) -> None:
    for number in range(40):
        append(tmp_path / f"run-{number:02d}")
    ticks = iter(range(10_000))
    tree = LogTree(tmp_path, clock=lambda: float(next(ticks)))
    looks = 1
    counts = []
    while not tree.look(5.0):
        looks += 1
        counts.append(len(tree.runs))
        assert not tree.complete
    assert looks > 5
    assert counts == sorted(counts)
    assert counts[0] < len(tree.runs) == 40
    assert "run-39" in list(tree.runs)[:5]


def test_no_more_runs_are_listed_than_asked_for_and_it_says_so(tmp_path: Path) -> None:
    for number in range(6):
        append(tmp_path / f"run-{number}")
    tree = looked(LogTree(tmp_path, most=4))
    assert names(tree) == ["run-2", "run-3", "run-4", "run-5"]
    assert tree.beyond
    (tmp_path / "run-5" / NAME).unlink()
    (tmp_path / "run-4" / NAME).unlink()
    assert not looked(tree).beyond


def test_an_unchanged_folder_is_not_looked_into_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(tmp_path / "a", *scalars(1))
    for folder in (tmp_path, tmp_path / "a"):
        os.utime(folder, (1.6e9, 1.6e9))
    tree = looked(LogTree(tmp_path))
    seen: list[str] = []
    scandir = os.scandir

    def counted(path: str) -> Iterator[os.DirEntry[str]]:
        seen.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counted)
    looked(tree)
    assert seen == []
    append(tmp_path / "a" / "b")
    looked(tree)
    assert [Path(path).name for path in seen] == ["a", "b"]


def test_a_log_folder_that_is_not_there_has_no_run(tmp_path: Path) -> None:
    assert names(looked(LogTree(tmp_path / "nowhere"))) == []


def test_the_folders_of_all_runs_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("b", "a/train"):
        append(tmp_path / name)
    assert log_folders(tmp_path) == (tmp_path / "a" / "train", tmp_path / "b")
