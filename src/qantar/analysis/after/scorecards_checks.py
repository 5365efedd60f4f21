"""What the sources say of arenas and ranks (E5, E6), beside the arenas of the years and scores."""

from __future__ import annotations

from typing import Literal

import numpy as np

from qantar.analysis.after.scorecards import prediction
from qantar.analysis.state.checks import Check, told
from qantar.model.after.arenas import ARENAS, LABELS, arenas_met
from qantar.packs.after.scorecards import Scorecards, load_scorecards
from qantar.packs.country import Country

_POINTS = np.linspace(-1.8, 1.8, 19)
"""Standard normal scores at which the prior of the threshold is read."""

_AFTER_CONSTITUTION = range(1996, 2022)
"""Whole years under the constitution of 1995 up to the last observed one."""

_HALF = 0.5
_STABLE = 0.1
"""Most that the mean of the arenas may move in ten years if an autocracy is consolidated."""

_PRESS, _PRESS_YEAR = "rsf-rank", 2022
_PRESS_RANK, _PRESS_OF = 122, 180

_UKRAINE = ("vdem16-cspart", "vdem16-polyarchy", "vdem16-rule")
"""Scores that stand for civil society, political society and rule of law in Ukraine."""

_NOT_TOLD = (
    ("E5", "three challenges to democracy", "citizenship, community and location",
     ("c003-12-ch-count", "c003-12-citizenship", "c003-12-community", "c003-12-location"),
     "no index of the years stands for them"),
    ("E5", "controls of parties", "law on parties, rules of campaigns, loyal state employees",
     ("c003-21-isaacs-party-law", "c003-21-isaacs-campaign-rules",
      "c003-21-isaacs-civil-servants"), "parties are told under A7; no score is made of controls"),
    ("E6", "rank of education", "71st", ("c003-331-education-rank",),
     "one number without a series; the page cited is a ranking of 2022"),
    ("E6", "wealth of 160 persons", "half of the national wealth",
     ("c001-wealth-160", "c001-wealth-half"), "no series of wealth"),
)  # fmt: skip


def checks(country: Country) -> list[Check]:
    """Return the facts of E5 and E6 and what became of them.

    Parameters
    ----------
    country : Country
        A pack without monitors or arenas gives no checks.

    Returns
    -------
    list of Check
    """
    cards = load_scorecards(country)
    if cards is None or not cards.arenas:
        return []
    found = [
        *_inputs(cards),
        *_arenas_of_record(cards),
        *_ukraine(cards),
        *_press(cards),
        *(
            Check(s, fact, stated, found, "not told", ids)
            for s, fact, stated, ids, found in _NOT_TOLD
        ),
    ]
    return told(country, found)


def met_by_year(cards: Scorecards) -> dict[int, tuple[float, float]]:
    """Return for each year the mean number of arenas met, and the chance of one or none.

    Both over the prior of the threshold, with each arena at its middle.
    """
    prior = cards.numbers["threshold"].prior
    levels = [cards.numbers["threshold"].central] if prior is None else [
        prior.value_at(float(score)) for score in _POINTS
    ]  # fmt: skip
    weight = np.exp(-0.5 * _POINTS**2)[: len(levels)]
    found = {}
    for year in sorted({year for _, year in cards.arenas}):
        scores = {arena: np.array(cards.arena(arena, year) or 0.0) for arena in ARENAS}
        met = np.array([float(arenas_met(scores, level)) for level in levels])
        found[year] = (
            float(np.average(met, weights=weight)),
            float(np.average(met <= 1, weights=weight)),
        )
    return found


def _hit(right: bool) -> Literal["hit", "miss"]:
    return "hit" if right else "miss"


def _inputs(cards: Scorecards) -> list[Check]:
    names = ", ".join(LABELS[arena].lower() for arena in ARENAS)
    listed = ("civil", "political", "law", "bureaucracy", "economic")
    return [
        Check(
            "E5",
            "arenas of a consolidated democracy",
            "five",
            f"five means of indices of the years: {names}",
            "input",
            ("c003-12-precond-count", *(f"c003-12-p-{name}" for name in listed)),
            "which indices stand for an arena is assumed; economic society has only a weak one",
        ),
        Check(
            "E6",
            "dates of the rankings cited",
            "press index of 2022, Freedom on the Net of 2021",
            f"{len(cards.monitors)} monitors, each one edition, with scores up to 2021",
            "input",
            ("c003-22-rsf-year",),
        ),
    ]


def _arenas_of_record(cards: Scorecards) -> list[Check]:
    """Whether Kazakhstan met almost none, where its path began, and whether it is consolidated."""
    met = met_by_year(cards)
    years = [year for year in _AFTER_CONSTITUTION if year in met]
    if not years:
        return []
    share = float(np.mean([met[year][1] for year in years]))
    best = {a: max((cards.arena(a, year) or 0.0, year) for year in years) for a in ARENAS}
    tops = ", ".join(f"{LABELS[a].lower()} {best[a][0]:.2f} in {best[a][1]}" for a in ARENAS)
    found = [
        Check(
            "E5",
            "Kazakhstan under the constitution of 1995",
            "almost none of the five conditions met",
            f"one or none met in {100 * share:.0f} % of years and thresholds; on average "
            f"{np.mean([met[y][0] for y in years]):.1f}; highest: {tops}",
            _hit(share > _HALF),
            ("c003-12-not-met",),
            "said of successor states with authoritarian rule. "
            "Legal opposition counts for the law alone: until 2001 nearly all of a very small "
            "opposition was legal, so political society comes out too high. One or two arenas: "
            "it depends on the threshold; political and economic society pass 0.5 in some years",
        )
    ]
    before, after = cards.arena("all", 1994), cards.arena("all", 1996)
    if before is not None and after is not None:
        found.append(
            Check(
                "E5",
                "first signs of authoritarian rule",
                "in 1995",
                f"mean of the arenas {before:.2f} in 1994 and {after:.2f} in 1996",
                _hit(after < before),
                ("c003-ch1c-1995",),
                "the constitution is an input; that the mean falls is not",
            )
        )
    return [*found, *_consolidated(cards)]


def _consolidated(cards: Scorecards) -> list[Check]:
    values = [cards.arena("all", year) for year in range(2012, 2022)]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return []
    moved = max(known) - min(known)
    return [
        Check(
            "E5",
            "consolidated autocracy",
            "the state is classed as one",
            f"mean of the arenas {min(known):.2f} to {max(known):.2f} in 2012 to 2021; stands for "
            f"one if below {_HALF:g} and moving by less than {_STABLE:g}",
            _hit(max(known) < _HALF and moved < _STABLE),
            ("c004-autocracy",),
            "the bounds are assumed; shares of kin and factions rest on few known posts "
            "before 2022, so their rise after 2018 may be one of knowledge",
        )
    ]


def _ukraine(cards: Scorecards) -> list[Check]:
    """Ukraine has no years here: published scores alone say how many conditions it met."""
    best = {}
    for name in _UKRAINE:
        rows = [s for s in cards.scores_of(name, "Ukraine") if s.year >= 2005]
        monitor = cards.monitor(name)
        if not rows or monitor is None:
            return []
        top = max(rows, key=lambda s: monitor.share(s.value))
        best[name] = (monitor.label, monitor.share(top.value), top.year)
    told_by = "; ".join(f"{label} {value:.2f} in {year}" for label, value, year in best.values())
    civil, political, law = (best[name][1] >= _HALF for name in _UKRAINE)
    note = "no years of Ukraine are run: highest scores of V-Dem since 2005, of 0.5 or more"
    return [
        Check(
            "E5",
            "conditions that Ukraine met",
            "two or more",
            f"{civil + political + law} of three: {told_by}",
            _hit(civil + political + law >= 2),
            ("c003-122-two-met", "c003-122-met-civil"),
            note,
        ),
        Check(
            "E5",
            "rule of law in Ukraine",
            "realised",
            f"{best[_UKRAINE[2]][1]:.2f} at best, in {best[_UKRAINE[2]][2]}",
            _hit(law),
            ("c003-122-met-law",),
            note,
        ),
    ]


def _press(cards: Scorecards) -> list[Check]:
    """The rank of 2022, which no score here informs, and the claim that it was always the last."""
    monitor = cards.monitor(_PRESS)
    scores = cards.scores_of(_PRESS)
    if monitor is None or not scores:
        return []
    found = []
    row = prediction(cards, monitor, _PRESS_YEAR, cards.arenas)
    if row:
        found.append(
            Check(
                "E6",
                "press freedom, rank of 2022",
                f"{_PRESS_RANK} of {_PRESS_OF}",
                f"from ranks to {row['last_year']}: {row['q50']:.0f} [{row['q05']:.0f}, "
                f"{row['q95']:.0f}]; random walk {row['walk_q50']:.0f} [{row['walk_q05']:.0f}, "
                f"{row['walk_q95']:.0f}]; prior [{row['prior_q05']:.0f}, {row['prior_q95']:.0f}]",
                _hit(row["q05"] <= _PRESS_RANK <= row["q95"]),
                ("c003-22-rsf-rank", "c003-22-rsf-countries", "c003-22-rsf-year"),
                "recalled: the method of the index changed in 2022, so the jump from "
                f"{scores[-1].value:g} may be one of method",
            )
        )
    last = [score for score in scores if score.of is not None and score.value >= score.of]
    shares = [score.value / score.of for score in scores if score.of]
    found.append(
        Check(
            "E6",
            "rank in freedom of speech",
            "always the last",
            f"last in {len(last)} of {len(scores)} ranks found; at {100 * min(shares):.0f} to "
            f"{100 * max(shares):.0f} % of the list",
            _hit(len(last) == len(scores)),
            ("c003-2cr-ranking-last", "c003-2cr-ranking-last-n"),
            "the source itself gives 122 of 180 elsewhere",
        )
    )
    return found
