"""Verbs for the first hour: init, demo."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syncagent.cli.face import Face
    from syncagent.core.regulation import Regulation
    from syncagent.sample.sample import Sample

DEMO_DAY = date(2026, 3, 16)
"""A Monday three months and some days after Ninh Bình's regulation came into force: every rule has something to do."""

_DEMO_SIZE = 2000
_SHIPPED = ("ninhbinh-2025", "bentre-2016", "binhdinh-kkt-2017", "danang-2017", "hcmc-quan4-2013")
_MARK = ".syncagent-demo"

_CONFIGURATION = """\
# syncagent: cấu hình. Đường dẫn tương đối tính từ thư mục của tệp này.
# syncagent: configuration. Relative paths start from this file's folder.
version: 1
# Dữ liệu mẫu theo quy chế này; đổi quy chế thì đổi những gì: docs/how-to/change-the-regulation.md
# The sample is of this regulation; what to change with it: docs/how-to/change-the-regulation.md
regulation: REGULATION # tên trong mappings/regulations, hoặc đường dẫn / a name, or a path
timezone: Asia/Ho_Chi_Minh
language: vi                         # vi | en

roster:
  people:   {source: csv, path: people.csv}        # csv | xlsx
  units:    {source: csv, path: units.csv}
  requests: {source: csv, path: requests.csv}
  columns: canonical                 # cbccvc-vi: tiêu đề tiếng Việt / Vietnamese headings
  freshness: 3 days                  # bản xuất cũ hơn là đáng ngờ / an older export is doubtful
  identity_key: {file: identity.key} # khóa của mã giả danh / key of the pseudonyms of identity numbers

targets:
  main:
    directory:
      kind: ldif                     # tệp LDIF xuất từ thư mục / an LDIF export of the directory
      path: directory.ldif
      schema: active-directory       # active-directory | openldap
      base: "BASE"
    mail: {kind: none}
    units: ["*"]

state: sqlite:///syncagent.db

approval: APPROVAL
ownership: {adopt: review}           # review | auto
# Chuyển đơn vị / moves: readdress giữ địa chỉ cũ 3 tháng / keeps the former address,
#   reissue cấp hộp thư mới / a new mailbox
#   ninhbinh-2025: readdress, reissue
#   bentre-2016: reissue
#   binhdinh-kkt-2017, danang-2017, hcmc-quan4-2013: readdress
internal_move: READING
# office:                            # đầu văn bản trả lời yêu cầu / letterhead of answers to requests
#   name: OFFICE
#   above: ABOVE
#   symbol: SYMBOL
#   place: PLACE
#   signer: HEAD
# audit:                             # mốc kiểm toán cả ở máy khác / checkpoints on another host, too
#   copies: [{file: /mnt/other-host/syncagent.jsonl}]   # hoặc / or {syslog: "udp://log.example.vn:514"}
# service:                           # syncagent serve; không có apply: chỉ lập kế hoạch / without it: plans only
#   schedule: {plan: "30 5 * * mon-fri"}
#   apply: {window: "mon-fri 17:30-21:00"}
# brakes:                            # mọi số của phanh / every number of the brakes: mappings/brakes.yaml
#   never: [administrator]           # không bao giờ thao tác / never in a plan
#   alone: []                        # phải duyệt đích danh / approved by name only
"""
_REVIEWED = "{delete: two, disable: one, others: one}   # none | one | two"
_MERGER = """\
# Ba tỉnh mẫu sáp nhập; cách chạy: docs/how-to/run-the-2025-merger.md
# Three sample provinces that merge; how to run it: docs/how-to/run-the-2025-merger.md
version: 1
regulation: ninhbinh-2025
roster:
  people: {source: csv, path: people.csv}
  units:  {source: csv, path: units.csv}
  identity_key: {file: identity.key}
targets:
  main:                              # hệ thống mới, còn trống / the new system, still empty
    directory: {kind: ldif, path: directory.ldif, schema: active-directory, base: "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"}
approval: {delete: two, disable: one, others: one}
migration:
  merger: ninhbinh-2025
  aliases_until: ALIASES             # ngày cuối địa chỉ cũ còn nhận thư / the last day of old addresses
  forward_until: FORWARD             # ngày cuối hệ thống cũ tự chuyển tiếp / the last day old systems send mail on
  legacy:
    hanam: {directory: {kind: csv, path: hanam.csv}, domain: hanam.gov.vn}     # chỉ đọc / read only
    namdinh:
      directory: {kind: ldif, path: namdinh.ldif, schema: zimbra, base: "ou=people,dc=namdinh,dc=gov,dc=vn"}
      domain: namdinh.gov.vn
      writes: true
    ninhbinh:
      directory: {kind: ldif, path: ninhbinh.ldif, schema: openldap, base: "ou=users,dc=ninhbinh,dc=gov,dc=vn"}
      domain: ninhbinh.gov.vn
      writes: true
  waves:                             # thêm counts sau khi xem kế hoạch / add counts once the plan was looked at
    - {units: [skhcn]}
    - {units: [snv]}
    - {units: ["*"]}
"""
_NEW_SYSTEM = """\
dn: OU=Mail,DC=ninhbinh,DC=gov,DC=vn
objectClass: organizationalUnit
OU: Mail

"""
_MERGED = 60
"""Accounts of people in each of the three provinces."""


@click.command(
    help="Tạo thư mục làm việc với cấu hình và dữ liệu mẫu / Write a starter configuration and sample rosters."
)
@click.argument("folder", metavar="DIR")
@click.option(
    "--regulation",
    type=click.Choice(_SHIPPED),
    default=_SHIPPED[0],
    help="Quy chế của dữ liệu mẫu / The regulation under which the sample plays.",
)
@click.option("--merger", is_flag=True, help="Ba tỉnh mẫu sáp nhập / Three sample provinces that merge.")
@click.pass_obj
def init(face: Face, folder: str, regulation: str, *, merger: bool) -> None:
    """Write a starter folder; an existing file is never overwritten."""
    from pathlib import Path

    from syncagent.sample.starter import starter
    from syncagent.wiring import now, regulation_named, shipped_directory

    here = Path(folder)
    if merger:
        _write(here, merger_files(now().date()), fresh=True)
        face.say(
            Text(
                f"Đã tạo {here}. Tiếp theo: cd {here} && syncagent migrate assess && syncagent migrate plan --wave 1",
                f"{here} is ready. Next: cd {here} && syncagent migrate assess && syncagent migrate plan --wave 1",
            )
        )
        return
    law = regulation_named(here, regulation)
    sample = starter(now().date(), shipped_directory("active-directory"), law)
    _write(here, sample_files(sample, _REVIEWED, law), fresh=True)
    face.say(
        Text(
            f"Đã tạo {here}. Tiếp theo: cd {here} && syncagent check && syncagent plan",
            f"{here} is ready. Next: cd {here} && syncagent check && syncagent plan",
        )
    )


@click.command(
    help="Chạy thử toàn bộ trên một tỉnh mẫu / The main job on a sample province: plan, report, apply, in step."
)
@click.option("--dir", "folder", default="syncagent-demo", metavar="DIR", help="Thư mục / Where to write it.")
@click.option("--size", default=_DEMO_SIZE, type=click.IntRange(100, 300_000), help="Số người / People.")
@click.pass_obj
def demo(face: Face, folder: str, size: int) -> int:
    """Plan, report, apply and plan again on a fresh sample province."""
    from pathlib import Path

    from syncagent.cli.face import deliver
    from syncagent.cli.planning import apply_and_say, render
    from syncagent.runs.plan import make_plan
    from syncagent.sample.province import generate
    from syncagent.wiring import agent_of, communes, settings_of, shipped_directory

    here = Path(folder)
    _clear(here)
    sample = generate(size, as_of=DEMO_DAY, directory=shipped_directory("active-directory"), communes=communes())
    _write(
        here, sample_files(sample, "none    # chỉ dùng để chạy thử trên tệp / rehearsals on files only"), fresh=False
    )
    (here / _MARK).touch()
    report = here / "report.html"
    settings, place = settings_of(str(here / "syncagent.yaml"), here)
    with agent_of(settings, place) as agent:
        first, envelope = make_plan(agent, DEMO_DAY)
        click.echo(render(face, agent, first, envelope, "text"))
        deliver(render(face, agent, first, envelope, "html"), str(report))
        code = apply_and_say(face, agent, envelope.plan_id)
        again, _ = make_plan(agent, DEMO_DAY)
    face.say(
        Text(
            f"Lập kế hoạch lần nữa: {len(again.actions)} thao tác. Báo cáo HTML: {report}",
            f"Planned again: {len(again.actions)} actions. HTML report: {report}",
        )
    )
    return code


def sample_files(sample: Sample, approval: str, regulation: Regulation | None = None) -> dict[str, str]:
    """Given a sample, the approval setting and the regulation (None: Ninh Bình's), return a working folder by name."""
    import secrets

    return {
        "syncagent.yaml": _configuration(approval, regulation),
        "people.csv": sample.people_csv(),
        "units.csv": sample.units_csv(),
        "requests.csv": sample.requests_csv(),
        "directory.ldif": sample.ldif(),
        "identity.key": secrets.token_hex(32) + "\n",
    }


def merger_files(today: date) -> dict[str, str]:
    """Given a day, return a working folder with three provinces that merge, by name of file."""
    import secrets
    from datetime import timedelta

    from syncagent.sample.merging import three_provinces
    from syncagent.wiring import communes

    forward, aliases = (today + timedelta(days=days) for days in (60, 365))
    return {
        **three_provinces(_MERGED, 2025, communes(), today).files(),
        "syncagent.yaml": _MERGER.replace("ALIASES", f"{aliases}").replace("FORWARD", f"{forward}"),
        "directory.ldif": _NEW_SYSTEM,
        "identity.key": secrets.token_hex(32) + "\n",
    }


def _configuration(approval: str, regulation: Regulation | None) -> str:
    """Return `syncagent.yaml` for a sample: what differs between regulations is filled in."""
    from syncagent.sample import scheme as schemes
    from syncagent.sample.places import NINH_BINH, PLACES

    scheme = schemes.Scheme.of(regulation.naming) if regulation else schemes.NINH_BINH
    place = PLACES[regulation.id] if regulation else NINH_BINH
    first = place.agencies[0]
    name, above, town = place.office
    text = _CONFIGURATION
    for word, value in {
        "APPROVAL": approval,
        "REGULATION": f"{regulation.id if regulation else _SHIPPED[0]:<24}",
        "BASE": scheme.base,
        "READING": str(regulation.mover.readings[0]) if regulation else "readdress",
        "OFFICE": name,
        "ABOVE": above,
        "SYMBOL": f"{first.key.upper()}-VP",
        "PLACE": town,
        "HEAD": first.head,
    }.items():
        text = text.replace(word, value)
    return text


def _write(folder: Path, files: Mapping[str, str], *, fresh: bool) -> None:
    import os

    from syncagent.errors import Refused

    there = sorted(name for name in files if (folder / name).exists())
    if fresh and there:
        raise Refused(
            Text(
                f"Thư mục đã có {', '.join(there)}; không ghi đè. Hãy chọn thư mục khác.",
                f"The folder already holds {', '.join(there)}; nothing is overwritten. Choose another folder.",
            ),
            where=str(folder),
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        mode = 0o600 if name == "identity.key" else 0o644
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8", newline=""
        ) as file:
            file.write(text)


def _clear(folder: Path) -> None:
    """Remove what an earlier demo left; anything else in the folder stops the demo."""
    from syncagent.errors import Refused

    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / _MARK).exists():
        raise Refused(
            Text(
                "Thư mục đã có nội dung khác; hãy chọn thư mục khác bằng --dir.",
                "The folder holds something else; choose another one with --dir.",
            ),
            where=str(folder),
        )
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()


VERBS = (init, demo)
