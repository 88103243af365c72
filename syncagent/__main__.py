"""`python -m syncagent` and the command `syncagent`."""

from __future__ import annotations

import gc
import sys

from syncagent.cli.main import run
from syncagent.cli.tracebacks import hide_secrets


def main() -> None:
    """Run the command line and leave with its exit code."""
    hide_secrets()
    code = run(sys.argv[1:])
    gc.freeze()  # an interpreter that ends looks through everything it holds once more: a fifth of a second for nothing
    sys.exit(code)


if __name__ == "__main__":
    main()
