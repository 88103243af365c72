"""A sixth regulation is a file: written without touching Python, beside the configuration (design §6)."""

from __future__ import annotations

from io import StringIO
from typing import Any

from desk import Desk
from ruamel.yaml import YAML

from syncagent.files import shipped_mappings
from syncagent.wiring import now

TODAY = now().date().isoformat()


def _clause(number: int, **parts: Any) -> dict[str, Any]:
    cite = {
        "rule": f"TM-{number:02}",
        "article": f"Điều {number}",
        "vi": f"Quy định {number}.",
        "en": f"Rule {number}.",
    }
    return {**parts, **cite}


def _regulation() -> str:
    """A text of our own making: people are called họ.tên, leavers are withdrawn, default passwords last ten days."""
    yaml = YAML(typ="safe", pure=True)
    shipped = (shipped_mappings() / "regulations" / "ninhbinh-2025.yaml").read_text(encoding="utf-8")
    events: dict[str, Any] = yaml.load(shipped)["events"]
    plain = _clause(9)
    written = {
        "version": 1,
        "id": "tinh-mau-2026",
        "title": {"vi": "Quy chế mẫu", "en": "A model regulation"},
        "document": "01/2026/QĐ-UBND",
        "in_force": _clause(1, date=now().date().replace(year=now().year - 1)),
        "naming": {
            "domain": "tinhmau.gov.vn",
            "agency": _clause(2, pattern="vp-{abbreviation}"),
            "department": _clause(2, pattern="{abbreviation}-{parent}"),
            "personal": _clause(3, pattern="{ho}-{ten}.{suffix}"),
            "clash": _clause(4, numbered=True),
            "reserved": ["postmaster"],
        },
        "events": {
            name: {**plain, "effect": clause["effect"], "severity": "review"} for name, clause in events.items()
        },
        "joiner": plain,
        "leaver": _clause(5, does="withdraw"),
        "unit_closed": _clause(5, does="withdraw"),
        "returner": plain,
        "mover": _clause(6, readings=["readdress"], closes="withdraw"),
        "attributes": plain,
        "alias": _clause(6, term={"days": 30}),
        "terms": [
            _clause(
                7, id="ten-days", states=["active"], condition="default-password", anchor="default-password",
                term={"days": 10}, does="lock",
            )
        ],
        "requests": {"unlock": plain, "create": plain},
        "restored_password": plain,
        "answer": _clause(8, term={"working_days": 5}),
        "orders": _clause(8, actions=["create", "withdraw"]),
        "passwords": {
            "shortest": 14, "specials": "!#", "longest_months": 0,
            "must_change": plain, "quality": plain, "overdue": plain,
        },
    }  # fmt: skip
    out = StringIO()
    YAML(pure=True).dump(written, out)
    return out.getvalue()


def _with_it(desk: Desk) -> Desk:
    folder = desk.folder / "mappings" / "regulations"
    folder.mkdir(parents=True)
    (folder / "tinh-mau-2026.yaml").write_text(_regulation(), encoding="utf-8")
    desk.edit("syncagent.yaml", "regulation: ninhbinh-2025", "regulation: tinh-mau-2026")
    desk.edit("syncagent.yaml", "internal_move: readdress", "# internal_move")
    return desk


def test_a_regulation_of_ones_own_decides(desk: Desk) -> None:
    """Its names, its terms, its way of closing, its deadline, its articles: all from the file."""
    assert "tinh-mau-2026" in _with_it(desk).run("check").stdout

    plan = desk.plan(TODAY)

    by_kind = {action["kind"]: action for action in plan["actions"]}
    assert plan["regulation"] == "tinh-mau-2026"
    assert {reason["rule"][:3] for action in plan["actions"] for reason in action["because"]} == {"TM-"}
    assert by_kind["withdraw"]["because"][0]["article"] == "Điều 5"
    assert "delete" not in by_kind
    assert by_kind["create"]["address"].endswith(".skhcn@tinhmau.gov.vn")
    assert by_kind["lock"]["because"][0]["rule"] == "TM-07"


def test_a_reading_that_the_text_does_not_allow_is_refused(desk: Desk) -> None:
    """`internal_move` chooses among the readings of the text, and adds none."""
    _with_it(desk).edit("syncagent.yaml", "# internal_move", "internal_move: reissue #")

    assert "readdress" in desk.run("check", expect=3).stderr


def test_a_mistake_in_it_is_named_with_its_line(desk: Desk) -> None:
    """Whoever writes a regulation learns where it is wrong."""
    _with_it(desk).edit("mappings/regulations/tinh-mau-2026.yaml", "{ho}-{ten}.{suffix}", "{ho}-{title}.{suffix}")

    shown = desk.run("check", expect=3).stderr

    assert "tinh-mau-2026.yaml:" in shown
    assert "title" in shown
