"""Files that are tried before a run of them takes the place of another."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

from engine.events import Metrics, Phase, Snapshot
from engine.lesson import Turn
from engine.lessons import lesson
from engine.settings import parse_settings
from tests.engine.lesson_runs import losses
from tests.engine.training.test_own_models import MLP, settings, written
from tui.model.file_trial import Trial, saved

UPDATE = "def update(parameter, gradient, state, rate, step):\n    return parameter - rate * gradient, state\n"
GOOD = {"surface": "def surface(x, y):\n    return x**2 + 3 * y**2\n", "optimizer": UPDATE}


def ended(trial: Trial) -> str | None:
    trial._thread.join(60)
    return trial.problem


@pytest.mark.parametrize("name", GOOD)
def test_a_file_is_tried_up_to_the_first_step_and_what_is_wrong_is_one_line(name: str, tmp_path: Path) -> None:
    found, file = lesson("himmelblau"), tmp_path / "mine.py"
    chosen = parse_settings(found.settings, {name: str(file), "steps": "5"})
    file.write_text(GOOD[name])
    assert ended(Trial(found, chosen)) == ""
    file.write_text(GOOD[name].replace("return", "return zz +"))
    os.utime(file, ns=(1, 1))
    problem = ended(Trial(found, chosen))
    assert problem is not None and re.search(r"mine\.py, line 2: NameError: name 'zz'", problem)


def test_the_times_of_all_files_that_settings_name_are_known(tmp_path: Path) -> None:
    file, missing = tmp_path / "mine.py", tmp_path / "none.py"
    file.touch()
    os.utime(file, ns=(7, 7))
    texts = {"surface": "x^2 + y^2", "optimizer": f"adam,{file}:mine,{missing}"}
    assert saved(parse_settings(lesson("himmelblau").settings, texts)) == {f"{file}:mine": 7, str(missing): -1}


def test_a_run_goes_on_from_its_trial_as_if_there_had_been_none(tmp_path: Path) -> None:
    found, chosen = lesson("train"), settings(written(tmp_path, MLP))
    expected = list(found.run(chosen))
    trial = Trial(found, chosen)
    assert ended(trial) == "" and not any(isinstance(event, Metrics) for event in trial._events)
    running = trial.lesson.run(chosen)
    events = [next(running)]
    while not (isinstance(events[-1], Phase) and events[-1].name == "running"):
        events.append(next(running))
    events.append(running.send(Turn(chosen, snapshot=True)))
    assert isinstance(events[-1], Snapshot) and events[-1].step == 0
    events += running
    assert [type(event) for event in events if not isinstance(event, Metrics | Snapshot)] == [
        type(event) for event in expected if not isinstance(event, Metrics)
    ]
    np.testing.assert_array_equal(losses(events), losses(expected))


@pytest.mark.slow
def test_with_other_settings_another_run_begins(tmp_path: Path) -> None:
    found, chosen = lesson("train"), settings(written(tmp_path, MLP))
    trial = Trial(found, chosen)
    assert ended(trial) == ""
    other = settings(chosen.file, epochs="1")
    assert len(losses(list(trial.lesson.run(other)))) == 3


@pytest.mark.parametrize("stopped", [True, False])
def test_a_trial_that_is_given_up_leaves_its_trainer_to_the_next_run(stopped: bool, tmp_path: Path) -> None:
    found, file = lesson("fashion-mnist"), tmp_path / "rule.py"
    file.write_text(UPDATE)
    chosen = parse_settings(found.settings, {"optimizer": str(file), "train_examples": "256", "hidden": "8"})
    trial: Trial | None = Trial(found, chosen)
    assert trial is not None and ended(trial) == ""
    if stopped:
        trial.stop()
    else:
        trial = None
    other = Trial(found, chosen)
    assert ended(other) == ""
    other.stop()
