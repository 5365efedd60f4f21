"""Outlets of the packs: tables, refusals, laws of blows, and checks against the sources."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from file_edits import HERE, Break
from qantar.analysis.state import outlet_laws
from qantar.analysis.state.event_laws import TOLD_APART
from qantar.analysis.state.outlets import FIELDS, checks, recorded_outlets
from qantar.base.errors import FileError
from qantar.model.months import outlets
from qantar.packs.country import packs_folder
from qantar.packs.loading import load_country
from qantar.packs.parameters import load_parameters
from qantar.packs.state.outlets import load_outlets
from qantar.packs.state.outlets_tables import INDEPENDENCE, REACH
from qantar.packs.years import load_years
from qantar.simulate.years.outlets import given_outlets

near = pytest.approx

OUTLETS = "state/outlets.csv"
OWNERS = "state/outlet_owners.csv"
EVENTS_FILE = "state/outlet_events.csv"


def ledger_claims() -> set[str]:
    found: set[str] = set()
    for path in (packs_folder() / "kazakhstan" / "evidence" / "claims").glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            found |= {row["claim"] for row in csv.DictReader(file)}
    return found


@pytest.mark.parametrize("pack", ["kazakhstan", "template"])
def test_reach_follows_its_rule(pack: str) -> None:
    found = load_outlets(load_country(pack))
    assert found is not None
    for row in found.outlets:
        assert row.reach == REACH[row.medium, row.scope], row.outlet
        assert row.grade == "assumed", row.outlet
    for owner in found.owners:
        assert owner.independence == INDEPENDENCE[owner.kind]


def test_claims_that_are_cited_exist() -> None:
    country, known = load_country("kazakhstan"), ledger_claims()
    found = load_outlets(country)
    assert found is not None
    rows = (*found.outlets, *found.owners, *found.events)
    cited = {claim for row in rows for claim in row.claim_ids}
    checked = {claim for check in checks(country) for claim in check.claims}
    assert len(cited) > 50
    assert cited | checked <= known


def test_recalled_rows_say_so() -> None:
    found = load_outlets(load_country("kazakhstan"))
    assert found is not None
    for row in (*found.owners, *found.events):
        assert (row.grade == "assumed") == ("qantar-assumption" in row.reference), row
        if row.grade == "assumed" and "seed" not in row.reference:
            assert "recalled" in row.note or "assumed" in row.note, row


def test_media_rows_of_the_years_are_the_same_events_and_none_is_counted_twice() -> None:
    country = load_country("kazakhstan")
    found = load_outlets(country)
    assert found is not None
    dates = [each.date for each in found.events]
    media = [each.date for each in load_years(country).events if each.kind == "media"]
    assert [each for each in media if each not in dates] == ["2019-05-09", "2022-01-05"]
    assert all(dates.count(each) == 1 for each in media if each in dates and each != "2002")
    dated = outlet_laws.event_months(country)
    assert len(dated) == len(found.events) + 2
    assert len({(each.month, each.outlet, each.kind) for each in dated}) == len(dated)


def test_the_numbers_are_those_that_the_mechanism_reads() -> None:
    declared = load_parameters(packs_folder() / "common" / "years" / "outlets.yaml")
    assert tuple(declared) == outlets.Parameters._fields
    known = load_country("kazakhstan").references
    assert {key for each in declared.values() for key in each.references} <= set(known)
    assert set(outlets.MECHANISM.references) <= set(known)
    for name in ("after_challenge", "around_election", "watched"):
        prior = declared[name].prior
        assert prior is not None
        assert prior.value_at(-1.0) < 0.0 < prior.value_at(1.0)


def test_the_record_of_kazakhstan() -> None:
    country = load_country("kazakhstan")
    values = recorded_outlets(country)
    reach = values[:, FIELDS.index("independent_reach")]
    assert not values[:, FIELDS.index("outlets_shift")].any()
    by_year = {year: float(reach[(year - 1991) * 12 + 11]) for year in range(1991, 2022)}
    # December 1991: state television and a state paper, KTK and Caravan private, Azattyq.
    assert by_year[1991] == near((0.25 + 0.05 + 0.03) / (0.5 + 0.1 + 0.5 + 0.1 + 0.03))
    assert by_year[1996] > by_year[1998] > by_year[2002]
    assert by_year[2011] > by_year[2014]


def test_a_pack_without_outlets_has_none(pack: Path) -> None:
    for name in (OUTLETS, OWNERS, EVENTS_FILE):
        (pack / name).unlink()
    country = load_country(str(pack))
    assert load_outlets(country) is None
    assert checks(country) == []
    assert given_outlets(None, "1991-01", 12, np.zeros(12)).known == 0


CLOSED = "harbour-post,2025-01,closed,,The paper is closed,reported,arv-observer,p3,,"
TIDE = "tide,2026-03,refounded,,Its people go on with a site,reported,arv-observer,p3,,"
HARBOUR = "harbour-post,Harbour Post (invented),print,regional,0.03,Harrow,0,,,"
UNION = "harbour-post,2019,2025-01,dockers-union,staff,reported,arv-observer,p3,,"

BREAKS = {
    "reach above 1": Break(
        OUTLETS, "print,regional,0.03", "print,regional,1.2", HERE, ("'reach'", "1.2", "0 to 1")
    ),
    "unknown successor": Break(
        OUTLETS, "0,harbour-post,", "0,harbor-post,", HERE, ("successor_of", "harbour-post")
    ),
    "own successor": Break(OUTLETS, "0,harbour-post,", "0,tide,", HERE, ("successor_of", "tide")),
    "outlet twice": Break(
        OUTLETS, "tide,Tide", "harbour-post,Tide", HERE, ("appears twice", "one row", "outlet too")
    ),
    "unknown medium": Break(OUTLETS, ",web,", ",radio,", HERE, ("'medium'", "radio", "'web'")),
    "unknown source": Break(
        OWNERS,
        "tide,2026,,former-staff,staff,reported,arv-observer",
        "tide,2026,,former-staff,staff,reported,arv-observers",
        HERE,
        ("unknown reference", "arv-observer"),
    ),
    "never founded": Break(
        EVENTS_FILE, f"{TIDE}\n", "", None, ("never founded", "`founded` or `refounded`")
    ),
    "owner of nothing": Break(OWNERS, "tide,2026", "tidal,2026", HERE, ("unknown outlet", "tide")),
    "event of nothing": Break(
        EVENTS_FILE, "tide,2026-03", "tidal,2026-03", HERE, ("unknown outlet", "tide")
    ),
    "two owners at once": Break(
        OWNERS,
        UNION,
        f"{UNION}\nharbour-post,2024-06,,state,state,reported,arv-observer,p3,,",
        "harbour-post,2024-06",
        ("two owners at once", "after 'dockers-union'", "end the earlier row"),
    ),
    "ends before it begins": Break(
        OWNERS, "2019,2025-01", "2026,2025-01", HERE, ("ends before it begins", "`from`")
    ),
    "no owner": Break(
        OWNERS, "tide,2026,", "tide,2027,", None, ("no owner when it is founded", "by kind")
    ),
    "closed before it is founded": Break(
        EVENTS_FILE,
        CLOSED,
        CLOSED.replace("2025-01", "2018-01"),
        HERE,
        ("closed before it is founded", "closed 2018-01", "`founded`"),
    ),
    "event after it was closed": Break(
        EVENTS_FILE,
        CLOSED,
        f"{CLOSED}\nharbour-post,2026-01,attacked,,x,reported,arv-observer,p3,,",
        "harbour-post,2026-01",
        ("attacked after it was closed", "`refounded` first", "missing"),
    ),
    "founded while it works": Break(
        EVENTS_FILE,
        CLOSED,
        f"harbour-post,2024-01,founded,,x,reported,arv-observer,p3,,\n{CLOSED}",
        "harbour-post,2024-01",
        ("founded while it works",),
    ),
    "event twice": Break(
        EVENTS_FILE, CLOSED, f"{CLOSED}\n{CLOSED}", None, ("closed twice in 2025-01", "one row")
    ),
    "refounded after nothing": Break(
        EVENTS_FILE, TIDE, TIDE.replace("2026-03", "2024-03"), HERE, ("nothing was closed before",)
    ),
    "taken over by nobody": Break(
        EVENTS_FILE,
        CLOSED,
        f"harbour-post,2024-01,taken_over,,x,reported,arv-observer,p3,,\n{CLOSED}",
        "harbour-post,2024-01",
        ("taken over, but by nobody", "from 2024-01", "the same date"),
    ),
    "changes hands unseen": Break(
        OWNERS,
        UNION,
        f"{UNION}\nharbour-post,2025-02,,state,state,reported,arv-observer,p3,,",
        "harbour-post,2025-02",
        ("changes hands without an event", "`taken_over`", "the same date"),
    ),
    "months below 0": Break(
        EVENTS_FILE, "attacked,1,", "attacked,-1,", HERE, ("'off_months'", "0 or more")
    ),
}


@pytest.mark.parametrize("case", BREAKS)
def test_bad_input_is_refused_with_file_and_line(case: str, pack: Path) -> None:
    broken = BREAKS[case]
    path, line = broken.make(pack)
    with pytest.raises(FileError) as refused:
        load_outlets(load_country(str(pack)))
    message = str(refused.value)
    assert Path(path).parent.name in message
    if line is not None:
        assert f"{path.name}:{line}" in message
    for part in broken.says:
        assert part in message, message


# ---- laws of blows, and checks


def test_sequential_scores_by_hand() -> None:
    struck, none = np.array([True, False]), np.zeros(2, np.bool_)
    assert outlet_laws.sequential_score(struck, none) == near(math.log(1 / 24 * 23 / 25))
    # With a rate of its own, the second month knows nothing of the first.
    marked = np.array([True, False])
    assert outlet_laws.sequential_score(struck, marked) == near(math.log(1 / 24 * 23 / 24))
    counts = np.array([1, 0])
    expected = math.log(24 / 25 / 25) + 2 * math.log(25 / 26)
    assert outlet_laws.sequential_count_score(counts, none) == near(expected)


def test_a_law_that_is_true_wins_where_there_are_events() -> None:
    marked = np.arange(360) % 36 < 12
    struck = marked & (np.arange(360) % 3 == 0)
    null = outlet_laws.sequential_score(struck, np.zeros(360, np.bool_))
    assert outlet_laws.sequential_score(struck, marked) > null + TOLD_APART


def test_the_dated_blows_of_kazakhstan_do_not_tell_between_laws() -> None:
    country = load_country("kazakhstan")
    assert outlet_laws.blows_by_month(country, network=False).sum() == 12
    for options in ({}, {"network": False}, {"inexact": True}, {"each_blow": True}):
        scores = outlet_laws.compare_laws(country, **options)
        assert scores[0].law == "constant"
        assert scores[0].gain == 0.0
        assert {each.verdict for each in scores} == {"nothing can be told"}
        assert all(each.struck_marked <= min(each.marked, each.struck) for each in scores)


def test_checks_say_what_was_put_in_and_what_follows() -> None:
    found = {check.fact: check for check in checks(load_country("kazakhstan"))}
    verdicts = [check.verdict for check in found.values()]
    assert [verdicts.count(v) for v in ("input", "hit", "miss", "not told")] == [7, 2, 2, 4]
    assert found["K-Plus covers the Tulip revolution in Kyrgyzstan"].verdict == "miss"
    assert "2012-12-06" in found["K-Plus broadcasts from 2007 to 2013"].found
    assert found["Rank in the index of press freedom"].verdict == "not told"
    assert "4 closures" in next(c.found for f, c in found.items() if f.startswith("DAT"))


def test_checks_of_the_template_need_none_of_its_outlets() -> None:
    assert [check.verdict for check in checks(load_country("template"))] == ["not told"]
