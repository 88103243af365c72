"""A running console with an Active Directory behind it: who may log in, and a plain client that is no browser."""

from __future__ import annotations

import base64
import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from live import Province
from servers.client import ldap
from servers.pki import Authority
from servers.samba import Samba
from serving import Serving, free_port, serving

PASSWORD = "Mat.khau-cua.1"  # noqa: S105 - of accounts that live as long as a test
STOP = "dung-ngay-lap-tuc"


class Member(NamedTuple):
    """An account of the console: its log-in, its holder's name, the role of its group, the units of that."""

    login: str
    name: str
    role: str
    units: tuple[str, ...] = ("*",)


CAST = (
    Member("xem", "Hoàng Thị Xem", "viewer"),
    Member("vanhanh", "Đỗ Văn Hành", "operator"),
    Member("binh", "Lê Văn Bình", "approver"),
    Member("dung", "Phạm Thị Dung", "second-approver"),
    Member("toan", "Vũ Kiểm Toán", "auditor"),
)


def enrol(server: Samba, base: str, cast: tuple[Member, ...]) -> str:
    """Make an account and a group for each, below a base; return the lines of the configuration that name the groups.

    The first is in the group of its own through another group.
    """
    lines = []
    for number, member in enumerate(cast):
        written = base64.b64encode(f'"{PASSWORD}"'.encode("utf-16-le")).decode()
        name = base64.b64encode(member.name.encode()).decode()
        user, group = f"CN={member.login},{base}", f"CN=syncagent-{member.login},{base}"
        inner = f"CN=inner-{member.login},{base}" if number == 0 else user
        nested = f"dn: {inner}\nobjectClass: group\nmember: {user}\n\n" if number == 0 else ""
        ldap(
            server,
            "ldapadd",
            ldif=f"dn: {user}\nobjectClass: user\nsAMAccountName: {member.login}\ndisplayName:: {name}\n"
            f"unicodePwd:: {written}\nuserAccountControl: 512\n\n{nested}"
            f"dn: {group}\nobjectClass: group\nmember: {inner}\n",
        )
        units = ", ".join(f'"{unit}"' for unit in member.units)
        lines.append(f'    "{group}": {{role: {member.role}, units: [{units}]}}')
    return "\n".join(lines) + "\n"


@dataclass
class Client:
    """Somebody's browser, as far as the server can tell: keeps its cookie and the word of its forms."""

    port: int
    ca: Path
    cookies: dict[str, str] = field(default_factory=dict)
    word: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], str]:
        """Return status, headers and body of an answer."""
        context = ssl.create_default_context(cafile=str(self.ca))
        there = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context)
        told = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        there.request(method, path, body or None, {**told, **self.headers, **headers})
        answer = there.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        found = {name.lower(): value for name, value in answer.getheaders()}
        there.close()
        if 'name="word" value="' in text:
            self.word = text.partition('name="word" value="')[2].partition('"')[0]
        return answer.status, found, text

    def get(self, path: str) -> tuple[int, str]:
        status, _, text = self.send("GET", path)
        return status, text

    def post(self, path: str, /, *more: tuple[str, str], **fields: str) -> tuple[int, dict[str, str], str]:
        """Send a form as a page of the console would."""
        body = urlencode([("word", self.word), *more, *fields.items()]).encode()
        told = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://127.0.0.1:{self.port}"}
        return self.send("POST", path, body, **told)

    def log_in(self, login: str, password: str = PASSWORD) -> int:
        status, _, _ = self.post("/login", login=login, password=password)
        if status == 303:
            self.get("/")
        return status


@dataclass
class Reviewed:
    """A province whose service runs with the console."""

    province: Province
    service: Serving
    port: int
    ca: Path

    def client(self, login: str = "") -> Client:
        """Return a browser, in which somebody is logged in if named."""
        made = Client(self.port, self.ca)
        if login:
            assert made.log_in(login) == 303, self.service.log
        return made

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@contextmanager
def reviewed(
    province: Province, authority: Authority, groups: str, settings: str = "", console: str = ""
) -> Iterator[Reviewed]:
    """Run `syncagent serve` with the console, over TLS, until the end."""
    port, folder = free_port(), province.desk.folder
    certificate = authority.issue("127.0.0.1", "localhost")
    for name, source in (("console.pem", certificate.path), ("console.key", certificate.key)):
        (folder / name).write_bytes(source.read_bytes())
        (folder / name).chmod(0o600)
    (folder / "stop-secret").write_text(STOP, encoding="utf-8")
    (folder / "stop-secret").chmod(0o600)
    written = f"""\
{settings}console:
  listen: 127.0.0.1:{port}
  certificate: console.pem
  key: console.key
  stop_secret: {{file: stop-secret}}
  login: {{target: main, tries: 4}}
{console}  groups:
{groups}"""
    with serving(province.desk, written) as service:
        yield Reviewed(province, service, port, authority.path)
