"""``qantar evidence``: query the claims of the sources, their conflicts and what follows.

A view turns the chosen evidence into one table and prints it. All views share the same options.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from qantar.base.errors import QantarError, UnknownNameError
from qantar.cli.console import print_json
from qantar.cli.evidence_import import agreement, import_events
from qantar.cli.names import complete_names
from qantar.cli.output import Format, emit, emit_frame, frame_text
from qantar.evidence import Claim, Conflict, Ledger, Reconciled, find_checks, find_conflicts
from qantar.evidence import dataframes as make
from qantar.evidence.causes import STANCE
from qantar.evidence.conflicts import Established, describe, find_agreements, sources_of
from qantar.evidence.dates import first_day, last_day
from qantar.packs.country import Country
from qantar.packs.evidence import country_ledger, list_targets, possible_targets
from qantar.packs.loading import load_country

app: typer.Typer = typer.Typer(
    help="Query what the sources claim, where they disagree, and targets.",
    no_args_is_help=True,
    add_completion=False,
)
app.command(name="import")(import_events)
app.command(name="agreement")(agreement)

Pack = Annotated[
    str, typer.Option(help="A shipped pack or a folder.", autocompletion=complete_names("pack"))
]
Source = Annotated[
    str,
    typer.Option(
        help="Only this source, such as seed-003.", autocompletion=complete_names("source")
    ),
]
Category = Annotated[str, typer.Option(help="Only this category, such as deaths.")]
Place = Annotated[str, typer.Option(help="Only inside this place, in any spelling.")]
Date = Annotated[str, typer.Option(help="Only about this day, month or year: 2022-01-05.")]
AsOf = Annotated[str, typer.Option(help="Only what was known on this day: 2022-01-05.")]
More = Annotated[list[Path] | None, typer.Option("--with", help="The file of another source.")]
As = Annotated[Format, typer.Option("--format", help="table, csv, json or html (a page).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Out = Annotated[Path | None, typer.Option(help="Write to this file; must not exist.")]
Failing = Annotated[
    bool, typer.Option("--failing", help="Only open conflicts, or checks that fail.")
]

SHOWN = 12
"""Most lines of each kind in the summary."""

CLAIM = {"claim": "claim", "source": "source", "locator": "where", "paraphrase": "says"}
"""Columns of claims in a printed table, with their headings."""


@dataclass(frozen=True)
class _Chosen:
    """The evidence that the options select, and how to print it.

    `known` is all that was known on the day of ``--as-of``. Claims are compared within it, so that
    a filter never hides the other side of a conflict.
    """

    country: Country
    ledger: Ledger
    known: Ledger
    as_format: Format
    out: Path | None = None
    failing: bool = False
    date: str = ""
    as_json: bool = False

    def emit(self, frame: pd.DataFrame, columns: dict[str, str], title: str) -> None:
        """Write a table in the chosen format; html is the page of the chosen claims."""
        if self.as_format is Format.html:
            from qantar.reports.evidence import render_evidence

            targets = {name: self.targets(name)[0] for name in list_targets(self.country)}
            emit(render_evidence(self.country, self.ledger, targets), self.out)
        else:
            emit_frame(frame, self.as_format, self.out, columns, title)

    def targets(self, name: str) -> tuple[tuple[Reconciled, ...], tuple[str, ...]]:
        """Return the targets that the chosen claims give, and the names of the others."""
        return possible_targets(self.country, self.ledger, name)


def _choose(
    pack: str, more: list[Path] | None, as_format: Format, out: Path | None, **wanted: str
) -> _Chosen:
    """Return the evidence that the options select.

    Raises
    ------
    QantarError
        If an option names something unknown, or a date cannot be read.
    """
    country = load_country(pack)
    everything = country_ledger(country, more or ())
    for name in ("date", "as_of"):
        try:
            first_day(wanted.get(name, ""))
        except ValueError as error:
            raise QantarError(f"--{name.replace('_', '-')}: {error}") from error
    known = {"source": everything.sources, "category": everything.codebook.categories}
    for name, names in known.items():
        if wanted.get(name) and wanted[name] not in names:
            raise UnknownNameError(name, wanted[name], names)
    then = everything.select(as_of=wanted.get("as_of", ""))
    date = wanted.get("date", "")
    return _Chosen(country, everything.select(**wanted), then, as_format, out, date=date)


def _summary(chosen: _Chosen) -> None:
    ledger = chosen.ledger
    if chosen.as_json:
        print_json(_summary_as_json(chosen))
        return
    chosen.emit(make.summary_frame(ledger), {}, f"{len(ledger.claims):,} claims")
    if chosen.as_format is not Format.table:
        return
    conflicts, findings = find_conflicts(ledger), find_checks(ledger)
    established, disputed = _established_and_disputed(ledger, conflicts)
    still_open = sum(conflict.open for conflict in conflicts)
    failing = sum(not finding.holds for finding in findings)
    console = Console(highlight=False)
    console.print(
        f"\nEstablished: {len(established)} quantities on which two or more sources agree"
    )
    for each in established[:SHOWN]:
        console.print(f"  {_quantity(each)}: {_said(each.claims, ledger)}", soft_wrap=True)
    _print_number_left_out(console, len(established))
    console.print(f"\nDisputed between sources and not explained, except causes: {len(disputed)}")
    for conflict in sorted(disputed, key=lambda c: -len(sources_of(c.claims)))[:SHOWN]:
        console.print(f"  {_quantity(conflict)}: {_said(conflict.claims, ledger)}", soft_wrap=True)
    _print_number_left_out(console, len(disputed))
    console.print(
        f"\n{len(conflicts)} conflicts, {still_open} of them open, "
        f"{len(conflicts) - still_open} explained: `qantar evidence conflicts`\n"
        f"{len(findings)} checks, {failing} of them fail: `qantar evidence checks --failing`\n"
        f"targets for {', '.join(list_targets(chosen.country))}: `qantar evidence targets`"
    )


def _established_and_disputed(
    ledger: Ledger, conflicts: Sequence[Conflict]
) -> tuple[list[Established], list[Conflict]]:
    """Return quantities on which sources agree, and those on which they differ without a reason.

    A quantity on which sources agree in one respect and differ in another is disputed.
    """
    disputed = [c for c in conflicts if c.open and c.between_sources and c.predicate != STANCE]
    open_quantities = {(each.subject, each.predicate, each.item) for each in disputed}
    established = [
        each
        for each in find_agreements(ledger, conflicts)
        if (each.subject, each.predicate, each.item) not in open_quantities
    ]
    return established, disputed


def _summary_as_json(chosen: _Chosen) -> dict[str, object]:
    """Return what ``qantar evidence summary --json`` prints."""
    ledger = chosen.ledger
    conflicts, findings = find_conflicts(ledger), find_checks(ledger)
    total = len(ledger.claims)
    by_source = Counter(claim.source for claim in ledger.claims.values())
    established, disputed = _established_and_disputed(ledger, conflicts)
    return {
        "pack": chosen.country.header.name,
        "claims": total,
        "sources": [
            {
                "name": name,
                "title": source.title,
                "author": source.author,
                "date": source.date,
                "kind": source.kind,
                "claims": by_source[name],
                "share": by_source[name] / total,
            }
            for name, source in ledger.sources.items()
            if by_source[name]
        ],
        "categories": make.summary_frame(ledger).to_dict("records"),
        "established": [_as_json(each, ledger) for each in established],
        "disputed": [_as_json(each, ledger) for each in disputed],
        "conflicts": {"all": len(conflicts), "open": sum(c.open for c in conflicts)},
        "checks": {"all": len(findings), "failing": sum(not f.holds for f in findings)},
        "targets": list_targets(chosen.country),
    }


def _as_json(about: Conflict | Established, ledger: Ledger) -> dict[str, object]:
    says = [
        {"claim": claim.claim, "source": claim.source, "says": describe(claim, ledger)}
        for claim in about.claims
    ]
    return {"quantity": _quantity(about), "claims": says}


def _print_number_left_out(console: Console, number: int) -> None:
    if number > SHOWN:
        console.print(f"  and {number - SHOWN} more: --format html shows all")


def _quantity(about: Conflict | Established) -> str:
    """Return a quantity in words, with its place if all claims are about the same place."""
    words = (about.subject, about.predicate.replace("_", " "), about.item)
    places = {claim.place for claim in about.claims}
    where = f", {places.pop()}" if len(places) == 1 else ""
    return " ".join(filter(None, words)) + where


def _said(claims: Iterable[Claim], ledger: Ledger) -> str:
    """Return what claims say, each wording once with the sources that use it."""
    said: dict[str, list[str]] = {}
    for claim in claims:
        sources = said.setdefault(describe(claim, ledger), [])
        if claim.source not in sources:
            sources.append(claim.source)
    return "; ".join(f"{what} ({', '.join(who)})" for what, who in said.items())


def _conflicts(chosen: _Chosen) -> None:
    known, wanted = chosen.known, chosen.ledger.claims
    found = [
        conflict
        for conflict in find_conflicts(known)
        if (conflict.open or not chosen.failing) and any(c.claim in wanted for c in conflict.claims)
    ]
    frame = make.conflicts_frame(found, known)
    if chosen.as_format is Format.table:
        # The heading of a conflict is printed once, above its first claim.
        repeated = frame["conflict"].eq(frame["conflict"].shift())
        frame = frame.astype("object")
        frame.loc[repeated, ["conflict", "open", "why"]] = ""
    columns = {"conflict": "conflict", "open": "open", "says": "says", "place": "place", "by": "by",
               "source": "source", "locator": "where", "why": "explained by"}  # fmt: skip
    chosen.emit(frame, columns, "Conflicts")


def _checks(chosen: _Chosen) -> None:
    wanted = {*chosen.ledger.claims, *chosen.ledger.tables}
    found = [
        finding
        for finding in find_checks(chosen.known)
        if not (chosen.failing and finding.holds) and wanted & {*finding.claims, *finding.tables}
    ]
    columns = {name: name for name in ("check", "holds", "what", "sum")}
    chosen.emit(make.checks_frame(found), columns, "Checks")


def _timeline(chosen: _Chosen) -> None:
    columns = {"when": "when", "source": "source", "locator": "where", "says": "says"}
    frame = make.timeline_frame(chosen.ledger)
    if chosen.date:  # leaves out what began earlier and was still under way on the day
        first, last = str(first_day(chosen.date)), str(last_day(chosen.date))
        frame = frame[frame["day"].between(first, last)]
    chosen.emit(frame, columns, "Timeline")


_VIEWS: dict[str, tuple[Callable[[_Chosen], None], str]] = {
    "summary": (_summary, "Count claims by source and category; list agreements and disputes."),
    "claims": (
        lambda chosen: chosen.emit(chosen.ledger.frame, CLAIM, "Claims"),
        "List claims with source and locator.",
    ),
    "conflicts": (_conflicts, "List differences between claims, and what explains them."),
    "checks": (_checks, "Check sums, shares and dates; every result shows its arithmetic."),
    "timeline": (_timeline, "List dated claims day by day."),
    "decisions": (
        lambda chosen: chosen.emit(
            make.decisions_frame(chosen.ledger), {}, "Events and decisions by source"
        ),
        "Show the date of each event and decision in each source.",
    ),
    "causes": (
        lambda chosen: chosen.emit(make.causes_frame(chosen.ledger), {}, "Causes by source"),
        "Show which source asserts, reports, doubts or denies which cause.",
    ),
}


def _command(view: Callable[[_Chosen], None]) -> Callable[..., None]:
    """Return a command that selects evidence by the common options and prints one view of it."""

    def command(
        pack: Pack = "kazakhstan",
        source: Source = "",
        category: Category = "",
        place: Place = "",
        date: Date = "",
        as_of: AsOf = "",
        failing: Failing = False,
        more: More = None,
        as_format: As = Format.table,
        as_json: Json = False,
        out: Out = None,
    ) -> None:
        if as_json:
            as_format = Format.json
        if failing and view not in (_conflicts, _checks):
            raise QantarError(
                "--failing goes with conflicts and checks only",
                hint="use it as `qantar evidence checks --failing`, or leave it out",
            )
        wanted = {"category": category, "place": place, "date": date, "as_of": as_of}
        chosen = _choose(pack, more, as_format, out, source=source, **wanted)
        view(replace(chosen, failing=failing, as_json=as_json and out is None))

    return command


for _name, (_view, _help) in _VIEWS.items():
    app.command(name=_name, help=_help)(_command(_view))


@app.command()
def entity(
    name: Annotated[str, typer.Argument(help="Any spelling; all entities if left out.")] = "",
    pack: Pack = "kazakhstan",
    more: More = None,
    as_format: As = Format.table,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Find a person in office, an organisation, a place or an event under any spelling."""
    chosen = _choose(pack, more, Format.json if as_json else as_format, out)
    ledger = chosen.ledger
    if not name:
        known = make.entities_frame(ledger.entities.by_id.values())
        chosen.emit(known, {}, "Entities")
        return
    found = ledger.entities.find(name)
    ids, names = {each.entity for each in found}, {each.name for each in found}
    about = ledger.only(
        claim for claim in ledger.claims.values() if claim.subject in ids or names & {*claim.places}
    )
    title = f"{len(about.claims)} claims about {', '.join(each.name for each in found)}"
    if chosen.as_format is Format.table:
        spellings = make.entities_frame(found)
        text = frame_text(spellings, {}, "Spellings") + "\n" + frame_text(about.frame, CLAIM, title)
        emit(text, out)
    else:
        replace(chosen, ledger=about).emit(about.frame, CLAIM, title)


@app.command()
def targets(
    name: Annotated[str, typer.Argument(help="An episode or a period; all if left out.")] = "",
    pack: Pack = "kazakhstan",
    source: Source = "",
    as_of: AsOf = "",
    more: More = None,
    as_format: As = Format.table,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Show how every target follows from claims, and what leaving out a source does."""
    wanted = {"source": source, "as_of": as_of}
    chosen = _choose(pack, more, Format.json if as_json else as_format, out, **wanted)
    frames = []
    for each in [name] if name else list_targets(chosen.country):
        made, missing = chosen.targets(each)
        frames.append(make.targets_frame(made))
        frames[-1].insert(0, "set", each)
        if missing:
            console = Console(stderr=True, highlight=False)
            console.print(f"{each}: {len(missing)} cannot be made from these claims:")
            console.print("  " + ", ".join(missing))
    columns = {"target": "target", "low": "low", "high": "high", "unit": "unit", "rule": "rule",
               "claims": "claims", "leaving_out": "leaving out"}  # fmt: skip
    chosen.emit(pd.concat(frames, ignore_index=True), columns, "Targets")
