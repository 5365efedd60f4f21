"""The split of targets into fit and held: its rule on invented targets, and the shipped pack."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from qantar.base.errors import FileError
from qantar.evidence import load_rules
from qantar.evidence.split import (
    EpisodeSplit,
    Split,
    group_of_target,
    load_split,
    period_end,
    split_uses,
)
from qantar.evidence.targets import TargetRule
from qantar.packs.evidence import SPLIT, check_split, targets_file
from qantar.packs.loading import load_country

REGION_OF = {"Harrow": "Westmarch", "Saltby": "Westmarch", "Arven": "Midland", "Dun": "North"}
TOWNS = {"harrow": "Harrow", "saltby": "Saltby", "arven": "Arven", "dun": "Dun"}


def rule(level: str, name: str, **keys: object) -> TargetRule:
    return TargetRule.model_validate(
        {
            "variable": "violent", "level": level, "name": name, "date": "any",
            "unit": "probability", "use": "fit", "rule": "happened", **keys,
        }
    )  # fmt: skip


def rules() -> dict[str, TargetRule]:
    return {
        "country": rule("country", "Arvenia"),
        "westmarch": rule("region", "Westmarch"),
        **{name: rule("place", town) for name, town in TOWNS.items()},
        "vague": rule("place", "Dun", use="weak", weak="says nothing"),
        "unknown": rule("place", "Dun", use="held", beyond="no run gives it"),
    }


def split(key: str = "a", share: float = 1 / 3, **episode: object) -> Split:
    own = EpisodeSplit.model_validate(episode)
    return Split(key=key, held_share=share, episodes={"spring": own})


def held(uses: Mapping[str, str]) -> set[str]:
    return {name for name, use in uses.items() if use == "held"} - {"unknown"}


KEYS = [f"key-{k}" for k in range(30)]


@pytest.mark.parametrize("key", KEYS)
def test_a_region_and_its_towns_stay_together_and_the_country_is_fitted(key: str) -> None:
    uses = split_uses(split(key), "spring", rules(), REGION_OF)
    assert uses["country"] == "fit"
    assert uses["westmarch"] == uses["harrow"] == uses["saltby"]
    assert (uses["vague"], uses["unknown"]) == ("weak", "held")
    assert len(held(uses)) >= 5 / 3


def test_a_new_key_gives_a_new_split_and_the_same_key_the_same() -> None:
    found = {frozenset(held(split_uses(split(key), "spring", rules(), REGION_OF))) for key in KEYS}
    assert len(found) > 1
    again = split_uses(split("key-1"), "spring", rules(), REGION_OF)
    assert again == split_uses(split("key-1"), "spring", rules(), REGION_OF)


@pytest.mark.parametrize("key", KEYS)
def test_the_present_marks_of_targets_do_not_matter(key: str) -> None:
    marked = {
        name: each.model_copy(update={"use": "held"}) if each.use == "fit" else each
        for name, each in rules().items()
    }
    before = split_uses(split(key), "spring", rules(), REGION_OF)
    assert split_uses(split(key), "spring", marked, REGION_OF) == before


@pytest.mark.parametrize("key", KEYS)
def test_declared_groups_are_fitted(key: str) -> None:
    where = split(key, fit={"Westmarch": "it began there"})
    uses = split_uses(where, "spring", rules(), REGION_OF)
    assert {uses["westmarch"], uses["harrow"], uses["saltby"]} == {"fit"}
    assert held(uses) == {"arven", "dun"}  # two of five are a third


def test_targets_of_one_region_are_split_one_by_one() -> None:
    alone = split(together="target", fit={"harrow": "the total of the dead"})
    uses = split_uses(alone, "spring", rules(), REGION_OF)
    assert uses["harrow"] == "fit"
    assert len(held(uses)) == 2


def test_shipped_targets_follow_the_declared_split() -> None:
    check_split(load_country("kazakhstan"))


def test_shipped_towns_stay_together_and_a_third_is_held() -> None:
    country = load_country("kazakhstan")
    declared = load_split(country.folder / "evidence" / SPLIT)
    region_of = {place.place: place.region for place in country.places}
    for episode, own in declared.episodes.items():
        uses: dict[str, Counter[str]] = {}
        for name, each in load_rules(targets_file(country, episode)).items():
            if each.level == "country" or each.beyond or each.use == "weak":
                continue
            group = group_of_target(own, name, each, region_of)
            uses.setdefault(group, Counter())[each.use] += 1
        assert all(len(of_group) == 1 for of_group in uses.values()), episode
        together = sum(uses.values(), Counter())
        assert together["held"] >= together.total() / 3, episode


def test_deaths_and_violence_are_partly_held() -> None:
    country = load_country("kazakhstan")
    january = load_rules(targets_file(country, "january-2022")).values()
    for variable in ("deaths", "violent", "onset_day", "buildings_attacked"):
        own = [each for each in january if each.variable == variable and each.level != "country"]
        assert {"fit", "held"} <= {each.use for each in own}, variable


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the shipped pack's description and evidence."""
    folder = load_country("kazakhstan").folder
    shutil.copytree(folder, tmp_path / "kazakhstan", ignore=shutil.ignore_patterns("posteriors"))
    return tmp_path / "kazakhstan"


def refused(folder: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        check_split(load_country(folder))
    return caught.value


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_target_against_the_split_is_refused_with_its_line(shipped: Path) -> None:
    file = shipped / "evidence" / "targets" / "january-2022.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    at = next(
        k for k, line in enumerate(lines) if k > lines.index("violent-shymkent:") and "use:" in line
    )
    lines[at] = lines[at].replace("held", "fit")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    error = refused(shipped)
    assert (error.path, error.line) == (file, at + 1)
    assert "violent-shymkent" in str(error)
    assert "held" in str(error)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("      Mangystau:", "      Mangistau:", "'Mangystau'"),
        ("  land-2016:", "  land-2017:", "'land-2016'"),
        ("held_share: 0.3333", "held_share: 1", "held_share"),
    ],
)
def test_an_unsound_declaration_is_refused(shipped: Path, old: str, new: str, says: str) -> None:
    file = shipped / "evidence" / SPLIT
    change(file, old, new)
    error = refused(shipped)
    assert error.path == file
    assert error.line is not None
    assert says in str(error)


PERIODS = {
    "2016": "fit",
    "2018": "fit",
    "2011/2012": "fit",
    "2018-12-31": "fit",
    "2018/2019-01": "held",
    "2019-06": "held",
}


@pytest.mark.parametrize("date", PERIODS)
def test_time_decides_where_the_split_says_so(date: str) -> None:
    late = split(fit_until="2018")
    found = {name: each.model_copy(update={"date": date}) for name, each in rules().items()}
    uses = split_uses(late, "spring", found, REGION_OF)
    assert {uses[name] for name in ("country", "westmarch", *TOWNS)} == {PERIODS[date]}
    assert (uses["vague"], uses["unknown"]) == ("weak", "held")


def test_a_date_that_is_no_period_is_refused_with_its_line(shipped: Path) -> None:
    file = shipped / "evidence" / "targets" / "years.yaml"
    change(file, 'date: "2011/2012"', 'date: "2011 to 2012"')
    error = refused(shipped)
    assert error.path == file
    assert file.read_text(encoding="utf-8").splitlines()[(error.line or 0) - 1].count("2011 to")
    assert "assemblies-2011" in str(error)


def test_the_shipped_years_are_held_back_after_2018() -> None:
    country = load_country("kazakhstan")
    years = load_rules(targets_file(country, "years"))
    late = [each for each in years.values() if period_end(each.date).year > 2018]
    assert late
    assert not [each for each in late if each.use == "fit"]
