"""The alliance and contagion to neighbours: rules by hand, draws, bad rows, shipped facts."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest

from file_edits import HERE, Break
from qantar.analysis.state.checks import Check
from qantar.analysis.world.alliance import AllianceStudy, checks, predictions, study_alliance
from qantar.analysis.world.alliance_draws import (
    draw_numbers,
    effective_draws,
    weighted_mean,
    weighted_range,
)
from qantar.analysis.world.consent import rate_score, study_consent
from qantar.base.errors import FileError
from qantar.model.world import asking, consent, contagion, deployment, leaving_alliance
from qantar.packs.country import Country, packs_folder
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country
from qantar.packs.world.alliance import load_alliance
from qantar.reports.world.alliance import (
    alliance_figure,
    alliance_rows,
    contagion_rows,
    day_rows,
    prediction_rows,
    weight_rows,
)

REQUESTS, CONTINGENTS, MEMBERS = (
    "world/requests.csv",
    "world/contingents.csv",
    "world/members.csv",
)


@pytest.fixture(scope="module")
def country() -> Country:
    return load_country("kazakhstan")


@pytest.fixture(scope="module")
def study(country: Country) -> AllianceStudy:
    found = study_alliance(country)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def found(country: Country, study: AllianceStudy) -> list[Check]:
    return checks(country, study)


def numbers(*values: float) -> list[np.ndarray]:
    return [np.array([value]) for value in values]


# ---- rules


@pytest.mark.parametrize(
    ("features", "odds"),
    [
        ((0, 0, 0, 0, 0), -2.0),
        ((1, 0, 0, 0, 0), -1.0),
        ((1, 1, 1, 0, 1), 3.0),
        ((1, 1, 0, 1, 0), 0.5),
        ((0, 0.5, 1, 0, 0), -0.5),
    ],
)
def test_consent_by_hand(features: tuple[float, ...], odds: float) -> None:
    p = consent.Parameters(*numbers(-2.0, 1.0, 1.0, 1.0, 0.5, 2.0))
    chance = consent.chance_of_consent(p, consent.Features(*features))
    assert chance == pytest.approx(1 / (1 + np.exp(-odds)))


def test_consent_without_weights_is_the_same_for_every_crisis() -> None:
    p = consent.Parameters(*numbers(-1.0, 0, 0, 0, 0, 0))
    none = consent.chance_of_consent(p, consent.Features(0, 0, 0, 0, 0))
    assert none == consent.chance_of_consent(p, consent.Features(1, 1, 1, 1, 1))


@pytest.mark.parametrize("feature", consent.Features._fields)
def test_a_positive_weight_raises_consent(feature: str) -> None:
    p = consent.Parameters(*numbers(-1.0, 1, 1, 1, 1, 1))
    low = consent.Features(0.2, 0.2, 0.2, 0.2, 0.2)
    high = low._replace(**{feature: 0.9})
    assert consent.chance_of_consent(p, high) > consent.chance_of_consent(p, low)


def test_failing_forces_raise_the_chance_of_asking() -> None:
    p = asking.Parameters(*numbers(-2.0, 2.0, 0.0))
    assert asking.chance_of_asking(p, 1.0, 0.0) == pytest.approx(0.5)
    assert asking.chance_of_asking(p, 0.0, 1.0) == pytest.approx(1 / (1 + np.e**2))


def test_deployment_by_hand() -> None:
    p = deployment.Parameters(*numbers(1.0, 2.0, 1000.0, 4.0, 2.0))
    times = deployment.times_of(p, requested=0.0, stabilised=3.0)
    assert np.concatenate(times) == pytest.approx([1.0, 3.0, 7.0, 9.0])
    share = deployment.present_share(times, np.array([0.5, 1.0, 2.0, 3.0, 7.0, 8.0, 9.0, 20.0]))
    assert share[0] == pytest.approx([0, 0, 0.5, 1, 1, 0.5, 0, 0])


def test_a_force_never_leaves_before_it_is_complete() -> None:
    p = deployment.Parameters(*numbers(10.0, 5.0, 1000.0, 0.1, 1.0))
    times = deployment.times_of(p, requested=0.0, stabilised=3.0)
    assert times.arrives < times.complete <= times.leaving < times.left


def contagion_numbers(**values: float) -> contagion.Parameters:
    p = contagion.Parameters(*numbers(0.5, 0.25, 0.25, -2, 2, 1, 100, np.log(2), 0.5, 0.1, -0.1))
    return p._replace(**{name: np.array([value]) for name, value in values.items()})


def test_contagion_by_hand() -> None:
    p, full = contagion_numbers(), contagion.Neighbour(1, 1, 1, 1)
    assert contagion.fear_of(p, full, 1.0) == pytest.approx(1.0)
    assert contagion.fear_of(p, contagion.Neighbour(1, 1, 0, 0), 0.5) == pytest.approx(0.25)
    assert contagion.chance_of_sending(p, full, 1.0) == pytest.approx(1 / (1 + np.exp(-1)))
    assert contagion.expected_contingent(p, full, 1.0) == pytest.approx(200.0)
    assert contagion.harsher_policing(p, full, 1.0) == pytest.approx(0.0)


def test_without_unrest_only_membership_counts() -> None:
    p = contagion_numbers()
    near, far = contagion.Neighbour(1, 1, 1, 1), contagion.Neighbour(1, 0, 0, 0)
    assert contagion.expected_contingent(p, near, 0.0) == pytest.approx(100.0)
    assert contagion.chance_of_sending(p, near, 0.0) == contagion.chance_of_sending(p, far, 0.0)
    outside = near._replace(member=0.0)
    assert contagion.chance_of_sending(p, outside, 0.0) < contagion.chance_of_sending(p, far, 0.0)


def test_policing_may_change_either_way() -> None:
    state = contagion.Neighbour(1, 1, 1, 1)
    p = contagion_numbers(harsh_precedent=0.0)
    assert contagion.harsher_policing(p, state, 1.0) < 0
    assert contagion.harsher_policing(p._replace(harsh_fear=-p.harsh_fear), state, 1.0) > 0


def test_staying_by_hand() -> None:
    p = leaving_alliance.Parameters(*numbers(0.1, 2.0))
    assert leaving_alliance.chance_of_staying(p, 1.0, 2.0) == pytest.approx(np.exp(-0.5))
    assert leaving_alliance.chance_of_staying(p, 0.0, 0.0) == pytest.approx(1.0)


# ---- draws


def test_a_draw_does_not_depend_on_how_many_are_drawn() -> None:
    few = draw_numbers(consent.Parameters, "consent", 7, 20)
    many = draw_numbers(consent.Parameters, "consent", 7, 50)
    for a, b in zip(few, many, strict=True):
        np.testing.assert_array_equal(a, b[:20])
    other = draw_numbers(consent.Parameters, "consent", 8, 20)
    assert not np.array_equal(few.base, other.base)


def test_open_signs_move_only_the_means_of_weights() -> None:
    given = draw_numbers(consent.Parameters, "consent", 7, 20)
    signs = draw_numbers(consent.Parameters, "consent", 7, 20, open_signs=True)
    np.testing.assert_array_equal(given.base, signs.base)
    np.testing.assert_allclose(given.external - 1.0, signs.external)


def test_a_rule_and_its_file_must_agree() -> None:
    with pytest.raises(FileError, match="number"):
        draw_numbers(consent.Parameters, "asking", 7, 2)


def test_weights_by_hand() -> None:
    values, weights = np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0])
    assert weighted_mean(values, weights) == pytest.approx(1.0)
    assert weighted_range(values, weights) == (0.0, 2.0)
    assert effective_draws(np.ones(10)) == pytest.approx(10.0)
    assert effective_draws(np.array([1.0, 0.0])) == pytest.approx(1.0)


def test_one_rate_by_hand() -> None:
    no, yes = np.log(1 - 1.5 / 5), np.log(0.5 / 5)
    score = rate_score(np.array([False, False, False, False, True]))
    assert score == pytest.approx(4 * no + yes)


# ---- the shipped study


def test_the_same_seed_gives_the_same_study(country: Country) -> None:
    first, second = (study_alliance(country, seed=3, draws=200) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.consents == second.consents
    assert first.predictions == second.predictions


def test_conditioning_moves_each_decision_towards_itself(study: AllianceStudy) -> None:
    for each in study.consents:
        for row in each.fitted:
            towards = 1 if row.request.sent else -1
            assert towards * (row.posterior - row.left_out) > 0


def test_leave_one_out_forgets_the_decision(country: Country) -> None:
    """A changed decision changes the posterior of its crisis, and nothing that left it out."""
    alliance = load_alliance(country)
    assert alliance is not None
    last = alliance.requests[-1].model_copy(update={"decision": "no troops"})
    before = study_consent(alliance.requests, 1, 500).rows[-1]
    after = study_consent((*alliance.requests[:-1], last), 1, 500).rows[-1]
    assert before.left_out == pytest.approx(after.left_out)
    assert after.posterior < before.posterior


def test_where_no_request_is_told_refusals_tell_less(study: AllianceStudy) -> None:
    asked, told = study.consents[0], study.consents[2]
    assert (asked.reading, told.reading) == ("asked", "told")
    assert not asked.open_signs
    assert not told.open_signs
    assert told.rows[0].posterior > asked.rows[0].posterior


def test_states_sum_to_the_force_on_every_day(study: AllianceStudy) -> None:
    parts = [study.deployment.by_day(name) for name in study.deployment.contingents]
    np.testing.assert_allclose(sum(parts), study.deployment.by_day())
    assert all((each >= 0).all() for each in parts)


def test_the_contingents_told_sum_to_the_smallest_total(study: AllianceStudy) -> None:
    parts = study.alliance.of_kind("contingent")
    totals = [row.persons or 0 for row in study.alliance.of_kind("total")]
    assert sum(row.persons or 0 for row in parts) == 2030 == min(totals)
    assert totals == [2030, 3600, 4000]


def test_all_claims_are_in_the_ledger(country: Country, study: AllianceStudy) -> None:
    ledger = country_ledger(country).claims
    rows = (*study.alliance.requests, *study.alliance.contingents, *study.alliance.members)
    assert {claim for row in rows for claim in row.claim_ids} <= set(ledger)


def test_nothing_after_2022_is_read(study: AllianceStudy) -> None:
    dates = [row.when for row in study.alliance.requests]
    dates += [row.ends for row in study.alliance.contingents]
    dates += [row.seen or row.since for row in study.alliance.members]
    assert max(dates) < "2023"


def test_what_the_checks_say(found: list[Check]) -> None:
    verdicts = {check.fact: check.verdict for check in found}
    assert len(verdicts) == len(found)
    assert verdicts["decision: Kazakhstan, January 2022"] == "miss"
    assert verdicts["decision: Armenia, war over Nagorno-Karabakh, autumn 2020"] == "miss"
    assert verdicts["decision: Kyrgyzstan, clashes in the south, June 2010"] == "hit"
    assert verdicts["one rule for refusals and consent"] == "miss"
    assert verdicts["request"] == "input"
    assert verdicts["Tajikistan (member) sends troops"] == "hit"
    assert verdicts["Kyrgyzstan (member) sends troops"] == "hit"
    assert verdicts["Uzbekistan (no member) sends troops"] == "miss"
    assert verdicts["order of the contingents"] == "miss"
    assert verdicts["harsher policing in the neighbourhood afterwards"] == "not told"


@pytest.mark.parametrize("fact", ["first arrival", "start of withdrawal", "total of the force"])
def test_a_hit_by_a_wide_range_says_so(found: list[Check], fact: str) -> None:
    check = next(each for each in found if each.fact == fact)
    assert check.verdict == "hit"
    assert "wide" in check.note


def test_dates_told(study: AllianceStudy) -> None:
    assert study.alliance.moment("arrived") == (dt.date(2022, 1, 6), dt.date(2022, 1, 6))
    assert study.alliance.moment("leaving")[0] == dt.date(2022, 1, 13)


def test_memberships_fall_with_time_and_show_their_prior(country: Country) -> None:
    rows = predictions(country, draws=2000)
    assert [row.at[:4] for row in rows] == ["2023", "2024", "2025"] * 2
    for before, after in itertools.pairwise(rows):
        if before.what == after.what:
            assert after.probability < before.probability
    for row in rows:
        assert row.prior < row.probability, "years of membership speak for staying"
        assert row.low < row.probability < row.high
    csto, eaeu = rows[0], rows[3]
    assert csto.probability > eaeu.probability, "the longer membership tells more"


def test_a_pack_without_the_files_has_the_part_off(country: Country, tmp_path: Path) -> None:
    object.__setattr__(bare := copy.copy(country), "folder", tmp_path)
    assert study_alliance(bare) is None
    assert checks(bare) == []
    assert predictions(bare) == ()


def test_an_invented_country_runs_too() -> None:
    template = load_country("template")
    found = study_alliance(template, draws=500)
    assert found is not None
    assert found.alliance.leader.country == "Midland"
    assert {check.verdict for check in checks(template, found)} >= {"input", "hit"}
    assert [row.at[:4] for row in found.predictions] == ["2031", "2032", "2033"]
    assert "Lowland 100" in alliance_figure(found)


def test_other_codings_are_tried_one_cell_at_a_time(study: AllianceStudy) -> None:
    low, high, count = study.codings["kazakhstan-2022"]
    own = study.consent.rows[-1].left_out
    assert low < own < high
    assert count == 5 * 5 * 2


def test_every_weight_keeps_a_sign_that_is_open(study: AllianceStudy) -> None:
    for row in study.consent.weights[1:]:
        assert 0.05 < row.above < 1.0
        assert row.low < 0 < row.high, "five decisions settle no sign"


# ---- drawing


def test_the_drawing_has_words_for_what_it_shows(study: AllianceStudy) -> None:
    text = alliance_figure(study)
    assert text.startswith("<svg")
    assert 'role="img"' in text
    for part in ("✓", "✗", "persons", "probability", "Russia 1,480", "almost 4,000"):
        assert part in text


def test_tables_have_every_crisis_and_day(study: AllianceStudy) -> None:
    assert len(alliance_rows(study)) == len(study.alliance.requests)
    assert [row["weight"] for row in weight_rows(study)] == [*consent.Parameters._fields]
    assert {row["state"] for row in contagion_rows(study)} >= {"Tajikistan", "Uzbekistan"}
    assert all(row["prior"] and row["probability"] for row in prediction_rows(study))
    days = day_rows(study)
    assert days[0]["day"] == "5 Jan"
    assert {"Russia", "Uzbekistan", "all"} < set(days[0])


# ---- bad rows


BREAKS = {
    "unknown answer": Break(
        REQUESTS, "2010-06,yes,interim", "2010-06,yess,interim", HERE, ("asked", "did you mean")
    ),
    "feature out of range": Break(
        REQUESTS, "fit,0,0,1,0,0,1", "fit,0,0,2,0,0,1", HERE, ("0 to 1",)
    ),
    "crisis twice": Break(
        REQUESTS,
        "kyrgyzstan-2020,",
        "kyrgyzstan-2005,",
        'kyrgyzstan-2005,"Kyrgyzstan, revolution of 2020',
        ("twice", "name of its own"),
    ),
    "troops that nobody asked for": Break(
        REQUESTS, "2022-01-05,yes,incumbent", "2022-01-05,no,nobody", HERE, ("nobody asked for",)
    ),
    "interim government with an incumbent": Break(
        REQUESTS, "fit,0,0,1,0,0,1", "fit,0,1,1,0,0,1", HERE, ("interim", "`incumbent` 0")
    ),
    "recalled column": Break(
        REQUESTS,
        "asked_by; incumbent; interest; ov",
        "asked_bi; incumbent; interest; ov",
        HERE,
        ("unknown column", "did you mean 'asked_by'"),
    ),
    "unknown reference": Break(
        CONTINGENTS,
        "reported,seed-003,s3.2.1,c003-321-csto-kyrgyzstan",
        "reported,seed-03,s3.2.1,c003-321-csto-kyrgyzstan",
        HERE,
        ("unknown reference", "did you mean 'seed-003'"),
    ),
    "negative contingent": Break(CONTINGENTS, ",1480,", ",-1480,", HERE, ("0 or more",)),
    "contingent of nobody": Break(
        CONTINGENTS, "contingent,Russia", "contingent,", "russia,contingent", ("too few", "country")
    ),
    "contingent of a state that is no member": Break(
        CONTINGENTS, "contingent,Belarus", "contingent,Uzbekistan", HERE, ("unknown member",)
    ),
    "leaving before arriving": Break(
        CONTINGENTS,
        "2022-01-13,2022-01-14",
        "2022-01-03,2022-01-04",
        HERE,
        ("`leaving` lies before `arrived`", "exchange"),
    ),
    "spell turned round": Break(
        CONTINGENTS, "2022-01-07,2022-01-09", "2022-01-09,2022-01-07", HERE, ("ends before",)
    ),
    "moment missing": Break(
        CONTINGENTS, "stabilised,moment", "stable,moment", "stable,moment", ("unknown moment",)
    ),
    "no leading state": Break(
        MEMBERS, "1992-05-15,yes,,1", "1992-05-15,,,1", None, ("no leading state", "`leads`")
    ),
    "member without a beginning": Break(
        MEMBERS, "Belarus,csto,yes,1993,", "Belarus,csto,yes,,", "Belarus,csto,yes,,", ("`since`",)
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_wrong_row_is_refused_with_file_line_and_hint(
    name: str, country: Country, tmp_path: Path
) -> None:
    shutil.copytree(packs_folder() / "kazakhstan" / "world", tmp_path / "world")
    path, line = BREAKS[name].make(tmp_path)
    object.__setattr__(broken := copy.copy(country), "folder", tmp_path)
    with pytest.raises(FileError) as caught:
        load_alliance(broken)
    message = str(caught.value)
    assert path.name if line is None else f"{path.name}:{line}" in message, message
    for part in BREAKS[name].says:
        assert part in message, message


def test_a_missing_file_is_named(country: Country, tmp_path: Path) -> None:
    shutil.copytree(packs_folder() / "kazakhstan" / "world", tmp_path / "world")
    (tmp_path / MEMBERS).unlink()
    object.__setattr__(broken := copy.copy(country), "folder", tmp_path)
    with pytest.raises(FileError, match=r"members\.csv.*does not exist"):
        load_alliance(broken)
