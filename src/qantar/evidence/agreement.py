"""Intercoder agreement: Krippendorff's alpha for two coders of a source, and disagreements."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from qantar.base.errors import QantarError
from qantar.evidence.claims import Claim
from qantar.evidence.dates import last_day

FIELDS = (
    "category", "subject", "predicate", "value", "number", "unit", "dates", "place", "scope",
    "stage", "as_of", "attributed_to", "modality",
)  # fmt: skip
"""Fields compared: columns of a claims file, and two combinations of columns (`_CELLS`)."""

_CELLS = {"number": ("value_low", "value_high", "reading"), "dates": ("date_from", "date_to")}

RELIABLE, TENTATIVE = 0.8, 0.667
"""Krippendorff's customary bounds."""

Labels = Sequence[tuple[Hashable, Hashable]]
"""Pairs of labels, by the first and the second coder, one per unit."""


@dataclass(frozen=True)
class FieldAgreement:
    """Agreement of two coders in one field.

    `units` is the number of claims coded by both, `percent` the percentage of them with the same
    label. `alpha` is NaN if only one label is used; `interval` is None if the jackknife gives none.
    """

    field: str
    units: int
    percent: float
    alpha: float
    interval: tuple[float, float] | None

    @property
    def verdict(self) -> str:
        """``reliable``, ``tentative``, ``unreliable`` or the reason why alpha is undefined."""
        if math.isnan(self.alpha):
            return "undefined: one label only" if self.units else "no units"
        if self.alpha >= RELIABLE:
            return "reliable"
        return "tentative" if self.alpha >= TENTATIVE else "unreliable"


@dataclass(frozen=True)
class Disagreement:
    """A field of a claim that the coders label differently, as written in the two files."""

    claim: str
    locator: str
    field: str
    first: str
    second: str


@dataclass(frozen=True)
class Agreement:
    """A comparison of two coders; claims coded by only one of them are listed but not counted."""

    fields: tuple[FieldAgreement, ...]
    disagreements: tuple[Disagreement, ...]
    only_first: tuple[Claim, ...]
    only_second: tuple[Claim, ...]


def compare(first: Mapping[str, Claim], second: Mapping[str, Claim]) -> Agreement:
    """Return the agreement of two coders, given their claims by id; each shared id is one unit.

    Labels are compared by meaning: ``10`` equals ``10.0``, the month ``2022-01`` equals its first
    to its last day, and neither the order of places nor extra white space matters. An empty cell
    is a label too: it means that the source is silent.

    Raises
    ------
    QantarError
        If an id belongs to different sources in the two files.
    """
    units = tuple(sorted(first.keys() & second.keys()))
    for unit in units:
        if first[unit].source != second[unit].source:
            raise QantarError(
                f"{unit} is a claim of {second[unit].source!r} in the second file",
                expected=f"{first[unit].source!r}, as in the first",
                hint="give a claim that only the second coder has a new id",
            )
    fields: list[FieldAgreement] = []
    disagreements: list[Disagreement] = []
    for field in FIELDS:
        labels = [(_label(first[unit], field), _label(second[unit], field)) for unit in units]
        unequal = [unit for unit, (one, other) in zip(units, labels, strict=True) if one != other]
        same = len(units) - len(unequal)
        percent = 100 * same / len(units) if units else math.nan
        fields.append(FieldAgreement(field, len(units), percent, alpha(labels), jackknife(labels)))
        disagreements += [
            Disagreement(
                claim=unit,
                locator=first[unit].locator,
                field=field,
                first=_cells(first[unit], field),
                second=_cells(second[unit], field),
            )
            for unit in unequal
        ]
    # The sort is stable: within a claim, fields stay in the order of FIELDS.
    disagreements.sort(key=lambda each: each.claim)
    return Agreement(
        fields=tuple(fields),
        disagreements=tuple(disagreements),
        only_first=tuple(first[unit] for unit in sorted(first.keys() - second.keys())),
        only_second=tuple(second[unit] for unit in sorted(second.keys() - first.keys())),
    )


_MEANINGS: dict[str, Callable[[Claim], Hashable]] = {
    "number": lambda claim: (*map(str, claim.printed), claim.reading),
    "dates": lambda claim: claim.dates,
    "as_of": lambda claim: last_day(claim.as_of),
    "place": lambda claim: frozenset(claim.places),
}


def _label(claim: Claim, field: str) -> Hashable:
    meaning = _MEANINGS.get(field)
    return meaning(claim) if meaning else " ".join(getattr(claim, field).split())


def _cells(claim: Claim, field: str) -> str:
    """Return the text of a compared field, its cells joined by spaces."""
    columns = _CELLS.get(field, (field,))
    return " ".join(filter(None, (getattr(claim, column) for column in columns)))


def alpha(labels: Labels) -> float:
    """Return Krippendorff's alpha of two coders for nominal labels.

    It is 1 for perfect agreement, 0 for agreement by chance, and below 0 for systematic
    disagreement. It is NaN if only one label is used, since all agreement is then expected by
    chance.

    References
    ----------
    Krippendorff, K. (2019). Content Analysis: An Introduction to Its Methodology, 4th edition,
    chapter 12. Sage.
    """
    if len({label for pair in labels for label in pair}) < 2:
        return math.nan
    # Imported here because it takes seconds and no other command needs it.
    from nltk.metrics.agreement import AnnotationTask

    triples = [
        (coder, str(unit), label)
        for unit, pair in enumerate(labels)
        for coder, label in zip(("first", "second"), pair, strict=True)
    ]
    return float(AnnotationTask(data=triples).alpha())


def jackknife(labels: Labels) -> tuple[float, float] | None:
    """Return a 95 % jackknife interval of alpha.

    It is None for fewer than three units, and if leaving one out changes nothing, as in perfect
    agreement: an interval of zero width would overstate the precision.

    Notes
    -----
    For two coders without missing labels, alpha is ``1 - (d / n) / (1 - s / (2n (2n - 1)))`` with
    n units, d of them unequal, and s the sum of ``m (m - 1)`` over the number of uses m of each
    label.
    Leaving out a unit changes these counts by a known amount, so nothing has to be recounted.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 11.
    Chapman & Hall.
    """
    units, counts = len(labels), Counter(label for pair in labels for label in pair)
    unequal = sum(one != other for one, other in labels)
    equal_pairs = sum(count * (count - 1) for count in counts.values())
    if units < 3:
        return None
    without = []
    for one, other in labels:
        step = 2 * (counts[one] + counts[other]) - (6 if one == other else 4)
        without.append(_closed_form(units - 1, unequal - (one != other), equal_pairs - step))
    mean = math.fsum(without) / units
    error = math.sqrt(math.fsum((a - mean) ** 2 for a in without) * (units - 1) / units)
    centre = _closed_form(units, unequal, equal_pairs)
    # If the error is NaN, the comparison is false and the result None.
    return (centre - 1.96 * error, min(1.0, centre + 1.96 * error)) if error > 1e-9 else None


def _closed_form(units: int, unequal: int, equal_pairs: int) -> float:
    """Return alpha from counts of units, of unequal units and of ordered pairs of equal labels."""
    pairs = 2 * units * (2 * units - 1)
    if equal_pairs == pairs:
        return math.nan
    return 1 - unequal / units / (1 - equal_pairs / pairs)
