"""What a notebook uses: representations, tables, data sets, plots, and folders that are opened."""

from __future__ import annotations

import json
import re
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr
import zarr

import qantar
from qantar.analysis import array_labels
from qantar.analysis.facts import DAY_COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS
from qantar.analysis.run import run as plain_run
from qantar.analysis.whatif.run import WhatIfSettings, manifest
from qantar.api.run import Run
from qantar.api.stored import StoredRun, StoredTables
from qantar.api.whatif import WhatIf
from qantar.base.errors import FileError, QantarError
from qantar.packs.loading import load_country
from qantar.results import open_writer, write_run, write_whatif
from qantar.simulate.scenario import Scenario, make_scenario

MEMBERS, SEED = 4, 3
LONGEST = 600
ARCHIVE = Path("posteriors/january-2022/comparison")


@pytest.fixture(autouse=True)
def _no_windows() -> Iterator[None]:
    """Draw without a window, and close what was drawn."""
    import matplotlib.pyplot as plt

    with mpl.rc_context():
        plt.switch_backend("Agg")
        yield
        plt.close("all")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return make_scenario("spring-unrest", pack="template")


@pytest.fixture(scope="module")
def run(scenario: Scenario) -> Run:
    return qantar.run(scenario, members=MEMBERS, seed=SEED)


@pytest.fixture(scope="module")
def what_if() -> WhatIf:
    scenario = make_scenario("spring-unrest", pack="template", decisions="rules")
    effort = WhatIfSettings(explained=1, both_modes=False)
    return qantar.what_if(scenario, "no-shutdown", members=MEMBERS, seed=SEED, effort=effort)


@pytest.fixture(scope="module")
def folder(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    destination = tmp_path_factory.mktemp("runs") / "first"
    writing = open_writer(scenario, destination, MEMBERS)
    write_run(scenario, writing, members=MEMBERS, seed=SEED)
    return destination


def test_representations_are_short(scenario: Scenario, run: Run, what_if: WhatIf) -> None:
    plain = plain_run(scenario, members=1)
    held = make_scenario("january-2022", overrides={"anger.by_shutdown": 1.0, "looting.rate": 0.5})
    for each in (
        *(scenario, held, scenario.country, scenario.episode, scenario.account),
        *(run, plain, run.outcome, run.ledger, run.plot),
        *(what_if, what_if.baseline, what_if.plot),
    ):
        assert 0 < len(repr(each)) < LONGEST, type(each)
    assert f"members, seed: {MEMBERS}, {SEED}" in repr(run)
    assert "no-shutdown: deaths" in repr(what_if)


def test_a_run_of_january_has_a_short_representation() -> None:
    scenario = make_scenario(
        "january-2022", overrides={"anger.by_shutdown": 1.0, "looting.rate": 0.5}
    )
    assert len(repr(qantar.run(scenario, members=2))) < LONGEST


def test_html_representations_are_small_tables(
    scenario: Scenario, run: Run, what_if: WhatIf, folder: Path
) -> None:
    for each in (scenario, run, what_if, qantar.open(folder)):
        page = each._repr_html_()
        assert page.startswith("<table>")
        assert page.endswith("</table>")
        assert len(page) < 4000
    page = run._repr_html_()
    assert run.outcome.layout.country in page
    assert f"{len(run.scores)} targets" in page
    assert re.search(
        r"Largest number in the street at once</th><td[^>]*>[\d,]+ \([\d,]+ to [\d,]+\)", page
    )


def test_a_run_is_that_of_the_analysis(scenario: Scenario, run: Run) -> None:
    plain = plain_run(scenario, members=MEMBERS, seed=SEED)
    assert isinstance(run, qantar.Run)
    assert [score.q50 for score in run.scores] == [score.q50 for score in plain.scores]
    pd.testing.assert_frame_equal(run.facts, qantar.facts(plain.outcome, plain.targets))
    assert run.facts is run.facts


def test_facts_have_one_type_in_each_column(run: Run) -> None:
    types = run.facts.dtypes
    assert set(types[list(NUMBER_COLUMNS)]) == {np.dtype("float64")}
    assert set(types[list(DAY_COLUMNS)]) == {np.dtype("datetime64[s]")}
    assert all(pd.api.types.is_string_dtype(types[name]) for name in TEXT_COLUMNS)
    dated = run.facts["unit"] == "day"
    assert run.facts.loc[dated, list(NUMBER_COLUMNS)].isna().all(axis=None)
    assert run.facts.loc[~dated, list(DAY_COLUMNS)].isna().all(axis=None)


def test_a_data_set_has_coordinates_and_units(run: Run) -> None:
    data = run.to_xarray()
    assert {"member", "hour", "place", "day", "region", "time", "local_time"} == set(data.coords)
    assert all(data[name].attrs["units"] for name in data.data_vars)
    assert all(data[name].attrs["long_name"] for name in data.variables)
    assert data["crowd"].dims == ("member", "hour", "place")
    assert data["deaths"].dims == ("member", "day", "place")
    layout = run.outcome.layout
    by_region = data["deaths"].isel(day=-1).groupby("region").sum()
    for region in layout.regions:
        own = run.outcome.samples("deaths", "region", region, "total")
        np.testing.assert_array_equal(by_region.sel(region=region), own)
    first = np.datetime64(layout.first_day)
    shift = (data["local_time"][0].values - first) / np.timedelta64(1, "h")
    np.testing.assert_array_equal(shift, layout.offsets)


def test_worlds_are_one_data_set(what_if: WhatIf) -> None:
    data = what_if.to_xarray()
    assert data["world"].values.tolist() == ["baseline", "no-shutdown"]
    deaths = data["deaths"].isel(day=-1).sum("place")
    country = what_if.baseline.outcome.layout.country
    for world, name in ((what_if.baseline, "baseline"), (what_if.worlds[0], "no-shutdown")):
        own = world.outcome.samples("deaths", "country", country, "total")
        np.testing.assert_array_equal(deaths.sel(world=name), own)


def test_changes_can_be_given_as_text_or_parsed(what_if: WhatIf) -> None:
    scenario = what_if.scenario
    parsed = qantar.parse_changes(scenario.country, scenario.episode, "no-shutdown")
    effort = WhatIfSettings(members=MEMBERS, seed=SEED, explained=1, both_modes=False)
    again = qantar.what_if(scenario, parsed, effort=effort)
    pd.testing.assert_frame_equal(again.tables["differences"], what_if.tables["differences"])
    with pytest.raises(QantarError, match="no change given"):
        qantar.what_if(scenario, [])
    with pytest.raises(QantarError, match="members is 0"):
        qantar.what_if(scenario, "no-shutdown", members=0)


def labelled(axes: mpl.axes.Axes) -> str:
    """Return the texts of axes."""
    legend = axes.get_legend()
    title = legend.get_title().get_text() if legend else ""
    return " | ".join((axes.get_xlabel(), axes.get_ylabel(), axes.get_title(), title))


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("timeline", "people in the street"),
        ("map", "per 100,000 inhabitants"),
        ("deaths", "persons"),
        ("scorecard", "counts: logarithmic"),
    ],
)
def test_plots_of_a_run_return_labelled_axes(run: Run, name: str, unit: str) -> None:
    own = mpl.figure.Figure().subplots()
    assert getattr(run.plot, name)(ax=own) is own
    assert unit in labelled(own)
    new = getattr(run.plot, name)()
    assert isinstance(new, mpl.axes.Axes)
    assert new is not own
    new.figure.canvas.draw()


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("timeline", "people in the street"),
        ("deaths", "persons"),
        ("difference_by_hour", "people in the street"),
        ("differences", "persons"),
    ],
)
def test_plots_of_a_what_if_return_labelled_axes(what_if: WhatIf, name: str, unit: str) -> None:
    own = mpl.figure.Figure().subplots()
    assert getattr(what_if.plot, name)(ax=own) is own
    assert unit in labelled(own)
    getattr(what_if.plot, name)().figure.canvas.draw()


def test_plots_leave_the_settings_of_the_caller(run: Run) -> None:
    before = dict(mpl.rcParams)
    run.plot.timeline()
    assert dict(mpl.rcParams) == before


def test_plots_refuse_what_is_not_there(run: Run, what_if: WhatIf) -> None:
    layout = run.outcome.layout
    axes = mpl.figure.Figure().subplots()
    assert run.plot.timeline(region=layout.regions[0], ax=axes).get_title() == layout.regions[0]
    assert run.plot.map(layout.dates[2], ax=axes).get_title()
    for call in (
        lambda: run.plot.timeline(region="Nowhere"),
        lambda: run.plot.timeline(region=layout.regions[0], place=layout.places[0]),
        lambda: run.plot.map("1999-01-01"),
        lambda: run.plot.deaths("crowd"),
        lambda: what_if.plot.timeline(7),
        lambda: what_if.plot.differences("crowds"),
        what_if.plot.doses,
    ):
        with pytest.raises(QantarError):
            call()


def test_a_run_directory_is_opened(folder: Path, run: Run) -> None:
    opened = qantar.open(folder)
    assert isinstance(opened, StoredRun)
    assert opened.manifest["seed"] == SEED
    pd.testing.assert_frame_equal(opened.facts, run.facts)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stored = opened.to_xarray()
    np.testing.assert_array_equal(stored["crowd"], run.to_xarray()["crowd"])
    assert [s.verdict for s in opened.run.scores] == [s.verdict for s in run.scores]
    opened.plot.map(ax=mpl.figure.Figure().subplots())
    assert len(repr(opened)) < LONGEST


def test_a_run_directory_of_before_gets_its_coordinates(
    folder: Path, tmp_path: Path, run: Run
) -> None:
    shutil.copytree(folder, tmp_path / "old")
    arrays = tmp_path / "old" / "arrays.zarr"
    group = zarr.open_group(arrays, mode="a")
    for name in ("member", "hour", "region", "time", "local_time"):
        del group[name]
    for name in group:
        group[name].attrs.put({})
    with pytest.warns(UserWarning, match="Consolidated metadata"):
        zarr.consolidate_metadata(arrays)
    old = qantar.open(tmp_path / "old").to_xarray()
    new = qantar.open(folder).to_xarray()
    assert set(old.coords) == set(new.coords)
    np.testing.assert_array_equal(old["region"].values.astype(object), new["region"].values)
    np.testing.assert_array_equal(old["local_time"], new["local_time"])
    assert old["crowd"].attrs["units"] == "persons"


def test_a_run_of_another_state_of_the_pack_is_rebuilt_with_a_warning(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "other")
    path = tmp_path / "other" / "manifest.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "pack_fingerprint": "0"}))
    with pytest.warns(UserWarning, match="has changed since"):
        _ = qantar.open(tmp_path / "other").run
    path.write_text(json.dumps({**told, "places": ["A"]}))
    with pytest.raises(FileError, match="other places"):
        _ = qantar.open(tmp_path / "other").run
    path.write_text(json.dumps({k: v for k, v in told.items() if k != "belief"}))
    with pytest.raises(FileError, match="no entry 'belief'"):
        _ = qantar.open(tmp_path / "other").run


def test_a_what_if_is_opened(what_if: WhatIf, tmp_path: Path) -> None:
    import datetime as dt

    about = manifest(what_if, (), started=dt.datetime.now(dt.UTC), wall_seconds=1.0)
    write_whatif(tmp_path / "w", what_if, about)
    opened = qantar.open(tmp_path / "w")
    assert isinstance(opened, StoredTables)
    assert opened.kind == "whatif"
    assert opened.manifest["changes"] == ["no-shutdown"]
    assert {"differences", "decisions", "regrets"} <= set(opened.tables)
    table = opened.tables["differences"]
    expected = what_if.tables["differences"]["difference"]
    np.testing.assert_allclose(table["difference"], expected, rtol=1e-5)
    with pytest.raises(QantarError, match="has no posterior"):
        opened.to_inference_data()


def test_a_comparison_is_opened() -> None:
    opened = qantar.open(load_country("kazakhstan").folder / ARCHIVE)
    assert isinstance(opened, StoredTables)
    assert opened.kind == "comparison"
    assert "union" in set(opened.tables["accounts"]["account"])
    assert opened.manifest["episode"] == "january-2022"
    assert len(repr(opened)) < LONGEST


def test_a_folder_that_no_command_wrote_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not exist"):
        qantar.open(tmp_path / "missing")
    with pytest.raises(FileError, match="is a file"):
        qantar.open(folder / "facts.csv")
    with pytest.raises(FileError, match="holds no results") as caught:
        qantar.open(folder.parent)
    assert "first" in caught.value.hint
    with pytest.raises(FileError, match="holds no results"):
        qantar.open(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(FileError, match="no results of a known kind"):
        qantar.open(tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(FileError, match="not a JSON object"):
        qantar.open(tmp_path)


def test_without_xarray_the_error_says_what_to_install(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array_labels, "find_spec", lambda _: None)
    for call in (run.to_xarray, qantar.open(folder).to_xarray):
        with pytest.raises(QantarError, match="xarray") as caught:
            call()
        assert "qantar[study]" in caught.value.hint


def test_only_a_run_of_a_posterior_gives_inference_data(run: Run) -> None:
    with pytest.raises(QantarError, match="has no posterior"):
        run.to_inference_data()


def test_a_run_of_a_posterior_gives_inference_data() -> None:
    pytest.importorskip("arviz")
    run = qantar.run(make_scenario("january-2022", belief="posterior"), members=3)
    data = run.to_inference_data()
    assert data.posterior.sizes["draw"] == 3
    assert data.posterior["name"].values.tolist() == [n.name for n in run.scenario.numbers]
    target = run.targets[0]
    own = run.outcome.samples(target.variable, target.level, target.name, target.date)
    facts = data.posterior_predictive["fact"].sel(chain=0, target=target.target)
    np.testing.assert_array_equal(facts, own)
    assert isinstance(data.observed_data["fact"], xr.DataArray)
