"""What is shown of a bug: the traceback without local variables, and without the value of any secret."""

from __future__ import annotations

import sys
import threading
import traceback
from typing import TYPE_CHECKING

from syncagent.trust.secret import redacted

if TYPE_CHECKING:
    from types import TracebackType


def hide_secrets() -> None:
    """From now on show errors that nobody caught, in any thread, with `***` for every secret."""
    sys.excepthook = _show
    threading.excepthook = lambda told: _show(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _show(told.exc_type, told.exc_value, told.exc_traceback)


def _show(kind: type[BaseException], error: BaseException | None, where: TracebackType | None) -> None:
    sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, where))))
