"""A wave of the years opened in the hour: conditions down, outcomes up."""

from __future__ import annotations

import numpy as np
import pytest

from qantar.analysis.years.likelihood import CLASSES
from qantar.analysis.years.opening import OpenedWave, experience_index, given_after, open_wave
from qantar.analysis.years.run import run_years
from qantar.base.errors import QantarError, UnknownNameError
from qantar.simulate.years.histories import run_histories
from qantar.simulate.years.inputs import dated_triggers, given_outcomes
from qantar.simulate.years.scenario import YearsScenario, make_years_scenario

MEMBERS = 12
OBSERVED = {"shooting-2011": 0, "land-2016": 1, "election-2019": 1, "lpg-2022": 3}
"""Class of the scope that was observed for every wave with an episode."""


@pytest.fixture(scope="module")
def scenario() -> YearsScenario:
    return make_years_scenario("kazakhstan", until="2023")


@pytest.fixture(scope="module")
def opened(scenario: YearsScenario) -> OpenedWave:
    return open_wave(scenario, "lpg-2022", members=MEMBERS)


def test_conditions_are_in_range_and_what_is_data_agrees(opened: OpenedWave) -> None:
    table = opened.conditions
    assert table["years"].between(0, 1).all()
    reach = table[table["variable"] == "news_reach"]
    assert np.allclose(reach["years"], reach["pack"], atol=0.03)
    assert table.set_index("variable").loc["price_breadth", "years"] == pytest.approx(1)
    assert table.set_index("variable").loc["learned_restraint", "years"] == 1


def test_outcomes_of_the_hour_go_back_into_the_years(
    scenario: YearsScenario, opened: OpenedWave
) -> None:
    run = run_years(scenario, members=MEMBERS, opened=opened)
    assert run.outlook is not None
    names = [t.trigger for t in dated_triggers(scenario.years)]
    here = run.outlook.wave("trigger") == names.index("lpg-2022")
    dated = run.outlook.wave("month") < scenario.past.dated_months
    found = run.outlook.wave("killed")[here & dated]
    country = opened.from_years.outcome.layout.country
    deaths = opened.from_years.outcome.samples("deaths", "country", country, "total")
    assert found == pytest.approx(deaths)
    plain = run_years(scenario, members=MEMBERS)
    assert plain.free.country.tobytes() == run.free.country.tobytes()


def test_only_the_opened_wave_is_replaced(scenario: YearsScenario, opened: OpenedWave) -> None:
    happened = given_outcomes(scenario.country, scenario.years, "9999-12")
    names = [t.trigger for t in dated_triggers(scenario.years)]
    others = np.arange(len(names)) != names.index("lpg-2022")
    for own in given_after(scenario, opened):
        assert (own.killed[others] == happened.killed[others]).all()
        assert (own.regions_out[others] == happened.regions_out[others]).all()


def test_experience_is_halved_every_half_life(scenario: YearsScenario) -> None:
    given = given_outcomes(scenario.country, scenario.years, "9999-12")
    values = scenario.draw(1, 0, 2)
    histories = run_histories(scenario, given, values, seed=1)
    regions = [r.region for r in scenario.country.regions]
    shooting = 12 * 20 + 11
    index = experience_index(histories, np.array([10.0, 20.0]), shooting + 20, len(regions))
    column = regions.index("Mangystau")
    # The strike of May 2011, 27 months before, and the shooting.
    assert index[0, column] == pytest.approx(0.154 + 0.25, abs=0.001)
    assert index[1, column] == pytest.approx(0.392 + 0.5, abs=0.001)
    assert index[0, regions.index("Pavlodar")] == 0


@pytest.mark.parametrize("trigger", sorted(OBSERVED))
def test_hour_and_wave_law_agree_on_what_happened_more_often_than_chance(
    scenario: YearsScenario, trigger: str
) -> None:
    found = open_wave(scenario, trigger, members=MEMBERS).agreement()
    assert found[["wave_law", "hour", "hour_from_pack"]].sum().to_numpy() == pytest.approx(1)
    assert list(found["class"]) == list(CLASSES)
    observed = found.iloc[OBSERVED[trigger]]
    assert observed["hour_from_pack"] > 1 / len(CLASSES)
    # June 2019 mattered outside the largest cities by no variable of the pack.
    if trigger != "election-2019":
        assert observed["wave_law"] > 1 / len(CLASSES)


def test_names_that_cannot_be_opened_are_refused(scenario: YearsScenario) -> None:
    with pytest.raises(UnknownNameError):
        open_wave(scenario, "lpg-2020", members=2)
    with pytest.raises(QantarError, match="hour by hour"):
        open_wave(scenario, "float-2015", members=2)
