"""Why a setting does not accept a typed text, as its form shows it."""

from __future__ import annotations

from engine.errors import SettingError
from engine.params import Param
from tui.text.clean import clean


def why_not(param: Param, text: str, width: int) -> str:
    """Why a setting does not accept the typed text, with the place of the mistake in `width` cells; empty if it
    does."""
    try:
        param.parse(text)
    except SettingError as refused:
        option, _, why = clean(str(refused)).partition(": ")
        return f"{option}: {_pointed(refused, why, width)}"
    return ""


def _pointed(refused: SettingError, why: str, width: int) -> str:
    """Why a text is refused. If the mistake is at one place, the text with a caret below it comes first, and the reason
    beside the caret if there is room: a small terminal shows two lines, a narrow pane four."""
    if refused.at is None:
        return why
    text, caret = refused.pointed(width)
    if len(caret) + 1 + len(why) <= width:
        return f"{text}\n{caret} {why}"
    return f"{text}\n{why:>{len(caret) - 2}} ^" if len(why) + 2 <= len(caret) else f"{text}\n{caret}\n{why}"
