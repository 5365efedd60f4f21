"""All systems of the sources: what runs of each, and what became of the facts about it.

Verdicts are those of the checks (`qantar.analysis.state.checks`): input, hit, miss, not told. They
are joined by the targets of the hour and of the years, with the verdicts of the default runs
(`qantar.analysis.default_scores`). These are counted as the reports of the runs count them: a hit
is a hit, a miss is a miss, and *near* (the median is outside the interval, the 90 % range overlaps
it) is a count of its own, neither hit nor miss. What is not informative or not modelled is not
told. What the model reads as data is an input, and so is what it reads from another source that
differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import pandas as pd

from qantar.analysis.after.systems import own_files
from qantar.analysis.default_scores import NOT_MODELLED, TargetScore, default_scores
from qantar.analysis.state.checks import Check
from qantar.analysis.state.overview import FILES, overview_of_state
from qantar.analysis.system_tables import (
    CHECKED,
    GIVEN,
    HOUR,
    INPUTS,
    LIMITS,
    NAMES,
    OFFICES,
    SIZES,
    TARGET_SYSTEMS,
)
from qantar.analysis.years.targets import TARGETS as YEARS
from qantar.base.errors import UnknownNameError
from qantar.model import hour, month
from qantar.packs.country import Country
from qantar.packs.years import Years

Scale = Literal["hour", "years", "after", "data only", "not at all"]
"""Where a system runs. ``data only``: nothing runs; its data are read, or its facts put in."""

SCALES: tuple[Scale, ...] = get_args(Scale)

Count = Literal["input", "hit", "near", "miss", "not told"]
COUNTS: tuple[Count, ...] = get_args(Count)
"""The verdicts of checks, and ``near``, which only targets of the hour and the years can be."""

OF_TARGETS: dict[str, Count] = {
    "hit": "hit",
    "near": "near",
    "miss": "miss",
    "uninformative": "not told",
    NOT_MODELLED: "not told",
    "given": "input",
    "given, but differs": "input",
}
"""How verdicts of the reports are counted."""

SYSTEMS = tuple(f"{letter}{k + 1}" for letter, size in SIZES.items() for k in range(size))
"""All systems, in order."""

JANUARY, EARLIER = "january-2022", "earlier"


@dataclass(frozen=True)
class System:
    """One system of the sources.

    Attributes
    ----------
    system, name : str
        Such as ``A8``, and a short name.
    scales : tuple of str
        Where it runs, see `Scale`.
    hour, offices : tuple of str
        Mechanisms and offices of the hour that stand for it.
    month : tuple of str
        Mechanisms of the month that have a law of it.
    given : tuple of str
        Mechanisms of the month that only bring its data or dates.
    parts : tuple of str
        Parts after January, or of the world outside, that stand for it.
    inputs : tuple of str
        Files of the pack.
    input, hit, near, miss, not_told : int
        Facts by what became of them.
    limits : str
        What the hour and the years do not do, or only in part.
    """

    system: str
    name: str
    scales: tuple[Scale, ...]
    hour: tuple[str, ...]
    offices: tuple[str, ...]
    month: tuple[str, ...]
    given: tuple[str, ...]
    parts: tuple[str, ...]
    inputs: tuple[str, ...]
    input: int
    hit: int
    near: int
    miss: int
    not_told: int
    limits: str

    @property
    def scale(self) -> str:
        """Where it runs, in words."""
        return ", ".join(self.scales)

    @property
    def facts(self) -> int:
        """Number of facts with a verdict of any kind."""
        return self.input + self.hit + self.near + self.miss + self.not_told

    @property
    def runs(self) -> str:
        """What runs, in words; plainly, if nothing does."""
        return self.told()

    def told(self, name_as: str = "{}") -> str:
        """Return what runs, in words.

        Parameters
        ----------
        name_as : str
            How a name is written: ``{}`` as it is.
        """
        kinds = {
            "hour": self.hour,
            "offices": self.offices,
            "month": self.month,
            "data of the month": self.given,
            "after": self.parts,
        }
        words = [
            f"{kind}: {', '.join(name_as.format(name) for name in names)}"
            for kind, names in kinds.items()
            if names
        ]
        if self.scales == ("not at all",):
            words.insert(0, "does not run")
        elif self.scales == ("data only",):
            words.insert(0, "nothing runs")
        return "; ".join(words)


def systems_overview(
    country: Country,
    years: Years | None,
    more_checks: Iterable[Check] = (),
    more_parts: Mapping[str, Iterable[str]] | None = None,
) -> tuple[System, ...]:
    """Return every system with what runs of it and what became of its facts.

    Parameters
    ----------
    country : Country
    years : Years or None
        None if the pack has no years: then nothing of the month runs.
    more_checks : iterable of Check
        Of parts after January and of the world outside. A system that is hit or missed by one of
        them runs ``after``: only what runs could have missed.
    more_parts : mapping of str to iterable of str, optional
        Names of these parts by system, which then runs ``after`` whatever its checks say.

    Returns
    -------
    tuple of System
        In the order of `SYSTEMS`.

    Raises
    ------
    UnknownNameError
        If a check or a part is about a system that there is not.
    """
    own = overview_of_state(country, years).checks if years is not None else ()
    further = tuple(more_checks)
    parts = {system: tuple(names) for system, names in (more_parts or {}).items()}
    found: dict[str, list[Count]] = {system: [] for system in SYSTEMS}
    for system in (*(check.system for check in (*own, *further)), *parts):
        if system not in found:
            raise UnknownNameError("system", system, SYSTEMS)
    for check in (*own, *further):
        found[check.system].append(check.verdict)
    for score in default_scores(country):
        if score.variable not in CHECKED:
            found[system_of(score)].append(OF_TARGETS[score.verdict])
    after = {check.system for check in further if check.verdict in ("hit", "miss")} | set(parts)
    return tuple(
        _system(system, country, years, found[system], parts.get(system, ()), system in after)
        for system in SYSTEMS
    )


def _system(
    system: str,
    country: Country,
    years: Years | None,
    facts: list[Count],
    parts: tuple[str, ...],
    after: bool,
) -> System:
    """Return a system."""
    of_hour = tuple(name for name in hour.MECHANISMS if system in HOUR.get(name, ()))
    offices = tuple(name for name in hour.offices() if system in OFFICES.get(name, ()))
    of_month, given = months_of(system) if years is not None else ((), ())
    inputs = inputs_of(system, country, after=after)
    runs = {"hour": of_hour or offices, "years": of_month, "after": after}
    scales = tuple(scale for scale in SCALES if runs.get(scale))
    if not scales:
        scales = ("data only",) if given or inputs or "input" in facts else ("not at all",)
    counts = {name.replace(" ", "_"): facts.count(name) for name in COUNTS}
    return System(
        system,
        NAMES[system],
        scales,
        of_hour,
        offices,
        of_month,
        given,
        parts,
        inputs,
        **counts,
        limits=LIMITS.get(system, ""),
    )


def months_of(system: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the mechanisms of the month that have a law of a system, and those that bring data."""
    named = [name for name, each in month.MECHANISMS.items() if system in each.systems]
    given = tuple(name for name in named if system in GIVEN.get(name, ()))
    return tuple(name for name in named if name not in given), given


def inputs_of(system: str, country: Country, *, after: bool = False) -> tuple[str, ...]:
    """Return the files of a pack that describe a system, as far as it has them.

    Parameters
    ----------
    system : str
    country : Country
    after : bool
        Whether files of the folders ``after`` and ``world`` count.
    """
    state = tuple(f"state/{name}" for name in FILES.get(system, ()))
    names = (*INPUTS.get(system, ()), *state, *(own_files(system) if after else ()))
    return tuple(name for name in names if (country.folder / name).is_file())


def system_of(score: TargetScore) -> str:
    """Return the system whose fact a target is."""
    name = score.targets if score.targets in (JANUARY, YEARS) else EARLIER
    return TARGET_SYSTEMS[name][score.variable]


def systems_frame(systems: Iterable[System]) -> pd.DataFrame:
    """Return systems as a table: one row each, lists joined by semicolons.

    Returns
    -------
    DataFrame
        system, name, scale, runs, inputs, input, hit, near, miss, not_told, limits.
    """
    columns = ["system", "name", "scale", "runs", "inputs"]
    columns += [name.replace(" ", "_") for name in COUNTS] + ["limits"]
    rows = [
        asdict(each) | {"scale": each.scale, "runs": each.runs, "inputs": "; ".join(each.inputs)}
        for each in systems
    ]
    return pd.DataFrame(rows, columns=columns)
