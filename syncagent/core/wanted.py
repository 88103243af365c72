"""Which address a subject should have: what they hold, what was agreed, or what the regulation builds.

Whoever holds an address that still names the right unit keeps it. A new one is claimed; claims are settled
together, so that two newcomers never get one address whatever the order of rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncagent.core.addresses import RESERVED, UNIT_NAME, is_local_part, propose, still_fits
from syncagent.core.finding import Finding, FindingCode
from syncagent.core.in_service import latest
from syncagent.core.names import Syllables, name_of_room, needs_an_eye, spelled_from, syllables
from syncagent.core.person import Event
from syncagent.core.readdress import Order, agreed, mover_of, order_of
from syncagent.core.request import RequestKind
from syncagent.core.stamp import AccountKind
from syncagent.core.unit import UnitKind, UnitStatus
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.addresses import Namespace, Pattern
    from syncagent.core.case import Case, Step
    from syncagent.core.regulation import Naming, NamingRule
    from syncagent.core.unit import Unit, Units


@dataclass(slots=True)  # frozen by decision 023, not by Python
class Address:
    """The address decided for a subject; empty if none can be given yet. `new` ones are claims until settled.

    `order` is what orders the change, `agreed` says that people settled it by name, `in_turn` that it is what it is
    because others bear the name: with a number, or the plain form before them (DN-09, DN-10).
    """

    address: str
    new: bool = False
    agreed: bool = False
    order: Order = Order()  # noqa: RUF009 - a tuple that nobody can change
    findings: tuple[Finding, ...] = ()
    in_turn: bool = False


def namesakes(units: Units, naming: Naming) -> frozenset[str]:
    """Return the keys of the units that share their name or short form with one of another agency (DN-07, Điều 3.1).

    Whoever was dissolved or merged is nobody's namesake any more, and rooms of one agency are told apart by no agency.
    """
    if not any(rule.shared for rule in naming.kinds.values()):
        return frozenset()
    called: dict[tuple[UnitKind, str], dict[str, str]] = defaultdict(dict)
    for one in units:
        if one.status is UnitStatus.ACTIVE:
            agency = units.agency(one.parent)
            for name in {one.abbreviation, _room(units, one)} - {""}:
                called[one.kind, name][one.unit] = agency.unit if agency else ""
    return frozenset(unit for theirs in called.values() if len(set(theirs.values())) > 1 for unit in theirs)


def unit_words(units: Units, unit: str, naming: Naming, namesakes: frozenset[str]) -> dict[str, str]:
    """Return the words of a unit that patterns and templates speak of; `namesakes` as of the function of that name.

    `named_after` is the key of the unit its people's addresses name, `decision` what that naming rests on, `tail` what
    those addresses end in.
    """
    named_after = units.names(unit)
    agency = units.agency(unit)
    own = units[unit]
    words = {
        "agency_name": agency.name if agency else units[unit].name,
        "named_after": named_after.unit if named_after else "",
        "decision": named_after.document.number if named_after else "",
        "suffix": units.suffix(unit),
        "abbreviation": own.abbreviation,
        "name": _room(units, own),
        "shared": "yes" if unit in namesakes else "",
        "parent": units.parent_abbreviation(unit),
    }
    return {**words, "tail": naming.kinds[AccountKind.PERSONAL].pattern.tail(words)}


def _room(units: Units, unit: Unit) -> str:
    agency = units.agency(unit.parent) if unit.parent else None
    return name_of_room(unit.name, agency.name if agency else "")


def address_for(case: Case, step: Step, units: Mapping[str, Mapping[str, str]], namespace: Namespace) -> Address:
    """Given a subject and the step taken with it, return the address it should have.

    Args:
        case: the subject.
        step: what the regulation does with it today; its state is one in which addresses are kept in step.
        units: the words of every unit, as of `unit_words`.
        namespace: every address that is taken.
    """
    naming, words = case.policy.regulation.naming, units[case.unit.unit]
    held = case.account.address if case.account else ""
    settled, written = agreed(case)
    fits = _has_form(held, case, words)
    asks = _renamed_on_request(case)
    if held and fits and not asks and (held == settled or (case.person and not settled)):
        return Address(held)
    name = syllables(case.person.current.full_name, case.person.current.given_name) if case.person else None
    if settled and settled != held and not _outlived(settled, case, words, namespace):
        if problem := _unusable(settled, name, case, words, namespace):
            return Address(held, findings=(_refused(case, settled, problem),))
        return Address(settled, new=True, agreed=True, order=written._replace(mover=mover_of(case, units)))
    base = pattern_of(case, words).render(name, words)
    own = held in _says(case.unit, words, naming) or (fits and bool(words["shared"]))  # form 02 changes it (DN-13)
    kept = fits and not asks if case.person else own
    if held and kept:
        return Address(held)
    if blocked := _unnameable(case, name, words):
        return Address(held, findings=(blocked,))
    order = order_of(case, step, units, renamed=fits)
    if held and order is None:
        return Address(held, findings=(_undocumented(case, held),))
    order = order or Order()
    address = f"{base}@{naming.domain}"
    if is_local_part(base) and namespace.free_for(address, case.subject):
        return Address(address, new=True, order=order)
    if case.person and naming.numbered and is_local_part(base):
        return Address(numbered(address, words, case, namespace), new=True, order=order)
    if not is_local_part(base) and not case.person:
        return Address(held, findings=(_unwritable(case, address),))
    return Address(held, findings=(clash(case, address, words, namespace),))


def naming_rule(unit: Unit, naming: Naming) -> NamingRule:
    """Return the rule for the mailbox of a unit; a commune below another unit may have one of its own (BT-06)."""
    if naming.communes and unit.kind is UnitKind.COMMUNE and unit.parent:
        return naming.communes
    return naming.kinds[AccountKind.DEPARTMENT if unit.kind is UnitKind.DEPARTMENT else AccountKind.AGENCY]


def unit_addresses(unit: Unit, words: Mapping[str, str], naming: Naming) -> tuple[str, ...]:
    """Return the addresses that are a unit's by right; the plain one of several units is nobody's (DN-07)."""
    return _says(unit, words, naming)[:1]


def reserved_address(unit: Unit, words: Mapping[str, str], naming: Naming) -> str:
    """Return the plain address of a room of several agencies, which nobody is given (DN-07; domain §1.8 row 37)."""
    return _says(unit, words, naming)[1] if words["shared"] and naming_rule(unit, naming).shared else ""


def _says(unit: Unit, words: Mapping[str, str], naming: Naming) -> tuple[str, ...]:
    """Return the addresses that say this unit, the one to issue first; who has the plain one keeps it (DN-07)."""
    return tuple(f"{pattern.render(None, words)}@{naming.domain}" for pattern in _forms(unit, words, naming))


def _forms(unit: Unit, words: Mapping[str, str], naming: Naming) -> tuple[Pattern, ...]:
    rule = naming_rule(unit, naming)
    if rule.shared is None:
        return (rule.pattern,)
    return (rule.shared, rule.pattern) if words["shared"] else (rule.pattern, rule.shared)


def pattern_of(case: Case, words: Mapping[str, str]) -> Pattern:
    """Return how the address of a subject is built."""
    naming = case.policy.regulation.naming
    return naming.kinds[AccountKind.PERSONAL].pattern if case.person else _forms(case.unit, words, naming)[0]


def _tails(case: Case, words: Mapping[str, str]) -> tuple[str, ...]:
    """Return what may follow the name in an address of a subject: what says its unit, or the agency above a unit."""
    if case.person:
        return (words["tail"],)
    return tuple(form.tail(words, UNIT_NAME) for form in _forms(case.unit, words, case.policy.regulation.naming))


def _has_form(address: str, case: Case, words: Mapping[str, str]) -> bool:
    domain = case.policy.regulation.naming.domain
    return any(still_fits(address, domain, tail) for tail in _tails(case, words))


def numbered(address: str, words: Mapping[str, str], case: Case, namespace: Namespace) -> str:
    """Return the address with the first number after the name that makes it free (DN-09, Điều 3.3.a)."""
    local, _, domain = address.partition("@")
    stem = local.removesuffix(words["tail"])
    number = 1
    while not namespace.free_for(f"{stem}{number}{words['tail']}@{domain}", case.subject):
        number += 1
    return f"{stem}{number}{words['tail']}@{domain}"


def clash(case: Case, address: str, words: Mapping[str, str], namespace: Namespace) -> Finding:
    """Return the finding that an address is taken, with the free forms people may choose from."""
    naming = case.policy.regulation.naming
    person = case.person.current if case.person else None
    name = syllables(person.full_name, person.given_name) if person else None
    candidates: Iterable[str] = ()
    if name:
        candidates = propose(naming.candidates, name, words, naming.domain, namespace, case.subject)
    candidates = tuple(candidates)
    case.consider(naming.clash, naming.clash.text, applies=True)
    offered = ", ".join(candidates) or "–"
    return case.finding(
        FindingCode.ADDRESS_CLASH,
        Text(
            f"Địa chỉ {address} của {case.subject} đã được cấp, được giữ chỗ hoặc có nhiều người cùng cần "
            f"({naming.clash.article}). Hãy thống nhất một tên và ghi vào cột agreed_address; gợi ý: {offered}.",
            f"Address {address} of {case.subject} is taken, reserved, or wanted by several ({naming.clash.article}). "
            f"Agree on a name and write it into agreed_address; proposals: {offered}.",
        ),
        candidates=candidates,
    )


def _outlived(address: str, case: Case, words: Mapping[str, str], namespace: Namespace) -> bool:
    """Whether an agreed address was the holder's once and names a unit they have left since."""
    return namespace.owner(address) == case.subject and not _has_form(address, case, words)


def _unusable(
    address: str, name: Syllables | None, case: Case, words: Mapping[str, str], namespace: Namespace
) -> Text | None:
    local = address.partition("@")[0]
    if not _has_form(address, case, words):
        form = f"{_tails(case, words)[0]}@{case.policy.regulation.naming.domain}"
        return Text(
            f"không có dạng <tên>{form} (phần tên không chứa dấu chấm)",
            f"does not have the form <name>{form} (no dot in the name)",
        )
    if not is_local_part(local):
        return Text(
            "chứa ký tự không dùng được hoặc quá 64 ký tự",
            "holds characters that cannot be used or is too long",
        )
    naming = case.policy.regulation.naming
    # the plain form of rooms of one name is kept from everybody but a room whose agency asks for it by letter (DN-07)
    spare = case.person is None and namespace.owner(address) == RESERVED and address in _says(case.unit, words, naming)
    if not spare and not namespace.free_for(address, case.subject):
        return Text("đã được cấp cho người khác", "was issued to somebody else")
    if name and naming.says_person and name.ten not in local:
        return Text("không có tên người được cấp", "does not contain the holder's name")
    if case.person is None and naming.says_unit and not _says_its_unit(local, case, words):
        return Text("không có tên hay tên viết tắt của đơn vị", "does not contain the unit's name or short form")
    return None


def _says_its_unit(local: str, case: Case, words: Mapping[str, str]) -> bool:
    """Whether an address says which unit it is: by its abbreviation, or by syllables of its name (NB-13, Điều 5.4)."""
    stems = [local.removesuffix(tail) for tail in _tails(case, words) if local.endswith(tail)]
    short = words["abbreviation"]
    return any(
        (short and short in stem) or spelled_from(stem.replace("-", "").replace("_", ""), case.unit.name)
        for stem in stems
    )


def _refused(case: Case, address: str, problem: Text) -> Finding:
    return case.finding(
        FindingCode.ADDRESS_CLASH,
        Text(
            f"Địa chỉ đã thống nhất {address} của {case.subject} {problem.vi}; hãy chọn địa chỉ khác.",
            f"The agreed address {address} of {case.subject} {problem.en}; agree on another.",
        ),
    )


def _renamed_on_request(case: Case) -> bool:
    """Whether the agency asks for another address after a change of name (NB-15; domain §1.8 row 6)."""
    row = case.person.current if case.person else None
    if row is None or row.event is not Event.RENAMED:
        return False
    return latest(case, RequestKind.CHANGE, since=row.takes_effect) is not None


def _unnameable(case: Case, name: Syllables | None, words: Mapping[str, str]) -> Finding | None:
    if case.person:
        row = case.person.current
        if name is None or (needs_an_eye(row.full_name) and not row.given_name):
            return case.finding(
                FindingCode.NEEDS_GIVEN_NAME,
                Text(
                    f"Họ tên “{row.full_name}” cần người xem: hãy ghi phần tên vào cột given_name (các chữ có trong "
                    "họ tên).",
                    f"The name “{row.full_name}” needs a person's eye: write which syllables are the tên into "
                    "given_name.",
                ),
            )
    missing = not words["suffix"] if case.kind is AccountKind.PERSONAL else not words["abbreviation"]
    if missing or (case.kind is AccountKind.DEPARTMENT and not words["parent"]):
        return case.finding(
            FindingCode.UNKNOWN_UNIT,
            Text(
                f"Đơn vị “{case.unit.unit}” chưa có tên viết tắt được duyệt; hãy bổ sung cột abbreviation.",
                f"Unit “{case.unit.unit}” has no approved abbreviation; fill in the column abbreviation.",
            ),
        )
    return None


def _unwritable(case: Case, address: str) -> Finding:
    """Say that the name of a unit makes no address, and where it is to be mended (RFC 5321 §4.5.3.1.1: 64 octets)."""
    return case.finding(
        FindingCode.UNKNOWN_UNIT,
        Text(
            f"Địa chỉ {address} của đơn vị “{case.unit.unit}” không dùng được: chứa ký tự không dùng được hoặc quá 64 "
            "ký tự trước @. Hãy rút gọn tên (cột name) hoặc tên viết tắt (cột abbreviation) của đơn vị.",
            f"Address {address} of unit “{case.unit.unit}” cannot be used: it holds signs that cannot be, or more than "
            "64 before the @. Shorten the unit's name (column name) or abbreviation (column abbreviation).",
        ),
    )


def _undocumented(case: Case, held: str) -> Finding:
    return case.finding(
        FindingCode.NEEDS_ORDER,
        Text(
            f"Địa chỉ {held} của {case.subject} không còn đúng đơn vị “{case.unit.unit}”, nhưng chưa có quyết định "
            "điều động hoặc văn bản đề nghị thay đổi; địa chỉ giữ nguyên.",
            f"Address {held} of {case.subject} no longer names unit “{case.unit.unit}”, but there is no decision of a "
            "transfer and no request to change it; the address stays.",
        ),
    )
