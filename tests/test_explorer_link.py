"""Links: what was on the screen comes back exactly, and rubbish never breaks the page."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from urllib.parse import parse_qs, quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qantar.explorer.links import LANGUAGES, LAYERS, PANELS, SHOWS, Ground, Read, read_link
from qantar.explorer.request import Link, WorldRequest
from qantar.packs.account import list_accounts
from qantar.packs.episode import load_episode
from qantar.packs.loading import load_country


def made_ground() -> Ground:
    country = load_country("kazakhstan")
    return Ground(country, load_episode(country, "january-2022"), "kazakhstan")


GROUND = made_ground()
KEYS = [*Link().state(), "t", "do", "x"]
CHANGES = ["no-shoot-order", "no-shutdown+price-cut-earlier@2022-01-02T12:00", "partial-shutdown"]


def codes(query: str) -> list[tuple[str, str]]:
    return [(note.field, note.code) for note in read_link(query, GROUND).notes]


def link(query: str) -> Link:
    return read_link(query, GROUND).link


def test_an_empty_link_is_the_default_and_says_nothing() -> None:
    assert read_link("", GROUND) == Read(Link())
    assert Link().query() == ""


def assert_comes_back(read: Read) -> None:
    again = read_link(read.link.query(), GROUND)
    assert again == Read(read.link)
    json.dumps(read.as_json(), ensure_ascii=False).encode()


@settings(deadline=None)
@given(st.text())
def test_any_text_gives_a_link_that_comes_back(text: str) -> None:
    assert_comes_back(read_link(text, GROUND))


@settings(deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_any_value_gives_a_link_that_comes_back(text: str) -> None:
    for key in KEYS:
        assert_comes_back(read_link(f"{key}={text}", GROUND))
        assert_comes_back(read_link(f"{key}={quote(text, errors='replace')}", GROUND))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(
    ["1", "0", "-1", "107", "108", "311", "312", "9" * 30, "1e3", "null", "union", "state",
     "rules", "member", "difference", "run", "place:Almaty", "region:Almaty", *CHANGES]
)))  # fmt: skip
def test_any_fields_give_a_link_that_comes_back(fields: dict[str, str]) -> None:
    assert_comes_back(read_link("&".join(f"{k}={quote(v)}" for k, v in fields.items()), GROUND))


@settings(deadline=None)
@given(st.data())
def test_every_state_of_the_page_comes_back(data: st.DataObject) -> None:
    def one(names: tuple[str, ...] | list[str]) -> str:
        return data.draw(st.sampled_from(names))

    account, rival = one(list_accounts(GROUND.country)), one(list_accounts(GROUND.country))
    change = data.draw(st.none() | st.sampled_from(CHANGES))
    members = data.draw(st.integers(2, 500))
    since = data.draw(st.integers(0, 310))
    state = Link(
        account=account,
        rival=None if rival == account else rival,
        belief=data.draw(st.sampled_from([None, *GROUND.beliefs(account)])),
        mode=data.draw(st.sampled_from([None, "script", "rules"])),
        seed=data.draw(st.integers(0, 2**31 - 1)),
        members=members,
        change=None if change is None else link(f"change={quote(change)}").change,
        run=data.draw(st.sampled_from([None, "january-2022--union--seed1", "a run, mine"])),
        layer=one(LAYERS),
        show=one(SHOWS),
        member=data.draw(st.integers(0, members - 1)),
        side="base" if change is None else one(["base", "changed", "difference"]),
        hour=data.draw(st.integers(0, 311)),
        unit=data.draw(st.sampled_from([None, *GROUND.units])),
        since=since,
        until=data.draw(st.integers(since + 1, 312)),
        panel=one(PANELS),
        lang=data.draw(st.sampled_from([None, *LANGUAGES])),
    )
    assert read_link(state.query(), GROUND) == Read(state)


def test_a_browser_reads_the_canonical_text_as_we_do() -> None:
    state = link("change=no-shoot-order%2Bprice-cut-earlier@2022-01-03&unit=region:Mangystau")
    assert parse_qs(state.query()) == {
        "change": ["no-shoot-order+price-cut-earlier@2022-01-03T00:00"],
        "unit": ["region:Mangystau"],
    }


def test_a_plus_that_nobody_escaped_still_joins_changes() -> None:
    assert link("change=no-shutdown+no-shoot-order").change == "no-shoot-order+no-shutdown"


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("acount=state", "acount", "unknown-key"),
        ("account=stat", "account", "unknown-value"),
        ("episode=zhanaozen-2011", "episode", "unknown-value"),
        ("members=1", "members", "out-of-range"),
        ("members=501", "members", "out-of-range"),
        ("seed=2147483648", "seed", "out-of-range"),
        ("seed=" + "9" * 3000, "seed", "out-of-range"),
        ("seed=1.5", "seed", "not-a-number"),
        ("seed=١", "seed", "not-a-number"),
        ("hour=312", "hour", "out-of-range"),
        ("member=100", "member", "out-of-range"),
        ("rival=union", "rival", "same"),
        ("belief=fitted&account=state", "belief", "unknown-value"),
        ("side=difference", "side", "needs-change"),
        ("from=5", "from", "no-stretch"),
        ("from=9&to=9", "from", "no-stretch"),
        ("run=../secret", "run", "unknown-value"),
        ("run=.hidden", "run", "unknown-value"),
        ("unit=place:Atlantis", "unit", "unknown-value"),
        ("seed=2&seed=3", "seed", "twice"),
        ("account=%00union", "account", "damaged"),
        ("account=%zz", "account", "damaged"),
        ("account=%ff", "account", "damaged"),
        ("change=no-shot-order", "change", "refused"),
        ("change=no-shoot-order=0.5", "change", "refused"),
        ("change=emergency-earlier@2022-01-02..2022-01-04/1d", "change", "range"),
        ("change=/etc/passwd", "change", "file"),
        ("change=my.yaml", "change", "file"),
        ("change=..\\my", "change", "file"),
        ("v=2&seed=3", "v", "newer"),
        ("v=x", "v", "not-a-version"),
        ("v=0", "v", "older"),
        ("x=" + "y" * 4000, "", "too-long"),
        ("&".join(f"k{n}=1" for n in range(65)), "", "too-many"),
    ],
)  # fmt: skip
def test_what_is_wrong_falls_back_and_is_said(query: str, field: str, code: str) -> None:
    assert (field, code) in codes(query)
    kept = {"v=2&seed=3": Link(seed=3), "seed=2&seed=3": Link(seed=2)}
    default = Link(account="state") if "account=state" in query and "belief" in query else Link()
    assert link(query) == kept.get(query, default)
    for note in read_link(query, GROUND).notes:
        assert note.message.endswith((".", "?"))
        assert len(note.value) <= 80


def test_a_note_offers_the_nearest_name() -> None:
    (note,) = read_link("account=unoin", GROUND).notes
    assert "'union'" in note.message


def test_no_file_is_read_for_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the change was looked at")

    monkeypatch.setitem(GROUND.__dict__, "alternatives", never)
    assert codes("change=" + quote("a+/elsewhere/x.yaml")) == [("change", "file")]


def test_an_older_link_is_translated() -> None:
    for query in ("t=30&do=no-shoot-order", "v=0&t=30&do=no-shoot-order"):
        assert link(query) == replace(Link(), hour=30, change="no-shoot-order")
        assert codes(query) == [("v", "older")]


def test_what_follows_the_change_is_the_mode() -> None:
    assert GROUND.world(link("")).mode == "script"
    assert GROUND.world(link("change=no-shoot-order")).mode == "rules"
    assert GROUND.world(link("change=no-shoot-order&mode=script")).mode == "script"


@pytest.mark.parametrize("query", ["", "seed=4", "change=no-shoot-order&mode=script&members=7"])
def test_a_world_is_asked_for_again_by_its_query(query: str) -> None:
    asked = GROUND.world(link(query))
    assert asked.query == query.replace("change=no-shoot-order&mode=script&members=7",
                                        "mode=script&members=7&change=no-shoot-order")  # fmt: skip
    assert GROUND.world(link(asked.query)) == asked


def test_how_a_world_is_looked_at_does_not_make_another_one() -> None:
    asked = GROUND.world(link("seed=2"))
    assert GROUND.world(link("seed=2&hour=3&layer=deaths&panel=runs&lang=kk")).key == asked.key


@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"members": 99}, {"account": "state"}, {"belief": "prior"}, {"mode": "rules"},
     {"change": "no-shutdown"}, {"fingerprint": "edited"}, {"version": "0.2.0"}],
)  # fmt: skip
def test_every_part_of_a_world_makes_its_key(other: dict[str, str]) -> None:
    asked = WorldRequest("january-2022")
    assert replace(asked, **other).key != asked.key  # type: ignore[arg-type]


def test_a_world_asked_travels_and_becomes_a_scenario() -> None:
    query = "change=no-shoot-order&mode=rules&account=union&belief=prior"
    asked = pickle.loads(pickle.dumps(GROUND.world(link(query))))
    scenario = asked.scenario()
    assert (scenario.account.name, scenario.belief, scenario.decisions) == (
        "union", "prior", "rules",
    )  # fmt: skip
    assert not scenario.changes
    assert asked.changes(scenario).label == "no-shoot-order"
    assert not WorldRequest("january-2022").changes(scenario)
