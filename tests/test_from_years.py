"""What the years leave behind before an episode: computed, read, checked, and applied."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from qantar.analysis.years.opening import left_behind, table_of
from qantar.base.errors import FileError
from qantar.packs.conditions import FROM_YEARS, LEFT_BEHIND
from qantar.packs.country import packs_folder
from qantar.packs.episode import from_years_file, list_episodes, load_episode
from qantar.packs.loading import load_country
from qantar.simulate.scenario import make_scenario
from qantar.simulate.years.scenario import make_years_scenario

HEAD = "variable,region,value,q05,q95\n"
ROW = "protest_experience,Midland,0.4,0.1,0.9\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the template whose episode starts from what the years leave behind."""
    folder = tmp_path / "template"
    shutil.copytree(packs_folder() / "template", folder)
    episode = folder / "episodes" / name_of(folder) / "episode.yaml"
    text = episode.read_text(encoding="utf-8")
    assert "\nconditions:" not in text
    episode.write_text(text + "\nconditions:\n  from_years: true\n", encoding="utf-8")
    return folder


def name_of(folder: Path) -> str:
    """Return the only episode of the template."""
    (path,) = (folder / "episodes").iterdir()
    return path.name


def write(folder: Path, text: str) -> Path:
    """Write the file, and return it."""
    path = folder / "episodes" / name_of(folder) / FROM_YEARS
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path) -> None:
    """Read the episode."""
    load_episode(load_country(folder), name_of(folder))


@pytest.mark.parametrize("trigger", ["shooting-2011", "land-2016", "election-2019", "lpg-2022"])
def test_the_shipped_file_is_what_the_shipped_years_give(trigger: str) -> None:
    scenario = make_years_scenario("kazakhstan")
    (found,) = (t for t in scenario.years.triggers if t.trigger == trigger)
    text = table_of(left_behind(scenario, trigger)).to_csv(index=False, lineterminator="\n")
    path = from_years_file(scenario.country, found.episode)
    assert path.read_text(encoding="utf-8") == text


def test_every_episode_of_kazakhstan_starts_from_the_years() -> None:
    country = load_country("kazakhstan")
    for name in list_episodes(country):
        conditions = load_episode(country, name).conditions
        assert conditions.from_years
        assert {each.variable for each in conditions.left_behind} == set(LEFT_BEHIND)


def test_values_hold_in_their_region_and_override_those_of_the_episode(pack: Path) -> None:
    write(pack, HEAD + ROW)
    scenario = make_scenario(name_of(pack), pack=pack)
    environment = scenario.environment
    experience = environment.of_places(environment.places["experience"])
    here = np.array([place.region == "Midland" for place in scenario.country.places])
    assert experience[here] == pytest.approx(0.4)
    shipped = make_scenario(name_of(pack), pack="template").environment
    before = shipped.of_places(shipped.places["experience"])
    assert experience[~here] == pytest.approx(before[~here])


@pytest.mark.parametrize(
    ("rows", "line", "says"),
    [
        ("protest_experience,Midlnd,0.4,0.1,0.9\n", 2, ("unknown region", "'Midland'")),
        ("poverty,Midland,0.4,0.1,0.9\n", 2, ("unknown variable", "poverty")),
        ("protest_experience,Midland,1.4,0.1,0.9\n", 2, ("out of range", "1.4", "0 to 1")),
        ("protest_experience,Midland,nan,0.1,0.9\n", 2, ("value", "number")),
        (ROW + ROW, 3, ("appears twice", "one row")),
        ("price_breadth,Midland,0.4,0.1,0.9\n", 2, ("unknown region", "Arvenia")),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(
    pack: Path, rows: str, line: int, says: tuple[str, ...]
) -> None:
    path = write(pack, HEAD + rows)
    with pytest.raises(FileError) as caught:
        load(pack)
    assert caught.value.path == path
    assert caught.value.line == line
    for word in says:
        assert word in str(caught.value)


def test_a_file_that_is_missing_or_read_by_nobody_is_refused(pack: Path) -> None:
    with pytest.raises(FileError, match=r"(?s)no such file.*qantar years PACK --open"):
        load(pack)
    write(pack, HEAD + ROW)
    episode = pack / "episodes" / name_of(pack) / "episode.yaml"
    text = episode.read_text(encoding="utf-8")
    episode.write_text(text.replace("from_years: true", "ground: []"), encoding="utf-8")
    with pytest.raises(FileError, match=r"(?s)read by no episode.*from_years: true"):
        load(pack)


def test_an_episode_cannot_state_what_the_years_leave_behind_itself(pack: Path) -> None:
    write(pack, HEAD + ROW)
    episode = pack / "episodes" / name_of(pack) / "episode.yaml"
    text = episode.read_text(encoding="utf-8")
    episode.write_text(text + "  left_behind: []\n", encoding="utf-8")
    with pytest.raises(FileError, match="left_behind"):
        load(pack)
