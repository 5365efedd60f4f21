"""Intercoder agreement: two coders of one source, Krippendorff's alpha and their disagreements."""

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
"""The fields compared: columns of a claims file, and two that join several (`_CELLS`)."""

_CELLS = {"number": ("value_low", "value_high", "reading"), "dates": ("date_from", "date_to")}

RELIABLE, TENTATIVE = 0.8, 0.667
"""Krippendorff's customary bounds."""

Labels = Sequence[tuple[Hashable, Hashable]]
"""The labels of the first and of the second coder, unit by unit."""


@dataclass(frozen=True)
class FieldAgreement:
    """How far two coders agree in one field.

    `units` is the number of claims that both have coded and `percent` the share of them with the
    same label. `alpha` is NaN where both use one label throughout; `interval` is None where the
    jackknife can say nothing.
    """

    field: str
    units: int
    percent: float
    alpha: float
    interval: tuple[float, float] | None

    @property
    def verdict(self) -> str:
        """``reliable``, ``tentative`` or ``unreliable`` by Krippendorff's bounds, or undefined."""
        if math.isnan(self.alpha):
            return "undefined: one label only" if self.units else "no units"
        if self.alpha >= RELIABLE:
            return "reliable"
        return "tentative" if self.alpha >= TENTATIVE else "unreliable"


@dataclass(frozen=True)
class Disagreement:
    """One field of one claim that the coders label differently, as written in the two files."""

    claim: str
    locator: str
    field: str
    first: str
    second: str


@dataclass(frozen=True)
class Agreement:
    """The comparison of two coders; claims that only one of them has are listed, not counted."""

    fields: tuple[FieldAgreement, ...]
    disagreements: tuple[Disagreement, ...]
    only_first: tuple[Claim, ...]
    only_second: tuple[Claim, ...]


def compare(first: Mapping[str, Claim], second: Mapping[str, Claim]) -> Agreement:
    """Return how far two coders agree, given the claims of each by id; one id is one unit.

    Labels are compared by their meaning: ``10`` is ``10.0``, the month ``2022-01`` is its first
    to its last day, places have no order, and blanks around a text do not count. An empty cell is
    a label like any other: it says that the source is silent.

    Raises
    ------
    QantarError
        If an id stands for two different sources.
    """
    units = tuple(sorted(first.keys() & second.keys()))
    for unit in units:
        if first[unit].source != second[unit].source:
            raise QantarError(
                f"{unit} is a claim of {second[unit].source!r} in the second file",
                expected=f"{first[unit].source!r}, as in the first",
                hint="give a claim that the first coder does not have an id of its own",
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
    # By claim; the sort is stable, so within a claim the fields stay in the order of FIELDS.
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
    """Return the text of a compared field, cell after cell."""
    columns = _CELLS.get(field, (field,))
    return " ".join(filter(None, (getattr(claim, column) for column in columns)))


def alpha(labels: Labels) -> float:
    """Return Krippendorff's alpha of two coders for labels without an order.

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
    # The import takes seconds, and no other command needs it.
    from nltk.metrics.agreement import AnnotationTask

    triples = [
        (coder, str(unit), label)
        for unit, pair in enumerate(labels)
        for coder, label in zip(("first", "second"), pair, strict=True)
    ]
    return float(AnnotationTask(data=triples).alpha())


def jackknife(labels: Labels) -> tuple[float, float] | None:
    """Return a 95 % interval of alpha from the standard error of leave-one-out estimates.

    It is None for fewer than three units, where alpha is undefined without one of them, and where
    leaving one out changes nothing, as in perfect agreement: an interval of zero width would
    overstate the precision.

    Notes
    -----
    For two coders without gaps alpha is ``1 - (d / n) / (1 - s / (2n (2n - 1)))`` with n units, d
    of them unequal, and s the sum of ``m (m - 1)`` over the number of uses m of each label.
    Leaving out a unit changes the counts by a known step, so nothing has to be recounted.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 11.
    Chapman & Hall.
    """
    units, counts = len(labels), Counter(label for pair in labels for label in pair)
    unequal = sum(one != other for one, other in labels)
    alike = sum(count * (count - 1) for count in counts.values())
    if units < 3:
        return None
    without = []
    for one, other in labels:
        step = 2 * (counts[one] + counts[other]) - (6 if one == other else 4)
        without.append(_closed_form(units - 1, unequal - (one != other), alike - step))
    middle = math.fsum(without) / units
    error = math.sqrt(math.fsum((a - middle) ** 2 for a in without) * (units - 1) / units)
    centre = _closed_form(units, unequal, alike)
    # An error that is NaN gives None too: the comparison is false.
    return (centre - 1.96 * error, min(1.0, centre + 1.96 * error)) if error > 1e-9 else None


def _closed_form(units: int, unequal: int, alike: int) -> float:
    """Return alpha from counts of units, of unequal units and of ordered pairs of equal labels."""
    pairs = 2 * units * (2 * units - 1)
    return math.nan if alike == pairs else 1 - unequal / units / (1 - alike / pairs)
