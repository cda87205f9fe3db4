"""Resuming runs: which run, untrusted names, checkpoints that cannot be restored, changed settings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InputError, SettingError
from engine.events import Outcome
from engine.lessons import lesson
from engine.run.checkpoints import Checkpoints, NoCheckpoint, restore
from engine.run.resuming import (
    HasFinished,
    WouldDiverge,
    can_be_resumed,
    checksums,
    newest_to_resume,
    resumption,
    run_to_resume,
)
from engine.run.run_folder import RunError, RunFolder
from engine.run.run_record import read_record
from engine.settings import parse_settings
from tests.engine.left_runs import TEXTS, left


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    return tmp_path / "logs"


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


# --- which run ------------------------------------------------------------------------------------------------


def test_without_a_name_the_newest_that_was_cut_short_is_meant(logdir: Path) -> None:
    left(logdir, minute=1)
    newest = left(logdir, "tensorboard", minute=2, outcome=None)
    left(logdir, minute=3, outcome=Outcome.DONE)
    left(logdir, minute=4, steps=())
    left(logdir, "himmelblau", minute=5, steps=())
    assert run_to_resume(logdir) == newest


def test_a_lesson_s_name_means_its_newest_run(logdir: Path) -> None:
    older = left(logdir, minute=1)
    left(logdir, "tensorboard", minute=2)
    assert run_to_resume(logdir, "fashion-mnist") == older
    assert run_to_resume(logdir, None, "fashion-mnist") == older
    assert run_to_resume(logdir, "fashion-mnist", "fashion-mnist") == older
    assert run_to_resume(logdir, "6") == run_to_resume(logdir, "6", "fashion-mnist") == older


def test_the_newest_run_of_a_file_is_one_that_was_begun_with_the_file(logdir: Path) -> None:
    older = left(logdir, "train", minute=1, file="/elsewhere/ring.py")
    newer = left(logdir, "train", minute=2, file="line.py")
    for file, path in (("ring.py", older), ("models/line.py", newer)):
        assert run_to_resume(logdir, None, "train", {"file": file}) == path
        found = newest_to_resume(logdir, "train", {"file": file})
        assert found is not None and found.path == path
    assert run_to_resume(logdir, None, "train") == newer
    assert run_to_resume(logdir, newer.name, "train", {"file": "ring.py"}) == newer
    with pytest.raises(RunError, match=r"holds no run of other\.py that can be resumed$"):
        run_to_resume(logdir, None, "train", {"file": "other.py"})


def test_a_finished_run_is_meant_where_more_epochs_are_given(logdir: Path) -> None:
    left(logdir, minute=1)
    finished = left(logdir, minute=2, outcome=Outcome.DONE)
    assert run_to_resume(logdir, given={"epochs": "5"}) == finished
    assert run_to_resume(logdir, given={"epochs": "3"}) != finished


def test_a_run_is_named_by_lesson_and_time_by_the_time_or_by_its_path(
    logdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = left(logdir)
    left(logdir, minute=1)
    monkeypatch.chdir(logdir.parent)
    for said in (name(path), path.name, str(path), f"{path}/", f"logs/{name(path)}", f"./logs/../logs/{name(path)}"):
        assert run_to_resume(Path("logs"), said) == path
    assert run_to_resume(logdir, path.name, "fashion-mnist") == path


def test_a_run_of_another_lesson_than_the_one_named_is_refused(logdir: Path) -> None:
    path = left(logdir)
    with pytest.raises(RunError, match="is no run of tensorboard"):
        run_to_resume(logdir, name(path), "tensorboard")
    with pytest.raises(RunError, match="holds no run called"):
        run_to_resume(logdir, path.name, "tensorboard")


@pytest.mark.parametrize("said", ["himmelblau", "himmelblau/20261124-120000"])
def test_a_lesson_without_checkpoints_is_refused_and_those_with_them_are_named(logdir: Path, said: str) -> None:
    left(logdir, "himmelblau", steps=())
    with pytest.raises(RunError, match=r"himmelblau leaves no checkpoint .* fashion-mnist, tensorboard and train can"):
        run_to_resume(logdir, said)


def test_where_there_is_none_the_reason_is_reported(logdir: Path) -> None:
    with pytest.raises(RunError, match=r"holds no run that can be resumed$"):
        run_to_resume(logdir)
    left(logdir, outcome=Outcome.DONE)
    with pytest.raises(RunError, match=r"the newest, fashion-mnist/20261124-120000, has finished"):
        run_to_resume(logdir)
    left(logdir, minute=1, steps=())
    with pytest.raises(NoCheckpoint, match=r"the newest, fashion-mnist/20261124-120100, left no checkpoint"):
        run_to_resume(logdir)


@pytest.mark.parametrize(
    "said",
    ["", "/", ".", "..", "../logs", "fashion-mnist/", "fashion-mnist/..", "fashion-mnist/../../secret", "/etc/passwd",
     "a/b/c", "x" * 5000, "a\0b", "a\x1b[2Jb/c", "\udcff", "~nobody-of-that-name/x", "fashion-mnist/20261124-120000/x",
     "secret/20261124-120000"],
)  # fmt: skip
def test_a_name_that_is_no_run_s_is_refused_in_one_printable_line(logdir: Path, said: str) -> None:
    left(logdir)
    left(logdir.parent / "other", "tensorboard")
    (logdir.parent / "other" / "tensorboard").rename(logdir.parent / "secret")
    with pytest.raises(RunError) as refused:
        run_to_resume(logdir, said)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 400


def test_a_link_out_of_the_logdir_is_not_followed(logdir: Path) -> None:
    outside = left(logdir.parent / "elsewhere")
    left(logdir, "tensorboard")
    (logdir / "fashion-mnist").symlink_to(outside.parent)
    for said in (name(outside), str(logdir / name(outside))):
        with pytest.raises(RunError):
            run_to_resume(logdir, said)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.text("./~ab-0", max_size=30))
def test_any_name_finds_a_run_of_the_logdir_or_is_refused(logdir: Path, said: str) -> None:
    if not logdir.exists():
        left(logdir)
    try:
        assert run_to_resume(logdir, said).is_relative_to(logdir)
    except InputError as refused:
        assert str(refused).isprintable()


# --- settings and steps ---------------------------------------------------------------------------------------


def test_a_run_goes_on_with_the_settings_of_its_checkpoint(logdir: Path) -> None:
    found = resumption(left(logdir), {})
    assert {each: found.settings.texts()[each] for each in TEXTS} == TEXTS
    assert (found.snapshot.step, found.changes, found.numbers_change, found.skipped) == (20, {}, False, ())


def test_what_changes_no_number_may_be_changed(logdir: Path) -> None:
    path = left(logdir)
    found = resumption(path, {"epochs": "9", "data_dir": "/data", "batch_size": "32"})
    assert (found.settings.texts()["epochs"], found.settings.texts()["data_dir"]) == ("9", "/data")
    assert not found.numbers_change
    for text in ({"test_every": "50"}, {"log_every": "10"}, {"device": "cpu"}, {"threads": "1"}):
        assert resumption(path, text).numbers_change


@pytest.mark.parametrize("at_hand", [{}, {"data_dir": "", "epochs": "9"}])
def test_a_folder_that_only_the_checkpoint_names_must_be_given_again(logdir: Path, at_hand: dict[str, str]) -> None:
    path = left(logdir, data_dir="/their data")
    said = f"{name(path)} reads the folder /their data, and none is read that only a checkpoint names; "
    with pytest.raises(SettingError) as refused:
        resumption(path, {"epochs": "9"}, at_hand)
    assert str(refused.value) == f"{said}add --data-dir '/their data'"


@pytest.mark.parametrize("given", ["/their data", "/elsewhere", ""])
def test_a_folder_that_is_given_again_is_the_one_that_is_read(logdir: Path, given: str) -> None:
    found = resumption(left(logdir, data_dir="/their data"), {"data_dir": given}, {"data_dir": "/at hand"})
    assert found.settings.texts()["data_dir"] == given


def test_a_folder_at_hand_stands_in_for_the_one_the_run_had_and_nothing_else_does(logdir: Path) -> None:
    at_hand = {"data_dir": "/at hand", "epochs": "9", "batch_size": "64"}
    found = resumption(left(logdir, data_dir="/their data"), {}, at_hand).settings.texts()
    assert (found["data_dir"], found["epochs"], found["batch_size"]) == ("/at hand", "3", "32")


def test_a_run_that_read_no_folder_reads_none_that_is_at_hand(logdir: Path) -> None:
    assert resumption(left(logdir), {}, {"data_dir": "/at hand"}).settings.texts()["data_dir"] == ""


def test_a_live_setting_is_changed_after_the_checkpoint_and_makes_other_numbers(logdir: Path) -> None:
    found = resumption(left(logdir), {"learning_rate": "0.01", "speed": "5"})
    assert found.changes == {"learning_rate": "0.01", "speed": "5"}
    assert found.settings.texts()["learning_rate"] == "0.001"
    assert found.numbers_change


def test_what_makes_the_numbers_is_kept(logdir: Path) -> None:
    with pytest.raises(SettingError, match="--batch-size: the run has 32, and a run that goes on keeps"):
        resumption(left(logdir), {"batch_size": "64"})


@pytest.mark.parametrize(("texts", "said"), [({"epochs": "1"}, "in epoch 2 already"), ({"epochs": "0"}, "from 1 to")])
def test_epochs_that_are_over_are_refused(logdir: Path, texts: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        resumption(left(logdir), texts)


def test_a_finished_run_has_nothing_to_do_unless_it_is_given_more_epochs(logdir: Path) -> None:
    path = left(logdir, outcome=Outcome.DONE, steps=(39,), epoch=4)
    for texts in ({}, {"epochs": "3"}):
        with pytest.raises(HasFinished, match="has finished its 3 epochs"):
            resumption(path, texts)
    assert resumption(path, {"epochs": "4"}).snapshot.step == 39


def test_a_run_that_was_killed_after_its_last_step_still_says_what_it_learned(logdir: Path) -> None:
    assert resumption(left(logdir, outcome=None, steps=(39,), epoch=4), {}).snapshot.step == 39


def test_a_diverged_run_goes_on_with_another_rate_alone(logdir: Path) -> None:
    path = left(logdir, outcome=Outcome.DIVERGED)
    with pytest.raises(WouldDiverge, match="would end again as it did: the loss is not finite") as refused:
        resumption(path, {"epochs": "5"})
    assert refused.value.learning_rate == pytest.approx(0.001 / 3)
    assert resumption(path, {"learning_rate": "1e-4"}).changes == {"learning_rate": "0.0001"}


def test_a_damaged_newest_checkpoint_is_passed_over_and_reported(logdir: Path) -> None:
    path = left(logdir, steps=(20, 30))
    (path / "checkpoints" / "step-000000000030.npz").write_bytes(b"PK")
    found = resumption(path, {})
    assert found.snapshot.step == 20
    assert len(found.skipped) == 1
    assert "step-000000000030 cannot be used" in found.skipped[0]


def damages(path: Path) -> Iterator[None]:
    """One kind of damage after another that makes a run's only checkpoint unusable."""
    (manifest,) = (path / "checkpoints").glob("*.json")
    good = json.loads(manifest.read_text())
    for change in (
        {"settings": {**good["settings"], "epochs": "many\x1b[2J"}},
        {"settings": {**good["settings"], "nonsense": "1"}},
        {"lesson": "himmelblau"},
        {"lesson": "\x1b[2J" * 100},
        {"sha256": "0"},
    ):
        manifest.write_text(json.dumps({**good, **change}))
        yield
    manifest.write_bytes(b"\xff\xfe")
    yield
    manifest.unlink()
    yield


def test_where_no_checkpoint_is_of_use_that_is_reported_in_one_printable_line(logdir: Path) -> None:
    path = left(logdir)
    for _ in damages(path):
        with pytest.raises(NoCheckpoint, match=f"{name(path)} cannot be resumed: ") as refused:
            resumption(path, {})
        assert str(refused.value).isprintable()


def test_a_damaged_record_is_no_hindrance(logdir: Path) -> None:
    path = left(logdir, outcome=Outcome.DONE)
    (path / "run.json").write_bytes(os.urandom(40))
    assert resumption(path, {}).snapshot.step == 20


@pytest.mark.parametrize(
    ("outcome", "steps", "can"),
    [
        (Outcome.STOPPED, (20,), True),
        (Outcome.DIVERGED, (20,), True),
        (Outcome.FAILED, (20,), True),
        (None, (20,), True),
        (Outcome.DONE, (20,), False),
        (Outcome.STOPPED, (), False),
    ],
)
def test_a_run_can_be_resumed_that_left_a_checkpoint_and_has_not_finished(
    logdir: Path, outcome: Outcome | None, steps: tuple[int, ...], can: bool
) -> None:
    path = left(logdir, outcome=outcome, steps=steps)
    assert can_be_resumed(read_record(path)) is can
    found = newest_to_resume(logdir)
    assert (found.path if found else None) == (path if can else None)


def test_a_run_that_a_process_has_cannot_be_resumed_and_no_older_one_is_meant_instead(logdir: Path) -> None:
    left(logdir, minute=1)
    path = left(logdir, minute=2, outcome=None)
    with RunFolder.reopen(path):
        assert not can_be_resumed(read_record(path))
        assert newest_to_resume(logdir) is None
        assert run_to_resume(logdir) == path


@pytest.mark.parametrize(
    ("name_of", "option"), [("optimizer", "--optimizer"), ("schedule", "--schedule"), ("loss", "--loss")]
)
def test_a_file_that_only_the_checkpoint_names_must_be_given_again(logdir: Path, name_of: str, option: str) -> None:
    path = left(logdir, **{name_of: "mine.py:own"})
    said = f"{name(path)} runs the file mine.py:own, and none is run that only a checkpoint names; add {option} mine.py"
    for at_hand in ({}, {name_of: "other.py"}, {name_of: "adam"}):
        with pytest.raises(SettingError, match=re.escape(said)):
            resumption(path, {}, at_hand)
    for again, at_hand in (("mine.py:own", ""), ("/moved/mine.py:own", ""), ("", "mine.py:own")):
        texts = [{name_of: text} if text else {} for text in (again, at_hand)]
        assert resumption(path, *texts).settings.texts()[name_of] == (again or at_hand)
    with pytest.raises(SettingError, match="a run that goes on keeps what makes its numbers"):
        resumption(path, {name_of: {"optimizer": "adam", "schedule": "cosine", "loss": "mse"}[name_of]})


def test_a_file_that_has_changed_since_the_checkpoint_is_told(logdir: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.py"
    rules.write_text("one = 1\n")
    path, text = left(logdir, optimizer=str(rules)), f"{rules} has changed since the checkpoint: the numbers may differ"
    kept = restore(path)
    had = parse_settings(lesson("fashion-mnist").settings, kept.settings)
    saver = Checkpoints(path, kept.lesson, files=checksums(lesson("fashion-mnist"), had))
    saver.save(kept.snapshot, kept.settings)
    same = resumption(path, {"optimizer": str(rules)})
    assert (same.changed_files, same.numbers_change) == ((), False)
    rules.write_text("two = 2\n")
    other = resumption(path, {"optimizer": str(rules)})
    assert (other.changed_files, other.numbers_change) == ((text,), True)


def test_more_epochs_make_other_numbers_under_a_schedule(logdir: Path) -> None:
    assert resumption(left(logdir, schedule="cosine"), {"epochs": "9"}).numbers_change
