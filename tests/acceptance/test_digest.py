"""The digest for administrators: over TLS to a real SMTP server, once a day, in sentences, never about one account."""

from __future__ import annotations

import csv
import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from desk import Desk
from servers.pki import Authority
from serving import free_port, serving

from syncagent.errors import Unavailable
from syncagent.service.post import Letterbox, deliver
from syncagent.trust.secret import Secret

NOW = datetime(2026, 3, 16, 2, tzinfo=UTC)
PASSWORD = "hop thu so 7"  # noqa: S105 - of a server that lives as long as a test


@dataclass
class Office:
    """What a mail server has taken."""

    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - named by aiosmtpd
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        self.to.append(envelope.rcpt_tos)
        return "250 taken"


@contextmanager
def _server(
    authority: Authority, kind: str, name: str = "localhost", *, login: bool = False
) -> Iterator[tuple[Office, int]]:
    """A mail server on loopback with a certificate for a name: `starttls`, `implicit`, or one without TLS."""
    made = authority.issue(name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.path, made.key)
    office = Office()

    def known(_: SMTP, __: Session, ___: Envelope, ____: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"agent", PASSWORD.encode()), handled=False)

    settings: dict[str, Any] = {"authenticator": known, "auth_required": True} if login else {}
    settings |= {
        "starttls": {"tls_context": context, "require_starttls": True},
        "implicit": {"ssl_context": context, "auth_require_tls": False},
        "plain": {},
    }[kind]
    port = free_port()
    controller = Controller(office, hostname="127.0.0.1", port=port, **settings)
    controller.start()
    try:
        yield office, port
    finally:
        controller.stop()


def _box(authority: Authority, port: int, **changes: Any) -> Letterbox:
    box = Letterbox(
        "localhost",
        port,
        implicit=False,
        ca=authority.path,
        name="",
        password=Secret(""),
        sender="agent@ninhbinh.gov.vn",
        to=("truc@ninhbinh.gov.vn", "quantri@ninhbinh.gov.vn"),
        language="vi",
    )
    return box._replace(**changes)


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_a_mail_arrives_whole_over_tls(authority: Authority, kind: str) -> None:
    """RFC 3207 and RFC 8314: by name where it is asked for, to every administrator, in Vietnamese."""
    with _server(authority, kind, login=kind == "starttls") as (office, port):
        box = _box(authority, port, implicit=kind == "implicit")
        if kind == "starttls":
            box = box._replace(name="agent", password=Secret(PASSWORD))
        deliver(box, "Việc cần biết: 2", "- Kế hoạch chờ duyệt.\n", NOW)

    (mail,) = office.mails
    assert office.to == [list(box.to)]
    assert (mail["Subject"], mail["From"]) == ("Việc cần biết: 2", box.sender)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert mail.get_content().replace("\r\n", "\n") == "- Kế hoạch chờ duyệt.\n"


@pytest.mark.parametrize("kind", ["stranger", "other name", "plain", "wrong password", "unspeakable", "nobody"])
def test_a_server_that_cannot_be_trusted_is_told_nothing(authority: Authority, tmp_path: Path, kind: str) -> None:
    """A certificate of another authority or for another name, no TLS, a refused sign-in, nobody there: no mail."""
    name = "mail.example.vn" if kind == "other name" else "localhost"
    with _server(
        authority, "plain" if kind == "plain" else "starttls", name, login=kind in {"wrong password", "unspeakable"}
    ) as (
        office,
        port,
    ):
        box = _box(authority, port)
        match kind:
            case "stranger":
                box = box._replace(ca=Authority.make(tmp_path / "other").path)
            case "wrong password":
                box = box._replace(name="agent", password=Secret("sai"))
            case "unspeakable":
                box = box._replace(name="agent", password=Secret("sài"))
            case "nobody":
                box = box._replace(port=free_port())
        with pytest.raises(Unavailable) as refused:
            deliver(box, "Việc cần biết", "nội dung", NOW)

    assert office.mails == []
    assert refused.value.where == f"localhost:{box.port}"
    assert PASSWORD not in str(refused.value)
    assert "sai" not in refused.value.says.en
    assert "à" not in refused.value.says.en


def test_the_service_writes_what_waits_and_names_nobody(desk: Desk, authority: Authority) -> None:
    """Counts and reasons; no name, address or key of anybody in the roster; nothing is sent if there is nothing."""
    (desk.folder / "ca.pem").write_bytes(authority.path.read_bytes())
    with (desk.folder / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        people = list(csv.DictReader(file))
    with _server(authority, "starttls") as (office, port):
        mail = f"{{server: localhost, port: {port}, ca: ca.pem, sender: a@ninhbinh.gov.vn, to: [b@ninhbinh.gov.vn]}}"
        schedule = "  schedule: {plan: every 1 day, digest: every 1 second}\n"
        with serving(desk, f"{schedule}  mail: {mail}\n") as service:
            service.until(lambda: office.mails, "a mail")
            service.end()

    said = office.mails[0].get_content()
    assert "thao tác chờ duyệt" in said
    assert [one for one in people if one["full_name"] in said or one["person_id"] in said] == []
    assert "@" not in said
