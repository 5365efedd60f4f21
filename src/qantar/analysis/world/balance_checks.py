"""What the sources say of Russia and of the balance, beside what the rules give."""

from __future__ import annotations

from collections.abc import Sequence

from qantar.analysis.state.beliefs import belief
from qantar.analysis.state.checks import Check, Verdict, told
from qantar.analysis.state.event_laws import TOLD_APART
from qantar.analysis.world.balance import NULL, reading_table, score_table, sign_table
from qantar.analysis.world.balance_members import DISTANCE, OPEN, RUSSOCENTRIC, own_acts
from qantar.analysis.world.balance_picture import partner_table
from qantar.analysis.world.balance_sentiment_checks import sentiment_checks
from qantar.packs.country import Country
from qantar.packs.state.polls import load_polls
from qantar.packs.world.balance import Balance, load_balance
from qantar.packs.world.balance_tables import IMPORTS, Act, Dependence

CERTAIN = 0.95
"""Posterior chance from which on a disputed sign counts as found."""


def checks(country: Country) -> list[Check]:
    """Return the facts of C2 and C3; none if the pack has no balance.

    Parameters
    ----------
    country : Country
        A fact whose claims its ledger lacks is left out.

    Returns
    -------
    list of Check
    """
    balance = load_balance(country)
    if balance is None:
        return []
    found = [
        *_dependence(balance),
        *_imports(balance),
        *_survey(country),
        *sentiment_checks(country, balance),
        *_acts(balance),
    ]
    if own_acts(balance):
        found += [*_accounts(country, balance), *_signs(country, balance)]
    return told(country, [*found, *_order(balance), *_partners(balance), *_untold()])


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


def _accounts(country: Country, balance: Balance) -> list[Check]:
    """The forecast of a turn toward Russia against the later account of distance and the null."""
    table = score_table(country, balance)
    if table.empty:
        return []
    readings = reading_table(country, balance)
    known = table[table.knowledge.isin(["war known", "any"])].set_index("account")
    early = table[table.knowledge != "war known"].set_index("account")
    lead = known.log_score[DISTANCE] - known.log_score[RUSSOCENTRIC]
    before = early.log_score[DISTANCE] - early.log_score[RUSSOCENTRIC]
    away, acts = int(known.away[NULL]), int(known.acts[NULL])
    few = f"{acts} acts, chosen by one source, two of them two days apart"
    apart: Verdict = "not told"
    if abs(lead) >= TOLD_APART:
        apart = "hit" if lead > 0 else "miss"
    return [
        Check(
            "C3",
            "The forecast of a turn toward Russia is not borne out",
            "seed-002: he may turn to Russia; seed-003: distance",
            f"{away} of {acts} acts move away; log scores, war known: distance "
            f"{known.log_score[DISTANCE]:.2f}, turn {known.log_score[RUSSOCENTRIC]:.2f}, null "
            f"{known.log_score[NULL]:.2f}; lead {lead:.2f} nats, {before:.2f} with no war known",
            apart,
            ("c002-f-russocentric", "c003-42-alienation"),
            f"{few}; told apart from {TOLD_APART:g} nats on. Under other readings the lead is "
            f"{readings.lead.min():.2f} to {readings.lead.max():.2f}. The account of distance was "
            "written after the acts, so its score is no forecast",
        ),
        _against_null(RUSSOCENTRIC, "turn toward Russia", known.against_null, early.against_null,
                      ("c002-f-russocentric",), few),
        _against_null(DISTANCE, "distance", known.against_null, early.against_null,
                      ("c003-42-alienation",), few),
    ]  # fmt: skip


def _against_null(
    account: str,
    name: str,
    known: object,
    early: object,
    claims: tuple[str, ...],
    few: str,
) -> Check:
    gain, before = float(known[account]), float(early[account])  # type: ignore[index]
    verdict: Verdict = "not told"
    if abs(gain) >= TOLD_APART:
        verdict = "hit" if gain > 0 else "miss"
    return Check(
        "C3",
        f"The account of {name} beats constant odds",
        "nothing: the comparison is ours",
        f"{gain:+.2f} nats with the war known, {before:+.2f} without",
        verdict,
        claims,
        few,
    )


def _signs(country: Country, balance: Balance) -> list[Check]:
    """Disputed signs under the account that leaves them open."""
    table = sign_table(country, balance)
    rows = table[table.account == OPEN].set_index("effect")
    facts = (
        ("war", True, "The war pushes policy away from Russia", ("c003-42-alienation",)),
        ("debt", False, "The debt for the troops pulls policy to Russia", ("c001-moscow-debt",)),
    )
    found = []
    for effect, positive, fact, claims in facts:
        row = rows.loc[effect]
        numbers = [row.prior, row.posterior, row.without_one_low, row.without_one_high]
        if not positive:
            numbers = [1 - each for each in numbers]
        prior, posterior = numbers[:2]
        low, high = sorted(numbers[2:])
        verdict: Verdict = "not told"
        if max(posterior, 1 - posterior) >= CERTAIN:
            verdict = "hit" if posterior >= CERTAIN else "miss"
        found.append(
            Check(
                "C3",
                fact,
                "stated" if positive else "speculated",
                f"chance {prior:.2f} by the prior, {posterior:.2f} after all acts; "
                f"{low:.2f} to {high:.2f} with one act left out",
                verdict,
                claims,
                "signs left open",
            )
        )
    return found


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
