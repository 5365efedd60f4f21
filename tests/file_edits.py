"""One edit of one file of a pack, and what the refusal of it must say."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

HERE = ""


class Break(NamedTuple):
    """One edit of one file, and what the message must hold.

    `old` stands exactly once in the file; if it is empty, `new` is the whole file. `line` is the
    first text on the line that the message must name (`HERE`: where the edit is), or None where no
    single line is to blame.
    """

    file: str
    old: str
    new: str
    line: str | None
    says: tuple[str, ...]

    def make(self, folder: Path) -> tuple[Path, int | None]:
        """Break the file; return its path and the line that the message must name."""
        path = folder / self.file
        path.parent.mkdir(exist_ok=True)
        text = self.new
        if self.old:
            before = path.read_text(encoding="utf-8")
            assert before.count(self.old) == 1, f"{self.old!r} must stand once in {self.file}"
            text = before.replace(self.old, self.new)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        if self.line is None:
            return path, None
        return path, text[: text.index(self.line or self.new)].count("\n") + 1
