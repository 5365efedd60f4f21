"""What became of every row of an event file: counts that add up, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from qantar.evidence.events.match import Match
from qantar.evidence.events.read import Event, LeftOut, Rejection

MATCHES = {
    "exact": "matched to a place by its name",
    "spelling": "matched by another spelling",
    "near": "matched by a near miss (--accept-near)",
    "region": "matched only to a region",
    "country": "the whole country is the place",
    "none": "not matched: counted for the country, and for a region if given",
}
"""What each kind of match means, in the order of the report."""


@dataclass
class Report:
    """Counts of rows by what became of them.

    Attributes
    ----------
    rows : int
        Below the header.
    rejected, left_out, matched : Counter
        Rows by reason, by reason, and by kind of match.
    unmatched : Counter
        Rows by name, region and match, for those with no claim about a place of that name.
    first_rejection : Rejection or None
    unexact_days : int
        Rows kept whose day is not exact.
    """

    rows: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    matched: Counter[str] = field(default_factory=Counter)
    unmatched: Counter[tuple[str, str, Match]] = field(default_factory=Counter)
    first_rejection: Rejection | None = None
    unexact_days: int = 0

    @property
    def kept(self) -> int:
        """Rows that are events of the country and the period."""
        return self.matched.total()

    def reject(self, rejection: Rejection) -> None:
        """Count a row that cannot be used."""
        self.rows += 1
        self.first_rejection = self.first_rejection or rejection
        why = rejection.why.partition(";")[0].partition(":")[0].partition(" (")[0]
        self.rejected[f"{rejection.column}: {why}" if rejection.column else why] += 1

    def leave_out(self, row: LeftOut) -> None:
        """Count a row that was not asked for."""
        self.rows += 1
        self.left_out[row.why] += 1

    def keep(self, event: Event, match: Match) -> None:
        """Count an event."""
        self.rows += 1
        self.matched[match.how] += 1
        self.unexact_days += not event.exact_day
        if match.how in ("none", "near", "region"):
            self.unmatched[event.place, event.region, match] += 1

    def unmatched_rows(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows of ``unmatched.csv``, the commonest names first."""
        for (name, region, match), rows in sorted(
            self.unmatched.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1])
        ):
            used = match.place or "no place"
            yield name, region, rows, match.how, used, match.why, "; ".join(match.candidates)

    def lines(self) -> list[str]:
        """Return the report, one line per count; indented counts add up to the one above."""
        lines = [f"{self.rows:>9,} rows read", f"{self.rejected.total():>9,}   rejected"]
        lines += [f"{count:>9,}     {why}" for why, count in _most(self.rejected)]
        lines.append(f"{self.left_out.total():>9,}   left out")
        lines += [f"{count:>9,}     {why}" for why, count in _most(self.left_out)]
        lines.append(f"{self.kept:>9,}   kept")
        lines += [f"{self.matched[how]:>9,}     {words}" for how, words in MATCHES.items()]
        if self.unexact_days:
            lines.append(
                f"{self.unexact_days:,} of the rows kept have no exact day: "
                "they are counted, but give no first or last day"
            )
        return lines


UNMATCHED_COLUMNS = ("place", "region", "rows", "match", "used", "why", "nearest")


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
