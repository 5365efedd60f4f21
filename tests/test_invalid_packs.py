"""One thing wrong at a time in a pack: each is refused, and the message says where and what."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from file_edits import HERE, Break
from qantar.analysis.run import load_evidence
from qantar.base.errors import FileError, QantarError, UnknownNameError
from qantar.packs.account import load_account
from qantar.packs.country import packs_folder
from qantar.packs.loading import load_country
from qantar.simulate.environment import make_environment
from qantar.simulate.scenario import Scenario, make_scenario

EPISODE = "episodes/spring-unrest/episode.yaml"
UNION = "accounts/union.yaml"
JOINING = "parameters/joining.yaml"


def use(folder: Path | str) -> Scenario:
    """Read everything that a run reads, and return the scenario."""
    scenario = make_scenario("spring-unrest", pack=folder, belief="prior")
    load_account(scenario.country, "null")
    make_environment(scenario.country)
    load_evidence(scenario.country, scenario.episode)
    return scenario


def test_the_copy_is_sound(pack: Path) -> None:
    """Otherwise a refusal below could be due to something else than its edit."""
    copied, shipped = use(pack), use("template")
    assert copied.country.numbers == shipped.country.numbers
    assert copied.country.places == shipped.country.places
    assert copied.episode == shipped.episode


def entry(**change: str) -> str:
    """Return a parameter file with one entry of `joining`, changed."""
    parts = {
        "label": "x",
        "unit": "signal",
        "value": "1",
        "low": "0",
        "high": "10",
        "date": "'2030'",
        "grade": "assumed",
        "references": "[arv-assumption]",
        **change,
    }
    name = parts.pop("name", "street_weight")
    lines = [f"  {key}: {value}" for key, value in parts.items() if value]
    return "\n".join([f"{name}:", *lines, ""])


HARROW = "Harrow,Westmarch,town,40.1,-35.2,350000"

BREAKS = {
    # ---- YAML
    "malformed YAML": Break(
        "pack.yaml", "name: template", "name: [template", "title:", ("not valid YAML",)
    ),
    "not a mapping": Break(
        "sources.yaml", "", "- one\n- two\n", None, ("no mapping", "key: value")
    ),
    "empty YAML": Break("variables.yaml", "", "\n", None, ("is empty",)),
    "YAML not UTF-8": Break("sources.yaml", "", "a: \udcff\n", HERE, ("not UTF-8",)),
    "YAML key twice": Break("pack.yaml", "capital: Arven ", "country: Arven ", HERE, ("country",)),
    "unknown key": Break(
        "pack.yaml",
        'note: "Invented from',
        'nte: "Invented from',
        HERE,
        ("unknown key 'nte'", "did you mean 'note'"),
    ),
    "unknown key deep inside": Break(
        EPISODE,
        "    intensity: 0.9",
        "    intensty: 0.9",
        HERE,
        ("intensty", "did you mean 'intensity'"),
    ),
    "missing key": Break("pack.yaml", "capital: Arven ", "# ", None, ("capital", "required")),
    "wrong type": Break(
        "pack.yaml",
        "population: 3000000 ",
        "population: many ",
        HERE,
        ("population", "'many'", "integer"),
    ),
    "negative population of the country": Break(
        "pack.yaml",
        "population: 3000000 ",
        "population: -5 ",
        HERE,
        ("-5", "greater than or equal to 0"),
    ),
    "bad grade": Break(
        "pack.yaml",
        "grade: reported, reference: arv-census}",
        "grade: sure, reference: arv-census}",
        HERE,
        ("'sure'", "'measured'"),
    ),
    "missing reference": Break(
        "pack.yaml",
        'reference: arv-assumption, note: "children stay at home"',
        'note: "at home"',
        HERE,
        ("takes_part.reference", "required"),
    ),
    "unknown source of a trait": Break(
        "pack.yaml",
        'arv-assumption, note: "children stay at home"',
        "arv-asumption",
        None,
        ("unknown source", "arv-asumption", "did you mean 'arv-assumption'"),
    ),
    "capital that is no place": Break(
        "pack.yaml", "capital: Arven ", "capital: Arvn ", None, ("Arvn", "'Arven'")
    ),
    "two groups take the rest": Break(
        "pack.yaml",
        "{rule: share, factors: [child_share]",
        "{rule: rest",
        None,
        ("exactly one group",),
    ),
    "groups claim too many": Break(
        "pack.yaml", "scale: 0.8 ", "scale: 3.0 ", None, ("exceed its population", "at most")
    ),
    "country does not add up": Break(
        "pack.yaml",
        "population: 3000000 ",
        "population: 3000001 ",
        None,
        ("3,000,000", "3,000,001"),
    ),
    # ---- CSV
    "CSV not UTF-8": Break(
        "places.csv",
        "Dorn,Eastvale",
        "D\udcf6rn,Eastvale",
        HERE,
        ("not UTF-8", "save the file as UTF-8"),
    ),
    "empty CSV": Break("offices.csv", "", "", None, ("is empty",)),
    "missing column": Break("regions.csv", ",boundary,", ",", HERE, ("'boundary' is missing",)),
    "extra column": Break(
        "places.csv",
        ",grade,reference,note",
        ",grade,reference,notes",
        HERE,
        ("'notes'", "did you mean 'note'"),
    ),
    "column twice": Break(
        "places.csv", ",grade,reference,note", ",grade,grade,note", HERE, ("appears twice",)
    ),
    "row too short": Break(
        "place_values.csv",
        "Harrow,seat,0.5,index",
        "Harrow,seat,0.5",
        HERE,
        ("wrong width", "8 cells", "9 cells"),
    ),
    "row too long": Break(
        "places.csv",
        "the capital",
        "the capital, on a river",
        HERE,
        ("wrong width", "11 cells", "double quotes"),
    ),
    "no number": Break(
        "places.csv", HARROW, HARROW + "x", HERE, ("'population'", "'350000x'", "integer number")
    ),
    "negative population": Break(
        "places.csv",
        HARROW,
        HARROW.replace("350000", "-350000"),
        HERE,
        ("'-350000'", "an integer number of persons"),
    ),
    "latitude off the globe": Break(
        "places.csv",
        "Harrow,Westmarch,town,40.1",
        "Harrow,Westmarch,town,140.1",
        HERE,
        ("'latitude'", "'140.1'", "-90 to 90"),
    ),
    "value not finite": Break(
        "region_values.csv",
        "Westmarch,poverty,18",
        "Westmarch,poverty,nan",
        HERE,
        ("'value'", "finite"),
    ),
    "place in an unknown region": Break(
        "places.csv",
        HARROW,
        HARROW.replace("Westmarch", "Westmarsh"),
        HERE,
        ("unknown region", "Westmarsh", "'Westmarch'"),
    ),
    "places that do not sum": Break(
        "places.csv",
        HARROW,
        HARROW.replace("350000", "350001"),
        None,
        ("600,001", "600,000", "rural rest"),
    ),
    "place twice": Break(
        "places.csv",
        "Saltby,Westmarch",
        "Harrow,Westmarch",
        None,
        ("places.csv:3", "appears twice"),
    ),
    "region twice": Break(
        "regions.csv",
        "Eastvale,AV-EAS",
        "Midland,AV-EAS",
        None,
        ("regions.csv:4", "'Midland' appears twice"),
    ),
    "value twice": Break(
        "place_values.csv",
        "Saltby,businesses",
        "Harrow,businesses",
        "Harrow,businesses,200",
        ("'businesses' of 'Harrow' appears twice",),
    ),
    "value missing": Break(
        "place_values.csv",
        "Saltby,businesses,200,trading sites,2030,assumed,arv-assumption,,\n",
        "",
        None,
        ("'businesses' is missing for 'Saltby'",),
    ),
    "regional value missing": Break(
        "region_values.csv",
        "Arvenia,news_reach,0.8,share of population,2029,reported,arv-census,table 7,\n",
        "",
        None,
        ("'news_reach' is missing for 'Westmarch'", "'Arvenia'"),
    ),
    "value of an unknown place": Break(
        "place_values.csv", "Dorn,seat", "Dorm,seat", None, ("unknown place", "Dorm", "'Dorn'")
    ),
    "value of an unknown region": Break(
        "region_values.csv",
        "Eastvale,poverty",
        "Estvale,poverty",
        None,
        ("unknown region", "'Eastvale'"),
    ),
    "unknown variable": Break(
        "region_values.csv", "Eastvale,poverty", "Eastvale,povrty", HERE, ("povrty", "'poverty'")
    ),
    "variable of the other level": Break(
        "region_values.csv",
        "Eastvale,poverty",
        "Eastvale,seat",
        HERE,
        ("'seat'", "unknown region variable"),
    ),
    "value out of range": Break(
        "region_values.csv",
        "Westmarch,dock_share,0.9",
        "Westmarch,dock_share,1.9",
        HERE,
        ("'dock_share' is out of range", "1.9", "0 to 1"),
    ),
    "wrong unit": Break(
        "region_values.csv",
        "Westmarch,lpg_price_after,120,crowns/litre",
        "Westmarch,lpg_price_after,120,crowns/gallon",
        HERE,
        ("wrong unit", "crowns/gallon", "crowns/litre"),
    ),
    "unknown source": Break(
        "region_values.csv",
        "reported,arv-observer,p6,",
        "reported,arv-observr,p6,",
        HERE,
        ("unknown source", "arv-observr", "'arv-observer'"),
    ),
    "no source": Break(
        "region_values.csv",
        "reported,arv-observer,p6,",
        "reported,,p6,",
        HERE,
        ("'reference'", "required"),
    ),
    "unknown source of an office": Break(
        "offices.csv",
        "2030-03-07,President,reported,arv-observer",
        "2030-03-07,President,reported,nobody",
        HERE,
        ("unknown source", "nobody"),
    ),
    # ---- episodes
    "latest before earliest": Break(
        EPISODE,
        "latest: 2030-03-04T23:00",
        "latest: 2030-03-03T23:00",
        "    begins: {earliest: 2030-03-04T00:00",
        ("`latest` is before `earliest`",),
    ),
    "action ends before it begins": Break(
        EPISODE,
        "ends: {earliest: 2030-03-08T00:00, latest: 2030-03-08T12:00}",
        "ends: {earliest: 2030-03-02T00:00, latest: 2030-03-02T12:00}",
        "  shutdown:",
        ("shutdown: ends before it begins", "2030-03-02"),
    ),
    "unknown kind of action": Break(
        EPISODE,
        "kind: shutdown",
        "kind: shutdwn",
        "  shutdown:",
        ("unknown kind", "shutdwn", "'shutdown'"),
    ),
    "unknown region of an action": Break(
        EPISODE,
        "where: [Midland]",
        "where: [Middland]",
        "  emergency:",
        ("unknown region", "Middland", "'Midland'"),
    ),
    "unknown region left out": Break(
        EPISODE,
        "except: [Eastvale]",
        "except: [Eastval]",
        "  shutdown:",
        ("unknown region", "'Eastvale'"),
    ),
    "ends with nothing": Break(
        EPISODE,
        "ends: {earliest: 2030-03-08T00:00, latest: 2030-03-08T12:00}",
        "ends_with: emergancy",
        "  shutdown:",
        ("emergancy", "'emergency'"),
    ),
    "overlapping actions": Break(
        EPISODE,
        "kind: emergency",
        "kind: shutdown",
        "  emergency:",
        ("'shutdown' and 'emergency' are both shutdown and overlap", "Midland", "`ends_with`"),
    ),
    "intensity above one": Break(
        EPISODE,
        "intensity: 0.9",
        "intensity: 1.9",
        HERE,
        ("intensity", "1.9", "less than or equal to 1"),
    ),
    "action that nobody dates": Break(
        EPISODE,
        '\n      - {claim: obs-concession, says: "on the fourth"}',
        " []",
        None,
        ("a claim under `says`", "`reference`"),
    ),
    "action with a source and no grade": Break(
        EPISODE,
        '\n    says:\n      - {claim: obs-concession, says: "on the fourth"}',
        "\n    reference: arv-observer",
        None,
        ("`reference` and `grade` together",),
    ),
    "action from an unknown source": Break(
        EPISODE,
        '\n    says:\n      - {claim: obs-concession, says: "on the fourth"}',
        "\n    reference: arv-observr\n    grade: assumed",
        "  price-concession:",
        ("unknown source", "arv-observr", "'arv-observer'"),
    ),
    "action in an unknown place": Break(
        EPISODE,
        "where: [Westmarch]",
        "places: [Harow]",
        "  price-concession:",
        ("unknown place", "Harow", "'Harrow'"),
    ),
    "action in places and regions": Break(
        EPISODE,
        "where: [Westmarch]",
        "where: [Westmarch]\n    places: [Harrow]",
        None,
        ("`places`, or `where`",),
    ),
    "holiday outside the window": Break(
        EPISODE,
        "dates: [2030-03-08]",
        "dates: [2030-03-08, 2030-03-10]",
        HERE,
        ("days_off", "2030-03-10", "2030-03-01 to 2030-03-09"),
    ),
    "holiday from an unknown source": Break(
        EPISODE,
        "dates: [2030-03-08]\n  reference: arv-assumption",
        "dates: [2030-03-08]\n  reference: arv-asumption",
        "  reference: arv-asumption",
        ("days_off", "unknown source", "'arv-assumption'"),
    ),
    "offset in minutes": Break(
        "regions.csv",
        "Midland,AV-MID,region,2,",
        "Midland,AV-MID,region,2.1,",
        HERE,
        ("utc_offset", "2.1"),
    ),
    "window turned round": Break(
        EPISODE,
        "last_day: 2030-03-09",
        "last_day: 2030-02-09",
        None,
        ("last day is before the first", "2030-02-09"),
    ),
    # ---- accounts
    "account with an unknown mechanism": Break(
        UNION, "  looting: {", "  loting: {", HERE, ("unknown mechanism 'loting'", "'looting'")
    ),
    "mechanism without a reason": Break(
        UNION,
        'looting: {on: true, because: "arv-ministry p2"}',
        "looting: {on: true}",
        HERE,
        ("looting.because", "required"),
    ),
    "account with an unknown parameter": Break(
        UNION,
        "# fixed:",
        "fixed:\n  anger.by_shutdwn: {value: 0.5, because: x}",
        "  anger.by_shutdwn",
        ("anger.by_shutdwn", "'anger.by_shutdown'"),
    ),
    "account with a parameter out of range": Break(
        UNION,
        "# fixed:",
        "fixed:\n  joining.working_day: {value: 7, because: x}",
        "  joining.working_day",
        ("joining.working_day is out of range", "7", "0 to 1"),
    ),
    "account with half a prior": Break(
        UNION,
        "# beliefs:",
        "beliefs: {shutdown.cut: {prior: {distribution: uniform, low: 0}, because: x}}",
        None,
        ("uniform prior needs",),
    ),
    # ---- parameters of the pack's own
    "parameter of no mechanism": Break(
        "parameters/joinng.yaml", "", entry(), None, ("is not a mechanism or office", "'joining'")
    ),
    "parameter that nothing reads": Break(
        JOINING,
        "",
        entry(name="street_wight"),
        None,
        ("unknown parameter 'street_wight'", "'street_weight'"),
    ),
    "parameter without a reference": Break(
        JOINING, "", entry(references="[]"), "  references:", ("references", "at least 1")
    ),
    "parameter with an unknown reference": Break(
        JOINING, "", entry(references="[nobody1999]"), None, ("unknown reference", "nobody1999")
    ),
    "parameter out of its own range": Break(
        JOINING, "", entry(value="11"), HERE, ("11", "outside 0", "10")
    ),
    "parameter with value and prior": Break(
        JOINING,
        "",
        entry(prior="{distribution: uniform, low: 0, high: 1}"),
        HERE,
        ("fixed", "free", "give either"),
    ),
    "parameter with neither": Break(JOINING, "", entry(value=""), HERE, ("fixed", "free")),
    "prior of no known form": Break(
        JOINING,
        "",
        entry(value="", prior="{distribution: cauchy, low: 0, high: 1}"),
        "  prior:",
        ("distribution", "cauchy"),
    ),
}


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS.keys())
def test_one_thing_wrong_is_refused_and_named(pack: Path, case: Break) -> None:
    path, line = case.make(pack)
    with pytest.raises(QantarError) as caught:
        use(pack)
    message = str(caught.value)
    for word in case.says:
        assert word in message
    if isinstance(caught.value, FileError):
        assert caught.value.path.parent.is_relative_to(pack), message
        if "is missing for" not in message and case.file != UNION:
            assert caught.value.path == path, message
        if line is not None:
            assert caught.value.line == line, message
            assert f":{line}:" in message
    else:
        assert isinstance(caught.value, UnknownNameError), message


def test_a_day_that_is_in_no_calendar(pack: Path) -> None:
    path = pack / "pack.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("2030-03-01 ", "2030-02-30 "), "utf-8")
    with pytest.raises(FileError, match="2030-02-30"):
        load_country(pack)


def test_a_misspelt_key_that_is_needed_offers_the_nearest(pack: Path) -> None:
    path = pack / "pack.yaml"
    text = path.read_text(encoding="utf-8").replace("clock_utc_offset:", "clock_utc_ofset:")
    path.write_text(text, "utf-8")
    with pytest.raises(FileError, match="unknown key 'clock_utc_ofset'"):
        load_country(pack)


def test_parameter_declared_but_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the common pack, where the declared parameters come from."""
    home = tmp_path / "packs"
    for name in ("template", "common"):
        shutil.copytree(packs_folder() / name, home / name)
    path = home / "common" / "parameters" / "looting.yaml"
    extra = entry(name="bargains", references="[cohen1979]")
    path.write_text(path.read_text(encoding="utf-8") + "\n" + extra, encoding="utf-8")
    monkeypatch.setattr("qantar.packs.loading.packs_folder", lambda: home)
    with pytest.raises(FileError, match=r"looting.yaml.*'looting.bargains'.*no mechanism reads"):
        use(home / "template")
    text = (
        path.read_text(encoding="utf-8").replace("bargains:", "rat:").replace("\nrate:", "\nold:")
    )
    path.write_text(text.replace("\nrat:", "\nspare:"), encoding="utf-8")
    with pytest.raises(FileError, match=r"looting.yaml.*reads 'looting.rate', but no file"):
        use(home / "template")
