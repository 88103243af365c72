"""A regulation file is complete, uses only words the core knows, and names the line of each fault."""

from __future__ import annotations

from datetime import date

import pytest
import world

from syncagent.core.action import ActionKind
from syncagent.core.periods import Term
from syncagent.core.person import Event
from syncagent.core.regulation import Anchor, Condition
from syncagent.core.request import RequestKind
from syncagent.core.stamp import AccountKind, State
from syncagent.errors import Misconfigured
from syncagent.mapping.regulation import read_regulation

TEXT = (world.MAPPINGS / "regulations" / "ninhbinh-2025.yaml").read_text(encoding="utf-8")


def _fault(old: str, new: str) -> tuple[str, int]:
    """What is said of the shipped file with one thing replaced, and how many lines below the replacement."""
    before, found, _ = TEXT.partition(old)
    assert found
    with pytest.raises(Misconfigured) as refused:
        read_regulation(TEXT.replace(old, new, 1), "r.yaml")
    file, _, line = refused.value.where.partition(":")
    assert file == "r.yaml"
    assert refused.value.also == ()
    return refused.value.says.en, int(line) - before.count("\n") - 1


def test_the_shipped_text_says_what_the_decision_says() -> None:
    """NB-01, NB-05, NB-16, NB-28, NB-29, NB-30, NB-31, NB-38 of Quyết định 162/2025/QĐ-UBND."""
    found = read_regulation(TEXT, "r.yaml")

    assert found.in_force == date(2025, 12, 10)
    assert found.naming.domain == "ninhbinh.gov.vn"
    assert set(found.naming.kinds) == set(AccountKind)
    assert found.answer.within == Term(working_days=3)
    assert found.alias_term == Term(months=3)
    assert found.quota
    assert (found.quota.size_mb, found.quota.attachment_mb) == (2048, 30)
    assert (found.passwords.shortest, found.passwords.longest_months) == (9, 6)
    assert ActionKind.LOCK not in found.orders
    assert {ActionKind.CREATE, ActionKind.DISABLE, ActionKind.DELETE} <= found.orders


def test_the_terms_are_those_of_article_seven() -> None:
    """NB-23: an unchanged default password locks after a month; NB-28: deletion three months after the lock."""
    lock, delete = read_regulation(TEXT, "r.yaml").terms

    assert (lock.does, lock.states, lock.term) == (ActionKind.LOCK, frozenset({State.ACTIVE}), Term(months=1))
    assert (lock.anchor, lock.condition) == (Anchor.DEFAULT_PASSWORD, Condition.DEFAULT_PASSWORD)
    assert (delete.does, delete.states, delete.term) == (ActionKind.DELETE, frozenset({State.DISABLED}), Term(months=3))
    assert (delete.anchor, delete.condition) == (Anchor.STATE, Condition.ALWAYS)
    assert delete.reasons == {"left", "unit-closed", "reissued"}


def test_every_event_has_its_clause() -> None:
    """Domain §4.3: for every event of the roster the text says what it does, or the file is refused."""
    assert set(read_regulation(TEXT, "r.yaml").events) == set(Event)

    end = TEXT.index("\njoiner:")
    start = TEXT.index("  study:")
    says, _ = _fault(TEXT[start:end], "")
    assert says == "events: events without a clause: appointed, study."


def test_forwarding_need_not_be_regulated() -> None:
    """Domain §1.7: a text may be silent on forwarding."""
    part = TEXT[TEXT.index("forwarding:") : TEXT.index("enforced:")]

    assert read_regulation(TEXT.replace(part, ""), "r.yaml").forwarding is None


@pytest.mark.parametrize(
    ("old", "new", "says", "below"),
    [
        ("reserved: [postmaster, abuse", "reserved: [postmaster, a b, Sở", "not local parts: a b, Sở", 0),
        ("events:\n  recruited:", "events:\n  promoted:", "'promoted' is not a valid Event", 0),
        ("requests:\n  create:", "requests:\n  order:", "'order' is not a valid RequestKind", 0),
        ("actions: [create,", "actions: [create, destroy,", "'destroy' is not a valid ActionKind", 0),
        ('"{ten}{initials}.{suffix}"', '"{title}.{suffix}"', "unknown token {title}", 0),
        ('candidates: ["{ten}', 'candidates: ["{ten', "braces do not match", 0),
        ("{months: 3}", "{months: 3, days: 1}", "alias.term", 0),
        ("{months: 3}", "{}", "alias.term", 0),
        ("{months: 3}", "{months: -3}", "alias.term.months", 0),
        ("domain: ninhbinh.gov.vn", "domain: '@ninhbinh.gov.vn'", "naming.domain", 0),
        ("states: [active]", "states: [deleted]", "terms.0.states.0", 0),
        ("does: lock", "does: create", "terms.0.does", 0),
        ("enforced:\n  lockout_threshold:", "enforced:\n  lock_after:", "'lock_after' is not a valid Setting", 0),
        ("    bound: maximum\n    rule: NB-30", "    bound: most\n    rule: NB-30", "enforced.password_age.bound", 0),
        ("in_force:\n  date: 2025-12-10", "in_force:\n  date: soon", "in_force.date", 1),
        ("effect: create", "effect: erase", "events.recruited.effect", 0),
        ("id: ninhbinh-2025", "id: Ninh Bình", "id: ", 0),
    ],
)
def test_a_word_the_core_does_not_know_is_named_with_its_line(old: str, new: str, says: str, below: int) -> None:
    """Contract §2, `check`: no clause is read as something else, none is left out in silence."""
    said, found = _fault(old, new)

    assert says in said
    assert found == below


def test_every_clause_needs_its_article() -> None:
    """Design §2, Regulation: one decision as data, each part with its article."""
    says, _ = _fault("    article: Điều 5 khoản 1\n", "")

    assert says == "naming.agency.article: this key is missing."


def test_requests_are_those_the_text_knows() -> None:
    """Contract §4: what the regulation does not say of a request stays undone, and emergencies give a reason."""
    requests = read_regulation(TEXT, "r.yaml").requests

    assert [kind for kind, rule in requests.items() if rule.needs_reason] == [RequestKind.EMERGENCY_DELETE]
    assert [kind for kind, rule in requests.items() if rule.needs_decision] == [RequestKind.CANCEL]
    assert RequestKind.EXEMPT not in requests


def test_a_day_that_does_not_exist_is_named_with_its_line() -> None:
    """Contract §2, `check`: 30 February is a fault of the file, at its line."""
    text = world._text("regulations/ninhbinh-2025.yaml")  # noqa: SLF001 - in this sketch only

    with pytest.raises(Misconfigured) as refused:
        read_regulation(text.replace("2025-12-10", "2025-02-30"), "r.yaml")
    assert refused.value.where == "r.yaml:10"
    assert "day is out of range for month" in refused.value.says.en


def test_a_text_without_a_deadline_has_none() -> None:
    """Bến Tre, Quận 4 and Bình Định set no day for the answer; a file may say so, or leave the term out."""
    text = (world.MAPPINGS / "regulations/ninhbinh-2025.yaml").read_text(encoding="utf-8")
    written = "  term: {working_days: 3}\n  rule: NB-16"
    assert written in text

    assert read_regulation(text.replace(written, "  term: null\n  rule: NB-16"), "a.yaml").answer.within is None
    assert read_regulation(text.replace(written, "  rule: NB-16"), "a.yaml").answer.within is None
