"""Facts of Russia and of the balance that are put in, follow by counting, or are not told."""

from __future__ import annotations

from collections.abc import Sequence

from qantar.analysis.state.beliefs import belief
from qantar.analysis.state.checks import Check
from qantar.analysis.world.balance_picture import partner_table
from qantar.packs.country import Country
from qantar.packs.state.polls import load_polls
from qantar.packs.world.balance import Balance
from qantar.packs.world.balance_tables import IMPORTS, Act, Dependence


def fact_checks(country: Country, balance: Balance) -> list[Check]:
    """Return the facts that no rule bears on.

    Parameters
    ----------
    country : Country
    balance : Balance
    """
    return [
        *_dependence(balance),
        *_imports(balance),
        *_survey(country),
        *_acts(balance),
        *_order(balance),
        *_partners(balance),
        *_untold(),
    ]


def _dependence(balance: Balance) -> list[Check]:
    """Numbers that the pack holds: inputs."""
    found = []
    for row in balance.dependence:
        if row.grade != "assumed":
            number = f"{row.low:g}" if row.low == row.high else f"{row.low:g} to {row.high:g}"
            has = f"{number} {row.unit}, {row.begins or 'until'} to {row.ends}"
            fact = f"{row.series.replace('_', ' ').capitalize()}: {row.partner}, {row.ends}"
            system = "C2" if row.partner.startswith("Russia") else "C3"
            stated = f"{number} {row.unit}"
            found.append(Check(system, fact, stated, has, "input", row.claim_ids, row.note))
    return found


def _imports(balance: Balance) -> list[Check]:
    """Whether what is said of imports fits together."""
    russia = balance.series(IMPORTS, "Russia")
    asia = balance.series(IMPORTS, "China, Korea and Japan")
    if len(russia) < 2 or len(asia) < 2:
        return []
    fall = russia[0].middle - russia[-1].middle
    gain = asia[-1].middle - asia[0].middle
    return [
        Check(
            "C2",
            "Russia remains the largest supplier",
            "the largest of any",
            _largest(balance),
            "not told",
            ("c003-42-russian-imports-largest", "c003-42-import-share-russia"),
            "the three shares that are told agree with it; other suppliers are not told",
        ),
        Check(
            "C2",
            "Imports from Russia grow while its share falls",
            "both are stated",
            f"its share falls by {fall:.1f} points; no amount is told, so both may hold",
            "not told",
            ("c003-42-logistics-breaks", "c003-42-import-share-russia-before"),
        ),
        Check(
            "C3",
            "Broken routes cost the West its share of imports",
            "routes from the West broke",
            f"Asia gains {gain:.1f} points, Russia loses {fall:.1f}: all others together lose "
            f"{gain - fall:.1f}; the share of the West before is not told",
            "not told",
            ("c003-42-logistics-breaks", "c003-42-import-share-eu-usa"),
        ),
    ]


def _largest(balance: Balance) -> str:
    latest: dict[str, Dependence] = {row.partner: row for row in balance.series(IMPORTS)}
    shares = sorted(latest.values(), key=lambda row: -row.middle)
    return ", ".join(f"{row.partner} {row.middle:g}" for row in shares) + " percent"


def _survey(country: Country) -> list[Check]:
    """The survey of the thesis on Russia: shares are inputs of the state; here what is read."""
    polls = load_polls(country)
    leave = polls.answer("thesis", "q6", "leave-influence") if polls is not None else None
    if polls is None or leave is None or leave.count is None:
        return []
    rows = [polls.answer("thesis", "q6", name) for name in ("cooperate", "not-ready")]
    shares = ", ".join(f"{row.share:g}" for row in (leave, *rows) if row is not None)
    low = belief(leave).low
    claims = ("c003-42-q6-leave", "c003-42-q6-cooperate", "c003-42-q6-notready")
    return [
        Check(
            "C2",
            "Leave Russian influence, cooperate, not ready",
            "66.1, 21.0 and 18.5 percent",
            f"{shares} percent of {leave.sample}; several answers were allowed",
            "input",
            claims,
        ),
        Check(
            "C2",
            "More than half see Russian influence negatively",
            "over 50 percent",
            f"{leave.share:g} percent, at least {100 * low:.1f} for chance alone",
            "hit" if low > 0.5 else "not told",
            ("c003-42-q6-majority",),
            "a reading of counts and no outcome of the rule; of respondents, for the sample was "
            "invited and stands for nobody else",
        ),
    ]


def _acts(balance: Balance) -> list[Check]:
    """Dated acts: inputs."""
    found = []
    for act in balance.acts:
        number = f", {act.number:g} {act.unit}" if act.number is not None else ""
        system = "C2" if act.actor in ("society", "abroad") and act.partner == "Russia" else "C3"
        stated = f"{act.date}{number}"
        has = f"{act.actor}, {act.direction} {_where(act)}{number}"
        found.append(Check(system, act.label, stated, has, "input", act.claim_ids, act.note))
    return found


def _where(act: Act) -> str:
    return {"away": "from ", "toward": "", "open": "on "}[act.direction] + act.partner


def _order(balance: Balance) -> list[Check]:
    """Whether dates that the pack has from separate passages come in the order that is told."""
    pairs = (
        ("sanctions-pledge", "quasi-states", "The pledge comes before the word of quasi-states",
         ("c003-42-sanctions-pledge", "c003-42-spief-date")),
        ("quasi-states", "pipeline", "The pipeline is suspended after the word of quasi-states",
         ("c003-43-cpc-after",)),
    )  # fmt: skip
    found = []
    for first, second, fact, claims in pairs:
        one, two = balance.act(first), balance.act(second)
        if one is not None and two is not None:
            found.append(
                Check(
                    "C3",
                    fact,
                    "before and after",
                    f"{one.date} and {two.date}",
                    "input",
                    claims,
                    "an order of dates, no proof of a cause; acts of Russia follow no rule here",
                )
            )
    return found


def _partners(balance: Balance) -> list[Check]:
    """What is told of partners other than Russia."""
    table = partner_table(balance).set_index("partner")
    found = []
    for row in balance.memberships:
        recalled = f"; recalled: {', '.join(row.recalled_columns)}" if row.recalled else ""
        found.append(
            Check(
                "C3",
                f"Member of {row.label}",
                f"a member in {row.seen_in}" if row.seen_in else "the body is only named",
                f"since {row.begins}{recalled}",
                "input",
                row.claim_ids,
                row.note,
            )
        )
    for partner, claims in _OTHERS.items():
        count = int(table.loc[[partner], ["toward", "away", "open"]].to_numpy().sum())
        found.append(
            Check(
                "C3",
                f"Policy moves toward {partner}",
                "advised, or good relations in general",
                f"{count} dated acts of the country toward or away; the rule has no index for it",
                "not told",
                claims,
            )
        )
    return found


_OTHERS: dict[str, tuple[str, ...]] = {
    "West": ("c002-foreign-amicable", "c001-multivector"),
    "China": ("c001-multivector", "c003-43-satpayev-china"),
    "Turkic states": ("c003-43-satpayev-turkic",),
}


def _untold() -> Sequence[Check]:
    """Facts on which nothing in the model bears."""
    return (
        Check(
            "C2",
            "Moscow pressed the first president to go in 2019 and kept the second in 2022",
            "so says a political scientist",
            "decisions in Moscow are no part of the model",
            "not told",
            ("c003-42-kovtunovsky-pressure", "c003-42-kovtunovsky-tokayev"),
        ),
        Check(
            "C2",
            "Russians who flee the mobilisation turn feeling against Russia",
            "feeling grows",
            "no number of arrivals is told, and the rule of sentiment has no migration",
            "not told",
            ("c003-42-anti-russian-migration", "c003-42-exodus-kz"),
        ),
        Check(
            "C3",
            "Leaving the bodies that Russia leads would make it hostile",
            "stated by a political scientist",
            "nobody left, so the cost was never seen",
            "not told",
            ("c003-42-hostile-regime", "c003-42-exit-reaction", "c003-42-orgs-sanction-risk"),
        ),
    )
