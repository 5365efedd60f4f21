"""What is known of the time after a crisis, and what is not, in plain sentences."""

from __future__ import annotations

import calendar
import datetime as dt

from qantar.analysis.after.overview import AfterRecord
from qantar.analysis.after.prosecutions import PRIOR, disputes
from qantar.analysis.world.balance import split
from qantar.analysis.world.balance_forces import PARTNER
from qantar.packs.after.prosecutions import ProsecutionCount
from qantar.reports.style import many


def crisis_month(record: AfterRecord) -> str:
    """Return the name of the month of the crisis, or "the crisis" if no part dates it."""
    if record.contents.alliance is not None:
        return calendar.month_name[record.contents.alliance.moment("requested")[0].month]
    if record.prosecutions is not None:
        first = dt.date.fromisoformat(record.prosecutions.runs[PRIOR].month(0)[:7] + "-01")
        return calendar.month_name[first.month]
    return "the crisis"


def known(record: AfterRecord) -> list[str]:
    """Return what the sources say, a sentence or two a part."""
    makers = (_promises_told, _vote, _detained, _troops, _acts)
    return [text for make in makers if (text := make(record))]


def unknown(record: AfterRecord) -> list[str]:
    """Return what no source or rule says, a sentence or two a part."""
    makers = (_promises_open, _fund, _fates, _why_troops, _turn, _scores)
    return [text for make in makers if (text := make(record))]


def _promises_told(record: AfterRecord) -> str:
    part = record.contents.promises
    if part is None:
        return ""
    enacted = sum(row.enacted is not None for row in part.rows)
    broken = sum(bool(row.open_until) and row.enacted is None for row in part.rows)
    undone = sum(row.reversed is not None for row in part.rows)
    return (
        f"The list has {many(len(part.rows), 'dated promise')}. By {part.header.told_until} the "
        f"sources tell of {enacted} that were enacted ({undone} of them later undone or offset) "
        f"and of {broken} that were not kept. Some of these fates are readings of a text: the "
        "table has the grade of each."
    )


def _promises_open(record: AfterRecord) -> str:
    part = record.contents.promises
    if part is None or record.board is None:
        return ""
    silent = sum(not row.told for row in part.rows)
    return (
        f"What became of {many(silent, 'promise')} no source read here tells. Silence "
        "does not mean that they failed. Promises were settled in "
        f"{many(record.board.decisions, 'decision')} only, too few to say what makes one last."
    )


def _vote(record: AfterRecord) -> str:
    vote = record.contents.referendum
    if vote is None:
        return ""
    return (
        f"In the referendum {vote.value('turnout'):g} % of electors took part; "
        f"{vote.of_ballots('yes'):.1f} % of the ballots said yes, {vote.of_ballots('no'):.1f} % "
        "no. Results by region are not told, so those of the model are drawn."
    )


def _fund(record: AfterRecord) -> str:
    part = record.contents.fund
    if part is None or any(item.amount is not None for item in part.items):
        return ""
    return "How much the fund got and spent no source read here tells: its amounts are a prior."


def _detained(record: AfterRecord) -> str:
    rows = _main(record)
    if len(rows) < 2:
        return ""
    told = "; ".join(f"{row.text} ({row.publisher}, {row.date})" for row in rows)
    return (
        f"How many were detained is told in {len(rows)} dated numbers, which differ: {told}. None "
        "of them is taken for the right one."
    )


def _main(record: AfterRecord) -> list[ProsecutionCount]:
    """Return the dated numbers of persons detained in the first crisis of the table."""
    part = record.contents.prosecutions
    found = disputes(part) if part is not None else []
    events = [row.event for row in found]
    if part is None or not events:
        return []
    rows = part.of_stage("arrested", events[0])
    kept = (r for r in rows if r.date and r.low is not None and not r.subset_of)
    return sorted(kept, key=lambda r: r.date)


def _fates(record: AfterRecord) -> str:
    if not _main(record):
        return ""
    return (
        "What became of most of the detained is not told, nor by what rule they were sorted. "
        "Numbers of later sentences below follow from wide priors and a few counts."
    )


def _troops(record: AfterRecord) -> str:
    part = record.contents.alliance
    if part is None:
        return ""
    total = sum(row.persons or 0 for row in part.of_kind("contingent"))
    others = " or ".join(
        f"{'almost ' if row.reading == 'almost' else ''}{row.persons:,.0f}"
        for row in part.of_kind("total")
    )
    stay = (
        f"from {part.moment('arrived')[0]} on; their leaving began on {part.moment('leaving')[0]}"
    )
    return (
        f"Allied troops were there {stay}. The contingents told sum to {total:,.0f} persons; the "
        f"totals told are {others}."
    )


def _why_troops(record: AfterRecord) -> str:
    study = record.alliance
    if study is None:
        return ""
    sent = [row for row in study.consent.fitted if row.request.sent]
    if not sent:
        return ""
    row = sent[-1]
    others = many(len(study.consent.fitted) - 1, "other decision")
    told = "so it does not foresee it" if row.left_out < 0.5 else "so it foresees it"
    return (
        f"Why the alliance sent troops: from {others} alone the rule gives a chance of "
        f"{row.left_out:.2f} (90 % from {row.low:.2f} to {row.high:.2f}), {told}."
    )


def _acts(record: AfterRecord) -> str:
    part = record.contents.balance
    if part is None:
        return ""
    _, after = split(part.own_acts(PARTNER))
    away = sum(act.direction == "away" for act in after)
    return (
        f"The sources date {many(len(after), 'act')} of the state or of firms after the crisis "
        f"with a direction: {away} away from {PARTNER}, {len(after) - away} toward it."
    )


def _turn(record: AfterRecord) -> str:
    if record.contents.balance is None:
        return ""
    return (
        f"Whether the country turns away from {PARTNER} for good so few acts cannot tell, and "
        "they were chosen by one source. Feeling by language group was asked once only."
    )


def _scores(record: AfterRecord) -> str:
    cards, laws = record.contents.scorecards, record.score_laws
    if cards is None or laws.empty:
        return ""
    better = int((laws["rule"] > laws["random walk"]).sum())
    return (
        f"Whether monitors will see a change: for {better} of {len(laws)} the rule predicts their "
        "scores better than the last score repeated. No score after "
        f"{max(score.year for score in cards.scores)} was used."
    )
