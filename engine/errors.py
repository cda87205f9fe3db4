"""The errors that are not bugs: bad input, and a run that cannot go on. Each has a text of one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NODE = re.compile(r"\s*\[\[\{\{node ")
_GRAPH = re.compile(r"Graph execution error:")
_FUNCTION = re.compile(r"^\{\{function_node [^}]*\}\} ")
_OPERATION = re.compile(r"\s*\[Op:\w+\](?:\s*name:.*)?$")
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
# What Keras puts before the reason of an error inside a layer, and then how it was called.
_LAYER = re.compile(r"Exception encountered when calling (.+)\.$")
_SHAPE = re.compile(r"Could not automatically infer the output shape .* Error encountered:$")


def pointed(text: str, at: int, width: int = 60) -> tuple[str, str]:
    """Quote the part of `text` around the index `at` in `width` characters, and make a line with a caret under it.
    Unprintable characters become U+FFFD."""
    first = max(0, min(at - width // 2, len(text) + 1 - width))
    shown = "".join(c if c.isprintable() else "\ufffd" for c in text[first : first + width])
    return shown, " " * (at - first) + "^"


def cause(error: BaseException) -> str:
    """The line of an error's text that says what went wrong; "no message" if it has none.

    That is the first one, but of an error in a TensorFlow graph the one before the name of the node: the first one says
    only that a graph failed. Of an error inside a Keras layer it is the reason, with the layer's call after it.
    """
    lines = [line for line in _COLOUR.sub("", str(error)).splitlines() if line.strip()]
    layer = ""
    while len(lines) > 1 and (wrapped := _LAYER.match(lines[0]) or _SHAPE.match(lines[0])):
        layer = wrapped[1] if wrapped.re is _LAYER else layer
        del lines[0]
    if not lines:
        return "no message"
    said = _reason(lines)
    return f"{said}, in {layer}" if layer else said


def _reason(lines: Sequence[str]) -> str:
    node = next((place for place, line in enumerate(lines) if _NODE.match(line)), 1)
    calls = [place for place, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
    if calls:  # of Python code that a graph calls
        node = calls[0] if _GRAPH.match(lines[0]) else 1
    return _OPERATION.sub("", _FUNCTION.sub("", lines[max(node - 1, 0)])).strip()


class InputError(ValueError):
    """Input that cannot be used; the text is one line with what was given and what is accepted."""


class SettingError(InputError):
    """A value that a setting does not accept; the text is one line with what was given and what is accepted. If the
    mistake is at one place, `text` is what was given and `at` the index of the mistake in it."""

    def __init__(self, message: str, text: str = "", at: int | None = None) -> None:
        super().__init__(message)
        self.text, self.at = text, at

    def pointed(self, width: int = 60) -> tuple[str, ...]:
        """The text around the mistake in `width` characters and a line with a caret under it; empty if `at` is
        unknown."""
        return () if self.at is None else pointed(self.text, self.at, width)


class RunFailed(Exception):  # noqa: N818 - a past event, which reads as one
    """A run that cannot go on although its input is right; the text is one line with the reason."""
