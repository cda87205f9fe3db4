"""The app under a pilot: what keys do, pane by pane, with real runs."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from textual.widgets import Input, OptionList

from engine.events import Outcome
from tests.tui.app_driver import Driven, driven
from tui.options import AppOptions
from tui.screens.main import MainScreen
from tui.state_file import Remembered, load, save
from tui.widgets.descent_view import DescentView
from tui.widgets.lesson_list import LessonList
from tui.widgets.settings_form import SettingsForm
from tui.widgets.settings_pane import SettingsPane

DESCENT = {"steps": "20", "speed": "100000"}


async def test_space_runs_the_lesson_to_its_end() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        assert app.desk.state.outcome is Outcome.DONE
        assert app.desk.state.paths.steps == 20
        assert "live" in app.shown()
        assert "done" in app.text("StatusLine")
        assert "step 20/20" in app.text("StatusLine")


@pytest.mark.parametrize("lesson", ["gradients", "autograd", "activations", "losses"])
async def test_each_lesson_of_curves_runs(lesson: str) -> None:
    texts = {"steps": "5"} if lesson == "gradients" else {}
    async with driven(lesson, texts) as app:
        await app.run_to_end()
        assert app.desk.state.outcome is Outcome.DONE
        assert app.desk.state.curves
        assert app.desk.state.learned[:20] in app.text("NewsLines")


async def test_a_classifier_runs() -> None:
    texts = {"epochs": "1", "train_examples": "400", "test_examples": "100", "batch_size": "100"}
    async with driven("fashion-mnist", texts) as app:
        await app.run_to_end()
        assert app.desk.state.training.loss.length == 4
        assert len(app.desk.state.training.evaluations) == 1


async def test_a_start_before_the_engine_is_there_waits_for_it() -> None:
    gate = threading.Event()
    async with driven("himmelblau", DESCENT, prepare=gate.wait) as app:
        assert "importing TensorFlow" in app.text("StatusLine")
        await app.press("space")
        assert "waiting for TensorFlow" in app.text("StatusLine")
        gate.set()
        await app.ended()
        assert app.desk.state.outcome is Outcome.DONE


async def test_a_start_that_waits_can_be_taken_back() -> None:
    gate = threading.Event()
    async with driven("himmelblau", DESCENT, prepare=gate.wait) as app:
        await app.press("space", "space")
        assert not app.app.session.alive
        gate.set()
        await app.engine_ready()
        assert app.desk.state is None


async def test_without_tensorflow_the_app_goes_on_and_says_why() -> None:
    def broken() -> None:
        raise ImportError("no module named tensorflow")

    async with driven("himmelblau", DESCENT, prepare=broken) as app:
        await app.until(lambda: "no TensorFlow" in app.text("StatusLine"))
        assert "no module named tensorflow" in app.text("NewsLines")
        await app.press("3")
        assert app.app.bench.opened == "activations"
        await app.press("w")
        shown = str(app.app.screen.query_one("#log-text").render())
        assert "Traceback" in shown


async def test_space_pauses_and_goes_on() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run(5)
        await app.press("space")
        await app.until(lambda: app.desk.state.phase == "paused")
        assert "paused" in app.text("StatusLine")
        step = app.desk.state.step
        await app.press("space")
        await app.until(lambda: app.desk.state.step > step)
        await app.press("x")
        await app.ended()
        assert app.desk.state.outcome is Outcome.STOPPED


async def test_single_steps_begin_a_run_that_waits_after_each() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.engine_ready()
        for step, key in enumerate(("s", "full_stop", "s"), 1):
            await app.press(key)
            await app.until(lambda step=step: app.desk.state.step == step and app.desk.state.phase == "paused")
        assert app.desk.state.paths.steps == 3


async def test_comma_looks_back_along_the_path_and_full_stop_ahead_again() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        view = app.screen.query_one(DescentView)
        await app.press("comma", "comma")
        assert view.step == 18
        await app.press("full_stop")
        assert view.step == 19
        await app.press("full_stop", "full_stop")
        assert view.scrubbed is None
        assert app.desk.state.step == 20


async def test_the_rate_changes_in_the_run_that_goes_on() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run()
        await app.press("right_square_bracket")
        await app.until(lambda: app.desk.state.changes)
        change = app.desk.state.changes[0]
        assert (change.name, change.before, change.after) == ("learning_rate", "0.01", "0.02")
        assert app.desk.texts["learning_rate"] == "0.02"


async def test_the_next_optimizer_is_for_the_next_run() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.press("o")
        assert app.desk.chosen_optimizers == ("momentum",)
        assert app.screen.query_one(SettingsForm).look_at("momentum")


async def test_reset_takes_the_run_away_and_leaves_a_ghost() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        await app.press("r")
        assert app.desk.state is None
        assert app.desk.ghost.paths.steps == 20
        await app.press("c")
        assert app.desk.ghost is None


async def test_a_reset_while_it_runs_lets_another_run_begin_at_once() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run()
        first = app.desk.state.run
        await app.press("r", "space")
        await app.until(lambda: app.desk.state is not None and app.desk.state.step > 0)
        assert app.desk.state.run != first


async def test_two_runs_are_compared_in_one_line() -> None:
    async with driven("himmelblau", {"start": "1,0", "steps": "200", "speed": "100000"}) as app:
        await app.run_to_end()
        await app.press("right_square_bracket")
        await app.run_to_end()
        said = app.text("NewsLines")
        assert "only learning rate: 0.01 to 0.02 · steps 21 to " in said
        assert "same minimum" in said


async def test_a_divergence_says_what_happened_and_goes_on_slower_by_a_key() -> None:
    texts = {"start": "4,0", "learning_rate": "0.1", "steps": "50", "speed": "100000"}
    async with driven("himmelblau", texts) as app:
        await app.run_to_end()
        assert app.desk.state.outcome is Outcome.DIVERGED
        assert "g: back to step" in app.text("NewsLines")
        lost = app.desk.state
        await app.press("g")
        await app.ended()
        assert app.desk.parent is lost
        paths = app.desk.state.paths
        assert np.isfinite(paths.values[:, 0]).all()
        assert app.desk.state.settings["learning_rate"] == app.desk.texts["learning_rate"] == "0.0333"


async def test_a_branch_goes_on_from_the_step_looked_at() -> None:
    async with driven("himmelblau", {"start": "1,0", "steps": "20", "speed": "100000"}) as app:
        await app.run_to_end()
        parent = app.desk.state
        await app.press("comma", "comma", "comma", "f")
        await app.until(lambda: app.app.screen.query("#dialog SettingsForm"))
        assert app.app.screen.query_one("#dialog SettingsForm").region.height == 2  # the optimizer and the rate
        await app.press("right_square_bracket", "f")
        await app.ended()
        assert app.desk.parent is parent
        branch = app.desk.state
        np.testing.assert_allclose(branch.paths.points[0, 0], parent.paths.points[0, 17], rtol=1e-6)
        assert branch.settings["learning_rate"] == "0.02"
        assert app.desk.texts["start"] == "1,0"


async def test_escape_closes_the_branch_dialog_but_first_takes_back_what_is_typed() -> None:
    async with driven("himmelblau", {"start": "1,0", "steps": "20", "speed": "100000"}) as app:
        await app.run_to_end()
        ended = app.desk.state
        await app.press("f")
        await app.until(lambda: app.app.screen.query("#dialog SettingsForm"))
        form = app.app.screen.query_one("#dialog SettingsForm")
        await app.press("enter")
        assert form.typing is not None
        await app.press("escape")
        assert form.typing is None
        await app.press("escape")
        await app.until(lambda: not app.app.screen.query("#dialog"))
        assert app.desk.state is ended


async def test_number_keys_open_lessons() -> None:
    async with driven("himmelblau") as app:
        for key, lesson in (("1", "gradients"), ("4", "losses"), ("7", "tensorboard")):
            await app.press(key)
            assert app.app.bench.opened == lesson


async def test_a_run_goes_on_while_another_lesson_is_read() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run()
        running = app.desk
        await app.press("2")
        step = running.state.step
        await app.until(lambda: running.state.step > step)
        assert "5 Himmelblau" in app.text("StatusLine")
        await app.press("space")
        assert app.desk.state is None


async def test_lessons_are_filtered_by_words() -> None:
    async with driven("himmelblau") as app:
        await app.press("slash", *"clothes")
        options = app.screen.query_one(LessonList).query_one(OptionList)
        assert [option.id for option in options.options] == ["fashion-mnist"]
        await app.press("enter")
        assert app.app.bench.opened == "fashion-mnist"
        assert options.option_count == 7


async def test_a_key_typed_into_a_filter_is_text() -> None:
    async with driven("himmelblau") as app:
        await app.press("slash", "q", "x", "1", "space")
        assert app.screen.query_one(LessonList).query_one(Input).value == "qx1 "
        assert app.app.is_running
        await app.press("escape")
        assert not app.screen.query_one(LessonList).has_class("-filtering")


async def test_tab_goes_through_the_panes_and_back() -> None:
    async with driven("himmelblau", size=(120, 36)) as app:
        seen = []
        for _ in range(7):
            await app.until(lambda: app.screen.focused_pane not in (None, seen[-1] if seen else None))
            seen.append(app.screen.focused_pane)
            await app.press("tab")
        assert seen == ["lessons", "settings", "live", "text", "code", "notes", "history"]
        await app.until(lambda: app.screen.focused_pane == "lessons")
        await app.press("shift+tab")
        await app.until(lambda: app.screen.focused_pane == "history")


async def test_zoom_gives_a_pane_the_whole_screen_and_back() -> None:
    async with driven("himmelblau", size=(120, 36)) as app:
        await app.press("tab")
        await app.until(lambda: app.screen.focused_pane == "settings")
        before = app.shown()
        await app.press("z")
        await app.until(lambda: app.shown() == {"settings"})
        assert app.screen.query_one(SettingsPane).size.width >= 116
        await app.press("z")
        await app.until(lambda: app.shown() == before)


async def test_a_narrow_screen_shows_one_pane() -> None:
    async with driven("himmelblau", size=(80, 24)) as app:
        assert len(app.shown()) == 1


async def test_a_wide_screen_shows_text_settings_and_run_at_once() -> None:
    async with driven("himmelblau", size=(200, 60)) as app:
        assert app.shown() == {"lessons", "settings", "text", "live"}


async def test_a_screen_too_small_says_what_it_needs() -> None:
    async with driven("himmelblau", size=(50, 15)) as app:
        assert app.shown() == set()
        assert "60 by 20" in str(app.screen.query_one("#too-small").render())


async def test_resizing_while_it_runs_loses_nothing() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "300"}) as app:
        await app.begin_run()
        for size in ((200, 60), (40, 10), (80, 24), (120, 36)):
            await app.pilot.resize_terminal(*size)
            step = app.desk.state.step
            await app.until(lambda step=step: app.desk.state.step > step)
            if size[0] >= 60:
                await app.until(lambda: "live" in app.shown())
        await app.press("x")
        await app.ended()
        paths = app.desk.state.paths
        assert paths.steps == app.desk.state.step
        assert np.isfinite(paths.values).all()


async def at_setting(app: Driven, name: str) -> SettingsForm:
    """The settings with the focus on one of them."""
    app.screen.look_at_setting(name)
    await app.until(lambda: isinstance(app.screen.focused, SettingsForm))
    form = app.screen.query_one(SettingsForm)
    assert form.looked_at is not None
    assert form.looked_at.name == name
    return form


async def test_a_setting_is_checked_as_it_is_typed_and_taken_at_enter() -> None:
    async with driven("himmelblau") as app:
        form = await at_setting(app, "learning_rate")
        await app.press("enter", "ctrl+u", *"-3")
        assert form.error
        assert "from 0 to 1000" in str(app.screen.query_one("#setting-help").render())
        await app.press("enter")
        assert form.typing == "-3"
        assert app.desk.texts["learning_rate"] == "0.01"
        await app.press("backspace", "backspace", *"0.3", "enter")
        assert form.typing is None
        assert app.desk.texts["learning_rate"] == "0.3"


async def test_what_is_typed_is_taken_back_by_escape() -> None:
    async with driven("himmelblau") as app:
        form = await at_setting(app, "steps")
        await app.press("enter", "9", "escape")
        assert form.typing is None
        assert app.desk.texts["steps"] == "200"


async def test_a_key_typed_into_a_setting_is_text() -> None:
    async with driven("himmelblau") as app:
        form = await at_setting(app, "start")
        await app.press("enter", "q", "x", "space", "1")
        assert form.typing == "1,0;-4,0;4,0qx 1"
        assert app.app.bench.opened == "himmelblau"


async def test_arrows_step_the_number_that_is_looked_at() -> None:
    async with driven("himmelblau") as app:
        await at_setting(app, "steps")
        await app.press("right")
        assert app.desk.texts["steps"] == "500"
        await app.press("left", "left")
        assert app.desk.texts["steps"] == "100"
        await app.press("delete")
        assert app.desk.texts["steps"] == "200"


async def test_several_optimizers_are_chosen_among_words() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await at_setting(app, "optimizer")
        await app.press("right", "enter", "down", "enter")
        assert app.desk.chosen_optimizers == ("sgd", "momentum", "rmsprop")


async def test_a_choice_is_opened_and_taken() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await at_setting(app, "surface")
        await app.press("right")
        second = app.desk.texts["surface"]
        await app.press("enter", "right", "enter")
        assert app.desk.texts["surface"] not in ("himmelblau", second)


async def test_every_setting_has_a_control_and_a_word_of_help() -> None:
    async with driven("himmelblau", {"optimizer": "sgd,momentum,rmsprop,adamw"}) as app:
        for name in app.app.bench.desks:
            await app.press(str(app.app.bench.desks[name].lesson.number))
            shown = {param.name for param in app.desk.shown_params}
            form = app.screen.query_one(SettingsForm)
            for param in app.desk.shown_params:
                assert form.look_at(param.name), (name, shown)
                await app.pilot.pause()
                assert param.help[:20] in str(app.screen.query_one("#setting-help").render())


async def test_the_map_adds_a_start_by_a_key() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        await app.press("a", "right", "a")
        await app.until(lambda: len(app.desk.starts) == 4)


async def test_a_start_is_picked_on_the_map_before_any_run() -> None:
    async with driven("himmelblau", DESCENT, prepare=lambda: None) as app:
        await app.press("a")
        await app.until(lambda: app.screen.focused_pane == "live")
        await app.press("a", "up", "a")
        await app.until(lambda: len(app.desk.starts) > 3)
        assert app.desk.given["start"].startswith("1,0;-4,0;4,0;")


async def test_leaving_asks_only_when_a_run_would_be_lost() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run()
        await app.press("q")
        assert not isinstance(app.app.screen, MainScreen)
        await app.press("n")
        assert isinstance(app.app.screen, MainScreen)
        await app.press("x")
        await app.ended()
        await app.press("q")
        assert app.app.return_code == 0


async def test_who_is_asked_whether_to_leave_a_run_leaves_when_it_ends() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run()
        await app.press("q")
        assert app.app.return_code is None
        app.app.session.stop()
        await app.until(lambda: app.app.return_code == 0, "the app to leave")


async def test_help_lists_every_action_and_the_focused_widgets_keys() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        await app.press("question_mark")
        page = str(app.app.screen.query_one(".dialog-text").render())
        for words in ("Start or pause", "TensorBoard", "Branch here", "Surface map"):
            assert words in page
        await app.press("escape")
        assert isinstance(app.app.screen, MainScreen)


async def test_the_run_is_copied_as_one_command_line() -> None:
    async with driven("himmelblau", {**DESCENT, "start": "-4,0"}) as app:
        await app.run_to_end()
        await app.press("y")
        assert app.app.clipboard == "gdtui himmelblau --start -4,0 --steps 20 --speed 100000"


async def test_a_plots_data_is_written_to_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        await app.press("e", "enter")
        await app.until(lambda: list(tmp_path.glob("*.csv")))
        await app.press("e", "end", "enter")
        await app.until(lambda: list(tmp_path.glob("*.svg")))
    assert len(next(tmp_path.glob("*.csv")).read_text().splitlines()) == 1 + 3 * 21
    assert "</svg>" in next(tmp_path.glob("*.svg")).read_text()


async def test_every_action_lesson_and_setting_is_in_the_palette() -> None:
    from tui.actions import ACTIONS
    from tui.commands import Commands

    async with driven("himmelblau") as app:
        names = [hit.display async for hit in Commands(app.screen).discover()]
        said = "\n".join(str(name) for name in names)
        for action in ACTIONS:
            if action.id != "app.command_palette" and app.screen.check_action(action.id, ()):
                assert action.command in said
        for words in ("Lesson 6: Fashion-MNIST", "Set learning rate", "Set optimizer: adam"):
            assert words in said


async def test_where_the_learner_was_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with driven(state_path=path) as app:
        await app.press("5", "right_square_bracket")
        app.app.theme = "textual-light"
    assert load(path)[0] == Remembered("himmelblau", "textual-light", {"himmelblau": {"learning_rate": "0.02"}}, ())
    async with driven(state_path=path) as app:
        assert app.app.bench.opened == "himmelblau"
        assert app.desk.texts["learning_rate"] == "0.02"
        assert app.app.theme == "textual-light"


async def test_a_command_line_counts_for_more_than_what_was_remembered(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    save(path, Remembered("losses", "textual-dark", {"himmelblau": {"learning_rate": "0.5", "steps": "7"}}))
    async with driven("himmelblau", {"learning_rate": "0.02"}, state_path=path) as app:
        assert app.app.bench.opened == "himmelblau"
        assert (app.desk.texts["learning_rate"], app.desk.texts["steps"]) == ("0.02", "200")


async def test_a_damaged_state_file_is_put_aside_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("{")
    async with driven(state_path=path) as app:
        messages = [notification.message for notification in app.app._notifications]
        assert any("state.json.damaged-1" in message for message in messages)


async def test_while_nothing_happens_nothing_is_timed_and_nothing_drawn() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        assert not app.app.bench.expects
        await app.until(lambda: not app.screen._ticking._active.is_set())


def all_text(app: Driven) -> str:
    """Every character on the screen."""
    strips = app.app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


@pytest.mark.parametrize("keys", [(), ("question_mark",), ("ctrl+p",), ("e",), ("y",), ("comma", "f")])
async def test_ascii_mode_draws_with_ascii_alone(keys: tuple[str, ...]) -> None:
    async with driven("himmelblau", DESCENT, options=AppOptions(log=False, ascii_only=True)) as app:
        await app.run_to_end()
        await app.press(*keys)
        await app.pilot.pause(0.1)
        odd = {char for char in all_text(app) if not char.isascii()}
        assert not odd


async def test_ascii_mode_holds_in_every_pane() -> None:
    async with driven("fashion-mnist", options=AppOptions(log=False, ascii_only=True), size=(200, 60)) as app:
        for pane in ("code", "history", "settings", "notes", "text"):
            app.screen.focus_pane(pane)
            await app.pilot.pause(0.1)
            odd = {char for char in all_text(app) if not char.isascii()}
            assert not odd, pane
