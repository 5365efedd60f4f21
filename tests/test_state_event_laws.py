"""Laws of dated events: hand-computed evidence, and what each law is to see."""

from __future__ import annotations

import numpy as np
import pytest

from qantar.analysis.state.event_laws import (
    CONSTANT,
    RENEWAL,
    after,
    compare_laws,
    log_evidence_of_rates,
    log_evidence_of_renewal,
    series_of,
)

AFTER = "after a challenge"


def test_the_evidence_of_a_constant_rate_is_that_of_its_predictions() -> None:
    # Prior of half an event in 12 months: P(0) = (12/13)^0.5; then P(1) = 0.5 (13/14)^0.5 / 14.
    expected = 0.5 * np.log(12 / 13) + np.log(0.5 / 14) + 0.5 * np.log(13 / 14)
    assert log_evidence_of_rates(np.array([0.0, 1.0]), np.zeros(2)) == pytest.approx(expected)


def test_months_after_an_event_are_marked() -> None:
    assert after(np.array([0.0, 1, 0, 0, 0]), 2).tolist() == [0, 0, 1, 1, 0]
    assert series_of("x", [-1, 2, 2, 9], 4).counts.tolist() == [0, 0, 2, 0]


def test_a_cause_is_seen_where_there_is_one_and_not_where_there_is_none() -> None:
    rng = np.random.default_rng(1)
    challenged = (np.arange(360) % 60 < 12).astype(float)
    caused = series_of("caused", np.flatnonzero(rng.random(360) < 0.01 + 0.3 * challenged), 360)
    free = series_of("free", np.flatnonzero(rng.random(360) < 0.06), 360)
    table = compare_laws(caused, {AFTER: challenged}).set_index("law")
    assert table.loc[AFTER, "verdict"] == "better"
    assert table.index[0] == AFTER
    table = compare_laws(free, {AFTER: challenged}).set_index("law")
    assert table.loc[AFTER, "verdict"] == "cannot be told apart"
    assert table.loc[AFTER, "against_constant"] < 1
    assert table.loc[CONSTANT, "against_constant"] == 0


def test_regular_events_are_renewal_and_few_events_tell_nothing() -> None:
    regular = series_of("regular", range(5, 360, 24), 360)
    table = compare_laws(regular, {}).set_index("law")
    assert table.loc[RENEWAL, "verdict"] == "better"
    few = series_of("few", [100, 200], 360)
    table = compare_laws(few, {AFTER: np.zeros(360)}).set_index("law")
    assert set(table["verdict"]) == {"the null", "cannot be told apart"}
    assert log_evidence_of_renewal(regular.counts) > log_evidence_of_renewal(
        np.random.default_rng(2).permutation(regular.counts)
    )
