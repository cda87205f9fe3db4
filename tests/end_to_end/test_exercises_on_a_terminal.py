"""The course on a real pseudo-terminal of 80 by 24: the first five minutes, exercises of each kind, saved progress."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from engine.exercises import exercise
from engine.exercises.exercise import Question
from tests.end_to_end.terminal import Terminal
from tests.end_to_end.test_app_on_a_terminal import gdtui


def small(folder: Path, *argv: str) -> Terminal:
    return gdtui(folder, "--no-log", *argv, columns=80, lines=24)


def progress(folder: Path) -> dict[str, Any]:
    """The saved progress, empty if there is none yet."""
    found = list(folder.rglob("progress.json"))
    return dict(json.loads(found[0].read_text())) if found else {}


def begin(folder: Path, seed: int = 7) -> None:
    """A progress with a known seed, and the first five minutes seen."""
    place = folder / "gdtui"
    place.mkdir()
    (place / "progress.json").write_text(json.dumps({"version": 1, "seed": seed, "walked": True, "exercises": {}}))


def right(name: str, draw: int = 1, seed: int = 7) -> str:
    found = exercise(name)
    assert isinstance(found, Question)
    answer = found.right(found.drawn(seed, draw))
    return str(found.options.index(answer) + 1) if isinstance(answer, str) else f"{answer:.6g}"


def test_the_first_five_minutes_lead_to_the_first_exercise(tmp_path: Path) -> None:
    with small(tmp_path, "losses") as terminal:
        terminal.wait_for("F: the first five minutes")
        terminal.press("F")
        terminal.wait_for("The ball is in fog")
        terminal.press("left")
        terminal.wait_for("Right: against the slope.")
        terminal.press(*["s"] * 9)
        terminal.wait_for("floor of a valley, x = 1.131")
        terminal.press("]", "]")
        terminal.wait_for("over the hill, near x = −1.301 in 6 steps")
        terminal.press("enter")
        terminal.wait_for("1 to 4")
        terminal.press("3", *["s"] * 20)
        terminal.wait_for("80.6°")
        terminal.press("n", "b")
        terminal.wait_for("Each number stands")
        terminal.press("enter")
        terminal.wait_for("tape.gradient(y, x)")
        terminal.press("enter")
        terminal.wait_for("3 of 3 predictions were right.")
        terminal.press("enter")
        terminal.wait_for("Exercise 1 of 6: One step")
        terminal.press("q")
        assert terminal.exit_code() == 0


def test_a_number_is_missed_hinted_and_solved_and_found_again_after_sigkill(tmp_path: Path) -> None:
    begin(tmp_path)
    with small(tmp_path, "gradients") as terminal:
        terminal.wait_for("E Exercise")
        terminal.press("E")
        terminal.wait_for("Exercise 1 of 6: One step")
        terminal.press("9", "9", "enter")
        terminal.wait_for("Not right: too")
        terminal.press("h")
        terminal.wait_for("Hint: First the slope")
        terminal.press("enter")
        terminal.wait_until(lambda: "Not right: too" not in terminal.text, "another question")
        terminal.press("enter", *right("next-step", draw=2), "enter")
        terminal.wait_for("Right. ")
        terminal.wait_until(lambda: progress(tmp_path)["exercises"]["next-step"]["solved"], "the progress file")
        terminal.signal(signal.SIGKILL)
        terminal.exit_code()
    with small(tmp_path, "gradients") as terminal:
        terminal.wait_for("E Exercise")
        terminal.press("E", "N")
        terminal.wait_until(lambda: "One step · solved" in terminal.text, "the exercise, solved")


@pytest.mark.slow
def test_a_choice_a_reason_and_a_task_are_solved(tmp_path: Path) -> None:
    begin(tmp_path)
    with small(tmp_path, "activations", "--alpha", "0.7") as terminal:
        terminal.wait_for("E Exercise")
        terminal.press("E")
        terminal.wait_for("Exercise 1 of 6")
        terminal.press(right("derivative-curve"))
        terminal.wait_for("Right. ")
        terminal.press("N")
        terminal.wait_for("A ReLU on the logits")
        terminal.press(right("clipped-logits"))
        terminal.wait_for("Right. ")
        terminal.press("space")
        terminal.wait_until(
            lambda: progress(tmp_path)["exercises"].get("keep-alive", {}).get("solved"), "the task", limit_s=120
        )
