"""``qantar evidence``: query the claims of the sources, their conflicts and what follows.

A view turns the chosen evidence into one table and prints it. All views share the same options.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from qantar.base.errors import QantarError, UnknownNameError
from qantar.cli.evidence_import import agreement, import_events
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
    help="What the sources claim, where they clash, and what follows.", no_args_is_help=True
)
app.command(name="import")(import_events)
app.command(name="agreement")(agreement)

Pack = Annotated[str, typer.Option(help="A shipped pack or a folder.")]
Source = Annotated[str, typer.Option(help="Only this source, such as seed-003.")]
Category = Annotated[str, typer.Option(help="Only this category, such as deaths.")]
Place = Annotated[str, typer.Option(help="Only inside this place, in any spelling.")]
Date = Annotated[str, typer.Option(help="Only about this day, month or year.")]
AsOf = Annotated[str, typer.Option(help="Only what could be known on this day.")]
More = Annotated[list[Path] | None, typer.Option("--with", help="A file of a further source.")]
As = Annotated[Format, typer.Option("--format", help="table, csv, json or html (the whole page).")]
Out = Annotated[Path | None, typer.Option(help="Write there instead of to the screen.")]
Failing = Annotated[
    bool, typer.Option("--failing", help="Only open conflicts, or checks that do not add up.")
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
    whole = country_ledger(country, more or ())
    for name in ("date", "as_of"):
        try:
            first_day(wanted.get(name, ""))
        except ValueError as error:
            raise QantarError(f"--{name.replace('_', '-')}: {error}") from error
    known = {"source": whole.sources, "category": whole.codebook.categories}
    for name, names in known.items():
        if wanted.get(name) and wanted[name] not in names:
            raise UnknownNameError(name, wanted[name], names)
    then = whole.select(as_of=wanted.get("as_of", ""))
    date = wanted.get("date", "")
    return _Chosen(country, whole.select(**wanted), then, as_format, out, date=date)


def _summary(chosen: _Chosen) -> None:
    ledger = chosen.ledger
    chosen.emit(make.summary_frame(ledger), {}, f"{len(ledger.claims):,} claims")
    if chosen.as_format is not Format.table:
        return
    conflicts, findings = find_conflicts(ledger), find_checks(ledger)
    established = find_agreements(ledger, conflicts)
    disputed = [c for c in conflicts if c.open and c.between_sources and c.predicate != STANCE]
    still_open = sum(conflict.open for conflict in conflicts)
    failing = sum(not finding.holds for finding in findings)
    console = Console(highlight=False)
    console.print(
        f"\nEstablished: {len(established)} quantities that two or more sources give alike"
    )
    for each in established[:SHOWN]:
        console.print(f"  {_quantity(each)}: {_said(each.claims, ledger)}", soft_wrap=True)
    _print_number_left_out(console, len(established))
    console.print(f"\nDisputed between sources and open, causes aside: {len(disputed)}")
    for conflict in sorted(disputed, key=lambda c: -len(sources_of(c.claims)))[:SHOWN]:
        console.print(f"  {_quantity(conflict)}: {_said(conflict.claims, ledger)}", soft_wrap=True)
    _print_number_left_out(console, len(disputed))
    console.print(
        f"\n{len(conflicts)} conflicts, {still_open} of them open, "
        f"{len(conflicts) - still_open} explained: `qantar evidence conflicts`\n"
        f"{len(findings)} checks, {failing} of them fail: `qantar evidence checks --failing`\n"
        f"targets for {', '.join(list_targets(chosen.country))}: `qantar evidence targets`"
    )


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
    columns = {"day": "day", "source": "source", "locator": "where", "says": "says"}
    frame = make.timeline_frame(chosen.ledger)
    if chosen.date:  # leaves out what began earlier and was still under way on the day
        first, last = str(first_day(chosen.date)), str(last_day(chosen.date))
        frame = frame[frame["day"].between(first, last)]
    chosen.emit(frame, columns, "Timeline")


_VIEWS: dict[str, tuple[Callable[[_Chosen], None], str]] = {
    "summary": (_summary, "Count claims by source and kind; say what is disputed."),
    "claims": (
        lambda chosen: chosen.emit(chosen.ledger.frame, CLAIM, "Claims"),
        "List claims with source and locator.",
    ),
    "conflicts": (_conflicts, "Show what sources say differently, and what explains it."),
    "checks": (_checks, "Add up what can be added up; every finding prints its sum."),
    "timeline": (_timeline, "List dated claims day by day."),
    "decisions": (
        lambda chosen: chosen.emit(
            make.decisions_frame(chosen.ledger), {}, "Events and decisions by source"
        ),
        "Show on which day each source puts each event and decision.",
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
        out: Out = None,
    ) -> None:
        if failing and view not in (_conflicts, _checks):
            raise QantarError("--failing goes with conflicts and checks only")
        wanted = {"category": category, "place": place, "date": date, "as_of": as_of}
        chosen = _choose(pack, more, as_format, out, source=source, **wanted)
        view(replace(chosen, failing=failing))

    return command


for _name, (_view, _help) in _VIEWS.items():
    app.command(name=_name, help=_help)(_command(_view))


@app.command()
def entity(
    name: Annotated[str, typer.Argument(help="Any spelling; all entities if left out.")] = "",
    pack: Pack = "kazakhstan",
    more: More = None,
    as_format: As = Format.table,
    out: Out = None,
) -> None:
    """Find a person in office, an organisation, a place or an event under any spelling."""
    chosen = _choose(pack, more, as_format, out)
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
    if as_format is Format.table:
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
    out: Out = None,
) -> None:
    """Show how every target follows from claims, and what leaving out a source does."""
    chosen = _choose(pack, more, as_format, out, source=source, as_of=as_of)
    frames = []
    for each in [name] if name else list_targets(chosen.country):
        made, missing = chosen.targets(each)
        frames.append(make.targets_frame(made))
        frames[-1].insert(0, "set", each)
        if missing:
            console = Console(stderr=True, highlight=False)
            console.print(f"{each}: {len(missing)} cannot be made of these claims:")
            console.print("  " + ", ".join(missing))
    columns = {"target": "target", "low": "low", "high": "high", "unit": "unit", "rule": "rule",
               "claims": "claims", "leaving_out": "leaving out"}  # fmt: skip
    chosen.emit(pd.concat(frames, ignore_index=True), columns, "Targets")
