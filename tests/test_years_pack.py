"""The years of both packs load; one thing wrong at a time is refused with file, line and hint."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

import pytest

from file_edits import HERE, Break
from qantar.base.errors import FileError, UnknownNameError
from qantar.packs.country import packs_folder
from qantar.packs.loading import load_country
from qantar.packs.years import has_years, load_years
from qantar.packs.years_tables import first_day, last_day, month_number

YEARS = "years/years.yaml"
DRIVERS = "years/drivers.csv"
TRIGGERS = "years/triggers.csv"
ANSWERS = "years/answers.csv"
ELECTIONS = "years/elections.csv"
EVENTS = "years/events.csv"
COUNTS = "years/counts.csv"

OIL_2023 = "oil_price,Arvenia,2023,52,crowns/barrel,measured,arv-census,table 8,\n"
OIL_2029 = "oil_price,Arvenia,2029,75,crowns/barrel,measured,arv-census,table 8,\n"
ELECTION = "election-2022,Presidential election,2022-06-05,2022-06-05,election,1,civic_activism"
STRIKE = "2027-03-20,labour,1,dock_weight,Harrow,waved,Westmarch;Arven"

BREAKS = {
    # ---- series
    "gap": Break(DRIVERS, OIL_2023, "", "oil_price,Arvenia,2024", ("gap", "2023", "`missing`")),
    "series ends too early": Break(
        YEARS,
        "observed_until: 2029-12",
        "observed_until: 2030-01",
        "  oil_price:",
        ("does not cover", "2020 to 2029", "2020 to 2030", "state a prior"),
    ),
    "series without any value": Break(
        YEARS,
        "series:\n  oil_price:",
        "series:\n  wage: {label: G, unit: '%', level: country, resolution: year, low: 0, "
        "high: 9}\n  oil_price:",
        "  wage:",
        ("no value", "2020 to 2029", "state a prior"),
    ),
    "value twice": Break(
        DRIVERS, OIL_2023, OIL_2023 * 2, None, ("appears twice", "one value", "better source")
    ),
    "wrong unit": Break(
        DRIVERS,
        "2023,52,crowns/barrel",
        "2023,52,USD/barrel",
        HERE,
        ("wrong unit", "crowns/barrel", "convert"),
    ),
    "out of range": Break(
        DRIVERS,
        "2023,52,crowns/barrel",
        "2023,5200,crowns/barrel",
        HERE,
        ("out of range", "1 to 500 crowns/barrel", "convert"),
    ),
    "not a number": Break(
        DRIVERS,
        "2023,52,crowns/barrel",
        "2023,nan,crowns/barrel",
        HERE,
        ("finite number", "leave the row out"),
    ),
    "infinite": Break(
        DRIVERS, "2023,52,crowns/barrel", "2023,inf,crowns/barrel", HERE, ("finite number",)
    ),
    "unknown series": Break(
        DRIVERS,
        "oil_price,Arvenia,2023",
        "oil_prise,Arvenia,2023",
        HERE,
        ("unknown series", "did you mean 'oil_price'", "years.yaml"),
    ),
    "unknown area": Break(
        DRIVERS,
        "poverty,Westmarch,2029",
        "poverty,Westmarsh,2029",
        HERE,
        ("unknown area", "did you mean 'Westmarch'"),
    ),
    "region in a series of the country": Break(
        DRIVERS,
        "oil_price,Arvenia,2023",
        "oil_price,Westmarch,2023",
        HERE,
        ("unknown area", "the level of 'oil_price'"),
    ),
    "month in a series of years": Break(
        DRIVERS,
        "oil_price,Arvenia,2023,",
        "oil_price,Arvenia,2023-01,",
        HERE,
        ("given by year", "YYYY", "resolution"),
    ),
    "impossible month": Break(
        DRIVERS, "gas_price,Arvenia,2029-12", "gas_price,Arvenia,2029-13", HERE, ("month",)
    ),
    "no period": Break(
        DRIVERS, "oil_price,Arvenia,2023,", "oil_price,Arvenia,23,", HERE, ("no year, month",)
    ),
    "unknown reference of a driver": Break(
        DRIVERS,
        "2023,52,crowns/barrel,measured,arv-census",
        "2023,52,crowns/barrel,measured,arv-sensus",
        HERE,
        ("unknown reference", "did you mean 'arv-census'", "sources.yaml"),
    ),
    "unknown grade": Break(
        DRIVERS,
        "2023,52,crowns/barrel,measured",
        "2023,52,crowns/barrel,measure",
        HERE,
        ("grade", "did you mean 'measured'"),
    ),
    # ---- header
    "prior out of range": Break(
        YEARS,
        "missing: {mean: 5, sd: 2",
        "missing: {mean: 500, sd: 2",
        "  inflation:",
        ("prior of 'inflation'", "-10 to 100", "in the unit"),
    ),
    "range turned round": Break(
        YEARS, "low: 1, high: 500", "low: 500, high: 1", HERE, ("no range", "exchange")
    ),
    "unknown reference of a prior": Break(
        YEARS,
        "{mean: 5, sd: 2, persistence: 0.5, grade: assumed, references: [arv-assumption]",
        "{mean: 5, sd: 2, persistence: 0.5, grade: assumed, references: [arv-asumption]",
        HERE,
        ("unknown reference", "did you mean 'arv-assumption'"),
    ),
    "last month before the first": Break(
        YEARS,
        "observed_until: 2029-12",
        "observed_until: 2019-12",
        HERE,
        ("ends before", "exchange"),
    ),
    "openings overlap": Break(
        YEARS,
        "opening:\n",
        "opening:\n  - {from: 2025-01, to: 2026-05, label: x, grade: assumed, "
        "reference: arv-assumption}\n",
        "  - {from: 2026-05",
        ("openings overlap", "after 2026-05-31", "join the two"),
    ),
    "opening turned round": Break(
        YEARS,
        "{from: 2026-05, to: 2028-02",
        "{from: 2028-05, to: 2028-02",
        HERE,
        ("ends before", "`from`", "exchange"),
    ),
    "monitor turned round": Break(
        YEARS, "    from: 2022\n", "    from: 2032\n", "  observer:", ("ends before", "exchange")
    ),
    # ---- triggers
    "trigger in an unknown place": Break(
        TRIGGERS,
        STRIKE,
        STRIKE.replace("Harrow", "Harow"),
        HERE,
        ("unknown place or region", "did you mean 'Harrow'", "places.csv"),
    ),
    "unknown region out": Break(
        TRIGGERS,
        STRIKE,
        STRIKE.replace("Westmarch", "Westmarsh"),
        HERE,
        ("unknown place or region", "did you mean 'Westmarch'"),
    ),
    "unknown frame": Break(
        TRIGGERS,
        f"{STRIKE}",
        STRIKE.replace("labour", "labor"),
        HERE,
        ("frame", "did you mean 'labour'"),
    ),
    "unknown outcome": Break(
        TRIGGERS,
        STRIKE,
        STRIKE.replace("waved", "waves"),
        HERE,
        ("outcome", "did you mean 'waved'"),
    ),
    "unknown variable": Break(
        TRIGGERS,
        STRIKE,
        STRIKE.replace("dock_weight", "dok_weight"),
        HERE,
        ("unknown variable", "did you mean 'dock_weight'", "variables.yaml"),
    ),
    "salience above 1": Break(
        TRIGGERS, STRIKE, STRIKE.replace("labour,1", "labour,2"), HERE, ("salience", "0 to 1")
    ),
    "trigger turned round": Break(
        TRIGGERS,
        ELECTION,
        ELECTION.replace("2022-06-05,election", "2022-06-04,election"),
        HERE,
        ("ends before", "exchange"),
    ),
    "trigger twice": Break(
        TRIGGERS,
        "shooting-2027,Guards",
        "strike-2027,Guards",
        HERE,
        ("appears twice", "name of its own"),
    ),
    "waved without a region": Break(
        TRIGGERS,
        STRIKE,
        STRIKE.replace("Westmarch;Arven", ""),
        HERE,
        ("names no region", "`regions_out`", "fill the cell"),
    ),
    "nobody in two places": Break(
        TRIGGERS,
        STRIKE,
        STRIKE.replace("waved", "nobody"),
        HERE,
        ("several places", "one place at most"),
    ),
    "origin without a place": Break(
        TRIGGERS, "killing,1,origin,Harrow", "killing,1,origin,", HERE, ("names no origin",)
    ),
    "known after the observed months": Break(
        TRIGGERS,
        "2022-06-05,2022-06-05,election",
        "2032-06-05,2032-06-05,election",
        HERE,
        ("later than the observed", "unknown"),
    ),
    # ---- answers, elections, events
    "answer to an unknown trigger": Break(
        ANSWERS,
        "2024-02,devaluation-2024",
        "2024-02,devaluation-2023",
        HERE,
        ("unknown trigger", "did you mean 'devaluation-2024'", "triggers.csv"),
    ),
    "answer before its trigger": Break(
        ANSWERS,
        "2024-02,devaluation-2024",
        "2024-01,devaluation-2024",
        HERE,
        ("before its trigger", "2024-02 or later", "leave the trigger empty"),
    ),
    "unknown kind of answer": Break(
        ANSWERS,
        "devaluation-2024,ignore",
        "devaluation-2024,ignored",
        HERE,
        ("kind", "did you mean 'ignore'"),
    ),
    "election twice": Break(
        ELECTIONS,
        "2026-05-10,parliamentary,The Party",
        "2022-06-05,presidential,The Party",
        HERE,
        ("appears twice", "better source"),
    ),
    "turnout above 100": Break(
        ELECTIONS, "(invented),80,91", "(invented),180,91", HERE, ("turnout", "0 to 100")
    ),
    "unknown kind of event": Break(
        EVENTS, "2025-01,media", "2025-01,press", HERE, ("kind", "constitution", "use one of")
    ),
    "unknown reference of an event": Break(
        EVENTS,
        "A new premier,reported,arv-observer",
        "A new premier,reported,arv-obsrver",
        HERE,
        ("unknown reference", "did you mean 'arv-observer'"),
    ),
    # ---- counts
    "counts overlap": Break(
        COUNTS,
        "observer,2024,2024,all,22",
        "observer,2023-06,2024,all,22",
        HERE,
        ("overlap", "after 2023-12-31", "`weak`"),
    ),
    "unknown monitor": Break(
        COUNTS,
        "observer,2024,2024,all,22",
        "obsever,2024,2024,all,22",
        HERE,
        ("unknown monitor", "did you mean 'observer'", "years.yaml"),
    ),
    "kind that the monitor does not tell apart": Break(
        COUNTS, "2027,political", "2027,labour", HERE, ("unknown kind", "`kinds` of 'observer'")
    ),
    "count turned round": Break(
        COUNTS,
        "observer,2024,2024,all,22",
        "observer,2024,2023,all,22",
        HERE,
        ("ends before", "exchange"),
    ),
    "negative count": Break(COUNTS, "2024,all,22", "2024,all,-22", HERE, ("value", "0 or more")),
    "unknown use": Break(
        COUNTS,
        "2024,all,22,,assemblies,fit",
        "2024,all,22,,assemblies,fits",
        HERE,
        ("use", "did you mean 'fit'"),
    ),
    # ---- shape
    "unknown column": Break(
        COUNTS, "monitor,from,", "monitor,form,", HERE, ("did you mean 'from'",)
    ),
    "missing column": Break(
        EVENTS,
        "date,kind,label,grade,reference,locator,note\n",
        "date,kind,label,grade,locator,note\n",
        HERE,
        ("'reference' is missing",),
    ),
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A copy of the template pack."""
    return Path(shutil.copytree(packs_folder() / "template", tmp_path / "arvenia"))


@pytest.mark.parametrize("name", BREAKS)
def test_refused(template: Path, name: str) -> None:
    path, line = BREAKS[name].make(template)
    with pytest.raises(FileError) as caught:
        load_country(template)
    message = str(caught.value)
    assert caught.value.path == path
    if line is not None:
        assert f"{path}:{line}: " in message
    assert all(part in message for part in BREAKS[name].says), message


def test_empty_year(template: Path) -> None:
    """A year in which every series is left to its prior says nothing about itself."""
    header = template / YEARS
    text = header.read_text(encoding="utf-8")
    prior = "{mean: 60, sd: 9, persistence: 0.5, grade: assumed, references: [arv-assumption]}"
    text = text.replace("low: 1, high: 500}", f"low: 1, high: 500, missing: {prior}}}")
    header.write_text(text, encoding="utf-8")
    drivers = template / DRIVERS
    rows = drivers.read_text(encoding="utf-8").splitlines(keepends=True)
    drivers.write_text("".join(row for row in rows if ",2021," not in row), encoding="utf-8")
    with pytest.raises(FileError, match="the year 2021 is empty") as caught:
        load_country(template)
    assert caught.value.line is not None
    assert caught.value.expected
    assert caught.value.hint


def test_gap_with_a_prior_is_fine(template: Path) -> None:
    """The template leaves out the prices of 2028, for which `missing` stands."""
    years = load_years(load_country(template))
    values = years.series("inflation")
    assert ("Arvenia", "2027") in values
    assert ("Arvenia", "2028") not in values


def test_template() -> None:
    country = load_country("template")
    assert has_years(country)
    years = load_years(country)
    assert years.series("oil_price")["Arvenia", "2023"].value == 52
    strike = next(row for row in years.triggers if row.trigger == "strike-2027")
    assert (strike.origins, strike.out) == (("Harrow",), ("Westmarch", "Arven"))
    assert (strike.begins, strike.ends) == ("2027-03-01", "2027-03-20")
    with pytest.raises(UnknownNameError, match="did you mean 'oil_price'"):
        years.series("oil_prise")


def test_pack_without_years(template: Path) -> None:
    shutil.rmtree(template / "years")
    country = load_country(template)
    assert not has_years(country)
    with pytest.raises(FileError, match="brings no years"):
        load_years(country)


def test_kazakhstan() -> None:
    years = load_years(load_country("kazakhstan"))
    assert years.header.observed_until == "2022-01"
    assert years.series("oil_price")["Kazakhstan", "1998"].value == 12.76
    outcomes = [row.outcome for row in years.triggers]
    assert outcomes.count("nobody") > outcomes.count("waved")
    assert all(series.missing for series in years.header.series.values())


def test_scores_of_institutions_end_in_2021() -> None:
    """Later ones are held back: they would leak the answer."""
    years = load_years(load_country("kazakhstan"))
    for name in ("civil_society", "free_expression", "judicial_constraints"):
        assert max(period for _, period in years.series(name)) == "2021"


def test_waves_agree_with_the_ledger() -> None:
    country = load_country("kazakhstan")
    years = load_years(country)
    region_of = {place: region.region for place, region in country.region_of.items()}
    region_of |= {region.region: region.region for region in country.regions}
    out = {row.trigger: {region_of[name] for name in row.out} for row in years.triggers}
    assert out["shooting-2011"] == {"Mangystau"}
    assert out["land-2016"] == {"Atyrau", "Aktobe", "East Kazakhstan"}
    assert out["election-2019"] == {"Almaty (city)", "Nur-Sultan"}
    assert len(out["lpg-2022"]) == len(country.regions)


def test_kibhr_is_the_table_of_the_ledger() -> None:
    country = load_country("kazakhstan")
    rows = [
        row for row in load_years(country).counts if row.monitor == "kibhr" and row.kind == "all"
    ]
    with (country.folder / "evidence/tables/assemblies.csv").open(encoding="utf-8") as file:
        printed = [float(row["printed"]) for row in csv.DictReader(file)]
    assert [row.value for row in rows] == printed
    assert sum(row.alternative or row.value for row in rows) == 1053


def test_moments() -> None:
    assert first_day("2020") == dt.date(2020, 1, 1)
    assert last_day("2020") == dt.date(2020, 12, 31)
    assert last_day("2020-02") == dt.date(2020, 2, 29)
    assert first_day("2020-02-03") == last_day("2020-02-03") == dt.date(2020, 2, 3)
    assert month_number("2020-03") - month_number("2019-12") == 3
