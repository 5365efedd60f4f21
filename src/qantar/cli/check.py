"""``qantar check``: validate a pack or an account, and list the assumed parameters."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from qantar.analysis.run import episode_targets
from qantar.packs.account import list_accounts, load_account
from qantar.packs.account_file import mechanism_names
from qantar.packs.country import cohorts
from qantar.packs.episode import list_episodes, load_episode
from qantar.packs.evidence import (
    check_account_claims,
    check_intervention_claims,
    country_ledger,
    has_evidence,
)
from qantar.packs.intervention import intervention_file, list_interventions, load_intervention
from qantar.packs.loading import grades, load_country
from qantar.simulate.draws import rule_numbers
from qantar.simulate.parameters import check_declared


def check(
    what: Annotated[
        str, typer.Argument(help="A shipped pack, a folder, or the file of an account.")
    ],
    pack: Annotated[str, typer.Option(help="Whose parameters an account uses.")] = "kazakhstan",
) -> None:
    """Check a pack and say what in it is assumed rather than measured; or check an account."""
    if what.endswith((".yaml", ".yml")):
        _check_account(what, pack)
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
        for account in accounts:
            check_account_claims(account, ledger)
        for each in interventions:
            check_intervention_claims(each, intervention_file(country, each.name), ledger)
    claims = len(ledger.claims) if ledger else 0
    graded = grades(country)
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{country.header.title}: whole.")
    console.print(
        f"  {len(country.regions)} regions, {len(country.places)} places, "
        f"{len(country.header.groups)} groups, {int(sizes.sum()):,} people"
    )
    console.print(
        f"  {len(episodes)} episodes, {len(accounts)} accounts, "
        f"{len(interventions)} interventions, {claims:,} claims"
    )
    total = sum(graded.counts.values())
    for grade, number in sorted(graded.counts.items(), key=lambda item: -item[1]):
        console.print(f"  {grade:10} {number:5} numbers, {number / total:.0%}")
    console.print("Assumed rather than measured:")
    for name in graded.assumed:
        console.print(f"  {name}")


def _check_account(file: str, pack: str) -> None:
    """Check the file of an account and the accounts that it extends."""
    country = load_country(pack)
    account = load_account(country, file)
    if has_evidence(country):
        check_account_claims(account, country_ledger(country))
    on = sum(map(account.is_on, account.mechanisms))
    named = len(account.mechanisms)
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{account.name}: sound.")
    console.print(
        f"  {on} mechanisms on, {named - on} off, {len(mechanism_names()) - named} not named and "
        f"so off; {len(account.fixed)} fixed parameters, {len(account.beliefs)} beliefs"
    )
    for path in account.files[1:]:
        console.print(f"  extends {path}")
