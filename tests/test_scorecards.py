"""Published scores: arenas, the rule, what it predicts, the files of a pack, and the checks."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, multivariate_normal, norm

from file_edits import HERE, Break
from qantar.analysis.after.scorecard_polls import polls_under
from qantar.analysis.after.scorecard_posteriors import (
    LAWS,
    grid_of,
    line_of,
    posterior_of,
    posterior_table,
    score_laws,
)
from qantar.analysis.after.scorecards import (
    anchored,
    arena_table,
    arenas_by_year,
    predictions,
    scores_under,
)
from qantar.analysis.after.scorecards_checks import checks, met_by_year
from qantar.base.errors import FileError, QantarError
from qantar.model.after.arenas import ARENAS, INDICES, arena_scores, arenas_met
from qantar.model.after.poll_answers import (
    asked_again,
    asked_again_unchanged,
    house_weights,
    shares,
)
from qantar.model.after.scorecards import (
    Grid,
    Line,
    Mixture,
    Seen,
    below_of,
    condition,
    log_density,
    predict,
    quantiles,
    slope_of,
    walk,
)
from qantar.packs.after.scorecards import Scorecards, load_scorecards, scorecard_numbers
from qantar.packs.country import Country, packs_folder
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country
from qantar.reports.after.scorecards import scorecard_rows, scorecards_figure

MONITORS, SCORES, ARENAS_CSV = "after/monitors.csv", "after/scores.csv", "after/arenas.csv"
PRESS_2029 = "watch-press,,2029,36,,sourced"
RANK_2029 = "watch-rank,,2029,33,50,sourced"

BREAKS = {
    "score outside its scale": Break(
        SCORES, PRESS_2029, "watch-press,,2029,136,,sourced", HERE, ("outside", "0 to 100")
    ),
    "rank beyond the list": Break(
        SCORES, RANK_2029, "watch-rank,,2029,51,50,sourced", HERE, ("outside the scale", "1 to 50")
    ),
    "rank of how many": Break(
        SCORES, RANK_2029, "watch-rank,,2029,33,,sourced", HERE, ("`of` does not fit", "ranked")
    ),
    "score of a list": Break(
        SCORES, PRESS_2029, "watch-press,,2029,36,50,sourced", HERE, ("`of` does not fit", "empty")
    ),
    "score held back": Break(
        SCORES, PRESS_2029, "watch-press,,2030,36,,sourced", HERE, ("2029 or earlier", "held back")
    ),
    "score twice": Break(
        SCORES, PRESS_2029, "watch-press,,2028,36,,sourced", HERE, ("twice", "keep one")
    ),
    "unknown monitor": Break(
        SCORES, PRESS_2029, "watch-pres,,2029,36,,sourced", HERE, ("did you mean 'watch-press'",)
    ),
    "score without a source": Break(
        SCORES, PRESS_2029, "watch-press,,2029,36,,unverified", HERE, ("sourced",)
    ),
    "no number": Break(SCORES, PRESS_2029, "watch-press,,2029,nan,,sourced", HERE, ("finite",)),
    "unknown arena": Break(
        MONITORS, "edition of 2030,civil,0", "edition of 2030,civl,0", HERE, ("civil",)
    ),
    "scale without ends": Break(
        MONITORS, "civil,0,100", "civil,100,100", HERE, ("no two ends", "two different ends")
    ),
    "best rank": Break(MONITORS, "civil,50,1,", "civil,50,2,", HERE, ("for ranks `best` 1",)),
    "monitor twice": Break(
        MONITORS, "watch-rank,INV", "watch-press,INV", "watch-press,INVENTED: rank", ("twice",)
    ),
    "unknown reference": Break(
        MONITORS,
        "0,100,1,1,no,elicited,arv-observer",
        "0,100,1,1,no,elicited,arv-obsever",
        HERE,
        ("did you mean 'arv-observer'",),
    ),
    "too few values of an arena": Break(
        ARENAS_CSV, "arena,year,values", "arena,year,values\nlaw,2040,0.1 0.2", "law,2040",
        ("10 numbers", "make_arenas.py"),
    ),
    "values that are no numbers": Break(
        ARENAS_CSV, "arena,year,values", "arena,year,values\nlaw,2040,a b", "law,2040",
        ("10 numbers",),
    ),
}  # fmt: skip


@cache
def kazakhstan() -> Country:
    return load_country("kazakhstan")


@cache
def cards() -> Scorecards:
    found = load_scorecards(kazakhstan())
    assert found is not None
    return found


def few(*names: str) -> Scorecards:
    return replace(cards(), monitors=tuple(m for m in cards().monitors if m.monitor in names))


LINE = Line(0.2, 0.25, 0.4, 0.5)
ONE = Grid(np.array([0.8]), np.array([0.03]), np.ones(1))
SEEN = Seen(
    np.array([2000.0, 2001.0, 2004.0]), np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.31, 0.4]), 0.01
)


def by_hand() -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the three scores and one more, in 2006 at an arena of 0.6."""
    year, arena = np.append(SEEN.year, 2006), np.append(SEEN.arena, 0.6)
    level = 0.03**2 / (1 - 0.8**2)
    covariance = 0.25**2 + 0.5**2 * np.outer(arena, arena)
    covariance += level * 0.8 ** np.abs(year[:, None] - year) + np.eye(4) * 0.01**2 / 12
    return 0.2 + 0.4 * arena, covariance


# ---- arenas


def test_arenas_are_the_stated_means() -> None:
    values = {
        "civil_society": 0.4, "independent_reach": 0.1, "legal_opposition": 0.2,
        "concentration": 0.3, "judicial_independence": 0.1, "kin_share": 0.3, "home_share": 0.7,
        "akim_connection": 0.4, "top_faction_share": 0.2,
    }  # fmt: skip
    found = arena_scores({name: np.array(value) for name, value in values.items()})
    expected = {
        "civil": 0.25, "political": 0.45, "law": 0.1, "bureaucracy": 0.5, "economic": 0.7,
        "all": 0.4,
    }  # fmt: skip
    assert {name: float(value) for name, value in found.items()} == pytest.approx(expected)
    assert float(arenas_met(found, 0.44)) == 3
    assert float(arenas_met(found, 0.0)) == 5


@pytest.mark.parametrize("index", INDICES)
def test_every_index_moves_its_arena_in_the_stated_direction(index: str) -> None:
    middle = {name: np.array(0.5) for name in INDICES}
    before = arena_scores(middle)
    after = arena_scores(middle | {index: np.array(0.6)})
    arena, part = next((a, p) for a, parts in ARENAS.items() for p in parts if p.variable == index)
    assert (after[arena] < before[arena]) == part.turned
    assert all(after[other] == before[other] for other in ARENAS if other != arena)


def test_arenas_are_read_in_december() -> None:
    months = np.tile(np.arange(24) / 24, (3, 1))
    found = arenas_by_year(dict.fromkeys(INDICES, months), "1991-01")
    assert {year for _, year in found} == {1991, 1992}
    assert found["law", 1992] == pytest.approx([23 / 24] * 3)


def test_a_missing_index_is_named() -> None:
    with pytest.raises(QantarError, match="lack concentration"):
        arenas_by_year({n: np.zeros((1, 12)) for n in INDICES if n != "concentration"}, "1991-01")


# ---- rule


def test_evidence_is_that_of_the_normal_distribution() -> None:
    mean, covariance = by_hand()
    expected = multivariate_normal(mean[:3], covariance[:3, :3]).logpdf(SEEN.score)
    assert condition(LINE, ONE, SEEN).log_evidence == pytest.approx(expected)


def test_prediction_is_the_conditional_distribution() -> None:
    mean, covariance = by_hand()
    gain = covariance[3, :3] @ np.linalg.inv(covariance[:3, :3])
    found = predict(condition(LINE, ONE, SEEN), 2006.0, np.array([0.6]))
    assert found.mean[0] == pytest.approx(mean[3] + gain @ (SEEN.score - mean[:3]))
    assert found.sd[0] ** 2 == pytest.approx(covariance[3, 3] - gain @ covariance[:3, 3])


def test_coefficients_are_those_of_weighted_least_squares_with_a_prior() -> None:
    _, covariance = by_hand()
    prior = np.diag([0.25**2, 0.5**2])
    design = np.stack([np.ones(3), SEEN.arena], axis=1)
    noise = np.linalg.inv(covariance[:3, :3] - design @ prior @ design.T)
    spread = np.linalg.inv(np.linalg.inv(prior) + design.T @ noise @ design)
    mean = spread @ (np.linalg.inv(prior) @ [0.2, 0.4] + design.T @ noise @ SEEN.score)
    found = condition(LINE, ONE, SEEN)
    assert found.coefficients[0] == pytest.approx(mean)
    assert found.spread[0] == pytest.approx(spread)


def test_without_scores_the_posterior_is_the_prior() -> None:
    nothing = Seen(np.zeros(0), np.zeros(0), np.zeros(0), 0.01)
    found = condition(LINE, grid_of(scorecard_numbers()), nothing)
    assert found.log_evidence == pytest.approx(0.0)
    assert found.coefficients == pytest.approx(np.tile([0.2, 0.4], (len(found.grid.weight), 1)))
    assert quantiles(slope_of(found), (0.5,))[0] == pytest.approx(0.4)


def test_without_a_link_an_arena_changes_nothing() -> None:
    found = condition(line_of(scorecard_numbers(), linked=False), ONE, SEEN)
    low, high = (predict(found, 2006.0, np.array([x])) for x in (0.1, 0.9))
    assert low.mean == pytest.approx(high.mean)
    assert low.sd == pytest.approx(high.sd)


def test_a_steep_record_predicts_more_for_a_higher_arena() -> None:
    arena = np.linspace(0.1, 0.9, 12)
    seen = Seen(np.arange(12.0), arena, 0.1 + 0.5 * arena, 0.01)
    found = condition(LINE, ONE, seen)
    middles = [quantiles(predict(found, 13.0, np.array([x])), (0.5,))[0] for x in (0.2, 0.5, 0.8)]
    assert middles == sorted(middles)
    assert quantiles(slope_of(found), (0.5,))[0] == pytest.approx(0.5, abs=0.1)


def test_more_years_ahead_are_less_certain() -> None:
    found = condition(LINE, ONE, SEEN)
    spreads = [predict(found, year, np.array([0.5])).sd[0] for year in (2005.0, 2008.0, 2020.0)]
    assert spreads == sorted(spreads)


def test_quantiles_of_a_mixture() -> None:
    one = Mixture(np.ones(1), np.array([2.0]), np.array([3.0]))
    assert quantiles(one, (0.05, 0.5)) == pytest.approx(norm(2, 3).ppf([0.05, 0.5]))
    two = Mixture(np.array([0.3, 0.7]), np.array([0.0, 1.0]), np.array([0.1, 0.2]))
    assert below_of(two, quantiles(two, (0.2, 0.9))) == pytest.approx([0.2, 0.9])
    expected = 0.3 * norm.pdf(0.4, 0, 0.1) + 0.7 * norm.pdf(0.4, 1, 0.2)
    assert log_density(two, 0.4) == pytest.approx(math.log(expected))


def test_random_walk_is_as_restless_as_the_record() -> None:
    found = walk(SEEN, 2006.0)
    yearly = (0.01**2 / 1 + 0.09**2 / 3) / 2 + 0.01**2 / 12
    assert found.mean[0] == 0.4
    assert found.sd[0] ** 2 == pytest.approx(2 * yearly)


def test_weights_of_the_grid_sum_to_one() -> None:
    grid = grid_of(scorecard_numbers())
    assert grid.weight.sum() == pytest.approx(1.0)
    assert np.all((grid.persistence > 0) & (grid.persistence < 1))
    assert condition(LINE, grid, SEEN).grid.weight.sum() == pytest.approx(1.0)


def test_the_level_of_a_member_is_no_change() -> None:
    later = {("law", 2021): np.array([0.1, 0.3, 0.5]), ("law", 2025): np.array([0.1, 0.3, 0.6])}
    assert anchored(later, "law", 2025, 2021) == pytest.approx([0.3, 0.3, 0.4])
    assert anchored(later, "law", 2025, 2019) == pytest.approx([0.1, 0.3, 0.6])


# ---- files of a pack


@pytest.mark.parametrize("name", BREAKS)
def test_wrong_files_are_refused(name: str, pack: Path) -> None:
    path, line = BREAKS[name].make(pack)
    with pytest.raises(FileError) as caught:
        load_scorecards(load_country(pack))
    text = str(caught.value)
    assert f"{path}:{line}" in text
    assert all(part in text for part in BREAKS[name].says), text


def test_a_pack_without_the_files_has_the_part_off(pack: Path) -> None:
    shutil.rmtree(pack / "after")
    country = load_country(pack)
    assert load_scorecards(country) is None
    assert predictions(country).empty
    assert checks(country) == []
    assert scorecards_figure(country) is None
    assert scorecard_rows(country) == []


def test_the_template_predicts() -> None:
    found = predictions(load_country(packs_folder() / "template"), years=(2031, 2032))
    assert set(found["monitor"]) == {"watch-press", "watch-rank"}
    assert np.all(found["q05"] < found["q50"])
    assert np.all(found["q50"] < found["q95"])


def test_no_score_of_kazakhstan_is_later_than_2021_or_unsourced() -> None:
    assert max(score.year for score in cards().scores) == 2021
    assert {score.status for score in cards().scores} == {"sourced"}
    assert {score.grade for score in cards().scores} == {"elicited"}


def test_editions_of_vdem_are_apart() -> None:
    references = {m.monitor: m.reference for m in cards().monitors}
    for score in cards().scores:
        assert score.reference == references[score.monitor]
    assert {"vdem-12", "vdem-16"} <= set(references.values())


# ---- Kazakhstan


def test_a_monitor_knows_nothing_of_other_countries_or_later_years() -> None:
    monitor = cards().monitor("vdem16-rule")
    assert monitor is not None
    assert len(cards().seen(monitor).year) == 31
    assert cards().seen(monitor, 2000).year.max() == 2000
    kept = replace(cards(), scores=tuple(s for s in cards().scores if not s.country))
    assert posterior_of(kept, monitor).log_evidence == posterior_of(cards(), monitor).log_evidence


def test_prior_and_posterior_stand_beside_each_other() -> None:
    table = posterior_table(few("fh-rights", "cpi", "vdem16-freexp")).set_index("monitor")
    assert np.allclose(table["prior_slope_q50"], 0.4)
    assert np.all(table["prior_rises"] < 0.9)
    assert np.all(table["slope_q95"] - table["slope_q05"] < 1.6)
    assert np.isnan(table.loc["vdem16-freexp", "loo_low"])
    assert (
        table.loc["cpi", "loo_low"] <= table.loc["cpi", "slope_q50"] <= table.loc["cpi", "loo_high"]
    )


def test_predictions_are_in_units_of_the_monitor_and_only_when_it_publishes() -> None:
    table = predictions(kazakhstan())
    assert set(table["year"]) == {2023, 2024, 2025}
    assert set(table[table["monitor"].str.startswith("bti")]["year"]) == {2024}
    for name in ("", "walk_", "prior_"):
        assert np.all(table[f"{name}q05"] <= table[f"{name}q50"])
        assert np.all(table[f"{name}q50"] <= table[f"{name}q95"])
    for _, row in table.iterrows():
        monitor = cards().monitor(row["monitor"])
        assert monitor is not None
        low, high = sorted((monitor.worst, monitor.best))
        assert low <= row["prior_q05"]
        assert row["prior_q95"] <= high
        assert row["prior_q95"] - row["prior_q05"] > row["q95"] - row["q05"]


def histories(civil: float) -> dict[str, np.ndarray]:
    """Twelve members from 2020 to 2025 whose civil society rises after 2022."""
    values = {name: np.full((12, 72), 0.3) for name in INDICES}
    values["independent_reach"][:, 36:] += civil
    return values


def test_a_package_is_measured_against_its_twins() -> None:
    found = scores_under(
        kazakhstan(), histories(0.4), "2020-01", without=histories(0.0), years=(2025,)
    ).set_index("monitor")
    free = found.loc["vdem16-freexp"]
    assert 0 < free["change_q05"] < free["change_q95"]
    assert free["change_up"] > 0.95 > free["prior_change_up"]
    assert found.loc["vdem16-rule", ["change_q05", "change_q95"]].tolist() == pytest.approx(
        [0, 0], abs=1e-6
    )
    assert found.loc["vdem16-rule", "change_up"] == 0.0


def test_a_package_that_does_nothing_changes_nothing() -> None:
    found = scores_under(
        kazakhstan(), histories(0.1), "2020-01", without=histories(0.1), years=(2023,)
    )
    assert np.allclose(found[["change_q05", "change_q50", "change_q95"]], 0, atol=1e-5)
    assert np.allclose(found["change_up"], 0.0)


def test_the_same_members_in_any_order_give_the_same_scores() -> None:
    values = histories(0.2)
    values["civil_society"] += np.linspace(0, 0.1, 12)[:, None]
    turned = {name: array[::-1] for name, array in values.items()}
    one, other = (
        scores_under(kazakhstan(), each, "2020-01", years=(2025,)) for each in (values, turned)
    )
    assert one.equals(other)


def test_laws_are_compared_on_the_same_scores() -> None:
    table = score_laws(few("bti-status", "cpi")).set_index("monitor")
    assert table["predicted"].to_dict() == {"bti-status": 5, "cpi": 2}
    assert np.all(np.isfinite(table[list(LAWS)].to_numpy(float)))
    assert np.all(table["rule"] > table["prior"])


def test_checks_of_the_shipped_pack() -> None:
    found = checks(kazakhstan())
    ledger = country_ledger(kazakhstan()).claims
    assert all(claim in ledger for check in found for claim in check.claims)
    verdicts = {check.fact: check.verdict for check in found}
    assert verdicts["Kazakhstan under the constitution of 1995"] == "hit"
    assert verdicts["first signs of authoritarian rule"] == "hit"
    assert verdicts["consolidated autocracy"] == "miss"
    assert verdicts["conditions that Ukraine met"] == "hit"
    assert verdicts["rule of law in Ukraine"] == "miss"
    assert verdicts["press freedom, rank of 2022"] == "miss"
    assert verdicts["rank in freedom of speech"] == "miss"
    assert {check.system for check in found} == {"E5", "E6"}


def test_arenas_met_depend_on_the_threshold() -> None:
    met = met_by_year(cards())
    assert all(0 <= number <= 5 and 0 <= chance <= 1 for number, chance in met.values())
    assert any(0 < chance < 1 for _, chance in met.values())
    table = arena_table(cards())
    assert set(table["arena"]) == {*ARENAS, "all"}
    assert table["year"].min() == 1991


def test_the_drawing_has_a_text_and_the_table_every_forecast() -> None:
    template = load_country(packs_folder() / "template")
    drawing = scorecards_figure(template)
    assert drawing is not None
    assert 'aria-label="Scores of 2 monitors' in drawing
    assert "random walk" in drawing
    rows = scorecard_rows(template)
    assert len(rows) == len(predictions(template)) == 4
    assert all(row[name] for row in rows for name in ("rule", "walk", "prior"))


# ---- polls


def test_a_poll_moves_the_weights_to_what_gives_its_count() -> None:
    index, house = np.array([0.1, 0.5]), np.array([-1.0, 0.0, 1.0])
    prior = np.full(3, 1 / 3)
    found = house_weights(index, house, prior, 10, 100)
    expected = binom.pmf(10, 100, shares(index, house)) / 3
    assert found == pytest.approx(expected / expected.sum())
    assert found.argmax() == 1


def test_a_poll_asked_again_has_at_least_the_error_of_its_sample() -> None:
    index, house, one = np.array([0.2]), np.zeros(1), np.ones((1, 1))
    found = asked_again(index, house, one, 124, (0.05, 0.5, 0.95))
    assert found * 124 == pytest.approx(binom.ppf([0.05, 0.5, 0.95], 124, 0.2))
    same = asked_again_unchanged(25, 124, (0.05, 0.5, 0.95))
    assert same[0] <= found[0]
    assert found[2] <= same[2]


def test_more_trust_gives_more_answers() -> None:
    values = np.full((5, 48), 0.1)
    risen = values.copy()
    risen[:, 30:] = 0.3
    low, high = (
        polls_under(kazakhstan(), {"court_trust": each}, "2022-01", years=(2025,))
        for each in (values, risen)
    )
    assert list(low["answer"]) == ["trust-courts"]
    assert float(high["q50"].iloc[0]) > float(low["q50"].iloc[0])
    assert float(low["q95"].iloc[0]) - float(low["q05"].iloc[0]) < float(
        low["prior_q95"].iloc[0]
    ) - float(low["prior_q05"].iloc[0])
    assert polls_under(kazakhstan(), {"court_trust": values}, "2022-01", years=(2027,)).empty
    assert polls_under(load_country(packs_folder() / "template"), {"trust": values}).empty
