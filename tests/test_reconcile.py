"""Reconciliation: every rule on ledgers small enough to work out by hand, and what always holds."""

from __future__ import annotations

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from qantar.base.errors import QantarError
from qantar.base.provenance import Source
from qantar.evidence import Claim, Ledger, Reconciled, reconcile
from qantar.evidence.codebook import load_codebook
from qantar.evidence.entities import Entities, Gazetteer, Spelling
from qantar.evidence.reconcile import admit, matching_claims
from qantar.evidence.targets import TargetQuery, TargetRule
from qantar.packs.country import packs_folder
from qantar.packs.evidence import CODEBOOK

BOOK = load_codebook(packs_folder() / CODEBOOK)
PLACES = Gazetteer("Arvenia", {"Harrow": "Westmarch", "Saltby": "Westmarch", "Arven": "Midland"})
RIOT = Entities([Spelling(entity="riot", kind="event", name="Riot")])
SOURCES = {name: Source(title=name, kind="report", date="2031") for name in ("a", "b", "c", "d")}


def claim(name: str, source: str = "a", **cells: str) -> Claim:
    row = {
        "claim": name, "source": source, "locator": "p1", "category": "deaths",
        "subject": "riot", "predicate": "deaths", "modality": "stated", "paraphrase": "x", **cells,
    }  # fmt: skip
    return Claim.model_validate(row)


def number(name: str, source: str, low: float, high: float | None = None, **cells: str) -> Claim:
    """Return a claim with a number as printed, or with a range."""
    words = {"reading": "exact" if high is None else "between", "unit": "persons", **cells}
    top = low if high is None else high
    return claim(name, source, value_low=f"{low:g}", value_high=f"{top:g}", **words)


def at_least(name: str, source: str, low: float, **cells: str) -> Claim:
    return claim(name, source, value_low=f"{low:g}", reading="at_least", **cells)


def up_to(name: str, source: str, high: float, **cells: str) -> Claim:
    return claim(name, source, value_high=f"{high:g}", reading="up_to", **cells)


def day(name: str, source: str, first: str, last: str | None = None, **cells: str) -> Claim:
    cells = {"predicate": "onset", "place": "Harrow", "date_to": last or first, **cells}
    return claim(name, source, date_from=first, **cells)


def ledger(*claims: Claim) -> Ledger:
    return Ledger({c.claim: c for c in claims}, SOURCES, BOOK, PLACES, RIOT, {}, {})


def rule(name: str = "agree", predicate: str = "deaths", /, **keys: object) -> TargetRule:
    return TargetRule.model_validate(
        {
            "variable": "deaths", "level": "country", "name": "Arvenia", "date": "total",
            "unit": "persons", "use": "fit", "rule": name,
            "asks": [TargetQuery(subject="riot", predicate=predicate, scope=("", "police"))],
            **keys,
        }
    )  # fmt: skip


ONSET = {"variable": "onset_day", "level": "place", "name": "Harrow", "date": "first"}
OF_THE_SIXTH = {"date": "2030-03-06"}


def interval(how: TargetRule, *claims: Claim) -> tuple[float, float]:
    return reconcile(ledger(*claims), "t", how).interval


def days(how: TargetRule, *claims: Claim) -> tuple[str, str]:
    target = reconcile(ledger(*claims), "t", how).target
    return target.low, target.high


def test_agree_takes_what_the_claims_share() -> None:
    assert interval(rule(), number("x", "a", 10, 30), number("y", "b", 20, 50)) == (20, 30)
    both = (day("x", "a", "2030-03"), day("y", "b", "2030-03-02"))
    assert days(rule("agree", "onset", **ONSET), *both) == ("2030-03-02", "2030-03-02")


def test_agree_spans_the_sharpest_where_nothing_is_shared() -> None:
    """10 to 100 is refined by 20 and widens nothing; 5 to 6 is refined by nobody."""
    claims = (number("x", "a", 10, 100), number("y", "b", 20), number("z", "c", 5, 6))
    assert interval(rule(), *claims) == (5, 20)


def test_agree_closes_an_open_side_by_another_claim() -> None:
    assert interval(rule(), at_least("x", "a", 10), number("y", "b", 5, 40)) == (10, 40)
    assert interval(rule(), at_least("x", "a", 50), number("y", "b", 5, 40)) == (5, 50)
    assert interval(rule(), up_to("x", "a", 30)) == (0, 30)
    with pytest.raises(QantarError, match="no claim in the ledger determines it"):
        interval(rule(), at_least("x", "a", 10))


@pytest.mark.parametrize("name", ["agree", "total"])
def test_none_is_a_number_like_any_other(name: str) -> None:
    found = interval(rule(name), number("x", "a", 0, reading="none"), number("y", "b", 5))
    assert found == (0, 5)


def test_up_to_is_not_exactly() -> None:
    assert interval(rule("total"), up_to("x", "a", 8)) == (0, 8)


def test_by_ends_with_the_first_claim_that_shows_it_under_way() -> None:
    how = rule(
        "by", "onset", **ONSET, assume={"day_low": "2030-03-01", "because": "the price rose"}
    )
    got = days(how, day("x", "a", "2030-03-05"), day("y", "b", "2030-03-03", "2030-03-04"))
    assert got == ("2030-03-01", "2030-03-04")


@pytest.mark.parametrize("name", ["by", "agree"])
def test_a_day_without_a_beginning_is_refused_in_words(name: str) -> None:
    with pytest.raises(QantarError, match="no claim in the ledger determines it"):
        interval(rule(name, "onset", **ONSET), day("x", "a", "", "2030-03-05"))


def test_as_of_takes_figures_of_the_day_between_earlier_and_later_ones() -> None:
    """The day's 10 to 60 is cut by 20 the day before and 40 the day after."""
    early = number("early", "a", 20, 25, as_of="2030-03-05")
    of_day = number("of-day", "b", 10, 60, as_of="2030-03-06")
    late = number("late", "c", 35, 40, as_of="2030-03-07")
    how = rule("as_of", **OF_THE_SIXTH)
    assert interval(how, early, of_day, late) == interval(how, early, late) == (20, 40)
    assert interval(how, late) == (0, 40)


def test_as_of_counts_near_days_as_the_day() -> None:
    near = number("near", "a", 10, 12, as_of="2030-03-05")
    of_day = number("of-day", "b", 11, 15, as_of="2030-03-06")
    assert interval(rule("as_of", **OF_THE_SIXTH), near, of_day) == (11, 15)
    assert interval(rule("as_of", **OF_THE_SIXTH, near=1), near, of_day) == (11, 12)


def test_as_of_widens_where_a_floor_passes_the_top() -> None:
    early = number("early", "a", 50, as_of="2030-03-05")
    of_day = number("of-day", "b", 30, 60, as_of="2030-03-06")
    late = number("late", "c", 40, as_of="2030-03-07")
    assert interval(rule("as_of", **OF_THE_SIXTH), early, of_day, late) == (30, 60)


def test_as_of_between_figures_that_fall() -> None:
    early = number("early", "a", 12, as_of="2030-03-05")
    late = number("late", "b", 10, as_of="2030-03-07")
    assert interval(rule("as_of", **OF_THE_SIXTH), early, late) == (10, 12)


def test_total_spans_the_last_figure_of_every_source() -> None:
    claims = (
        number("a1", "a", 90, as_of="2030-03-06"),
        number("a2", "a", 12, as_of="2030-03-20"),
        number("b1", "b", 20, 25, as_of="2030-03-10"),
    )
    assert interval(rule("total"), *claims) == (12, 25)


def test_total_takes_earlier_figures_as_floors_once_settled() -> None:
    claims = (
        number("a1", "a", 15, as_of="2030-03-06"),
        number("a2", "a", 12, as_of="2030-03-20"),
        number("b1", "b", 20, as_of="2030-03-21"),
    )
    assert interval(rule("total"), *claims) == (12, 20)
    assert interval(rule("total", settled="2030-03-10"), *claims) == (15, 20)
    floor = number("c1", "c", 99, as_of="2030-03-01")
    assert interval(rule("total", settled="2030-03-10"), *claims, floor) == (20, 20)


def test_add_sums_what_every_scope_agrees_on() -> None:
    civilians = (number("x", "a", 10, 20), number("y", "b", 15, 30))
    assert interval(rule("add"), *civilians, number("z", "c", 3, scope="police")) == (18, 23)


def test_floor_is_the_highest_least_figure_and_its_top_is_declared() -> None:
    top = {"assume": {"high": 100, "because": "the size of the square"}}
    claims = (at_least("x", "a", 10), number("y", "b", 20, 25))
    assert interval(rule("floor", **top), *claims) == (20, 100)
    with pytest.raises(QantarError, match="no claim in the ledger determines it"):
        interval(rule("floor"), *claims)


def test_listed_counts_different_things_once() -> None:
    things = {"a": ("bank", "Arven"), "b": ("bank", "Arven"), "c": ("akimat", "Arven")}
    things["d"] = ("bank", "Harrow")
    claims = [claim(s, s, predicate="burned", value=v, place=p) for s, (v, p) in things.items()]
    asks = [TargetQuery(subject="riot", predicate="burned", extent=("same", "within"))]
    how = rule("listed", asks=asks, assume={"high": 9, "because": "the list is not whole"})
    assert interval(how, *claims) == (3, 9)


def test_happened_and_never() -> None:
    yes, no = (claim(w, s, predicate="joined", value=w) for w, s in (("yes", "a"), ("no", "b")))
    happened = rule("happened", "joined", variable="active", unit="probability")
    assert (interval(happened, yes), interval(happened, no)) == ((0.5, 1), (0, 0.5))
    assert interval(happened, yes, no) == (0, 1)
    never = rule("never", "joined", variable="active", unit="probability")
    assert (interval(never, no), interval(never, yes, no)) == ((0, 0.5), (0, 1))
    said = day("x", "a", "2030-03-02", place="")
    assert interval(rule("happened", "onset", variable="active"), said) == (0.5, 1)
    assert interval(rule("never", "onset", variable="active"), said) == (0, 0.5)


def test_worded_takes_both_bounds_from_the_target() -> None:
    said = claim("x", predicate="intensity", value="a sea of people")
    bounds = {"low": 1000, "high": 20000, "because": "no more is said"}
    got = reconcile(ledger(said), "t", rule("worded", "intensity", assume=bounds))
    assert (got.interval, got.target.note) == ((1000, 20000), "no more is said")
    with pytest.raises(QantarError):
        reconcile(ledger(said), "t", rule("worded", "intensity"))


def test_spread_and_slack_widen_both_ends() -> None:
    how = {"spread": 0.1, "slack_low": 2, "slack_high": 5, "because": "counting"}
    assert interval(rule(assume=how), number("x", "a", 100, 200)) == pytest.approx((88, 225))


def test_a_declared_bound_closes_only_a_side_that_is_open() -> None:
    how = {"low": 3, "high": 99, "because": "silent"}
    assert interval(rule(assume=how), number("x", "a", 10, 20)) == (10, 20)
    assert interval(rule(assume=how), at_least("x", "a", 10)) == (10, 99)
    assert interval(rule(assume=how), up_to("x", "a", 10)) == (3, 10)


def test_the_firmest_tier_speaks_alone() -> None:
    tiers = {
        "x": number("x", "a", 1, modality="retracted"),
        "y": number("y", "b", 2, modality="speculated"),
        "z": number("z", "c", 3, modality="disputed"),
        "u": number("u", "d", 4, modality="attributed"),
        "v": number("v", "a", 6),
    }
    whole = reconcile(ledger(*tiers.values()), "t", rule())
    assert whole.interval == (4, 6)
    assert whole.set_aside == {"x": "retracted", "y": "only speculated", "z": "only disputed"}
    assert interval(rule(), tiers["x"], tiers["y"], tiers["z"]) == (3, 3)
    assert interval(rule(), tiers["x"], tiers["y"]) == (2, 2)
    with pytest.raises(QantarError):
        interval(rule(), tiers["x"])
    got = reconcile(ledger(number("x", "a", 5), claim("y", "b", value="many")), "t", rule())
    assert got.set_aside == {"y": "no number or day"}


def test_percent_is_read_as_a_share_where_the_target_is_one() -> None:
    said = number("x", "a", 25, unit="percent")
    assert interval(rule(unit="share"), said)[0] * 100 == interval(rule(), said)[0] == 25


ASKED: dict[str, dict[str, object]] = {
    "item": {"value": "children"}, "place": {"place": "Arven"}, "stage": {"stage": ["planned"]},
    "about": {"about": "2030-03-05"},
}  # fmt: skip


def test_asked_narrows_by_item_place_stage_period_and_day_held() -> None:
    whole = ledger(
        number("item", "a", 1, value="children"),
        number("place", "a", 2, place="Arven"),
        number("stage", "a", 3, stage="planned"),
        number("about", "a", 4, date_from="2030-03-05", date_to="2030-03-05"),
        number("held", "a", 5, as_of="2030-04"),
    )

    def found(how: TargetRule) -> list[str]:
        return [c.claim for c in matching_claims(whole, how)]

    for name, keys in ASKED.items():
        assert found(rule(asks=[{"subject": "riot", "predicate": "deaths", **keys}])) == [name]
    before = rule(asks=[{"subject": "riot", "predicate": "deaths", "held": "2030-03"}])
    assert found(before) == ["about", "item", "stage"]
    assert found(rule(asks=[], also=["item", "held"], leave_out=["held"])) == ["item"]


def test_change_names_every_case() -> None:
    claims = (number("x", "a", 10), number("y", "b", 30), number("z", "c", 20))
    got = reconcile(ledger(*claims), "t", rule())
    assert {s: got.change(s) for s in "abc"} == {"a": "narrower", "b": "narrower", "c": "same"}
    floor = number("u", "a", 15, as_of="2030-03-01")
    claims = (floor, number("v", "a", 40), number("w", "b", 12, 20))
    got = reconcile(ledger(*claims), "t", rule("total", settled="2030-03-10"))
    assert (got.interval, got.without["a"], got.change("a")) == ((15, 40), (12, 20), "moved")
    assert reconcile(ledger(floor), "t", rule()).change("a") == "nothing left"
    got = reconcile(ledger(number("x", "a", 10, 30), number("y", "b", 15, 20)), "t", rule())
    assert (got.change("a"), got.change("b")) == ("same", "wider")


def test_leaving_out_one_of_two_equal_days_changes_nothing() -> None:
    claims = (day("x", "a", "2030-03-02"), day("y", "b", "2030-03-02"))
    assert reconcile(ledger(*claims), "t", rule("agree", "onset", **ONSET)).change("a") == "same"


def test_leaving_out_one_of_two_equal_thirds_changes_nothing() -> None:
    both = [number(n, n, 7, reading="about") for n in "ab"]
    assert reconcile(ledger(*both), "t", rule()).change("a") == "same"


EXAMPLES = settings(max_examples=200, deadline=None)
MODALITIES = ("stated", "attributed", "disputed", "speculated", "retracted")


@st.composite
def small_ledgers(draw: st.DrawFn, modalities: tuple[str, ...] = MODALITIES) -> Ledger:
    """Draw up to six claims of four sources, dated from 4 to 8 March or not at all."""
    claims = []
    for place in range(draw(st.integers(1, 6))):
        low, more = draw(st.integers(1, 60)), draw(st.integers(0, 40))
        cells = {
            "as_of": draw(st.sampled_from(["", *(f"2030-03-0{d}" for d in range(4, 9))])),
            "scope": draw(st.sampled_from(["", "police"])),
            "modality": draw(st.sampled_from(modalities)),
        }
        name, source = f"c{place}", draw(st.sampled_from("abcd"))
        words = draw(st.sampled_from(["between", "between", "at_least", "up_to"]))
        if words == "between":
            claims.append(number(name, source, low, low + more, **cells))
        else:
            claims.append((at_least if words == "at_least" else up_to)(name, source, low, **cells))
    return ledger(*claims)


RULES = st.sampled_from(
    [rule("agree"), rule("as_of", **OF_THE_SIXTH), rule("as_of", **OF_THE_SIXTH, near=1),
     rule("total"), rule("total", settled="2030-03-06"), rule("add")]
)  # fmt: skip


def made(whole: Ledger, how: TargetRule) -> Reconciled | None:
    try:
        return reconcile(whole, "t", how)
    except QantarError:
        return None


@EXAMPLES
@given(small_ledgers(), RULES)
def test_no_target_lies_outside_its_claims(whole: Ledger, how: TargetRule) -> None:
    got = made(whole, how) or reject()
    admitted, _ = admit(whole, how, matching_claims(whole, how))
    scopes = {a.claim.scope for a in admitted} if how.rule == "add" else {None}
    parts = [[a for a in admitted if s in (None, a.claim.scope)] for s in scopes]
    low = sum(min(a.low for a in part) for part in parts)
    high = sum(max(a.high for a in part) for part in parts)
    dated = [a.claim.held_on for a in admitted if a.claim.held_on]
    if how.rule == "as_of" and min(dated).isoformat() > how.date:
        low = 0  # only later figures: nothing is less than none
    assert low <= got.interval[0] <= got.interval[1] <= high


@EXAMPLES
@given(small_ledgers(modalities=("stated", "attributed")), RULES)
def test_change_tells_what_leaving_out_a_source_does(whole: Ledger, how: TargetRule) -> None:
    got = made(whole, how) or reject()
    low, high = got.interval
    for source in got.without:
        rest = made(whole.without(source), how)
        said = got.change(source)
        assert (rest is None) == (said == "nothing left")
        if rest is not None:
            assert got.without[source] == rest.interval
            assert (rest.interval == (low, high)) == (said == "same")
            inside = low <= rest.interval[0] and rest.interval[1] <= high
            if inside and said != "same":
                assert said == "narrower"
            assert said != "wider" or rest.interval[0] <= low <= high <= rest.interval[1]


@EXAMPLES
@given(small_ledgers(), RULES, st.randoms(use_true_random=False))
def test_the_order_of_claims_does_not_matter(whole: Ledger, how: TargetRule, mix: object) -> None:
    claims = list(whole.claims.values())
    mix.shuffle(claims)  # type: ignore[attr-defined]
    assert made(ledger(*claims), how) == made(whole, how)


@EXAMPLES
@given(small_ledgers(), RULES, st.integers(0, 10_000), st.sampled_from("abcd"))
def test_a_retracted_claim_changes_nothing(
    whole: Ledger, how: TargetRule, value: int, source: str
) -> None:
    extra = number("extra", source, value, modality="retracted", as_of="2030-03-06")
    before, after = made(whole, how), made(ledger(*whole.claims.values(), extra), how)
    assert (before and before.target) == (after and after.target)
    if before and after:
        assert before.without == after.without
        assert after.set_aside == {**before.set_aside, "extra": "retracted"}
