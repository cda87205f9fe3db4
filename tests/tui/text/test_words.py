"""Numbers and times for display."""

from __future__ import annotations

import pytest

from tui.text.words import age, number, rounded, size


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0.05", "0.05"),
        ("-1.25", "-1.25"),
        ("3.238457202911377,1.061234567", "3.238,1.061"),
        ("-4,0; 3.14159265,-2.71828183", "-4,0; 3.142,-2.718"),
        ("1.23456789e-05", "1.235e-05"),
        ("12345678", "12345678"),
        ("adam", "adam"),
        ("/data/v1.23456789", "/data/v1.23456789"),
    ],
)
def test_a_setting_is_rounded_where_it_consists_of_long_numbers(text: str, shown: str) -> None:
    assert rounded(text) == shown


def test_a_number_that_rounds_to_the_next_unit_has_it() -> None:
    assert [number(each) for each in (9_999.4, 9_999.6, -9_999.6)] == ["9,999", "10,000", "-10,000"]
    assert [size(each) for each in (999, 999_400, 999_999, 999_600_000)] == ["999 B", "999 kB", "1 MB", "1 GB"]
    assert [age(each) for each in (59.7, 60.0)] == ["59 s", "1 min"]
