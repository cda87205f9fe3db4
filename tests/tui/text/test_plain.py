"""Mathematical notation in ASCII."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text.plain import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(x) = x⁴ − 3x² + x", "f(x) = x^4 - 3x^2 + x"),
        ("σ(x) = 1/(1 + e⁻ˣ)", "sigma(x) = 1/(1 + e^-x)"),
        ("x ← x − η·f′(x)", "x <- x - eta*f'(x)"),
        ("step 3 · f 0.5", "step 3, f 0.5"),
        ("|∇f|·cos, f″, ≈ 0, naïve", "|grad f|*cos, f'', ~ 0, naive"),
        ("plain already", "plain already"),
        ("漢", "?"),
    ],
)
def test_formulas_keep_their_sense_in_ascii(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text())
def test_whatever_comes_ascii_goes(text: str) -> None:
    assert plain(text).isascii()
