"""What the sources say of the security services (B8), beside the record of posts.

The hours have no service by name: police, guards and committee are one force, which may lose the
streets, and of which a share may cease to obey. So most facts are inputs, or nothing tells them.
"""

from __future__ import annotations

from collections.abc import Sequence

from qantar.analysis.state.checks import Check, told
from qantar.packs.country import Country
from qantar.packs.state.offices import Holding, Offices, load_offices

SYSTEM = "B8"
CHAIR, FIRST_DEPUTY, GUARD = "knb-chair", "knb-first-deputy", "president-guard-head"
_CRISIS = "2022-01"


def checks(country: Country) -> list[Check]:
    """Return the facts of the security services.

    Parameters
    ----------
    country : Country

    Returns
    -------
    list of Check
        None for a pack without the claims or the posts that the facts are about.
    """
    posts = load_offices(country)
    found = list(_UNTOLD)
    if posts is not None and posts.of_post(CHAIR):
        found = [*_changes(posts), *found]
    known = told(country, found)
    return known if posts is not None and posts.of_post(CHAIR) else []


def _changes(posts: Offices) -> list[Check]:
    """Return the changes of holders: all of them are put into the record."""
    chairs = posts.of_post(CHAIR)
    found = []
    for row in _ended(chairs):
        found.append(
            Check(
                SYSTEM,
                "the head of the security committee is arrested",
                "dismissed at the latest on 6 January, arrest announced on 8 January 2022",
                f"{_name(posts, row)} leaves the post on {row.until}: {row.how}",
                "input",
                ("c001-massimov-arrest", "c002-massimov-dismissed", "c003-massimov-arrest"),
                "the record has one end, that of the post; the arrest came some days later",
            )
        )
    guards = {row.person for row in _ended(posts.of_post(GUARD))}
    for row in chairs:
        if row.since.startswith(_CRISIS):
            from_guard = row.person in guards
            found.append(
                Check(
                    SYSTEM,
                    "the head of the president's guard succeeds",
                    "the man who guarded the president took the post; no name, no day",
                    f"{_name(posts, row)} since {row.since}, "
                    + ("from the president's guard" if from_guard else "from elsewhere"),
                    "input",
                    ("c001-massimov-successor",),
                    "the name and the day are recalled",
                )
            )
    for row in _ended(posts.of_post(FIRST_DEPUTY)):
        found.append(
            Check(
                SYSTEM,
                "the first deputy, a relative of the first president, is released",
                "released after the January events; no day",
                f"{_name(posts, row)} leaves the post on {row.until}: {row.how}",
                "input",
                ("c003-412-abish-office", "c003-412-abish-released"),
                "the day is recalled",
            )
        )
    return found


def _name(posts: Offices, row: Holding) -> str:
    """Return the name of a holder of a public post."""
    return next((each.name for each in posts.people if each.person == row.person), row.person)


def _ended(rows: Sequence[Holding]) -> list[Holding]:
    return [row for row in rows if row.until.startswith(_CRISIS)]


_UNTOLD = (
    Check(
        SYSTEM,
        "forces leave the streets of Almaty in the night of 5 January",
        "reportedly soldiers and police",
        "in the hours control is lost where the crowd outweighs the forces; no order to leave is "
        "put in, and no hour of the loss is checked here",
        "not told",
        ("c001-police-withdraw", "c001-cause-police-withdrawal"),
        "unnamed reports; the what-if `forces-withdrawn` orders it, to see what follows",
    ),
    Check(
        SYSTEM,
        "two more deputies of the committee are arrested by 13 January",
        "2, for a violent grab for power",
        "the record has no row for them: the sources give no name and no post of their own",
        "not told",
        ("c001-knb-deputies", "c001-knb-deputies-charge"),
    ),
    Check(
        SYSTEM,
        "the committee is purged from 9 January on",
        "colleagues of the former head lose posts and are arrested; no number",
        "no rule moves the ranks of a service",
        "not told",
        ("c002-knb-purge", "c002-knb-dismissals"),
    ),
    Check(
        SYSTEM,
        "officers of high rank are found dead",
        "several, allegedly by their own hand; one colonel by 10 January",
        "deaths in the hours come from clashes alone",
        "not told",
        ("c001-officials-suicide", "c001-officials-suicide-manner", "c003-ibraev"),
        "the manner of these deaths is disputed",
    ),
    Check(
        SYSTEM,
        "the committee hid camps, or steered the violence",
        "alleged by one politician; the second is asked as a question",
        "an account may let a share of the police disobey; it names no service and no camp",
        "not told",
        (
            "c002-ertysbayev-treachery",
            "c002-camps",
            "c002-camps-origin",
            "c002-terrorists-directed",
        ),
        "contested: the allegation is told, and nothing here speaks for or against it",
    ),
)
