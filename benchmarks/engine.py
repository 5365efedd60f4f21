"""How fast is the engine? Against its own source in the interpreter, and on two threads.

python benchmarks/engine.py [--json FILE]
"""

from __future__ import annotations

import time
from functools import partial

import numpy as np

from qantar.model.hour import Member, follow
from qantar.model.state import HOURS_PER_DAY, Environment, State
from qantar.simulate.ensemble import copy_of, follow_member, run_ensemble, run_member
from qantar.simulate.interpreted import follow_interpreted
from qantar.simulate.scenario import make_scenario
from table import Row, cpu_seconds, main

TITLE = "Engine: January 2022, one process"
MEMBERS = 20
DAY = 3
"""The day that the interpreter runs, too, from 0."""


def measure() -> list[Row]:
    """Time members of January 2022."""
    scenario = make_scenario("january-2022")
    environment, hours = scenario.environment, scenario.episode.hours
    draws = scenario.draws(1, MEMBERS)

    def members() -> list[Member]:
        return [scenario.member(1, number, draws) for number in range(MEMBERS)]

    def milliseconds(group: list[Member]) -> float:
        return 1000 / MEMBERS * cpu_seconds(partial(_run_all, environment, group, hours))

    whole = milliseconds(members())
    people = float(environment.cohort.sum())
    units = environment.cohort.size * hours
    rows = [
        Row("one member", whole, "ms"),
        Row("a cohort for an hour", 1e6 * whole / units, "ns"),
        Row("citizen-hours", 1000 / whole * people * hours, "per s"),
        _against_the_interpreter(environment, members()[0]),
        _threads(environment, members(), hours),
    ]
    by_rules = make_scenario("january-2022", decisions="rules")
    drawn = by_rules.draws(1, MEMBERS)
    offices = milliseconds([by_rules.member(1, number, drawn) for number in range(MEMBERS)])
    rows.append(Row("one member, offices decide", offices, "ms", offices / whole, "as by script"))
    quiet = members()
    for member in quiet:
        member.parameters["joining"]["willing"] = 0.0
        member.switches["coordinated_attack"] = 0.0
    nobody = milliseconds(quiet)
    rows.append(Row("one member in which nobody joins", nobody, "ms", nobody / whole, "as usual"))
    return rows


def _run_all(environment: Environment, members: list[Member], hours: int) -> None:
    for member in members:
        run_member(environment, member, hours)


def _against_the_interpreter(environment: Environment, member: Member) -> Row:
    """Time the same hours of one member, compiled and interpreted."""
    first = DAY * HOURS_PER_DAY
    last = first + HOURS_PER_DAY
    saved: list[State] = []
    followed = follow_member(environment, member, last, saved=saved)

    def compiled() -> None:
        for _ in range(100):
            follow(copy_of(saved[DAY]), environment, member, *followed, first, last)

    fast = cpu_seconds(compiled) / 100
    start = time.process_time()
    _, reference = follow_interpreted(environment, member, first, last, start=saved[DAY])
    slow = time.process_time() - start
    if not np.array_equal(reference.record[first:], followed.record[first:]):
        raise RuntimeError("compiled and interpreted hours differ")
    return Row(
        "fourth day of a member",
        1e3 * fast,
        "ms",
        slow / fast,
        "times as fast as interpreted",
        "The same source, run by the Python interpreter (`qantar.simulate.interpreted`), with the "
        "same numbers to the last bit.",
    )


def _threads(environment: Environment, members: list[Member], hours: int) -> Row:
    """Time an ensemble on one and on two threads by the clock."""
    rates = []
    for threads in (1, 2):
        start = time.perf_counter()
        for _ in run_ensemble(
            environment, members.__getitem__, members=MEMBERS, hours=hours, threads=threads
        ):
            pass
        rates.append(MEMBERS / (time.perf_counter() - start))
    return Row(
        "members by the clock, two threads", rates[1], "per s", rates[1] / rates[0], "of one thread"
    )


if __name__ == "__main__":
    main(TITLE, measure)
