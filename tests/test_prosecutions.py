"""Prosecutions: counts of the packs, the flow from arrest to sentence, update and checks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from file_edits import HERE, Break
from qantar.analysis.after.prosecution_checks import checks
from qantar.analysis.after.prosecution_update import candidates, find_facts, weights_of
from qantar.analysis.after.prosecutions import (
    PRIOR,
    UPDATED,
    ProsecutionStudy,
    disputes,
    predictions,
    study_prosecutions,
)
from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, UnknownNameError
from qantar.evidence.claims import load_claims
from qantar.model.after.prosecution_state import STAGES, Parameters, Prosecution, keyed_uniforms
from qantar.model.after.prosecutions import charge_share, prosecute, term_shares
from qantar.packs.after.prosecutions import Prosecutions, load_prosecutions
from qantar.packs.country import packs_folder
from qantar.packs.loading import load_country
from qantar.reports.after.prosecutions import (
    prediction_rows,
    prosecutions_figure,
    published_rows,
)
from qantar.rng import key_of, uniform
from qantar.rng.philox import stable_id
from qantar.simulate.after.prosecutions import (
    declared_numbers,
    draw_parameters,
    draw_persons,
    known_before,
    run_prosecutions,
)

COUNTS, INPUT = "after/prosecutions.csv", "after/prosecutions_input.csv"
SERIOUS = "suspected,2030-03-05,20,20,,persons,Ministry,detained-05,serious,serious-05;fined-05"
CERTAIN = 1e9
"""A rate or a time at which something happens at once, or never."""

BREAKS = {
    "count twice": Break(
        COUNTS,
        "fined-05,spring-unrest,administrative",
        "detained-05,spring-unrest,administrative",
        HERE,
        ("twice",),
    ),
    "unknown stage": Break(
        COUNTS, ",administrative,", ",administrativ,", HERE, ("did you mean 'administrative'",)
    ),
    "negative number": Break(COUNTS, ",60,60,", ",-60,60,", HERE, ("0 or more",)),
    "end below its beginning": Break(
        COUNTS, ",60,60,", ",60,40,", HERE, ("ends below its beginning", "`high` of 60", "exact")
    ),
    "end alone": Break(COUNTS, ",60,60,", ",,60,", HERE, ("no lower bound", "in `low`")),
    "neither number nor word": Break(
        COUNTS, "03-09,,,some,", "03-09,,,,", HERE, ("no lower bound", "`word`")
    ),
    "number without unit": Break(
        COUNTS, "60,60,,persons,", "60,60,,,", HERE, ("without a unit", "persons")
    ),
    "part larger than its whole": Break(
        COUNTS,
        SERIOUS,
        SERIOUS.replace("20,20", "500,500"),
        HERE,
        ("is larger than 'detained-05'", "at most 210", "subset_of"),
    ),
    "part of nothing": Break(
        COUNTS,
        SERIOUS,
        SERIOUS.replace("detained-05", "detained-5"),
        HERE,
        ("unknown count", "did you mean 'detained-05'"),
    ),
    "part of itself": Break(
        COUNTS,
        SERIOUS,
        SERIOUS.replace("detained-05", "serious-05"),
        HERE,
        ("is part of itself", "another count"),
    ),
    "part of another crisis": Break(
        COUNTS,
        "serious-05,spring-unrest",
        "serious-05,autumn-unrest",
        HERE,
        ("another crisis", "autumn-unrest"),
    ),
    "share of nothing known": Break(
        COUNTS,
        SERIOUS,
        SERIOUS.replace("serious-05;fined-05", "serious-05;fined-5"),
        HERE,
        ("unknown count", "did you mean 'fined-05'"),
    ),
    "update without a base": Break(
        COUNTS,
        SERIOUS,
        SERIOUS.replace("serious-05;fined-05", ""),
        HERE,
        ("cannot update 'serious'", "in `of`", "leave `informs` empty"),
    ),
    "unknown reference": Break(
        COUNTS,
        "reported,arv-observer,p4",
        "reported,arv-obsever,p4",
        HERE,
        ("unknown reference", "did you mean 'arv-observer'"),
    ),
    "impossible day": Break(COUNTS, "2030-03-09", "2030-02-30", HERE, ("day",)),
    "quantiles that fall": Break(
        INPUT, "detained,0.5,400", "detained,0.5,100", HERE, ("fall", "200 or more", "low to high")
    ),
    "quantile of one": Break(INPUT, "detained,0.95", "detained,1", HERE, ("below 1",)),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_wrong_in_a_pack_is_refused(name: str, pack: Path) -> None:
    path, line = BREAKS[name].make(pack)
    with pytest.raises(FileError) as caught:
        load_prosecutions(load_country(pack))
    text = str(caught.value)
    assert text.startswith(f"{path}:{line}: ")
    for part in BREAKS[name].says:
        assert part in text


def test_the_crisis_that_is_followed_needs_a_date(pack: Path) -> None:
    path = pack / COUNTS
    lines = path.read_text(encoding="utf-8").splitlines()
    undated = [line for line in lines if ",arrested," not in line and ",detained-05," not in line]
    path.write_text("\n".join(undated) + "\n", encoding="utf-8")
    with pytest.raises(FileError, match="no date at which the run could begin") as caught:
        load_prosecutions(load_country(pack))
    assert "put the crisis that is followed first" in str(caught.value)


def test_the_template_runs_and_is_drawn() -> None:
    found = study_prosecutions(load_country("template"), members=40)
    assert found
    assert "more than 400" in str(prosecutions_figure(found))
    assert {fact.row.count for fact in found.facts} == {"serious-05"}


def test_a_pack_without_the_file_has_no_such_part(pack: Path) -> None:
    (pack / COUNTS).unlink()
    country = load_country(pack)
    assert load_prosecutions(country) is None
    assert study_prosecutions(country) is None
    assert checks(country) == []


@cache
def shipped() -> Prosecutions:
    found = load_prosecutions(load_country("kazakhstan"))
    assert found
    return found


@cache
def study() -> ProsecutionStudy:
    found = study_prosecutions(load_country("kazakhstan"), members=400)
    assert found
    return found


def test_the_shipped_counts_agree_with_their_claims() -> None:
    folder = packs_folder() / "kazakhstan" / "evidence" / "claims"
    claims = {name: c for path in folder.glob("*.csv") for name, c in load_claims(path).items()}
    for row in shipped().counts:
        numbers = set()
        for claim in row.claim_ids:
            assert claim in claims, row.count
            numbers.add(float(claims[claim].value_low or -1))
        if row.claim_ids and row.low is not None and row.low > 2:
            assert row.low in numbers, row.count


def test_counts_without_a_claim_cite_another_source_or_say_that_they_are_recalled() -> None:
    bare = {row.count: row for row in shipped().counts if not row.claims}
    assert set(bare) == {
        "june-2019-detained",
        "june-2019-punished",
        "no-inquiry",
        "amnesty-recalled",
    }
    recalled = bare["amnesty-recalled"]
    assert (recalled.grade, recalled.informs, recalled.low) == ("assumed", "", None)


@pytest.mark.parametrize(
    ("charged", "crowding", "detained", "share"),
    [
        (0.1, 0.0, 500.0, 0.1),
        (0.1, 1.0, 10_000.0, 0.1),
        (0.1, 1.0, 20_000.0, 0.1 / (0.1 + 0.9 * 2)),
        (0.5, 0.5, 2_500.0, 1 / (1 + 0.5)),
        (0.0, 0.3, 5_000.0, 0.0),
    ],
)
def test_share_charged_by_hand(
    charged: float, crowding: float, detained: float, share: float
) -> None:
    given = (np.array([each]) for each in (charged, crowding, detained))
    assert charge_share(*given)[0] == pytest.approx(share)


def test_shares_of_terms_by_hand() -> None:
    median_at_a_bound = term_shares(np.array([3.0, 7.0]), np.array([0.5, 0.5]))
    assert median_at_a_bound[0, 0] == pytest.approx(0.5)
    assert median_at_a_bound[1, 2] == pytest.approx(0.5)
    assert median_at_a_bound.sum(axis=1) == pytest.approx(1.0)


def numbers(members: int = 2, held: Mapping[str, float] | None = None) -> Parameters:
    """Return numbers by which everything happens at once and nothing is dropped, by default."""
    times = [name for name in Parameters._fields if name.endswith("_time")]
    values = dict.fromkeys(Parameters._fields, 0.0) | dict.fromkeys(times, 1 / CERTAIN)
    values |= {"term": 4.0, "term_spread": 0.5, "served": CERTAIN, "amnesty_from": 0.0}
    values |= held or {}
    return Parameters(**{name: np.full(members, value) for name, value in values.items()})


def follow(months: int = 6, killed: int = 0, **held: float) -> Prosecution:
    return prosecute(np.full(2, 1000), np.full(2, killed), numbers(held=held), months, 1)


def test_a_flow_by_hand() -> None:
    """Charged in the first month, in court in the second, convicted in the third."""
    run = follow(charged=1.0, prison=1.0)
    for month, stage in enumerate(["charged", "in_court"]):
        assert run.stage(stage)[0, month] == 1000
    prison = np.sum([run.stage(f"prison_{n}") for n in ("short", "middle", "long")], axis=0)
    assert prison[0, 1:4].tolist() == [0, 1000, 1000]
    assert run.sentenced[0].tolist() == [0, 0, 1000, 1000, 1000, 1000]


@pytest.mark.parametrize(
    ("held", "stage"),
    [
        ({}, "released"),
        ({"administrative": 1.0}, "administrative"),
        ({"charged": 1.0}, "no_prison"),
        ({"charged": 1.0, "acquitted": 1.0}, "acquitted"),
        ({"charged": 1.0, "dropped": 1.0}, "dropped"),
        ({"charged": 1.0, "prison": 1.0, "term": 0.01}, "prison_short"),
        ({"charged": 1.0, "prison": 1.0, "term": 900.0}, "prison_long"),
        ({"charged": 1.0, "prison": 1.0, "served": 1 / CERTAIN}, "served"),
        ({"charged": 1.0, "amnesty_rate": CERTAIN, "amnesty_light": 1.0}, "amnestied"),
        ({"sorting_time": CERTAIN}, "unsorted"),
    ],
)
def test_everybody_ends_where_the_numbers_lead(held: Mapping[str, float], stage: str) -> None:
    run = prosecute(np.full(2, 1000), np.zeros(2), numbers(held=held), 5, 1)
    assert (run.stage(stage)[:, -1] == 1000).all()


def test_an_amnesty_leaves_out_long_terms() -> None:
    amnesty = {"amnesty_rate": CERTAIN, "amnesty_prison": 1.0, "amnesty_from": 3.0}
    held = amnesty | {"charged": 1.0, "prison": 1.0, "term": 900.0}
    run = prosecute(np.full(2, 1000), np.zeros(2), numbers(held=held), 6, 1)
    assert run.total("amnestied").max() == 0
    assert run.amnesty[:, 3].all()


def test_the_null_rule_moves_nobody() -> None:
    run = follow(killed=50, sorting_time=CERTAIN)
    assert run.total("charged", "amnestied", "officers_convicted", "inquiry_opened").max() == 0
    assert (run.stage("unsorted") == 1000).all()
    assert not run.independent.any()


def test_persons_are_conserved_and_no_stage_is_negative() -> None:
    run = study().runs[PRIOR]
    stages = run.outcome.stages
    assert (stages >= 0).all()
    assert (stages.sum(axis=2) == run.detained[:, None]).all()
    totals = run.outcome.total("mistreatment_reported")
    assert (totals[:, -1] <= run.detained).all()
    decided = run.outcome.total("inquiry_opened", "inquiry_refused")
    assert (decided <= totals).all()


def test_arrests_of_later_months_are_conserved() -> None:
    arrests = np.array([[10, 0, 30, 5], [0, 0, 0, 7]])
    run = prosecute(arrests, np.zeros(2), numbers(held={"charged": 0.5}), 4, 3)
    assert (run.stages.sum(axis=2) == arrests.cumsum(axis=1)).all()


def test_stages_follow_from_flows() -> None:
    outcome = study().runs[UPDATED].outcome
    tried = outcome.total("tried")
    assert (tried == outcome.sentenced + outcome.total("acquitted")).all()
    assert (outcome.stage("served") == outcome.total("served")).all()
    assert (outcome.stage("released") == outcome.total("released")).all()


@pytest.mark.parametrize(
    ("name", "quantity", "sign"),
    [
        ("charged", ("prison_short", "no_prison", "acquitted"), 1),
        ("crowding", ("charged",), 1),
        ("acquitted", ("acquitted",), 1),
        ("prison", ("no_prison",), -1),
        ("amnesty_rate", ("amnestied",), 1),
        ("reported", ("mistreatment_reported",), 1),
        ("opened", ("inquiry_opened",), 1),
        ("officer_killing", ("officers_convicted",), 1),
    ],
)
def test_more_of_a_number_moves_a_total_one_way(
    name: str, quantity: tuple[str, ...], sign: int
) -> None:
    """With the same luck; `crowding` raises charges, as fewer than 10,000 are detained."""
    detained, killed = np.full(100, 5000), np.full(100, 200)
    number = declared_numbers()[name]
    assert number.prior
    means = []
    for score in (-1.0, 0.0, 1.0):
        held = {name: number.prior.value_at(score)}
        run = run_prosecutions(shipped(), detained=detained, killed=killed, held=held)
        means.append(sign * run.outcome.total(*quantity)[:, -1].mean())
    assert means[0] < means[1] < means[2]


def test_demands_help_hinder_or_do_nothing() -> None:
    opened = {}
    for pressure in (-1.0, 0.0, 1.0):
        p = numbers(500, {"independent_rate": 0.5, "pressure": pressure})
        persons = np.full(500, 10), np.zeros(500)
        found = [
            prosecute(*persons, p, 12, 2, demands=demands).independent
            for demands in (None, np.full(12, 2.0))
        ]
        opened[pressure] = found[1].any(axis=1).mean() - found[0].any(axis=1).mean()
        assert all(each.sum(axis=1).max() == 1 for each in found)
    assert opened[-1.0] < opened[0.0] == 0 < opened[1.0]


def test_draws_are_those_of_the_package_and_the_same_in_any_batch() -> None:
    drawn = keyed_uniforms(2**40 + 7, np.array([0, 5]), "verdict", 3)
    mechanism = stable_id("prosecutions") & 0xFFFF
    for value, member in zip(drawn, (0, 5), strict=True):
        key = key_of(2**40 + 7, member)
        assert value == uniform(key, mechanism, stable_id("verdict"), 0, 3)
    whole = run_prosecutions(shipped(), members=30)
    part = run_prosecutions(shipped(), members=10, first_member=20)
    assert (whole.outcome.flows[20:] == part.outcome.flows).all()
    assert (whole.detained[20:] == part.detained).all()


def test_inputs_follow_the_quantiles_of_the_hours() -> None:
    drawn = draw_persons(shipped(), "detained", 20_000, 1)
    for level, value in shipped().quantiles("detained"):
        assert (drawn <= value + 0.5).mean() >= level - 0.01
    assert np.median(drawn) == pytest.approx(13177.5, rel=0.02)


def test_own_numbers_of_detained_are_taken() -> None:
    given = np.array([0, 1, 500])
    run = run_prosecutions(shipped(), detained=given, killed=np.zeros(3, int))
    assert (run.outcome.stages[:, -1].sum(axis=1) == given).all()
    with pytest.raises(ValueError, match="negative"):
        run_prosecutions(shipped(), detained=np.array([-1]))
    with pytest.raises(ValueError, match="members"):
        prosecute(np.zeros((2, 3)), np.zeros(2), numbers(), 4, 1)
    with pytest.raises(UnknownNameError, match="chargd"):
        run_prosecutions(shipped(), members=2, held={"chargd": 0.1})


def test_every_number_has_a_label_and_contested_ones_reach_zero() -> None:
    declared = declared_numbers()
    assert set(Parameters._fields) | {"between", "persons_per_case"} == set(declared)
    known = {*load_country("kazakhstan").references, *load_country("kazakhstan").sources}
    for name, number in declared.items():
        assert set(number.references) <= known, name
    for name in ("crowding", "pressure"):
        prior = declared[name].prior
        assert prior
        assert prior.value_at(-1.645) < 0 < prior.value_at(1.645)


def test_nothing_later_than_the_first_year_is_used(pack: Path) -> None:
    assert known_before(shipped()).isoformat() == "2023-01-01"
    for fact in study().facts:
        assert not fact.row.date or fact.row.date < "2023"
    path = pack / COUNTS
    text = path.read_text(encoding="utf-8").replace(SERIOUS, SERIOUS.replace("2030", "2031", 1))
    facts: dict[str, int] = {}
    for name in ("as shipped", "a year later"):
        found = load_prosecutions(load_country(pack))
        assert found
        facts[name] = len(find_facts(found, candidates(1)))
        path.write_text(text, encoding="utf-8")
    assert facts == {"as shipped": 1, "a year later": 0}


def test_a_count_draws_the_share_it_is_about_and_no_other() -> None:
    drawn = candidates(1)
    facts = {f.row.count: f for f in find_facts(shipped(), drawn)}
    fact = facts["zhanaozen-officers"]
    weights = weights_of([fact])

    def log_odds(values: Numbers, with_weights: Numbers) -> float:
        return float(np.log(values / (1 - values)) @ with_weights)

    flat = np.full(len(weights), 1 / len(weights))
    prior = log_odds(drawn["officer_killing"], flat)
    after = log_odds(drawn["officer_killing"], weights)
    # Normal prior and likelihood of log odds: the mean is weighted by both precisions.
    seen, variance = np.log(5.5 / 11.5), fact.errors**2
    expected = (prior / 1.3**2 + seen / variance) / (1 / 1.3**2 + 1 / variance)
    assert after == pytest.approx(expected, abs=0.05)
    assert log_odds(drawn["prison"], weights) == pytest.approx(
        log_odds(drawn["prison"], flat), abs=0.05
    )


def test_predictions_have_the_prior_beside_them_and_each_count_left_out() -> None:
    rows = predictions(study())
    assert {row.by for row in rows} == {"2023-12", "2024-12", "2025-12"}
    bases = [PRIOR, UPDATED, *(f"without {fact.row.count}" for fact in study().facts)]
    sentenced = [row for row in rows if (row.quantity, row.by) == ("sentenced", "2024-12")]
    assert [row.basis for row in sentenced] == bases
    assert all(row.q05 <= row.q50 <= row.q95 for row in rows)
    assert all(row.known_before == "2023-01-01" for row in rows)
    by_end = [r.q50 for r in rows if (r.quantity, r.basis) == ("officers convicted", PRIOR)]
    assert by_end == sorted(by_end)


def test_an_amnesty_can_be_given_a_month() -> None:
    run = run_prosecutions(shipped(), members=50, amnesty_month=10)
    assert run.outcome.amnesty.sum(axis=1).tolist() == [1] * 50
    assert run.outcome.total("amnestied")[:, 9].max() == 0
    assert (run.outcome.total("amnestied")[:, 10] > 0).mean() > 0.9


def test_disputed_numbers_stand_beside_each_other() -> None:
    found = {(d.event, d.number): d.beside for d in disputes(shipped())}
    assert found["january-2022", "5,969"].startswith("+1,565")
    assert "Prosecutor" in found["january-2022", "about 12,000"]
    assert found["january-2022", "more than 5,000"].startswith("not dated")
    assert found["transition-2019", "1,345"].startswith("disagrees")


def test_checks_of_the_shipped_pack() -> None:
    found = {check.fact: check for check in checks(load_country("kazakhstan"))}
    assert "10.9 %" in found["what became of the detained by 9 January"].found
    assert "each is above" in found["numbers of the detained grow"].found
    assert "sum to 37" in found["trials after Zhanaozen 2011"].found
    for fact in ("numbers of the detained grow", "trials after Zhanaozen 2011"):
        assert found[fact].verdict == "input"
    assert found["new arrests, or persons counted again"].verdict == "not told"
    assert found["rule of sorting into fines and charges of terrorism"].verdict == "not told"
    assert found["prison among the convicted"].verdict == "not told"
    assert found["acquitted among the tried"].verdict == "hit"
    assert found["ratio of longest to shortest term in 2011"].verdict == "miss"
    assert {check.system for check in found.values()} == {"D7", "C6"}


def test_drawing_and_tables_are_complete() -> None:
    figure = str(prosecutions_figure(study()))
    assert figure.startswith("<svg")
    assert 'role="img"' in figure
    for text in ("5,969", "about 12,000", "Ministry of Internal Affairs", "not dated"):
        assert text in figure
    assert len(published_rows(study())) == len(shipped().counts)
    rows = prediction_rows(study())
    assert len(rows) == 12
    assert {PRIOR, UPDATED, "medians with a count left out"} <= set(rows[0])


def test_parameters_stay_in_their_ranges() -> None:
    drawn = draw_parameters(300, 5)
    for name, values in drawn._asdict().items():
        number = declared_numbers()[name]
        assert number.low <= values.min() <= values.max() <= number.high, name
    assert len(STAGES) == 13
