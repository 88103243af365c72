"""No rule of a text is lost: each stands in its file, and each that orders or reports something has its case."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import world

from syncagent.trust.passwords import Holder, flaws, generate

CASES = Path(__file__).parent / "cases"
_RULE = re.compile(r"[A-Z]{2}-[0-9]{2}")

COUNTED = {"danang-2017": ("DN", 43), "bentre-2016": ("BT", 30)}
"""How many rules were read out of each text."""

ORDERING = {
    "DN": {5, 6, 7, 8, 9, 10, 11, 14, 15, 19, 20, 21, 24, 27, 30, 32, 33, 34, 35, 37, 40, 41},
    "BT": {7, 11, 12, 15, 17, 20, 22, 25, 27, 28, 29},
}
"""Rules that act by themselves or are reported on. DN-22 is about passwords, which no plan holds: tested below."""


@pytest.mark.parametrize("law", COUNTED)
def test_every_rule_of_the_text_stands_in_its_file(law: str) -> None:
    """Contract §2, `explain`: each rule with its article, those only recorded included, and no other rule."""
    prefix, count = COUNTED[law]
    stand = {rule for cite in world.regulation(law).cites() for rule in _RULE.findall(cite.rule)}

    assert stand == {f"{prefix}-{number:02d}" for number in range(1, count + 1)}


@pytest.mark.parametrize("law", COUNTED)
def test_every_clause_names_its_article_in_both_languages(law: str) -> None:
    """Contract §2, `explain`: rule, article, and what they say, Vietnamese first."""
    cites = world.regulation(law).cites()

    assert [cite for cite in cites if not cite.article.startswith("Điều ")] == []
    assert [cite for cite in cites if not (cite.text.vi.endswith(".") and cite.text.en.endswith("."))] == []


@pytest.mark.parametrize("prefix", ORDERING)
def test_every_rule_that_orders_or_reports_something_has_a_case(prefix: str) -> None:
    """The why.md of a case cites the rules it stands for."""
    whys = [path.read_text(encoding="utf-8") for path in CASES.glob(f"{prefix.lower()}-*/why.md")]
    cited = {rule for why in whys for rule in _RULE.findall(why)}

    assert {f"{prefix}-{number:02d}" for number in ORDERING[prefix]} - cited == set()


def test_neither_text_deletes_anything() -> None:
    """Domain §1.6: “thu hồi” and “hủy bỏ” of Đà Nẵng and Bến Tre order no destruction of data."""
    for law in COUNTED:
        found = world.regulation(law)
        closing = [found.leaver.does, found.unit_closed.does, found.mover.closes]
        closing += [clause.does for clause in found.terms] + [rule.does for rule in found.requests.values()]
        assert "delete" not in closing
        assert "disable" not in closing
        assert "emergency_delete" not in found.requests


@pytest.mark.parametrize(
    "password",
    [
        "Ab3!efghijk",
        "ab3!efghijkl",
        "AB3!EFGHIJKL",
        "Abc!efghijkl",
        "Ab3efghijklm",
        "Dungnv!Ab3ef",
        "Ab!090519800x",
        "Ab!0905123456",
    ],
)
def test_da_nang_refuses_what_is_short_simple_or_easily_guessed(password: str) -> None:
    """DN-21, DN-22, Điều 8.1.b-c: too short, a class missing, the name, the birth date, the telephone number."""
    rules = world.regulation("danang-2017").passwords
    holder = Holder(("dungnv",), "Nguyễn Văn Dũng", date(1980, 5, 9), "0905 123 456")

    assert flaws(password, rules, holder) != ()
    assert flaws("Ab3!efghijkl", rules, holder) == ()


@pytest.mark.parametrize("law", COUNTED)
def test_the_passwords_that_are_issued_keep_the_rules_and_differ(law: str) -> None:
    """DN-32, Điều 11.2.h: at least twelve characters of all classes, a different one for every account."""
    rules = world.regulation(law).passwords
    issued = {generate(rules, Holder(("dungnv",), "Nguyễn Văn Dũng")) for _ in range(50)}

    assert len(issued) == 50
    assert min(len(password) for password in issued) >= rules.shortest == 12
    assert {flaws(password, rules, Holder()) for password in issued} == {()}
