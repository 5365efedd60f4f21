"""Polls in a pack: question, answer, share, and what the sample allows to be said of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.order import check_once, check_order
from qantar.packs.state.rows import FOLDER, Sourced, check_source
from qantar.packs.years_tables import Moment

POLLS = "polls.csv"

ROUNDING = 0.1
"""Shares are printed to a tenth of a percent at best: how far a count may lie from its share."""

PARTS = 100.0 + 0.5
"""Most that single answers may add to, in percent: the rest is rounding."""


class Answer(Sourced):
    """A row of ``polls.csv``: the share of one answer among one group.

    Attributes
    ----------
    group : str
        Who was counted: ``all``, or a part of the sample, whose size may be unknown.
    about : str
        What a reader may compare it with, such as a narrative of the pack.
    share : float
        In percent.
    count : int, optional
    sample : int, optional
        Respondents of the group; empty if the source does not tell.
    multiple : bool
        Whether a respondent could give several answers.
    representative : {"yes", "no", "not told"}
        Whether the sample stands for more than itself, in the words of those who drew it.
    """

    poll: str
    question: str
    answer: str
    label: str
    group: str = "all"
    about: str
    begins: Moment | Literal[""] = Field(alias="from", default="")
    ends: Moment | Literal[""] = Field(alias="to", default="")
    share: float = Field(ge=0, le=100, allow_inf_nan=False, description="0 to 100 percent")
    count: int | None = Field(default=None, ge=0, description="an integer, 0 or more")
    sample: int | None = Field(default=None, ge=1, description="an integer, 1 or more")
    multiple: bool
    representative: Literal["yes", "no", "not told"]


class Question(NamedTuple):
    """Answers of one group to one question."""

    poll: str
    question: str
    group: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Polls:
    """Answers of a pack, in the order of the file."""

    rows: tuple[Answer, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The answers by question and group, in the order of the file."""
        found: dict[tuple[str, str, str], list[Answer]] = {}
        for row in self.rows:
            found.setdefault((row.poll, row.question, row.group), []).append(row)
        return tuple(Question(*key, tuple(rows)) for key, rows in found.items())

    def answer(self, poll: str, question: str, answer: str, group: str = "all") -> Answer | None:
        """Return one answer, or None."""
        key = (poll, question, answer, group)
        rows = (r for r in self.rows if (r.poll, r.question, r.answer, r.group) == key)
        return next(rows, None)

    def asked(self, poll: str, question: str, group: str = "all") -> Question | None:
        """Return one question, or None."""
        key = (poll, question, group)
        return next((each for each in self.questions if each[:3] == key), None)


def load_polls(country: Country) -> Polls | None:
    """Return the polls of a pack, or None if it has no such file.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Polls or None

    Raises
    ------
    FileError
        If a share lies outside 0 to 100, a count does not give its share, single answers add to
        more than all respondents, or the rows of a question differ in sample or kind.
    """
    path = country.folder / FOLDER / POLLS
    if not path.is_file():
        return None
    rows = read_rows(path, Answer)
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        key = (row.poll, row.question, row.answer, row.group)
        check_once(path, line, key, seen, "the answer")
        check_order(path, line, ("from", row.begins), ("to", row.ends), "exchange the two dates")
        _check_count(path, line, row)
    _check_questions(path, rows)
    return Polls(tuple(row for _, row in rows))


def _check_count(path: Path, line: int, row: Answer) -> None:
    """Refuse a count that exceeds its sample or gives another share."""
    if row.count is None or row.sample is None:
        return
    share = 100.0 * row.count / row.sample
    if row.count > row.sample or abs(share - row.share) > ROUNDING:
        raise FileError(
            path,
            "the count does not give the share",
            line=line,
            value=f"{row.count} of {row.sample}, {row.share:g} percent",
            expected=f"{share:.1f} percent",
            hint="correct one of the three; note what the source prints wrongly",
        )


def _check_questions(path: Path, rows: list[tuple[int, Answer]]) -> None:
    """Refuse a question whose rows differ in kind, or whose single answers pass 100 percent."""
    first: dict[tuple[str, str, str], tuple[int, Answer]] = {}
    total: dict[tuple[str, str, str], float] = {}
    for line, row in rows:
        key = (row.poll, row.question, row.group)
        earlier, other = first.setdefault(key, (line, row))
        if (row.sample, row.multiple) != (other.sample, other.multiple):
            raise FileError(
                path,
                "differs from another answer to the same question in sample or multiple answers",
                line=line,
                value=f"{row.sample}, {row.multiple}",
                expected=f"{other.sample}, {other.multiple}, as on line {earlier}",
                hint="correct the two cells, or name another group",
            )
        total[key] = total.get(key, 0.0) + row.share
        if not row.multiple and total[key] > PARTS:
            raise FileError(
                path,
                "single answers add to more than all respondents",
                line=line,
                value=f"{total[key]:.1f} percent",
                expected="at most 100 percent",
                hint="set `multiple` to true if several answers were allowed",
            )
