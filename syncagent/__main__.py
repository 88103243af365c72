"""`python -m syncagent` and the command `syncagent`."""

from __future__ import annotations

import sys

from syncagent.cli.main import run
from syncagent.cli.tracebacks import hide_secrets


def main() -> None:
    """Run the command line and leave with its exit code."""
    hide_secrets()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
