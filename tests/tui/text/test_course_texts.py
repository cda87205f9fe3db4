"""The language of the texts, and the glossary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.errors import InputError
from tests.tui.app_driver import driven
from tui.cli.parser import UsageError, parse
from tui.cli.request import Request
from tui.process.options import AppOptions
from tui.text import course_texts
from tui.text.course_texts import GLOSSARY, course_text, language
from tui.widgets.learn.lesson_text import LessonText

TERMS = [
    "gradient",
    "Hessian",
    "eigenvalue",
    "saddle",
    "plateau",
    "convex",
    "momentum",
    "logit",
    "softmax",
    "cross-entropy",
    "nat",
    "epoch",
    "batch",
    "learning rate",
    "basin",
    "condition number",
    "initialization",
    "listener",
    "summary writer",
    "feed",
    "chain rule",
]


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Texts in English, and some of them in German."""
    for path, text in {
        "en/gradients.md": "# Gradients", "en/losses.md": "# Losses", "en/glossary.md": "# Glossary",
        "de/gradients.md": "# Gradienten",
    }.items():  # fmt: skip
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    monkeypatch.setattr(course_texts, "folder", lambda: tmp_path)
    return tmp_path


def asked(*argv: str, **environ: str) -> str:
    request = parse(argv, environ)
    assert isinstance(request, Request)
    return request.options.language


def test_the_option_goes_before_the_environment_and_that_before_the_locale(spoken: Path) -> None:
    assert asked("gradients") == "en"
    assert asked("gradients", LANG="de_DE.UTF-8") == "de"
    assert asked("gradients", LANG="de_DE.UTF-8", GDTUI_LANG="en") == "en"
    assert asked("gradients", "--lang", "de", GDTUI_LANG="en") == "de"
    assert asked("--lang", "de") == asked("--lang", "de", "gradients") == "de"


@pytest.mark.parametrize("locale", ["fr_FR.UTF-8", "C", "POSIX", "C.UTF-8", "", "../de", "DEUTSCH"])
def test_a_locale_without_texts_means_english(spoken: Path, locale: str) -> None:
    assert language(None, {"LANG": locale}) == "en"


def test_the_first_locale_variable_that_is_set_is_the_one_that_counts(spoken: Path) -> None:
    assert language(None, {"LC_ALL": "en_GB.UTF-8", "LC_MESSAGES": "de_DE", "LANG": "de_DE"}) == "en"
    assert language(None, {"LC_ALL": "", "LC_MESSAGES": "de_DE", "LANG": "en_GB"}) == "de"


@pytest.mark.parametrize("given", ["xx", "../en", "", "e" * 300])
def test_a_language_without_texts_is_refused_in_one_line(spoken: Path, given: str) -> None:
    with pytest.raises(UsageError, match=r"^--lang: there are no texts in '.*'; expected de or en$"):
        parse(["gradients", "--lang", given], {})


def test_a_language_of_the_environment_without_texts_is_refused_too(spoken: Path) -> None:
    with pytest.raises(InputError, match=r"^\$GDTUI_LANG: there are no texts in 'xx'; expected de or en$"):
        language(None, {"GDTUI_LANG": "xx"})
    assert language(None, {"GDTUI_LANG": ""}) == "en"


def test_a_text_that_a_language_lacks_is_in_english(spoken: Path) -> None:
    assert course_text("gradients", "de") == "# Gradienten"
    assert course_text("losses", "de") == "# Losses"
    assert "no text" in course_text("nothing", "de")


async def test_the_app_shows_the_texts_of_its_language(spoken: Path) -> None:
    options = AppOptions(log=False, language="de")
    async with driven("gradients", options=options) as app:
        await app.until(lambda: bool(app.app.screen.query(LessonText)))
        assert app.app.screen.query_one(LessonText).text[0] == "Gradienten"


async def test_the_glossary_opens_over_the_lesson_and_closes_again() -> None:
    async with driven("gradients", options=AppOptions(log=False)) as app:
        await app.press("G")
        await app.until(lambda: type(app.app.screen).__name__ == "GlossaryScreen")
        text = app.app.screen.query_one(LessonText)
        await app.until(lambda: bool(text.text))
        assert text.text[0] == "Glossary" and text.has_focus
        await app.press("end", "escape")
        await app.until(lambda: type(app.app.screen).__name__ == "LabScreen")


def entries() -> dict[str, str]:
    text = course_text(GLOSSARY)
    found = re.findall(r"^- \*([^*]+)\*: (.+?)(?=^- |\Z)", text, re.DOTALL | re.MULTILINE)
    assert len(found) == len(re.findall(r"^- ", text, re.MULTILINE))
    return {term: " ".join(words.split()) for term, words in found}


def test_the_glossary_is_in_alphabetical_order_and_explains_every_term_in_a_sentence() -> None:
    found = list(entries())
    assert found == sorted(found, key=str.casefold)
    assert all(words.endswith(".") and len(words.split()) >= 4 for words in entries().values())


def test_the_glossary_has_the_terms_of_the_course() -> None:
    assert set(TERMS) <= set(entries())
