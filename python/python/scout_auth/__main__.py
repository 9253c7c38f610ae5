"""The console script: python -m scout_auth does the same."""

import signal
import sys

from ._native import main as run


def main() -> int:
    """Run the command of sys.argv and return its exit status."""
    # Python's own handler runs between two instructions of Python, and the command is none: Ctrl-C would be lost.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
