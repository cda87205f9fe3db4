"""Errors that are no bugs, each said in one line."""

from __future__ import annotations


class InputError(ValueError):
    """What a person gave cannot be used; the text says in one line what was given and what is accepted."""


class SettingError(InputError):
    """A value that a setting does not take; the text says what was given and what is accepted, in one line."""


class RunFailed(Exception):  # noqa: N818 - it is what has happened, and the name reads as one
    """A run cannot go on, and nobody gave anything wrong; the text is one line that says why."""
