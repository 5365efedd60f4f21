"""Everything a ledger yields, as tables."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from qantar.evidence.causes import matrix
from qantar.evidence.checks.arithmetic import Finding
from qantar.evidence.claims import Claim
from qantar.evidence.conflicts import Conflict, describe
from qantar.evidence.dates import overlap
from qantar.evidence.entities import Entity
from qantar.evidence.ledger import Ledger
from qantar.evidence.reconcile import Reconciled

DATE = "date"
"""The predicate that says when a thing happened."""


def timeline_frame(ledger: Ledger) -> pd.DataFrame:
    """Return the claims that have a first day, in the order of the days.

    Returns
    -------
    DataFrame
        Columns day, until, source, locator, place, says, claim.
    """
    dated = [claim for claim in ledger.claims.values() if claim.dates[0] is not None]
    dated.sort(key=lambda claim: (str(claim.dates[0]), str(claim.dates[1]), claim.claim))
    rows = [
        (
            str(claim.dates[0]),
            str(claim.dates[1] or ""),
            claim.source,
            claim.locator,
            claim.place,
            claim.paraphrase,
            claim.claim,
        )
        for claim in dated
    ]
    return pd.DataFrame(
        rows, columns=["day", "until", "source", "locator", "place", "says", "claim"]
    )


def decisions_frame(ledger: Ledger) -> pd.DataFrame:
    """Return on which day each source puts each event and decision.

    Returns
    -------
    DataFrame
        One row an event and stage; columns event, stage, one per source, and agree: yes, no or one
        source.
    """
    found: dict[tuple[str, str], dict[str, list[Claim]]] = {}
    for claim in ledger.claims.values():
        entity = ledger.entities.by_id.get(claim.subject)
        if claim.predicate == DATE and entity and entity.kind == "event":
            sources = found.setdefault((entity.name, claim.stage or "happened"), {})
            sources.setdefault(claim.source, []).append(claim)
    rows = []
    for (event, stage), sources in found.items():
        days = {
            source: "; ".join(dict.fromkeys(describe(claim, ledger) for claim in sharpest(claims)))
            for source, claims in sources.items()
        }
        clash = any(
            c.subject == claim.subject and c.predicate == DATE and c.stage == claim.stage
            for claims in sources.values()
            for claim in claims
            for c in _dated_elsewhere(claim, sources)
        )
        first = min(str(claim.dates[0]) for claims in sources.values() for claim in claims)
        verdict = "no" if clash else ("yes" if len(sources) > 1 else "one source")
        rows.append({"event": event, "stage": stage, **days, "agree": verdict, "first": first})
    frame = pd.DataFrame(rows)
    if frame.empty:
        return frame
    order = [source for source in ledger.sources if source in frame.columns]
    frame = frame.sort_values(["first", "event"])[["event", "stage", *order, "agree"]]
    return frame.fillna("").reset_index(drop=True)


def sharpest(claims: Iterable[Claim]) -> list[Claim]:
    """Return claims without those that only give a month or a year around another's day."""
    every = list(claims)
    return [c for c in every if not any(_inside(other, c) for other in every)]


def _inside(sharper: Claim, wider: Claim) -> bool:
    start, end = wider.dates
    first, last = sharper.dates
    if start is None or end is None or first is None or last is None:
        return False
    return start <= first and last <= end and (first, last) != (start, end)


def _dated_elsewhere(claim: Claim, sources: dict[str, list[Claim]]) -> list[Claim]:
    """Return the claims that put the same event on other days."""
    return [
        other
        for claims in sources.values()
        for other in claims
        if not overlap(claim.dates, other.dates)
    ]


def conflicts_frame(conflicts: Iterable[Conflict], ledger: Ledger) -> pd.DataFrame:
    """Return conflicts, one row for every claim that takes part.

    Returns
    -------
    DataFrame
        Columns conflict, open, why (the kinds of explanation found), says, date, place, scope,
        as_of, by, source, locator, claim.
    """
    rows = [
        (
            " ".join(filter(None, (conflict.subject, conflict.predicate, conflict.item))),
            conflict.open,
            "; ".join(conflict.kinds),
            describe(claim, ledger),
            claim.when,
            claim.place,
            claim.scope,
            claim.as_of,
            claim.attributed_to,
            claim.source,
            claim.locator,
            claim.claim,
        )
        for conflict in conflicts
        for claim in conflict.claims
    ]
    names = ["conflict", "open", "why", "says", "date", "place", "scope", "as_of", "by"]
    return pd.DataFrame(rows, columns=[*names, "source", "locator", "claim"])


def checks_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings, one row each: check, holds, what, sum, claims, tables."""
    rows = [
        (f.check, f.holds, f.title, f.sum, ";".join(f.claims), ";".join(f.tables)) for f in findings
    ]
    return pd.DataFrame(rows, columns=["check", "holds", "what", "sum", "claims", "tables"])


def targets_frame(targets: Iterable[Reconciled]) -> pd.DataFrame:
    """Return targets with how each came about.

    Returns
    -------
    DataFrame
        Columns of a target, then rule, set_aside and, for every source, what leaving it out does.
    """
    rows = [
        {
            **each.target.model_dump(exclude={"note"}),
            "rule": each.rule.rule,
            "set_aside": "; ".join(f"{claim}: {why}" for claim, why in each.set_aside.items()),
            "leaving_out": "; ".join(f"{source}: {each.change(source)}" for source in each.without),
            "note": each.target.note,
        }
        for each in targets
    ]
    return pd.DataFrame(rows)


def causes_frame(ledger: Ledger) -> pd.DataFrame:
    """Return where every source stands on every cause: one row a cause, one column a source."""
    stands = matrix(ledger.causes, ledger.claims.values())
    sources = [s for s in ledger.sources if any(source == s for _, source in stands)]
    rows = [
        {
            "cause": name,
            "title": cause.title,
            "mechanisms": " ".join(cause.mechanisms),
            **{s: stands[name, s].word if (name, s) in stands else "" for s in sources},
        }
        for name, cause in ledger.causes.items()
    ]
    return pd.DataFrame(rows)


def entities_frame(entities: Iterable[Entity]) -> pd.DataFrame:
    """Return every spelling of entities and whether the rule or a person merged it."""
    rows = [
        (entity.entity, entity.kind, spelling.name, spelling.language, entity.merged_by(spelling))
        for entity in entities
        for spelling in entity.spellings
    ]
    return pd.DataFrame(rows, columns=["entity", "kind", "spelling", "language", "merged_by"])


def summary_frame(ledger: Ledger) -> pd.DataFrame:
    """Return the number of claims by category and source."""
    frame = ledger.frame
    if frame.empty:
        return pd.DataFrame(columns=["category", "all"])
    table = pd.crosstab(frame["category"], frame["source"])
    table.insert(0, "all", table.sum(axis=1))
    return table.sort_values("all", ascending=False).reset_index()
