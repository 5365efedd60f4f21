"""Facts about the alliance in the sources, beside what the pack has and the rules give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from qantar.analysis.state.checks import Check
from qantar.analysis.state.event_laws import TOLD_APART
from qantar.analysis.world.consent import ConsentRow, ConsentStudy
from qantar.analysis.world.deployment import DeploymentStudy
from qantar.packs.world.alliance import Alliance
from qantar.packs.world.alliance_tables import Contingent

_SYSTEM = "C1"


def alliance_checks(
    alliance: Alliance,
    consents: Sequence[ConsentStudy],
    codings: Mapping[str, tuple[float, float, int]],
    deployment: DeploymentStudy,
) -> list[Check]:
    """Return checks of requests, decisions, dates and sizes.

    Parameters
    ----------
    alliance : Alliance
    consents : sequence of ConsentStudy
        The main one first.
    codings : mapping of str to tuple
        Range of leave-one-out over codings, by crisis in which troops were sent.
    deployment : DeploymentStudy
    """
    return [
        *_check_inputs(alliance),
        *(_check_decision(row) for row in consents[0].rows),
        *(_check_codings(row, codings) for row in consents[0].rows if row.request.sent),
        _check_all(consents),
        _check_base_rate(consents),
        *_check_dates(alliance, deployment),
        *_check_sizes(alliance, deployment),
    ]


def _claims(rows: Sequence[Contingent]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim for row in rows for claim in row.claim_ids))


def _check_inputs(alliance: Alliance) -> list[Check]:
    """Return members, chair, request, sites and the sum of the contingents, all put in."""
    members = [row for row in alliance.states() if row.member == "yes"]
    moments = [row for row in alliance.of_kind("moment") if row.row == "requested"]
    sites = alliance.of_kind("site")
    parts, totals = alliance.of_kind("contingent"), alliance.of_kind("total")
    whole = sum(row.persons or 0.0 for row in parts)
    stated = ", ".join(f"{row.persons:,.0f}" for row in parts)
    first, last = alliance.moment("requested")
    return [
        Check(
            _SYSTEM,
            "members of the alliance",
            ", ".join(row.country for row in members),
            f"{len(members)} states",
            "input",
            tuple(dict.fromkeys(claim for row in members for claim in row.claim_ids)),
        ),
        *(
            Check(
                _SYSTEM,
                "chair of the council",
                f"{row.chair} ({row.country})",
                "who voted is not told; consent is one decision",
                "input",
                row.claim_ids,
            )
            for row in members
            if row.chair
        ),
        Check(
            _SYSTEM,
            "request",
            f"night of {first.day} to {_day(last)}" if first < last else _day(first),
            f"its middle is the beginning of {_day(last)}",
            "input",
            _claims(moments),
            "; ".join(row.note for row in moments),
        ),
        Check(
            _SYSTEM,
            "sites that were guarded",
            ", ".join(row.row.replace("-", " ") for row in sites),
            "held as data; no number by site is told",
            "input",
            _claims(sites),
        ),
        Check(
            _SYSTEM,
            "contingents and their total",
            f"{stated}; totals {_totals(totals)}",
            f"contingents sum to {whole:,.0f}",
            "input",
            _claims([*parts, *totals]),
            "the total is disputed; the contingents fit the smallest",
        ),
    ]


def _totals(rows: Sequence[Contingent]) -> str:
    low = sorted(rows, key=lambda row: row.persons or 0.0)
    return " or ".join(
        f"{'almost ' if row.reading == 'almost' else ''}{row.persons:,.0f}" for row in low
    )


def _check_decision(row: ConsentRow) -> Check:
    """Judge one decision by leave-one-out."""
    stated = "troops were sent" if row.request.sent else "no troops were sent"
    numbers = (
        f"prior {row.prior:.2f}, posterior {row.posterior:.2f}, left out {row.left_out:.2f} "
        f"(90 % of draws {row.low:.2f} to {row.high:.2f})"
    )
    note = "the verdict is that of leave-one-out; as a fitted decision it is an input"
    if not row.fitted:
        numbers += f"; with the chance of asking {row.troops:.2f}"
        note = "held out; no request is told, so the chance of asking counts"
    return Check(
        _SYSTEM,
        f"decision: {row.request.label}",
        stated,
        f"probability of troops if asked: {numbers}",
        "hit" if row.right else "miss",
        row.request.claim_ids,
        note,
    )


def _check_codings(row: ConsentRow, codings: Mapping[str, tuple[float, float, int]]) -> Check:
    """Say whether another coding of one feature would turn the verdict on a decision."""
    low, high, count = codings[row.request.crisis]
    return Check(
        _SYSTEM,
        f"{row.request.label}, coded in another way",
        "troops were sent",
        f"left out {low:.2f} to {high:.2f} over {count} codings with one feature changed",
        "hit" if low > 0.5 else "miss" if high < 0.5 else "not told",
        row.request.claim_ids,
        "features are coded by the authors",
    )


def _check_all(consents: Sequence[ConsentStudy]) -> Check:
    """Judge whether one rule gives every decision, each from the others, under every reading."""
    main = consents[0]
    rest = "; ".join(
        f"{'open signs' if each.open_signs else 'signs of the sources'}, "
        f"decisions as {each.reading}: {each.right} of {len(each.fitted)}"
        for each in consents
    )
    return Check(
        _SYSTEM,
        "one rule for refusals and consent",
        "earlier crises without troops, January 2022 with troops",
        f"each from the others: {main.right} of {len(main.fitted)}; all at once in "
        f"{main.all_prior:.0%} of prior draws and {main.all_posterior:.0%} of posterior draws",
        "hit" if main.right == len(main.fitted) else "miss",
        ("c003-321-csto-first", "c001-csto-first"),
        f"by leave-one-out: {rest}; the share of posterior draws has seen the decisions",
    )


def _check_base_rate(consents: Sequence[ConsentStudy]) -> Check:
    """Compare the rule with always refusing, and with one rate for all crises."""
    main = consents[0]
    gains = [each.log_score - each.log_score_rate for each in consents]
    apart = all(abs(gain) >= TOLD_APART for gain in gains)
    return Check(
        _SYSTEM,
        "worth of the rule",
        "features explain the decisions better than a rate",
        f"log score left out {main.log_score:.2f}, one rate {main.log_score_rate:.2f}; right sides "
        f"{main.right}, always refusing {main.right_by_refusal}",
        ("hit" if min(gains) > 0 else "miss") if apart else "not told",
        (),
        f"gains over a rate by reading and priors: {', '.join(f'{gain:.2f}' for gain in gains)}; "
        f"laws are told apart from {TOLD_APART:g} on",
    )


def _check_dates(alliance: Alliance, deployment: DeploymentStudy) -> list[Check]:
    """Judge arrival, start and end of withdrawal by the 90 % ranges of draws."""
    found = []
    for moment, name, fact in (
        ("arrives", "arrived", "first arrival"),
        ("leaving", "leaving", "start of withdrawal"),
        ("left", "left", "end of withdrawal"),
    ):
        first, last = alliance.moment(name)
        low, middle, high = deployment.range_of(moment)
        share = deployment.share_within(moment, first, last)
        row = next(each for each in alliance.of_kind("moment") if each.row == name)
        found.append(
            Check(
                _SYSTEM,
                fact,
                _day(first) if first == last else f"{_day(first)} to {_day(last)}",
                f"median {_day(middle)}, 90 % {_day(low)} to {_day(high)}; told days: {share:.0%}",
                "hit" if first <= high and last >= low else "miss",
                row.claim_ids,
                f"the prior is wide and expects it later; {row.note}".strip("; "),
            )
        )
    return found


def _check_sizes(alliance: Alliance, deployment: DeploymentStudy) -> list[Check]:
    """Judge totals and the part of the leading state by the 90 % ranges of draws."""
    totals = alliance.of_kind("total")
    told = [row.persons or 0.0 for row in totals]
    low, middle, high = np.quantile(deployment.total, (0.05, 0.5, 0.95))
    between = np.mean((deployment.total >= min(told)) & (deployment.total <= max(told)))
    leader = next(iter(deployment.contingents))
    part = deployment.contingents[leader] / deployment.total
    return [
        Check(
            _SYSTEM,
            "total of the force",
            _totals(totals),
            f"median {middle:,.0f}, 90 % {low:,.0f} to {high:,.0f}; between the totals told: "
            f"{between:.0%}",
            "hit" if all(low <= each <= high for each in told) else "miss",
            _claims(totals),
            "too wide to say which total is right",
        ),
        Check(
            _SYSTEM,
            f"part of {leader}",
            "the vast majority",
            f"more than half in {np.mean(part > 0.5):.0%} of draws; median {np.median(part):.0%}",
            "hit" if np.mean(part > 0.5) > 0.5 else "miss",
            ("c003-321-russia-majority", "c001-csto-mostly-russian", "c000-csto-mainly-russian"),
            "rests on the prior of its contingent",
        ),
    ]


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
