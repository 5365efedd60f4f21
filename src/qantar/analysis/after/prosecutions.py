"""From arrest to sentence: published counts side by side, and what the rule gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from qantar.analysis.after.prosecution_update import (
    CANDIDATES,
    LEVELS,
    Fact,
    candidates,
    effective_candidates,
    find_facts,
    updated_parameters,
    weights_of,
)
from qantar.base.arrays import Numbers, People
from qantar.model.after.prosecution_state import PRISON, STAGES
from qantar.packs.after.prosecutions import ProsecutionCount, Prosecutions, load_prosecutions
from qantar.packs.country import Country
from qantar.packs.years_tables import last_day
from qantar.simulate.after.prosecutions import (
    MEMBERS,
    SEED,
    ProsecutionRun,
    known_before,
    run_prosecutions,
)

QUANTITIES = ("sentenced", "sentenced to prison", "amnestied", "officers convicted")
ENDS = (24, 36, 48)
"""Months from the crisis on after which the rule is asked: after January 2022, ends of years."""

PRIOR, UPDATED = "prior", "all counts"

LEFT_OUT_SHARE = 4
"""A run that leaves a count out has one member for so many of the others."""


class PredictionRow(NamedTuple):
    """What the rule gives for a quantity at an end of a year.

    Attributes
    ----------
    quantity : str
    by : str
        Last month.
    basis : str
        ``prior``, ``all counts``, or ``without`` one of them.
    q05, q50, q95 : float
        Persons.
    some : float
        Chance of more than none, as the rule has it.
    effective : float
        Candidates that the weights are worth.
    known_before : str
        Nothing dated on that day or later was used.
    """

    quantity: str
    by: str
    basis: str
    q05: float
    q50: float
    q95: float
    some: float
    effective: float
    known_before: str


class Dispute(NamedTuple):
    """A published number of persons detained, beside those of others.

    Attributes
    ----------
    event, date, publisher, number, reference, locator, claims : str
    beside : str
        What it disagrees with, or how it grew on the number before.
    """

    event: str
    date: str
    publisher: str
    number: str
    beside: str
    reference: str
    locator: str
    claims: str


@dataclass(frozen=True)
class ProsecutionStudy:
    """Counts, the counts that update the rule, and a run for each basis.

    Attributes
    ----------
    prosecutions : Prosecutions
    facts : tuple of Fact
    weights : dict
        Weights of candidates by basis: float array (candidates,).
    runs : dict
        Runs by basis; those that leave a count out have fewer members.
    """

    prosecutions: Prosecutions
    facts: tuple[Fact, ...]
    weights: dict[str, Numbers]
    runs: dict[str, ProsecutionRun]

    def values(self, quantity: str, basis: str = UPDATED) -> Numbers:
        """Return a quantity of every member so far: float array (members, months)."""
        outcome = self.runs[basis].outcome
        found = {
            "sentenced": outcome.sentenced,
            "sentenced to prison": outcome.total(*PRISON),
            "amnestied": outcome.total("amnestied"),
            "officers convicted": outcome.total("officers_convicted"),
            "mistreatment reported": outcome.total("mistreatment_reported"),
            "inquiries opened": outcome.total("inquiry_opened"),
        }[quantity]
        return found.astype(np.float64)

    def fan(self, quantity: str, basis: str = UPDATED) -> Numbers:
        """Return quantiles of a quantity by month: float array (levels, months)."""
        return np.asarray(np.quantile(self.values(quantity, basis), LEVELS, axis=0), np.float64)

    def mean_stages(self, basis: str = UPDATED) -> dict[str, Numbers]:
        """Return the mean share of the arrested in every stage: float array (months,) by name."""
        stages = self.runs[basis].outcome.stages
        shares = stages / np.maximum(stages.sum(axis=2, keepdims=True), 1)
        return dict(zip(STAGES, shares.mean(axis=0).T, strict=True))

    @property
    def detained(self) -> tuple[float, ...]:
        """Quantiles of the persons detained that the run starts from."""
        return tuple(float(v) for v in np.quantile(self.runs[PRIOR].detained, LEVELS))


def study_prosecutions(
    country: Country,
    members: int = MEMBERS,
    seed: int = SEED,
    *,
    detained: People | None = None,
    killed: People | None = None,
    amnesty_month: int | None = None,
    held: Mapping[str, float] | None = None,
) -> ProsecutionStudy | None:
    """Run the rule for a country, with and without the counts; None if the pack has no such part.

    Parameters
    ----------
    country : Country
    members, seed : int
    detained, killed : int array (members,), optional
        Persons by member, such as those of a run of the hours; by default those of the pack.
    amnesty_month : int, optional
        When the one amnesty comes, in months from the crisis; by default at open dates.
    held : mapping, optional
        Numbers of the rule held at a value, by name.
    """
    prosecutions = load_prosecutions(country)
    if prosecutions is None:
        return None
    members = members if detained is None else len(detained)
    numbers = candidates(seed, held)
    facts = find_facts(prosecutions, numbers)
    weights = {PRIOR: np.full(CANDIDATES, 1.0 / CANDIDATES), UPDATED: weights_of(facts)}
    weights |= {without(f.row.count): weights_of(facts, f.row.count) for f in facts}
    runs = {}
    for basis, weight in weights.items():
        size = members if basis in (PRIOR, UPDATED) else -(-members // LEFT_OUT_SHARE)
        runs[basis] = run_prosecutions(
            prosecutions,
            detained=None if detained is None else detained[:size],
            killed=None if killed is None else killed[:size],
            parameters=updated_parameters(numbers, weight, size, seed, held),
            members=size,
            seed=seed,
            amnesty_month=amnesty_month,
        )
    return ProsecutionStudy(prosecutions, tuple(facts), weights, runs)


def without(count: str) -> str:
    """Return the name of the basis that leaves a count out."""
    return f"without {count}"


def predictions(study: ProsecutionStudy) -> list[PredictionRow]:
    """Return quantiles of what may be counted later: prior, updated, and each count left out.

    Nothing dated later than a year after the crisis is used: for January 2022, 2023 or later.
    """
    found = []
    known = known_before(study.prosecutions).isoformat()
    for quantity in QUANTITIES:
        for end in ENDS:
            for basis, run in study.runs.items():
                values = study.values(quantity, basis)[:, end - 1]
                low, middle, high = (float(v) for v in np.quantile(values, LEVELS))
                size = effective_candidates(study.weights[basis])
                some = float((values > 0).mean())
                row = (quantity, run.month(end - 1), basis, low, middle, high, some, size, known)
                found.append(PredictionRow(*row))
    return found


def disputes(prosecutions: Prosecutions) -> list[Dispute]:
    """Return the numbers of persons detained, crisis by crisis, each beside the others.

    A running count that falls, or a longer period with fewer than a shorter one, is said to
    disagree. Whether a rise is new arrests or persons counted again, no source tells.
    """
    found = []
    for event in dict.fromkeys(row.event for row in prosecutions.counts):
        rows = [r for r in prosecutions.of_stage("arrested", event) if not r.subset_of]
        dated = sorted((r for r in rows if r.date), key=lambda r: last_day(r.date))
        for k, row in enumerate(dated):
            found.append(_dispute(row, _beside(row, dated[:k])))
        for row in rows:
            if not row.date:
                found.append(_dispute(row, "not dated: may agree with every later number"))
    return found


def _beside(row: ProsecutionCount, before: list[ProsecutionCount]) -> str:
    if row.low is None or not before:
        return ""
    for other in reversed(before):
        if row.high is not None and other.low is not None and row.high < other.low:
            return f"disagrees: {other.publisher} had {other.text} on {other.date}"
    known = [each for each in before if each.exact]
    if not known or not row.exact:
        return "no number that could disagree"
    last = known[-1]
    whose = "" if last.publisher == row.publisher else f" of {last.publisher}"
    return f"{row.low - (last.low or 0):+,.0f} on the number{whose} of {last.date}"


def _dispute(row: ProsecutionCount, beside: str) -> Dispute:
    return Dispute(
        row.event, row.date, row.publisher, row.text, beside, row.reference, row.locator, row.claims
    )
