"""`qantar.compare` and `qantar.calibrate`: what they return and how it is shown."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import qantar
from example_comparison import made_comparison
from qantar.analysis.compare.archive import archive_folder, read_archive
from qantar.analysis.compare.comparison import (
    UNDECIDED,
    comparison_headline,
    is_undecided,
    restrict_to_accounts,
)
from qantar.analysis.inference.calibration_design import Design
from qantar.api.calibration import Calibration
from qantar.api.comparison import Comparison
from qantar.base.errors import QantarError, UnknownNameError
from qantar.packs.loading import load_country

ACCOUNTS = ("state", "leaderless", "null")
TINY = Design(
    prior=200, path=20, passes=1, refine=8, rounds=1, particles=24, moves=1, chains=2, predict=10,
    batch=50, seed=3,
)  # fmt: skip


@cache
def compared() -> Comparison:
    return qantar.compare("january-2022", ACCOUNTS, members=2, seed=3)


def test_the_verdict_comes_first_and_names_no_leader_where_there_is_none() -> None:
    found = compared()
    assert found.undecided
    assert found.verdict.startswith(UNDECIDED)
    assert repr(found).startswith(UNDECIDED)
    assert found._repr_html_().startswith(f"<p><strong>{UNDECIDED}")
    assert "leads" not in repr(found)
    assert "All are clearly better supported than `null`" in found.verdict
    assert found.stale == ()


def test_the_shipped_comparison_is_read_with_the_same_verdict() -> None:
    shipped = read_archive(archive_folder(load_country("kazakhstan"), "january-2022"))
    assert shipped.headline.startswith(UNDECIDED)
    assert "hindsight" in shipped.headline.lower()


def test_a_leader_is_named_where_accounts_with_causes_can_be_told_apart() -> None:
    tables = made_comparison().tables
    assert not is_undecided(tables["pairs"])
    assert "`state-blind` leads" in comparison_headline(tables)
    both = restrict_to_accounts(made_comparison(), ("union", "state"))
    assert both.headline.startswith(UNDECIDED)
    assert "null" not in both.headline


def test_accounts_tables_and_frame_agree() -> None:
    found = compared()
    assert set(found.accounts) == set(ACCOUNTS)
    assert list(found.to_frame().index) == found.accounts
    assert set(found.tables["held-back"]["account"]) == {*ACCOUNTS, "union"}


def test_plots_draw_on_given_axes_or_a_new_figure() -> None:
    mpl.use("Agg")
    found = compared()
    for method in (found.plot.probabilities, found.plot.predictive, found.plot.ranks):
        axes = Figure().add_subplot()
        assert method(axes) is axes
        assert axes.has_data()
    for method in (found.plot.confusion, found.plot.reliability):
        axes = method("classifier")
        assert axes.has_data()
        axes.figure.clear()
    with pytest.raises(UnknownNameError, match="likelihood"):
        found.plot.confusion("likelyhood")  # type: ignore[arg-type]


def test_shipped_draws_are_arviz_data() -> None:
    data = compared().to_inference_data("state")
    scenario = qantar.make_scenario("january-2022", account="state", belief="posterior")
    draws = scenario.draws(1, 5).parameters
    names = [number.name for number in scenario.numbers]
    free = [k for k, number in enumerate(scenario.numbers) if number.prior is not None]
    for k in free[:5]:
        np.testing.assert_allclose(data.posterior[names[k]].values[0, :5], draws[:, k])
    assert list(data.posterior["propensity"]["place"].values) == scenario.places
    with pytest.raises(UnknownNameError, match="state"):
        compared().to_inference_data("stat")


@pytest.mark.parametrize("accounts", [["union"], []])
def test_one_account_is_refused(accounts: list[str]) -> None:
    with pytest.raises(QantarError, match="at least two"):
        qantar.compare("january-2022", accounts)


@cache
def calibrated() -> Calibration:
    return qantar.calibrate("spring-unrest", "null", pack="template", design=TINY, seed=5)


@pytest.mark.slow
def test_a_calibration_has_draws_diagnostics_and_arviz_data() -> None:
    found = calibrated()
    assert found.design == replace(TINY, seed=5)
    assert len(found.draws) == 2 * 24
    table = found.to_frame().set_index("parameter")
    assert set(found.draws.columns) == set(table.index)
    median = found.draws.median()
    ranges = table.loc[median.index]
    assert (median >= ranges["posterior_q05"]).all()
    assert (median <= ranges["posterior_q95"]).all()
    assert found.diagnostics["chains"] == 2
    assert "null" in found.to_inference_data().attrs["title"]
    assert repr(found).startswith("Calibration of null on spring-unrest.")
    assert "<table" in found._repr_html_()
    assert isinstance(found.tables["facts"], pd.DataFrame)


def test_two_designs_are_refused() -> None:
    with pytest.raises(QantarError, match="exclude each other"):
        qantar.calibrate("spring-unrest", pack="template", quick=True, design=TINY)
