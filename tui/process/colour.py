"""Whether colours are wanted, as https://no-color.org has it: NO_COLOR counts when it is not empty."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping

VARIABLE = "NO_COLOR"


def refused(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment asks for no colours."""
    return bool(environ.get(VARIABLE))


def settle(no_color: bool, environ: MutableMapping[str, str] = os.environ) -> None:
    """Make the environment say what was decided: Textual and others take NO_COLOR even when it is empty."""
    if no_color:
        environ[VARIABLE] = "1"
    else:
        environ.pop(VARIABLE, None)
