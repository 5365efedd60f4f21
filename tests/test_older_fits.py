"""Fits that are older than a mechanism: usable as long as it is off."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from qantar.base.errors import FileError
from qantar.simulate.draws import read_fitted_draws
from qantar.simulate.scenario import make_scenario

NEW = "coordinated_attack"


def test_a_fit_may_lack_the_parameters_of_a_mechanism_that_is_off(tmp_path: Path) -> None:
    scenario = make_scenario("january-2022", account="union")
    numbers, places = scenario.numbers, scenario.places
    rows = list(csv.reader(scenario.fit_file.read_text(encoding="utf-8").splitlines()))
    kept = [k for k, name in enumerate(rows[0]) if not name.startswith(f"{NEW}.")]
    older = tmp_path / "older.csv"
    with older.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row[k] for k in kept] for row in rows)
    whole = read_fitted_draws(scenario.fit_file, numbers, places, 6, seed=1)
    part = read_fitted_draws(older, numbers, places, 6, seed=1, off=(NEW,))
    same = [k for k, number in enumerate(numbers) if not number.name.startswith(f"{NEW}.")]
    np.testing.assert_array_equal(part.parameters[:, same], whole.parameters[:, same])
    np.testing.assert_array_equal(part.propensity, whole.propensity)
    with pytest.raises(FileError, match="was fitted with different parameters"):
        read_fitted_draws(older, numbers, places, 6, seed=1)
