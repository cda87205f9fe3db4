"""The state between sessions, and the handling of a damaged file."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.model.state_file import Remembered, load, save

texts = st.text(max_size=30)
any_remembered = st.builds(
    Remembered,
    lesson=texts,
    theme=texts,
    settings=st.dictionaries(texts, st.dictionaries(texts, texts, max_size=4), max_size=4),
    done=st.lists(texts, max_size=4).map(tuple),
)
per_example = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(any_remembered)
@per_example
def test_what_is_saved_is_loaded(tmp_path: Path, remembered: Remembered) -> None:
    save(tmp_path / "state.json", remembered)
    assert load(tmp_path / "state.json") == (remembered, "")


def test_no_file_is_nothing_remembered(tmp_path: Path) -> None:
    assert load(tmp_path / "state.json") == (Remembered(), "")


@given(st.binary(max_size=200))
@per_example
def test_a_file_of_anything_is_renamed_and_never_fatal(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    remembered, message = load(path)
    assert remembered == Remembered()
    assert message
    assert "\n" not in message
    assert not path.exists()
    for aside in tmp_path.iterdir():
        assert aside.read_bytes() == content
        aside.unlink()


@given(st.dictionaries(st.sampled_from(("lesson", "theme", "settings", "done")), json_values))
@per_example
def test_json_of_the_wrong_shape_is_never_half_believed(tmp_path: Path, content: dict[str, object]) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"version": 1, **content}))
    remembered, message = load(path)
    assert message or all(isinstance(text, str) for kept in remembered.settings.values() for text in kept.values())
    for each in tmp_path.iterdir():
        each.unlink()


def test_another_versions_file_is_renamed_whole(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"version": 99}')
    _, message = load(path)
    assert "state.json.damaged-1" in message
    assert (tmp_path / "state.json.damaged-1").read_text() == '{"version": 99}'


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path: Path) -> None:
    for content in ("one", "two"):
        (tmp_path / "state.json").write_text(content)
        load(tmp_path / "state.json")
    assert sorted(each.read_text() for each in tmp_path.iterdir()) == ["one", "two"]


def test_a_file_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b" " * (2 << 20))
    assert "larger than 1 MB" in load(path)[1]


def test_deeply_nested_json_is_damage_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("[" * 100_000)
    assert load(path)[1]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    save(tmp_path / "deep" / "state.json", Remembered("himmelblau"))
    assert stat.S_IMODE((tmp_path / "deep" / "state.json").stat().st_mode) == 0o600


def test_a_save_that_fails_leaves_the_last_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    save(path, Remembered("himmelblau"))
    with pytest.raises(TypeError):
        save(path, Remembered(lesson=object()))  # type: ignore[arg-type]
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]
    assert load(path)[0].lesson == "himmelblau"


def test_a_pipe_in_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "state.json")
    remembered, message = load(tmp_path / "state.json")
    assert remembered == Remembered()
    assert "it is a named pipe, not a regular file" in message
