"""OBM's provisioning API over HTTPS: one question, one answer, and what is known when there is none."""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from syncagent.connectors.obm.server import check
from syncagent.errors import Doubtful, Misconfigured, Rejected, SyncError, Unavailable, Unknown
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from syncagent.connectors.obm.server import Provisioning
    from syncagent.trust.secret import Secret

_LONGEST = 64 << 20
_PIECE = 1 << 16
_PAUSES = (0.2, 1.0)  # before a question is asked again; what writes is never sent again
_OK, _CREATED, _UNAUTHORIZED, _NOT_FOUND = 200, 201, 401, 404
_REDIRECTS, _FAULTS = range(300, 400), range(500, 600)


class Answer(NamedTuple):
    """What came back: the status and the JSON, None for an empty body."""

    status: int
    told: Any


@dataclass(slots=True)
class Api:
    """A session with the API of one domain: `uuid` is the domain's, `name` and `aliases` are its mail domains."""

    settings: Provisioning
    _session: requests.Session = field(repr=False)
    uuid: str = ""
    name: str = ""
    aliases: tuple[str, ...] = ()

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what is there, below the domain; None if it is not (404). Asked again when no answer comes.

        Raises:
            Unavailable: no answer. Doubtful: one that makes no sense. Misconfigured: the account may not.
        """
        answer = self._asked(f"/{self.uuid}{path}")
        if answer.status == _NOT_FOUND:
            return None
        if answer.status != _OK or answer.told is None:
            raise self._strange("GET", answer.status)
        return answer.told

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send what writes, once, and return the answer.

        Raises:
            Unknown: it was sent and no answer that makes sense came back.
            Unavailable: it was not sent.
            Misconfigured: the account may not; nothing was done. Rejected: refused; nothing was done.
        """
        answer = self._answered(method, f"/{self.uuid}{path}", body)
        if answer.status in {_OK, _CREATED}:
            return answer
        if answer.status in _FAULTS:
            raise Unknown(self._says(method, answer.status), where=self.settings.url)
        raise Rejected(self._says(method, answer.status), where=self.settings.url)

    # ── one request ──

    def _asked(self, path: str) -> Answer:
        for pause in _PAUSES:
            with suppress(Unknown, Unavailable):
                answer = self._answered("GET", path, None)
                if answer.status not in _FAULTS:
                    return answer
            sleep(pause)
        try:
            answer = self._answered("GET", path, None)
        except Unknown as error:
            raise Unavailable(error.says, where=error.where) from error
        if answer.status in _FAULTS:
            raise Unavailable(self._says("GET", answer.status), where=self.settings.url)
        return answer

    def _answered(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        until = monotonic() + self.settings.receive_timeout
        octets = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            with self._session.request(
                method,
                self.settings.url.rstrip("/") + path,
                data=octets,
                headers={"Accept": "application/json", **({"Content-Type": "application/json"} if octets else {})},
                timeout=(self.settings.connect_timeout, self.settings.receive_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                text = _body(response, until)
        except requests.exceptions.SSLError as error:
            raise self._unproved() from error
        except (requests.RequestException, TimeoutError) as error:
            raise self._silent(method, error) from error
        if response.status_code == _UNAUTHORIZED:
            raise self._forbidden()
        if response.status_code in _REDIRECTS:
            raise Misconfigured(self._says(method, response.status_code), where=self.settings.url)
        return Answer(response.status_code, self._json(method, response.status_code, text))

    def _json(self, method: str, status: int, text: bytes) -> Any:  # noqa: ANN401 - JSON
        if status not in {_OK, _CREATED} or not text:
            return None
        try:
            return json.loads(text)
        except ValueError as error:
            raise Unknown(self._says(method, status), where=self.settings.url) from error

    # ── what is said ──

    def _silent(self, method: str, error: Exception) -> SyncError:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError):
            says = Text("không kết nối được với API của OBM.", "OBM's API cannot be reached.")
            return Unavailable(says, where=self.settings.url)
        says = Text(
            f"yêu cầu {method} gửi tới OBM không có trả lời trọn vẹn.",
            f"a {method} request to OBM had no complete answer.",
        )
        return Unknown(says, where=self.settings.url)

    def _unproved(self) -> Misconfigured:
        return Misconfigured(
            Text(
                "máy chủ không chứng minh được tên của nó bằng chứng thư; chưa gửi gì. Hãy sửa ca hoặc địa chỉ.",
                "the server cannot prove its name by its certificate; nothing was sent. Correct the ca or the address.",
            ),
            where=self.settings.url,
        )

    def _forbidden(self) -> Misconfigured:
        account = f"{self.settings.login}@{self.settings.domain}"
        return Misconfigured(
            Text(
                f"OBM không nhận {account} (401): sai mật khẩu, đã lưu trữ, hoặc hồ sơ quyền không phải admin của "
                "miền.",
                f"OBM does not take {account} (401): wrong password, archived, or not the profile admin of the domain.",
            ),
            where=self.settings.url,
        )

    def _strange(self, method: str, status: int) -> Doubtful:
        return Doubtful(self._says(method, status), where=self.settings.url)

    def _says(self, method: str, status: int) -> Text:
        return Text(
            f"OBM trả lời {status} cho {method}, không đúng như API cấp phát của OBM.",
            f"OBM answers {status} to {method}, not as its provisioning API does.",
        )

    # ── the domain ──

    def introduce(self) -> None:
        """Find the domain by its name.

        Raises:
            Misconfigured: OBM has no such domain, or the account may not see it.
            Unavailable, Doubtful: as `get`.
        """
        listed = self._asked("/domains").told
        if not isinstance(listed, list):
            raise self._strange("GET", _OK)
        for one in listed:
            told = self._asked(f"/domains/{one['id']}").told if isinstance(one, dict) and "id" in one else None
            if isinstance(told, dict) and told.get("name") == self.settings.domain:
                self.uuid, self.name = str(told["id"]), self.settings.domain
                self.aliases = tuple(told.get("aliases") or ())
                return
        raise Misconfigured(
            Text(f"OBM không có miền {self.settings.domain}.", f"OBM has no domain {self.settings.domain}."),
            where=self.settings.url,
        )


@contextmanager
def open_api(settings: Provisioning) -> Iterator[Api]:
    """Open a session with the API of a domain, and close it in the end.

    Raises:
        Misconfigured: the settings are refused, the server cannot prove its name, the account or the domain is wrong.
        Unavailable, Doubtful: the server does not answer, or makes no sense.
    """
    check(settings)
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no .netrc of whoever starts the agent
        session.auth = _Basic(f"{settings.login}@{settings.domain}", settings.password)
        session.mount("https://", _Verified(verifying(settings.ca_file)))
        api = Api(settings, session)
        api.introduce()
        yield api


def verifying(ca_file: Path | None) -> ssl.SSLContext:
    """Return the TLS context: certificate and name verified, TLS 1.2 at least.

    Raises:
        Misconfigured: the file of authorities cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise Misconfigured(
            Text("không đọc được chứng thư. Hãy sửa đường dẫn.", "certificates cannot be read. Correct the path."),
            where=str(ca_file),
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Verified(HTTPAdapter):
    """Connections by one context of ours, without the HTTP library's own authorities; nothing is sent twice."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - as the library passes it
        super().init_poolmanager(*args, ssl_context=self._context, **more)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ANN401 - as the library passes it
        """Leave the context as it is."""


class _Basic(AuthBase):
    """A name and a password, shown only where they are sent."""

    def __init__(self, name: str, password: Secret) -> None:
        self._name, self._password = name, password

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        told = b64encode(self._name.encode() + b":" + self._password.octets()).decode()
        request.headers["Authorization"] = f"Basic {told}"
        return request


def _body(response: requests.Response, until: float) -> bytes:
    found = bytearray()
    for piece in response.iter_content(_PIECE):
        found += piece
        if monotonic() > until or len(found) > _LONGEST:
            raise TimeoutError
    return bytes(found)
