"""A learner's own model in the app: it is opened with its file, trains, is read again, and an error in the file does
not end the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.events import Outcome
from tests.tui.app_driver import driven

CLASSES = """
import keras
import numpy as np

class_names = ["left", "right"]

def model():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(2)])

def data():
    x = np.random.default_rng(0).normal(size=(80, 2))
    return x, (x[:, 0] > 0).astype(int)
"""

NUMBERS = CLASSES.replace("keras.layers.Dense(2)", "keras.layers.Dense(1)").replace(
    "(x[:, 0] > 0).astype(int)", "x.sum(axis=1)"
)

SMALL = {"epochs": "2", "batch_size": "16", "loop": "graph"}


async def test_a_model_of_one_s_own_is_trained_changed_and_trained_again(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(CLASSES)
    async with driven("train", {"file": str(file), **SMALL}, size=(170, 50)) as app:
        assert app.lesson_state.lesson.id == "train"
        await app.run_to_end()
        first = app.lesson_state.state
        assert first.outcome is Outcome.DONE and first.step == 8
        assert "left" in app.text("#confusion") and "right" in app.text("#confusion")
        assert "accuracy" in app.text("#accuracy")
        await app.press("right_square_bracket")  # the next rate after Adam's own
        assert app.lesson_state.texts["learning_rate"] == "0.002"

        file.write_text(NUMBERS)
        await app.run_to_end()
        assert app.lesson_state.state.outcome is Outcome.DONE and app.lesson_state.ghost is first
        await app.until(lambda: "test loss" in app.text("#accuracy"), "the test loss of a regression")
        assert "a regression has no classes" in app.text("#confusion")
        assert app.lesson_state.state.training.metrics.learning_rate == 0.0020000000949949026

        file.write_text(CLASSES.replace("keras.layers.Dense(4", "keras.layers.Dens(4"))
        await app.run_to_end()
        ended = app.lesson_state.state.ended
        assert ended.outcome is Outcome.FAILED and "mine.py, line 8: AttributeError" in ended.message
        assert not ended.traceback


async def test_the_course_alone_is_listed_where_no_file_was_named() -> None:
    async with driven("gradients") as app:
        assert "train" not in app.app.app_state.lesson_states


async def test_a_file_that_is_saved_again_runs_again_and_the_old_run_stays_as_a_ghost(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(CLASSES)
    async with driven("train", {"file": str(file), **SMALL, "epochs": "100000", "speed": "50"}, size=(170, 50)) as app:
        await app.begin_run(1)
        first = app.lesson_state.state.run

        # At once: before the first look at the file of a run.
        file.write_text(CLASSES.replace("keras.layers.Dense(4", "keras.layers.Dens(4"))
        await app.until(lambda: "mine.py, line 8: AttributeError" in app.text("NewsLines"), "the reason")
        assert "saved, but it cannot be run" in app.text("NewsLines")
        step = app.lesson_state.state.step
        await app.until(lambda: app.lesson_state.state.step > step, "more steps of the old model")
        assert app.lesson_state.state.run == first and app.lesson_state.ghost is None

        file.write_text(NUMBERS)
        await app.until(lambda: app.lesson_state.state.run != first, "the new run")
        await app.until(lambda: app.lesson_state.state.step > 0, "steps of the new model")
        assert app.lesson_state.ghost.run == first and app.lesson_state.ghost.step >= step
        assert app.app.session.alive
        await app.press("x")
        await app.until(lambda: app.lesson_state.state.ended is not None, "the end of the new run")
        second = app.lesson_state.state.run

        file.write_text(CLASSES)
        await app.until(lambda: app.lesson_state.state.run != second, "a run after the end of the last")
        assert app.lesson_state.ghost.run == second


@pytest.mark.slow
async def test_a_file_that_never_ends_does_not_end_the_run_and_is_stopped_when_it_is_mended(tmp_path: Path) -> None:
    file, reached = tmp_path / "mine.py", tmp_path / "reached"
    file.write_text(CLASSES)
    async with driven("train", {"file": str(file), **SMALL, "epochs": "100000", "speed": "50"}) as app:
        await app.begin_run(1)
        first = app.lesson_state.state.run
        file.write_text(f"open({str(reached)!r}, 'w').close()\nwhile True:\n    pass\n")
        await app.until(reached.exists, "the start of the file")
        thread = app.screen.reloader._trial._thread
        file.write_text(CLASSES)
        await app.until(lambda: app.lesson_state.state.run != first, "the run of the mended file")
        assert not thread.is_alive()
