"""The choice of colours, after https://no-color.org: NO_COLOR counts if it is not empty."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping

VARIABLE = "NO_COLOR"


def refused(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment asks for no colours."""
    return bool(environ.get(VARIABLE))


def settle(no_color: bool, environ: MutableMapping[str, str] = os.environ) -> None:
    """Set the environment to the decision: Textual and others obey NO_COLOR even if it is empty."""
    if no_color:
        environ[VARIABLE] = "1"
    else:
        environ.pop(VARIABLE, None)
