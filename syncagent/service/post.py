"""Mail to the administrators, over SMTP with TLS (RFC 3207, RFC 8314) and never without."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING, NamedTuple

from syncagent.errors import Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from syncagent.text import Language
    from syncagent.trust.secret import Secret

_PATIENCE = 30.0


class Letterbox(NamedTuple):
    """A server that takes mail, who the agent is to it, and from whom to whom it goes.

    `implicit` is TLS from the first octet, else STARTTLS; `ca` are the authorities that are trusted, None for those of
    the system.
    """

    server: str
    port: int
    implicit: bool
    ca: Path | None
    name: str
    password: Secret
    sender: str
    to: tuple[str, ...]
    language: Language


def deliver(box: Letterbox, subject: str, body: str, at: datetime) -> None:
    """Hand a mail to the server.

    Raises:
        Unavailable: it does not answer, cannot prove its name, does not know us, or takes it for nobody.
    """
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = box.sender, ", ".join(box.to), subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=box.sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body)
    try:
        trusted = ssl.create_default_context(cafile=str(box.ca) if box.ca else None)
        if box.implicit:
            line: smtplib.SMTP = smtplib.SMTP_SSL(box.server, box.port, timeout=_PATIENCE, context=trusted)
        else:
            line = smtplib.SMTP(box.server, box.port, timeout=_PATIENCE)
        try:
            if not box.implicit:
                line.starttls(context=trusted)
            if box.name:
                line.login(box.name, box.password.reveal())
            line.send_message(mail, box.sender, list(box.to))
        finally:
            with suppress(smtplib.SMTPException, OSError):
                line.quit()
    except UnicodeEncodeError:
        says = Text("tên hoặc mật khẩu có ký tự ngoài ASCII", "the name or the password is not ASCII")
        raise _unsent(box, says) from None  # the error would hold the password
    except (smtplib.SMTPException, OSError) as error:
        why = type(error).__name__ if isinstance(error, smtplib.SMTPAuthenticationError) else _words(error)
        raise _unsent(box, Text(why, why)) from error


def _unsent(box: Letterbox, why: Text) -> Unavailable:
    return Unavailable(
        Text(f"Không gửi được thư báo ({why.vi}).", f"The digest cannot be sent ({why.en})."),
        where=f"{box.server}:{box.port}",
    )


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
