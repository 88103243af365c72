"""Joins the service with what the configuration names; it is read again whenever the service is told to."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from syncagent.keys import secret_of
from syncagent.reviewing import reviewing
from syncagent.service.digest import send
from syncagent.service.post import Letterbox
from syncagent.service.schedule import Job, Schedule
from syncagent.service.service import Loaded
from syncagent.service.work import do, nobody
from syncagent.trust.secret import Secret
from syncagent.wiring import agent_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from syncagent.service.work import Post
    from syncagent.settings import Settings


@contextmanager
def loaded(settings: Settings, folder: Path) -> Iterator[Loaded]:
    """Open what the configuration names, and close that afterwards.

    Raises:
        Misconfigured: a mapping or a secret has faults.
        Unavailable: the state does not answer.
    """
    with agent_of(settings, folder) as agent, reviewing(settings, folder) as console:
        yield Loaded(
            agent,
            schedules_of(settings),
            partial(do, post=post_of(settings, folder)),
            settings.service.quarantine_after,
            settings.service.place,
            console,
        )


def schedules_of(settings: Settings) -> dict[Job, Schedule]:
    """Return when each job is due; what nobody configured, as applying and writing mail, is no job."""
    asked, zone = settings.service.schedule, settings.zone
    texts = {
        Job.PLAN: asked.plan or f"every {settings.every}",
        Job.DELETIONS: asked.deletions,
        Job.REPORTS: asked.reports,
        Job.REQUESTS: asked.requests,
        Job.CHECKPOINT: asked.checkpoint,
        Job.RETENTION: asked.retention,
        Job.SELF_CHECK: asked.self_check,
    }
    if settings.service.mail:
        texts[Job.DIGEST] = asked.digest
    found = {job: Schedule.parse(text, zone) for job, text in texts.items()}
    if applying := settings.service.apply:
        found[Job.APPLY] = Schedule.parse(applying.when, zone, applying.window)
    return found


def post_of(settings: Settings, folder: Path) -> Post:
    """Return what sends the digest; nothing is sent if the configuration names no mail server.

    Raises:
        Misconfigured: the password is not where the configuration says.
    """
    mail = settings.service.mail
    if mail is None:
        return nobody
    password = secret_of(mail.password, settings, folder) if mail.password else Secret("")
    box = Letterbox(
        server=mail.server,
        port=mail.port,
        implicit=mail.tls == "implicit",
        ca=folder / mail.ca if mail.ca else None,
        name=mail.name,
        password=password,
        sender=mail.sender,
        to=tuple(mail.to),
        language=settings.language,
    )
    return partial(send, box)
