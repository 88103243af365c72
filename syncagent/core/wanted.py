"""Which address a subject should have: what they hold, what was agreed, or what the regulation builds.

Whoever holds an address that still names the right unit keeps it. A new one is claimed; claims are settled
together, so that two newcomers never get one address whatever the order of rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind
from syncagent.core.addresses import fold_address, is_local_part, propose, still_fits
from syncagent.core.finding import Finding, FindingCode
from syncagent.core.in_service import latest
from syncagent.core.names import Syllables, needs_an_eye, syllables
from syncagent.core.person import Event
from syncagent.core.regulation import Effect
from syncagent.core.request import RequestKind
from syncagent.core.stamp import AccountKind
from syncagent.core.unit import UnitKind
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

    `document` is the decision or request that orders the change, `agreed` says that people settled it by name.
    """

    address: str
    new: bool = False
    agreed: bool = False
    document: str = ""
    findings: tuple[Finding, ...] = ()


def unit_words(units: Units, unit: str, naming: Naming) -> dict[str, str]:
    """Return the words of a unit that patterns and templates speak of.

    `decision` is what its naming rests on, `tail` what its people's addresses end in.
    """
    named_after = units.names(unit)
    agency = units.agency(unit)
    own = units[unit]
    rivals = units if any(rule.shared for rule in naming.kinds.values()) else ()
    alike = [one for one in rivals if one.kind is own.kind and one.abbreviation == own.abbreviation]
    words = {
        "agency_name": agency.name if agency else units[unit].name,
        "decision": named_after.document.number if named_after else "",
        "suffix": units.suffix(unit),
        "abbreviation": own.abbreviation,
        "shared": "yes" if len(alike) > 1 else "",
        "parent": units.parent_abbreviation(unit),
    }
    return {**words, "tail": naming.kinds[AccountKind.PERSONAL].pattern.tail(words)}


def address_for(case: Case, step: Step, words: Mapping[str, str], namespace: Namespace) -> Address:
    """Given a subject and the step taken with it, return the address it should have.

    Args:
        case: the subject.
        step: what the regulation does with it today; its state is one in which addresses are kept in step.
        words: the words of its unit, as of `unit_words`.
        namespace: every address that is taken.
    """
    naming = case.policy.regulation.naming
    held = case.account.address if case.account else ""
    agreed = _agreed(case)
    fits = still_fits(held, naming.domain, words["tail"])
    if case.person and fits and agreed in {"", held} and not _renamed_on_request(case):
        return Address(held)
    name = syllables(case.person.current.full_name, case.person.current.given_name) if case.person else None
    if agreed and agreed != held and not _outlived(agreed, case, words, namespace):
        if problem := _unusable(agreed, name, case, words, namespace):
            return Address(held, findings=(_refused(case, agreed, problem),))
        order = _order(case, step, words["decision"]) or ""
        return Address(agreed, new=True, agreed=True, document=order)
    base = _pattern(case, words).render(name, words)
    kept = fits and not _renamed_on_request(case) if case.person else held in _says(case.unit, words, naming)
    if held and kept:
        return Address(held)
    if blocked := _unnameable(case, name, words):
        return Address(held, findings=(blocked,))
    document = _order(case, step, words["decision"])
    if held and document is None:
        return Address(held, findings=(_undocumented(case, held),))
    address = f"{base}@{naming.domain}"
    if is_local_part(base) and namespace.free_for(address, case.subject):
        return Address(address, new=True, document=document or "")
    if case.person and naming.numbered and is_local_part(base):
        return Address(numbered(address, words, case, namespace), new=True, document=document or "")
    return Address(held, findings=(clash(case, address, words, namespace),))


def naming_rule(unit: Unit, naming: Naming) -> NamingRule:
    """Return the rule for the mailbox of a unit; a commune below another unit may have one of its own (BT-06)."""
    if naming.communes and unit.kind is UnitKind.COMMUNE and unit.parent:
        return naming.communes
    return naming.kinds[AccountKind.DEPARTMENT if unit.kind is UnitKind.DEPARTMENT else AccountKind.AGENCY]


def unit_addresses(unit: Unit, words: Mapping[str, str], naming: Naming) -> tuple[str, ...]:
    """Return the addresses that are a unit's by right; the plain one of several units is nobody's (DN-07)."""
    return _says(unit, words, naming)[:1]


def _says(unit: Unit, words: Mapping[str, str], naming: Naming) -> tuple[str, ...]:
    """Return the addresses that say this unit, the one to issue first; who has the plain one keeps it (DN-07)."""
    rule = naming_rule(unit, naming)
    patterns = [rule.shared, rule.pattern] if rule.shared and words["shared"] else [rule.pattern]
    return tuple(f"{pattern.render(None, words)}@{naming.domain}" for pattern in patterns)


def _pattern(case: Case, words: Mapping[str, str]) -> Pattern:
    naming = case.policy.regulation.naming
    if case.person:
        return naming.kinds[AccountKind.PERSONAL].pattern
    rule = naming_rule(case.unit, naming)
    return rule.shared if rule.shared and words["shared"] else rule.pattern


def settle(
    claims: Mapping[str, Address],
    cases: Mapping[str, Case],
    words: Mapping[str, Mapping[str, str]],
    namespace: Namespace,
) -> dict[str, Address]:
    """Given all new addresses claimed in one plan, return what each subject gets.

    An agreed address goes before a built one; two equal claims both wait for people (NB-13, Điều 5.4), unless the
    regulation says who goes first (DN-09, DN-10; Điều 3.3).
    """
    claims = _in_turn(claims, cases, words, namespace)
    agreed = Counter(fold_address(claim.address) for claim in claims.values() if claim.agreed)
    wanted = Counter(fold_address(claim.address) for claim in claims.values())
    settled: dict[str, Address] = {}
    lost: list[str] = []
    for subject in sorted(claims):
        claim = claims[subject]
        folded = fold_address(claim.address)
        alone = agreed[folded] == 1 if claim.agreed else wanted[folded] == 1
        if alone:
            settled[subject] = claim
            namespace.take(claim.address, subject)
        else:
            lost.append(subject)
    for subject in lost:
        namespace.take(claims[subject].address, f"claimed by {subject}")
    for subject in lost:
        case = cases[subject]
        held = case.account.address if case.account else ""
        finding = clash(case, claims[subject].address, words[subject], namespace)
        settled[subject] = Address(held, findings=(*claims[subject].findings, finding))
    return settled


def numbered(address: str, words: Mapping[str, str], case: Case, namespace: Namespace) -> str:
    """Return the address with the first number after the name that makes it free (DN-09, Điều 3.3.a)."""
    local, _, domain = address.partition("@")
    stem = local.removesuffix(words["tail"])
    number = 1
    while not namespace.free_for(f"{stem}{number}{words['tail']}@{domain}", case.subject):
        number += 1
    return f"{stem}{number}{words['tail']}@{domain}"


def _in_turn(
    claims: Mapping[str, Address],
    cases: Mapping[str, Case],
    words: Mapping[str, Mapping[str, str]],
    namespace: Namespace,
) -> Mapping[str, Address]:
    """Return the claims with numbers for those who come later: by the day of the request, then by rank.

    Those who cannot be told apart by day and rank claim one address together, so that all of them wait.
    """
    equal: dict[str, list[str]] = defaultdict(list)
    for subject, claim in claims.items():
        case = cases[subject]
        if case.person and case.policy.regulation.naming.numbered and not claim.agreed:
            equal[_plain(case, words[subject])].append(subject)
    found = dict(claims)
    for plain in sorted(equal):
        turns: dict[tuple[date, int], list[str]] = defaultdict(list)
        for subject in sorted(equal[plain]):
            turns[_turn(cases[subject])].append(subject)
        told_apart = True
        for turn in sorted(turns):
            theirs = turns[turn]
            told_apart &= len(theirs) == 1
            for subject in theirs:
                case = cases[subject]
                free = namespace.free_for(plain, subject)
                given = plain if free else numbered(plain, words[subject], case, namespace)
                found[subject] = replace(claims[subject], address=given)
                if told_apart:
                    namespace.take(given, subject)
    return found


def _plain(case: Case, words: Mapping[str, str]) -> str:
    """Return the address a person would have if nobody else bore the name."""
    row = case.person.current if case.person else None
    name = syllables(row.full_name, row.given_name) if row else None
    return f"{_pattern(case, words).render(name, words)}@{case.policy.regulation.naming.domain}"


def _turn(case: Case) -> tuple[date, int]:
    """Return when somebody's turn is: the day of the request, on one day the higher rank first (DN-10).

    Who proves no day comes last.
    """
    row = case.person.current if case.person else None
    if row is None or row.received is None:
        return date.max, 0
    return row.received, -(row.rank if row.rank is not None else -1)


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


def _agreed(case: Case) -> str:
    """Return the address people agreed on: the roster's column, else the newest request."""
    if case.person and case.person.current.agreed_address:
        return case.person.current.agreed_address.lower()
    asked = latest(case, RequestKind.AGREE_ADDRESS)
    return asked.value.strip().lower() if asked else ""


def _outlived(agreed: str, case: Case, words: Mapping[str, str], namespace: Namespace) -> bool:
    """Whether an agreed address was the holder's once and names a unit they have left since."""
    naming = case.policy.regulation.naming
    return namespace.owner(agreed) == case.subject and not still_fits(agreed, naming.domain, words["tail"])


def _unusable(
    address: str, name: Syllables | None, case: Case, words: Mapping[str, str], namespace: Namespace
) -> Text | None:
    domain, tail = case.policy.regulation.naming.domain, words["tail"]
    local = address.partition("@")[0]
    if not still_fits(address, domain, tail):
        return Text(
            f"không có dạng <tên>{tail}@{domain} (phần tên không chứa dấu chấm)",
            f"does not have the form <name>{tail}@{domain} (no dot in the name)",
        )
    if not is_local_part(local):
        return Text(
            "chứa ký tự không dùng được hoặc quá 64 ký tự",
            "holds characters that cannot be used or is too long",
        )
    if name and name.ten not in local:
        return Text("không có tên người được cấp", "does not contain the holder's name")
    if not namespace.free_for(address, case.subject):
        return Text("đã được cấp cho người khác", "was issued to somebody else")
    return None


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


def _order(case: Case, step: Step, decision: str) -> str | None:
    """Return the decision or request that orders a new address, empty if none is needed, None if it is lacking.

    `decision` is that of the unit the address is named after: it orders the change for those who did not move.
    """
    if step.kind in {ActionKind.CREATE, ActionKind.RESTORE}:
        return step.document
    if asked := latest(case, RequestKind.CHANGE, RequestKind.AGREE_ADDRESS):
        return asked.document
    if case.person is None:
        return decision or None
    row = case.person.current
    clause = case.policy.regulation.events.get(row.event) if row.event else None
    if clause and clause.effect in {Effect.TRANSFER, Effect.CREATE} and row.document.number:
        return row.document.number
    if row.agreed_address:
        return row.document.number
    stayed = case.stamp is not None and case.stamp.unit == row.unit
    return (decision or None) if stayed else None


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
