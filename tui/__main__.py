"""The command gdtui. From its first line on, SIGINT ends it without a traceback, even while modules are imported."""

import signal
import sys

# Python's own handler raises KeyboardInterrupt, which would give a traceback while modules are imported. So nothing is
# imported before this, not even `typing`, which takes longer than all of this file.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def entry() -> None:
    """Run gdtui with the process's arguments, and end the process."""
    # Only this file can be parsed by every Python 3.
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        here = ".".join(map(str, sys.version_info[:2]))
        sys.stderr.write(f"gdtui: Python {here} is not supported; expected 3.11, 3.12 or 3.13\n")
        sys.exit(2)
    from tui.cli.main import entry

    entry()


if __name__ == "__main__":
    entry()
