"""What the sources say of labour, channels and composition, beside what the pack gives."""

from __future__ import annotations

from qantar.analysis.state.checks import Check, told
from qantar.analysis.state.composition import (
    LARGEST,
    between,
    census_shares,
    country_mean,
    group_bounds,
    left_out,
    pressure,
    regions_at,
)
from qantar.analysis.state.society import (
    Concordance,
    channel_index,
    concordance,
    protest_order,
    strike_days,
    strike_months,
)
from qantar.packs.country import Country
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.packs.state.composition import Composition, RegionalShare, load_composition
from qantar.packs.state.society import Society, load_society

NEAR, NEAR_ITSELF = 0.01, 0.1
"""How far a predicted share may lie from the census: one point, and a tenth of itself."""

CAPITAL_MOVED = 1997
"""Year of the move, one ground of which was the composition of north and centre."""

CARRIED = ("Kazakhs", "Russians")
"""Groups of Table 1 that the series of the years hold."""


def checks(country: Country) -> list[Check]:
    """Return the facts of A10, A12, E1 and E2 with their verdicts.

    Parameters
    ----------
    country : Country
        A fact whose rows or claims a pack lacks is left out.

    Returns
    -------
    list of Check
    """
    society, composition = load_society(country), load_composition(country)
    found: list[Check] = []
    if society:
        found += _strikes(society) + _facts(society) + _memory(society)
        found += _channels(society, country)
    if has_evidence(country):
        tables = country_ledger(country).tables
        if "composition" in tables:
            found += _table(country, census_shares(tables["composition"]))
    if composition and composition.shares and LARGEST in country.variables:
        found += _north(country, composition)
    return told(country, found)


def _strikes(society: Society) -> list[Check]:
    found = []
    for row in society.strikes:
        if row.months is not None:
            days, months = strike_days(row), strike_months(row)
            found.append(
                Check(
                    "E1",
                    f"{row.label}: length",
                    f"{row.months:g} months",
                    f"{days} days from first to last, {months:.1f} months",
                    "hit" if round(months) == row.months else "miss",
                    row.claim_ids,
                    row.note,
                )
            )
        if row.strikers is not None:
            stated = f"more than {row.strikers:,.0f}" if row.months else f"{row.strikers:,.0f}"
            found.append(
                Check("E1", f"{row.label}: strikers", stated, stated, "input", row.claim_ids)
            )
    dated = [row for row in society.strikes if row.form == "strike"]
    after = [row for row in dated if row.outcome == "conceded to some"]
    found.append(
        Check(
            "E1",
            "A concession to one group teaches others to strike",
            "it does",
            f"{len(dated)} strikes or bouts of strikes, {len(after)} with a concession to some",
            "not told",
            ("c003-311-leverage", "c003-311-micro-strikes"),
            "too few events to tell the rule from chance",
        )
    )
    return found


def _facts(society: Society) -> list[Check]:
    systems = {"labour": "E1", "memory": "A11"}
    found = []
    for row in society.facts:
        stated = row.direction if row.value is None else f"{row.value:,g} {row.unit}"
        system = systems.get(row.topic, "E2")
        found.append(Check(system, row.label, stated, stated, "input", row.claim_ids, row.note))
    return found


def _memory(society: Society) -> list[Check]:
    """Check whether two numbers of the dead by sentence can both be right."""
    all_deaths, political = (
        society.fact("soviet-death-sentences"),
        society.fact("soviet-death-political"),
    )
    convicted = society.fact("soviet-convictions")
    if not (all_deaths and political and convicted):
        return []
    if all_deaths.value is None or political.value is None or not convicted.value:
        return []
    share = all_deaths.value / convicted.value
    return [
        Check(
            "A11",
            "146,000 were sentenced to death for politics in seventy years",
            f"{political.value:,.0f}",
            f"{all_deaths.value:,.0f} of those convicted of crimes against the state, "
            f"{100 * share:.0f} percent",
            "miss" if all_deaths.value > political.value else "hit",
            (*political.claim_ids, *all_deaths.claim_ids, *convicted.claim_ids),
            "two numbers of one note that are hard to reconcile; no number of Kazakhstan is told",
        )
    ]


def _channels(society: Society, country: Country) -> list[Check]:
    index = channel_index(society, country)
    reporters = tuple(
        dict.fromkeys(row.reporter for row in society.channels if row.channel == "protest")
    )
    if not reporters or not any(index.values()):
        return []
    lowest = [region for region, value in index.items() if value == min(index.values())]
    claims = tuple(
        dict.fromkeys(
            claim for row in society.channels if row.channel != "protest" for claim in row.claim_ids
        )
    )
    text = ", ".join(lowest)
    found = [Check("A10", "Regions with the narrowest channels", text, text, "input", claims)]
    tops = []
    for reporter in reporters:
        protest = protest_order(society, country, reporter)
        tops.append({region for region, value in protest.items() if value > 0})
        same = any(
            row.channel != "protest" and row.reporter == reporter for row in society.channels
        )
        found.append(_rule(reporter, concordance(index, protest), society, same))
    if len(tops) > 1:
        shared = set.intersection(*tops)
        found.append(
            Check(
                "A10",
                "Where protest is most frequent: " + " against ".join(reporters),
                "one order",
                "; ".join(", ".join(sorted(top)) for top in tops),
                "hit" if shared else "miss",
                tuple(
                    claim
                    for row in society.channels
                    if row.channel == "protest"
                    for claim in row.claim_ids
                ),
                "two monitors with other definitions, of other years; no region is in both lists",
            )
        )
    return found


def _rule(reporter: str, agreement: Concordance, society: Society, same: bool) -> Check:
    """Return whether narrow channels go with protest in the order of one reporter."""
    rows = [r for r in society.channels if r.channel == "protest" and r.reporter == reporter]
    return Check(
        "A10",
        f"The narrower the channels, the more protest, in the order of {reporter}",
        "gamma below 0",
        f"gamma {agreement.gamma:+.2f} over {agreement.pairs} pairs of regions",
        "input" if same else "hit" if agreement.gamma < 0 else "miss",
        tuple(claim for row in rows for claim in row.claim_ids),
        "channels and protest come from one source and are no test"
        if same
        else "the reporter is another than that of the channels",
    )


def _table(country: Country, table: dict[str, dict[int, float]]) -> list[Check]:
    """Check Table 1: what the years hold, and each inner census from its neighbours."""
    found = []
    for group, known in table.items():
        predicted = left_out(known)
        for year, share in known.items():
            claim = (f"composition--ethnic-{group}-{year}",)
            stated = f"{100 * share:.2f}"
            if group in CARRIED:
                value = share
                if group == CARRIED[0] and LARGEST in country.variables:
                    value = country_mean(country, regions_at(country, share))
                text = f"{100 * value:.2f}"
                note = "regions of the cohorts, weighted" if group == CARRIED[0] else ""
                found.append(Check("A12", f"{group} in {year}", stated, text, "input", claim, note))
            if year in predicted:
                near = abs(predicted[year] - share) <= min(NEAR, NEAR_ITSELF * share)
                found.append(
                    Check(
                        "A12",
                        f"{group} in {year}, from the censuses before and after",
                        stated,
                        f"{100 * predicted[year]:.2f}",
                        "hit" if near else "miss",
                        claim,
                        "line of log odds; a hit lies within one point and a tenth of the share",
                    )
                )
    return found


def _north(country: Country, composition: Composition) -> list[Check]:
    """Check the shares of the north, and what the index of tension must not be read as."""
    row = composition.shares[0]
    bounds = group_bounds(country, composition, row.group)
    felt = pressure(composition, "2022-01")
    top = max(bounds, key=lambda area: bounds[area][1])
    return [
        *(_bounded(country, each) for each in composition.shares),
        *_when_the_capital_moved(country, row),
        Check(
            "A12",
            "Worry about foreign troops is most acute in the north",
            "north",
            f"pressure {felt:g} in January 2022; highest index {top}",
            "input",
            ("c000-f-north-acute",),
            "the index is pressure times share, so the order is put in",
        ),
        Check(
            "A12",
            "No conflict between ethnic groups",
            "none",
            f"index at its highest ({felt * bounds[top][1]:.2f}) in January 2022",
            "miss",
            ("c003-42-beisembaev-interethnic",),
            "read as a risk of violence between groups the index fails; it is never used so",
        ),
    ]


def _bounded(country: Country, row: RegionalShare) -> Check:
    """Check that the bounds of a group leave room for the largest group."""
    room = {area: 100 * (1 - country.region_value(area, LARGEST).value) for area in row.areas}
    people = sum(country.region_value(area, "population").value for area in row.areas)
    return Check(
        "A12",
        f"{row.group} are {row.low:g} to {row.high:g} percent of {len(row.areas)} regions",
        f"{row.low:g} to {row.high:g}",
        f"{min(room.values()):.0f} to {max(room.values()):.0f} percent outside the largest group; "
        f"at the lower bound {people * row.low / 1e8:.1f} million persons",
        "hit" if all(value >= row.low for value in room.values()) else "miss",
        row.claim_ids,
        "not contradicted by the share of the largest group; the regions are our reading",
    )


def _when_the_capital_moved(country: Country, row: RegionalShare) -> list[Check]:
    """Check who lived in the north when the capital moved, by the rule of the cohorts."""
    tables = country_ledger(country).tables if has_evidence(country) else {}
    table = census_shares(tables["composition"]) if "composition" in tables else {}
    known = table.get(CARRIED[0])
    if not known:
        return []
    then = regions_at(country, between(known, CAPITAL_MOVED))
    others = [1 - then[area] for area in row.areas]
    return [
        Check(
            "A12",
            "Russians and others were most of the people in north and centre",
            "above 50 percent",
            f"{100 * min(others):.0f} to {100 * max(others):.0f} percent in {CAPITAL_MOVED}",
            "hit" if min(others) > 0.5 else "miss",
            ("c003-13-north-russians", "c003-13-capital-north"),
            "regions moved back with the country from 2021",
        )
    ]
