"""Facts about neighbours and contributors, beside what the rule of contagion gives."""

from __future__ import annotations

from qantar.analysis.state.checks import Check
from qantar.analysis.world.contagion import ContagionRow, ContagionStudy

_SYSTEM = "C4"


def contagion_checks(study: ContagionStudy) -> list[Check]:
    """Return checks of who sent troops, how many, and of policing afterwards."""
    senders = [row for row in study.rows if row.told > 0]
    return [
        *(_check_sending(row) for row in study.rows),
        *(_check_size(row) for row in senders),
        _check_order(study, senders),
        Check(
            _SYSTEM,
            "harsher policing in the neighbourhood afterwards",
            "feared by a source; no measure is told",
            "; ".join(
                f"{row.state.country} {row.harsher[1]:+.0%} to {row.harsher[2]:+.0%}"
                for row in study.rows
            ),
            "not told",
            ("c001-leaders-encouraged", "c001-csto-precedent", "c001-cycle-neighbours"),
            "90 % of draws; the sign is open",
        ),
    ]


def _check_sending(row: ContagionRow) -> Check:
    """Judge whether a state sends troops, with itself left out."""
    member = "member" if row.state.member == "yes" else "no member"
    note = "contributes as insurance: a reading of the source" if row.told else ""
    if not row.right and not row.told:
        note = "without its own case nothing tells the rule how much membership counts"
    return Check(
        _SYSTEM,
        f"{row.state.country} ({member}) sends troops",
        f"{row.told:,.0f} persons" if row.told else "none",
        f"prior {row.sends_prior:.2f}, posterior {row.sends:.2f}, "
        f"left out {row.sends_left_out:.2f}",
        "hit" if row.right else "miss",
        row.state.claim_ids,
        note,
    )


def _check_size(row: ContagionRow) -> Check:
    """Judge a contingent by the others."""
    middle, low, high = row.size
    return Check(
        _SYSTEM,
        f"contingent of {row.state.country}",
        f"{row.told:,.0f} persons",
        f"from the others: median {middle:,.0f}, 90 % {low:,.0f} to {high:,.0f}",
        "hit" if low <= row.told <= high else "miss",
        row.claims,
        "the contingents told lie close together, so this is easy",
    )


def _check_order(study: ContagionStudy, senders: list[ContagionRow]) -> Check:
    """Judge whether the rule puts the contingents told into their order."""
    by_size = sorted(senders, key=lambda row: -row.told)
    fears = {row.state.country: row.fear for row in senders}
    wrong = [
        f"{a.state.country} and {b.state.country}"
        for a in by_size
        for b in by_size
        if a.told > b.told and fears[a.state.country] <= fears[b.state.country]
    ]
    return Check(
        _SYSTEM,
        "order of the contingents",
        ", ".join(f"{row.state.country} {row.told:,.0f}" for row in by_size),
        "fear "
        + ", ".join(f"{name} {fear:.2f}" for name, fear in fears.items())
        + f"; fear raises contingents: prior {study.insurance_prior:.2f}, "
        f"posterior {study.insurance:.2f}",
        "miss" if wrong else "hit",
        ("c001-tajikistan-motive", "c003-csto-composition"),
        f"the rule cannot order {' or '.join(wrong)}" if wrong else "",
    )
