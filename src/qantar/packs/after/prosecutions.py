"""Published counts from arrest to sentence, and what the rule of prosecutions starts from.

``prosecutions.csv`` has a row for every count that a source gives, by date, publisher and stage.
Counts of several publishers that disagree stand beside each other. ``prosecutions_input.csv`` has
quantiles of the persons detained and killed, as a run of the hours gives them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.order import check_once
from qantar.packs.state.rows import Sourced, check_source
from qantar.packs.years_faults import unknown
from qantar.packs.years_tables import Moment, first_day, names_of

FOLDER = "after"
COUNTS, INPUT = "prosecutions.csv", "prosecutions_input.csv"

Counted = Literal[
    "arrested",
    "released",
    "administrative",
    "punished",
    "suspected",
    "cases",
    "charged",
    "tried",
    "prison",
    "no_prison",
    "acquitted",
    "amnestied",
    "mistreatment",
    "killed",
    "injured",
    "officers_convicted",
    "sorting_rule",
    "inquiry_demanded",
    "inquiry",
]
"""What was counted. ``punished`` joins fines, arrest and sentences; ``cases`` are no persons."""

Informs = Literal[
    "", "serious", "charged", "administrative", "acquitted", "prison", "officers", "independent"
]
"""What of the rule a count may update; see `qantar.analysis.after.prosecution_update`."""

Quantity = Literal["detained", "killed"]


class ProsecutionCount(Sourced):
    """A row of ``prosecutions.csv``: one published count.

    Attributes
    ----------
    count : str
        Name of the row.
    event : str
        The crisis it belongs to.
    stage : str
    date : str
        When it held; empty where no source says.
    low, high : float, optional
        Equal for an exact number; no `high` for at least so many; neither where none is printed.
    word : str
        How the source puts it, if not by a bare number.
    publisher : str
        Who gave the number, which need not be who prints it.
    subset_of : str
        The count that this one is a part of, if any.
    informs : str
        What of the rule it may update.
    of : str
        Counts whose sum it is a share of, divided by ``;``.
    """

    count: str
    event: str
    stage: Counted
    date: Moment | Literal[""] = ""
    low: float | None = Field(default=None, ge=0, allow_inf_nan=False, description="0 or more")
    high: float | None = Field(default=None, ge=0, allow_inf_nan=False, description="0 or more")
    word: str = ""
    unit: str = ""
    publisher: str
    subset_of: str = ""
    informs: Informs = ""
    of: str = ""

    @property
    def exact(self) -> bool:
        """Whether one number is given."""
        return self.low is not None and self.low == self.high

    @property
    def text(self) -> str:
        """The count as it should be read."""
        if self.word:
            return self.word
        if self.low is None:
            return "no number"
        if self.exact:
            return f"{self.low:,.0f}"
        return (
            f"at least {self.low:,.0f}" if self.high is None else f"{self.low:g} to {self.high:g}"
        )


class InputQuantile(Sourced):
    """A row of ``prosecutions_input.csv``: a quantile of what the hours hand over.

    Attributes
    ----------
    quantity : {"detained", "killed"}
    quantile : float
    value : float
        Persons.
    """

    quantity: Quantity
    quantile: float = Field(gt=0, lt=1, description="above 0 and below 1")
    value: float = Field(ge=0, allow_inf_nan=False, description="persons, 0 or more")


@dataclass(frozen=True)
class Prosecutions:
    """Counts and inputs of a pack, in the order of the files."""

    counts: tuple[ProsecutionCount, ...]
    inputs: tuple[InputQuantile, ...]

    def count(self, name: str) -> ProsecutionCount | None:
        """Return a count by name, or None."""
        return next((row for row in self.counts if row.count == name), None)

    def of_stage(self, stage: str, event: str = "") -> tuple[ProsecutionCount, ...]:
        """Return the counts of a stage, of one crisis or of all; earliest first, undated last."""
        own = [r for r in self.counts if r.stage == stage and event in ("", r.event)]
        return tuple(sorted(own, key=lambda r: (not r.date, r.date and first_day(r.date))))

    def base(self, row: ProsecutionCount) -> float:
        """Return the sum of the counts that a count is a share of."""
        found = (self.count(name) for name in names_of(row.of))
        return sum(each.low or 0.0 for each in found if each)

    def quantiles(self, quantity: str) -> tuple[tuple[float, float], ...]:
        """Return the quantiles of an input in order: share below, persons."""
        return tuple((r.quantile, r.value) for r in self.inputs if r.quantity == quantity)


def load_prosecutions(country: Country) -> Prosecutions | None:
    """Return the prosecutions of a pack, or None if it has no such file: the part is off then.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Prosecutions or None

    Raises
    ------
    FileError
        With file, line and hint: for a count that appears twice, ends below its beginning, is
        larger than its whole or names no known one; for a row without number and word; for
        quantiles that fall.
    """
    path, inputs = (country.folder / FOLDER / name for name in (COUNTS, INPUT))
    if not path.is_file():
        return None
    rows = read_rows(path, ProsecutionCount)
    by_name = {row.count: row for _, row in rows}
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.count, seen, "the count")
        _check_number(path, row, line)
    for line, row in rows:
        _check_whole(path, row, by_name, line)
        _check_base(path, row, by_name, line)
    _check_crisis(path, rows)
    given = read_rows(inputs, InputQuantile) if inputs.is_file() else []
    _check_inputs(inputs, given, country)
    return Prosecutions(tuple(row for _, row in rows), tuple(row for _, row in given))


def _check_crisis(path: Path, rows: list[tuple[int, ProsecutionCount]]) -> None:
    """Refuse a table whose first crisis has no dated number of arrests: the run begins with it."""
    event = rows[0][1].event if rows else "no crisis"
    if not any(r.event == event and r.stage == "arrested" and r.date for _, r in rows):
        raise FileError(
            path,
            "has no date at which the run could begin",
            line=rows[0][0] if rows else 1,
            value=event,
            expected="a dated row of stage `arrested` for the crisis of the first row",
            hint="put the crisis that is followed first, with the day of its first count",
        )


def _check_number(path: Path, row: ProsecutionCount, line: int) -> None:
    """Refuse a range turned round, an end without a beginning, and a row that says nothing."""
    if row.low is None and (row.high is not None or not row.word):
        problem, expected = "has no lower bound", "a number in `low`, or a text in `word`"
    elif row.low is not None and row.high is not None and row.high < row.low:
        problem, expected = "ends below its beginning", f"`high` of {row.low:g} or more"
    elif row.low is not None and not row.unit:
        problem, expected = "has a number without a unit", "what was counted, such as persons"
    else:
        return
    raise FileError(
        path,
        f"the count {row.count!r} {problem}",
        line=line,
        value="nothing" if row.low is None else f"{row.low:g} {row.unit}",
        expected=expected,
        hint="write the number as printed: equal ends if exact, no `high` for at least so many",
    )


def _check_whole(
    path: Path, row: ProsecutionCount, by_name: dict[str, ProsecutionCount], line: int
) -> None:
    """Refuse a part of nothing, of itself, of another crisis, or larger than its whole."""
    if not row.subset_of:
        return
    if row.subset_of not in by_name:
        raise unknown(path, "count", row.subset_of, by_name, line, COUNTS)
    whole = by_name[row.subset_of]
    if whole.count == row.count:
        problem, expected = "is part of itself", "another count"
    elif whole.event != row.event:
        problem, expected = "is part of another crisis", f"a count of {row.event}"
    elif row.low is not None and whole.high is not None and row.low > whole.high:
        problem, expected = f"is larger than {whole.count!r}", f"at most {whole.high:g}"
    else:
        return
    raise FileError(
        path,
        f"the count {row.count!r} {problem}",
        line=line,
        value=row.subset_of,
        expected=expected,
        hint="correct the row, or leave `subset_of` empty",
    )


def _check_base(
    path: Path, row: ProsecutionCount, by_name: dict[str, ProsecutionCount], line: int
) -> None:
    """Refuse a share of nothing known, and a count for the update that is not exact."""
    names = names_of(row.of)
    for name in names:
        if name not in by_name:
            raise unknown(path, "count", name, by_name, line, COUNTS)
    needs = bool(row.informs) and row.informs != "independent"
    numbers = row.exact and all(by_name[name].exact for name in names)
    if row.informs and (bool(names) != needs or not numbers):
        raise FileError(
            path,
            f"the count {row.count!r} cannot update {row.informs!r}",
            line=line,
            value=row.of or "nothing",
            expected="exact numbers here and in the counts named in `of`",
            hint="name in `of` what it is a share of, or leave `informs` empty",
        )


def _check_inputs(path: Path, rows: list[tuple[int, InputQuantile]], country: Country) -> None:
    """Refuse quantiles that do not rise, and an input with fewer than two."""
    last: dict[str, InputQuantile] = {}
    for line, row in rows:
        check_source(path, row, country, line)
        before = last.get(row.quantity)
        if before and (row.quantile <= before.quantile or row.value < before.value):
            raise FileError(
                path,
                f"the quantiles of {row.quantity!r} fall",
                line=line,
                value=f"{row.quantile:g}: {row.value:g}",
                expected=f"above {before.quantile:g} and {before.value:g} or more",
                hint="list the quantiles of each quantity from low to high",
            )
        last[row.quantity] = row
