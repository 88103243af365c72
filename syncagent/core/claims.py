"""Who gets which of the new addresses claimed in one plan: agreed ones first, then by turn, and equals wait."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from syncagent.core.addresses import fold_address
from syncagent.core.finding import Finding, FindingCode
from syncagent.core.names import syllables
from syncagent.core.wanted import Address, clash, numbered, pattern_of
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.addresses import Namespace
    from syncagent.core.case import Case


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
        finding = (
            _not_told_apart(case, claims[subject].address)
            if claims[subject].in_turn
            else clash(case, claims[subject].address, words[subject], namespace)
        )
        settled[subject] = Address(held, findings=(*claims[subject].findings, finding))
    return settled


def _in_turn(
    claims: Mapping[str, Address],
    cases: Mapping[str, Case],
    words: Mapping[str, Mapping[str, str]],
    namespace: Namespace,
) -> Mapping[str, Address]:
    """Return the claims with numbers for those who come later: by the day of the request, then by rank.

    Those who cannot be told apart by day and rank claim one address together, so that all of them wait; as many forms
    are theirs as they are, so whoever asked later has the number after them, however they are told apart.
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
        several = len(equal[plain]) > 1
        for turn in sorted(turns):
            forms: list[str] = []
            for subject in turns[turn]:
                free = namespace.free_for(plain, subject)
                forms.append(plain if free else numbered(plain, words[subject], cases[subject], namespace))
                namespace.take(forms[-1], subject)
                found[subject] = replace(claims[subject], address=forms[0], in_turn=forms[0] != plain or several)
    return found


def _not_told_apart(case: Case, address: str) -> Finding:
    """Return that the text says who keeps the plain form, but the roster does not tell those who ask apart (DN-10)."""
    cite = case.policy.regulation.naming.clash
    case.consider(cite, cite.text, applies=True)
    says = Text(
        f"Địa chỉ {address} của {case.subject}: những người trùng tên yêu cầu cùng ngày hoặc trước đó chưa phân biệt "
        "được theo cấp bậc, chức vụ, nên chưa biết ai giữ nguyên định dạng, ai thêm số thứ tự "
        f"({cite.article}). Hãy ghi cấp bậc (cột rank) hoặc ngày nhận yêu cầu (cột received_on) của từng người.",
        f"Address {address} of {case.subject}: people of one name asked on that day or before, and their ranks do not "
        f"tell who keeps the plain form and who gets a number ({cite.article}). Fill in the rank (column rank) or the "
        "day of the request (column received_on) of each.",
    )
    return case.finding(FindingCode.ADDRESS_CLASH, says)


def _plain(case: Case, words: Mapping[str, str]) -> str:
    """Return the address a person would have if nobody else bore the name."""
    row = case.person.current if case.person else None
    name = syllables(row.full_name, row.given_name) if row else None
    return f"{pattern_of(case, words).render(name, words)}@{case.policy.regulation.naming.domain}"


def _turn(case: Case) -> tuple[date, int]:
    """Return when somebody's turn is: the day of the request, on one day the higher rank first (DN-10).

    Who proves no day comes last.
    """
    row = case.person.current if case.person else None
    if row is None or row.received is None:
        return date.max, 0
    return row.received, -(row.rank if row.rank is not None else -1)
