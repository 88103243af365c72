"""Addresses: the shapes of the texts, one namespace, log-in names."""

from __future__ import annotations

import re

import pytest

from syncagent.core.addresses import (
    SEVERAL,
    Namespace,
    Pattern,
    fold_address,
    is_local_part,
    login_for,
    propose,
    still_fits,
)
from syncagent.core.names import Syllables, syllables

DOMAIN = "ninhbinh.gov.vn"
ANH = Syllables("anh", ("nguyen", "thi", "ngoc"))
WORDS = {"suffix": "skhcn", "abbreviation": "ttcdstt", "parent": "skhcn"}


@pytest.mark.parametrize(
    ("pattern", "name", "local"),
    [
        ("{ten}{initials}.{suffix}", "Nguyễn Ngọc Thành", "thanhnn.skhcn"),
        ("{ten}{initials}", "Nguyễn Văn Dũng", "dungnv"),
        ("{initials}{ten}.{suffix}", "Nguyễn Thị Ngọc Ánh", "ntnanh.skhcn"),
        ("{initials}{ten}.q4", "Trần Thuý", "tthuy.q4"),
    ],
    ids=["Ninh Bình 5.3", "Đà Nẵng", "Bến Tre 4.2", "Quận 4, assumed"],
)
def test_personal_addresses_as_the_regulations_build_them(pattern: str, name: str, local: str) -> None:
    """Domain §2.5: one engine builds the addresses of all regulations."""
    found = syllables(name)

    assert Pattern.parse(pattern).render(found, WORDS) == local


def test_unit_addresses_as_the_regulation_builds_them() -> None:
    """NB-10 and NB-11: abbreviation, and abbreviation.agency."""
    assert Pattern.parse("{abbreviation}").render(None, {"abbreviation": "skhcn"}) == "skhcn"
    assert Pattern.parse("{abbreviation}.{parent}").render(None, WORDS) == "ttcdstt.skhcn"


@pytest.mark.parametrize(
    ("pattern", "local"),
    [
        ("{ten}{ho:2}{dem:1}", "anhngtn"),
        ("{ten}{ho:1}{dem}", "anhnthingoc"),
        ("{ho}{dem}{ten}", "nguyenthingocanh"),
        ("{ten}{initials:3}", "anhntn"),
        ("{ho:9}", "nguyen"),
    ],
)
def test_widths_take_so_many_letters_of_each_syllable(pattern: str, local: str) -> None:
    """NB-13: clash forms are made of longer pieces of the name; initials are always one letter."""
    assert Pattern.parse(pattern).render(ANH, WORDS) == local


def test_a_name_of_one_syllable_has_no_initials() -> None:
    """Domain §2.5, K'Brơi: nothing stands where there is nothing."""
    assert Pattern.parse("{ten}{initials}{ho}{dem}.{suffix}").render(Syllables("kbroi", ()), WORDS) == "kbroi.skhcn"


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("{ten", "braces do not match at character 1"),
        ("ten}", "braces do not match at character 4"),
        ("{}", "braces do not match at character 1"),
        ("{ten:0}", "braces do not match at character 1"),
        ("{hodem}", "unknown token {hodem}"),
    ],
)
def test_a_pattern_that_is_not_understood_says_where(pattern: str, says: str) -> None:
    """A wrong pattern is an error of the file, never an odd address."""
    with pytest.raises(ValueError, match=re.escape(says)):
        Pattern.parse(pattern)


@pytest.mark.parametrize(
    ("pattern", "tail"),
    [("{ten}{initials}.{suffix}", ".skhcn"), ("{ten}{initials}", ""), ("{abbreviation}.{parent}", "ttcdstt.skhcn")],
)
def test_the_tail_of_an_address_says_where_somebody_works(pattern: str, tail: str) -> None:
    """NB-12: what follows the name is the agency; a pattern without a name is all tail."""
    assert Pattern.parse(pattern).tail(WORDS) == tail


def test_a_unit_without_the_word_leaves_its_place_empty() -> None:
    """Units without an approved abbreviation exist; their addresses are not made up."""
    assert Pattern.parse("{abbreviation}.{parent}").render(None, {}) == "."


def test_addresses_are_compared_without_case_marks_and_outer_blanks() -> None:
    """Design §4.7: compared in folded form, so Hòa@ and hoa@ are one address."""
    assert fold_address(" HÒA.SKHCN@NinhBinh.gov.vn ") == "hoa.skhcn@ninhbinh.gov.vn"


@pytest.mark.parametrize("local", ["a", "thanhnn.skhcn", "x-1_2.y", "a" * 64, "1.2"])
def test_a_local_part_the_agent_may_issue(local: str) -> None:
    """RFC 5321: at most 64 octets; domain §2.5: letters, digits, single dots, hyphens and underscores inside."""
    assert is_local_part(local)


@pytest.mark.parametrize("local", ["", "a" * 65, ".a", "a.", "a..b", "Thanh", "thành", "a b", "a@b", "-a", "a\n"])
def test_a_local_part_the_agent_never_issues(local: str) -> None:
    """Whatever a mail system could refuse or misread is not issued."""
    assert not is_local_part(local)


def test_an_address_belongs_to_whoever_held_it_first_and_alone() -> None:
    """Design §4.7: never issued to somebody else; two holders mean nobody may have it."""
    namespace = Namespace()
    namespace.take("Thành.X@ninhbinh.gov.vn", "P1")
    namespace.take("chung@ninhbinh.gov.vn", "P1")
    namespace.take("chung@ninhbinh.gov.vn", "P2")

    assert namespace.owner("thanh.x@ninhbinh.gov.vn") == "P1"
    assert namespace.free_for("THANH.X@ninhbinh.gov.vn", "P1")
    assert not namespace.free_for("thanh.x@ninhbinh.gov.vn", "P2")
    assert namespace.owner("chung@ninhbinh.gov.vn") == SEVERAL
    assert not namespace.free_for("chung@ninhbinh.gov.vn", "P1")
    assert namespace.owner("moi@ninhbinh.gov.vn") == ""
    assert namespace.free_for("moi@ninhbinh.gov.vn", "P2")


def test_holding_an_address_twice_is_holding_it_once() -> None:
    """The ledger and the directory both name the same holder."""
    namespace = Namespace()
    namespace.take("a@ninhbinh.gov.vn", "P1")
    namespace.take("A@ninhbinh.gov.vn", "P1")

    assert namespace.free_for("a@ninhbinh.gov.vn", "P1")


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("thanhnn.skhcn@ninhbinh.gov.vn", True),
        ("thanhngn.skhcn@ninhbinh.gov.vn", True),
        ("thanhnn.snv@ninhbinh.gov.vn", False),
        ("thanhnn.vp.skhcn@ninhbinh.gov.vn", False),
        (".skhcn@ninhbinh.gov.vn", False),
        ("thanhnn.skhcn@hanam.gov.vn", False),
        ("thanhnn.skhcn", False),
        ("", False),
    ],
    ids=["built", "agreed", "another agency", "a suffix inside", "no name", "another domain", "no domain", "none"],
)
def test_a_holder_keeps_an_address_that_names_the_unit(address: str, *, fits: bool) -> None:
    """NB-13: an agreed name is not the pattern's, so only what names the unit decides."""
    assert still_fits(address, DOMAIN, ".skhcn") is fits


def test_proposals_are_free_short_enough_and_contain_the_name() -> None:
    """NB-13, Điều 5.4: free, can be remembered, with the holder's name; in the order of the forms, each once."""
    namespace = Namespace()
    namespace.take("anhngtn.skhcn@ninhbinh.gov.vn", "P9")
    namespace.take("anhnthingoc.skhcn@ninhbinh.gov.vn", "P1")
    texts = ["{ten}{ho:2}{dem:1}", "{ho}{dem}", "{ten}{ho:1}{dem}", "{ten}{ho:1}{dem}", "{ho}{dem}{ten}" * 5]
    forms = [Pattern.parse(f"{text}.{{suffix}}") for text in texts]

    found = propose(forms, ANH, WORDS, DOMAIN, namespace, "P1")

    assert found == ("anhnthingoc.skhcn@ninhbinh.gov.vn",)


@pytest.mark.parametrize(
    ("local", "taken", "login"),
    [
        ("thanhnn.skhcn", set(), "thanhnn.skhcn"),
        ("thanhnn.skhcn", {"thanhnn.skhcn"}, "thanhnn.skhcn2"),
        ("thanhnn.skhcn", {"thanhnn.skhcn", "thanhnn.skhcn2"}, "thanhnn.skhcn3"),
        ("anhcttnm.bqlkktckcn", set(), "anhcttnm.bqlkktckcn"),
        ("anhcttnm.bqlkktckcnx.y", set(), "anhcttnm.bqlkktckcnx"),
        ("anhcttnm.bqlkktckcnx.y", {"anhcttnm.bqlkktckcnx"}, "anhcttnm.bqlkktckcn2"),
        ("abcdefghijklmnopqrs.uv", set(), "abcdefghijklmnopqrs"),
        ("THÀNH", {"thanh"}, "thanh2"),
    ],
)
def test_a_log_in_name_is_free_and_at_most_twenty_characters(local: str, taken: set[str], login: str) -> None:
    """Domain §2.5: sAMAccountName has 20 characters and is unique, so it cannot be the local part."""
    assert login_for(local, taken) == login


def test_a_name_that_cannot_be_read_leaves_only_the_unit() -> None:
    """Contract §4: without a given name the pattern builds nothing that could pass for an address of a person."""
    assert Pattern.parse("{ten}{initials}.{suffix}").render(None, WORDS) == ".skhcn"
    assert not is_local_part(".skhcn")
