"""``qantar check``: validate a pack or a single file, and count what a pack assumes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.analysis.expected_cost import (
    Size,
    expected_bytes,
    expected_seconds,
    memory_in_words,
    time_in_words,
)
from qantar.analysis.run import episode_targets
from qantar.base.errors import FileError
from qantar.base.files import parse_yaml
from qantar.base.machine import machine_memory
from qantar.cli.names import PACK, complete_names
from qantar.model.state import MOST_PAIRED
from qantar.packs.account import list_accounts, load_account
from qantar.packs.account_file import mechanism_names
from qantar.packs.after.contents import AfterContents, load_after
from qantar.packs.country import Country, cohorts
from qantar.packs.episode import Episode, list_episodes, load_episode
from qantar.packs.evidence import (
    check_account_claims,
    check_intervention_claims,
    check_split,
    country_ledger,
    has_evidence,
)
from qantar.packs.intervention import intervention_file, list_interventions, load_intervention
from qantar.packs.loading import grades, load_country
from qantar.packs.state.contents import StateContents, load_contents
from qantar.packs.years import has_years, load_years
from qantar.reports.style import many, percent
from qantar.simulate.draws import rule_numbers
from qantar.simulate.environment import make_environment
from qantar.simulate.parameters import check_declared, scenario_parameters
from qantar.simulate.tie_accuracy import accuracy_of_ties
from qantar.simulate.years.packages import packages_of
from qantar.simulate.years.scenario import check_years, reforms_of


def check(
    what: Annotated[
        str,
        typer.Argument(
            help="A shipped pack, a folder, or the file of an account, intervention or source.",
            autocompletion=complete_names("pack"),
        ),
    ],
    pack: Annotated[
        str,
        typer.Option(
            help="The pack that a single file belongs to.", autocompletion=complete_names("pack")
        ),
    ] = PACK,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also list every assumed number.")
    ] = False,
) -> None:
    """Check a pack, or the file of an account, intervention or source, and report its grades."""
    if what.endswith((".yaml", ".yml")):
        _check_file(Path(what), load_country(pack))
        return
    country = load_country(what)
    check_declared(country)
    rule_numbers(country, {})
    sizes = cohorts(country)
    episodes = [load_episode(country, name) for name in list_episodes(country)]
    accounts = [load_account(country, name) for name in list_accounts(country)]
    interventions = [load_intervention(country, name) for name in list_interventions(country)]
    ledger = country_ledger(country) if has_evidence(country) else None
    if ledger:
        for episode in episodes:
            episode_targets(country, episode, ledger)
        check_split(country)
        for account in accounts:
            check_account_claims(account, ledger)
        for each in interventions:
            check_intervention_claims(each, intervention_file(country, each.name), ledger)
    claims = len(ledger.claims) if ledger else 0
    graded = grades(country)
    years = _years(country)
    state = [*_state(country), *_after(country)]
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{country.header.title}: valid.")
    console.print(
        f"  {len(country.regions)} regions, {len(country.places)} places, "
        f"{len(country.header.groups)} groups, {int(sizes.sum()):,} people"
    )
    console.print(
        f"  {many(len(episodes), 'episode')}, {many(len(accounts), 'account')}, "
        f"{many(len(interventions), 'intervention')}, {many(claims, 'claim')}"
    )
    longest = max(episodes, key=lambda episode: episode.hours, default=None)
    cost = [] if longest is None else [_cost(country, longest)]
    for line in (*years, *state, *cost, _ties(country, Console(stderr=True))):
        console.print(f"  {line}")
    total = sum(graded.counts.values())
    for grade, number in sorted(graded.counts.items(), key=lambda item: -item[1]):
        console.print(f"  {grade:10} {number:5} numbers, {number / total:.0%}")
    number = len(graded.assumed)
    if not verbose:
        console.print(
            f"Parameters and variables that are assumed, not measured: {number}; add "
            "--verbose to list them."
        )
        return
    console.print(f"Parameters and variables that are assumed, not measured ({number}):")
    for name in graded.assumed:
        console.print(f"  {name}")


def _years(country: Country) -> list[str]:
    """Return a line on the years of a pack, after building all that a run of them needs."""
    if not has_years(country):
        return []
    years = load_years(country)
    header = years.header
    check_years(country)
    packages_of(country)
    reforms = reforms_of(country)
    return [
        f"years {header.first} to {header.observed_until}: {len(header.series)} series, "
        f"{many(len(years.triggers), 'trigger')}, {many(len(years.counts), 'count')} of "
        f"{many(len(header.monitors), 'monitor')}, {many(len(reforms), 'reform')}"
    ]


def _state(country: Country) -> list[str]:
    """Return a line on the parts of the state of a pack, after reading and checking them all."""
    contents = load_contents(country)
    found = ", ".join([*_parts_of_the_month(contents), *_parts_beside_it(contents)])
    if not found:
        return []
    missing = contents.missing
    return [f"state: {found}" + (f"; not in this pack: {', '.join(missing)}" if missing else "")]


def _after(country: Country) -> list[str]:
    """Return a line on the parts after a crisis, after reading and checking them all."""
    contents = load_after(country)
    found = ", ".join(_parts_after(contents))
    if not found:
        return []
    missing = contents.missing
    off = f"; not in this pack: {', '.join(missing)}" if missing else ""
    return [f"after the crisis: {found}{off}"]


def _parts_after(contents: AfterContents) -> Iterator[str]:
    """Yield each part after a crisis, or of the world outside, with its size."""
    if contents.promises is not None:
        yield f"promises ({many(len(contents.promises.rows), 'promise')})"
    if contents.referendum is not None:
        yield f"referendum ({many(len(contents.referendum.facts), 'number')})"
    if contents.fund is not None:
        yield f"fund ({many(len(contents.fund.items), 'row')})"
    if contents.prosecutions is not None:
        yield f"prosecutions ({many(len(contents.prosecutions.counts), 'count')})"
    if contents.scorecards is not None:
        scores = many(len(contents.scorecards.scores), "score")
        yield f"scorecards ({scores} of {many(len(contents.scorecards.monitors), 'monitor')})"
    if contents.alliance is not None:
        crises = many(len(contents.alliance.requests), "crisis", "crises")
        yield f"alliance ({crises}, {many(len(contents.alliance.members), 'member')})"
    if contents.balance is not None:
        yield f"balance ({many(len(contents.balance.acts), 'act')})"


def _parts_of_the_month(contents: StateContents) -> Iterator[str]:
    """Yield each part that runs in the years and that a pack describes, with its size."""
    if contents.constitution is not None:
        yield f"constitution ({many(len(contents.constitution.amendments), 'change')})"
    if contents.offices is not None:
        posts, people = contents.offices.posts, contents.offices.people
        yield f"offices ({many(len(posts), 'post')}, {many(len(people), 'person', 'people')})"
    if contents.parties is not None:
        yield f"parties ({many(len(contents.parties.parties), 'party', 'parties')})"
    if contents.courts is not None:
        courts = contents.courts
        yield f"courts ({many(len(courts.counts), 'count')}, {many(len(courts.cases), 'case')})"
    if contents.outlets is not None:
        yield f"outlets ({many(len(contents.outlets.outlets), 'outlet')})"


def _parts_beside_it(contents: StateContents) -> Iterator[str]:
    """Yield each part that only checks use and that a pack describes, with its size."""
    if contents.honours is not None:
        yield f"honours ({many(len(contents.honours.rows), 'honour')})"
    if contents.narratives is not None:
        yield f"narratives ({many(len(contents.narratives.rows), 'statement')})"
    if contents.polls is not None:
        yield f"polls ({many(len(contents.polls.rows), 'answer')})"
    if contents.society is not None:
        society = contents.society
        rows = len(society.facts) + len(society.channels)
        yield f"society ({many(len(society.strikes), 'strike')}, {many(rows, 'report')})"
    if contents.composition is not None:
        shares, pressure = contents.composition.shares, contents.composition.pressure
        yield f"composition ({many(len(shares), 'share')}, {many(len(pressure), 'pressure')})"


def _cost(country: Country, episode: Episode) -> str:
    """Return the expected time and memory of a run of 100 members."""
    size = Size(
        len(country.places), len(country.regions), len(country.header.groups), episode.hours
    )
    there = machine_memory()
    machine = "" if there is None else f"; this machine has {memory_in_words(there, 2)}"
    return (
        f"100 members of {episode.name}: about {time_in_words(expected_seconds(size))} of "
        f"processor time and {memory_in_words(expected_bytes(size))} of memory{machine}"
    )


def _ties(country: Country, console: Console) -> str:
    """Return how the ties between places are represented."""
    if len(country.places) <= MOST_PAIRED:
        return "ties between places: every pair is kept"
    with console.status("comparing ties with those of all pairs of places"):
        numbers = scenario_parameters(country, None, {})
        ties, worst = accuracy_of_ties(country, make_environment(country), numbers)
    return (
        f"ties between places: {percent(ties.one_by_one)} of their weight one by one, the rest by "
        f"district (at most {percent(ties.by_district)} of a place's); the news that a place hears "
        f"(0 to 1) is off by at most {ties.error:.2g}, or {worst:.2g} where parameters are far off "
        "their middle"
    )


def _check_file(path: Path, country: Country) -> None:
    """Check one file, according to the keys that it has.

    Raises
    ------
    FileError
        If it is none of the three, or something in it is wrong.
    """
    keys = set(parse_yaml(path))
    if {"told_by", "mechanisms"} & keys:
        lines = _check_account(path, country)
    elif {"baseline", "expected"} & keys:
        found = load_intervention(country, path)
        if has_evidence(country):
            check_intervention_claims(found, path, country_ledger(country))
        lines = [f"{found.name}: valid.", f"  episodes: {', '.join(found.episodes) or 'any'}"]
    elif "source" in keys:
        lines = _check_source(path, country)
    else:
        raise FileError(
            path,
            "is no account, intervention or source",
            expected="`told_by` in an account, `baseline` in an intervention, `source` in a source",
            hint="`qantar new account NAME` writes one to start from",
        )
    console = Console(soft_wrap=True, highlight=False)
    for line in lines:
        console.print(line, markup=False)


def _check_account(path: Path, country: Country) -> list[str]:
    """Check the file of an account and the accounts that it extends."""
    account = load_account(country, path)
    if has_evidence(country):
        check_account_claims(account, country_ledger(country))
    on = sum(map(account.is_on, account.mechanisms))
    named = len(account.mechanisms)
    return [
        f"{account.name}: valid.",
        f"  {on} mechanisms on, {named - on} off, {len(mechanism_names()) - named} not named "
        f"(off); {many(len(account.fixed), 'fixed parameter')}, "
        f"{many(len(account.beliefs), 'belief')}",
        *(f"  extends {path}" for path in account.files[1:]),
    ]


def _check_source(path: Path, country: Country) -> list[str]:
    """Check the file of a source, its claims and the ledger with them."""
    before = country_ledger(country)
    after = country_ledger(country, [path])
    (name,) = set(after.sources) - set(before.sources)
    number = len(after.claims) - len(before.claims)
    return [f"{name}: valid.", f"  {number} claim{'' if number == 1 else 's'}"]
