"""Hostile strings as fields of OBM arrive octet for octet, in the database and in LDAP, or are refused."""

from __future__ import annotations

import unicodedata
from random import Random

import pytest
from figures import Figures
from obm import Case, ObmDesk, obm_desk
from servers.obm import Obm
from servers.obm_tree import user_dn

from syncagent.connectors.obm import user
from syncagent.connectors.obm.batch import Order, Verb, run
from syncagent.connectors.obm.operations import Kind
from syncagent.connectors.obm.user import TEXTS
from syncagent.errors import Rejected

pytestmark = pytest.mark.server

FIELDS = ("lastname", "firstname", "title", "description", "commonname", "company", "service", "direction", "town")
"""Fields that take any text; the first two stand in LDAP, too."""
SYLLABLES = ("Nguyễn", "Ưng", "Đặng", "Thị", "Hòa", "Hoà", "ỹ", "Ẵ", "Phó", "Trưởng", "phòng", "Ninh", "Bình", "ạ")
MARKS = (
    '"', "\\", "\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\ud800", "\uffff", "'", "`", "<", "&", "*",
    "(", ")", "%", "{", "}", "$", "#", ";", ",", "=", "+", "/", "|", " ", "\u00a0", "\u200b", "\u202e", "\ufeff", "😀",
    "👨\u200d👩\u200d👧", "🇻🇳", "é", "漢", "ﬁ", "\u0301",
)  # fmt: skip
WHOLE = (
    "", " ", "\\u1ea1", '{"login": "root"}', "'; DROP TABLE UserObm; --", "${jndi:ldap://x}", "%s%n",
    "<script>", "null", "true",
    "0", "-1", "x" * 64, "x" * 65, "ạ" * 64, "😀" * 64, "x" * 100_000, "../..", "*)(uid=*", "a\r\nHost: b",
)  # fmt: skip


def hostile(random: Random) -> str:
    """Return one string, often of Vietnamese words, with marks that break things."""
    if random.random() < 0.1:
        return random.choice(WHOLE)
    parts = [random.choice(SYLLABLES if random.random() < 0.75 else MARKS) for _ in range(random.randint(1, 9))]
    text = random.choice(("", " ")).join(parts)
    return unicodedata.normalize("NFD", text) if random.random() < 0.2 and "\ud800" not in text else text


def arrives(value: str, field: str) -> bool:
    """Whether the agent sends a value; else it is refused before anything is sent."""
    try:
        user.check(field, (value,))
    except Rejected:
        return False
    return True


def tried(desk: ObmDesk, number: int, seed: int) -> tuple[int, int]:
    """Send so many strings, as many as there are fields at a time, and return how many arrived and were refused."""
    random = Random(seed)  # noqa: S311 - so that a failure can be tried again
    ext_id = desk.make("an", mails=[], mail_server=None, mail_quota="0")
    arrived = refused = 0
    while arrived + refused < number:
        sent: dict[str, str] = {}
        for field in FIELDS:
            value = hostile(random)
            if arrives(value, field):
                sent[field] = value
            else:
                refused += 1
        if not sent:
            continue
        ran = run(desk.site.api, [Order(Verb.PATCH, ext_id, sent)])
        assert ran == ((None,), ())
        account = desk.site.account(ext_id)
        assert account
        assert {name: account.fields[name] for name in sent} == {name: (value,) for name, value in sent.items()}
        assert {name: desk.domain.users[ext_id].columns[name] for name in sent} == sent
        entry = desk.site.directory.find(user_dn("an", desk.domain.name), ("sn", "givenName"))
        assert entry
        for name, attribute in (("lastname", "sn"), ("firstname", "givenName")):
            if name in sent:
                assert entry.attributes[attribute] == (sent[name].encode(),)
        arrived += len(sent)
    return arrived, refused


@pytest.mark.parametrize(
    ("number", "seed"), [(2_000, 1), pytest.param(100_000, 2, marks=pytest.mark.long)], ids=["2000", "100000"]
)
def test_strings_arrive_or_are_refused(obm: Obm, number: int, seed: int, figures: Figures) -> None:
    """Vietnamese in both normal forms, quotes, backslashes, line ends, NUL, emoji, very long ones."""
    with obm_desk(obm) as desk:
        arrived, refused = tried(desk, number, seed)

    assert arrived > number // 4
    assert refused > number // 10
    figures.note(f"OBM: hostile strings, {number}", arrived + refused, number)


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\nb", "a\rb", "a\0b", "\ud800", "", "x" * 300])
@pytest.mark.parametrize("kind", [Kind.CREATE, Kind.UPDATE])
def test_what_would_be_spoiled_is_never_sent(obm: Obm, kind: Kind, value: str) -> None:
    """A value that OBM would spoil ends before the first request, and is not repeated in the error."""
    with obm_desk(obm) as desk:
        ext_id, attributes = Case(kind).begin(desk)
        desk.forget()

        with pytest.raises(Rejected) as caught:
            desk.do(kind, ext_id, {**attributes, "title": ((), (value,))}, "x1")

        assert desk.obm.asked == []
        assert "title" in caught.value.says.en
        assert len(str(caught.value)) < 200


@pytest.mark.parametrize("password", ['a"b', "a\\b", "mật khẩu", "a b", "x" * 65, "a\0b"])
def test_passwords_that_would_not_arrive_are_never_sent(obm: Obm, password: str) -> None:
    """A password that arrived otherwise would lock somebody out."""
    with obm_desk(obm) as desk:
        ext_id = desk.make()
        desk.forget()

        with pytest.raises(Rejected) as caught:
            desk.do(Kind.RESET_PASSWORD, ext_id, {}, password)

        assert desk.obm.asked == []
        assert password not in str(caught.value)


def test_every_field_is_as_long_as_its_column() -> None:
    """One character more is refused, by field."""
    for field, longest in TEXTS.items():
        value = "a" * longest
        if field != "nomad_mail":
            user.check(field, (value,))
        with pytest.raises(Rejected, match=field):
            user.check(field, (value + "a",))
