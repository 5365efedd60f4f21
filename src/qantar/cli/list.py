"""``qantar list``: the names of everything that other commands take."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from qantar.analysis.state.lookup import units_of
from qantar.base.errors import UnknownNameError
from qantar.cli.console import print_json, print_table
from qantar.cli.names import KINDS, PACK, STATE_KINDS, complete_from, complete_names
from qantar.model.hour import mechanisms
from qantar.packs.account import Account, Part, account_matrix, list_accounts, load_account
from qantar.packs.country import Country, packs_folder
from qantar.packs.episode import list_episodes, load_episode
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.packs.intervention import Intervention, list_interventions, load_intervention
from qantar.packs.loading import load_country
from qantar.packs.years import has_years, load_years
from qantar.simulate.draws import rule_names
from qantar.simulate.parameters import parameter_names
from qantar.simulate.years.packages import packages_of
from qantar.simulate.years.scenario import laws, reforms_of

_OF_STATE = tuple(plural for plural, kind in KINDS.items() if kind in STATE_KINDS)

_LONG = ("causes", "parameters", "offices", "triggers", "systems", *_OF_STATE)
"""Kinds that are only mentioned where all kinds are listed."""

_MARKS = {Part.on: "●", Part.partly: "○", Part.off: ""}
_LEGEND = "● on   ○ on, with some of its parameters fixed at 0   blank: off"
_GAP = 2
"""Columns of padding around an account's name in a table of rich: one on each side."""


def list_names(
    kind: Annotated[
        str | None,
        typer.Argument(
            help=", ".join(KINDS) + "; all if left out.", autocompletion=complete_from(KINDS)
        ),
    ] = None,
    pack: Annotated[
        str, typer.Option(help="A shipped pack or a folder.", autocompletion=complete_names("pack"))
    ] = PACK,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the episodes, accounts, interventions, sources and other names of a pack."""
    if kind is not None and kind not in KINDS:
        raise UnknownNameError("kind", kind, KINDS)
    country = load_country(pack)
    kinds = tuple(KINDS) if kind is None else (kind,)
    if as_json:
        print_json({name: _entries(name, country) for name in kinds})
        return
    console = Console(highlight=False)
    if kind == "accounts":
        _print_accounts([load_account(country, name) for name in list_accounts(country)], console)
        return
    suffix = "" if pack == PACK else f" --pack {pack}"
    for name in kinds:
        if kind is None and name in _LONG:
            number = "" if name == "systems" else f" {len(_entries(name, country))},"
            console.print(f"{name}:{number} see `qantar list {name}{suffix}`\n", soft_wrap=True)
            continue
        entries = _entries(name, country)
        if name == "sources":
            _print_sources(entries, console, suffix)
        else:
            rows = [(each["name"], _described(each)) for each in entries]
            print_table(name, ("name", "description"), rows, console=console)
        if kind is None:
            console.print()


def _print_sources(entries: list[dict[str, Any]], console: Console, suffix: str) -> None:
    """Print the sources of claims with their shares, and how many others the pack cites."""
    coded = [each for each in entries if each["claims"]]
    headings = ("name", "date", "kind", "claims", "share", "author: title")
    rows = [
        (
            each["name"],
            each["date"] or "no date",
            each["kind"],
            f"{each['claims']:,}",
            f"{each['share']:.1%}",
            f"{each['author'] or 'no author'}: {each['title']}",
        )
        for each in coded
    ]
    right = {"claims", "share"}
    print_table("sources of claims", headings, rows, console=console, right=right)
    total = sum(each["claims"] for each in coded)
    console.print(f"{total:,} claims in all; `qantar show source NAME{suffix}` for more.")
    others = len(entries) - len(coded)
    if others:
        console.print(f"{others} other sources of numbers, without claims: add --json.")


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


def _described(entry: dict[str, Any]) -> str:
    """Return one line about an entry: its title, and what applies to it."""
    title = str(entry["title"])
    details = []
    if "scales" in entry:
        counts = ", ".join(f"{number} {name}" for name, number in entry["facts"].items() if number)
        return f"{title}: {', '.join(entry['scales'])}; {counts or 'no fact checked'}"
    if "options" in entry:
        details = [entry["options"], ", ".join(entry["episodes"])]
    if "expected" in entry:
        signs = [f"{quantity} {sign}" for quantity, sign in entry["expected"].items()]
        words = f"; expected: {', '.join(signs)}" if signs else ""
        return f"{title}, from {entry['from']}{words}"
    if entry.get("since") or entry.get("until"):
        details = [f"since {entry['since']}" if entry["since"] else "since an unstated day"]
        details += [f"until {entry['until']}"] if entry["until"] else []
        return f"{title}, {', '.join(details)}"
    if "group" in entry and "claims" in entry:
        details = [entry["group"], f"from {entry['from']}" if entry["from"] else ""]
    text = "; ".join(filter(None, details))
    return f"{title} ({text})" if text else title


def _entries(kind: str, country: Country) -> list[dict[str, Any]]:
    """Return everything of one kind, with name and title."""
    if kind in _OF_STATE:
        return _entries_of_state(KINDS[kind], country)
    if kind in ("laws", "reforms", "packages", "triggers"):
        return _entries_of_years(kind, country)
    if kind == "systems":
        return _entries_of_systems(country)
    return _entries_of_hour(kind, country)


def _entries_of_hour(kind: str, country: Country) -> list[dict[str, Any]]:
    """Return what the runs of hours use, and the packs."""
    if kind == "episodes":
        episodes = [load_episode(country, name) for name in list_episodes(country)]
        return [
            {"name": e.name, "title": e.title, "first_day": e.first_day, "last_day": e.last_day}
            for e in episodes
        ]
    if kind == "accounts":
        accounts = [load_account(country, name) for name in list_accounts(country)]
        return [
            {
                "name": a.name,
                "title": a.title,
                "told_by": a.told_by,
                "mechanisms": {m: switch.on for m, switch in a.mechanisms.items()},
            }
            for a in accounts
        ]
    if kind == "interventions":
        found = [load_intervention(country, name) for name in list_interventions(country)]
        return [
            {"name": i.name, "title": i.title, "options": _options(i), "episodes": i.episodes}
            for i in found
        ]
    if kind == "sources":
        return source_entries(country)
    if kind == "mechanisms":
        return [{"name": name, "title": each.title} for name, each in mechanisms().items()]
    if kind == "causes":
        causes = country_ledger(country).causes if has_evidence(country) else {}
        return [
            {"name": name, "title": c.title, "group": c.group, "mechanisms": c.mechanisms}
            for name, c in causes.items()
        ]
    if kind == "parameters":
        parts = [name.partition(".") for name in (*parameter_names(), *rule_names())]
        return [
            {
                "name": "".join(part),
                "title": country.numbers[part[0]][part[2]].label,
                "unit": country.numbers[part[0]][part[2]].unit,
                "value": country.numbers[part[0]][part[2]].central,
            }
            for part in parts
        ]
    if kind == "offices":
        return [
            {"name": o.office, "title": o.holder, "since": o.since, "until": o.until}
            for o in country.offices
        ]
    packs = sorted(path.parent.name for path in packs_folder().glob("*/pack.yaml"))
    return [{"name": name, "title": load_country(name).header.title} for name in packs]


def _entries_of_years(kind: str, country: Country) -> list[dict[str, Any]]:
    """Return laws, reforms, packages or triggers of the years; none if the pack has no years."""
    if kind == "laws":
        return [{"name": name, "title": law.title} for name, law in laws().items()]
    if kind == "reforms":
        reforms = reforms_of(country)
        return [
            {
                "name": n,
                "title": r.title,
                "from": r.begins,
                "changes": sorted(r.changes),
                "expected": {each.quantity: each.sign for each in r.expected},
            }
            for n, r in reforms.items()
        ]
    if kind == "packages":
        return [
            {"name": name, "title": each.title, "reforms": list(each.reforms)}
            for name, each in packages_of(country).items()
            if len(each.reforms) > 1
        ]
    triggers = load_years(country).triggers if has_years(country) else ()
    return [
        {
            "name": t.trigger,
            "title": f"{t.begins}: {t.label}",
            "frame": t.frame,
            "outcome": t.outcome,
            "episode": t.episode,
        }
        for t in triggers
    ]


def _entries_of_systems(country: Country) -> list[dict[str, Any]]:
    """Return the systems of the sources: where each runs, and what became of its facts."""
    from qantar.analysis.after.overview import kept_checks  # slow to import, as the next two
    from qantar.analysis.after.systems import parts_by_system
    from qantar.analysis.systems import COUNTS, systems_overview

    years = load_years(country) if has_years(country) else None
    found = []
    checks, parts = kept_checks(country), parts_by_system(country)
    for system in systems_overview(country, years, checks, parts):
        entry = asdict(system)
        facts = {name: entry.pop(name.replace(" ", "_")) for name in COUNTS}
        name, title = entry.pop("system"), entry.pop("name")
        found.append({"name": name, "title": title, **entry, "facts": facts})
    return found


def _entries_of_state(kind: str, country: Country) -> list[dict[str, Any]]:
    """Return the units of the state of one kind, with the span that the record tells of each."""
    found = []
    for name, (first, *_) in units_of(country, kind).items():
        line = first.line
        dates = [*(s.begins for s in line.stretches), *(m.date for m in line.moments)]
        entry = {"name": name, "title": line.label, "group": line.group}
        found.append(entry | {"from": min(dates, default=""), "claims": len(line.claims)})
    return found


def source_entries(country: Country) -> list[dict[str, Any]]:
    """Return every source of a pack with its number and share of claims.

    Parameters
    ----------
    country : Country

    Returns
    -------
    list of dict
        In the order of the pack; `share` is the share of all claims of the ledger.
    """
    counts: dict[str, int] = {}
    if has_evidence(country):
        for claim in country_ledger(country).claims.values():
            counts[claim.source] = counts.get(claim.source, 0) + 1
    total = sum(counts.values())
    return [
        {
            "name": name,
            "title": source.title,
            "author": source.author,
            "date": source.date,
            "kind": source.kind,
            "claims": counts.get(name, 0),
            "share": counts.get(name, 0) / total if total else 0.0,
        }
        for name, source in country.sources.items()
    ]


def _options(intervention: Intervention) -> str:
    """Return the options of an intervention, as ``--change`` takes them."""
    return ("@DATE" if intervention.date else "") + ("=DOSE" if intervention.dose else "")
