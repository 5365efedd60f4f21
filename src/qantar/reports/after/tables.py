"""Rows of the tables of the page after a crisis: a dict of text a row, claims under ``claims``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from qantar.analysis.after.fund import fund_table
from qantar.analysis.after.overview import AfterRecord
from qantar.analysis.after.prosecutions import disputes
from qantar.packs.world.alliance_tables import Contingent
from qantar.reports.after import promises, prosecutions, scorecards
from qantar.reports.world import alliance, balance

Rows: TypeAlias = list[dict[str, str]]

_FUND_YEARS = 4

_MOMENTS = {
    "requested": "Troops are asked for",
    "arrived": "The first troops arrive",
    "stabilised": "Order is declared restored",
    "leaving": "The troops begin to leave",
    "left": "The last troops have left",
}


def promise_rows(record: AfterRecord) -> Rows:
    """Return the board as rows."""
    return [] if record.board is None else promises.board_rows(record.board)


def promise_prediction_rows(record: AfterRecord) -> Rows:
    """Return the shares of the points, in percent."""
    return promises.prediction_rows(record.promise_predictions)


def referendum_rows(record: AfterRecord) -> Rows:
    """Return the printed numbers of the vote."""
    vote = record.contents.referendum
    return [
        {
            "number": fact.label,
            "value": f"{fact.value:,.2f}" if fact.kind == "percent" else f"{fact.value:,.0f}",
            "unit": fact.unit,
            "date": fact.date,
            "claims": fact.claims,
        }
        for fact in (vote.facts.values() if vote is not None else ())
    ]


def fund_rows(record: AfterRecord) -> Rows:
    """Return what is told of the fund and the fee."""
    part = record.contents.fund
    return [
        {
            "what": item.label,
            "kind": item.kind,
            "amount": "not told" if item.amount is None else f"{item.amount:,.0f} {item.unit}",
            "date": item.date,
            "claims": item.claims,
        }
        for item in (part.items if part is not None else ())
    ]


def fund_year_rows(record: AfterRecord) -> Rows:
    """Return what the rules of the fund draw, by law, for its first years."""
    rows = fund_table(record.country)
    shown = min((row.year for row in rows), default=0) + _FUND_YEARS
    return [
        {
            "law": row.law,
            "year": str(row.year),
            **{
                name: "{1:,.0f} ({0:,.0f} to {2:,.0f})".format(*getattr(row, name))
                for name in ("donations", "spending", "balance")
            },
        }
        for row in rows
        if row.year < shown
    ]


def published_rows(record: AfterRecord) -> Rows:
    """Return the published counts of prosecutions."""
    return [] if record.prosecutions is None else prosecutions.published_rows(record.prosecutions)


def prosecution_prediction_rows(record: AfterRecord) -> Rows:
    """Return what the rule of prosecutions gives."""
    return [] if record.prosecutions is None else prosecutions.prediction_rows(record.prosecutions)


def side_by_side(record: AfterRecord) -> dict[str, Rows]:
    """Return the disputed numbers of persons detained: a table a crisis, a column a publisher."""
    part = record.contents.prosecutions
    found: dict[str, Rows] = {}
    rows = disputes(part) if part is not None else []
    for event in dict.fromkeys(row.event for row in rows):
        own = [row for row in rows if row.event == event]
        publishers = list(dict.fromkeys(row.publisher for row in own))
        found[event] = [
            {
                "date": row.date or "not dated",
                **{name: row.number if name == row.publisher else "" for name in publishers},
                "beside the others": row.beside,
                "claims": row.claims,
            }
            for row in own
        ]
    return found


def timeline_rows(record: AfterRecord) -> Rows:
    """Return requests, moments and contingents of the alliance by date."""
    part = record.contents.alliance
    if part is None:
        return []
    dated: list[tuple[str, dict[str, str]]] = []
    for request in part.requests:
        mark = "● troops" if request.sent else "○ no troops"
        row = {"when": request.when, "what": request.label, "mark": mark}
        asked = f"request: {request.asked}"
        dated.append((request.when, {**row, "detail": asked, "claims": request.claims}))
    for each in part.contingents:
        dated.append((each.day, _of_contingent(each)))
    return [row for _, row in sorted(dated, key=lambda pair: pair[0])]


def _of_contingent(row: Contingent) -> dict[str, str]:
    when = row.begins if row.ends == row.begins else f"{row.begins} to {row.ends}"
    persons = "" if row.persons is None else f"{row.persons:,.0f} persons"
    if row.reading == "almost":
        persons = f"almost {persons}"
    what, mark = {
        "contingent": (f"Contingent of {row.country}", "▲ contingent"),
        "total": ("Total of the force, as told", "Σ total"),
        "moment": (_MOMENTS.get(row.row, row.row), "│ moment"),
        "site": (f"Guarded: {row.row.replace('-', ' ')}", "■ site"),
    }[row.kind]
    detail = "; ".join(part for part in (persons, row.note) if part)
    return {"when": when, "what": what, "mark": mark, "detail": detail, "claims": row.claims}


def decision_rows(record: AfterRecord) -> Rows:
    """Return the decisions of the alliance and what the rule gives to each."""
    return [] if record.alliance is None else alliance.alliance_rows(record.alliance)


def contagion_rows(record: AfterRecord) -> Rows:
    """Return the states of the neighbourhood."""
    return [] if record.alliance is None else alliance.contagion_rows(record.alliance)


def membership_rows(record: AfterRecord) -> Rows:
    """Return predicted memberships."""
    return [] if record.alliance is None else alliance.prediction_rows(record.alliance)


def act_rows(record: AfterRecord) -> Rows:
    """Return dated acts, with the chance that two rival accounts gave to a move away."""
    if record.balance is None or record.contents.balance is None:
        return []
    claims = {(act.date, act.label): act.claims for act in record.contents.balance.acts}
    rows = balance.balance_rows(record.balance)
    return [{**row, "claims": claims.get((row["date"], row["what"]), "")} for row in rows]


def score_rows(record: AfterRecord) -> Rows:
    """Return what monitors would show."""
    return [] if "scorecards" in record.absent else scorecards.scorecard_rows(record.country)


TABLES: dict[str, Callable[[AfterRecord], Rows]] = {
    "after_promises": promise_rows,
    "after_referendum": referendum_rows,
    "after_fund": fund_rows,
    "after_prosecutions": published_rows,
    "after_alliance": timeline_rows,
    "after_decisions": decision_rows,
    "after_contagion": contagion_rows,
    "after_balance": act_rows,
}
"""Tables that are written beside the page, apart from checks, systems and predictions."""


def claims_of(tables: Iterable[Rows]) -> set[str]:
    """Return the claims that the rows of tables cite."""
    cells = (row.get("claims", "") for rows in tables for row in rows)
    return {claim.strip() for cell in cells for claim in cell.split(";") if claim.strip()}
