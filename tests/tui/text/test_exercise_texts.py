"""The texts of the exercises: every exercise, option and misconception has one, and all accept the numbers drawn."""

from __future__ import annotations

import pytest

from engine.exercises import exercises
from engine.exercises.exercise import Exercise, Question
from tui.text.course_texts import languages
from tui.text.exercise_texts import asked, title, told


@pytest.mark.parametrize("exercise", exercises(), ids=lambda each: each.id)
def test_every_misconception_and_option_has_its_own_words(exercise: Exercise) -> None:
    for seed in range(3):
        numbers = exercise.drawn(seed, 1) if isinstance(exercise, Question) else {}
        before, after = asked(exercise, numbers), told(exercise, numbers)
        assert before.title == title(exercise)
        assert before.question and before.hint and after.explanation and after.worked
        assert set(after.wrong) == {each.id for each in exercise.wrong}
        assert len(set(after.wrong.values())) == len(exercise.wrong)
        texts = [text for _, text in before.options]
        assert len(set(texts)) == len(texts)
        assert all("{" not in text for text in (before.question, before.hint, after.explanation, *after.worked))


def test_a_language_that_has_no_texts_is_answered_in_english() -> None:
    for exercise in exercises():
        assert title(exercise, "xx") == title(exercise)
    assert "en" in languages()


def test_numbers_are_written_with_a_minus_sign() -> None:
    chain = next(each for each in exercises() if each.id == "chain")
    numbers = {"w": 2.0, "b": -1.0, "x": -4.0, "target": 1.0}
    assert "x = −4" in asked(chain, numbers).question
    assert "80" in told(chain, numbers).explanation
