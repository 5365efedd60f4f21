"""The 43 systems that the sources describe: names, and what stands for each.

Mechanisms of the month name their systems themselves. Those of the hour do not: `HOUR` and
`OFFICES` name them here, as read on the day `READ`. Which facts belong to a system is a reading
too, `TARGET_SYSTEMS`: every target counts once, for the system whose facts in the sources it is
about.
"""

from __future__ import annotations

from qantar.analysis.state.overview import SYSTEMS

READ = "2026-11-30"
"""Day on which `HOUR`, `OFFICES`, `GIVEN` and `LIMITS` were last compared with the code."""

SIZES = {"A": 12, "B": 12, "C": 6, "D": 7, "E": 6}
"""Number of systems under each letter."""

LETTERS = {
    "A": "Structural background",
    "B": "Protest and repression",
    "C": "External and comparative",
    "D": "After January",
    "E": "Further systems and instruments",
}

NAMES = SYSTEMS | {
    "A1": "Fiscal transfers",
    "A2": "Income, poverty and oil workers",
    "A3": "Regulated prices and energy",
    "B1": "Diffusion of protest",
    "B2": "Learning from earlier protest",
    "B3": "Monitors of protest",
    "B4": "Grievances and demands",
    "B5": "Violence and escalation",
    "B6": "Counts of dead, detained and damage",
    "B7": "Shutdown of communications",
    "B8": "Security services",
    "B9": "Decisions of the state",
    "B12": "Criminal and armed groups",
    "C1": "Troops of the treaty organisation",
    "C2": "Russia",
    "C3": "West, China and Turkic states",
    "C4": "Contagion to neighbours",
    "C5": "Cases of other countries",
    "D1": "Programme of the New Kazakhstan",
    "D2": "Referendum of June 2022",
    "D4": "Fund and eco-fee operator",
    "D5": "Reform and repression in turn",
    "D7": "From arrest to sentence",
    "E5": "Scorecards of democracy",
    "E6": "Indices and rankings",
}
"""Short names of all systems."""

HOUR: dict[str, tuple[str, ...]] = {
    "state_decisions": ("B9",),
    "price_shock": ("A3",),
    "standing_grievance": ("A2", "B2", "B4"),
    "shutdown": ("B7",),
    "ties": ("B1", "E1"),
    "media": ("A9", "B1"),
    "joining": ("B1",),
    "policing": ("B5", "B8"),
    "organised_violence": ("A6", "B5", "B11", "B12"),
    "coordinated_attack": ("B5", "B12"),
    "escalation": ("B5", "E2"),
    "control": ("B5", "B8"),
    "reinforcement": ("B8", "C1"),
    "attacks": ("B5",),
    "looting": ("B5", "B12"),
    "lethal_force": ("B5", "B8"),
    "security_losses": ("B5", "B8"),
    "arrests": ("B6", "D7"),
    "anger": ("B1", "B5"),
    "fear": ("B1", "B5"),
    "demands": ("B4", "B10"),
    "weariness": ("B1",),
    "returning": ("B1",),
    "leaving": ("B1",),
    "reporting": ("B6",),
}
"""Systems that each mechanism of the hour stands for."""

OFFICES: dict[str, tuple[str, ...]] = {
    "reports": ("B9", "B11"),
    "interior_forces": ("B8",),
    "akims": ("B9",),
    "government": ("B9",),
    "president": ("B9",),
    "security_council": ("A5", "B9", "C1"),
}
"""Systems that each office of the hour stands for, where decisions are taken by rules."""

GIVEN: dict[str, tuple[str, ...]] = {
    "drivers": ("A2", "A4", "A7", "A8", "A9", "C2", "C3", "E5", "E6"),
    "calendar": ("A4", "E1"),
    "cohorts": ("A12", "E2"),
}
"""Mechanisms of the month that only bring data or dates of a system, without a law of it."""

_SPREAD = (
    *("active", "active_places", "active_elsewhere", "crowd_peak", "last_day", "onset_day"),
    *("participants", "peaceful_events_share", "regions_active"),
)
_DAMAGE = ("businesses_looted", "buildings_attacked", "violent")
_COUNTS = (
    *("deaths", "deaths_share", "detained_cumulative", "detained_published"),
    *("security_deaths", "wounded"),
)
_EARLIER = ("active", "active_elsewhere", "onset_day", "regions_active")

CHECKED = ("duration", "german_share", "kazakh_share", "russian_share", "ukrainian_share")
"""Quantities of targets whose facts are among the checks of the state, and count there alone."""

TARGET_SYSTEMS: dict[str, dict[str, str]] = {
    "january-2022": {
        **dict.fromkeys(_SPREAD, "B1"),
        **dict.fromkeys(_DAMAGE, "B5"),
        **dict.fromkeys(_COUNTS, "B6"),
    },
    "earlier": {
        **dict.fromkeys(_EARLIER, "B2"),
        **dict.fromkeys(_COUNTS, "B6"),
        "violent": "B5",
        "prosecuted": "D7",
        "detained": "B3",
        "assemblies": "B3",
    },
    "years": {
        **dict.fromkeys(_EARLIER, "B2"),
        "assemblies": "B2",
        "political_share": "B4",
        "detained": "B3",
        "prosecuted": "B3",
        "poverty": "A2",
        "turnout": "D2",
        "yes_share": "D2",
    },
}
"""System of every quantity, by set of targets; ``earlier`` is every other episode."""

_JANUARY = "episodes/january-2022/episode.yaml"
_TRIGGERS, _ANSWERS, _COUNTED = "years/triggers.csv", "years/answers.csv", "years/counts.csv"
_SERIES, _VALUES = "years/drivers.csv", "region_values.csv"

INPUTS: dict[str, tuple[str, ...]] = {
    "A1": (_VALUES, "years/years.yaml"),
    "A2": (_VALUES, _SERIES),
    "A3": (_VALUES, _JANUARY, _TRIGGERS, _SERIES),
    "A4": (_SERIES, _TRIGGERS),
    "A5": ("offices.csv", "years/years.yaml"),
    "A6": (_VALUES,),
    "A7": (_SERIES, _TRIGGERS),
    "A8": (_SERIES,),
    "A9": (_VALUES, _SERIES),
    "A10": (_SERIES, "years/elections.csv"),
    "A12": (_VALUES, _SERIES),
    "B1": ("places.csv", _VALUES, _JANUARY, _TRIGGERS),
    "B2": ("place_values.csv", _TRIGGERS, _COUNTED),
    "B3": (_COUNTED, "years/years.yaml"),
    "B4": (_VALUES, "pack.yaml"),
    "B5": ("place_values.csv", _VALUES, "pack.yaml"),
    "B6": (_ANSWERS, _TRIGGERS),
    "B7": (_VALUES, _JANUARY),
    "B8": (_VALUES, "place_values.csv", "offices.csv"),
    "B9": ("offices.csv", _JANUARY, _ANSWERS),
    "B11": (_VALUES,),
    "B12": (_VALUES,),
    "C1": (_JANUARY, _VALUES),
    "C2": (_SERIES,),
    "C3": (_SERIES,),
    "D1": (_ANSWERS,),
    "D5": (_ANSWERS, _TRIGGERS),
    "E1": (_VALUES, _TRIGGERS),
    "E2": ("pack.yaml", _VALUES),
    "E5": (_SERIES,),
    "E6": (_SERIES,),
}
"""Files of a pack that describe a system, without those of the folder ``state``."""

LIMITS = {
    "A1": "amounts were not fitted",
    "A3": "prices and dates are put in and not counted as facts",
    "A8": "a score of courts is among the series, and nothing reads it",
    "A10": "reports of regions are checked and move nothing",
    "A11": "honours are checked and move nothing",
    "A12": "acts on nothing",
    "B5": "in the month only a part of the scope of a wave",
    "B6": "damage in money does not run",
    "B7": "dates are put in and not counted as facts; in the month only a part of a wave",
    "B8": "bodies are not told apart; purges and arrests of officers run only as posts",
    "B9": "by default the sources' dates are put in and not counted as facts",
    "B10": "runs as belief in concessions; statements and polls are checked and move nothing",
    "B11": "bargains between factions do not run",
    "B12": "in the month only a part of the scope of a wave",
    "C1": "dates and numbers are put in and not counted as facts; the members do not decide",
    "C2": "no law: the oil price and shocks of growth",
    "C3": "no law: the oil price and shocks of growth",
    "C5": "earlier episodes of the country run; no other country is shipped",
    "D1": "runs as promises kept or broken; the ten points do not",
    "D2": "the hour and the years end before it",
    "D6": "posts alone run; assets do not",
    "D7": "nothing after the arrest runs",
    "E1": "that concessions teach others to strike does not run",
    "E2": "young people turn violent sooner; migration and debts do not run",
    "E3": "answers are counted and checked, and move nothing",
    "E4": "answers are counted and checked, and move nothing",
    "E5": "no law: one edition of each",
    "E6": "no law: one edition of each",
}
"""What the hour and the years do not do, or only in part, where a reader must know."""
