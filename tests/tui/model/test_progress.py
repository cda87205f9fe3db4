"""The progress file: written atomically, renamed if damaged, merged, and verified from its content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError
from engine.exercises.seen import Recipe
from tui.model import progress as file
from tui.model.progress import CourseProgress, Record

SOLVED = CourseProgress(7).attempted("next-step", True, "", 1.5)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "state" / "progress.json"
    kept = SOLVED.attempted("deeper", True, "", (Recipe({"learning_rate": "0.1"}, ((3, "learning_rate", "0.2"),)),))
    kept = kept.attempted("best-h", False, "smallest", "1e-11")
    file.save(path, kept)
    assert file.load(path) == (kept, "")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["progress.json"]


def test_no_file_is_a_beginning_with_a_seed_of_its_own(tmp_path: Path) -> None:
    found, problem = file.load(tmp_path / "progress.json")
    assert (problem, found.records) == ("", {})
    assert file.new().seed != file.new().seed


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        '{"version": 99}',
        '{"version": 1, "exercises": []}',
        '{"version": 1, "exercises": {"a": {"attempts": -1}}}',
        '{"version": 1, "exercises": {"a": {"solved": 1}}}',
        '{"version": 1, "exercises": {"a": {"solution": [{"changes": [[1, 2]]}]}}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_renamed_and_reported(tmp_path: Path, content: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(content)
    found, problem = file.load(path)
    assert found.records == {}
    assert "the progress file is damaged" in problem
    assert (tmp_path / "progress.json.damaged-1").read_text() == content


def test_a_file_that_was_handed_on_is_left_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("no json")
    with pytest.raises(InputError, match="it is not JSON"):
        file.read(path)
    assert path.exists()
    with pytest.raises(InputError, match="No such file"):
        file.read(tmp_path / "none.json")


def test_a_file_of_another_kind_has_no_version(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text('{"losses.loss": "0.7"}')
    with pytest.raises(InputError, match="it has no version"):
        file.read(path)


def test_a_missed_question_is_asked_with_other_numbers_and_a_solved_one_stays() -> None:
    missed = CourseProgress(7).attempted("next-step", False, "uphill", 2.0)
    assert missed.of("next-step").draw == 2
    assert missed.of("next-step").misconception == "uphill"
    solved = missed.attempted("next-step", True, "", 1.0)
    assert (solved.of("next-step").attempts, solved.of("next-step").draw) == (2, 2)
    assert solved.attempted("next-step", False, "uphill", 3.0) == solved


def test_both_files_together_keep_what_is_solved() -> None:
    other = CourseProgress(9).attempted("best-h", True, "", "1e-07").attempted("next-step", False, "uphill", 2.0)
    both = file.merged(SOLVED, other)
    assert both.seed == 7
    assert both.of("next-step").solved and both.of("best-h").solved
    assert both.of("best-h").seed == 9


def test_solved_with_help_is_marked() -> None:
    shown = CourseProgress(7).with_record("deeper", Record(worked=True))
    assert shown.attempted("deeper", True, "", ()).of("deeper").helped
    assert not SOLVED.of("next-step").helped


def test_the_content_is_json_that_reads_back() -> None:
    content: Any = json.loads(json.dumps(file.content(SOLVED)))
    assert file.parsed(content) == SOLVED
