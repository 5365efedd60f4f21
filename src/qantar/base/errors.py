"""User-facing exceptions: what was wrong, where, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

LISTED = {
    kind: f"{kind}s"
    for kind in (
        *("episode", "account", "intervention", "source", "mechanism", "cause", "parameter"),
        *("post", "person", "outlet", "case", "honour", "narrative", "amendment"),
    )
} | {"office": "offices", "pack": "packs", "party": "parties"}
"""What `qantar list` calls each kind of name that it lists."""

MOST_NAMES = 12
"""Most names that a message lists."""


class QantarError(Exception):
    """Base of every error that a user can fix.

    Parameters
    ----------
    problem : str
        What is wrong, in one sentence.
    expected : str, optional
        What would have been right.
    hint : str, optional
        What to do about it.
    """

    def __init__(self, problem: str, *, expected: str = "", hint: str = "") -> None:
        self.problem = problem
        self.expected = expected
        self.hint = hint
        super().__init__(self.message())

    def message(self) -> str:
        """Return the whole message, one line per part.

        Returns
        -------
        str
        """
        lines = [self.problem]
        if self.expected:
            suggested = self.expected.startswith("did you mean")
            lines.append(f"  {self.expected}" if suggested else f"  expected: {self.expected}")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class FileError(QantarError):
    """A file of a pack, a scenario or a run cannot be used.

    Parameters
    ----------
    path : Path
        The file.
    problem : str
        What is wrong in it.
    line : int, optional
        Line number, counted from 1.
    value : object, optional
        The invalid value, as in the file.
    expected, hint : str, optional
        As for `QantarError`.
    """

    def __init__(
        self,
        path: Path,
        problem: str,
        *,
        line: int | None = None,
        value: object = None,
        expected: str = "",
        hint: str = "",
    ) -> None:
        self.path = path
        self.line = line
        self.value = value
        where = f"{path}:{line}" if line is not None else str(path)
        shown = "" if value is None else f" (found: {value!r})"
        super().__init__(f"{where}: {problem}{shown}", expected=expected, hint=hint)


class UnknownNameError(QantarError):
    """An unknown name; the message suggests the closest known one.

    Parameters
    ----------
    kind : str
        What was looked for, such as ``"episode"``.
    name : str
        The name given.
    known : iterable of str
        The names that exist.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.name = name
        names = sorted(known)
        listed = ", ".join(names[:MOST_NAMES])
        if len(names) > MOST_NAMES:
            listed += f" or one of {len(names) - MOST_NAMES} others"
        super().__init__(
            f"there is no {kind} called {name!r}",
            expected=nearest(name, names) or listed or "nothing is declared",
            hint=f"`qantar list {LISTED[kind]}` shows every {kind}" if kind in LISTED else "",
        )


class OutputError(QantarError):
    """A run directory could not be written; nothing was left behind."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the closest known name, or an empty string."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else ""
