"""The changes between two runs, and their effects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.events import Evaluated, Minimum, Outcome, PathEnded, RunEnded, SettingChanged
from tui.model.comparison import changed_words, compared
from tui.model.growable_array import GrowableArray
from tui.model.run_state import RunState, Training
from tui.text.plain import plain

HERE, THERE = Minimum("(3, 2)", (3.0, 2.0), 0.0), Minimum("(−3, 3)", (-3.0, 3.0), 0.0)


def end(steps: int | None, minimum: Minimum | None = HERE, path: int = 0, lost: int | None = None) -> PathEnded:
    return PathEnded(path, f"path {path}", (0.0, 0.0), 1.5, 0.1, minimum, steps, lost)


def descent(rate: str, *ends: PathEnded, optimizer: str = "sgd") -> RunState:
    settings = {"learning_rate": rate, "optimizer": optimizer, "speed": rate}
    ended = RunEnded(Outcome.DONE, 200, "finished")
    return RunState("r", lesson="himmelblau", settings=settings, ended_paths=ends, ended=ended, step=200)


def training(rate: str, accuracy: float) -> RunState:
    nothing = GrowableArray.of((), np.float64)
    tested = Evaluated(10, 1, 0.5, accuracy, np.eye(2, dtype=np.int64), ("a", "b"))
    ended = RunEnded(Outcome.DONE, 10, "finished")
    return RunState(
        "r", lesson="fashion-mnist", settings={"learning_rate": rate}, ended=ended, step=10,
        training=Training(nothing, nothing, nothing, nothing, nothing, nothing, nothing, evaluations=(tested,)),
    )  # fmt: skip


def test_one_line_says_what_changed_and_what_it_did() -> None:
    said = compared(descent("0.01", end(112)), descent("0.02", end(61)))
    assert said == "only learning rate: 0.01 to 0.02 · steps 112 to 61 · same minimum"


def test_a_file_that_was_saved_again_is_a_change() -> None:
    file, other = "/home/me/mine.py:bowl", "rule.py"
    before = replace(descent("0.01", end(112)), files={file: 1, other: 1})
    after = replace(descent("0.01", end(61)), files={file: 2, other: 1})
    assert compared(before, after) == "only mine.py:bowl: saved again · steps 112 to 61 · same minimum"
    assert compared(before, replace(after, files=before.files)).startswith("same settings")
    faster = replace(descent("0.02", end(61)), files={file: 2, other: 1})
    assert compared(before, faster).startswith("learning rate: 0.01 to 0.02, mine.py:bowl: saved again · ")
    assert compared(before, replace(faster, files={"another.py": 2})).startswith("only learning rate: 0.01 to 0.02 · ")


def test_another_minimum_is_named() -> None:
    said = compared(descent("0.01", end(112)), descent("0.02", end(61, THERE)))
    assert said.endswith("another minimum, (−3, 3)")


def test_a_divergence_is_reported_with_its_step() -> None:
    said = compared(descent("0.01", end(112)), descent("0.2", end(None, None, lost=4)))
    assert said == "only learning rate: 0.01 to 0.2 · diverged now, at step 4"


def test_a_run_that_recovers_says_so() -> None:
    said = compared(descent("0.2", end(None, None, lost=4)), descent("0.01", end(112)))
    assert "diverged before, not now" in said
    assert "arrived now, in 112 steps" in said


def test_where_neither_arrived_the_value_is_compared() -> None:
    said = compared(descent("0.01", end(None, None)), descent("0.02", end(None, None)))
    assert said.endswith("f 1.5 again")


def test_several_paths_are_counted() -> None:
    before = descent("0.01", end(20), end(30, THERE, 1), end(None, None, 2))
    after = descent("0.02", end(10), end(15, HERE, 1), end(40, HERE, 2))
    assert compared(before, after) == (
        "only learning rate: 0.01 to 0.02 · arrived 2 of 3 to 3 of 3 · fastest 20 steps to 10 steps · "
        "2 of 3 ended elsewhere"
    )


def test_classifiers_are_compared_by_their_tests() -> None:
    said = compared(training("0.001", 0.871), training("0.002", 0.884))
    assert said == "only learning rate: 0.001 to 0.002 · test accuracy 87.10% to 88.40% · test loss 0.5 again"


def test_settings_that_change_no_number_are_not_reported() -> None:
    assert changed_words({"speed": "0", "seed": "1"}, {"speed": "5", "seed": "1"}) == "same settings"


def test_many_changes_are_cut_short() -> None:
    before = dict.fromkeys("abcde", "1")
    assert changed_words(before, dict.fromkeys("abcde", "2")) == "a: 1 to 2, b: 1 to 2, c: 1 to 2 and 2 more"


def test_runs_of_different_lessons_are_not_compared() -> None:
    assert compared(descent("0.01", end(1)), training("0.01", 0.9)) == ""


def test_a_run_that_goes_on_is_not_compared() -> None:
    going = RunState("r", lesson="himmelblau")
    assert compared(descent("0.01", end(1)), going) == ""


def test_ascii_has_no_signs_of_its_own() -> None:
    said = plain(compared(descent("0.01", end(112)), descent("0.02", end(61, THERE))))
    assert said.isascii()


def changed_live(state: RunState, *changes: SettingChanged) -> RunState:
    """A run in which live settings were changed: its settings are those at its end."""
    settings = {**state.settings, **{change.name: change.after for change in changes}}
    return replace(state, settings=settings, changes=changes)


def test_a_rate_changed_during_a_run_is_not_reported_as_the_rate_of_the_run() -> None:
    after = changed_live(descent("0.1", end(18)), SettingChanged(29, "learning_rate", "0.1", "0.2"))
    said = compared(descent("0.1", end(18)), after)
    assert said == "same settings · learning rate 0.1 to 0.2 at step 29 · steps 18 again · same minimum"


def test_a_rate_changed_during_the_run_before_is_reported_as_that_runs() -> None:
    before = changed_live(
        descent("0.1", end(18)),
        SettingChanged(3, "learning_rate", "0.1", "0.2"),
        SettingChanged(5, "learning_rate", "0.2", "0.5"),
    )
    said = compared(before, descent("0.01", end(112)))
    assert said == (
        "learning rate: 0.1 to 0.01 · the last run: learning rate 0.1 to 0.2 at step 3, 1 more change after it · "
        "steps 18 to 112 · same minimum"
    )


def test_a_speed_changed_during_a_run_is_not_reported() -> None:
    after = changed_live(descent("0.02", end(61)), SettingChanged(29, "speed", "0.02", "5"))
    assert compared(descent("0.01", end(112)), after).startswith("only learning rate: 0.01 to 0.02 · steps")


def test_long_numbers_are_rounded() -> None:
    said = changed_words({"start": "-4,0"}, {"start": "3.238457202911377,1.061234567"})
    assert said == "only start: -4,0 to 3.238,1.061"
