"""Numbers and times as a person reads them."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """Four significant digits: 0.3125, 12.35, 1.2e-05; NaN, inf and -inf by name."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.3e}"


def duration(seconds: float) -> str:
    """A time span: 4.2 s below ten seconds, then 0:42, 12:05, 3:02:10."""
    if not math.isfinite(seconds) or seconds < 0:
        return "?"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
