"""What the laws of the years say of each of the next years: counts, waves, parties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from qantar.analysis.after.predictions import Prediction
from qantar.analysis.years.scopes import SCOPES, wave_chance
from qantar.base.arrays import Numbers
from qantar.model.months.declaration import MONTHS_PER_YEAR
from qantar.model.months.event_kinds import PARTY_EVENTS
from qantar.model.months.event_log import PARTIES
from qantar.packs.country import Country
from qantar.simulate.years.histories import Histories, run_histories
from qantar.simulate.years.inputs import ALWAYS, dated_months, given_outcomes, month_index
from qantar.simulate.years.scenario import YearsBelief, YearsScenario, laws, make_years_scenario

YEARS = ("2023", "2024", "2025")

PARTY_KINDS = ("registered", "refused", "banned")
"""What happens to parties that is counted."""

WAVE_SCOPES = ("local", "several", "wide", "national")

_NAN = float("nan")


def years_ahead(
    country: Country, *, years: Sequence[str] = YEARS, members: int = 1000, seed: int = 1
) -> list[Prediction]:
    """Return predictions of every law, each beside those of its prior alone.

    Parameters
    ----------
    country : Country
    years : sequence of str
        In order; histories end with the last.
    members, seed : int
    """
    rows: list[Prediction] = []
    base = make_years_scenario(country.folder, until=years[-1], belief="prior")
    for law in laws():
        told = make_years_scenario(country.folder, until=years[-1], law=law, like=base)
        own = _outlook(told, members, seed)
        prior = _outlook(replace(told, belief=_PRIOR), members, seed)
        for year in years:
            rows += _counts(told, own, prior, year)
            rows += _waves(told, own, prior, year)
            rows += _parties(told, own, prior, year)
    return rows


_PRIOR: YearsBelief = "prior"


def _outlook(scenario: YearsScenario, members: int, seed: int) -> Histories:
    """Run histories in which all that is dated happened as it did, and every monitor goes on."""
    given = given_outcomes(scenario.country, scenario.years, ALWAYS)
    past = scenario.past
    counting = np.ones_like(past.monitor_on)
    counting[:, : past.dated_months] = past.monitor_on[:, : past.dated_months]
    vars(scenario).update(past=past._replace(monitor_on=counting))
    return run_histories(scenario, given, scenario.draw(seed, 0, members), seed=seed)


def _months(scenario: YearsScenario, year: str) -> tuple[int, int]:
    """Return the first month of a year, and the one after its last."""
    first = month_index(scenario.years, f"{year}-01")
    return first, first + MONTHS_PER_YEAR


def _counts(
    scenario: YearsScenario, own: Histories, prior: Histories, year: str
) -> Iterator[Prediction]:
    """Yield the assemblies that each monitor would publish of a year."""
    first, last = _months(scenario, year)
    for k, monitor in enumerate(scenario.years.header.monitors):
        ranges = [_range(each.published[:, first:last, k].sum(axis=1)) for each in (prior, own)]
        yield Prediction(
            "B3", f"assemblies that {monitor} counts", "a year", year, scenario.law_name,
            *ranges[0], *ranges[1], "on the scale of this monitor's own past counts",
        )  # fmt: skip


def _waves(
    scenario: YearsScenario, own: Histories, prior: Histories, year: str
) -> Iterator[Prediction]:
    """Yield the chance of a wave of a scope or wider in a year, and since the dated months."""
    first, last = _months(scenario, year)
    count = len(scenario.country.regions)
    for scope in WAVE_SCOPES:
        least = SCOPES.index(scope)
        for begins, what in ((first, "in the year"), (dated_months(scenario.years), "by its end")):
            chances = [
                float(wave_chance(each, begins, last, count, least).mean()) for each in (prior, own)
            ]
            yield Prediction(
                "D5", f"a {scope} wave or a wider one {what}", "chance", year, scenario.law_name,
                _NAN, chances[0], _NAN, _NAN, chances[1], _NAN,
                "by its end: since February 2022" if what == "by its end" else "",
            )  # fmt: skip


def _parties(
    scenario: YearsScenario, own: Histories, prior: Histories, year: str
) -> Iterator[Prediction]:
    """Yield how many opposition parties are registered, refused and banned in a year."""
    months = _months(scenario, year)
    for kind in PARTY_KINDS:
        ranges = [_range(_events(each, kind, *months)) for each in (prior, own)]
        yield Prediction(
            "A7", f"opposition parties {kind}", "a year", year, scenario.law_name,
            *ranges[0], *ranges[1], "the numbers of parties are priors under both",
        )  # fmt: skip


def _events(histories: Histories, kind: str, first: int, last: int) -> Numbers:
    """Return for each member the events of a kind that happen to parties within months."""
    member, month, part, _, what = histories.events.T
    chosen = (part == PARTIES) & (what == PARTY_EVENTS.index(kind))
    chosen &= (month >= first) & (month < last)
    counted = np.bincount(member[chosen] - int(member.min(initial=0)), minlength=histories.members)
    return counted[: histories.members].astype(np.float64)


def _range(values: Numbers) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    return float(low), float(middle), float(high)
