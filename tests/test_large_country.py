"""Countries of many places: the ties that are kept, their error, and what a run is said to cost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from command_line import run_qantar
from make_large_pack import make_large_pack
from qantar.analysis.expected_cost import (
    Size,
    expected_bytes,
    expected_seconds,
    memory_in_words,
    time_in_words,
)
from qantar.base import machine
from qantar.base.arrays import Numbers
from qantar.model.hour import initial_state
from qantar.model.mechanisms import ties
from qantar.model.state import MOST_PAIRED, STRONGEST, Environment
from qantar.packs.country import Country, cohorts
from qantar.packs.loading import load_country
from qantar.rng.elementary import exp, log
from qantar.simulate.environment import make_environment
from qantar.simulate.tie_accuracy import tie_accuracy
from qantar.simulate.ties import likeness, log_distances

MANY = MOST_PAIRED + 20
EPISODE = "spring-unrest"


def pack_of(folder: Path, places: int) -> Path:
    path = folder / f"arvenia-{places}"
    make_large_pack(path, places=places)
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack_of(tmp_path_factory.mktemp("large"), MANY)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack_of(tmp_path_factory.mktemp("small"), MOST_PAIRED)


def scattered(country: Country, seed: int) -> Country:
    """Return a country whose places lie anywhere, two of them on the same spot."""
    generator = np.random.default_rng(seed)
    spots = [*zip(generator.uniform(30, 60, MANY), generator.uniform(20, 90, MANY), strict=True)]
    spots[1] = spots[0]
    places = [
        place.model_copy(update={"latitude": north, "longitude": east})
        for place, (north, east) in zip(country.places, spots, strict=True)
    ]
    return replace(country, places=tuple(places))


def parameters(seed: int) -> ties.Parameters:
    generator = np.random.default_rng(seed)
    return ties.Parameters(
        distance_decay=generator.uniform(0.0, 3.0),
        size_pull=generator.uniform(0.0, 1.2),
        work_share=generator.uniform(0.05, 0.6),
        delay=3.0,  # news of this hour arrives at once
        memory=18.0,
        by_phone=0.0,
    )


def exact_news(country: Country, p: ties.Parameters, crowd: Numbers) -> Numbers:
    """Return the news that every place hears along the ties of all pairs."""
    population = np.array([float(place.population) for place in country.places])
    kin = np.exp(p.size_pull * np.log(population) - p.distance_decay * log_distances(country))
    np.fill_diagonal(kin, 0.0)
    kin /= kin.sum(axis=1, keepdims=True)
    weights = (1 - p.work_share) * kin + p.work_share * likeness(country, cohorts(country))
    result: Numbers = weights @ crowd
    return result


def news(environment: Environment, p: ties.Parameters, crowd: Numbers) -> Numbers:
    """Return the news that the mechanism spreads in its first hour."""
    state = initial_state(environment)
    ties.set_tie_weights(state, environment, p)
    environment.of_places(state.places["crowd"])[:] = crowd
    ties.spread_news(state, environment, p)
    return environment.of_places(state.places["ties_1"]).copy()


@pytest.mark.parametrize("seed", range(6))
def test_the_news_of_a_large_country_is_within_the_stated_error(large: Path, seed: int) -> None:
    country = scattered(load_country(large), seed)
    environment, p = make_environment(country), parameters(seed)
    (accuracy,) = tie_accuracy(country, environment, [p])
    assert accuracy.error < 0.05
    generator = np.random.default_rng(seed)
    for kept in (0.01, 0.2, 1.0):
        crowd = np.where(generator.uniform(size=MANY) < kept, generator.lognormal(6, 2, MANY), 0.0)
        error = np.abs(news(environment, p, crowd) - exact_news(country, p, crowd))
        assert error.max() <= (accuracy.error + 1e-12) * crowd.max()


def test_no_weight_of_ties_is_lost(large: Path) -> None:
    """If everybody everywhere talks, every place hears all that its ties can carry."""
    country, p = load_country(large), parameters(1)
    crowd = np.full(MANY, 1e15)
    found = news(make_environment(country), p, crowd)
    assert np.allclose(found, exact_news(country, p, crowd), rtol=1e-9)


def test_ties_between_workmates_are_exact(large: Path) -> None:
    country = load_country(large)
    p = parameters(2)._replace(work_share=1.0)
    crowd = np.random.default_rng(2).lognormal(4, 2, MANY)
    found = news(make_environment(country), p, crowd)
    assert np.allclose(found, exact_news(country, p, crowd), rtol=1e-9)


def test_one_place_that_is_talked_about_is_heard_exactly_by_its_strongest_ties(
    large: Path,
) -> None:
    """Up to the total of a place, which is that of its approximated ties."""
    country, p = load_country(large), parameters(3)
    environment = make_environment(country)
    first = environment.sparse_ties["first"]
    capital = int(np.diff(first[: MANY + 1]).argmax())
    hearers = environment.sparse_ties["hearer"][first[capital] : first[capital + 1]]
    crowd = np.zeros(MANY)
    crowd[capital] = 1e6
    ratio = news(environment, p, crowd)[hearers] / exact_news(country, p, crowd)[hearers]
    assert np.abs(ratio - 1).max() < 0.02


def test_every_place_keeps_so_many_ties_and_none_with_itself(large: Path) -> None:
    environment = make_environment(load_country(large))
    first = environment.sparse_ties["first"][: MANY + 1]
    hearer = environment.sparse_ties["hearer"][: first[-1]]
    talked_about = np.repeat(np.arange(MANY), np.diff(first))
    assert (np.bincount(hearer, minlength=MANY) == STRONGEST).all()
    assert (hearer != talked_about).all()
    assert environment.log_distance.size == 0


def test_up_to_the_bound_every_pair_is_kept_and_news_has_the_bytes_of_earlier_versions(
    small: Path,
) -> None:
    """The sum is repeated here in the order in which it was always taken."""
    country, p = load_country(small), parameters(4)
    environment = make_environment(country)
    count = environment.place_count
    assert count == MOST_PAIRED
    assert tie_accuracy(country, environment, [p])[0] == (1.0, 0.0, 0.0)
    distance, work = environment.log_distance, environment.likeness
    size = [p.size_pull * log(float(place.population)) for place in country.places]
    weights = np.zeros((count, count))
    for i in range(0, count, 37):
        kin = [exp(size[j] - p.distance_decay * distance[i, j]) for j in range(count)]
        kin[i] = 0.0
        total = 0.0
        for each in kin:
            total += each
        weights[i] = [
            (1.0 - p.work_share) * (kin[j] / total) + p.work_share * work[i, j]
            for j in range(count)
        ]
    crowd = np.random.default_rng(4).lognormal(4, 2, count)
    found = news(environment, p, crowd)
    for i in range(0, count, 37):
        parts = [0.0, 0.0, 0.0, 0.0]
        for j in range(count):
            parts[j % 4 if j < count - count % 4 else 0] += weights[i, j] * crowd[j]
        assert found[i] == (parts[0] + parts[1]) + (parts[2] + parts[3])


def test_check_states_the_cost_of_a_run_and_the_accuracy_of_ties(large: Path, small: Path) -> None:
    done = run_qantar("check", str(large))
    assert done.returncode == 0, done.stderr
    assert f"100 members of {EPISODE}: about" in done.stdout
    assert "of memory" in done.stdout
    assert "by district" in done.stdout
    done = run_qantar("check", str(small))
    assert "ties between places: every pair is kept" in done.stdout


def test_a_run_beyond_the_memory_is_refused_before_it_starts(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qantar.analysis.expected_cost.machine_memory", lambda: int(1e8))
    out = tmp_path / "run"
    words = ("run", EPISODE, "--pack", str(pack), "--members", "2", "--out", str(out))
    done = run_qantar(*words)
    assert done.returncode != 0
    assert "0.1 GB" in done.stderr
    for way in ("fewer --members", "fewer --threads", "--ignore-memory"):
        assert way in done.stderr
    assert list(tmp_path.glob("*run*")) == []
    assert run_qantar(*words, "--ignore-memory").returncode == 0
    assert out.is_dir()


def test_a_machine_that_does_not_state_its_memory_refuses_nothing(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qantar.analysis.expected_cost.machine_memory", lambda: None)
    words = ("run", EPISODE, "--pack", str(pack), "--members", "2", "--out", str(tmp_path / "run"))
    assert run_qantar(*words).returncode == 0


def test_the_limit_of_a_container_counts_if_it_is_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "LIMITS", (limit, tmp_path / "none"))
    whole = machine.machine_memory()
    limit.write_text("max\n")
    assert machine.machine_memory() == whole
    limit.write_text("123456\n")
    assert machine.machine_memory() == 123456


def test_the_expected_cost_grows_with_everything_that_costs() -> None:
    size = Size(places=500, regions=10, groups=8, hours=240, members=50, threads=2)
    larger = (
        replace(size, places=1000),
        replace(size, hours=480),
        replace(size, members=100),
        replace(size, groups=16),
    )
    for other in larger:
        assert expected_seconds(other) > expected_seconds(size)
    for other in (*larger[:3], replace(size, threads=4), replace(size, keep="facts")):
        assert expected_bytes(other) > expected_bytes(size)
    assert [memory_in_words(b) for b in (1.234e9, 35e9)] == ["1 GB", "40 GB"]
    assert memory_in_words(24.6e9, 2) == "25 GB"
    assert [time_in_words(s) for s in (4.04, 89.0, 200.0, 9000.0)] == [
        "4 seconds",
        "90 seconds",
        "3 minutes",
        "2 hours",
    ]


@pytest.mark.slow
def test_a_large_country_runs_from_the_prompt_to_the_report(large: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    words = ("run", EPISODE, "--pack", str(large), "--belief", "prior", "--members", "2")
    done = run_qantar(*words, "--out", str(out))
    assert done.returncode == 0, done.stderr
    told = json.loads((out / "manifest.json").read_text())["ties"]
    assert 0.5 < told["share_one_by_one"] < 1
    assert 0 < told["largest_error"] <= told["largest_error_in_range"] < 0.05
    assert (out / "report.html").stat().st_size > 10_000
