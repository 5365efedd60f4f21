"""Promises, referendum and fund after a crisis: checks against the sources, and predictions.

Letters: D1 the programme, D2 the referendum, D4 fund and fee, D5 promises and unrest by turns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qantar.analysis.after.fund import fund_checks
from qantar.analysis.after.promise_outlook import Board, Prediction, make_board, predict
from qantar.analysis.after.promise_scores import all_scores, left_out, verdicts_of
from qantar.analysis.after.promise_study import (
    RECENT,
    TOLD,
    PromiseStudy,
    make_study,
    status_by_month,
)
from qantar.analysis.after.referendum import referendum_checks
from qantar.analysis.state.checks import Check, told
from qantar.base.arrays import Numbers
from qantar.model.after.promises import COSTS, LAWS
from qantar.packs.after.promises import Promise
from qantar.packs.country import Country
from qantar.packs.years_tables import month_number

_POINTS = ("c003-41-mar16-date", "c003-41-mar16-ten")
_POWER = ("c003-411-promised-weaken", "c003-411-longer-power", "c003-411-power-not-weaker")


def checks(country: Country) -> list[Check]:
    """Return what the sources say about promises, referendum and fund, and what is found.

    Parameters
    ----------
    country : Country

    Returns
    -------
    list of Check
        Empty if the pack has none of the three: the part is then off. A check whose claims the
        ledger of the pack lacks is left out.
    """
    study = make_study(country)
    found = promise_checks(study) if study else []
    return told(country, [*found, *referendum_checks(country), *fund_checks(country)])


def predictions(country: Country) -> list[Prediction]:
    """Return shares of the points enacted and reversed by 2023 to 2025, with the prior beside."""
    study = make_study(country)
    return predict(study) if study else []


def promise_board(country: Country) -> Board | None:
    """Return the board of all promises, or None if the pack has none."""
    study = make_study(country)
    return make_board(study) if study else None


def monthly_status(country: Country, law: str) -> dict[str, Numbers]:
    """Return the shares of draws by status and month for every promise, given the told fates.

    Returns
    -------
    dict of str to float array (months, 4)
        By promise, from its month to the last: promised, drafted, enacted, reversed.
    """
    study = make_study(country)
    if study is None:
        return {}
    rows = study.promises.rows
    return {row.promise: status_by_month(study, law, row, told=True) for row in rows}


def promise_checks(study: PromiseStudy) -> list[Check]:
    """Return the checks on promises: D1, and D5 for the share enacted."""
    return [
        *_dates(study),
        *_each_decision(study),
        *_laws(study),
        _share_enacted(study),
        _single_term(study),
    ]


def _dates(study: PromiseStudy) -> list[Check]:
    """The promises themselves: inputs, one check an occasion."""
    by_occasion: dict[str, list[Promise]] = {}
    for row in study.promises.rows:
        by_occasion.setdefault(row.occasion, []).append(row)
    found = []
    for occasion, rows in by_occasion.items():
        dates = ", ".join(sorted({row.promised or "" for row in rows}))
        fates = sum(row.told for row in rows)
        claims = tuple(dict.fromkeys(claim for row in rows for claim in row.claim_ids))
        found.append(
            Check(
                "D1",
                f"promises: {occasion}",
                f"{len(rows)}, of {dates}",
                f"a fate is told of {fates}",
                "input",
                claims,
                "" if fates == len(rows) else "silence is no fate",
            )
        )
    return found


def _each_decision(study: PromiseStudy) -> list[Check]:
    """Whether each told fate is what the rule held likelier, given all others; all laws equal."""
    parts = {law: left_out(study, law) for law in LAWS}
    found = []
    for k, part in enumerate(parts[LAWS[0]]):
        fate = part.fate
        chance = float(np.mean([parts[law][k].left_out for law in LAWS]))
        prior = float(np.mean([parts[law][k].prior for law in LAWS]))
        until = f"{fate.until // 12}-{fate.until % 12 + 1:02d}"
        claims = tuple(dict.fromkeys(claim for row in fate.rows for claim in row.claim_ids))
        found.append(
            Check(
                "D1",
                f"decision {fate.decision}, {_many(len(fate.rows))}",
                f"{'enacted' if fate.enacted else 'not kept'} by {until}",
                f"chance to be enacted {chance:.2f} given the others, {prior:.2f} by the prior",
                "hit" if (chance > 0.5) == fate.enacted else "miss",
                claims,
                "a hit if the rule held it likelier than not; promises settled at once count once",
            )
        )
    return found


def _many(count: int) -> str:
    return "1 promise" if count == 1 else f"{count} promises settled at once"


def _laws(study: PromiseStudy) -> list[Check]:
    """Which law the fates prefer, and what is told of promises that cost core powers."""
    scores = all_scores(study)
    verdicts = verdicts_of(scores)
    shown = [score for score in scores if score.reading in (TOLD, RECENT)]
    text = "; ".join(
        f"{s.law} ({s.reading}): {s.log_left_out:.2f}, Brier {s.brier_left_out:.2f}" for s in shown
    )
    first = scores[0]
    found = [
        Check(
            "D1",
            "law of promises",
            "experts are divided on what the programme is worth",
            f"log score with each left out: {text}; "
            + ", ".join(f"{law}: {verdict}" for law, verdict in verdicts.items()),
            "not told",
            ("c003-41-expert-divided",),
            f"{first.promises} promises in {first.decisions} decisions; a law is told from the null"
            " from 3 nats on, in both scores and under every reading",
        ),
    ]
    costly = [row for row in study.promises.rows if row.core == "yes" and row.told]
    undone = [row for row in study.promises.rows if row.reversed]
    if costly:
        kept = sum(row.enacted is not None for row in costly)
        found.append(
            Check(
                "D1",
                "a promise that costs core powers is kept less, or offset",
                "the longer term strengthens the power that was to be weakened",
                f"of {len(costly)} told ones {kept} were enacted and {len(undone)} reversed;"
                f" {COSTS}: {verdicts[COSTS]}",
                "not told",
                _POWER,
                "most were settled by one vote together with others that cost nothing; that the"
                " longer term reverses the first point is our reading",
            )
        )
    return found


def _share_enacted(study: PromiseStudy) -> Check:
    """How many points were enacted by the end of the sources, beside what the prior draws."""
    points = study.promises.points
    known = [row for row in points if row.enacted]
    undone = [row for row in points if row.reversed]
    shares = [_enacted_by(study, law, points) for law in LAWS]
    low, high = np.quantile(np.concatenate(shares), (0.05, 0.95))
    until = study.promises.header.told_until
    count = len(points)
    return Check(
        "D5",
        f"points enacted by {until}",
        f"at least {len(known)} of {count}, of which {len(undone)} offset; "
        f"{count - sum(row.told for row in points)} are not told",
        f"{count * low:.0f} to {count * high:.0f} by the prior (90 %)",
        "hit" if count * high >= len(known) else "miss",
        _POINTS,
        "a lower bound can only be missed from below; which act belongs to which point is our"
        " reading",
    )


def _enacted_by(study: PromiseStudy, law: str, points: Sequence[Promise]) -> Numbers:
    """Return the expected share of the points enacted by the end of the sources: (draws,)."""
    shares = []
    for row in points:
        first = month_number(row.promised or "")
        luck = study.luck(row.promise, 1)[:, 0]
        chance = study.chance(law, study.drawn_cost(row), first, study.told_until)[:, -1]
        shares.append(luck < chance)
    return np.asarray(np.mean(shares, axis=0), np.float64)


def _single_term(study: PromiseStudy) -> Check:
    """The month of the single term: a correction of a source."""
    rows = {row.promise: row for row in study.promises.rows}
    term = rows.get("single-term")
    found = f"enacted {term.enacted}, with the seven years" if term else "no such promise"
    return Check(
        "D2",
        "month of the single term of seven years",
        "the thesis lists the single term under the vote of June",
        found,
        "input",
        ("c003-411-one-term", "c003-411-seven-years"),
        "September 2022, not June: the correct month is recalled, and was no part of the ballot",
    )
