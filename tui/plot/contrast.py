"""Legible themes: corrects a theme's colours to give text a contrast of at least 4.5 to 1 on every background.

Contrast is that of WCAG 2.2, success criterion 1.4.3 (level AA): (L1 + 0.05) / (L2 + 0.05) of relative luminances.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from textual.color import BLACK, WHITE, Color

LEAST = 4.5
_AIM = 4.6
"""Slightly above LEAST, because colours are rounded to 8 bits a channel."""
_STEPS = 32

_TEXTS = (
    "foreground", "text-primary", "text-secondary", "text-warning", "text-error", "text-success", "text-accent",
    "markdown-h1-color", "markdown-h2-color", "markdown-h3-color", "markdown-h4-color", "markdown-h5-color",
)  # fmt: skip
"""Variables of text that may be on any background of the app."""
_QUIET = ("text-quiet", "text-muted", "text-disabled", "foreground-muted", "foreground-disabled", "markdown-h6-color")
"""Variables of less prominent text: as faint as is still legible."""
_PAIRS = (
    ("footer-key-foreground", "footer-background"),
    ("footer-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    ("block-cursor-foreground", "block-cursor-background"),
    ("input-cursor-foreground", "input-cursor-background"),
    ("input-selection-foreground", "input-selection-background"),
)
"""Variables of text that has its own background."""

DEFAULTS = {
    "text-quiet": "ansi_default",
    "code-ground": "ansi_default",
    "row-background": "ansi_default",
    "row-focus-background": "ansi_default",
    "row-style": "bold",
    "row-focus-style": "reverse",
}
"""The app's own variables in their form for terminals with their own colours, which cannot be blended."""


def luminance(colour: Color) -> float:
    """Relative luminance in [0, 1]. Source: WCAG 2.2, definition of relative luminance."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two opaque colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=512)
def ink(ground: Color) -> Color:
    """Choose black or white, whichever has more contrast; it is at least 4.58 to 1."""
    return max((WHITE, BLACK), key=lambda colour: contrast(colour, ground))


def legible(colour: Color, backgrounds: Sequence[Color]) -> Color:
    """Find the colour nearest to `colour`, towards white or black, with enough contrast on all backgrounds; if there is
    none, the one with the most contrast."""
    best = colour
    for end in sorted((WHITE, BLACK), key=lambda end: -_least(end, backgrounds)):
        for step in range(_STEPS + 1):
            moved = colour.blend(end, step / _STEPS, alpha=1.0)
            if _least(moved, backgrounds) >= _AIM:
                return moved
        best = max(best, end, key=lambda each: _least(each, backgrounds))
    return best


def legible_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Correct the text colours in a theme's style sheet variables and add the app's own (DEFAULTS). A theme in the
    terminal's own colours stays unchanged, because their values are unknown."""
    found = dict(DEFAULTS) | dict(variables)
    background = Color.parse(variables["background"])
    if background.ansi is not None:
        return found
    surface, panel, primary = (_colour(found, name) for name in ("surface", "panel", "primary"))
    foreground = legible(_colour(found, "foreground"), (background, surface, panel))
    own = {
        "code-ground": background.blend(_colour(found, "warning"), 0.12, alpha=1.0),
        "row-background": surface.blend(foreground, 0.12, alpha=1.0),
        "row-focus-background": _tinted(surface, primary, foreground),
    }
    tinted = (each.blend(foreground, 0.07, alpha=1.0) for each in (background, surface))
    backgrounds = (background, surface, panel, *own.values(), *tinted)
    texts = {name: legible(_colour(found, name), backgrounds) for name in _TEXTS}
    quiet = _quiet(texts["foreground"], background, backgrounds)
    found |= {name: colour.hex for name, colour in (own | texts | dict.fromkeys(_QUIET, quiet)).items()}
    for text, below in _PAIRS:
        ground = surface + _colour(found, below)
        found[text] = legible(ground + _colour(found, text), (ground,)).hex
    return found | {
        "row-style": "none",
        "row-focus-style": "bold",
        "block-cursor-blurred-background": found["row-background"],
        "block-cursor-blurred-foreground": found["foreground"],
    }


def _colour(variables: Mapping[str, str], name: str) -> Color:
    """Parse the colour of a variable, which may be followed by its opacity; `auto` stands for the colour of text."""
    name_or_hex, _, opacity = variables[name].partition(" ")
    colour = Color.parse(variables["foreground"] if name_or_hex == "auto" else name_or_hex)
    return colour.multiply_alpha(float(opacity.rstrip("%")) / 100) if opacity else colour


def _least(colour: Color, backgrounds: Iterable[Color]) -> float:
    return min(contrast(colour, ground) for ground in backgrounds)


def _tinted(ground: Color, tint: Color, text: Color) -> Color:
    """Blend as much of the tint into a background as keeps half as much contrast again for text; at most 45 %."""
    shades = (ground.blend(tint, part / 100, alpha=1.0) for part in range(45, 10, -5))
    enough = (shade for shade in shades if contrast(ink(ground), shade) >= 1.8 * _AIM or contrast(text, shade) >= 7)
    return next(enough, ground.blend(tint, 0.1, alpha=1.0))


def _quiet(text: Color, background: Color, backgrounds: Sequence[Color]) -> Color:
    """Blend into a text colour as much of the background as leaves it legible; at most 40 %."""
    faint = (text.blend(background, part / 100, alpha=1.0) for part in range(40, 0, -2))
    return next((each for each in faint if _least(each, backgrounds) >= _AIM), text)
