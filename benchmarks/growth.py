"""How do time and memory grow with places, groups, hours and members?

    python benchmarks/growth.py [--json FILE]

Every size has a process of its own. Places are some of Kazakhstan at even intervals, or each of
them several times; groups are merged or split. What happens differs between sizes, so exponents
are rough. Imported libraries take most of the memory of a small run.
"""

from __future__ import annotations

import math
import multiprocessing
import resource
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from commands import qantar
from qantar.model.hour import Member
from qantar.model.records import group_capacity, place_capacity, zeros
from qantar.model.state import Environment
from qantar.simulate.ensemble import run_member
from qantar.simulate.scenario import make_scenario
from table import Row, cpu_seconds, main

TITLE = "Growth"
SIZES = {
    "places": (25, 50, 97, 128, 300),
    "groups": (1, 3, 9, 16),
    "hours": (78, 156, 312, 624),
}
MEMBERS = (10, 100, 400)
"""Of a whole run, with its facts and its report."""

TIMED = 8
"""Members that are timed for every other size."""


def measure() -> list[Row]:
    """Time every size."""
    rows = []
    for what, sizes in SIZES.items():
        costs = [_in_own_process(what, size) for size in sizes]
        rows += _rows(what, sizes, [cost for cost, _ in costs], [peak for _, peak in costs], "ms")
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            qantar(f"run january-2022 --members {size} --out {Path(folder) / str(size)}")
            for size in MEMBERS
        ]
    return rows + _rows("members", MEMBERS, [run[0] for run in runs], [run[1] for run in runs], "s")


def _rows(
    what: str, sizes: tuple[int, ...], costs: list[float], peaks: list[float], unit: str
) -> list[Row]:
    """Return a row of time with its local exponent, and one of memory, for every size."""
    rows = []
    for k, size in enumerate(sizes):
        ratio, to = None, ""
        if k > 0:
            ratio = costs[k] / costs[k - 1]
            exponent = math.log(ratio) / math.log(size / sizes[k - 1])
            to = f"of {sizes[k - 1]} {what}: exponent {exponent:.2f}"
        subject = "a run," if unit == "s" else "one member,"
        rows.append(Row(f"{subject} {size} {what}", costs[k], unit, ratio, to))
    ratio, largest = peaks[-1] / peaks[0], f"peak memory, {sizes[-1]} {what}"
    return [*rows, Row(largest, peaks[-1], "MB", ratio, f"of {sizes[0]} {what}")]


def _in_own_process(what: str, size: int) -> tuple[float, float]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(cost_of, what, size).result()


def cost_of(what: str, size: int) -> tuple[float, float]:
    """Return the milliseconds of a member and the peak memory of this process in MB."""
    scenario = make_scenario("january-2022")
    environment, hours = scenario.environment, scenario.episode.hours
    draws = scenario.draws(1, TIMED)
    members = [scenario.member(1, number, draws) for number in range(TIMED)]
    if what == "places":
        at = np.arange(size) * environment.place_count // size
        environment = with_places(environment, at)
        members = [at_places(member, at) for member in members]
    elif what == "groups":
        environment = with_groups(environment, size)
    else:
        hours = size

    def run_all() -> None:
        for member in members:
            run_member(environment, member, hours)

    seconds = cpu_seconds(run_all)
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return 1000 * seconds / TIMED, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def with_places(environment: Environment, at: np.ndarray) -> Environment:
    """Return a country with these places of another, in order; repeated ones differ by chance."""
    old = environment.places
    count = at.size
    fields = [(name, old.dtype[name].base, (place_capacity(count),)) for name in old.dtype.names]
    places = zeros(np.dtype(fields, align=True))
    for name in old.dtype.names:
        places[name][:count] = old[name][at]
    copy = np.arange(count) - np.searchsorted(at, at)
    places["place_id"][:count] = (places["place_id"][:count] + 7919 * copy) % 2**32
    share = environment.place_count / count
    return environment._replace(
        place_count=count,
        places=places,
        cohort=np.ascontiguousarray(environment.cohort[at]),
        log_distance=np.ascontiguousarray(environment.log_distance[np.ix_(at, at)]),
        likeness=np.ascontiguousarray(environment.likeness[np.ix_(at, at)] * min(share, 1.0)),
    )


def at_places(member: Member, at: np.ndarray) -> Member:
    """Return a member of such a country."""
    return member._replace(
        script=member.script._replace(where=np.ascontiguousarray(member.script.where[:, at])),
        latent=type(member.latent)(*(np.ascontiguousarray(each[at]) for each in member.latent)),
        amendments=member.amendments._replace(
            where=np.ascontiguousarray(member.amendments.where[:, at])
        ),
    )


def with_groups(environment: Environment, count: int) -> Environment:
    """Return a country whose people are divided among so many groups."""
    before = environment.group_count
    if group_capacity(count) != group_capacity(before):
        raise ValueError(f"{count} groups need other arrays than {before}")
    groups = environment.groups.copy()
    cohort = np.zeros((environment.place_count, count), np.int64)
    for g in range(max(count, before)):
        # A group that is merged keeps its number of people; one that is split is halved.
        same = [k for k in range(max(count, before)) if k % before == g % before]
        part = environment.cohort[:, g % before] // len(same)
        cohort[:, g % count] += part
        for name in groups.dtype.names:
            groups[name][g % count] = environment.groups[name][g % before]
        groups["group_id"][g % count] = (environment.groups["group_id"][g % before] + g) % 2**16
    static = environment.places.copy()
    static["population"][: environment.place_count] = cohort.sum(axis=1)
    return environment._replace(group_count=count, groups=groups, cohort=cohort, places=static)


if __name__ == "__main__":
    main(TITLE, measure)
