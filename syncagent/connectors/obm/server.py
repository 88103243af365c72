"""Where an OBM site is reached and who asks: settings as plain records, refused before any octet is sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from syncagent.trust.secret import Secret


class Generation(StrEnum):
    """The version of OBM, as far as it matters: only from 3.1.3 on can an archived user be taken back by the API."""

    BEFORE_3_1_3 = "3.0"
    SINCE_3_1_3 = "3.1.3"


@dataclass(frozen=True, slots=True)
class Provisioning:
    """The provisioning API of one OBM domain.

    Attributes:
        url: where it is, `https://…/provisioning/v1`, or `https://…/obm-sync/provisioning/v1` before 3.1.3.
        domain: the name of the domain in OBM.
        login, password: the agent's account, `login@domain`, with the profile `admin`.
        own: the extId of that account, if it is a user of this very domain. OBM shows passwords; whether it shows them
            as they are can be told by looking at one's own.
        ca_file: authorities (PEM) that vouch for the server; without it those of the system.
        connect_timeout, receive_timeout: seconds to connect, and for one answer as a whole.
        patience: seconds until a batch must have been carried out: it may wait behind others.
    """

    url: str
    domain: str
    login: str
    password: Secret
    generation: Generation = Generation.SINCE_3_1_3
    own: str = ""
    ca_file: Path | None = None
    connect_timeout: float = 10.0
    receive_timeout: float = 60.0
    patience: float = 300.0


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The IMAP server of an OBM domain (Cyrus), by TLS, and its administrator, who sees every mailbox.

    `timeout` is in seconds, for each answer.
    """

    host: str
    login: str
    password: Secret
    port: int = 993
    ca_file: Path | None = None
    timeout: float = 60.0


def check(provisioning: Provisioning) -> None:
    """Refuse settings that would send a password in the clear or ask as nobody.

    Raises:
        Misconfigured: the address is not https, or a name or the password is missing. Nothing was sent.
    """
    try:
        parts = urlsplit(provisioning.url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, named = None, False
    if parts is None or parts.scheme != "https" or not named or parts.query or parts.fragment or parts.username:
        raise Misconfigured(
            Text(
                "địa chỉ API cấp phát của OBM phải có dạng https://MÁY[:CỔNG]/provisioning/v1; OBM không tự mã hóa, "
                "hãy đặt một máy chủ proxy ngược có TLS phía trước.",
                "the address of OBM's provisioning API is https://HOST[:PORT]/provisioning/v1; OBM itself does not "
                "encrypt: put a reverse proxy with TLS before it.",
            ),
            where=provisioning.url,
        )
    if not provisioning.login or "@" in provisioning.login or not provisioning.password or not provisioning.domain:
        raise Misconfigured(
            Text(
                "thiếu tên miền, tên đăng nhập (không kèm @miền) hoặc mật khẩu của tác tử trên OBM.",
                "the domain, the login (without @domain) or the password of the agent's OBM account is missing.",
            ),
            where=provisioning.url,
        )
