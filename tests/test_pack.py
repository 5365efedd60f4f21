"""The shipped packs: every number has a source that exists, and everything adds up."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from qantar.analysis.run import load_evidence, run
from qantar.evidence import Claim, Target
from qantar.packs.account import list_accounts, load_account
from qantar.packs.country import Country, cohorts
from qantar.packs.episode import RECORD, list_episodes, load_episode
from qantar.packs.loading import load_country
from qantar.packs.tables import PackHeader
from qantar.simulate.environment import make_environment
from qantar.simulate.scenario import make_scenario

PACKS = ("kazakhstan", "template")
POPULATION = 19_503_159
"""Residents of Kazakhstan on 1 January 2022 (source bns-population)."""


@cache
def country_of(pack: str) -> Country:
    return load_country(pack)


@cache
def evidence_of(pack: str, episode: str) -> tuple[dict[str, Claim], tuple[Target, ...]]:
    country = country_of(pack)
    ledger, targets = load_evidence(country, load_episode(country, episode))
    assert ledger is not None
    return ledger.claims, tuple(each.target for each in targets)


EPISODES = [(pack, name) for pack in PACKS for name in list_episodes(country_of(pack))]


@pytest.mark.parametrize("pack", PACKS)
def test_every_number_has_a_source_that_exists(pack: str) -> None:
    country = country_of(pack)
    named = {
        "population of the country": country.header.population_reference,
        **{f"region {r.region}": r.reference for r in country.regions},
        **{f"place {p.place}": p.reference for p in country.places},
        **{f"region value {key}": v.reference for key, v in country.region_values.items()},
        **{f"place value {key}": v.reference for key, v in country.place_values.items()},
        **{f"office {o.office}": o.reference for o in country.offices},
        **{
            f"default of {name}": v.default_reference
            for name, v in country.variables.items()
            if v.default is not None
        },
    }
    for key, group in country.header.groups.items():
        named[f"size of {key}"] = group.size.reference
        named |= {f"{key}.{trait}": stated.reference for trait, stated in group.traits.items()}
    for name in list_episodes(country):
        episode = load_episode(country, name)
        named[f"visible crowd of {name}"] = episode.visible_crowd.reference
        assert episode.holidays is not None
        named[f"days off of {name}"] = episode.holidays.reference
        for number, change in enumerate(episode.conditions.ground, start=1):
            named[f"condition {number} of {name}"] = change.reference
        named |= {
            f"{name}: {action}": each.reference
            for action, each in episode.actions.items()
            if each.reference
        }
    for what, references in named.items():
        for reference in references.split(";"):
            assert reference.strip() in country.sources, f"{what}: {reference!r}"


@pytest.mark.parametrize("pack", PACKS)
def test_every_parameter_has_a_reference_that_exists(pack: str) -> None:
    country = country_of(pack)
    known = {*country.references, *country.sources}
    for mechanism, parameters in country.parameters.items():
        for name, parameter in parameters.items():
            assert set(parameter.references) <= known, f"{mechanism}.{name}"
            assert parameter.low <= parameter.central <= parameter.high, f"{mechanism}.{name}"


@pytest.mark.parametrize("pack", PACKS)
def test_places_sum_to_regions_and_regions_to_the_country(pack: str) -> None:
    country = country_of(pack)
    for region in country.regions:
        parts = [p.population for p in country.places if p.region == region.region]
        stated = country.region_values[region.region, "population"].value
        assert sum(parts) == stated, region.region
    assert sum(p.population for p in country.places) == country.header.population


def test_kazakhstan_is_whole() -> None:
    country = country_of("kazakhstan")
    assert country.header.population == POPULATION
    assert len(country.regions) == 17
    assert sum(place.population for place in country.places) == POPULATION
    assert int(cohorts(country).sum()) == POPULATION


@pytest.mark.parametrize("pack", PACKS)
def test_cohorts_are_whole_persons_and_fill_every_place(pack: str) -> None:
    country = country_of(pack)
    sizes = cohorts(country)
    assert (sizes >= 0).all()
    assert sizes.sum(axis=1).tolist() == [place.population for place in country.places]
    for column, (name, group) in enumerate(country.header.groups.items()):
        if group.size.rule == "total":
            whole = country.region_value(country.header.country, group.size.total).value
            assert sizes[:, column].sum() == round(whole * group.size.scale), name
            shares = [
                country.region_value(region.region, group.size.regional_share).value
                for region in country.regions
            ]
            assert sum(shares) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("pack", PACKS)
def test_the_ground_is_finite(pack: str) -> None:
    environment = make_environment(country_of(pack))
    for records in (environment.places, environment.groups):
        for name in records.dtype.names or ():
            assert np.isfinite(records[name]).all(), name
    assert np.isfinite(environment.log_distance).all()
    assert (environment.likeness >= 0).all()
    assert (environment.likeness.sum(axis=1) <= 1 + 1e-9).all()
    assert (np.diag(environment.likeness) == 0).all()


@pytest.mark.parametrize(("pack", "episode"), EPISODES)
def test_claims_have_sources_and_targets_and_actions_have_claims(pack: str, episode: str) -> None:
    country = country_of(pack)
    claims, targets = evidence_of(pack, episode)
    for claim in claims.values():
        assert claim.source in country.sources, claim.claim
        assert claim.locator, claim.claim
        assert claim.paraphrase, claim.claim
    assert targets
    for target in targets:
        assert target.claim_ids, target.target
        assert set(target.claim_ids) <= set(claims), target.target
    for name, action in load_episode(country, episode).actions.items():
        for saying in action.says:
            assert saying.claim in claims, f"{name}: {saying.claim}"


@pytest.mark.parametrize(("pack", "episode"), EPISODES)
def test_targets_name_units_and_days_that_exist(pack: str, episode: str) -> None:
    country = country_of(pack)
    names = {
        "country": {country.header.country},
        "region": {region.region for region in country.regions},
        "place": {place.place for place in country.places},
    }
    window = {day.isoformat() for day in load_episode(country, episode).days}
    for target in evidence_of(pack, episode)[1]:
        assert target.name in names[target.level], target.target
        assert target.date in {*window, "first", "total", "window", "any"}, target.target


@pytest.mark.parametrize(("pack", "episode"), EPISODES)
def test_a_trigger_and_some_actions_can_be_felt(pack: str, episode: str) -> None:
    kinds = [action.kind for action in load_episode(country_of(pack), episode).actions.values()]
    assert "price_cap_lifted" in kinds or pack != "template"
    assert [kind for kind in kinds if kind != RECORD]


@pytest.mark.parametrize("pack", PACKS)
def test_every_account_loads_and_quotes_sources_that_exist(pack: str) -> None:
    country = country_of(pack)
    accounts = list_accounts(country)
    assert {"null", "union"} <= set(accounts)
    for name in accounts:
        account = load_account(country, name)
        assert account.name == name
        assert set(account.told_by) <= set(country.sources)
    assert not any(
        load_account(country, "null").mechanisms[name].on
        for name in (
            "lethal_force",
            "escalation",
            "organised_violence",
            "coordinated_attack",
            "attacks",
            "looting",
        )
    )


def test_the_header_knows_the_traits_that_the_model_reads() -> None:
    for pack in PACKS:
        header: PackHeader = country_of(pack).header
        traits = [set(group.traits) for group in header.groups.values()]
        assert all(t == traits[0] for t in traits)
        assert header.capital in {place.place for place in country_of(pack).places}


def test_the_template_runs_and_says_that_it_is_invented() -> None:
    country = country_of("template")
    assert len(country.regions) == 3
    assert 6 <= len(country.places) <= 8
    assert 4 <= len(country.header.groups) <= 5
    for account in list_accounts(country):
        scenario = make_scenario("spring-unrest", pack="template", account=account, belief="prior")
        result = run(scenario, members=3, seed=1, threads=1)
        assert len(result.scores) == len(result.targets)
        assert result.outcome.samples("crowd_peak", "country", "Arvenia", "any").max() > 0
    for path in sorted(country.folder.rglob("*")):
        if path.suffix in (".yaml", ".md"):
            assert "invented" in path.read_text(encoding="utf-8").lower() or path_is_plain(path)
    assert all(
        "INVENTED" in claim.paraphrase
        for claim in evidence_of("template", "spring-unrest")[0].values()
    )
    assert all(
        "invented" in (s.title + s.note).lower() or s.kind == "judgement"
        for s in country.sources.values()
    )


def path_is_plain(path: Path) -> bool:
    """Whether a file holds no fact about the country: definitions and switches only."""
    return path.name == "variables.yaml" or path.parent.name == "accounts"
