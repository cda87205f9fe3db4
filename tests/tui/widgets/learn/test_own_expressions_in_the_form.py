"""A typed expression in the settings: the keys that begin one, messages about mistakes, and harmless nonsense."""

from __future__ import annotations

import pytest

from engine.params import Choice, Choices, Domain, Formula
from tests.tui.settings_app import SettingsApp
from tui.model.stepping import NAMED, TYPED, next_text, toggled, typed_into, words_of

SURFACE = Choice(name="surface", default="bowl", options=("bowl", "saddle"), variables=("x", "y"))
SEVERAL = Choices(name="activation", default=("relu",), options=("relu", "tanh"), variables=("x",))
DOMAIN = Domain(name="domain", default=(), dimensions=2)
LOSS = Formula(name="expression", default="x w", variables=("x", "w"))


def stage() -> SettingsApp:
    """A pane of settings that applies the given values."""
    return SettingsApp(
        (SURFACE, SEVERAL, DOMAIN, LOSS),
        {"surface": "bowl", "activation": "relu", "domain": "auto", "expression": "x w"},
    )


async def test_an_expression_is_typed_where_a_word_is_chosen() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("left_parenthesis", *"x-1", "right_parenthesis", *"^2 + y^2".replace(" ", ""), "enter")
        assert app.texts["surface"] == "(x-1)^2+y^2"
        await pilot.press("enter")
        assert app.form.option == TYPED
        await pilot.press("enter")
        assert app.form.typing == "(x-1)^2+y^2"
        await pilot.press("escape", "right")
        assert app.texts["surface"] == "bowl"


async def test_a_mistake_is_pointed_at_below_the_setting_and_is_not_taken() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press(*"x+", "right_parenthesis", "enter")
        assert app.texts["surface"] == "bowl"
        said = str(app.query_one("#setting-help").render()).splitlines()
        assert said[0].rstrip() == "x+)"
        assert said[1].rstrip() == "  ^ ')' is not expected here"


async def test_before_the_first_sign_there_is_no_mistake() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        app.form.look_at("activation")
        app.form._option = words_of(SEVERAL, app.texts["activation"]).index(TYPED)
        await pilot.press("space")
        assert app.form.typing == "" and not app.form.error
        await pilot.press("enter")
        assert app.form.typing == "" and "is expected" in app.form.error
        await pilot.press("x", "backspace")
        assert app.form.error


async def test_an_expression_joins_a_list_and_is_taken_out_of_it_again() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        app.form.look_at("activation")
        await pilot.press("x", *"^3", "enter")
        assert app.texts["activation"] == "relu,x^3"
        app.form._option = words_of(SEVERAL, app.texts["activation"]).index("x^3")
        await pilot.press("space")
        assert app.texts["activation"] == "relu"


async def test_a_domain_and_a_loss_are_typed() -> None:
    app = stage()
    async with app.run_test(size=(60, 24)) as pilot:
        app.form.look_at("domain")
        await pilot.press(*"-3:3", "enter")
        app.form.look_at("expression")
        await pilot.press("x", *"^2w", "enter")
        assert (app.texts["domain"], app.texts["expression"]) == ("-3:3", "x^2w")


async def test_nonsense_is_survived() -> None:
    app = stage()
    async with app.run_test(size=(40, 12)) as pilot:
        for nonsense in ("x" * 600, "(" * 300, "x^^", "9^9^9x", "é", ";", ",,", "x,y"):
            for name in app.texts:
                app.form.look_at(name)
                app.form._type(nonsense)
                await pilot.press("enter", "escape")
        assert app.texts["domain"] == "auto"


def test_the_words_of_a_list_are_its_own_those_typed_and_the_one_to_type_another() -> None:
    assert words_of(SEVERAL, "tanh,x^2") == ("relu", "tanh", "x^2", TYPED)
    assert words_of(SURFACE, "x y") == ("bowl", "saddle", TYPED)
    assert words_of(DOMAIN, "auto") == ()


@pytest.mark.parametrize(
    ("word", "left"), [("relu", "max(x, 0)"), ("max(x, 0)", "relu"), ("tanh", "relu,tanh,max(x, 0)")]
)
def test_a_word_is_ticked_beside_an_expression_with_a_comma(word: str, left: str) -> None:
    assert toggled(SEVERAL, "relu,max(x, 0)", word) == left


def test_from_an_expression_the_arrows_go_to_a_word() -> None:
    assert (next_text(SURFACE, "x y", 1), next_text(SURFACE, "x y", -1)) == ("bowl", "saddle")


def test_what_is_typed_joins_a_list_and_replaces_a_choice() -> None:
    assert typed_into(SEVERAL, "relu", "x^2") == "relu,x^2"
    assert typed_into(SURFACE, "bowl", "x y") == "x y"


RULES = Choices(name="activation", default=("sgd",), options=("sgd", "adam"), files=True)


async def test_a_file_joins_a_list_that_takes_no_expression() -> None:
    app = stage()
    app.texts["activation"], app.params = "sgd", (RULES, *(p for p in app.params if p.name != "activation"))
    async with app.run_test(size=(60, 24)) as pilot:
        app.form.look_at("activation")
        assert words_of(RULES, "sgd") == ("sgd", "adam", NAMED)
        await pilot.press("full_stop", "slash", *"mine.p", "enter")
        assert "expected one or more of sgd, adam, or FILE.py[:NAME]" in app.form.error
        await pilot.press("y", "colon", *"own", "enter")
        assert app.texts["activation"] == "sgd,./mine.py:own"
