"""Write the table of old communes of mappings/mergers/ninhbinh-2025 from the data of `vietnamadminunits` 1.0.4 (MIT).

Run once, by whoever renews the table; the program itself never imports that package. It is fetched without what it
depends on, unpacked, and its folder is named:

    pip download --no-deps vietnamadminunits==1.0.4 && unzip vietnamadminunits-1.0.4-py3-none-any.whl
    python deploy/mergers/ninhbinh_2025.py vietnamadminunits/data mappings/mergers/ninhbinh-2025

A commune that was divided gets a row for each part and no default: the package names one for addresses of houses,
which says nothing of the people who worked there.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
import unicodedata
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

UNTIL, SINCE = "2025-06-30", "2025-07-01"
"""The last day of the old units and the first of the new ones (Nghị quyết 1674/NQ-UBTVQH15)."""

NEW_PROVINCE = "tinhninhbinh"
SYSTEMS = {"tinhninhbinh": "ninhbinh", "tinhhanam": "hanam", "tinhnamdinh": "namdinh"}
"""What each old province is called in the configuration."""


class Place(NamedTuple):
    """A unit of the package: code and full name."""

    code: str
    name: str


def main(data: Path, folder: Path) -> None:
    """Write `old-communes.csv` and `districts.csv`, in the order of the codes."""
    converter = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
    successors: dict[str, list[str]] = defaultdict(list)
    for new, olds in converter["DICT_PROVINCE_WARD_NO_DIVIDED"][NEW_PROVINCE].items():
        for old in olds:
            successors[old].append(new)
    for old, parts in converter["DICT_PROVINCE_WARD_DIVIDED"][NEW_PROVINCE].items():
        successors[old] += [part["newWardKey"] for part in parts]
    with closing(sqlite3.connect(data / "dataset.db")) as dataset:
        news = {
            key: Place(code, _text(name))
            for key, code, name in dataset.execute(
                "SELECT wardKey, wardCode, ward FROM admin_units WHERE provinceKey = ?", [NEW_PROVINCE]
            )
        }
        olds = dataset.execute(
            "SELECT provinceKey, districtKey, wardKey, districtCode, district, wardCode, ward FROM admin_units_legacy "
            "WHERE provinceKey IN (?, ?, ?) AND wardCode IS NOT NULL ORDER BY provinceCode, wardCode",
            sorted(SYSTEMS),
        ).fetchall()
    communes: list[tuple[str, ...]] = []
    districts: dict[str, tuple[str, ...]] = {}
    for province, district, ward, district_code, district_name, code, name in olds:
        parts = sorted(news[key] for key in successors.pop(f"{province}_{district}_{ward}"))
        share = "whole" if len(parts) == 1 else "part"
        districts[district_code] = (SYSTEMS[province], district_code, _text(district_name), UNTIL)
        communes += [
            (SYSTEMS[province], code, _text(name), _text(district_name), UNTIL, new.code, new.name, SINCE, share)
            for new in parts
        ]
    if successors:
        raise SystemExit(f"without an old unit: {sorted(successors)}")
    head = ("system", "code", "name", "district", "valid_until", "new_code", "new_name", "valid_from", "share")
    _write(folder / "old-communes.csv", head, communes)
    _write(folder / "districts.csv", ("system", "code", "name", "abolished_after"), sorted(districts.values()))


def _text(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _write(path: Path, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([head, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
