"""A connection to one server, bound: what ldap3 does for us, with TLS that verifies and an end to all waiting."""

from __future__ import annotations

import socket
import ssl
import warnings
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from math import ceil
from threading import Timer
from typing import TYPE_CHECKING, Any, assert_never

from syncagent.connectors.ldap import codes
from syncagent.connectors.ldap.answers import Result
from syncagent.connectors.ldap.server import Address, Bind, External, Kerberos, Server, Simple
from syncagent.connectors.ldap.wire import Wire
from syncagent.errors import Misconfigured, Unavailable
from syncagent.text import Text

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 uses old names of pyasn1
    import ldap3
    from ldap3.core.exceptions import LDAPException

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Tls(ldap3.Tls):  # type: ignore[misc] # untyped; ldap3 asks for its own class
    """TLS with the one context that verifies; ldap3's own would check names by a function that Python dropped."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.context = context
        self.refusal: ssl.SSLError | None = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002, ANN401, FBT001, FBT002 - ldap3's signature
        try:
            connection.socket = self.context.wrap_socket(connection.socket, server_hostname=connection.server.host)
        except ssl.SSLError as error:
            self.refusal = error
            raise


def verifying(server: Server, bind: Bind) -> ssl.SSLContext:
    """Return the TLS context: certificate and name verified, TLS 1.2 at least.

    Raises:
        Misconfigured: a file of certificates or keys cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=server.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if isinstance(bind, External) and bind.certificate:
            context.load_cert_chain(bind.certificate, bind.key)
    except OSError as error:
        named = [str(path) for path in (server.ca_file, *_client_files(bind)) if path]
        raise Misconfigured(
            Text(
                f"không đọc được chứng thư hoặc khóa ({error.strerror or 'sai định dạng PEM'}). Hãy sửa đường dẫn.",
                f"certificate or key cannot be read ({error.strerror or 'not PEM'}). Correct the path.",
            ),
            where=", ".join(named),
        ) from error
    return context


def _client_files(bind: Bind) -> tuple[Any, ...]:
    return (bind.certificate, bind.key) if isinstance(bind, External) else ()


def connected(server: Server, address: Address, bind: Bind, context: ssl.SSLContext) -> Any:  # noqa: ANN401 - ldap3 is untyped
    """Return a connection on which nothing is sent in the clear, not bound yet.

    Raises:
        Misconfigured: the server cannot prove its name.
        Unavailable: it does not answer.
    """
    tls = _Tls(context)
    there = ldap3.Server(
        f"ldapi://{address.socket}" if address.socket else address.host,
        port=address.port or None,
        use_ssl=address.is_tls,
        tls=tls,
        get_info=ldap3.NONE,
        connect_timeout=server.connect_timeout,
    )
    connection = ldap3.Connection(
        there,
        auto_referrals=False,
        receive_timeout=ceil(server.receive_timeout),
        check_names=False,
        **_how(bind),
    )
    try:
        with _cut_after(connection, server.connect_timeout + server.receive_timeout):
            connection.open(read_server_info=False)
            if not address.socket:  # else a small request waits until the last one is acknowledged: 40 ms
                connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not address.is_tls and not address.socket:
                connection.start_tls(read_server_info=False)
    except (LDAPException, OSError) as error:
        _drop(connection)
        if isinstance(tls.refusal, ssl.SSLError) and not isinstance(
            tls.refusal, ssl.SSLEOFError | ssl.SSLZeroReturnError
        ):
            raise _unproved(address, tls.refusal) from error
        raise _unreachable(address, error) from error
    if address.socket or isinstance(connection.socket, ssl.SSLSocket):
        return connection
    _drop(connection)
    raise _unreachable(address, None)


def _how(bind: Bind) -> dict[str, Any]:
    match bind:
        case Simple():
            return {"authentication": ldap3.SIMPLE, "user": bind.name, "password": bind.password.reveal()}
        case External():
            return {"authentication": ldap3.SASL, "sasl_mechanism": ldap3.EXTERNAL, "sasl_credentials": ""}
        case Kerberos():
            store = {"client_keytab": str(bind.keytab), "ccache": f"MEMORY:{bind.principal} {bind.keytab}"}
            keytab = {"cred_store": store} if bind.keytab else {}
            named = {"user": bind.principal} if bind.principal else {}
            return {"authentication": ldap3.SASL, "sasl_mechanism": ldap3.KERBEROS, **named, **keytab}
        case _:
            assert_never(bind)


@contextmanager
def _cut_after(connection: Any, seconds: float) -> Iterator[None]:  # noqa: ANN401 - ldap3 is untyped
    """End a connection whose server answers, but never to the end: ldap3's time-out is for each octet anew."""

    def cut() -> None:
        with suppress(OSError, AttributeError):
            connection.socket.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _drop(connection: Any) -> None:  # noqa: ANN401 - ldap3 is untyped
    with suppress(LDAPException, OSError, AttributeError):
        connection.socket.close()


def _errors_of_kerberos(bind: Bind) -> tuple[type[Exception], ...]:
    return (import_module("gssapi.exceptions").GSSError,) if isinstance(bind, Kerberos) else ()


def kerberos_is_installed() -> None:
    """Raise Misconfigured unless the packages of the extra `kerberos` are there."""
    missing = [name for name in ("gssapi", "cryptography") if not find_spec(name)]
    if missing:
        raise Misconfigured(
            Text(
                f"xác thực Kerberos cần gói {', '.join(missing)}: hãy cài syncagent[kerberos], hoặc chọn cách khác.",
                f"Kerberos needs {', '.join(missing)}: install syncagent[kerberos], or choose another bind.",
            )
        )


def _unproved(address: Address, error: ssl.SSLError) -> Misconfigured:
    reason = getattr(error, "verify_message", "") or error.reason or "TLS"
    return Misconfigured(
        Text(
            f"máy chủ không chứng minh được tên của mình ({reason}). Hãy sửa ca_file hoặc tên máy chủ trong cấu hình, "
            "hoặc thay chứng thư của máy chủ.",
            f"the server cannot prove its name ({reason}). Correct ca_file or the server's name in the configuration, "
            "or replace the server's certificate.",
        ),
        where=address.url,
    )


def _unreachable(address: Address, error: Exception | None) -> Unavailable:
    reason = f" ({error})" if error else ""
    return Unavailable(
        Text(f"không kết nối được máy chủ thư mục{reason}.", f"the directory server cannot be reached{reason}."),
        where=address.url,
    )


def bound(connection: Any, server: Server, address: Address, bind: Bind) -> Wire:  # noqa: ANN401 - ldap3 is untyped
    """Bind, and return the connection as what messages go over from now on.

    Raises:
        Misconfigured: the server refuses the account.
        Unavailable: it does not answer.
    """
    try:
        with _cut_after(connection, server.receive_timeout):
            connection.bind(read_server_info=False)
    except (LDAPException, OSError) as error:
        _drop(connection)
        raise _unreachable(address, error) from error
    except _errors_of_kerberos(bind) as error:
        _drop(connection)
        raise Misconfigured(
            Text(
                f"Kerberos không cấp vé ({error}). Hãy kiểm tra name, keytab và krb5.conf.",
                f"Kerberos gives no ticket ({error}). Examine name, keytab and krb5.conf.",
            ),
            where=address.url,
        ) from error
    finally:
        connection.password = None  # ldap3 would show it in its repr
    if not connection.bound:
        _drop(connection)
        told = connection.result
        raise codes.refused(Result(told["result"], told["message"] or ""), address.url)
    return Wire(connection.socket, address.url, server.receive_timeout)
