"""Courts of a pack: counts of judges who lost their posts, and cases of public figures.

``court_counts.csv`` holds published counts by period: judges dismissed, prosecuted and jailed. A
count may be part of another. ``cases.csv`` holds named cases of public figures from charge to
release; a death without trial is a kind of its own. No private person belongs in either.
"""

from __future__ import annotations

from dataclasses import dataclass

from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.courts_checks import check_cases, check_counts
from qantar.packs.state.courts_tables import CASES, COUNTS, Case, CourtCount
from qantar.packs.state.rows import FOLDER, check_source
from qantar.packs.years_tables import first_day, month_number


@dataclass(frozen=True)
class Courts:
    """Courts of a country.

    Attributes
    ----------
    counts : tuple of CourtCount
    cases : tuple of Case
        In the order of the file.
    """

    counts: tuple[CourtCount, ...]
    cases: tuple[Case, ...]

    def counts_of(self, kind: str) -> tuple[CourtCount, ...]:
        """Return the counts of a kind, earliest first, the whole before its parts."""
        found = [each for each in self.counts if each.kind == kind]
        return tuple(sorted(found, key=lambda each: (first_day(each.begins), -each.months)))

    def pieces(self, kind: str) -> tuple[tuple[int, int, float], ...]:
        """Return a kind as spells that do not overlap: first month, months, judges.

        A whole with one part is divided into the part and what is left before and after it. Months
        before and after share what is left by their number.
        """
        spells: list[tuple[int, int, float]] = []
        for whole in self.counts_of(kind):
            if not whole.subset_of or whole.subset_of not in {
                c.count for c in self.counts_of(kind)
            }:
                spells += _divided(whole, [c for c in self.counts if c.subset_of == whole.count])
        return tuple(sorted(spells))


def _divided(whole: CourtCount, parts: list[CourtCount]) -> list[tuple[int, int, float]]:
    """Return a count as its parts and what is left between them."""
    own = [(month_number(c.begins), c.months, c.value) for c in parts if c.kind == whole.kind]
    own.sort()
    gaps, at = [], month_number(whole.begins)
    for first, months, _ in own:
        gaps.append((at, first - at))
        at = first + months
    gaps.append((at, month_number(whole.begins) + whole.months - at))
    empty = sum(months for _, months in gaps)
    rest = whole.value - sum(value for *_, value in own)
    return own + [(first, months, rest * months / empty) for first, months in gaps if months]


def load_courts(country: Country) -> Courts | None:
    """Return the courts of a pack, or None if it has neither counts nor cases.

    Raises
    ------
    FileError
        With file, line and hint, if a row is out of shape, a name or a reference is unknown, counts
        of a kind overlap, a part is larger than its whole, or a case runs backwards.
    """
    folder = country.folder / FOLDER
    counts, cases = folder / COUNTS, folder / CASES
    if not (counts.exists() or cases.exists()):
        return None
    count_rows = read_rows(counts, CourtCount) if counts.exists() else []
    case_rows = read_rows(cases, Case) if cases.exists() else []
    check_counts(counts, count_rows)
    for line, count in count_rows:
        check_source(counts, count, country, line)
    check_cases(cases, case_rows)
    for line, case in case_rows:
        check_source(cases, case, country, line)
    return Courts(tuple(row for _, row in count_rows), tuple(row for _, row in case_rows))
