"""What the sources read out of polls, beside what counts and samples bear."""

from __future__ import annotations

from qantar.analysis.state.beliefs import Belief, belief, difference, either, ticked_several
from qantar.analysis.state.checks import Check, told
from qantar.packs.country import Country
from qantar.packs.state.polls import Answer, Polls, load_polls

MISPRINTS = (
    ("q1", "poverty", 67.1, "c003-311-q1-poverty-share"),
    ("q2", "poor-took", 37.8, "c003-331-q2-social-share"),
    ("q8", "reform", 78.8, "c003-24-q8-yes-share"),
)
"""Shares that differ between the text of the thesis and its appendix: those of the text."""

SYSTEMS = {"cult": "A11", "terrorists": "B10", "courts": "A8", "war": "E4"}
"""System of what a poll is about; the rest belongs to the survey itself."""


def checks(country: Country) -> list[Check]:
    """Return the facts of E3 and E4, and of A8, A11 and B10 as far as polls tell them.

    Parameters
    ----------
    country : Country
        A fact whose rows or claims a pack lacks is left out.

    Returns
    -------
    list of Check
    """
    polls = load_polls(country)
    if polls is None:
        return []
    parts = (_shares, _misprints, _several, _readings, _medianet)
    return told(country, [check for part in parts for check in part(polls)])


def _text(value: Belief) -> str:
    low, high = 100 * value.low, 100 * value.high
    return f"{100 * value.share:.1f} +- {100 * value.standard_error:.1f} [{low:.1f}, {high:.1f}]"


def _shares(polls: Polls) -> list[Check]:
    """Return every share of a known sample: an observation that is put in."""
    found = []
    for row in polls.rows:
        if row.sample is not None:
            system = SYSTEMS.get(row.about, "E3")
            fact = f"{row.poll} {row.question}: {row.label}"
            stated = f"{row.share:g} percent of {row.sample}"
            several = "several answers allowed" if row.multiple else ""
            note = "; ".join(filter(None, (several, row.note)))
            found.append(
                Check(system, fact, stated, _text(belief(row)), "input", row.claim_ids, note)
            )
    return found


def _misprints(polls: Polls) -> list[Check]:
    """Check shares that the text prints otherwise against their counts."""
    found = []
    for question, name, printed, claim in MISPRINTS:
        row = polls.answer("thesis", question, name)
        if row and row.count is not None and row.sample is not None:
            share = 100 * row.count / row.sample
            found.append(
                Check(
                    "E3",
                    f"Share in the text of {question}: {row.label}",
                    f"{printed:g}",
                    f"{share:.1f}, {row.count} of {row.sample}",
                    "hit" if abs(share - printed) <= 0.1 else "miss",
                    (claim,),
                    "the appendix prints what the count gives",
                )
            )
    return found


def _several(polls: Polls) -> list[Check]:
    """Check that a model with one answer each cannot give the counts."""
    found = []
    for asked in polls.questions:
        sample = asked.answers[0].sample
        if sample is None or not asked.answers[0].multiple:
            continue
        given = sum(row.count or 0 for row in asked.answers)
        least, most = ticked_several(asked)
        found.append(
            Check(
                "E3",
                f"Respondents gave more than one answer to {asked.question}",
                "several answers",
                f"{given} answers of {sample} persons; {least} to {most} gave more than one",
                "hit" if least > 0 else "not told",
                ("c003-intro-respondents", "c003-intro-free-answer"),
            )
        )
    return found


def _readings(polls: Polls) -> list[Check]:
    """Check what the thesis reads out of its survey."""
    found = []
    over = polls.answer("thesis", "q7", "change-of-power")
    cult, own = polls.answer("thesis", "q7", "rename-capital"), polls.answer("thesis", "q7", "own")
    if over:
        low = belief(over).low
        found.append(_half("E3", "Over half want a full turnover of power", over, low > 0.5))
    if cult and own:
        found.append(
            Check(
                "E3",
                "The answer about the cult drew the fewest votes",
                "fewest",
                f"{cult.count} against {own.count} own answers",
                "hit" if (cult.count or 0) < (own.count or 0) else "miss",
                ("c003-33-q7-cult-minimum",),
                "fewest of the set answers only",
            )
        )
    found += _blame(polls)
    signs = polls.answer("thesis", "q3", "yes")
    if signs:
        sure = belief(signs).low > 0.5
        check = _half("A11", "Most people still show signs of the cult", signs, sure)
        found.append(check)
    return found


def _half(system: str, fact: str, answer: Answer, sure: bool) -> Check:
    """Return whether chance alone leaves room for half or less."""
    claims = {"A11": "c003-13-q3-majority", "E3": "c003-33-q7-majority"}[system]
    note = "of respondents; the sample stands for nobody else"
    verdict = "hit" if sure else "not told"
    return Check(system, fact, "over 50 percent", _text(belief(answer)), verdict, (claims,), note)  # type: ignore[arg-type]


def _blame(polls: Polls) -> list[Check]:
    names = ("lost-control", "poor-took", "terrorists-coup")
    rows = [polls.answer("thesis", "q2", name) for name in names]
    first, second, third = rows
    if not (first and second and third):
        return []
    low, high = either(first, second)
    share = third.share / 100.0
    return [
        Check(
            "B10",
            "Those who blame the state outweigh those who chose terrorists",
            "prevail",
            f"either answer: {100 * low:.1f} to {100 * high:.1f} percent against {third.share:g}",
            "hit" if low > share else "miss" if high < share else "not told",
            ("c003-331-q2-state-blamed",),
            "several answers were allowed, so the two cannot be added",
        ),
        Check(
            "B10",
            "The story of 20,000 terrorists won little credence",
            "little",
            f"{third.share:g} percent hold that terrorists used the situation",
            "not told",
            ("c003-321-not-accepted", "c003-331-q2-coup-share"),
            "the answer speaks neither of 20,000 nor of foreigners; it is the most "
            "ticked of three, by one answer",
        ),
    ]


def _medianet(polls: Polls) -> list[Check]:
    one = polls.answer("medianet", "war", "operation")
    two = polls.answer("medianet", "war", "annexation")
    speakers = [
        polls.answer("medianet", "support", "support-ukraine", group)
        for group in ("Kazakh speakers", "Russian speakers")
    ]
    found = []
    if one and two:
        apart, error = difference(one, two)
        high = 100 * belief(one).high
        found += [
            Check(
                "E4",
                "More believe in an operation than in a war of annexation",
                "36 against 13 percent",
                f"{100 * apart:.0f} +- {100 * error:.1f} points apart",
                "hit" if apart > 3 * error else "not told",
                ("c003-42-medianet-36", "c003-42-medianet-13", "c003-42-medianet-respondents"),
                "if one answer each was allowed, as we read it, and the sample was drawn by chance",
            ),
            Check(
                "E4",
                "The majority follows propaganda, says the title of the report",
                "majority",
                f"at most {high:.1f} percent",
                "miss" if high < 50 else "not told",
                ("c003-42-medianet-majority", "c003-42-medianet-36"),
                "the title and the number contradict each other",
            ),
        ]
    first, second = speakers
    if first and second:
        ratio = first.share / second.share
        found.append(
            Check(
                "E4",
                "Russian speakers back Ukraine three times less often",
                "3",
                f"{ratio:.1f}",
                "hit" if round(ratio) == 3 else "miss",
                ("c003-42-medianet-ratio", "c003-42-medianet-20", "c003-42-medianet-6"),
                "the sizes of the groups are not told, so there is no error",
            )
        )
    return found
