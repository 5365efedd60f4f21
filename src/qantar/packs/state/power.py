"""How concentrated power is by law, and when two persons hold the same power.

**Concentration** is the Herfindahl index of power over persons. Every power is divided among
offices (shares sum to 1); a person's share is the weighted mean over powers of the shares of all
offices that the person holds, so one who holds two offices counts once. An office whose holder is
not named counts as one person of its own; a body of n members who decide by vote counts as n
persons of equal share. 1 is one person with every power; 1 / concentration is the number of equal
persons who would be as concentrated.

**Overlap** of two persons is the weighted mean over powers of twice the smaller of their shares,
where each of the two holds an office that the other can neither fill nor is filled through. A prime
minister whom the president names is no rival. **Dual power** is the largest overlap of any two.
"""

from __future__ import annotations

import datetime as dt
from itertools import combinations

from qantar.packs.state.constitution import Constitution, Rules
from qantar.packs.state.constitution_tables import LAW, VOTERS


def holders_at(constitution: Constitution, rules: Rules) -> dict[str, str]:
    """Return who holds every office in being; the office itself where nobody is named."""
    found = {}
    for office in rules.offices:
        held_with = office
        while rules.offices[held_with].held_with in rules.offices:
            held_with = rules.offices[held_with].held_with
        found[office] = constitution.holder_at(held_with, rules.date) or held_with
    return found


def shares_of(
    constitution: Constitution, rules: Rules
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Return shares of powers by holder, and how many persons decide in each holder.

    Returns
    -------
    shares : dict
        By holder, then by power.
    members : dict
        By holder: 1 for a person, the seats of a body, infinity for the voters.
    """
    holders = holders_at(constitution, rules)
    shares: dict[str, dict[str, float]] = {}
    members: dict[str, float] = {}
    for power, by_office in rules.powers.items():
        for office, share in by_office.items():
            holder = holders[office]
            own = shares.setdefault(holder, {})
            own[power] = own.get(power, 0.0) + share
            body = constitution.header.offices[office].body
            members[holder] = rules.offices[office].seats if body else 1.0
    return shares, members


def concentration(constitution: Constitution, date: dt.date | str) -> float:
    """Return the concentration of power over persons on a day, 0 to 1."""
    rules = constitution.rules_at(date)
    weights = {name: power.weight for name, power in constitution.header.powers.items()}
    total = sum(weights[name] for name in rules.powers if rules.powers[name])
    if total == 0:
        return 0.0
    shares, members = shares_of(constitution, rules)
    found = 0.0
    for holder, own in shares.items():
        share = sum(weights[power] * each for power, each in own.items()) / total
        found += share * share / members[holder]
    return found


def power_share(constitution: Constitution, holder: str, date: dt.date | str) -> float:
    """Return the share of all power of a person, or of an office whose holder is not named."""
    rules = constitution.rules_at(date)
    weights = {name: power.weight for name, power in constitution.header.powers.items()}
    own = shares_of(constitution, rules)[0].get(holder, {})
    return sum(weights[power] * share for power, share in own.items()) / sum(weights.values())


def dual_power(constitution: Constitution, date: dt.date | str) -> tuple[float, tuple[str, ...]]:
    """Return the largest overlap of two persons who do not depend on each other, and who they are.

    Returns
    -------
    overlap : float
        0 to 1.
    persons : tuple of str
        The two, in alphabetical order; empty if there are none.
    """
    rules = constitution.rules_at(date)
    weights = {name: power.weight for name, power in constitution.header.powers.items()}
    holders = holders_at(constitution, rules)
    shares, members = shares_of(constitution, rules)
    above = {office: _chain(rules, office) for office in rules.offices}
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    persons = sorted(each for each in shares if members[each] == 1.0)
    for one, other in combinations(persons, 2):
        if _depends(holders, above, one, other) or _depends(holders, above, other, one):
            continue
        both = sum(
            weights[power] * 2.0 * min(share, shares[other].get(power, 0.0))
            for power, share in shares[one].items()
        )
        overlap = both / sum(weights.values())
        if overlap > best[0]:
            best = (overlap, (one, other))
    return best


def _chain(rules: Rules, office: str) -> set[str]:
    """Return the offices through which an office is filled."""
    found: set[str] = set()
    at = office
    while True:
        here = rules.offices[at]
        at = here.filled_by or here.held_with
        if at in (VOTERS, LAW, "") or at in found or at not in rules.offices:
            return found
        found.add(at)


def _depends(holders: dict[str, str], above: dict[str, set[str]], one: str, other: str) -> bool:
    """Whether every office of a person is filled through an office of another."""
    own = [office for office, holder in holders.items() if holder == one]
    theirs = {office for office, holder in holders.items() if holder == other}
    return all(above[office] & theirs for office in own)
