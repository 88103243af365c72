"""Whether an OpenLDAP hashes the passwords that it is given.

They are sent as they are, over TLS, for only the server can hold them against its policy; it hashes them only where the
overlay ppolicy says `olcPPolicyHashCleartext: TRUE` (slapo-ppolicy(5)), and else keeps them for whoever reads a backup.
"""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from syncagent.connectors.ldap.answers import Names, entry
from syncagent.core import dn as names_of
from syncagent.core.examination import Examination, Health
from syncagent.errors import Doubtful
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch

_HASHES, _SUFFIX, _PASSWORD = "olcPPolicyHashCleartext", "olcSuffix", "userPassword"
_SAMPLE = 20
_WAY_OUT = "olcPPolicyHashCleartext: TRUE"


def examined(session: Session, branch: Branch) -> Examination:
    """Return whether passwords are hashed, as far as the server's configuration or some accounts show it.

    Of the accounts only whether a value begins with a scheme, as in `{SSHA}…`, is looked at.
    """
    what = Text("Băm mật khẩu", "Hashing of passwords")
    configured = _configured(session, branch)
    if configured is False:
        says = Text(
            f"máy chủ không băm mật khẩu, mật khẩu đặt ra sẽ nằm dạng rõ trong thư mục. Hãy đặt {_WAY_OUT} ở lớp phủ "
            f"ppolicy của {branch.context} trước khi thực hiện.",
            f"the server does not hash passwords; what is set would stand in the clear. Set {_WAY_OUT} in the overlay "
            f"ppolicy of {branch.context} before anything is applied.",
        )
        return Examination(what, Health.FAULT, says)
    looked_at, in_the_clear = _sampled(session, branch)
    if in_the_clear:
        says = Text(
            f"{in_the_clear} trên {looked_at} tài khoản xem thử có mật khẩu dạng rõ. Hãy đặt {_WAY_OUT} ở lớp phủ "
            "ppolicy, rồi đổi các mật khẩu đó.",
            f"{in_the_clear} of {looked_at} accounts that were looked at have a password in the clear. Set {_WAY_OUT} "
            "in the overlay ppolicy, then change those passwords.",
        )
        return Examination(what, Health.FAULT, says)
    if configured or looked_at:
        return Examination(what, Health.GOOD, Text("máy chủ tự băm.", "the server hashes them."))
    says = Text(
        f"tác tử không đọc được cấu hình nên chưa biết; người quản trị máy chủ hãy xem đã có {_WAY_OUT} chưa.",
        f"not known, for the agent may not read the configuration; whoever runs the server should look for {_WAY_OUT}.",
    )
    return Examination(what, Health.DOUBT, says)


def _configured(session: Session, branch: Branch) -> bool | None:
    """Return what the configuration of the branch's database says, None if the agent may not read it."""
    names = Names((_SUFFIX, _HASHES))
    for place in session.root_dse.get("configContext", ()):
        try:
            lines = [*session.lines(place, f"(|({_SUFFIX}=*)(objectClass=olcPPolicyConfig))", (_SUFFIX, _HASHES))]
        except Doubtful:
            continue
        found = [entry(line, names) for line in lines]
        ours = {names_of.same(one.dn) for one in found if _is_for(branch, one.attributes.get(_SUFFIX, ()))}
        if ours:
            return any(
                one.attributes.get(_HASHES) == (b"TRUE",) and names_of.same(names_of.parent(one.dn)) in ours
                for one in found
            )
    return None


def _is_for(branch: Branch, suffixes: tuple[bytes, ...]) -> bool:
    return names_of.same(branch.context) in {names_of.same(one.decode()) for one in suffixes}


def _sampled(session: Session, branch: Branch) -> tuple[int, int]:
    """Return how many accounts show their password to the agent, and how many of these show it in the clear."""
    condition = f"(&(objectClass={branch.directory.account_class})({_PASSWORD}=*))"
    with closing(session.read(branch.base, condition, (_PASSWORD,))) as found:
        shown = [one.attributes[_PASSWORD] for one in islice(found, _SAMPLE) if _PASSWORD in one.attributes]
    return len(shown), sum(not all(value.startswith(b"{") for value in values) for values in shown)
