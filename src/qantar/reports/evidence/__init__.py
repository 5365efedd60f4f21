"""The evidence page: a ledger as one HTML file, from what is established to every claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qantar.evidence import Ledger, Reconciled, find_checks, find_conflicts
from qantar.packs.country import Country
from qantar.reports.evidence.claim_map import claim_map
from qantar.reports.evidence.conflicts import Dispute, Shared, Sum, agreed, disputes, shared, sums
from qantar.reports.evidence.ledger import (
    RULES,
    STANCES,
    CauseGroup,
    TargetSet,
    cause_groups,
    data_sets,
    goal_sets,
    silent_causes,
    source_entries,
    summary,
)
from qantar.reports.evidence.names import Reader, page_window
from qantar.reports.evidence.timeline import KINDS, decision_rows, mark, strip_days, timeline
from qantar.reports.phrases import USE_NAMES
from qantar.reports.style import many, render

_SHOWN = 12
"""Agreed quantities that are shown at once; the rest can be unfolded."""

_NAMED = 6
"""Open conflicts named in the summary."""


def render_evidence(
    country: Country, ledger: Ledger, targets: Mapping[str, Sequence[Reconciled]]
) -> str:
    """Return the evidence of a country as one HTML page without external files.

    Parameters
    ----------
    country : Country
    ledger : Ledger
    targets : mapping
        The reconciled targets by the name of their episode or period.

    Returns
    -------
    str
        The page. Every claim has the anchor ``claim-<id>``; the same ledger and targets give the
        same page, byte for byte.
    """
    reader = Reader(ledger)
    window = page_window(country, ledger)
    conflicts = find_conflicts(ledger)
    disputed = disputes(reader, conflicts, window)
    added = sums(reader, find_checks(ledger))
    goals = goal_sets(reader, targets)
    causes = cause_groups(reader)
    sets = data_sets(reader)
    same = agreed(reader, conflicts, window)
    conflict_of = {(d.key[0], d.key[1]): (d.anchor, d.open) for d in disputed}
    conflict_of |= {(d.key[0], d.key[1]): (d.anchor, True) for d in disputed if d.open}
    open_near = [d for d in disputed if d.open and d.near and not d.cause]
    return render(
        "evidence.html.j2",
        country=country.header.country,
        window=window,
        badges=list(reader.badges.values()),
        total=len(ledger.claims),
        cards=_cards(reader, disputed, added, goals),
        sentences=_sentences(reader, shared(reader, conflicts), added, causes),
        foremost=open_near[:_NAMED],
        agreed_first=same[:_SHOWN],
        agreed_rest=same[_SHOWN:],
        decisions=decision_rows(reader, window, conflict_of),
        strip_days=strip_days(window),
        timeline=timeline(reader, window),
        kinds=[(kind, mark(kind, "translate(7 7)")) for kind in KINDS],
        open_near=open_near,
        open_far=[d for d in disputed if d.open and not d.near and not d.cause],
        open_causes=[d for d in disputed if d.open and d.cause],
        explained=[d for d in disputed if not d.open],
        fails=[each for each in added if not each.holds],
        holds=[each for each in added if each.holds],
        table_titles={name: table.header.title for name, table in ledger.tables.items()},
        goal_sets=goals,
        rules=RULES,
        uses=USE_NAMES,
        map=claim_map(country, reader, window),
        causes=causes,
        silent=silent_causes(reader, causes),
        stances=list(STANCES.values()),
        sets=sets,
        sets_summary=summary(sets),
        ledger=source_entries(reader, _parts_by_claim(disputed, added, goals)),
    )


def _cards(
    reader: Reader, disputed: Sequence[Dispute], added: Sequence[Sum], goals: Sequence[TargetSet]
) -> list[tuple[str, str, str, str]]:
    """Return the big numbers: what, how many, what it means, where on the page."""
    still_open = sum(each.open for each in disputed)
    fails = sum(not each.holds for each in added)
    from_sources = f"of {many(len(reader.badges), 'source')}"
    return [
        ("Claims", f"{len(reader.ledger.claims):,}", from_sources, "ledger"),
        (
            "Conflicts left open",
            f"{still_open:,}",
            "nothing in the claims explains them",
            "disputed",
        ),
        (
            "Conflicts explained",
            f"{len(disputed) - still_open:,}",
            "by scope, area, stage or day",
            "explained",
        ),
        ("Sums that fail", f"{fails:,}", f"{len(added) - fails:,} others hold", "arithmetic"),
        (
            "Targets",
            f"{sum(each.total for each in goals):,}",
            f"in {many(len(goals), 'set')}" if goals else "none declared",
            "targets",
        ),
    ]


def _sentences(
    reader: Reader, both: Shared, added: Sequence[Sum], causes: Sequence[CauseGroup]
) -> list[str]:
    """Return what is established and what is not, in a few sentences."""
    says = many(len(reader.ledger.claims), "checkable statement")
    sentences = [f"{many(len(reader.badges), 'source')} make {says}."]
    if both.total:
        sentences.append(
            f"More than one source gives {many(both.total, 'quantity', 'quantities')}: "
            f"{both.quiet} without a conflict, {both.explained} with a conflict that the claims "
            f"explain, and {both.open} with an unexplained one."
        )
    rows = [row for group in causes for row in group.rows]
    if rows:
        split = sum(row.sides == 2 for row in rows)
        without = sum(not row.mechanisms for row in rows)
        sentences.append(
            f"They mention {many(len(rows), 'cause')} and disagree about {split} of them; "
            f"{without} of them are not in the model yet."
        )
    fails = sum(not each.holds for each in added)
    if added:
        sentences.append(f"Of {many(len(added), 'sum')} that can be checked, {fails} fail.")
    return sentences


def _parts_by_claim(
    disputed: Sequence[Dispute], added: Sequence[Sum], goals: Sequence[TargetSet]
) -> dict[str, list[tuple[str, str]]]:
    """Return for each claim the parts of the page that rest on it."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for dispute in disputed:
        word = "open conflict" if dispute.open else "explained conflict"
        for ref in dispute.refs:
            parts.setdefault(ref.claim, []).append((word, dispute.anchor))
    for check in added:
        if not check.holds:
            for ref in check.refs:
                parts.setdefault(ref.claim, []).append(("failing sum", check.anchor))
    for goal_set in goals:
        for group in goal_set.groups:
            for goal in group.goals:
                for ref in goal.used:
                    parts.setdefault(ref.claim, []).append((f"target {goal.name}", goal.anchor))
    return parts
