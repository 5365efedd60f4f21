"""The referendum of a pack: drawn turnout and yes votes, beside the printed result."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from qantar.analysis.after.numbers import DRAWS, drawn, score_at
from qantar.analysis.state.checks import Check, Verdict
from qantar.base.arrays import Numbers
from qantar.model.after.referendum import NAME, VoteNumbers, Votes, hold_vote
from qantar.packs.after.referendum import Referendum, load_referendum
from qantar.packs.country import Country, largest_remainder
from qantar.packs.state.polls import load_polls
from qantar.packs.years import load_years
from qantar.packs.years_tables import FOLDER as YEARS
from qantar.packs.years_tables import Election, first_day
from qantar.rng import key_of, stable_id

PRIOR, PRECEDENTS, SURVEY = "prior", "earlier votes", "survey"
"""Where approval and mobilisation come from: stated priors; the votes before this one; or, for
approval alone, a survey of answers on the programme."""

_PROGRAMME = "programme"
_FOR, _AGAINST, _MORE = "believe", "disbelieve", "more-reforms"


class DrawnVote(NamedTuple):
    """Votes drawn under a belief.

    Attributes
    ----------
    belief : str
    votes : tuple of Votes
        One a draw.
    based_on : int
        Votes or answers that the belief rests on; 0 for the prior.
    """

    belief: str
    votes: tuple[Votes, ...]
    based_on: int

    @property
    def turnout(self) -> Numbers:
        """Turnout by draw, in percent."""
        return np.array([100 * vote.turnout for vote in self.votes])

    @property
    def yes(self) -> Numbers:
        """Yes in percent of the ballots, by draw."""
        return np.array([100 * vote.yes_share for vote in self.votes])


def electors_of(country: Country, total: int) -> dict[str, int]:
    """Return electors by region, in proportion to residents: no source tells them by region."""
    residents = dict.fromkeys((region.region for region in country.regions), 0)
    for place in country.places:
        residents[place.region] += place.population
    shares = np.array(list(residents.values()), float)
    parts = largest_remainder(shares / shares.sum(), total)
    return dict(zip(residents, map(int, parts), strict=True))


def draw_votes(country: Country, draws: int = DRAWS, seed: int = 1) -> list[DrawnVote]:
    """Return votes drawn under each belief that the pack allows; empty without a referendum."""
    vote = load_referendum(country)
    if vote is None:
        return []
    electors = electors_of(country, vote.electorate)
    numbers = drawn(NAME, draws, seed)
    beliefs = [(PRIOR, numbers, 0)]
    before = earlier_votes(country, vote)
    if len(before) > 2:
        beliefs.append((PRECEDENTS, _from_votes(numbers, before, seed), len(before)))
    answers = survey_answers(country)
    if answers:
        approval = _from_survey(numbers, answers)
        beliefs.append((SURVEY, approval, sum(answers.values())))
    return [
        DrawnVote(name, tuple(_hold(electors, each, k, seed) for k in range(draws)), count)
        for name, each, count in beliefs
    ]


def _hold(electors: dict[str, int], numbers: dict[str, Numbers], k: int, seed: int) -> Votes:
    values = VoteNumbers(*(float(numbers[name][k]) for name in VoteNumbers._fields))
    return hold_vote(electors, values, key_of(seed, k))


def earlier_votes(country: Country, vote: Referendum) -> list[Election]:
    """Return the referendums and presidential votes before it that tell turnout and winner."""
    if not (country.folder / YEARS).exists():
        return []
    day = first_day(vote.facts["voters"].date)
    return [
        each
        for each in load_years(country).elections
        if each.kind != "parliamentary"
        and first_day(each.date) < day
        and each.turnout
        and each.winner_share
    ]


def _from_votes(
    numbers: dict[str, Numbers], before: list[Election], seed: int
) -> dict[str, Numbers]:
    """Replace mobilisation and approval by the spread of earlier votes, on the scale of log odds.

    A winner's share is one of those who voted, so both sides vote alike.
    """
    count = len(numbers["lift"])

    def spread(name: str, value: Callable[[Election], float | None]) -> Numbers:
        odds = [math.log(share / (100 - share)) for each in before if (share := value(each))]
        middle = float(np.mean(odds))
        wide = float(np.std(odds, ddof=1)) * math.sqrt(1 + 1 / len(odds))
        place = stable_id(f"{NAME}.{PRECEDENTS}.{name}")
        scores = np.array([score_at(key_of(seed, k), place) for k in range(count)])
        shares: Numbers = 1 / (1 + np.exp(-(middle + wide * scores)))
        return shares

    return numbers | {
        "mobilisation": spread("turnout", lambda each: each.turnout),
        "approval": spread("winner", lambda each: each.winner_share),
        "lift": np.zeros(count),
    }


def survey_answers(country: Country) -> dict[str, int]:
    """Return the answers on the programme by name, or nothing."""
    polls = load_polls(country)
    rows = polls.rows if polls else ()
    found = {row.answer: row.count for row in rows if row.about == _PROGRAMME and row.count}
    return {name: found[name] for name in (_FOR, _AGAINST, _MORE)} if len(found) >= 3 else {}


def _from_survey(numbers: dict[str, Numbers], answers: dict[str, int]) -> dict[str, Numbers]:
    """Replace approval by the survey: who wants more reforms votes yes with an unknown share."""
    total = sum(answers.values())
    approval = (answers[_FOR] + numbers["undecided_yes"] * answers[_MORE]) / total
    return numbers | {"approval": approval, "lift": np.zeros(len(approval))}


def referendum_checks(country: Country) -> list[Check]:
    """Return what is printed of the referendum, its arithmetic, and the drawn ranges."""
    vote = load_referendum(country)
    if vote is None:
        return []
    found = [_printed(vote), *_arithmetic(vote)]
    for each in draw_votes(country):
        found += _ranges(vote, each)
    found.append(
        Check(
            "D2",
            "results by region",
            "no source read here tells them",
            "electors are shared out by residents; the spread between regions is a prior",
            "not told",
        )
    )
    return found


def _printed(vote: Referendum) -> Check:
    names = ("voters", "turnout", "yes", "no")
    claims = tuple(claim for name in names for claim in vote.facts[name].claim_ids)
    stated = (
        f"{vote.value('voters'):,.0f} took part, {vote.value('turnout'):g} %; "
        f"{vote.value('yes'):,.0f} for, {vote.value('no'):,.0f} against"
    )
    return Check("D2", "printed counts", stated, "the same", "input", claims)


def _arithmetic(vote: Referendum) -> list[Check]:
    """Compare what the counts imply with what was printed apart from them."""
    found = []
    count = ("c003-411-ref-participants", "c003-411-ref-for", "c003-411-ref-against")
    if {"press_yes", "press_no"} <= set(vote.facts):
        yes, no = vote.value("press_yes"), vote.value("press_no")
        rows = (
            ("yes, of ballots", yes, vote.of_ballots("yes"), ""),
            ("no, of ballots", no, vote.of_ballots("no"), ""),
            (
                "neither, of ballots",
                100 - yes - no,
                100 * vote.remainder / vote.value("voters"),
                f"{vote.remainder:,} ballots; a sum of two rounded shares may be off by 0.01",
            ),
            ("yes, of yes and no", 100 * yes / (yes + no), vote.yes_of_valid, "of valid votes"),
        )
        for fact, printed, implied, note in rows:
            found.append(
                Check(
                    "D2",
                    f"arithmetic: {fact}",
                    f"press: {printed:.2f} %",
                    f"counts: {implied:.2f} %",
                    "hit" if abs(printed - implied) <= 0.0151 else "miss",
                    count,
                    f"{note + '; ' if note else ''}arithmetic of two prints, no rule of the model",
                )
            )
    found.append(_electorate(vote))
    return found


def _electorate(vote: Referendum) -> Check:
    low, high = vote.electorate_range
    found = f"{vote.electorate:,} ({low:,.0f} to {high:,.0f} by rounding of the turnout)"
    claims = ("c003-411-ref-participants", "c003-411-ref-turnout")
    if "register_2019" not in vote.facts:
        return Check("D2", "arithmetic: electors", "not printed", found, "not told", claims)
    register = vote.value("register_2019")
    gap = vote.electorate / register - 1
    return Check(
        "D2",
        "arithmetic: electors",
        f"not printed; the register of 2019 had {register:,.0f}",
        f"{found}, {100 * gap:+.1f} % against it",
        "hit" if abs(gap) < 0.02 else "miss",
        claims,
        "a hit if within 2 % of the register; the register is of another vote, three years before",
    )


def _ranges(vote: Referendum, drawn_vote: DrawnVote) -> list[Check]:
    """Say whether the drawn ranges contain the result."""
    notes = {
        PRIOR: "no test: the priors were stated after the result was known",
        PRECEDENTS: f"{drawn_vote.based_on} referendums and presidential votes before it, by rule",
        SURVEY: f"{drawn_vote.based_on} answers of people who chose themselves, after the vote; "
        "turnout is the prior's",
    }
    found = []
    for fact, values, printed, claim in (
        ("turnout", drawn_vote.turnout, vote.value("turnout"), "c003-411-ref-turnout"),
        ("yes, of ballots", drawn_vote.yes, vote.of_ballots("yes"), "c003-411-ref-for"),
    ):
        if fact == "turnout" and drawn_vote.belief == SURVEY:
            continue
        low, high = np.quantile(values, (0.05, 0.95))
        place = float(np.mean(values < printed))
        inside = low <= printed <= high
        verdict: Verdict = "hit" if inside else "miss"
        found.append(
            Check(
                "D2",
                f"{fact}, drawn from {drawn_vote.belief}",
                f"{printed:.2f} %",
                f"90 % range {low:.0f} to {high:.0f} % {'contains' if inside else 'misses'} it; "
                f"{100 * place:.0f} % of draws lie below",
                "not told" if drawn_vote.belief == PRIOR else verdict,
                (claim,),
                f"{notes[drawn_vote.belief]}; the range is {high - low:.0f} points wide",
            )
        )
    return found
