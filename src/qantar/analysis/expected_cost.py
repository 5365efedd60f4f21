"""How long a run will take and how much memory it will need, before it starts.

A simple model with rounded constants, measured with `benchmarks/large_country.py` for 97 to 3,000
places on two busy cores of an Intel Xeon (November 2026). It is good to a factor of about two:
crowds differ between episodes, and processors between machines. Compiling, which the first run of
a size does for about half a minute, is not counted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from qantar.analysis.outcomes import Keep
from qantar.base.errors import QantarError
from qantar.base.machine import machine_memory
from qantar.model.hour import VARIABLES
from qantar.model.state import HOURS_PER_DAY
from qantar.simulate.ensemble import members_per_block
from qantar.simulate.scenario import Scenario

_COHORT_HOUR = 25e-9
_TIES_HOUR = 60e-9  # of a place: its ties, and the crowds that they bring about
_KEPT_HOUR = 350e-9  # of a place: summing up and writing what is kept
_FACT = 45e-6
_FIXED_SECONDS = 4.5  # starting, reading the pack, the report

_FIXED_BYTES = 250e6  # libraries and compiled code
_REPORT_BYTES = 330e6  # the same with figures
_DAILY_BYTES = 30.0  # of one member: a place and day, see `member_values.DAILY`
_SAMPLE_BYTES = 8.0  # of one member: a fact
_ROW_BYTES = 1800.0  # a row of the table of facts while it is made
_STATE_BYTES = 8_000.0  # of one thread: a place with its ties
_BLOCKS = 3.0  # that are in memory at once: running, being kept, being written


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

    @property
    def facts(self) -> float:
        """About how many rows the table of facts has."""
        return self.places * (2 * self.hours / HOURS_PER_DAY + 13)


def expected_seconds(size: Size) -> float:
    """Return about how many seconds of processor time a run takes, with its report."""
    place_hour = _COHORT_HOUR * size.groups + _TIES_HOUR + _KEPT_HOUR
    members = place_hour * size.places * size.hours * size.members
    return _FIXED_SECONDS + _FACT * size.facts + members


def expected_bytes(size: Size) -> float:
    """Return about how much memory a run needs at most: while members run, or for its report."""
    member = 4.0 * len(VARIABLES) * size.hours * size.places
    block = member * min(members_per_block(size.hours, size.places), size.members)
    threads = size.threads or os.cpu_count() or 1
    running = _FIXED_BYTES + _BLOCKS * block + threads * (member + _STATE_BYTES * size.places)
    days = size.hours / HOURS_PER_DAY
    kept = _DAILY_BYTES * size.places * days + 4.0 * (size.regions + 1) * size.hours
    if size.keep == "facts":
        kept += _SAMPLE_BYTES * size.facts
    return max(running, _REPORT_BYTES + _ROW_BYTES * size.facts) + kept * size.members


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
    raise QantarError(
        f"{members:,} members of {places:,} places need about {memory_in_words(needed)} of memory",
        expected=f"at most {memory_in_words(there, 2)}, which this machine has",
        hint="fewer --members, fewer --threads, fewer places or a shorter episode; "
        "--ignore-memory runs it all the same",
    )


def memory_in_words(number: float, digits: int = 1) -> str:
    """Return bytes with so many digits, such as 0.6 GB."""
    return f"{float(f'{number / 1e9:.{digits}g}'):,.12g} GB"


def time_in_words(seconds: float) -> str:
    """Return a time with one digit, such as 40 seconds or 2 minutes."""
    for unit, scale in (("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 1.5 * scale:
            return f"{float(f'{seconds / scale:.1g}'):,.12g} {unit}"
    return f"{float(f'{seconds:.1g}'):,.12g} seconds"
