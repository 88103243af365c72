"""Whoever signs a decision, and whether the registry lets this key speak under this name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.names import fold
from syncagent.errors import Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncagent.store.approvers import Approver
    from syncagent.trust.signing import SigningKey


class Signer(NamedTuple):
    """Whoever decides, and the key that says so."""

    name: str
    key: SigningKey


def authorised(known: Sequence[Approver], signer: Signer | None) -> str:
    """Given all approvers and whoever wants to decide, return the registered name of that person.

    Raises:
        Refused: nobody signs, or the key is not registered under this name, or was revoked.
    """
    if signer is None:
        raise Refused(
            Text(
                "Việc này phải do một người duyệt đã đăng ký ký: thêm --by TÊN --key-file TỆP_KHÓA."
                if known
                else "Chưa có người duyệt nào đăng ký khóa. Hãy đăng ký trước: syncagent approver add TÊN --key-file "
                "TỆP_KHÓA",
                "A registered approver must sign this: add --by NAME --key-file FILE."
                if known
                else "No approver has registered a key yet. Register one first: syncagent approver add NAME --key-file "
                "FILE",
            )
        )
    key_id = signer.key.public.id
    approver = next((one for one in known if one.key_id == key_id), None)
    if approver is None:
        raise Refused(
            Text(
                f"Khóa {key_id} chưa được đăng ký; hãy đăng ký bằng: syncagent approver add TÊN --public-key "
                f"{signer.key.public.hex}",
                f"Key {key_id} is not registered; register it with: syncagent approver add NAME --public-key "
                f"{signer.key.public.hex}",
            )
        )
    if fold(approver.name) != fold(signer.name):
        raise Refused(
            Text(
                f"Khóa {key_id} không phải của “{signer.name}”; mỗi người ký bằng khóa của mình.",
                f"Key {key_id} does not belong to “{signer.name}”; everybody signs with a key of their own.",
            )
        )
    if approver.revoked_at:
        raise Refused(
            Text(
                f"Khóa {key_id} đã bị {approver.revoked_by} thu hồi.",
                f"Key {key_id} was revoked by {approver.revoked_by}.",
            )
        )
    return approver.name
