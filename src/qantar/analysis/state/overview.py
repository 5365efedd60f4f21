"""The state of a pack at a glance: facts checked, laws of events compared, systems counted."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from qantar.analysis.state import (
    beliefs_checks,
    constitution,
    courts,
    offices,
    outlets,
    party_checks,
    polls_checks,
    society_checks,
)
from qantar.analysis.state.checks import Check, Verdict
from qantar.analysis.state.dismissal_laws import score_laws, spells_of
from qantar.analysis.state.event_laws import CONSTANT, after, compare_laws, series_of, verdict_on
from qantar.analysis.state.lifelines import LifelinePart, lifeline_table
from qantar.analysis.state.outlet_laws import blows_by_month
from qantar.analysis.state.record import record_of_state
from qantar.base.text_cache import cached_text
from qantar.model.month import MECHANISMS
from qantar.model.months.institutions import MEMORY
from qantar.packs.country import Country
from qantar.packs.state.contents import StateContents, load_contents
from qantar.packs.years import Years
from qantar.simulate.years.inputs import challenges, dated_months, dated_triggers, month_index

PARTS = {
    "constitution": ("constitution", "constitution"),
    "offices": ("posts and holders", "offices"),
    "parties": ("parties", "parties"),
    "outlets": ("outlets", "outlets"),
    "courts": ("courts", "courts"),
    "honours": ("honours", "honours"),
    "narratives": ("official accounts", "narratives"),
    "labour": ("strikes and channels", "society"),
    "composition": ("ethnic composition", "composition"),
    "polls": ("polls", "polls"),
}
"""Parts of the state: what they are called, and where `StateContents` has them."""

SYSTEMS = {
    "A4": "Constitution and presidency",
    "A5": "Dual power and security council",
    "A6": "Patronage and appointments",
    "A7": "Parties and opposition",
    "A8": "Courts and calls from above",
    "A9": "Media",
    "A10": "State and civil society",
    "A11": "Soviet legacy and cult",
    "A12": "Ethnic composition and territory",
    "B10": "Narratives and attribution",
    "B11": "Conflict within the elite",
    "C6": "Foreign attention and human rights",
    "D3": "New cabinet and old team",
    "D6": "Assets and the family",
    "E1": "Labour organisation",
    "E2": "Youth and internal migration",
    "E3": "Survey of the thesis",
    "E4": "Other polls",
}
"""Systems of the sources, with a short name; of those not asked for only those with a check."""

ASKED = tuple(name for name in SYSTEMS if name not in ("E3", "E4"))

FILES = {
    "A4": ("constitution.yaml", "constitution.csv", "constitution_holders.csv"),
    "A5": ("constitution.yaml", "constitution_holders.csv"),
    "A6": ("posts.csv", "people.csv", "holdings.csv", "ties.csv", "areas.csv", "elite_counts.csv"),
    "A7": ("parties.csv", "party_events.csv", "party_votes.csv", "election_rules.csv"),
    "A8": ("cases.csv", "court_counts.csv"),
    "A9": ("outlets.csv", "outlet_owners.csv", "outlet_events.csv"),
    "A10": ("channels.csv", "society.csv"),
    "A11": ("honours.csv", "polls.csv"),
    "A12": ("regional_shares.csv", "pressure.csv"),
    "B10": ("narratives.csv", "polls.csv"),
    "B11": ("factions.csv", "holdings.csv", "ties.csv"),
    "C6": ("cases.csv", "outlet_events.csv"),
    "D3": ("posts.csv", "holdings.csv", "elite_counts.csv"),
    "D6": ("factions.csv", "holdings.csv"),
    "E1": ("labour.csv", "society.csv"),
    "E2": ("society.csv",),
    "E3": ("polls.csv",),
    "E4": ("polls.csv",),
}
"""Files of the folder ``state`` that describe a system."""

VERDICTS: tuple[Verdict, ...] = ("input", "hit", "miss", "not told")

CHALLENGE = "after a challenge"

PARTY_BLOWS = ("banned", "leader_jailed")

OWN_WILL = ("", "not told", "died", "abolished")
"""Ends of a holding that no decision about the holder made, or of which nobody tells."""

_PARTY_DRAWS = 40
"""Draws of the priors of reach; the check of parties takes most of the time."""


@dataclass(frozen=True)
class StateRecord:
    """The state as a pack describes it.

    Attributes
    ----------
    parts, absent : list of str
        Parts that the pack has, and those it lacks, which are off; names of `PARTS`.
    record : list of LifelinePart
    overview : Overview
    """

    parts: list[str]
    absent: list[str]
    record: list[LifelinePart]
    overview: Overview

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables ``state_checks``, ``state_events``, ``state_laws`` and ``state_systems``."""
        return {
            "state_checks": self.overview.check_table(),
            "state_events": lifeline_table(self.record),
            "state_laws": self.overview.laws,
            "state_systems": self.overview.systems,
        }


def describe_state(country: Country, years: Years) -> StateRecord | None:
    """Return the state of a pack, or None if it describes no part of it."""
    contents = load_contents(country)
    absent = [name for name, (_, field) in PARTS.items() if field in contents.missing]
    parts = [name for name in PARTS if name not in absent]
    if not parts:
        return None
    return StateRecord(parts, absent, record_of_state(contents), overview_of_state(country, years))


@dataclass(frozen=True)
class Overview:
    """What becomes of the sources' facts about the state.

    Attributes
    ----------
    checks : tuple of Check
        By system.
    laws : DataFrame
        See `law_table`.
    systems : DataFrame
        See `systems_table`.
    """

    checks: tuple[Check, ...]
    laws: pd.DataFrame
    systems: pd.DataFrame

    def check_table(self) -> pd.DataFrame:
        """Return the checks: system, fact, stated, found, verdict, claims, note."""
        rows = [{**asdict(check), "claims": "; ".join(check.claims)} for check in self.checks]
        return pd.DataFrame(rows, columns=list(Check.__dataclass_fields__))


def overview_of_state(country: Country, years: Years) -> Overview:
    """Return checks, laws and systems of a pack; what was worked out before is read again."""

    def make() -> str:
        checks = [asdict(check) for check in all_checks(country, years)]
        laws = law_table(country, years).to_json(orient="records", double_precision=12)
        return json.dumps({"checks": checks, "laws": laws})

    until = years.header.observed_until
    kept = json.loads(cached_text(("state", country.fingerprint, until), make))
    checks = tuple(Check(**{**row, "claims": tuple(row["claims"])}) for row in kept["checks"])
    laws = pd.read_json(io.StringIO(kept["laws"]), orient="records")
    return Overview(checks, laws.reindex(columns=LAW_COLUMNS), systems_table(checks, country))


def all_checks(country: Country, years: Years) -> list[Check]:
    """Return the checks of every part that a pack has, by system.

    The facts of constitution, posts and parties are those of the sources of Kazakhstan. A pack that
    names other units has none of them.
    """
    contents = load_contents(country)
    basic, posts = contents.constitution, contents.offices
    parties, judges = contents.parties, contents.courts
    makers: dict[str, Callable[[], Iterable[Check]]] = {}
    if basic is not None and "security-council-chair" in basic.header.offices:
        makers["constitution"] = lambda: constitution.checks(basic, years)
    if posts is not None and posts.counts:
        makers["posts"] = lambda: offices.checks(posts, country, years)
    if parties is not None and "dck" in {party.party for party in parties.parties}:
        makers["parties"] = lambda: party_checks.checks(country, parties, _PARTY_DRAWS)
    if judges is not None:
        makers["courts"] = lambda: courts.checks(country, judges, years)
    makers["outlets"] = lambda: outlets.checks(country)
    makers["society"] = lambda: society_checks.checks(country)
    makers["honours and accounts"] = lambda: beliefs_checks.checks(country)
    makers["polls"] = lambda: polls_checks.checks(country)
    found = [check for part, make in makers.items() for check in _checked(part, make)]
    return sorted(found, key=lambda check: _order(check.system))


def _checked(part: str, make: Callable[[], Iterable[Check]]) -> list[Check]:
    """Return the checks of a part; a pack whose rows were taken out says that they are missing."""
    try:
        return list(make())
    except (LookupError, ValueError, StopIteration) as error:
        name = str(error.args[0]) if error.args else type(error).__name__
        missing = f"the pack was changed, and lacks what the facts ask for: {name}"
        return [Check(_FIRST_SYSTEM[part], f"All facts about {part}", "", missing, "not told")]


_FIRST_SYSTEM = {
    "constitution": "A4",
    "posts": "A6",
    "parties": "A7",
    "courts": "A8",
    "outlets": "A9",
    "society": "A10",
    "honours and accounts": "A11",
    "polls": "A11",
}


def _order(system: str) -> tuple[str, int]:
    """Return where a system stands: A4 before A10."""
    return system[:1], int(system[1:]) if system[1:].isdigit() else 0


LAW_COLUMNS = ["series", "law", "events", "log_evidence", "against_constant", "verdict", "note"]


def law_table(country: Country, years: Years) -> pd.DataFrame:
    """Compare laws of when dated events of the state come, with the number of events beside each.

    A challenge is a wave of three regions or more, remembered for twelve months that follow the
    month in which it begins. An event in the month of the wave itself does not count as after it.
    Events of which only the year is known are left out.

    Returns
    -------
    DataFrame
        series, law, events, log_evidence, against_constant, verdict, note.
    """
    contents, length = load_contents(country), dated_months(years)
    waves = challenges(country, dated_triggers(years))
    begun = [month_index(years, wave.begins) for wave in waves]
    challenged = after(series_of("waves", begun, length).counts, MEMORY)
    marked = int(challenged.sum())
    note = f"{marked} of {length} months follow a challenge"
    causes = {CHALLENGE: challenged} if marked else {}
    series = [
        series_of(name, [month_index(years, date) for date in dates if len(date) > 4], length)
        for name, dates in _dated_events(contents).items()
    ]
    if contents.outlets is not None:
        blows = blows_by_month(country)
        months = [month for month, count in enumerate(blows) for _ in range(int(count))]
        series.append(series_of("Blows to outlets and blocks of the network", months, length))
    tables = [compare_laws(each, causes).assign(note=note) for each in series if each.total]
    tables.append(_dismissals(contents, country, years))
    return pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)


def _dated_events(contents: StateContents) -> dict[str, list[str]]:
    """Return the dates of events, by what happened."""
    found: dict[str, list[str]] = {}
    if (basic := contents.constitution) is not None:
        changed = constitution.event_months(basic)
        found["Amendments of the constitution"] = changed
    if (posts := contents.offices) is not None:
        left = [row.until for row in posts.holdings if row.how not in OWN_WILL]
        found["Departures from posts"] = left
    if (parties := contents.parties) is not None:
        struck = [row.date for row in parties.events if row.kind in PARTY_BLOWS]
        found["Blows to parties: bans and leaders jailed"] = struck
    return found


def _dismissals(contents: StateContents, country: Country, years: Years) -> pd.DataFrame:
    """Return the laws of dismissals of judges; there are published counts and no single dates."""
    judges = contents.courts
    spells = () if judges is None else spells_of(judges, country, years.triggers)
    scores = score_laws(spells)
    if len(spells) < 2:
        return pd.DataFrame(columns=LAW_COLUMNS)
    null = next(each.log_score for each in scores if each.law == "constant")
    total = round(sum(spell.judges for spell in spells))
    note = f"{total} judges in {len(spells)} published counts, without single dates"
    rows = []
    for each in scores:
        gain = round(each.log_score - null, 9)
        law = CONSTANT if each.law == "constant" else each.law
        rows.append(
            (
                "Dismissals of judges",
                law,
                total,
                each.log_score,
                gain,
                verdict_on(law, gain),
                note,
            )
        )
    return pd.DataFrame(rows, columns=LAW_COLUMNS)


def systems_table(checks: Sequence[Check], country: Country | None = None) -> pd.DataFrame:
    """Count the verdicts of every system, and name its state, rules and inputs.

    Parameters
    ----------
    checks : sequence of Check
    country : Country, optional
        Its files are named; without it those that a pack may have.

    Returns
    -------
    DataFrame
        system, name, state (variables of the month), rules (mechanisms of the month), inputs
        (files of the pack), input, hit, miss, not_told.
    """
    others = {check.system for check in checks} - set(ASKED)
    rows = []
    for system in sorted({*ASKED, *others}, key=_order):
        own = [check.verdict for check in checks if check.system == system]
        rules = [each for each in MECHANISMS.values() if system in each.systems]
        state = [field.name for each in rules for field in (*each.country, *each.regions)]
        files = FILES.get(system, ())
        if country is not None:
            files = tuple(f for f in files if (country.folder / "state" / f).is_file())
        rows.append(
            {
                "system": system,
                "name": SYSTEMS.get(system, ""),
                "state": "; ".join(dict.fromkeys(state)),
                "rules": "; ".join(each.title for each in rules),
                "inputs": "; ".join(files),
                **{verdict.replace(" ", "_"): own.count(verdict) for verdict in VERDICTS},
            }
        )
    return pd.DataFrame(rows)
