"""Numbers and times in the form in which they are shown."""

from __future__ import annotations

import math
import re

_NUMBERS = re.compile(r"[-+.,;\deE ]+")
_LONG = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?")
_DIGITS = 6
"""A number with more significant digits is rounded to four for display."""


def number(value: float) -> str:
    """Format four significant digits: 0.3125, 12.35, 1.2e-05; NaN, inf and -inf by name."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return f"{value:,.4g}" if abs(value) < 9_999.5 else f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.3e}"


def rate(steps_per_s: float) -> str:
    """Format a rate: 2,950 steps/s, below ten with two digits: 0.5 steps/s."""
    return (f"{steps_per_s:,.0f}" if steps_per_s >= 9.95 else f"{steps_per_s:.2g}") + " steps/s"


def duration(seconds: float) -> str:
    """Format a time span: 4.2 s below ten seconds, then 0:42, 12:05, 3:02:10."""
    if not math.isfinite(seconds) or seconds < 0:
        return "?"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def rounded(text: str) -> str:
    """Shorten a setting's text for the screen: numbers of more than six significant digits get four. Command lines and
    files take the text itself."""
    if not _NUMBERS.fullmatch(text):
        return text
    return _LONG.sub(lambda found: _short(found[0]), text)


def _short(text: str) -> str:
    digits = text.lower().partition("e")[0].replace(".", "").lstrip("+-0")
    return text if len(digits) <= _DIGITS else f"{float(text):.4g}"


def age(seconds: float) -> str:
    """Format an elapsed time in its largest unit: 3 s, 2 h."""
    seconds = max(seconds, 0.0)
    for unit, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit:,.0f} {name}"
    return f"{seconds // 1:.0f} s"


def counted(count: int, what: str) -> str:
    """Format a number of things whose plural ends in s: 1 run, 2 runs, 12,000 points."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def size(count: int) -> str:
    """Format a number of bytes in its largest unit: 12 B, 2.5 kB."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= 0.9995 * unit:  # what three digits round to 1000 has the next unit
            return f"{count / unit:.3g} {name}"
    return f"{count} B"
