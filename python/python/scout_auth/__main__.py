"""The console script: python -m scout_auth does the same."""

import sys

from ._native import main as run


def main() -> int:
    """Run the command of sys.argv and give its exit status."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
