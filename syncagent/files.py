"""Where the configuration and the mappings lie, and reading them as text (contract §1, §2)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_NAME = "syncagent.yaml"


def find_settings(named: str | None, environment: Mapping[str, str], here: Path) -> Path:
    """Return the configuration file: as named, from the environment, here, or in the system's place.

    Raises:
        Misconfigured: there is none; the message lists where it was looked for.
    """
    if named:
        path = Path(named)
        if path.is_file():
            return path
        raise _absent([path])
    places = [Path(environment["SYNCAGENT_CONFIG"])] if environment.get("SYNCAGENT_CONFIG") else []
    if not places:
        places = [here / FILE_NAME, Path("/etc/syncagent") / FILE_NAME]
        if environment.get("PROGRAMDATA"):
            places.append(Path(environment["PROGRAMDATA"]) / "syncagent" / FILE_NAME)
    for path in places:
        if path.is_file():
            return path
    raise _absent(places)


def _absent(places: list[Path]) -> Misconfigured:
    listed = ", ".join(str(place) for place in places)
    return Misconfigured(
        Text(
            f"Không thấy tệp cấu hình ({listed}). Tạo mới bằng: syncagent init THƯ_MỤC",
            f"No configuration file ({listed}). Make one with: syncagent init FOLDER",
        )
    )


def read_text(path: Path) -> str:
    """Return a configuration or mapping file as text.

    Raises:
        Misconfigured: it is missing, unreadable, or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise Misconfigured(Text("Không có tệp này.", "No such file."), where=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "không phải UTF-8 / not UTF-8"
        raise Misconfigured(
            Text(f"Không đọc được tệp: {problem}.", f"The file cannot be read: {problem}."), where=str(path)
        ) from error


def find_mapping(folder: Path, kind: str, name: str) -> Path:
    """Return a mapping file: a path as written, else by name beside the configuration, in /etc, or as shipped.

    Args:
        folder: where the configuration file lies.
        kind: `regulations`, `rosters`, `directories` or `calendar`; empty for files directly under `mappings/`.
        name: a name without ending, or a path.

    Raises:
        Misconfigured: there is none of this name; the message lists those there are.
    """
    if "/" in name or "\\" in name or name.endswith((".yaml", ".yml")):
        return folder / name
    roots = [folder / "mappings", Path("/etc/syncagent/mappings"), shipped_mappings()]
    for root in roots:
        path = root / kind / f"{name}.yaml"
        if path.is_file():
            return path
    known = sorted({path.stem for root in roots for path in (root / kind).glob("*.yaml")})
    raise Misconfigured(
        Text(
            f"Không có “{name}” trong mappings/{kind}; hiện có: {', '.join(known)}.",
            f"There is no “{name}” under mappings/{kind}; there are: {', '.join(known)}.",
        ),
        where=FILE_NAME,
    )


def shipped_mappings() -> Path:
    """Return the folder of the shipped mappings: inside an installed package, beside it in a checkout."""
    inside = Path(__file__).parent / "mappings"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "mappings"


def shipped_unit() -> Path:
    """Return systemd's unit as it is shipped: inside an installed package, in `deploy/` of a checkout."""
    inside = Path(__file__).parent / "mappings" / "syncagent.service"
    return inside if inside.is_file() else Path(__file__).parent.parent / "deploy/linux/syncagent.service"


def find_merger(folder: Path, name: str) -> Path:
    """Return the folder of a merger: a path as written, else by name beside the configuration, in /etc, or as shipped.

    Raises:
        Misconfigured: there is none of this name; the message lists those there are.
    """
    if "/" in name or "\\" in name:
        return folder / name
    roots = [root / "mergers" for root in (folder / "mappings", Path("/etc/syncagent/mappings"), shipped_mappings())]
    for root in roots:
        if (root / name).is_dir():
            return root / name
    known = sorted({path.name for root in roots for path in root.glob("*/")})
    raise Misconfigured(
        Text(
            f"Không có “{name}” trong mappings/mergers; hiện có: {', '.join(known)}.",
            f"There is no “{name}” under mappings/mergers; there are: {', '.join(known)}.",
        ),
        where=FILE_NAME,
    )
