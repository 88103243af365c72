"""`compare` and `explain` through the command."""

from __future__ import annotations

from desk import Desk


def test_two_regulations_side_by_side(desk: Desk) -> None:
    """A leaver is disabled and later deleted here, withdrawn with all data there; nothing is stored."""
    shown = desk.run("--lang", "en", "compare", "--regulation", "ninhbinh-2025", "--regulation", "danang-2017").stdout

    assert "ninhbinh-2025 | danang-2017" in shown
    assert "ninhbinh-2025: delete truongmx.snv@ninhbinh.gov.vn (NB-28" in shown
    assert "danang-2017: withdraw hungpv.skhcn@ninhbinh.gov.vn" in shown
    assert "latest" not in shown


def test_a_regulation_compared_with_itself_treats_nobody_differently(desk: Desk) -> None:
    """The same text decides the same."""
    words = ["--regulation", "ninhbinh-2025", "--regulation", "ninhbinh-2025"]

    assert "Xử lý khác nhau: 0" in desk.run("compare", *words).stdout
    assert "Xử lý khác nhau: 0" in desk.run("compare", "--with-naming", *words).stdout


def test_what_cannot_be_compared(desk: Desk) -> None:
    """One name is not two; an unknown one lists what there is."""
    desk.run("compare", "--regulation", "ninhbinh-2025", expect=2)
    unknown = desk.run("compare", "--regulation", "ninhbinh-2025", "--regulation", "hue-2020", expect=3)

    assert "danang-2017" in unknown.stderr


def test_a_person_is_found_by_name(desk: Desk) -> None:
    """Officers know names, not keys; a name that several bear is answered with their keys."""
    assert "NB000010" in desk.run("explain", "phạm văn hùng").stdout
    path = desk.folder / "people.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Nguyễn Ngọc Thanh", "Nguyễn Ngọc Thành"), encoding="utf-8")

    done = desk.run("explain", "Nguyễn Ngọc Thành", expect=3)

    assert "2 người" in done.stderr


def test_a_forecast_looks_ahead(desk: Desk) -> None:
    """A last day in the past forecasts nothing and says so."""
    desk.run("forecast", "--until", "2020-01-01", expect=2)
