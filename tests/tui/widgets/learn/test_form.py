"""Settings as rows."""

from __future__ import annotations

from engine.params import Choice, Choices, Integer, Number, Switch
from engine.training_params import Widths
from tui.text.glyphs import ASCII
from tui.widgets.learn.form_rows import Form, form_rows

RATE = Number(name="learning_rate", default=0.01, low=0.0, high=1.0, live=True)
SURFACE = Choice(name="surface", default="bowl", options=("bowl", "saddle", "rastrigin"))
RULES = Choices(name="optimizer", default=("sgd",), options=("sgd", "adam", "lion"))
LOUD = Switch(name="loud", default=False)
SEED = Integer(name="seed", default=0, group="run")
TEXTS = {"learning_rate": "0.01", "surface": "saddle", "optimizer": "sgd,lion", "loud": "on", "seed": "7"}


def lines(form: Form, width: int = 26, **more: object) -> list[str]:
    return ["".join(text for text, _ in row.pieces).rstrip() for row in form_rows(form, width, **more)]  # type: ignore[arg-type]


def test_each_setting_is_a_row_with_its_value_in_one_column() -> None:
    assert lines(Form((RATE, LOUD), TEXTS)) == ["learning rate •0.01", "loud           ■ on"]


def test_words_stand_below_their_name_in_as_many_columns_as_fit() -> None:
    assert lines(Form((RULES,), TEXTS)) == ["optimizer", "■ sgd   □ adam  ■ lion"]
    assert lines(Form((RULES,), TEXTS), 12) == ["optimizer", "■ sgd", "□ adam", "■ lion"]


def test_a_choice_shows_its_word_and_opened_all_of_them() -> None:
    assert lines(Form((SURFACE,), TEXTS)) == ["surface        saddle ▾"]
    assert lines(Form((SURFACE,), TEXTS, opened="surface"), 20)[1:] == ["□ bowl", "■ saddle", "□ rastrigin"]


def test_a_group_has_a_heading_and_a_gap_before_it() -> None:
    assert lines(Form((RATE, SEED), TEXTS)) == ["learning rate •0.01", "", "run", "seed           7"]


def test_a_value_too_long_is_cut_at_its_end() -> None:
    shown = lines(Form((SURFACE,), {"surface": "rastrigin"}), 20)
    assert shown == ["surface        ra… ▾"]


def test_each_row_knows_its_setting_and_its_words() -> None:
    rows = form_rows(Form((RATE, RULES), TEXTS), 26)
    assert [row.param for row in rows] == [0, 1, 1]
    assert rows[2].options == (("sgd", 0, 5), ("adam", 8, 14), ("lion", 16, 22))


def test_ascii_marks_are_ascii() -> None:
    shown = lines(Form((RATE, SURFACE, RULES, LOUD), TEXTS), glyphs=ASCII)
    assert "".join(shown).isascii()


def test_long_numbers_are_rounded() -> None:
    assert lines(Form((RATE,), {"learning_rate": "0.0333333333"})) == ["learning rate •0.03333"]


def test_widths_of_layers_that_do_not_fit_are_cut_between_two() -> None:
    hidden = Widths(name="hidden", default=(256, 128, 64, 32))
    form = Form((hidden,), {"hidden": "256,128,64,32"})
    assert lines(form, 28) == ["hidden         256,128,64,32"]
    assert lines(form, 27) == ["hidden         256,128,64 …"]
    assert lines(form, 24) == ["hidden         256,128 …"]
    assert lines(form, 17) == ["hidden         …"]
