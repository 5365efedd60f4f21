"""What the sources say of cult and narratives, beside what the pack gives."""

from __future__ import annotations

from qantar.analysis.state.beliefs import cult_index, life_of, peak
from qantar.analysis.state.checks import Check, told
from qantar.packs.country import Country
from qantar.packs.state.honours import Honours, load_honours
from qantar.packs.state.narratives import Narratives, Statement, load_narratives

ENDED_BY = ("capital", "statue-taldykorgan", "leader-of-the-nation")
"""Honours whose beginning or end the sources stress."""


def checks(country: Country) -> list[Check]:
    """Return the facts of A11 and B10 without polls, with their verdicts.

    Parameters
    ----------
    country : Country
        A fact whose rows or claims a pack lacks is left out.

    Returns
    -------
    list of Check
    """
    honours, narratives = load_honours(country), load_narratives(country)
    found: list[Check] = []
    if honours:
        found += _dates_of_honours(honours) + _cult(honours)
    if narratives:
        found += _dates_of_statements(narratives) + _lives(narratives)
    return told(country, found)


def _dates_of_honours(honours: Honours) -> list[Check]:
    found = []
    for name in ENDED_BY:
        row = honours.honour(name)
        if row:
            known = f"from {row.begins}" if row.begins and not row.begin_recalled else ""
            other = f"from {row.other_begin}" if row.other_begin else ""
            end = f"ended {row.ends} by {row.ended_by}" if row.ends else "lasts"
            text = ", ".join(filter(None, (known, other, end)))
            found.append(Check("A11", row.label, text, text, "input", row.claim_ids, row.note))
    return found


def _cult(honours: Honours) -> list[Check]:
    """Check what the sources say of the course of the cult against the index."""
    readings = (True, False)
    years = [peak(honours, 1991, 2022, recalled=each) for each in readings]
    before = [cult_index(honours, "2021", recalled=each) for each in readings]
    after = [cult_index(honours, "2022", recalled=each) for each in readings]
    range_of = "; ".join(f"{year[0]} to {year[-1]}" for year in years)
    return [
        Check(
            "A11",
            "The renaming of the capital is the high point of the cult",
            "2019",
            f"index highest in {range_of} (with and without recalled dates)",
            "hit" if all(year[0] == 2019 for year in years) else "miss",
            ("c003-intro-cult-peak",),
        ),
        Check(
            "A11",
            "The cult declines after January 2022",
            "declines",
            "; ".join(f"{a:.2f} to {b:.2f}" for a, b in zip(before, after, strict=True)),
            "hit" if all(a > b for a, b in zip(before, after, strict=True)) else "miss",
            ("c003-con-cult-decline", "c003-13-q3-decreasing"),
            "ends of 2021 and 2022, with and without recalled dates",
        ),
        Check(
            "A11",
            "It is wrong to say that the cult is gone",
            "above 0",
            "; ".join(f"{each:.2f}" for each in after),
            "hit" if all(each > 0 for each in after) else "miss",
            ("c003-con-cult-remains", "c003-con-cult-streets"),
        ),
        _first_honour(honours),
    ]


def _first_honour(honours: Honours) -> Check:
    """Check that the cult began with the title and ended with the name of the capital."""
    public = [row for row in honours.rows if row.kind != "privilege" and row.begins]
    title = next((row for row in public if row.kind == "title"), None)
    first = min((row.begins for row in public), default="")
    last = max(public, key=lambda row: row.begins[:4], default=None)
    holds = title is not None and title.begins == first and last and last.kind == "capital"
    sure = title is not None and not title.begin_recalled
    other = f", or {title.other_begin}" if title and title.other_begin else ""
    begun = f"{title.begins}{other}" if title else "no title"
    return Check(
        "A11",
        "The cult began with the title and ended with the name of the capital",
        "title first, capital last",
        f"title {begun}; last honour: {last.honour if last else 'none'}",
        ("hit" if holds else "miss") if sure else "not told",
        ("c003-con-cult-leader", "c003-con-cult-capital"),
        "" if sure else "the date of the title is recalled; the other reading has both in one year",
    )


def _dates_of_statements(narratives: Narratives) -> list[Check]:
    days: dict[str, list[Statement]] = {}
    for row in narratives.rows:
        if row.narrative in ("terrorists", "coup") and len(row.issued) == len("YYYY-MM-DD"):
            days.setdefault(row.issued, []).append(row)
    found = []
    for day, rows in sorted(days.items()):
        text = "; ".join(row.label for row in rows)
        claims = tuple(dict.fromkeys(claim for row in rows for claim in row.claim_ids))
        found.append(Check("B10", f"Statements of {day}", text, text, "input", claims))
    return found


def _lives(narratives: Narratives) -> list[Check]:
    found = []
    if "terrorists" in narratives.names:
        life = life_of(narratives, "terrorists", published="2022-01-14")
        goes_on = life.last_number is not None and life.last > life.last_number
        found.append(
            Check(
                "B10",
                "Some claims are walked back, others are repeated more strongly",
                "20,000 is dropped, the conspiracy stays",
                f"numbers to {life.last_number}, statements to {life.last}; "
                f"walked back after {life.shortest} to {life.longest} days",
                "hit" if goes_on else "miss",
                ("c001-walked-back", "c001-20000-walked-back", "c001-terror-conspiracy-repeat"),
                "no day is told for the walking back; the text is of 14 January",
            )
        )
    if "order restored" in narratives.names and "terrorists" in narratives.names:
        order = life_of(narratives, "order restored")
        later = [r for r in narratives.of("terrorists") if r.office == ""]
        found.append(
            Check(
                "B10",
                "Order is restored on 7 January",
                "2022-01-07",
                f"said three times to {order.last}; the staff speaks of clearing Almaty on "
                + ", ".join(row.issued for row in later),
                "miss" if any(row.issued > order.first.isoformat() for row in later) else "hit",
                ("c003-order-restored", "c003-stable-9", "c003-almaty-operation-12"),
                "the authorities contradict each other",
            )
        )
    return found
