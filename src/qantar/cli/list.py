"""``qantar list``: the names of everything that other commands take."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qantar.base.errors import UnknownNameError
from qantar.model.hour import mechanisms
from qantar.packs.account import Account, Part, account_matrix, list_accounts, load_account
from qantar.packs.country import Country, packs_folder
from qantar.packs.episode import list_episodes, load_episode
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.packs.intervention import Intervention, list_interventions, load_intervention
from qantar.packs.loading import load_country
from qantar.simulate.draws import rule_names
from qantar.simulate.parameters import parameter_names

KINDS = (
    "episodes",
    "accounts",
    "interventions",
    "mechanisms",
    "causes",
    "parameters",
    "offices",
    "packs",
)
_LONG = ("causes", "parameters", "offices")

_MARKS = {Part.on: "●", Part.partly: "○", Part.off: ""}
_LEGEND = "● on   ○ on, with some of its parameters fixed at 0   blank: off"
_GAP = 2
"""Columns of padding around an account's name in a table of rich: one on each side."""


def list_names(
    kind: Annotated[
        str | None, typer.Argument(help=", ".join(KINDS) + "; all if left out.")
    ] = None,
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
) -> None:
    """List episodes, accounts, interventions, mechanisms, causes, parameters, offices and packs."""
    if kind is not None and kind not in KINDS:
        raise UnknownNameError("kind of thing", kind, KINDS)
    country = load_country(pack)
    console = Console()
    if kind == "accounts":
        _print_accounts([load_account(country, name) for name in list_accounts(country)], console)
        return
    for name in KINDS if kind is None else (kind,):
        if kind is None and name in _LONG:
            console.print(f"{name}: see `qantar list {name}`\n")
            continue
        table = Table(title=name, title_justify="left", box=None, pad_edge=False)
        table.add_column("name", style="bold", no_wrap=True)
        table.add_column("what it is")
        for row in _rows(name, country):
            table.add_row(*row)
        console.print(table)


def _print_accounts(accounts: list[Account], console: Console) -> None:
    """Print every account with its title, and below which mechanisms it has."""
    matrix = account_matrix(accounts)
    names = [account.name for account in accounts]
    wide = max(map(len, matrix)) + sum(len(name) + _GAP for name in names)
    numbered = wide > console.width
    heads = [str(k) for k in range(1, len(names) + 1)] if numbered else names
    listed = Table(title="accounts", title_justify="left", box=None, pad_edge=False)
    if numbered:
        listed.add_column("", justify="right")
    listed.add_column("name", style="bold", no_wrap=True)
    listed.add_column("what it is")
    for head, account in zip(heads, accounts, strict=True):
        listed.add_row(*([head] if numbered else []), account.name, account.title)
    table = Table(title="mechanisms of each", title_justify="left", box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="center", no_wrap=True)
    for mechanism, parts in matrix.items():
        table.add_row(mechanism, *(_MARKS[part] for part in parts.values()))
    for part in (listed, "", table, _LEGEND):
        console.print(part, highlight=False)


def _rows(kind: str, country: Country) -> list[tuple[str, str]]:
    if kind == "episodes":
        return [(name, load_episode(country, name).title) for name in list_episodes(country)]
    if kind == "accounts":
        return [(name, load_account(country, name).title) for name in list_accounts(country)]
    if kind == "interventions":
        names = list_interventions(country)
        return [(name, _title_with_options(load_intervention(country, name))) for name in names]
    if kind == "mechanisms":
        return [(name, mechanism.title) for name, mechanism in mechanisms().items()]
    if kind == "causes":
        causes = country_ledger(country).causes if has_evidence(country) else {}
        return [(name, cause.title) for name, cause in causes.items()]
    if kind == "parameters":
        parts = [name.partition(".") for name in (*parameter_names(), *rule_names())]
        return [("".join(p), country.numbers[p[0]][p[2]].label) for p in parts]
    if kind == "offices":
        rows = []
        for office in country.offices:
            since = f"since {office.since}" if office.since else "since an unstated day"
            term = f"{since}, until {office.until}" if office.until else since
            rows.append((office.office, f"{office.holder}, {term}"))
        return rows
    packs = sorted(path.parent.name for path in packs_folder().glob("*/pack.yaml"))
    return [(name, load_country(name).header.title) for name in packs]


def _title_with_options(intervention: Intervention) -> str:
    """Return a title with the options of the intervention and the episodes it is for."""
    options = ("@DATE" if intervention.date else "") + ("=DOSE" if intervention.dose else "")
    details = "; ".join(part for part in (options, ", ".join(intervention.episodes)) if part)
    return f"{intervention.title} ({details})" if details else intervention.title
