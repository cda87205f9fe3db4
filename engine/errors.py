"""What a person gave that cannot be used, said in one line."""

from __future__ import annotations


class InputError(ValueError):
    """What a person gave cannot be used; the text says in one line what was given and what is accepted."""


class SettingError(InputError):
    """A value that a setting does not take; the text says what was given and what is accepted, in one line."""
