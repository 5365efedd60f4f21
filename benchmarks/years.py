"""How fast are the years? Histories a second on one core, against one member of the hour.

python benchmarks/years.py [--json FILE]
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from qantar.model.months.declaration import MONTHS_PER_YEAR
from qantar.simulate.ensemble import run_member
from qantar.simulate.scenario import make_scenario
from qantar.simulate.years.histories import run_histories
from qantar.simulate.years.inputs import given_outcomes
from qantar.simulate.years.scenario import YearsScenario, laws, make_years_scenario
from table import Row, cpu_seconds, main

TITLE = "Years: Kazakhstan, one process, one thread"
HISTORIES = 400
MEMBERS = 10
REPEATS = 16
"""Repeated spreads of every trigger, as in a fit."""


def measure() -> list[Row]:
    """Time histories of the years, with their waves."""
    whole = make_years_scenario("kazakhstan", until="2021", belief="prior")
    later = since(whole, "2008-01")
    each, short = milliseconds(whole), milliseconds(later)
    hour = hour_member()
    rows = [
        _rate(later, short),
        _rate(whole, each),
        Row("a month, with its waves", 1e3 * each / whole.months, "us"),
        Row(
            "one member of the hour",
            hour,
            "ms",
            hour / each,
            "times as much as one history",
            f"A member of January 2022 has 17 regions, too, and every hour of the episode; a "
            f"history has {whole.months} months.",
        ),
    ]
    fitted = milliseconds(whole, repeats=REPEATS)
    rows.append(Row("one history as in a fit", fitted, "ms", fitted / each, "as usual"))
    drawn = 1e3 / HISTORIES * cpu_seconds(lambda: whole.draw(1, 0, HISTORIES))
    rows.append(Row("parameters of one history", drawn, "ms", drawn / each, "of the history"))
    for law in laws():
        if law != whole.law_name:
            rival = milliseconds(
                make_years_scenario("kazakhstan", until="2021", law=law, belief="prior")
            )
            rows.append(Row(f"one history, {law}", rival, "ms", rival / each, "as by stocks"))
    return rows


def since(scenario: YearsScenario, first: str) -> YearsScenario:
    """Return the scenario with the years before a month cut off."""
    header = scenario.years.header.model_copy(update={"first": first})
    return replace(scenario, years=replace(scenario.years, header=header))


def milliseconds(scenario: YearsScenario, repeats: int = 0) -> float:
    """Return the CPU time of one history whose waves are all simulated."""
    given = given_outcomes(scenario.country, scenario.years, None)
    values = scenario.draw(1, 0, HISTORIES)
    work = partial(run_histories, scenario, given, values, seed=1, repeats=repeats, threads=1)
    return 1e3 / HISTORIES * cpu_seconds(work)


def hour_member() -> float:
    """Return the CPU time of one member of January 2022 in milliseconds."""
    scenario = make_scenario("january-2022")
    environment, hours = scenario.environment, scenario.episode.hours
    draws = scenario.draws(1, MEMBERS)
    members = [scenario.member(1, number, draws) for number in range(MEMBERS)]

    def work() -> None:
        for member in members:
            run_member(environment, member, hours)

    return 1e3 / MEMBERS * cpu_seconds(work)


def _rate(scenario: YearsScenario, each: float) -> Row:
    first, years = scenario.years.header.first[:4], scenario.months // MONTHS_PER_YEAR
    return Row(f"histories of {years} years, {first} to 2021", 1e3 / each, "per s")


if __name__ == "__main__":
    main(TITLE, measure)
