"""What an operation may ask of OBM, looked at before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors.obm import user
from syncagent.connectors.obm.entry import LOCKED
from syncagent.connectors.obm.server import Generation
from syncagent.connectors.obm.user import FIELDS, FLAGS, LOCK, check_password
from syncagent.errors import Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.obm.operations import Kind
    from syncagent.connectors.obm.site import Site
    from syncagent.connectors.obm.user import Attributes
    from syncagent.trust.secret import Secret

_NOMAD = frozenset({"nomad_enabled", "nomad_allowed", "nomad_local_copy", "nomad_mail"})
_ADDRESSING = frozenset({"login", "mails", "mail_server", "mail_quota", "archived", *_NOMAD})
_MAY: dict[str, frozenset[str]] = {
    "create": FIELDS,
    "update": FIELDS - _ADDRESSING,
    "readdress": frozenset({"mails"}),
    "set-limits": frozenset({"mail_quota"}),
    "reset-password": frozenset(),
    "lock": frozenset({LOCK}),
    "unlock": frozenset({LOCK}),
    "archive": frozenset({"archived"}),
    "unarchive": frozenset({"archived"}),
    "expunge": FIELDS | {LOCK},
}
_ALWAYS = FLAGS | {"mail_quota", "lastname", "profile"}
_NEEDED = ("login", "lastname", "profile")
_LONGEST_LOCK = 20  # of a password that hides the old one: what every log-in of OBM takes


def check(site: Site, kind: Kind, attributes: Attributes, password: Secret | None) -> None:
    """Refuse what OBM cannot do, or would do otherwise than it is meant.

    Raises:
        Rejected: why, and the way out. Nothing was sent.
    """
    changed = {name for name, (before, after) in attributes.items() if before != after}
    if "login" in changed and kind not in {"create", "expunge"}:
        raise _refused(
            "OBM không đổi được tên đăng nhập. Hãy cấp tài khoản mới, chuyển thư (imapsync), rồi lưu trữ tài khoản cũ",
            "OBM cannot change a login. Issue a new account, move the mail (imapsync), then archive the old one",
        )
    if beyond := sorted(changed - _MAY[kind]):
        names = ", ".join(beyond)
        raise _refused(f"{kind} không được sửa {names}", f"{kind} may not change {names}")
    for name in sorted(changed - {LOCK}):
        user.check(name, attributes[name][1])
        if name in _ALWAYS and not attributes[name][1] and kind != "expunge":
            raise _refused(f"{name} không thể trống", f"{name} cannot be empty")
    if password:
        check_password(password)
    _check_kind(site, kind, attributes, password)


def _check_kind(site: Site, kind: Kind, attributes: Attributes, password: Secret | None) -> None:
    match kind:
        case "create":
            _check_create(attributes)
        case "readdress":
            _check_readdress(attributes)
        case "lock" | "unlock":
            _check_lock(kind, attributes, password)
        case "archive" | "unarchive":
            _check_archive(site, kind, attributes)
        case "expunge":
            _check_expunge(attributes)


def _check_create(attributes: Attributes) -> None:
    after = {name: values for name, (_, values) in attributes.items() if values}
    if lacking := [name for name in _NEEDED if name not in after]:
        names = ", ".join(lacking)
        raise _refused(f"thiếu {names}", f"{names} missing")
    if ("mails" in after) is not ("mail_server" in after):
        raise _refused(
            "địa chỉ thư và máy chủ thư (mail_server) phải đi cùng nhau, nếu không OBM tự chọn máy chủ",
            "mails and mail_server go together, else OBM picks a server by itself",
        )
    if after.get("archived", ("false",)) != ("false",) or any(before for before, _ in attributes.values()):
        raise _refused("tài khoản mới chưa có trạng thái trước", "a new account has no state before")


def _check_expunge(attributes: Attributes) -> None:
    if not attributes.get("login", ((), ()))[0] or any(after for _, after in attributes.values()):
        raise _refused(
            "xóa hẳn cần tên đăng nhập và trạng thái trước, và không để lại giá trị nào",
            "an expunge names the login and the state before, and leaves no value",
        )


def _check_readdress(attributes: Attributes) -> None:
    mails = attributes.get("mails", ((), ()))[1]
    if not mails:
        raise _refused(
            "OBM không bỏ được hộp thư bằng cách xóa địa chỉ", "OBM cannot take a mailbox by clearing addresses"
        )
    login = attributes.get("login", ((), ()))
    if not login[0]:
        raise _refused(
            "tên đăng nhập của OBM không đổi theo địa chỉ; kế hoạch phải ghi rõ login giữ nguyên",
            "a login of OBM does not follow the address; the plan must say that login stays",
        )


def _check_lock(kind: Kind, attributes: Attributes, password: Secret | None) -> None:
    """An account without `pwdAccountLockedTime` among its attributes is locked by its password alone."""
    wanted = (LOCKED,) if kind == "lock" else ()
    if attributes.get(LOCK, ((), wanted))[1] != wanted:
        raise _refused(f"{LOCK} sau thao tác không đúng", f"{LOCK} after the operation is not right")
    if kind == "lock" and password and len(password.octets()) > _LONGEST_LOCK:
        raise _refused("mật khẩu khóa dài quá 20 ký tự", "a locking password has 20 characters at most")


def _check_archive(site: Site, kind: Kind, attributes: Attributes) -> None:
    wanted = ("true",) if kind == "archive" else ("false",)
    if attributes.get("archived", ((), ()))[1] != wanted:
        raise _refused("archived sau thao tác không đúng", "archived after the operation is not right")
    if kind == "unarchive" and site.api.settings.generation is Generation.BEFORE_3_1_3:
        raise _refused(
            "OBM trước 3.1.3 không bỏ lưu trữ qua API. Hãy bỏ lưu trữ người dùng này trong giao diện của OBM, chạy "
            "Update, rồi lập kế hoạch mới",
            "OBM before 3.1.3 does not take users back from the archive by its API. Do it in OBM's interface, run an "
            "update, then plan again",
        )


def _refused(vietnamese: str, english: str) -> Rejected:
    return Rejected(Text(f"{vietnamese}.", f"{english}."))
