"""What the sources say of Russia and of the balance, beside what the rules give."""

from __future__ import annotations

from qantar.analysis.state.checks import Check, Verdict, told
from qantar.analysis.state.event_laws import TOLD_APART
from qantar.analysis.world.balance import NULL, reading_table, score_table, sign_table
from qantar.analysis.world.balance_fact_checks import fact_checks
from qantar.analysis.world.balance_members import DISTANCE, OPEN, RUSSOCENTRIC, own_acts
from qantar.analysis.world.balance_sentiment_checks import sentiment_checks
from qantar.packs.country import Country
from qantar.packs.world.balance import Balance, load_balance

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
    found = [*fact_checks(country, balance), *sentiment_checks(country, balance)]
    if own_acts(balance):
        found += [*_accounts(country, balance), *_signs(country, balance)]
    return told(country, found)


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
