"""Scenario discovery: a planted box is found and borne out, and noise is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qantar.analysis.whatif.designs import CONFIRMED_BELOW, Box, _limits, _tested, box_table
from qantar.reports.whatif.sentences import NOTHING, box_sentences

PAIRS = 400


def numbers() -> pd.DataFrame:
    source = np.random.default_rng(3)
    return pd.DataFrame(source.normal(size=(PAIRS, 6)), columns=[f"m.{k}" for k in range(6)])


def test_a_planted_box_is_found() -> None:
    table = numbers()
    bad = ((table["m.1"] > 0.4) & (table["m.4"] < 0.2)).to_numpy()
    limits = _limits(table, bad)
    assert {*limits["parameter"]} == {"m.1", "m.4"}
    found = limits.set_index("parameter")
    assert abs(found.loc["m.1", "low"] - 0.4) < 0.2
    assert abs(found.loc["m.4", "high"] - 0.2) < 0.2
    box = _tested("a-change", limits, table, bad, np.arange(PAIRS) % 2 == 0)
    assert box.found > 0.8
    assert box.confirmed > 0.8
    assert box.p_value < 1e-6


def test_shares_are_those_of_the_limits_that_are_shown() -> None:
    """By hand: of eight pairs, every second one held out, m.0 above 3.5 in the box."""
    table = pd.DataFrame({"m.0": np.arange(8.0), "m.1": 0.0})
    bad = np.array([0, 1, 0, 0, 1, 1, 0, 1], np.bool_)
    limits = pd.DataFrame({"parameter": ["m.0"], "low": [3.5], "high": [9.0], "chance": [0.01]})
    box = _tested("a-change", limits, table, bad, np.arange(8) % 2 == 0)
    assert (box.base, box.found, box.confirmed, box.inside) == (0.5, 0.5, 1.0, 2)
    # Held out are 1, 3, 5 and 7, of which 1, 5 and 7 are bad: both in the box are in 3 of 6 draws.
    assert box.p_value == pytest.approx(0.5)


def test_noise_is_seldom_confirmed() -> None:
    """Boxes are found in most sets of noise; the other half confirms about one in twenty."""
    source = np.random.default_rng(11)
    searched = np.arange(PAIRS) % 2 == 0
    found = confirmed = 0
    for _ in range(40):
        table = pd.DataFrame(source.normal(size=(PAIRS, 30))).add_prefix("m.")
        bad = source.uniform(size=PAIRS) < 0.3
        limits = _limits(table[searched], bad[searched])
        if not limits.empty:
            found += 1
            confirmed += _tested("noise", limits, table, bad, searched).p_value < CONFIRMED_BELOW
    assert found >= 30
    assert confirmed <= 5  # binomial(40, 0.05) exceeds this once in seventy times


def box(confirmed: float, inside: int, p_value: float) -> Box:
    limits = pd.DataFrame({"parameter": ["m.1"], "low": [0.4], "high": [2.0], "chance": [0.001]})
    return Box("a-change", limits, 0.3, 0.9, confirmed, inside, p_value)


def test_a_box_that_the_other_half_does_not_bear_out_is_not_told_as_found() -> None:
    assert "does not confirm it" in box_sentences(box_table([box(0.25, 20, 0.8)]))[0]
    assert "does not confirm it" in box_sentences(box_table([box(float("nan"), 0, 1.0)]))[0]
    assert "does not confirm it" in box_sentences(box_table([box(0.4, 20, 0.2)]))[0]
    told = box_sentences(box_table([box(0.7, 20, 0.001)]))[0]
    assert "70%" in told
    assert "m.1 from 0.4 to 2" in told


def test_no_box_is_said_to_be_none() -> None:
    assert box_sentences(box_table([])) == [NOTHING]
