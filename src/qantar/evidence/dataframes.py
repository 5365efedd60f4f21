"""Data frames of a ledger: timeline, decisions, conflicts, checks, targets, causes, entities."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pandas as pd

from qantar.evidence.causes import stance_matrix
from qantar.evidence.checks.arithmetic import Finding
from qantar.evidence.claims import Claim
from qantar.evidence.conflicts import Conflict, describe
from qantar.evidence.dates import overlap, within
from qantar.evidence.entities import Entity
from qantar.evidence.ledger import Ledger
from qantar.evidence.reconcile import Reconciled

DATE = "date"
"""Predicate of claims about the date of an event."""


def timeline_frame(ledger: Ledger) -> pd.DataFrame:
    """Return the claims that have a first day, in chronological order.

    Returns
    -------
    DataFrame
        Columns day, until, when (as precise as the source has it), source, locator, place, says,
        claim. `day` and `until` are the first and the last possible day.
    """
    dated = [claim for claim in ledger.claims.values() if claim.dates[0] is not None]
    dated.sort(key=lambda claim: (str(claim.dates[0]), str(claim.dates[1]), claim.claim))
    rows = [
        (
            str(claim.dates[0]),
            str(claim.dates[1] or ""),
            claim.when,
            claim.source,
            claim.locator,
            claim.place,
            claim.paraphrase,
            claim.claim,
        )
        for claim in dated
    ]
    return pd.DataFrame(
        rows, columns=["day", "until", "when", "source", "locator", "place", "says", "claim"]
    )


def decisions_frame(ledger: Ledger) -> pd.DataFrame:
    """Return the dates that each source gives for each event and decision.

    Returns
    -------
    DataFrame
        One row per event and stage; columns event, stage, one per source, and agree: yes, no or
        one source.
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
            source: "; ".join(
                dict.fromkeys(describe(claim, ledger) for claim in most_precise(claims))
            )
            for source, claims in sources.items()
        }
        every = [claim for claims in sources.values() for claim in claims]
        clash = any(
            (one.subject, one.stage) == (other.subject, other.stage)
            and not overlap(one.dates, other.dates)
            for one, other in combinations(every, 2)
        )
        first = min(str(claim.dates[0]) for claim in every)
        verdict = "no" if clash else ("yes" if len(sources) > 1 else "one source")
        rows.append({"event": event, "stage": stage, **days, "agree": verdict, "first": first})
    frame = pd.DataFrame(rows)
    if frame.empty:
        return frame
    order = [source for source in ledger.sources if source in frame.columns]
    frame = frame.sort_values(["first", "event"])[["event", "stage", *order, "agree"]]
    return frame.fillna("").reset_index(drop=True)


def most_precise(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims whose period does not contain that of a more precise claim."""
    every = list(claims)
    return [
        claim
        for claim in every
        if not any(
            within(other.dates, claim.dates) and other.dates != claim.dates for other in every
        )
    ]


def conflicts_frame(conflicts: Iterable[Conflict], ledger: Ledger) -> pd.DataFrame:
    """Return conflicts, one row for every claim involved.

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
    """Return targets with the rule and claims behind them.

    Returns
    -------
    DataFrame
        Columns of a target, then rule, set_aside (claims not used, and why), leaving_out (for every
        source, how the interval changes without it) and note.
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
    """Return the stance of every source on every cause: one row per cause, a column per source."""
    stances = stance_matrix(ledger.causes, ledger.claims.values())
    sources = [s for s in ledger.sources if any(source == s for _, source in stances)]
    rows = [
        {
            "cause": name,
            "title": cause.title,
            "mechanisms": " ".join(cause.mechanisms),
            **{s: stances[name, s].word if (name, s) in stances else "" for s in sources},
        }
        for name, cause in ledger.causes.items()
    ]
    return pd.DataFrame(rows)


def entities_frame(entities: Iterable[Entity]) -> pd.DataFrame:
    """Return all spellings of entities, and whether each was merged by rule or by hand."""
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
