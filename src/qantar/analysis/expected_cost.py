"""How long a run will take and how much memory it will need, before it starts.

A simple model, whose constants were measured with `benchmarks/large_country.py` on the machine
named in `docs/explanation/performance.md`. It is good to a factor of about two: crowds differ
between episodes, and processors between machines.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from qantar.analysis.outcomes import Keep
from qantar.base.errors import QantarError
from qantar.base.machine import machine_memory
from qantar.model.hour import VARIABLES
from qantar.model.state import MOST_PAIRED
from qantar.simulate.ensemble import members_per_block
from qantar.simulate.scenario import Scenario

_COHORT_HOUR = 25e-9  # seconds: a cohort in an hour
_PAIR_HOUR = 0.1e-9  # seconds: a pair of places in an hour, where all pairs are kept
_SPARSE_HOUR = 30e-9  # seconds: the sparse ties of a place in an hour
_WRITTEN_HOUR = {"all": 250e-9, "places": 60e-9, "facts": 60e-9}
"""Seconds: what is kept of a place in an hour."""

_FACTS_OF_PLACE = 0.004  # seconds: facts and maps of a place
_FIXED_SECONDS = 4.0  # seconds: reading the pack, the country's report

_FIXED_BYTES = 350e6  # libraries, compiled code, figures
_DAILY_BYTES = 30.0  # kept of a place and day of one member
_FACT_BYTES = 8.0  # a fact of one member
_BLOCKS = 3.0  # blocks of members that are in memory at once
_FACT_ROW_BYTES = 2500.0  # a row of the table of facts, while it is written
_STATE_BYTES = 8_000.0  # state and ties of a place in a large country, for one thread


@dataclass(frozen=True)
class Size:
    """What the cost of a run depends on.

    Attributes
    ----------
    places, regions, groups, hours, members, threads : int
    keep : str
        See `qantar.analysis.outcomes.Outcome`.
    """

    places: int
    regions: int
    groups: int
    hours: int
    members: int = 100
    threads: int | None = None
    keep: Keep = "all"


def expected_seconds(size: Size) -> float:
    """Return about how many seconds of processor time a run takes, with its report."""
    ties = _PAIR_HOUR * size.places if size.places <= MOST_PAIRED else _SPARSE_HOUR
    place_hour = _COHORT_HOUR * size.groups + ties + _WRITTEN_HOUR[size.keep]
    return (
        _FIXED_SECONDS
        + _FACTS_OF_PLACE * size.places
        + place_hour * size.places * size.hours * size.members
    )


def expected_bytes(size: Size) -> float:
    """Return about how much memory a run needs at most."""
    days = size.hours / 24
    member = 4.0 * len(VARIABLES) * size.hours * size.places
    block = member * min(members_per_block(size.hours, size.places), size.members)
    facts = size.places * (2 * days + 13)
    kept = _DAILY_BYTES * size.places * days + 4.0 * (size.regions + 1) * size.hours
    if size.keep == "facts":
        kept += _FACT_BYTES * facts
    threads = size.threads or os.cpu_count() or 1
    return (
        _FIXED_BYTES
        + _BLOCKS * block
        + threads * (member + _STATE_BYTES * size.places)
        + kept * size.members
        + _FACT_ROW_BYTES * facts
    )


def refuse_beyond_memory(
    scenario: Scenario, members: int, *, threads: int | None, keep: Keep
) -> None:
    """Refuse a run that needs more memory than the machine has.

    Raises
    ------
    QantarError
        If it does. Where the memory of the machine is unknown, nothing is refused.
    """
    country, hours = scenario.country, scenario.episode.hours
    places, groups = len(country.places), len(country.header.groups)
    size = Size(places, len(country.regions), groups, hours, members, threads, keep)
    needed, there = expected_bytes(size), machine_memory()
    if there is None or needed <= there:
        return
    kept = "" if keep == "facts" else "--keep facts, "
    raise QantarError(
        f"{members:,} members of {places:,} places need about {memory_in_words(needed)} of memory",
        expected=f"at most {memory_in_words(there)}, which this machine has",
        hint=f"fewer members, {kept}fewer --threads or a shorter episode; "
        "--ignore-memory runs it all the same",
    )


def memory_in_words(number: float) -> str:
    """Return bytes with two digits at most, such as 0.63 GB."""
    return f"{float(f'{number / 1e9:.2g}'):,.12g} GB"


def time_in_words(seconds: float) -> str:
    """Return a time with two digits at most, such as 1.5 minutes."""
    for unit, scale in (("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 1.5 * scale:
            return f"{float(f'{seconds / scale:.2g}'):,.12g} {unit}"
    return f"{float(f'{seconds:.2g}'):,.12g} seconds"
