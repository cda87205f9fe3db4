"""The input line over a setting's value: words, selection, paste and clicks."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from engine.params import Choices, Number, Starts
from tests.tui.settings_app import SettingsApp

RATE = Number(name="learning_rate", default=0.1, low=0.0, high=10.0)
START = Starts(name="start", default=((1.0, 0.0),))


def stage() -> SettingsApp:
    """A pane of two settings that applies the given values."""
    return SettingsApp((RATE, START), {"learning_rate": "0.1", "start": "1,0;-4.5,2"})


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        (("ctrl+left", "9"), "1,0;-4.5,92"),
        (("ctrl+left", "ctrl+left", "9"), "1,0;9-4.5,2"),
        (("home", "ctrl+right", "9"), "1,90;-4.5,2"),
        (("ctrl+w", "ctrl+w"), "1,0;"),
        (("shift+left", "shift+left", "9"), "1,0;-4.59"),
        (("ctrl+shift+left", "backspace"), "1,0;-4.5,"),
        (("home", "shift+end", "3"), "3"),
    ],
)
async def test_words_and_selections_are_those_of_an_input_and_a_number_is_a_word(
    keys: tuple[str, ...], typed: str
) -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        app.form.look_at("start")
        await pilot.press("enter", *keys)
        assert app.form.typing == typed


async def test_a_paste_goes_in_at_the_caret_without_what_does_not_print() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        app.form.look_at("start")
        app.post_message(events.Paste("3,\x1b\u202e4\nanother line"))
        await pilot.pause()
        assert app.form.typing == "3,4"
        await pilot.press("home")
        app.post_message(events.Paste("1,2;"))
        await pilot.pause()
        assert app.form.typing == "1,2;3,4"
        await pilot.press("enter")
        assert app.texts["start"] == "1,2;3,4"


async def test_a_click_puts_the_caret_into_what_is_typed_and_one_on_another_setting_takes_it() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("enter", "5")
        entry = app.form.query_one("SettingInput")
        await pilot.click(entry, offset=(0, 0))
        await pilot.press("2")
        assert app.form.typing == "20.15"
        await pilot.press("delete", "backspace")
        await pilot.click(app.form, offset=(2, 1))
        assert app.form.looked_at is START
        assert app.form.typing is None
        assert app.texts["learning_rate"] == "0.15"


async def test_what_is_refused_stays_when_another_setting_is_clicked() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("enter", "x")
        await pilot.click(app.form, offset=(2, 1))
        assert app.form.typing == "0.1x"
        assert app.form.looked_at is RATE
        await pilot.press("backspace", "5", "enter")
        assert app.texts["learning_rate"] == "0.15"


async def test_the_line_lies_over_the_value_also_when_the_form_has_scrolled() -> None:
    app = stage()
    app.params = (*(Number(name=f"number_{place}", default=1.0, low=0.0, high=10.0) for place in range(12)), RATE)
    app.texts |= {param.name: "1" for param in app.params}
    async with app.run_test(size=(60, 12)) as pilot:
        app.form.look_at("learning_rate")
        await pilot.press("enter")
        await pilot.pause()
        entry, form = app.form.query_one("SettingInput"), app.form
        assert form.scroll_offset.y > 0
        assert entry.region.y - form.region.y == 12 - form.scroll_offset.y
        await pilot.press("escape", "up", "enter")
        assert entry.region.y - form.region.y == 11 - form.scroll_offset.y


async def test_typing_goes_on_when_the_terminal_had_lost_the_focus() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("enter", "5")
        app.post_message(events.AppBlur())
        await pilot.pause()
        app.post_message(events.AppFocus())
        await pilot.pause()
        await pilot.press("6", "enter")
        assert app.texts["learning_rate"] == "0.156"


async def test_a_click_on_the_setting_beside_one_with_words_selects_it() -> None:
    """`down` would move to the next word."""
    rules = Choices(name="optimizer", default=("sgd",), options=("sgd", "adam", "lion"))
    more = Choices(name="extra", default=("one",), options=("one", "two"))
    app = SettingsApp((rules, more), {"optimizer": "sgd", "extra": "one"})
    async with app.run_test(size=(30, 24)) as pilot:
        app.form.focus()
        place = next(y for y, row in enumerate(app.form._rows) if row.options and row.param == 1)
        word, first, _ = app.form._rows[place].options[1]
        await pilot.click(type(app.form), offset=(first + 1, place))
        assert (app.form.looked_at, app.form.option) == (more, word)


async def test_a_click_elsewhere_while_the_typed_text_is_not_accepted_changes_nothing() -> None:
    rules = Choices(name="optimizer", default=("sgd",), options=("sgd", "adam"))
    app = SettingsApp((RATE, rules), {"learning_rate": "0.1", "optimizer": "sgd"})
    async with app.run_test(size=(30, 24)) as pilot:
        app.form.look_at("learning_rate")
        await pilot.press("enter", "e")
        place = next(y for y, row in enumerate(app.form._rows) if row.options)
        app.form.on_click(
            events.Click(app.form, app.form._rows[place].options[1][1] + 1, place, 0, 0, 1, False, False, False)
        )
        await pilot.pause()
        assert app.form.looked_at == RATE and app.form.typing == "0.1e"


async def leave_a_text_that_is_not_accepted(app: SettingsApp, pilot: Pilot[Any]) -> None:
    app.form.look_at("start")
    await pilot.press("enter", "backspace")
    app.set_focus(None)
    await pilot.pause()


async def test_a_text_that_is_not_accepted_stays_when_the_focus_leaves_it() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        await leave_a_text_that_is_not_accepted(app, pilot)
        assert app.form.typing == "1,0;-4.5," and app.form.error
        assert app.texts["start"] == "1,0;-4.5,2"
        app.form.focus()
        await pilot.pause()
        await pilot.press("7", "enter")
        assert app.texts["start"] == "1,0;-4.5,7"


async def test_a_text_that_is_not_accepted_does_not_follow_into_another_lesson() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        await leave_a_text_that_is_not_accepted(app, pilot)
        app.lesson = "another"
        app.draw()
        assert app.form.typing is None and not app.form.error
