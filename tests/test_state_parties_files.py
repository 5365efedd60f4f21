"""Tables of parties: what is read, and one thing wrong at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from file_edits import HERE, Break
from qantar.base.errors import FileError
from qantar.packs.loading import load_country
from qantar.packs.state.parties import load_parties

PARTIES, EVENTS = "state/parties.csv", "state/party_events.csv"
VOTES, RULES = "state/party_votes.csv", "state/election_rules.csv"
LAST = ",,,reported,arv-observer,p3,,\n"
JAILED = "free-harbour,2025-03,leader_jailed,,4,reported,arv-observer,p3,,\n"


def test_the_template_has_a_small_land_of_parties(pack: Path) -> None:
    parties = load_parties(load_country(pack))
    assert parties is not None
    assert [each.party for each in parties.parties] == ["order", "harbour", "free-harbour"]
    assert parties.position("harbour") == 1
    rule = parties.rule_of("2026-05-10")
    assert rule is not None
    assert (rule.list_seats, rule.threshold) == (10, 7)
    assert parties.rule_of("2019-12-31") is None
    assert "3 parties" in repr(parties)


def test_a_pack_without_parties_has_none(pack: Path) -> None:
    for name in (PARTIES, EVENTS, VOTES, RULES):
        (pack / name).unlink()
    assert load_parties(load_country(pack)) is None


def test_votes_and_rules_may_be_left_out(pack: Path) -> None:
    for name in (VOTES, RULES):
        (pack / name).unlink()
    parties = load_parties(load_country(pack))
    assert parties is not None
    assert (parties.votes, parties.rules) == ((), ())


def test_events_without_parties_are_refused(pack: Path) -> None:
    (pack / PARTIES).unlink()
    with pytest.raises(FileError, match="parties that nothing declares"):
        load_parties(load_country(pack))


BREAKS = {
    "founded after its ban": Break(
        EVENTS,
        "free-harbour,2025-01,banned",
        "free-harbour,2023-01,banned",
        HERE,
        ("is banned before it is founded", "2023-01", "2024-02 or later"),
    ),
    "event before founding": Break(
        EVENTS,
        "harbour,2021-09,registered",
        "harbour,2020-09,registered",
        HERE,
        ("has an event (registered) before it exists", "2021-04 or later"),
    ),
    "founded twice": Break(
        EVENTS,
        "harbour,2021-09,registered",
        "harbour,2021-09,founded",
        HERE,
        ("is founded twice", "relaunched"),
    ),
    "never founded": Break(
        EVENTS,
        "order,2019,founded" + LAST + "order,2019,registered" + LAST,
        "",
        None,
        ("is never founded", "parties.csv:2"),
    ),
    "unknown parent": Break(
        PARTIES,
        "opposition,harbour,1",
        "opposition,harbor,1",
        "free-harbour,",
        ("unknown parent", "harbour"),
    ),
    "its own ancestor": Break(
        PARTIES,
        "(invented),opposition,,1",
        "(invented),opposition,free-harbour,1",
        "harbour,",
        ("descends from itself", "a party that is older"),
    ),
    "split of itself": Break(
        EVENTS,
        "split,free-harbour",
        "split,harbour",
        "harbour,2024-02",
        ("a split of 'harbour' with itself", "another party"),
    ),
    "split without the other": Break(
        EVENTS, "split,free-harbour", "split,", "harbour,2024-02", ("names no party", "the other")
    ),
    "a second party for nothing": Break(
        EVENTS, "2025-01,banned,", "2025-01,banned,order", "free-harbour,2025-01", ("second party",)
    ),
    "unknown party": Break(
        EVENTS, JAILED, "harbor" + JAILED[12:], "harbor,", ("unknown party", "harbour")
    ),
    "unknown kind": Break(
        EVENTS, "2025-01,banned", "2025-01,outlawed", "free-harbour,2025-01", ("kind", "banned")
    ),
    "registered while banned": Break(
        EVENTS,
        "free-harbour,2025-03,leader_jailed,,4",
        "free-harbour,2025-03,registered,,",
        HERE,
        ("has an event (registered) while it is banned", "relaunched before"),
    ),
    "relaunched without a ban": Break(
        EVENTS,
        "free-harbour,2025-01,banned",
        "free-harbour,2025-01,relaunched",
        HERE,
        ("is relaunched, but was not banned",),
    ),
    "active after a merger": Break(
        EVENTS,
        "free-harbour,2025-01,banned,,",
        "free-harbour,2025-01,merged,order,",
        "free-harbour,2025-03",
        ("after it was merged", "none after that"),
    ),
    "founded before its parent": Break(
        EVENTS,
        "free-harbour,2024-02,founded",
        "free-harbour,2021-03,founded",
        HERE,
        ("is founded before its parent 'harbour'", "2021-04 or later"),
    ),
    "appears twice": Break(
        PARTIES,
        "free-harbour,Free Harbour (invented),opposition,harbour",
        "harbour,Free Harbour (invented),opposition,",
        HERE,
        ("appears twice", "one row a party"),
    ),
    "unknown source": Break(
        PARTIES,
        "(invented),ruling,,1,reported,arv-observer",
        "(invented),ruling,,1,reported,arv-obsrver",
        "order,",
        ("unknown reference", "arv-observer"),
    ),
    "vote in no election": Break(
        VOTES, "2026-05-10", "2026-05-11", HERE, ("unknown election", "2026-05-10")
    ),
    "vote for an unknown party": Break(
        VOTES, ",harbour,", ",harbor,", "2026-05-10", ("unknown party", "harbour")
    ),
    "vote of a party that is not registered": Break(
        VOTES, ",harbour,", ",free-harbour,", "2026-05-10", ("without being registered", "12 %")
    ),
    "more than all votes": Break(
        VOTES, ",12,", ",46,", "2026-05-10", ("brings the votes to 101 %", "100 % or less")
    ),
    "two rules at once": Break(
        RULES,
        "2020-01,10,7,reported,arv-observer,p3,,\n",
        "2020-01,10,7,reported,arv-observer,p3,,\n2020-01,12,7,reported,arv-observer,p3,,\n",
        "2020-01,12",
        ("two rules", "one row a month"),
    ),
    "no seats": Break(RULES, "2020-01,10", "2020-01,0", HERE, ("list_seats", "above 0")),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_wrong_table_is_refused(pack: Path, name: str) -> None:
    path, line = BREAKS[name].make(pack)
    with pytest.raises(FileError) as caught:
        load_parties(load_country(pack))
    message = str(caught.value)
    for text in BREAKS[name].says:
        assert text in message
    if line is not None:
        assert f"{path}:{line}:" in message
    assert caught.value.hint or caught.value.expected
