"""``qantar list``: every name there is."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qantar.base.errors import UnknownNameError
from qantar.model.catalogue import mechanisms
from qantar.packs.account import Account, Part, account_matrix, list_accounts, load_account
from qantar.packs.country import Country, packs_home
from qantar.packs.episode import list_episodes, load_episode
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.packs.intervention import Intervention, list_interventions, load_intervention
from qantar.packs.loading import load_country
from qantar.packs.tables import Office
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
"""Columns of the screen between two accounts: one each side, as the tables of rich pad."""


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
        console.print(_table(name, country))


def _table(kind: str, country: Country) -> Table:
    table = Table(title=kind, title_justify="left", box=None, pad_edge=False)
    table.add_column("name", style="bold", no_wrap=True)
    table.add_column("what it is")
    for name, meaning in _rows(kind, country):
        table.add_row(name, meaning)
    return table


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
        return [(name, _asked(load_intervention(country, name))) for name in names]
    if kind == "mechanisms":
        return [(name, mechanism.title) for name, mechanism in mechanisms().items()]
    if kind == "causes":
        causes = country_ledger(country).causes if has_evidence(country) else {}
        return [(name, cause.title) for name, cause in causes.items()]
    if kind == "parameters":
        parts = [name.partition(".") for name in (*parameter_names(), *rule_names())]
        return [("".join(p), country.numbers[p[0]][p[2]].label) for p in parts]
    if kind == "offices":
        return [(o.office, f"{o.holder}, {_term(o)}") for o in country.offices]
    packs = sorted(path.parent.name for path in packs_home().glob("*/pack.yaml"))
    return [(name, load_country(name).header.title) for name in packs]


def _asked(intervention: Intervention) -> str:
    """Return a title with what may be chosen, and where it belongs."""
    chosen = [
        text for text, part in (("@DATE", intervention.date), ("=DOSE", intervention.dose)) if part
    ]
    marks = ["".join(chosen), ", ".join(intervention.episodes)]
    told = "; ".join(mark for mark in marks if mark)
    return f"{intervention.title} ({told})" if told else intervention.title


def _term(office: Office) -> str:
    """Return when somebody held an office, as far as the sources say."""
    since = f"since {office.since}" if office.since else "since an unstated day"
    return f"{since}, until {office.until}" if office.until else since
