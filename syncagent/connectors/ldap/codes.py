"""What a directory server's result code and diagnostic mean, once, as our errors (RFC 4511 appendix A.2; MS-ERREF).

Active Directory puts a Windows error code first in its diagnostic (`0000052D: …`) and, for a refused bind, another
after `data` (`data 52e`); these say more than the LDAP code. Values that a diagnostic repeats are cut out.
"""

from __future__ import annotations

import re
from typing import assert_never

from syncagent.connectors.ldap.answers import Result
from syncagent.connectors.ldap.changes import Fate
from syncagent.core.privacy import hide_identity_numbers
from syncagent.errors import Conflict, Doubtful, Misconfigured, Rejected, SyncError, TargetError, Unavailable, Unknown
from syncagent.text import Text

SUCCESS = 0
PROTOCOL_ERROR = 2
NO_SUCH_OBJECT = 32
LIMITS = frozenset({3, 4, 11})  # timeLimitExceeded, sizeLimitExceeded, adminLimitExceeded

_Meaning = tuple[type[TargetError], str, str]

_CODES: dict[int, _Meaning] = {
    1: (Rejected, "máy chủ không làm được thao tác này", "operationsError"),
    2: (Rejected, "máy chủ không hiểu yêu cầu", "protocolError"),
    3: (Unavailable, "máy chủ hết thời hạn xử lý", "timeLimitExceeded"),
    4: (Rejected, "vượt giới hạn số mục của máy chủ", "sizeLimitExceeded"),
    7: (Rejected, "máy chủ không có phương thức xác thực này", "authMethodNotSupported"),
    8: (Rejected, "máy chủ đòi xác thực hoặc mã hóa mạnh hơn", "strongerAuthRequired"),
    10: (
        Rejected,
        "máy chủ chuyển sang máy chủ khác; hãy khai một máy chủ ghi được",
        "referral: name a writable server",
    ),
    11: (Rejected, "vượt giới hạn do quản trị viên đặt", "adminLimitExceeded"),
    12: (Rejected, "máy chủ không có điều khiển bắt buộc", "unavailableCriticalExtension"),
    13: (Rejected, "máy chủ đòi kết nối mã hóa", "confidentialityRequired"),
    16: (Conflict, "giá trị cũ không còn như khi lập kế hoạch", "noSuchAttribute: the old value is no longer there"),
    17: (Rejected, "thư mục không biết thuộc tính này", "undefinedAttributeType"),
    18: (Rejected, "không so sánh được thuộc tính theo cách này", "inappropriateMatching"),
    19: (Rejected, "giá trị trái với ràng buộc của thư mục", "constraintViolation"),
    20: (Conflict, "giá trị đã có sẵn, khác khi lập kế hoạch", "attributeOrValueExists"),
    21: (Rejected, "giá trị sai cú pháp", "invalidAttributeSyntax"),
    32: (Conflict, "mục này hoặc mục chứa nó không còn", "noSuchObject: it or the entry above is gone"),
    33: (Rejected, "bí danh trỏ sai", "aliasProblem"),
    34: (Rejected, "tên (DN) sai cú pháp", "invalidDNSyntax"),
    36: (Rejected, "không theo được bí danh", "aliasDereferencingProblem"),
    48: (Rejected, "không được xác thực theo cách này", "inappropriateAuthentication"),
    49: (Rejected, "sai tên hoặc mật khẩu", "invalidCredentials"),
    50: (Rejected, "tài khoản của tác tử không có quyền này", "insufficientAccessRights"),
    51: (Unavailable, "máy chủ đang bận", "busy"),
    52: (Unavailable, "máy chủ tạm ngừng phục vụ", "unavailable"),
    53: (Rejected, "máy chủ từ chối", "unwillingToPerform"),
    54: (Rejected, "thư mục trỏ vòng", "loopDetect"),
    64: (Rejected, "tên không hợp lệ ở vị trí này", "namingViolation"),
    65: (Rejected, "trái với lớp đối tượng", "objectClassViolation"),
    66: (Rejected, "mục còn chứa mục khác", "notAllowedOnNonLeaf"),
    67: (Rejected, "không đổi được thuộc tính làm tên", "notAllowedOnRDN"),
    68: (Conflict, "tên này đã có trong thư mục", "entryAlreadyExists"),
    69: (Rejected, "không đổi được lớp đối tượng", "objectClassModsProhibited"),
    71: (Rejected, "thao tác chạm đến nhiều máy chủ", "affectsMultipleDSAs"),
    80: (Rejected, "máy chủ báo lỗi không rõ loại", "other"),
    122: (Conflict, "mục đã bị sửa từ khi lập kế hoạch", "assertionFailed: the entry has changed"),
}

_WINDOWS: dict[str, _Meaning] = {
    "00000005": (Rejected, "tài khoản của tác tử không có quyền này", "access denied"),
    "00000056": (Rejected, "mật khẩu cũ không đúng", "the old password is wrong"),
    "00000523": (Rejected, "tên đăng nhập có ký tự không được phép", "the account name is not allowed"),
    "00000524": (Conflict, "tên đăng nhập đã có", "the account name exists"),
    "0000052D": (Rejected, "mật khẩu không đạt chính sách của miền", "the password does not meet the domain's policy"),
    "00002020": (Unavailable, "máy chủ không còn nhận phiên này; hãy chạy lại", "the session is no longer bound"),
    "00002035": (Rejected, "máy chủ từ chối", "the server is unwilling"),
    "00002071": (Conflict, "tên đăng nhập hoặc tên mục đã có", "the name is in use"),
    "00002089": (Conflict, "mục chứa nó không còn", "the entry above is gone"),
    "0000208D": (Conflict, "mục này không còn", "the entry is gone"),
    "00002095": (Conflict, "nơi chuyển đến không có", "the new place is not there"),
    "00002098": (Rejected, "tài khoản của tác tử không có quyền này", "insufficient rights"),
    "000020B5": (Rejected, "giá trị trỏ đến một mục không có", "a value names an entry that is not there"),
    "000021C7": (Conflict, "tên dịch vụ đã có trong rừng", "the service name exists in the forest"),
    "000021C8": (
        Conflict,
        "tên đăng nhập dạng thư (UPN) đã có trong rừng",
        "the user principal name exists in the forest",
    ),
}

_BIND: dict[str, tuple[str, str]] = {
    "525": ("không có tài khoản này", "no such account"),
    "52e": ("sai tên hoặc mật khẩu", "wrong name or password"),
    "530": ("không được đăng nhập vào giờ này", "not allowed to log on at this hour"),
    "531": ("không được đăng nhập từ máy này", "not allowed to log on from this host"),
    "532": ("mật khẩu đã hết hạn", "the password has expired"),
    "533": ("tài khoản đã bị vô hiệu hóa", "the account is disabled"),
    "701": ("tài khoản đã hết hạn", "the account has expired"),
    "773": ("phải đổi mật khẩu trước khi dùng", "the password must be changed first"),
    "775": ("tài khoản đang bị khóa", "the account is locked"),
}

_UNIQUE = "non-unique attributes found with"  # slapd's overlay `unique`
_HEX = re.compile(r"^([0-9A-Fa-f]{8})\b")
_DATA = re.compile(r"\bdata ([0-9a-f]{3})\b")
_VALUES = re.compile(r"""'[^']*'?|"[^"]*"?|<[^>]*>?|\([^()]*[=@][^()]*\)?|[\w;.-]+\s*=.*$|\S*@\S*|\S*\d{6,}\S*""")
_MOST, _LONGEST = 2000, 160


def error(answer: Result | Fate, dn: str) -> TargetError | None:
    """Given how a write ended, return the error for it, None if it succeeded.

    A code that no standard gives to a write is `Unknown`: whoever sends it may have written something.
    """
    match answer:
        case Fate.UNKNOWN:
            return Unknown(
                Text(
                    "câu trả lời của máy chủ bị mất; phải đọc lại mục này trước khi làm gì khác.",
                    "the server's answer was lost; read the entry before anything else.",
                ),
                where=dn,
            )
        case Fate.NOT_TRIED:
            return Unavailable(
                Text("chưa gửi, vì mất kết nối trước đó.", "not sent, for the connection was lost before."), where=dn
            )
        case Result(code=0):
            return None
        case Result():
            pass
        case _:
            assert_never(answer)
    kind, vietnamese, english = _meaning(answer)
    return kind(_says(answer, vietnamese, english), where=dn)


def doubtful(answer: Result, base: str) -> Doubtful:
    """Given how a search ended that did not succeed, return why what it gave cannot be trusted."""
    _, vietnamese, english = _meaning(answer)
    says = _says(answer, vietnamese, english)
    return Doubtful(
        Text(f"không đọc được trọn vẹn: {says.vi}", f"not read completely: {says.en}"),
        where=base,
    )


def refused(answer: Result, server: str) -> SyncError:
    """Given how a bind ended that did not succeed, return the error for it."""
    kind, vietnamese, english = _meaning(answer)
    data = _DATA.search(answer.diagnostic)
    if data and data[1] in _BIND:
        vietnamese, english = _BIND[data[1]]
    says = _says(answer, vietnamese, english)
    if kind is Unavailable:
        return Unavailable(says, where=server)
    return Misconfigured(
        Text(
            f"máy chủ không nhận tài khoản của tác tử: {says.vi} Hãy sửa bind trong cấu hình hoặc tài khoản đó.",
            f"the server refuses the agent's account: {says.en} Correct bind in the configuration, or that account.",
        ),
        where=server,
    )


def cleaned(diagnostic: str) -> str:
    """Return a server's diagnostic as one short line without the values it repeats."""
    line = " ".join(diagnostic[:_MOST].replace("\0", " ").split())
    found = _HEX.match(line)
    if found and ("DSID-" in line or "problem" in line):
        data = _DATA.search(line)
        return f"{found[1]} data {data[1]}" if data else found[1]
    line = hide_identity_numbers(_VALUES.sub("…", line), lambda _: "…")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _meaning(answer: Result) -> _Meaning:
    found = _HEX.match(answer.diagnostic)
    if found and (meaning := _WINDOWS.get(found[1].upper())):
        return meaning
    if _UNIQUE in answer.diagnostic:
        return Conflict, "giá trị này đã thuộc về mục khác", "the value belongs to another entry"
    return _CODES.get(answer.code) or (Unknown, "máy chủ trả lời bằng mã lạ", "a code of no known meaning")


def _says(answer: Result, vietnamese: str, english: str) -> Text:
    told = cleaned(answer.diagnostic)
    server = f"; {told}" if told else ""
    return Text(
        f"{vietnamese} (LDAP {answer.code}{server}).",
        f"{english} (LDAP {answer.code}{server}).",
    )
