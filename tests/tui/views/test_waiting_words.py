"""The line that a classifier's pane shows before there is anything to draw."""

from __future__ import annotations

import numpy as np
import pytest

from engine.events import Outcome, RunEnded
from tui.model.run_state import RunState
from tui.model.series import Series
from tui.views.live_pictures import training_picture


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("", "starting …"),
        ("importing", "importing TensorFlow …"),
        ("reading", "running the code of your file; x stops it …"),
        ("compiling", "compiling the training steps …"),
        ("waiting", "waiting for the other processes …"),
        ("paused", "paused before the first step …"),
    ],
)
def test_before_the_first_step_the_pane_says_what_goes_on(phase: str, words: str) -> None:
    assert training_picture(RunState("fashion-mnist/1", lesson="fashion-mnist", phase=phase)).waiting == words


def test_without_a_run_the_pane_says_how_to_start_one() -> None:
    assert training_picture(RunState("", lesson="fashion-mnist")).waiting == "no run yet: space starts one"


def test_a_run_that_ended_before_its_first_step_says_so() -> None:
    ended = RunEnded(Outcome.STOPPED, 0, "stopped")
    state = RunState("fashion-mnist/1", lesson="fashion-mnist", phase="done", ended=ended)
    assert training_picture(state).waiting == "the run ended before its first step"


def test_past_runs_over_no_run_are_drawn() -> None:

    past = Series("before", np.arange(3), np.ones(3))
    assert training_picture(RunState("", lesson="fashion-mnist"), past=[past]).waiting == ""
