"""The app under a pilot: the effects of keys, pane by pane, with real runs."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from textual.keys import _character_to_key
from textual.widgets import Input, OptionList

from engine.events import Outcome
from tests.tui.app_driver import Driven, driven
from tui.model import state_file
from tui.model.state_file import Remembered, load, save
from tui.process.options import AppOptions
from tui.screens.lab.screen import LabScreen
from tui.widgets.curve.curve_view import CurveView
from tui.widgets.descent.descent_view import DescentView
from tui.widgets.learn.lesson_list import LessonList
from tui.widgets.learn.settings_form import SettingsForm
from tui.widgets.learn.settings_pane import SettingsPane

DESCENT = {"steps": "20", "speed": "100000"}


async def test_space_runs_the_lesson_to_its_end() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        assert app.lesson_state.state.outcome is Outcome.DONE
        assert app.lesson_state.state.paths.steps == 20
        assert "live" in app.shown()
        assert "done" in app.text("StatusLine")
        assert "step 20/20" in app.text("StatusLine")


@pytest.mark.parametrize("lesson", ["gradients", "autograd", "activations", "losses"])
async def test_each_lesson_of_curves_runs(lesson: str) -> None:
    texts = {"steps": "5"} if lesson == "gradients" else {}
    async with driven(lesson, texts) as app:
        await app.run_to_end()
        assert app.lesson_state.state.outcome is Outcome.DONE
        assert app.lesson_state.state.curves
        assert app.lesson_state.state.learned[:20] in app.text("NewsLines")


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize(("lesson", "first"), [("autograd", "page"), ("losses", "page"), ("activations", "curve")])
async def test_what_a_lesson_shows_first_is_visible_first(lesson: str, first: str, size: tuple[int, int]) -> None:
    async with driven(lesson, size=size) as app:
        await app.run_to_end()
        await app.until(lambda: app.app.focused is not None and app.app.focused.id == first, f"the focus on {first}")
        view = app.screen.query_one(CurveView)
        panels = {panel: view.query_one(f"#{panel}").region for panel in ("curve", "page")}
        visible = [panel for panel, region in panels.items() if region.area]
        assert min(visible, key=lambda panel: (panels[panel].y, panels[panel].x)) == first
        assert len(visible) == (2 if size == (200, 60) else 1)


async def test_a_panel_that_was_chosen_stays_when_the_lesson_runs_again() -> None:
    async with driven("autograd", size=(80, 24)) as app:
        await app.run_to_end()
        view = app.screen.query_one(CurveView)
        await app.until(lambda: view.query_one("#page").has_focus, "the tables")
        await app.press("v")
        await app.until(lambda: view.query_one("#curve").has_focus, "the curve")
        await app.run_to_end()
        assert view.query_one("#curve").region.area


async def test_a_classifier_runs() -> None:
    texts = {"epochs": "1", "hidden": "32", "train_examples": "400", "test_examples": "100", "batch_size": "100"}
    async with driven("fashion-mnist", texts) as app:
        await app.run_to_end()
        assert app.lesson_state.state.training.loss.length == 4
        assert len(app.lesson_state.state.training.evaluations) == 1


async def test_a_start_before_the_engine_is_there_waits_for_it() -> None:
    gate = threading.Event()
    async with driven("himmelblau", DESCENT, prepare=gate.wait) as app:
        assert "importing TensorFlow" in app.text("StatusLine")
        await app.press("space")
        assert "waiting for TensorFlow" in app.text("StatusLine")
        gate.set()
        await app.ended()
        assert app.lesson_state.state.outcome is Outcome.DONE


async def test_a_start_that_waits_can_be_taken_back() -> None:
    gate = threading.Event()
    async with driven("himmelblau", DESCENT, prepare=gate.wait) as app:
        await app.press("space", "space")
        assert not app.app.session.alive
        gate.set()
        await app.engine_ready()
        assert app.lesson_state.state is None


async def test_without_tensorflow_the_app_goes_on_and_says_why() -> None:
    def broken() -> None:
        raise ImportError("no module named tensorflow")

    async with driven("himmelblau", DESCENT, prepare=broken) as app:
        await app.until(lambda: "no TensorFlow" in app.text("StatusLine"))
        assert "no module named tensorflow" in app.text("NewsLines")
        await app.press("3")
        assert app.app.app_state.opened == "activations"
        await app.press("w")
        shown = str(app.app.screen.query_one("#log-text").render())
        assert "Traceback" in shown


async def test_space_pauses_and_goes_on() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run(5)
        await app.press("space")
        await app.until(lambda: app.lesson_state.state.phase == "paused")
        assert "paused" in app.text("StatusLine")
        step = app.lesson_state.state.step
        await app.press("space")
        await app.until(lambda: app.lesson_state.state.step > step)
        await app.press("x")
        await app.ended()
        assert app.lesson_state.state.outcome is Outcome.STOPPED


async def test_single_steps_begin_a_run_that_waits_after_each() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.engine_ready()
        for step, key in enumerate(("s", "full_stop", "s"), 1):
            await app.press(key)
            await app.until(
                lambda step=step: app.lesson_state.state.step == step and app.lesson_state.state.phase == "paused"
            )
        assert app.lesson_state.state.paths.steps == 3


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
        assert app.lesson_state.state.step == 20


async def test_the_rate_changes_in_the_run_that_goes_on() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run()
        await app.press("right_square_bracket")
        await app.until(lambda: app.lesson_state.state.changes)
        change = app.lesson_state.state.changes[0]
        assert (change.name, change.before, change.after) == ("learning_rate", "0.01", "0.02")
        assert app.lesson_state.texts["learning_rate"] == "0.02"


async def test_the_next_optimizer_is_for_the_next_run() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.press("o")
        assert app.lesson_state.chosen_optimizers == ("momentum",)
        assert app.screen.query_one(SettingsForm).look_at("momentum")


async def test_reset_takes_the_run_away_and_leaves_a_ghost() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        await app.press("r")
        assert app.lesson_state.state is None
        assert app.lesson_state.ghost.paths.steps == 20
        await app.press("c")
        assert app.lesson_state.ghost is None


async def test_a_reset_while_it_runs_lets_another_run_begin_at_once() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run()
        first = app.lesson_state.state.run
        await app.press("r", "space")
        await app.until(lambda: app.lesson_state.state is not None and app.lesson_state.state.step > 0)
        assert app.lesson_state.state.run != first


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
        assert app.lesson_state.state.outcome is Outcome.DIVERGED
        assert "g: back to step" in app.text("NewsLines")
        lost = app.lesson_state.state
        await app.press("g")
        await app.ended()
        assert app.lesson_state.parent is lost
        paths = app.lesson_state.state.paths
        assert np.isfinite(paths.values[:, 0]).all()
        assert app.lesson_state.state.settings["learning_rate"] == app.lesson_state.texts["learning_rate"] == "0.0333"


async def test_a_branch_goes_on_from_the_shown_step() -> None:
    async with driven("himmelblau", {"start": "1,0", "steps": "20", "speed": "100000"}) as app:
        await app.run_to_end()
        parent = app.lesson_state.state
        await app.press("comma", "comma", "comma", "f")
        await app.until(lambda: app.app.screen.query("#dialog SettingsForm"))
        assert app.app.screen.query_one("#dialog SettingsForm").region.height == 2  # the optimizer and the rate
        await app.press("right_square_bracket", "semicolon", "colon", "f")
        await app.ended()
        assert app.lesson_state.parent is parent
        branch = app.lesson_state.state
        np.testing.assert_allclose(branch.paths.points[0, 0], parent.paths.points[0, 17], rtol=1e-6)
        assert branch.settings["learning_rate"] == "0.02"
        assert app.lesson_state.texts["start"] == "1,0"


async def test_escape_closes_the_branch_dialog_but_first_takes_back_what_is_typed() -> None:
    async with driven("himmelblau", {"start": "1,0", "steps": "20", "speed": "100000"}) as app:
        await app.run_to_end()
        ended = app.lesson_state.state
        await app.press("f")
        await app.until(lambda: app.app.screen.query("#dialog SettingsForm"))
        form = app.app.screen.query_one("#dialog SettingsForm")
        await app.press("enter")
        assert form.typing is not None
        await app.press("escape")
        assert form.typing is None
        await app.press("escape")
        await app.until(lambda: not app.app.screen.query("#dialog"))
        assert app.lesson_state.state is ended


async def test_number_keys_open_lessons() -> None:
    async with driven("himmelblau") as app:
        for key, lesson in (("1", "gradients"), ("4", "losses"), ("7", "tensorboard")):
            await app.press(key)
            assert app.app.app_state.opened == lesson


async def test_a_run_goes_on_while_another_lesson_is_read() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run()
        running = app.lesson_state
        await app.press("2")
        step = running.state.step
        await app.until(lambda: running.state.step > step)
        assert "5 Himmelblau" in app.text("StatusLine")
        await app.press("space")
        assert app.lesson_state.state is None


async def test_lessons_are_filtered_by_words() -> None:
    async with driven("himmelblau") as app:
        await app.press("slash", *"clothes")
        options = app.screen.query_one(LessonList).query_one(OptionList)
        assert [option.id for option in options.options] == ["fashion-mnist"]
        await app.press("enter")
        assert app.app.app_state.opened == "fashion-mnist"
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
            step = app.lesson_state.state.step
            await app.until(lambda step=step: app.lesson_state.state.step > step)
            if size[0] >= 60:
                await app.until(lambda: "live" in app.shown())
        await app.press("x")
        await app.ended()
        paths = app.lesson_state.state.paths
        assert paths.steps == app.lesson_state.state.step
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
        assert app.lesson_state.texts["learning_rate"] == "0.01"
        await app.press("backspace", "backspace", *"0.3", "enter")
        assert form.typing is None
        assert app.lesson_state.texts["learning_rate"] == "0.3"


async def test_what_is_typed_is_taken_back_by_escape() -> None:
    async with driven("himmelblau") as app:
        form = await at_setting(app, "steps")
        await app.press("enter", "9", "escape")
        assert form.typing is None
        assert app.lesson_state.texts["steps"] == "200"


async def test_a_key_typed_into_a_setting_is_text() -> None:
    async with driven("himmelblau") as app:
        form = await at_setting(app, "start")
        await app.press("enter", "q", "x", "space", "1")
        assert form.typing == "1,0;-4,0;4,0qx 1"
        assert app.app.app_state.opened == "himmelblau"


async def test_arrows_step_the_selected_number() -> None:
    async with driven("himmelblau") as app:
        await at_setting(app, "steps")
        await app.press("right")
        assert app.lesson_state.texts["steps"] == "500"
        await app.press("left", "left")
        assert app.lesson_state.texts["steps"] == "100"
        await app.press("delete")
        assert app.lesson_state.texts["steps"] == "200"


@pytest.mark.parametrize(
    ("name", "keys", "taken"),
    [("speed", "5", "5"), ("start", "-5,1;-3,2", "-5,1;-3,2"), ("learning_rate", ".5", "0.5")],
)
async def test_the_first_character_of_a_number_begins_to_edit_it(name: str, keys: str, taken: str) -> None:
    async with driven("himmelblau") as app:
        form = await at_setting(app, name)
        await app.press(*keys)
        assert form.typing == keys
        await app.press("enter")
        assert app.lesson_state.texts[name] == taken
        assert app.app.app_state.opened == "himmelblau"
        assert app.lesson_state.state is None


@pytest.mark.slow
async def test_no_character_typed_into_the_form_begins_a_run_or_opens_a_lesson() -> None:
    async with driven("himmelblau") as app:
        form = await at_setting(app, "start")
        for name in ("surface", "optimizer", "start"):
            assert form.look_at(name)
            for character in "0137-+.,; sgrRafvb":
                await app.press(_character_to_key(character))
                await app.press("escape")
                assert app.screen.focused is form, character
                assert app.app.app_state.opened == "himmelblau", character
                assert app.lesson_state.state is None, character
                assert not app.app.session.alive, character


async def test_a_key_kept_from_acting_is_reported() -> None:
    async with driven("himmelblau") as app:
        await at_setting(app, "surface")
        await app.press("s")
        assert "tab leaves them" in str(app.screen.query_one("#setting-help").render())
        await app.press("down")
        assert "tab leaves them" not in str(app.screen.query_one("#setting-help").render())


async def test_space_ticks_a_word_and_begins_no_run() -> None:
    async with driven("himmelblau", DESCENT) as app:
        form = await at_setting(app, "optimizer")
        assert form.option == "sgd"
        await app.press("right", "space")
        assert app.lesson_state.chosen_optimizers == ("sgd", "momentum")
        await app.press("space")
        assert app.lesson_state.chosen_optimizers == ("sgd",)
        assert app.lesson_state.state is None


async def test_arrows_stay_within_an_opened_list_and_space_chooses() -> None:
    async with driven("himmelblau", DESCENT) as app:
        form = await at_setting(app, "surface")
        await app.press("space")
        words = form.looked_at.options
        seen = [form.option]
        for _ in (*words, "an expression of one's own"):
            await app.press("down")
            seen.append(form.option)
            assert form.looked_at.name == "surface"
        assert seen[-1] == seen[-2]
        await app.press(*["up"] * (len(words) + 1))
        assert (form.looked_at.name, form.option) == ("surface", words[0])
        await app.press("right", "space")
        assert app.lesson_state.texts["surface"] == words[1]
        assert app.lesson_state.state is None


async def test_the_footer_says_what_the_keys_do_to_the_selected_setting() -> None:
    async with driven("himmelblau", DESCENT, size=(120, 36)) as app:
        form = await at_setting(app, "optimizer")
        assert "space Tick" in app.text("KeyBar")
        assert "Start" not in app.text("KeyBar")
        form.look_at("surface")
        await app.until(lambda: "enter Open" in app.text("KeyBar"))
        await app.press("enter")
        await app.until(lambda: "enter Choose" in app.text("KeyBar"))
        assert "esc Take back" in app.text("KeyBar")
        await app.press("escape")
        form.look_at("steps")
        await app.until(lambda: "enter Type" in app.text("KeyBar"))
        await app.press("7")
        await app.until(lambda: "enter Take" in app.text("KeyBar"))
        for words in ("Start", "Step", "Quit", "Type"):
            assert words not in app.text("KeyBar").replace("Take", ""), words


async def test_several_optimizers_are_chosen_among_words() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await at_setting(app, "optimizer")
        await app.press("right", "enter", "down", "enter")
        assert app.lesson_state.chosen_optimizers == ("sgd", "momentum", "rmsprop")


async def test_a_choice_is_opened_and_taken() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await at_setting(app, "surface")
        await app.press("right")
        second = app.lesson_state.texts["surface"]
        await app.press("enter", "right", "enter")
        assert app.lesson_state.texts["surface"] not in ("himmelblau", second)


@pytest.mark.slow
async def test_every_setting_has_a_control_and_a_word_of_help() -> None:
    async with driven("himmelblau", {"optimizer": "sgd,momentum,rmsprop,adamw"}) as app:
        for name in app.app.app_state.lesson_states:
            await app.press(str(app.app.app_state.lesson_states[name].lesson.number))
            shown = {param.name for param in app.lesson_state.shown_params}
            form = app.screen.query_one(SettingsForm)
            for param in app.lesson_state.shown_params:
                assert form.look_at(param.name), (name, shown)
                await app.pilot.pause()
                assert param.help[:20] in str(app.screen.query_one("#setting-help").render())


async def test_the_map_adds_a_start_by_a_key() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        await app.press("a", "right", "a")
        await app.until(lambda: len(app.lesson_state.starts) == 4)


async def test_a_start_is_picked_on_the_map_before_any_run() -> None:
    async with driven("himmelblau", DESCENT, prepare=lambda: None) as app:
        await app.press("a")
        await app.until(lambda: app.screen.focused_pane == "live")
        await app.press("a", "up", "a")
        await app.until(lambda: len(app.lesson_state.starts) > 3)
        assert app.lesson_state.given["start"].startswith("1,0;-4,0;4,0;")


async def test_leaving_asks_only_when_a_run_would_be_lost() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "200"}) as app:
        await app.begin_run()
        await app.press("q")
        assert not isinstance(app.app.screen, LabScreen)
        await app.press("n")
        assert isinstance(app.app.screen, LabScreen)
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
        for words in ("Start or pause", "TensorBoard", "Branch", "Surface map"):
            assert words in page
        await app.press("escape")
        assert isinstance(app.app.screen, LabScreen)


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
    from tui.app.commands import PaletteCommands
    from tui.model.actions import actions_of

    async with driven("himmelblau") as app:
        names = [hit.display async for hit in PaletteCommands(app.screen).discover()]
        said = "\n".join(str(name) for name in names)
        for action in actions_of("lab"):
            if action.id != "app.command_palette":
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
        assert app.app.app_state.opened == "himmelblau"
        assert app.lesson_state.texts["learning_rate"] == "0.02"
        assert app.app.theme == "textual-light"


async def test_the_state_is_saved_when_a_run_ends(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with driven("gradients", {"speed": "0", "steps": "5"}, state_path=path) as app:
        await app.run_to_end()
        await app.until(lambda: load(path)[0].done == ("gradients",), "the saved state")


async def test_an_older_state_does_not_replace_a_newer_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, begun, go_on = tmp_path / "state.json", threading.Event(), threading.Event()

    def held_up(path: Path, remembered: Remembered) -> None:
        if not begun.is_set():
            begun.set()
            assert go_on.wait(60)
        save(path, remembered)

    async with driven(state_path=path) as app:
        monkeypatch.setattr(state_file, "save", held_up)
        older = threading.Thread(target=app.app.save_state)
        older.start()
        assert begun.wait(60)
        app.app.theme = "textual-light"
        newer = threading.Thread(target=app.app.save_state)
        newer.start()
        newer.join(1.0)  # it would end if it did not wait for the older one
        go_on.set()
        older.join(60)
        newer.join(60)
        assert load(path)[0].theme == "textual-light"


async def test_a_command_line_counts_for_more_than_what_was_remembered(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    save(path, Remembered("losses", "textual-dark", {"himmelblau": {"learning_rate": "0.5", "steps": "7"}}))
    async with driven("himmelblau", {"learning_rate": "0.02"}, state_path=path) as app:
        assert app.app.app_state.opened == "himmelblau"
        assert (app.lesson_state.texts["learning_rate"], app.lesson_state.texts["steps"]) == ("0.02", "200")


async def test_a_damaged_state_file_is_renamed_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("{")
    async with driven(state_path=path) as app:
        messages = [app.text("NewsLines")]
        assert any("state.json.damaged-1" in message for message in messages)


async def test_while_nothing_happens_nothing_is_timed_and_nothing_drawn() -> None:
    async with driven("himmelblau", DESCENT) as app:
        await app.run_to_end()
        assert not app.app.app_state.expects
        await app.until(lambda: not app.screen._ticking._active.is_set())


def all_text(app: Driven) -> str:
    """Every character on the screen."""
    strips = app.app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


@pytest.mark.parametrize("keys", [(), ("question_mark",), ("ctrl+p",), ("e",), ("y",), ("comma", "f")])
async def test_ascii_mode_draws_with_ascii_alone(keys: tuple[str, ...]) -> None:
    async with driven("himmelblau", DESCENT, options=AppOptions(log=False, glyphs="ascii")) as app:
        await app.run_to_end()
        await app.press(*keys)
        await app.pilot.pause(0.1)
        odd = {char for char in all_text(app) if not char.isascii()}
        assert not odd


async def test_ascii_mode_holds_in_every_pane() -> None:
    async with driven("fashion-mnist", options=AppOptions(log=False, glyphs="ascii"), size=(200, 60)) as app:
        for pane in ("code", "history", "settings", "notes", "text"):
            app.screen.focus_pane(pane)
            await app.pilot.pause(0.1)
            odd = {char for char in all_text(app) if not char.isascii()}
            assert not odd, pane


async def test_basins_of_a_branch_are_those_of_its_rate_and_the_form_shows_it_too() -> None:
    async with driven("himmelblau", {"start": "1,0", "steps": "20", "speed": "100000"}, size=(120, 36)) as app:
        await app.run_to_end()
        await app.press("f")
        await app.until(lambda: app.app.screen.query("#dialog SettingsForm"))
        await app.press("right_square_bracket", "f")
        await app.ended()
        assert app.lesson_state.texts["learning_rate"] == "0.02"
        await app.press("b")
        await app.until(lambda: "basins of sgd at 0.02" in app.text("SurfaceMap"), "the basins of the branch")


async def test_another_surface_chosen_while_a_run_is_on_leaves_the_picture_to_the_run() -> None:
    async with driven("himmelblau", {"steps": "5000", "speed": "100"}, size=(120, 36)) as app:
        await app.begin_run()
        app.screen.give("surface", "saddle")
        said = "this run is on himmelblau; the next one will be on saddle"
        await app.until(lambda: said in app.text("DescentReadout"), said)
        starts = app.lesson_state.starts
        app.screen.paths.add_start((1.0, 1.0))
        await app.pilot.pause()
        assert app.lesson_state.starts == starts
        await app.press("x")
        await app.ended()
        said = "preview of the next run, on saddle"
        await app.until(lambda: said in app.text("DescentReadout"), said)
        await app.until(lambda: "The next run is on saddle" in app.text("NewsLines"), "the news")
        assert "himmelblau" not in app.text("StatusLine")
        assert "step" not in app.text("StatusLine")
        assert not app.screen.check_action("step_back", ())
        app.screen.paths.add_start((1.0, 1.0))
        await app.until(lambda: app.lesson_state.starts != starts, "the start on the preview")
