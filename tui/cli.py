"""The entry point: arguments, exit codes; chooses the app or the headless run."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run gdtui with `argv` (by default the process's own arguments) and return its exit code."""
    raise NotImplementedError


if __name__ == "__main__":
    sys.exit(main())
