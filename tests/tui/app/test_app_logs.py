"""The app and the disk: the log, past runs, checkpoints, the TensorBoard server."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.events import Outcome
from engine.log.summaries import SummaryWriter
from engine.run.runs import past_runs
from tests.tui.app_driver import driven
from tui.process.options import AppOptions
from tui.screens.lab.screen import LabScreen
from tui.widgets.log.history_table import HistoryTable
from tui.widgets.loss_plot import LossPlot

DESCENT = {"steps": "20", "speed": "100000"}
SMALL = {"hidden": "32", "train_examples": "400", "test_examples": "100", "batch_size": "100", "log_every": "1"}


async def test_a_run_leaves_a_log_and_its_place_is_always_shown(tmp_path: Path) -> None:
    async with driven("himmelblau", DESCENT, options=AppOptions(logdir=tmp_path)) as app:
        assert str(tmp_path)[-20:] in app.text("StatusLine")
        await app.run_to_end()
        (record,) = past_runs(tmp_path)
        assert record.name in app.text("StatusLine")
        assert (record.outcome, record.step) == ("done", 20)
        assert list(record.path.glob("events.out.tfevents.*"))


async def test_a_run_that_has_ended_is_over_though_its_log_is_still_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, close = threading.Event(), SummaryWriter.close

    def close_late(log: SummaryWriter) -> None:
        written.wait()
        close(log)

    monkeypatch.setattr(SummaryWriter, "close", close_late)
    async with driven("himmelblau", DESCENT, options=AppOptions(logdir=tmp_path)) as app:
        await app.engine_ready()
        await app.press("space")
        await app.until(lambda: app.lesson_state.state.ended is not None, "the first run's end")
        first = app.lesson_state.state
        assert app.app.session.closing and not app.app.session.alive
        assert not app.screen.check_action("stop", ())
        await app.press("space")
        await app.until(
            lambda: app.lesson_state.state is not first and app.lesson_state.state.ended is not None, "the second's"
        )
        written.set()
        await app.until(lambda: not app.app.session.closing, "both logs")
        assert [record.outcome for record in past_runs(tmp_path)] == ["done", "done"]


async def test_a_log_that_fails_at_its_very_end_is_reported_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(log: SummaryWriter) -> None:
        raise OSError("no room for its end")

    monkeypatch.setattr(SummaryWriter, "close", no_room)
    async with driven("himmelblau", DESCENT, options=AppOptions(logdir=tmp_path)) as app:
        await app.run_to_end()
        await app.until(lambda: "no room for its end" in app.text("NewsLines"), "the failure")


async def test_where_no_log_can_be_written_the_run_goes_on_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with driven("himmelblau", DESCENT, options=AppOptions(logdir=tmp_path / "file")) as app:
        await app.run_to_end()
        assert app.lesson_state.state.outcome is Outcome.DONE
        assert "not logged" in app.text("NewsLines")


async def test_past_runs_are_listed_and_one_is_drawn_over_the_loss(tmp_path: Path) -> None:
    texts = {**SMALL, "epochs": "1"}
    async with driven("fashion-mnist", texts, options=AppOptions(logdir=tmp_path)) as app:
        await app.run_to_end()
        (record,) = past_runs(tmp_path)
        app.screen.focus_pane("history")
        await app.until(lambda: [t for t in app.screen.query(HistoryTable) if t.highlighted])
        await app.press("space")
        await app.until(lambda: app.screen.past_runs.overlays)
        app.screen.focus_pane("live")
        await app.until(lambda: app.screen.focused_pane == "live")
        assert record.name in app.screen.query_one("#view-fashion-mnist #loss", LossPlot).slots


async def test_a_classifier_that_was_stopped_goes_on_in_its_own_folder(tmp_path: Path) -> None:
    texts = {**SMALL, "epochs": "50", "speed": "20"}
    async with driven("fashion-mnist", texts, options=AppOptions(logdir=tmp_path)) as app:
        await app.begin_run(2)
        await app.press("x")
        await app.ended()
        stopped = app.lesson_state.state
        assert stopped.checkpoint_step == stopped.step
        await app.press("R")
        await app.until(lambda: app.lesson_state.state is not stopped and app.lesson_state.state.step > stopped.step)
        assert app.lesson_state.state.logdir == stopped.logdir
        assert app.lesson_state.state.training.steps.array[0] == stopped.step + 1
        await app.press("x")
        await app.ended()
    assert len(past_runs(tmp_path)) == 1


@pytest.mark.slow
async def test_a_classifier_that_diverged_goes_back_to_its_checkpoint_at_a_third_of_the_rate(tmp_path: Path) -> None:
    texts = {**SMALL, "hidden": "64,32,16", "epochs": "3", "optimizer": "sgd", "learning_rate": "1000"}
    async with driven("fashion-mnist", texts, options=AppOptions(logdir=tmp_path)) as app:
        await app.run_to_end()
        lost = app.lesson_state.state
        assert lost.outcome is Outcome.DIVERGED
        assert f"g: back to step {lost.checkpoint_step}" in app.text("NewsLines")
        await app.press("g")
        await app.until(lambda: app.lesson_state.state is not lost and app.lesson_state.state.step > 0)
        assert app.lesson_state.parent is lost
        assert float(app.lesson_state.state.settings["learning_rate"]) < 1000 / 2.9
        await app.until(lambda: not app.app.session.alive)


async def test_the_tensorboard_server_starts_shows_where_it_is_and_stops(tmp_path: Path) -> None:
    async with driven("himmelblau", DESCENT, options=AppOptions(logdir=tmp_path)) as app:
        await app.press("t")
        server = app.app.app_state.tensorboard
        await app.until(lambda: server.poll().name == "ready", "the server")
        await app.until(lambda: server.address in str(app.app.screen.query_one("#server").render()))
        said = str(app.app.screen.query_one("#server").render())
        assert server.ssh_line in said
        assert str(tmp_path) in said
        await app.press("escape")
        assert f"TensorBoard {server.address[7:-1]}" in app.text("StatusLine")
        await app.press("t", "t")
        await app.until(lambda: server.poll().name == "stopped", "its end")
        await app.press("escape")
        assert "TensorBoard 127" not in app.text("StatusLine")


async def test_basins_are_those_of_the_run_on_show_and_after_a_reset_of_the_rate_that_is_set() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        view = app.screen.paths
        shown = []
        view.show_basins = shown.append
        await app.press("b")
        await app.until(lambda: shown, "the basins")
        await app.press("right_square_bracket", "r")
        await app.until(lambda: shown[-1].learning_rate == 0.02, "the basins of the next run")
        assert shown[0].learning_rate == 0.01


async def test_a_run_left_unfinished_is_offered_at_the_next_start_and_taken_up_by_a_key(tmp_path: Path) -> None:
    texts = {**SMALL, "epochs": "50", "speed": "20"}
    async with driven("fashion-mnist", texts, options=AppOptions(logdir=tmp_path)) as app:
        await app.begin_run(2)
        await app.press("q")
        await app.until(lambda: app.app.screen.query("#dialog"), "the question")
        await app.press("enter")
    (record,) = past_runs(tmp_path)
    assert record.outcome == "stopped"
    async with driven("himmelblau", options=AppOptions(logdir=tmp_path)) as app:
        said = f"R: on with {record.name}, stopped at step {record.step:,}"
        await app.until(lambda: said in app.text("NewsLines"), "the offer")
        await app.press("R")
        resumed = app.app.app_state.lesson_states["fashion-mnist"]
        await app.until(lambda: resumed.state is not None and resumed.state.step > record.step, "more steps")
        assert app.lesson_state is resumed
        assert resumed.state.logdir == str(record.path)
        await app.press("x")
        await app.ended()


async def test_where_nothing_can_be_resumed_the_key_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(LabScreen, "say", lambda screen, words: said.append(words))
    async with driven("himmelblau", options=AppOptions(logdir=tmp_path)) as app:
        await app.press("R")
        await app.until(lambda: said, "a word")
        assert said == ["there is no unfinished run to resume"]
