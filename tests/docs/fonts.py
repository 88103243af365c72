"""Makes the fonts of printed letters from Debian's Noto: `python tests/docs/fonts.py /usr/share`.

The packages are fonts-noto-core and fonts-noto-mono; what is kept are the letters of Vietnamese, of the other
languages of Viet Nam that are written in Latin letters, figures and the punctuation of letters.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset

_FONTS = Path(__file__).parent.parent.parent / "syncagent" / "report" / "fonts"
_MADE = {"NotoSerif-Regular": "serif", "NotoSerif-Bold": "serif-bold", "NotoSansMono-Regular": "mono"}
_LETTERS = "U+0020-007E,U+00A0-017F,U+0180,U+0243,U+01A0-01A1,U+01AF-01B0,U+0300-0304,U+0306,U+0309,U+0323,U+1EA0-1EF9"
_SIGNS = "U+2010-2014,U+2018-201A,U+201C-201E,U+2022,U+2026,U+203A,U+2192"
_HEAD = (
    "serif.ttf, serif-bold.ttf and mono.ttf are subsets of Noto Serif and Noto Sans Mono.",
    "Copyright 2010, 2012-2020, Google Inc., Google LLC.",
    "This Font Software is licensed under the SIL Open Font License, Version 1.1:",
    "",
    "SIL OPEN FONT LICENSE Version 1.1 - 26 February 2007",
    "",
)
_PRINTABLE = "U+0020-007E"


def main(share: Path) -> None:
    """Write the subsets, and the licence they are under."""
    for source, name in _MADE.items():
        kept = _PRINTABLE if name == "mono" else f"{_LETTERS},{_SIGNS}"
        subset.main(
            [
                str(share / "fonts" / "truetype" / "noto" / f"{source}.ttf"),
                f"--unicodes={kept}",
                "--no-hinting",
                "--layout-features=kern,mark,mkmk,ccmp",
                "--name-IDs=0,1,2,3,4,5,6,13,14",
                f"--output-file={_FONTS / name}.ttf",
            ]
        )
    (_FONTS / "LICENSE.txt").write_text(_licence(share), encoding="utf-8", newline="\n")


def _licence(share: Path) -> str:
    """Return the licence as Debian's copyright file has it, which indents it and marks empty lines."""
    written = (share / "doc" / "fonts-noto-core" / "copyright").read_text(encoding="utf-8")
    body = written.rpartition("\nLicense: OFL-1.1\n")[2].partition("\nLicense:")[0]
    lines = ["" if line == " ." else line.removeprefix(" ") for line in body.splitlines()]
    return "\n".join([*_HEAD, *lines]).rstrip() + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
