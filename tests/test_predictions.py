"""Predictions that were written beforehand are not changed, and none stands alone."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest

from qantar.simulate.years.scenario import laws

FOLDER = Path(__file__).parents[1] / "predictions"
ROWS = list(csv.DictReader((FOLDER / "2023-2025.csv").read_text(encoding="utf-8").splitlines()))


def test_files_have_the_hash_with_which_they_were_written() -> None:
    for line in (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        told, name = line.split()
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == told


def test_every_prediction_has_the_prior_beside_it() -> None:
    assert len(ROWS) > 400
    for row in ROWS:
        assert row["middle"], row
        assert row["prior"], row
        assert row["by"][:4] in ("2023", "2024", "2025"), row


@pytest.mark.parametrize("system", ["A7", "B3", "C1", "C3", "D1", "D5", "D7", "E6"])
def test_every_system_is_predicted(system: str) -> None:
    assert any(row["system"] == system for row in ROWS)


def test_waves_and_counts_are_predicted_under_every_law() -> None:
    for system in ("A7", "B3", "D5"):
        assert {row["basis"] for row in ROWS if row["system"] == system} == set(laws())


def test_a_wider_wave_is_not_likelier() -> None:
    chances = {
        (row["quantity"], row["by"], row["basis"]): float(row["middle"])
        for row in ROWS
        if row["system"] == "D5" and "wave" in row["quantity"]
    }
    for (quantity, by, basis), chance in chances.items():
        if quantity.startswith("a national"):
            wider = quantity.replace("a national", "a several")
            assert chance <= chances[wider, by, basis]
