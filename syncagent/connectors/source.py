"""What entries come from, in the words of its faults: where an entry is found, and the way out."""

from __future__ import annotations

from dataclasses import dataclass

from syncagent.core.privacy import hide_identity_numbers
from syncagent.text import Text


@dataclass(frozen=True, slots=True)
class Source:
    """A file (`file` is its name for messages) or a server (`file` is empty).

    `called` begins every fault. The others say what to do: `no_class` where an entry has no object class, `twice`
    where two entries are one, `fused` where one entry is two, `no_identity` where accounts have none, `no_branch` where
    nothing lies under the base, `wrong` where a value does not follow its syntax. `lacking` ends the sentence about a
    group of which only the name was met.
    """

    file: str
    called: Text
    no_class: Text
    twice: Text
    fused: Text
    no_identity: Text
    no_branch: Text
    wrong: Text
    lacking: Text

    def where(self, line: int, dn: str) -> str:
        """Return where an entry is found: `file:line`, or its DN without personal identification numbers."""
        return f"{self.file}:{line}" if self.file else hide_identity_numbers(dn, lambda _: "…")

    def other(self, line: int, dn: str) -> Text:
        """Return how to speak of another entry."""
        if self.file:
            return Text(f"mục ở dòng {line}", f"the entry in line {line}")
        dn = hide_identity_numbers(dn, lambda _: "…")
        return Text(f"mục {dn}", f"the entry {dn}")


def a_file(name: str) -> Source:
    """Given its name for messages, return a directory that is a file: it is exported again."""
    return Source(
        name,
        called=Text("Tệp thư mục", "Directory file"),
        no_class=Text("Hãy xuất lại với mọi thuộc tính.", "Export again with all attributes."),
        twice=Text("Hãy xuất lại tệp từ một thư mục, một lần.", "Export the file again, from one directory and once."),
        fused=Text("(thiếu dòng trống). Hãy xuất lại tệp.", "(a blank line is missing). Export the file again."),
        no_identity=Text(
            "Hãy xuất lại kèm thuộc tính này (ldapsearch: thêm '*' và '+'; ldifde: không dùng -m hoặc -o).",
            "Export again with this attribute (ldapsearch: add '*' and '+'; ldifde: without -m or -o).",
        ),
        no_branch=Text(
            "Hãy sửa base trong cấu hình hoặc xuất đúng nhánh.",
            "Correct base in the configuration, or export the right branch.",
        ),
        wrong=Text("Hãy sửa trong thư mục rồi xuất lại.", "Correct it in the directory, then export again."),
        lacking=Text("không có trong bản xuất", "is not in the export"),
    )


def a_server() -> Source:
    """Return a directory that is a server: the agent's account mostly lacks a right."""
    return Source(
        "",
        called=Text("Máy chủ thư mục", "Directory server"),
        no_class=Text(
            "Hãy cấp cho tài khoản của tác tử quyền đọc mọi thuộc tính của mục này.",
            "Give the agent's account the right to read all attributes of this entry.",
        ),
        twice=Text(
            "Hãy chạy lại; nếu vẫn vậy, hãy sửa trong thư mục.", "Run again; if it stays, correct it in the directory."
        ),
        fused=Text("(lớp đối tượng). Hãy sửa trong thư mục.", "(object classes). Correct it in the directory."),
        no_identity=Text(
            "Hãy cấp cho tài khoản của tác tử quyền đọc thuộc tính này.",
            "Give the agent's account the right to read this attribute.",
        ),
        no_branch=Text(
            "Hãy sửa base trong cấu hình, hoặc cấp cho tài khoản của tác tử quyền đọc nhánh này.",
            "Correct base in the configuration, or give the agent's account the right to read this branch.",
        ),
        wrong=Text("Hãy sửa trong thư mục rồi chạy lại.", "Correct it in the directory, then run again."),
        lacking=Text("không đọc được", "cannot be read"),
    )
