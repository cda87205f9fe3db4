"""Untrusted text, made safe to show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text.clean import UNSHOWABLE, clean, columns


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[2J", "\x07", "\x9b31m", "\u202e", "\u2066", "\ud800", "\ue000", "\u2028", "\u2029", "\u0378", "\x00", "\r"],
)
def test_what_a_terminal_could_act_on_is_replaced(hostile: str) -> None:
    assert clean(f"a{hostile}b").startswith("a\ufffd")
    assert not any(unicodedata.category(c) in UNSHOWABLE for c in clean(f"a{hostile}b"))


@pytest.mark.parametrize("text", ["plain", "σ(x) = 1/(1 + e⁻ˣ)", "m̂/√ŝ", "日本", ""])
def test_what_is_fit_to_be_shown_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


def test_newlines_and_tabs_stay_only_on_request() -> None:
    assert clean("a\nb\tc") == "a\ufffdb\ufffdc"
    assert clean("a\nb\tc\r", keep_newlines=True) == "a\nb\tc\ufffd"


@given(st.text())
def test_whatever_comes_in_nothing_unshowable_comes_out(text: str) -> None:
    assert not any(unicodedata.category(c) in UNSHOWABLE for c in clean(text))


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("m̂", 1), ("日本", 4), ("−3.2", 4), ("", 0)])
def test_width_is_counted_in_terminal_columns(text: str, width: int) -> None:
    assert columns(text) == width
