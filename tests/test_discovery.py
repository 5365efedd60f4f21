"""Scenario discovery: a planted box is found and borne out, and noise is not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qantar.analysis.whatif.designs import Box, _box, box_table
from qantar.reports.whatif.sentences import NOTHING, box_sentences

PAIRS = 400


def numbers() -> pd.DataFrame:
    source = np.random.default_rng(3)
    return pd.DataFrame(source.normal(size=(PAIRS, 6)), columns=[f"m.{k}" for k in range(6)])


def test_a_planted_box_is_found() -> None:
    table = numbers()
    bad = ((table["m.1"] > 0.4) & (table["m.4"] < 0.2)).to_numpy()
    limits, density = _box(table, bad)
    assert {*limits["parameter"]} == {"m.1", "m.4"}
    found = limits.set_index("parameter")
    assert abs(found.loc["m.1", "low"] - 0.4) < 0.2
    assert abs(found.loc["m.4", "high"] - 0.2) < 0.2
    assert density > 0.9


def box(confirmed: float, inside: int) -> Box:
    limits = pd.DataFrame({"parameter": ["m.1"], "low": [0.4], "high": [2.0], "chance": [0.001]})
    return Box("a-change", limits, 0.3, 0.9, confirmed, inside)


def test_a_box_that_the_other_half_does_not_bear_out_is_not_told_as_found() -> None:
    assert "does not confirm it" in box_sentences(box_table([box(0.25, 20)]))[0]
    assert "does not confirm it" in box_sentences(box_table([box(float("nan"), 0)]))[0]
    told = box_sentences(box_table([box(0.7, 20)]))[0]
    assert "70%" in told
    assert "m.1 from 0.4 to 2" in told


def test_no_box_is_said_to_be_none() -> None:
    assert box_sentences(box_table([])) == [NOTHING]
