"""The command line: global options, one place where errors become messages and exit codes."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

import click

from syncagent import __version__
from syncagent.cli import (
    asking,
    auditing,
    deciding,
    examining,
    handing,
    keeping,
    migrating,
    planning,
    reporting,
    requesting,
    serving,
    starting,
    trusting,
)
from syncagent.cli.face import Face
from syncagent.errors import SyncError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMPLETES = "_SYNCAGENT_COMPLETE"
"""The variable by which a shell asks how a half-typed command goes on."""
_INTERRUPTED = 130


@click.group(
    name="syncagent",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help="Giữ hộp thư công vụ đúng với danh sách nhân sự và quy chế: lập kế hoạch, duyệt, thực hiện, chứng minh.\n\n"
    "Keep official mail accounts in step with the personnel roster and the law: plan, review, apply, prove.",
)
@click.option("--config", metavar="FILE", help="Tệp cấu hình / Configuration file (default: ./syncagent.yaml).")
@click.option(
    "--log-format",
    type=click.Choice(["console", "json"]),
    default="console",
    help="Dạng nhật ký trên stderr / Form of the log on stderr.",
)
@click.option("--lang", type=click.Choice(["vi", "en"]), help="Ngôn ngữ / Language of messages and reports.")
@click.version_option(__version__, prog_name="syncagent")
@click.pass_context
def syncagent(context: click.Context, config: str | None, log_format: str, lang: str | None) -> None:
    """Collect the global options for the verbs."""
    context.obj = Face(config, log_format, lang)


for verb in (
    *starting.VERBS,
    *planning.VERBS,
    *deciding.VERBS,
    *asking.VERBS,
    *examining.VERBS,
    *reporting.VERBS,
    *requesting.VERBS,
    *trusting.VERBS,
    *handing.VERBS,
    *keeping.VERBS,
    *auditing.VERBS,
    *migrating.VERBS,
    *serving.VERBS,
):
    syncagent.add_command(verb)


@syncagent.command(
    help="In kịch bản gợi ý lệnh cho shell / Print the script that completes commands in a shell. Bash: syncagent "
    "completion bash > ~/.local/share/bash-completion/completions/syncagent"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
def completion(shell: str) -> None:
    """Print the script of a shell."""
    from click.shell_completion import get_completion_class

    if made := get_completion_class(shell):
        click.echo(made(syncagent, {}, "syncagent", COMPLETES).source())


def run(arguments: Sequence[str]) -> int:
    """Run one verb and return its exit code (contract §2)."""
    if (asked := os.environ.get(COMPLETES)) is not None:
        from click.shell_completion import shell_complete

        return shell_complete(syncagent, {}, "syncagent", COMPLETES, asked)
    gc.disable()  # a verb makes a million small records, none of them circular, and ends
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    language = "vi"
    try:
        with syncagent.make_context("syncagent", list(arguments)) as context:
            try:
                found = syncagent.invoke(context)
            finally:
                language = context.obj.language if context.obj else context.params.get("lang") or language
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.UsageError as error:
        from syncagent.cli.misuse import explained

        click.echo(explained(error, "en" if language == "en" else "vi"), err=True)
        return error.exit_code
    except SyncError as error:
        for line in error.lines("en" if language == "en" else "vi"):
            click.echo(line, err=True)
        return error.exit_code
    except BrokenPipeError:  # `syncagent status | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _INTERRUPTED
    except (KeyboardInterrupt, click.Abort):
        click.echo("Đã dừng / Interrupted.", err=True)
        return _INTERRUPTED
    return found if isinstance(found, int) else 0
