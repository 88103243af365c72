"""A user of OBM as plans show one: a flat mapping of the API's own field names to their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from syncagent.errors import Doubtful, Rejected
from syncagent.text import Text
from syncagent.trust.secret import Secret

Values = tuple[str, ...]
Attributes = Mapping[str, tuple[Values, Values]]
"""Field name → (before, after); empty means absent, the same twice that it stays and must still be so."""

LOCK = "pwdAccountLockedTime"
"""The one field that is not the API's: it stands in OBM's LDAP directory."""

FLAGS = frozenset({"archived", "hidden", "nomad_enabled", "nomad_allowed", "nomad_local_copy", "samba_allowed"})
LISTS = frozenset({"addresses", "phones", "faxes", "mails"})
TEXTS = {
    "login": 80, "lastname": 64, "profile": 254, "firstname": 64, "commonname": 256, "kind": 64, "title": 256,
    "description": 255, "company": 64, "service": 64, "direction": 64, "town": 64, "zipcode": 14,
    "business_zipcode": 16, "country": 2, "mobile": 32, "delegation": 256, "delegation_target": 256, "mail_server":
    255, "nomad_mail": 320, "expiration_date": 32, "samba_home_drive": 255, "samba_home_folder": 255,
    "samba_logon_script": 255,
}  # fmt: skip
"""Fields that are a text, and how many characters OBM's database takes."""
_LIST_LENGTHS = {"addresses": 64, "phones": 32, "faxes": 32, "mails": 256}
_QUOTA = "mail_quota"
FIELDS = frozenset({*TEXTS, *FLAGS, *LISTS, _QUOTA})
"""What the API shows of a user and takes back."""

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_MAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_BREAKING = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]')
_PASSWORD = re.compile(r'(?:(?!["\\])[\x21-\x7e]){1,64}')


class User(NamedTuple):
    """A user as the API shows one; `fields` are all that are not empty, `effective` the addresses that reach it.

    `password` is what the API echoes, itself or a hash of it; `created` when the user was made, as the API writes it.
    """

    ext_id: str
    fields: Mapping[str, Values]
    effective: Values
    password: Secret
    created: str = ""

    @property
    def login(self) -> str:
        """Return the log-in name."""
        return self.fields["login"][0]

    @property
    def archived(self) -> bool:
        """Whether it is archived: no entry in LDAP, no mail, the mailbox kept."""
        return self.fields["archived"] == ("true",)


def canonical(ext_id: str) -> str:
    """Return an extId as OBM keeps it: a UUID of 36 characters.

    Raises:
        Rejected: it is no UUID; OBM pads other values with blanks.
    """
    if not _UUID.fullmatch(ext_id):
        says = Text("extId phải là UUID 36 ký tự.", "an extId is a UUID of 36 characters.")
        raise Rejected(says, where=ext_id[:36])
    return ext_id


def shown(told: Any, ext_id: str) -> User:  # noqa: ANN401 - JSON
    """Given the JSON of a user, return the user.

    Raises:
        Doubtful: it is not the JSON of this user.
    """
    if not isinstance(told, dict) or told.get("id") != ext_id or not isinstance(told.get("login"), str):
        says = Text("OBM trả lời về người dùng khác, hoặc thiếu.", "OBM shows another user, or half of one.")
        raise Doubtful(says, where=ext_id)
    fields = {name: values for name in sorted(FIELDS & told.keys()) if (values := _flat(name, told[name]))}
    fields.setdefault("archived", ("false",))
    effective = tuple(map(str, told.get("effectiveMails") or ()))
    return User(ext_id, fields, effective, Secret(str(told.get("password") or "")), str(told.get("timecreate") or ""))


def _flat(name: str, value: Any) -> Values:  # noqa: ANN401 - JSON
    if name in FLAGS:
        return ("true",) if value else ("false",)
    if name in LISTS:
        return tuple(str(one) for one in value or () if one)
    if name == _QUOTA:
        return (str(int(value or 0)),)
    return (str(value),) if value else ()


def as_json(fields: Mapping[str, Values]) -> dict[str, Any]:
    """Given fields, return them as the API takes them; what is empty is left out."""
    return {name: _json(name, values) for name, values in fields.items() if values}


def _json(name: str, values: Values) -> Any:  # noqa: ANN401 - JSON
    if name in FLAGS:
        return values == ("true",)
    return list(values) if name in LISTS else values[0]


# ── what may be sent ──


def check(name: str, values: Values) -> None:
    """Refuse values that OBM would not keep as they are.

    Since 3.1.3 OBM doubles every backslash of a body before it reads it, so that nothing can be escaped in JSON: a
    quote or a line end breaks the operation, a backslash arrives as two.

    Raises:
        Rejected: a field OBM does not know or that is not one's to write, or a value it would spoil.
    """
    if name not in FIELDS:
        raise _refused(name, "OBM không có trường này để ghi", "OBM has no such field to write")
    if len(values) > 1 and name not in LISTS:
        raise _refused(name, "chỉ nhận một giá trị", "takes one value")
    check_arrives(name, values)
    if any(len(value) > TEXTS.get(name, _LIST_LENGTHS.get(name, 10)) for value in values):
        raise _refused(name, "giá trị dài quá mức OBM lưu được", "longer than OBM keeps")
    _check_form(name, values)


def check_arrives(name: str, values: Values) -> None:
    """Refuse values that OBM would spoil, those too that stand there already and would be sent again.

    Raises:
        Rejected: one is empty, or has a quote, a backslash, a control character or half a character.
    """
    if any(not value or _BREAKING.search(value) for value in values):
        raise _refused(
            name,
            'giá trị trống hoặc có dấu ", dấu \\ hay ký tự điều khiển; OBM sẽ làm hỏng giá trị này',
            'an empty value, or one with ", \\ or a control character; OBM would spoil it',
        )


def _check_form(name: str, values: Values) -> None:
    if name == "login" and not all(map(_LOGIN.fullmatch, values)):
        raise _refused(name, "tên đăng nhập chỉ gồm a-z 0-9 . _ -", "a login is of a-z 0-9 . _ - only")
    if name in {"mails", "nomad_mail"} and not all(map(_MAIL.fullmatch, values)):
        raise _refused(name, "không phải địa chỉ thư ASCII đầy đủ", "not a full ASCII mail address")
    if name in FLAGS and not set(values) <= {"true", "false"}:
        raise _refused(name, "chỉ nhận true hoặc false", "is true or false")
    if name == _QUOTA and not all(value.isascii() and value.isdigit() for value in values):
        raise _refused(name, "dung lượng là số MB (0 là không giới hạn)", "a quota is a number of MB (0 is none)")


def check_password(password: Secret) -> None:
    """Refuse a password that would not arrive in OBM as it is.

    Raises:
        Rejected: it is empty, longer than 64 characters, or not of printable ASCII without quote and backslash.
    """
    if not _PASSWORD.fullmatch(password.octets().decode("utf-8", "replace")):
        raise _refused(
            "password",
            'mật khẩu phải gồm 1 đến 64 ký tự ASCII nhìn thấy được, không có " và \\',
            'a password is 1 to 64 visible ASCII characters without " and \\',
        )


def _refused(name: str, vietnamese: str, english: str) -> Rejected:
    return Rejected(Text(f"{name}: {vietnamese}.", f"{name}: {english}."))
