"""A million names: every one gives a lawful, free address or is shown to a person, and nothing crashes (domain §2)."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from random import Random

from syncagent.core.addresses import Namespace, Pattern, fold_address, is_local_part
from syncagent.core.names import clean, fold, folded_syllables, needs_an_eye, syllables, unreadable

COUNT = 1_000_000 if os.environ.get("SYNCAGENT_HYPOTHESIS") == "faults" else 60_000
LAWFUL = re.compile(r"[a-z0-9._-]+@danang\.gov\.vn")
ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x".split()  # noqa: SIM905 - reads better
RIMES = "a ă â e ê i o ô ơ u ư y an ân ang anh ao at au ay iên inh oa oai oan ong uân ung uyên ươi ương".split()  # noqa: SIM905 - same
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
SPOILT = ("\u200b", "\u00a0", "  ", "Ð", "\ufeff", "-", ".", "'", "\u2019", "\u202e", "\ufffd", "Ж", "7")


def _names(count: int) -> Iterator[str]:
    """Syllables with tones in any letter case and composition, now and then with what spoils real rosters."""
    chance = Random(20251210)  # noqa: S311 - no secret: the same names in every run
    for _ in range(count):
        words = []
        for _ in range(chance.randint(1, 6)):
            rime = chance.choice(RIMES)
            at = chance.randrange(len(rime)) + 1
            word = chance.choice(ONSETS) + rime[:at] + chance.choice(TONES) + rime[at:]
            words.append(chance.choice((str.title, str.upper, str.lower))(word))
        name = " ".join(words)
        if chance.random() < 0.1:
            at = chance.randrange(len(name) + 1)
            name = name[:at] + chance.choice(SPOILT) + name[at:]
        yield unicodedata.normalize(chance.choice(("NFC", "NFD", "NFKD")), name)


def test_no_name_gives_an_unlawful_address_or_one_that_is_taken() -> None:
    """Law 7 over a million names: `[a-z0-9._-]` only, no two the same in folded form, never a crash."""
    pattern = Pattern.parse("{ten}{initials}")
    namespace = Namespace()
    given = shown = 0
    for number, name in enumerate(_names(COUNT)):
        found = syllables(clean(name).text)
        if unreadable(clean(name).text) or found is None or needs_an_eye(name):
            shown += 1
            continue
        stem = local = pattern.render(found, {})
        tail = 0
        while not namespace.free_for(f"{local}@danang.gov.vn", str(number)):
            tail += 1
            local = f"{stem}{chr(97 + tail % 26)}{number}"
        address = f"{local}@danang.gov.vn"
        assert is_local_part(local), ascii(name)
        assert LAWFUL.fullmatch(address), ascii(name)
        assert fold_address(address) == address
        namespace.take(address, str(number))
        given += 1

    assert given + shown == COUNT
    assert len(namespace.owners) == given > COUNT / 2


def test_composition_case_and_tones_never_make_another_person_of_a_name() -> None:
    """NFC, NFD and mixed forms of one name fold to one; marks go, letters stay."""
    for name in _names(COUNT // 20):
        forms = {fold(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")}
        assert len(forms) == 1, ascii(name)
        plain = forms.pop()
        assert fold(plain) == plain
        if not unreadable(clean(name).text):
            assert "".join(folded_syllables(name)).isascii(), ascii(name)
