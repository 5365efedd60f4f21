"""Whole histories: the same luck gives the same history, and a cause moves what it should."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import qantar.model.month
from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, QantarError
from qantar.model.month import COUNTRY_FIELDS, MECHANISMS, REGION_FIELDS, SWITCHED, UNFITTED
from qantar.model.months.declaration import ANSWERS, FRAMES, MONTHS_PER_YEAR, Given
from qantar.packs.country import packs_folder
from qantar.packs.years_tables import Trigger
from qantar.simulate.years.histories import Histories, joined, run_histories
from qantar.simulate.years.inputs import dated_triggers, given_outcomes, make_past, month_index
from qantar.simulate.years.scenario import (
    Reform,
    YearsScenario,
    laws,
    make_years_scenario,
    parameter_names,
    parameter_record,
)

SEED = 5
ALL = "9999-12"


@cache
def scenario(law: str = "stocks", until: str = "2022-01") -> YearsScenario:
    return make_years_scenario("kazakhstan", law=law, until=until, belief="prior")


@cache
def drawn(law: str = "stocks", members: int = 200) -> Numbers:
    """Return the parameters of members, drawn from the prior."""
    return scenario(law).draw(SEED, 0, members)


def given(of: YearsScenario, until: str | None = None) -> Given:
    return given_outcomes(of.country, of.years, until)


@cache
def free(law: str = "stocks", until: str = "2022-01", members: int = 200) -> Histories:
    """Return histories in which every wave is simulated."""
    here = scenario(law, until)
    return run_histories(here, given(here), drawn(law, members), seed=SEED)


def imposed(repeats: int = 0, **fixed: float) -> Histories:
    """Return histories that get every outcome that is known, with some parameters fixed."""
    values = drawn().copy()
    for name, value in fixed.items():
        values[:, parameter_names().index(name.replace("__", "."))] = value
    here = scenario()
    return run_histories(here, given(here, ALL), values, seed=SEED, repeats=repeats)


def assert_same(one: Histories, other: Histories) -> None:
    for name, array in one.arrays().items():
        assert array.tobytes() == other.arrays()[name].tobytes(), name


def reformed(of: YearsScenario, *reforms: Reform) -> YearsScenario:
    return replace(of, reforms={f"reform-{k}": reform for k, reform in enumerate(reforms)})


def reform(begins: str, **changes: dict[str, float]) -> Reform:
    return Reform.model_validate(
        {
            "title": "A test",
            "summary": "A test.",
            "from": begins,
            "changes": {
                name.replace("__", "."): {**change, "grade": "assumed"}
                for name, change in changes.items()
            },
            "references": ("qantar-assumption",),
        }
    )


# ---- luck


def test_threads_do_not_matter() -> None:
    here = scenario()
    runs = [run_histories(here, given(here), drawn()[:40], seed=SEED, threads=n) for n in (1, 4)]
    assert_same(*runs)


def test_a_member_is_the_same_in_every_run() -> None:
    here = scenario()
    two = run_histories(here, given(here), here.draw(SEED, 0, 2), seed=SEED)
    later = run_histories(here, given(here), here.draw(SEED, 150, 152), seed=SEED, first=150)
    for part, first in ((two, 0), (later, 150)):
        for name in ("country", "regions", "published", "tally"):
            whole = free().arrays()[name][first : first + 2]
            assert part.arrays()[name].tobytes() == whole.tobytes()
        member = free().wave("member")
        chosen = (member >= first) & (member < first + 2)
        assert part.waves.tobytes() == free().waves[chosen].tobytes()
        assert part.regions_out.tobytes() == free().regions_out[chosen].tobytes()


def test_batches_make_one_run() -> None:
    here = scenario()
    parts = [
        run_histories(here, given(here), drawn()[first : first + 50], seed=SEED, first=first)
        for first in (0, 50, 100, 150)
    ]
    assert_same(joined(parts), free())


def test_seeds_and_members_differ() -> None:
    here = scenario()
    same = np.repeat(drawn()[:1], 2, axis=0)
    one = run_histories(here, given(here), same, seed=SEED)
    other = run_histories(here, given(here), same, seed=SEED + 1)
    assert not np.array_equal(one.country[0], one.country[1])
    assert not np.array_equal(one.country[0], other.country[0])


def test_repeated_spreads_change_nothing_else() -> None:
    here = scenario()
    plain = run_histories(here, given(here), drawn()[:20], seed=SEED)
    repeated = run_histories(here, given(here), drawn()[:20], seed=SEED, repeats=5)
    assert set(repeated.tally.sum(axis=2).ravel()) == {5}
    assert_same(plain, replace(repeated, tally=plain.tally))


def test_a_longer_history_begins_like_a_shorter_one() -> None:
    long = free(until="2035")
    months = free().country.shape[1]
    assert long.country[:, :months].tobytes() == free().country.tobytes()
    assert long.published[:, :months].tobytes() == free().published.tobytes()
    short = free(until="1999")
    assert short.country.tobytes() == free().country[:, : short.country.shape[1]].tobytes()
    assert np.array_equal(short.waves, free().waves[free().wave("month") < 108])


# ---- reforms


def test_a_null_reform_changes_nothing() -> None:
    here = scenario()
    null = reformed(
        here, reform("2000-01", fear__by_repression={"times": 1}, waves__fear={"add": 0})
    )
    assert_same(run_histories(null, given(here), drawn(), seed=SEED), free())


def test_a_reform_of_nothing_that_is_bounded_changes_nothing() -> None:
    """Bounds must not move a value: every drawn one lies within them."""
    here = scenario()
    fitted = [name for name in parameter_names() if name.partition(".")[0] not in UNFITTED]
    every = {name.replace(".", "__"): {"times": 1.0} for name in fitted}
    null = reformed(here, reform("1995-06", **every))
    assert_same(run_histories(null, given(here), drawn()[:50], seed=SEED), part_of(free(), 50))


def part_of(histories: Histories, members: int) -> Histories:
    few, events = histories.wave("member") < members, histories.events
    return Histories(
        histories.country[:members],
        histories.regions[:members],
        histories.published[:members],
        histories.waves[few],
        histories.regions_out[few],
        histories.tally[:members],
        events[events[:, 0] < members],
    )


@pytest.mark.parametrize("begins", ["1991-01", "2011-12", "2021-12"])
def test_twins_are_identical_until_a_reform_begins(begins: str) -> None:
    here = scenario()
    twin = reformed(here, reform(begins, assemblies__level={"add": 1}, waves__intercept={"set": 2}))
    histories = run_histories(twin, given(here), drawn(), seed=SEED)
    month = month_index(here.years, begins)
    assert histories.country[:, :month].tobytes() == free().country[:, :month].tobytes()
    assert histories.published[:, :month].tobytes() == free().published[:, :month].tobytes()
    before = [each.waves[each.wave("month") < month] for each in (histories, free())]
    assert before[0].tobytes() == before[1].tobytes()
    rate = histories.series("rate_social")[:, month] / free().series("rate_social")[:, month]
    assert rate == pytest.approx(np.full(200, np.e), rel=1e-4)


def test_reforms_add_up_and_stay_in_bounds() -> None:
    name = "channels.uncensored"
    twin = reformed(
        scenario(),
        reform("2000-01", channels__uncensored={"set": 0.5}),
        reform("2000-01", channels__uncensored={"times": 1.4}),
        reform("2000-01", waves__salience={"add": 1000}),
    )
    changed, month = twin.after_reforms(drawn())
    assert month == 108
    assert changed[:, parameter_names().index(name)] == pytest.approx(np.full(200, 0.7))
    k = parameter_names().index("waves.salience")
    assert set(changed[:, k]) == {twin.numbers[k].declared.high}


@pytest.fixture
def pack_of_years(tmp_path: Path) -> Path:
    """A copy of the pack that a test may edit."""
    source, ignored = packs_folder() / "kazakhstan", shutil.ignore_patterns("posteriors", "fitted")
    return Path(shutil.copytree(source, tmp_path / "kazakhstan", ignore=ignored))


def test_reforms_that_begin_apart_are_refused(pack_of_years: Path) -> None:
    reforms = pack_of_years / "years/reforms"
    reforms.mkdir(exist_ok=True)
    for name, begins in (("early", "2023-01"), ("late", "2026-01")):
        (reforms / f"{name}.yaml").write_text(
            f"title: T\nsummary: S\nfrom: {begins}\nreferences: [qantar-assumption]\n"
            "changes:\n  waves.fear: {times: 0, grade: assumed}\n"
        )
    make_years_scenario(pack_of_years, until="2030", reforms=["early"], belief="prior")
    with pytest.raises(QantarError, match="begin in different months: early in 2023-01, late in"):
        make_years_scenario(pack_of_years, until="2030", reforms=["early", "late"], belief="prior")


# ---- dated triggers


def test_imposed_outcomes_are_recorded_exactly() -> None:
    here, histories = scenario(), imposed()
    outcome = given(here, ALL)
    known = [trigger.outcome != "unknown" for trigger in dated_triggers(here.years)]
    assert outcome.imposed.astype(bool).tolist() == known
    number = histories.wave("trigger").astype(int)
    assert np.bincount(number).tolist() == [200] * len(known)
    fixed = outcome.imposed[number] > 0
    at = number[fixed]
    assert np.array_equal(histories.regions_out[fixed], outcome.regions_out[at] > 0)
    for column in ("towns", "killed", "detained"):
        told = outcome.towns_out if column == "towns" else getattr(outcome, column)
        assert np.array_equal(histories.wave(column)[fixed], told[at])
    for k, answer in enumerate(ANSWERS):
        assert np.array_equal(histories.wave(answer)[fixed], outcome.answers[at, k])


def test_what_the_sources_say_of_january_is_imposed() -> None:
    here = scenario()
    names = [trigger.trigger for trigger in dated_triggers(here.years)]
    january = next(t for t in here.years.triggers if t.trigger == "lpg-2022")
    outcome = given(here, ALL)
    k = names.index("lpg-2022")
    assert outcome.killed[k] == january.killed
    assert outcome.regions_out[k].sum() == len(january.out)
    assert given(here, "2022-01").imposed[k] == 0
    assert given(here, "2022-02").imposed[k] == 1


def moved(trigger: Trigger, years: int) -> Trigger:
    """Return a trigger so many years later."""
    begins, ends = (
        f"{int(text[:4]) + years}{text[4:7]}" for text in (trigger.begins, trigger.ends)
    )
    return trigger.model_copy(update={"begins": begins, "ends": ends})


def test_waves_follow_the_dates_of_the_pack_and_no_others() -> None:
    here = scenario()
    header = here.years.header.model_copy(update={"observed_until": "2023-01"})
    triggers = tuple(moved(trigger, 1) for trigger in here.years.triggers)
    later = replace(
        here, years=replace(here.years, header=header, triggers=triggers), until="2023-01"
    )
    shifted = run_histories(later, given(later), drawn(), seed=SEED)
    new, old = (each.wave("month") for each in (shifted, free()))
    assert np.array_equal(new, old + MONTHS_PER_YEAR)
    came = shifted.series("wave_events").max(axis=0) > 0
    dated = np.diff(here.past.first_triggers) > 0
    assert came[MONTHS_PER_YEAR:].sum() > 20
    assert not came[MONTHS_PER_YEAR:][~dated].any()
    assert not came[:MONTHS_PER_YEAR].any()


MODEL = Path(qantar.model.month.__file__).parent
SOURCES = [MODEL / "month.py", *sorted((MODEL / "months").glob("*.py"))]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_mechanism_knows_a_year(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    numbers = [value for value in constants if isinstance(value, (int, float))]
    assert not [value for value in numbers if 1900 <= value <= 2100]
    names = {trigger.trigger for trigger in scenario().years.triggers}
    assert not names & {value for value in constants if isinstance(value, str)}


def test_triggers_to_come_are_like_those_of_their_frame() -> None:
    here, histories = scenario(until="2035"), free(until="2035")
    later = histories.wave("month") >= here.past.dated_months
    trigger = histories.wave("trigger")[later].astype(int)
    assert np.array_equal(here.past.trigger_frame[trigger], histories.wave("frame")[later])
    years = (here.past.months - here.past.dated_months) / MONTHS_PER_YEAR
    column = parameter_names().index("calendar.rate")
    monthly = here.past.frame_rate / MONTHS_PER_YEAR
    chance = 1 - np.exp(-np.exp(drawn()[:, column])[:, None] * monthly)
    expected = chance.sum(axis=0) * years * MONTHS_PER_YEAR
    drawn_here = np.bincount(histories.wave("frame")[later].astype(int), minlength=len(FRAMES))
    assert drawn_here == pytest.approx(expected, abs=4.5 * np.sqrt(expected.max()))


# ---- causes


def after_shooting(histories: Histories) -> Numbers:
    """Return the expected assemblies of a year after the shooting of 2011, by month."""
    first = month_index(scenario().years, "2012-01")
    rates = [histories.series(f"rate_{k}") for k in ("economic", "social", "political")]
    return np.sum(rates, axis=0)[:, first : first + 12].mean(axis=0)


def test_the_more_repression_frightens_the_fewer_assemblies_follow() -> None:
    found = [after_shooting(imposed(fear__by_repression=w)) for w in (-0.5, 0.0, 0.5, 1.0)]
    assert np.all(np.diff(found, axis=0) < 0)


def spread_regions(histories: Histories) -> Numbers:
    """Return the mean number of regions out after each dated trigger."""
    tally = histories.tally.sum(axis=0)
    return tally @ np.arange(tally.shape[1]) / tally.sum(axis=1)


def test_the_more_news_reaches_people_the_more_regions_come_out() -> None:
    # Waves whose outcome is unknown leave norm and fear: without their weights, only news counts.
    fixed = {"channels__reach": 0.0, "waves__norm": 0.0, "waves__fear": 0.0}
    none, some, all_of_it = (
        spread_regions(imposed(8, channels__uncensored=share, **fixed)) for share in (0, 0.5, 1)
    )
    assert np.all(none <= some)
    assert np.all(some <= all_of_it)
    last = [t.trigger for t in dated_triggers(scenario().years)].index("lpg-2022")
    assert none[last] < some[last] < all_of_it[last]


def test_an_opening_brings_political_assemblies_while_it_lasts() -> None:
    less, more = (imposed(assemblies__opening=w) for w in (0.0, 1.0))
    open_months = scenario().past.opening > 0
    assert 0 < open_months.sum() < 60
    ratio = more.series("rate_political") / less.series("rate_political")
    assert ratio[:, open_months] == pytest.approx(np.full((200, open_months.sum()), np.e), 1e-4)
    assert np.all(ratio[:, ~open_months] == 1)
    assert np.array_equal(more.series("rate_social"), less.series("rate_social"))


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [("salience", 2.0, 8.0), ("contagion", 0.01, 3.0), ("breadth", 0.0, 4.0)],
)
def test_what_makes_waves_larger(name: str, less: float, more: float) -> None:
    small, large = (imposed(8, **{f"waves__{name}": value}) for value in (less, more))
    assert spread_regions(small).mean() < spread_regions(large).mean()


# ---- laws


@pytest.mark.parametrize("law", laws())
def test_what_a_law_does_not_have_stays_neutral(law: str) -> None:
    histories = free(law)
    off = [name for name in SWITCHED if name not in laws()[law].mechanisms]
    assert off
    for name in off:
        kept = ("mean_reach", "reach")  # news reaches people under every law
        for field in MECHANISMS[name].country:
            if field.name not in kept:
                assert np.all(histories.series(field.name) == field.neutral), field.name
        for field in MECHANISMS[name].regions:
            if field.name not in kept:
                assert np.all(histories.by_region(field.name) == field.neutral), field.name


@pytest.mark.parametrize("law", laws())
def test_every_field_stays_within_its_range(law: str) -> None:
    histories = free(law, "2035", 100)
    for fields, values in (
        (COUNTRY_FIELDS, np.moveaxis(histories.country, 2, 0)),
        (REGION_FIELDS, np.moveaxis(histories.regions, 2, 0)),
    ):
        for field, series in zip(fields, values, strict=True):
            assert np.isfinite(series).all(), field.name
            assert field.low <= series.min() <= series.max() <= field.high, field.name
    assert np.isfinite(histories.waves).all()
    counts = histories.published[~np.isnan(histories.published)]
    assert np.isfinite(counts).all()
    assert np.array_equal(counts, np.round(counts))
    assert counts.min() >= 0


def test_monitors_publish_in_their_months_only() -> None:
    here = scenario()
    on = here.past.monitor_on.T > 0
    assert np.array_equal(~np.isnan(free().published), np.broadcast_to(on, (200, *on.shape)))


def test_waves_are_recorded_in_full() -> None:
    histories = free(until="2035")
    regions, towns = histories.wave("regions"), histories.wave("towns")
    assert np.array_equal(regions, histories.regions_out.sum(axis=1))
    assert np.all(regions <= towns)
    assert np.all((regions > 0) == (towns > 0))
    member, month = histories.wave("member"), histories.wave("month")
    assert np.all(np.diff(member * 1000 + month) >= 0)
    events = np.zeros(histories.country.shape[:2])
    np.add.at(events, (member.astype(int), month.astype(int)), towns)
    assert np.array_equal(events, histories.series("wave_events"))


def test_national_means_are_those_of_residents() -> None:
    here, histories = scenario(), free()
    share = here.past.population_share
    december = histories.country[:, MONTHS_PER_YEAR - 1 :: MONTHS_PER_YEAR]
    names = [each.name for each in COUNTRY_FIELDS]
    years = december.shape[1]
    for region, country in (("fear", "mean_fear"), ("reach", "mean_reach")):
        mean = histories.by_region(region)[:, :years] @ share
        assert mean == pytest.approx(december[:, :, names.index(country)], abs=1e-4)
    residents = histories.by_region("residents")[:, :years].sum(axis=2)
    assert residents == pytest.approx(december[:, :, names.index("population")], rel=1e-5)
    kazakhs = histories.by_region("kazakhs")[:, :years] @ share
    january = histories.country[:, ::MONTHS_PER_YEAR, names.index("kazakh_share")]
    assert kazakhs == pytest.approx(january[:, :years], abs=1e-4)


# ---- parameters


def test_a_record_holds_every_parameter_under_its_own_name() -> None:
    names = parameter_names()
    record = parameter_record(np.arange(len(names), dtype=float))[0]
    found = [record[m][short] for m, _, short in (name.partition(".") for name in names)]
    assert found == list(range(len(names)))
    assert len(set(names)) == len(names)


def test_every_draw_of_a_posterior_is_used_before_one_is_used_twice() -> None:
    rows = [scenario()._row(SEED, member, 7) for member in range(21)]
    turns = [rows[:7], rows[7:14], rows[14:]]
    assert [sorted(turn) for turn in turns] == [list(range(7))] * 3
    assert turns[0] != turns[1]


@pytest.mark.parametrize("law", laws())
def test_a_law_frees_the_parameters_of_what_it_has(law: str) -> None:
    here = scenario(law)
    free_names = {here.numbers[k].name for k in here.free}
    owners = {name.partition(".")[0] for name in free_names}
    assert owners & set(SWITCHED) == {
        m for m in laws()[law].mechanisms if m in owners or m == "grievance"
    }
    assert not free_names & set(laws()[law].fixed)
    for name, value in laws()[law].fixed.items():
        assert set(drawn(law)[:, parameter_names().index(name)]) == {value}


# ---- packs


def test_years_that_do_not_begin_in_january_are_refused() -> None:
    here = scenario()
    header = here.years.header.model_copy(update={"first": "1991-04"})
    with pytest.raises(FileError, match="begin with 1991-04"):
        make_past(here.country, replace(here.years, header=header), 60)


def test_more_triggers_of_a_month_than_fit_are_refused() -> None:
    here = scenario()
    trigger = here.years.triggers[-2]
    copies = tuple(trigger.model_copy(update={"trigger": f"copy-{k}"}) for k in range(17))
    with pytest.raises(FileError, match="triggers in one month"):
        make_past(here.country, replace(here.years, triggers=copies), 373)
