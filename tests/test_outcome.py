"""Summaries of a run, on records small enough to check by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from qantar.analysis.facts import COLUMNS, DAY_COLUMNS, NUMBER_COLUMNS, facts, read_facts
from qantar.analysis.outcomes import Layout, Outcome
from qantar.analysis.scores import Verdict, is_informative, score, tally
from qantar.base.errors import FileError, QantarError, UnknownNameError
from qantar.evidence.targets import Target
from qantar.model.hour import VARIABLES

DAYS = 2
COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}
LAYOUT = Layout(
    country="Land",
    places=("East", "West"),
    regions=("E", "W"),
    region_of=("E", "W"),
    first_day=dt.date(2022, 1, 1),
    days=DAYS,
    offsets=np.array([0, -1]),
    visible=50.0,
)


def _record(**values: dict[tuple[int, int], float]) -> np.ndarray:
    """Return a record that is zero but for {(hour, place): value}."""
    record = np.zeros((24 * DAYS, 2, len(VARIABLES)), np.float32)
    for name, cells in values.items():
        for (hour, place), value in cells.items():
            record[hour, place, COLUMN[name]] = value
    return record


def _outcome(*records: np.ndarray) -> Outcome:
    outcome = Outcome(LAYOUT)
    for record in records:
        outcome.add(record)
    return outcome


def test_a_day_is_the_local_day() -> None:
    """Hour 24 of the clock is midnight in the east, and still 23 o'clock of day one in the west."""
    outcome = _outcome(_record(crowd={(24, 0): 100.0, (24, 1): 100.0}))
    assert outcome.samples("onset_day", "place", "East", "first")[0] == 1
    assert outcome.samples("onset_day", "place", "West", "first")[0] == 0


def test_participants_are_those_present_at_midnight_and_those_who_come() -> None:
    record = _record(
        joined={(10, 0): 30.0, (30, 0): 5.0},
        crowd={(h, 0): 30.0 for h in range(10, 26)},
    )
    outcome = _outcome(record)
    assert outcome.samples("participants", "place", "East", "2022-01-01")[0] == 30
    assert outcome.samples("participants", "place", "East", "2022-01-02")[0] == 35


def test_a_gathering_below_the_visible_crowd_is_not_an_onset() -> None:
    outcome = _outcome(_record(crowd={(5, 0): 49.0}), _record(crowd={(5, 0): 50.0}))
    onset = outcome.samples("onset_day", "place", "East", "first")
    assert np.isnan(onset[0])
    assert onset[1] == 0


def test_violence_is_a_building_attacked_or_somebody_killed() -> None:
    quiet = _record(crowd={(5, 0): 500.0})
    deadly = _record(crowd={(5, 0): 500.0}, deaths={(h, 0): 1.0 for h in range(6, 48)})
    outcome = _outcome(quiet, deadly)
    np.testing.assert_array_equal(outcome.samples("violent", "region", "E", "any"), [0, 1])
    np.testing.assert_array_equal(
        outcome.samples("peaceful_share", "country", "Land", "window"), [1, 0]
    )


def test_the_shares_of_deaths_sum_to_one_where_somebody_died() -> None:
    record = _record(deaths={(47, 0): 3.0, (47, 1): 1.0})
    outcome = _outcome(record, _record())
    east = outcome.samples("deaths_share", "region", "E", "total")
    west = outcome.samples("deaths_share", "region", "W", "total")
    assert east[0] == 0.75
    assert east[0] + west[0] == 1
    assert np.isnan(east[1])


def test_regions_sum_to_the_country() -> None:
    rng = np.random.Generator(np.random.Philox(7))
    record = np.cumsum(rng.integers(0, 5, (24 * DAYS, 2, len(VARIABLES))), axis=0)
    outcome = _outcome(record.astype(np.float32))
    for variable in ("deaths", "detained_cumulative", "participants", "businesses_looted"):
        parts = sum(outcome.samples(variable, "region", r, "2022-01-02") for r in ("E", "W"))
        np.testing.assert_allclose(
            parts, outcome.samples(variable, "country", "Land", "2022-01-02")
        )


def _target(**changes: str) -> Target:
    row = {
        "target": "t", "variable": "onset_day", "level": "place", "name": "East", "date": "first",
        "unit": "day", "low": "2022-01-01", "high": "2022-01-01", "claims": "c", "use": "fit",
    }  # fmt: skip
    return Target.model_validate({**row, **changes})


def _verdict(outcome: Outcome, **changes: str) -> Verdict:
    return score(outcome, [_target(**changes)])[0].verdict


def test_verdicts_of_dates() -> None:
    early = [_record(crowd={(5, 0): 90.0})] * 3
    late = [_record(crowd={(30, 0): 90.0})] * 2
    never = [_record()] * 5
    assert _verdict(_outcome(*early)) == "hit"
    assert _verdict(_outcome(*late)) == "miss"
    assert _verdict(_outcome(*never)) == "miss"


def test_verdicts_of_counts() -> None:
    crowds = [_record(crowd={(5, 0): people}) for people in (90.0, 100.0, 300.0)]
    peak = {"variable": "crowd_peak", "date": "any", "unit": "persons"}
    assert _verdict(_outcome(*crowds), **peak, low="90", high="110") == "hit"
    assert _verdict(_outcome(*crowds), **peak, low="80", high="95") == "near"
    assert _verdict(_outcome(*crowds), **peak, low="10", high="50") == "miss"


def test_agreement_with_a_wide_interval_is_not_informative_but_a_miss_is() -> None:
    peak = {"variable": "crowd_peak", "date": "any", "unit": "persons"}
    crowds = [_record(crowd={(5, 0): people}) for people in (100.0, 120.0, 140.0)]
    assert _verdict(_outcome(*crowds), **peak, low="0", high="500") == "uninformative"
    assert _verdict(_outcome(*crowds), **peak, low="0", high="99") == "miss"
    vague = [_record(crowd={(5, 0): people}) for people in (1.0, 120.0, 9000.0)]
    assert _verdict(_outcome(*vague), **peak, low="100", high="140") == "uninformative"
    assert _verdict(_outcome(*vague), **peak, low="5", high="20") == "uninformative"
    any_day = [_record(crowd={(hour, 0): 90.0}) for hour in (5, 5, 30)]
    assert _verdict(_outcome(*any_day)) == "uninformative"


def test_a_weak_target_is_missed_or_says_nothing() -> None:
    peak = {"variable": "crowd_peak", "date": "any", "unit": "persons", "use": "weak"}
    crowds = _outcome(*(_record(crowd={(5, 0): people}) for people in (90.0, 100.0, 300.0)))
    assert _verdict(crowds, **peak, low="90", high="110") == "uninformative"
    assert _verdict(crowds, **peak, low="80", high="95") == "uninformative"
    assert _verdict(crowds, **peak, low="10", high="50") == "miss"
    active = {"variable": "active", "date": "any", "unit": "probability", "use": "weak"}
    assert _verdict(crowds, **active, low="0.5", high="1") == "uninformative"
    assert _verdict(crowds, **active, low="0", high="0.5") == "miss"


@pytest.mark.parametrize(
    ("variable", "low", "high", "limit", "expected"),
    [
        ("deaths", 1, 49, np.inf, True),
        ("deaths", 1, 50, np.inf, False),
        ("deaths", 0, 24, np.inf, True),
        ("onset_day", 2, 7, 12, True),
        ("onset_day", 2, 8, 12, False),
        ("active_places", 0, 3, 8, True),
        ("active_places", 0, 4, 8, False),
        ("deaths_share", 0.4, 0.9, np.inf, True),
        ("deaths_share", 0.4, 1.0, np.inf, False),
        ("violent", 0.5, 1.0, np.inf, True),
        ("violent", 0.0, 1.0, np.inf, False),
    ],
)
def test_widest_informative_intervals(
    variable: str, low: float, high: float, limit: float, expected: bool
) -> None:
    assert is_informative(variable, low, high, limit) is expected


def test_tally_counts_every_verdict() -> None:
    counts = tally(score(_outcome(_record(crowd={(5, 0): 90.0})), [_target()]))
    assert counts["fit"] == {"hit": 1, "near": 0, "miss": 0, "uninformative": 0}
    assert sum(counts["held"].values()) == 0
    weak = tally(score(_outcome(_record(crowd={(5, 0): 90.0})), [_target(use="weak")]))
    assert weak["weak"] == {"hit": 0, "near": 0, "miss": 0, "uninformative": 1}
    assert not any(weak["fit"].values())


def test_facts_have_the_declared_columns_and_leave_never_empty() -> None:
    outcome = _outcome(_record(crowd={(5, 0): 90.0}), _record(), _record())
    table = facts(outcome, (_target(),))
    assert tuple(table.columns) == COLUMNS
    row = table[(table["variable"] == "onset_day") & (table["name"] == "East")].iloc[0]
    assert row["day_q05"] == pd.Timestamp("2022-01-01")
    assert pd.isna(row["day_q95"])
    assert row["day_observed_low"] == pd.Timestamp("2022-01-01")
    assert row[list(NUMBER_COLUMNS)].isna().all()
    assert row["target"] == "t"


def test_a_table_of_facts_is_read_back_with_its_types(tmp_path: Path) -> None:
    outcome = _outcome(_record(crowd={(5, 0): 90.0}), _record(), _record())
    table = facts(outcome, (_target(),))
    table.to_csv(tmp_path / "facts.csv", index=False)
    pd.testing.assert_frame_equal(read_facts(tmp_path / "facts.csv"), table)
    assert set(table.dtypes[list(NUMBER_COLUMNS)]) == {np.dtype("float64")}
    assert set(table.dtypes[list(DAY_COLUMNS)]) == {np.dtype("datetime64[s]")}


def test_a_table_of_facts_with_days_among_the_numbers_can_still_be_read(tmp_path: Path) -> None:
    """Version 0.1 wrote days into the columns of numbers."""
    outcome = _outcome(_record(crowd={(5, 0): 90.0}), _record(), _record())
    table = facts(outcome, (_target(),))
    table.to_csv(tmp_path / "facts.csv", index=False)
    old = pd.read_csv(tmp_path / "facts.csv", dtype=str, keep_default_na=False)
    for name in NUMBER_COLUMNS:
        old[name] = old[name].where(old["unit"] != "day", old[f"day_{name}"])
    old.drop(columns=list(DAY_COLUMNS)).to_csv(tmp_path / "old.csv", index=False)
    pd.testing.assert_frame_equal(read_facts(tmp_path / "old.csv"), table)


def test_another_table_is_not_taken_for_facts(tmp_path: Path) -> None:
    (tmp_path / "facts.csv").write_text("variable,unit\ndeaths,persons\n")
    with pytest.raises(FileError, match="is not a table of facts"):
        read_facts(tmp_path / "facts.csv")


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (("crowds", "place", "East", "any"), UnknownNameError),
        (("crowd_peak", "place", "Eest", "any"), UnknownNameError),
        (("crowd_peak", "place", "East", "2022-02-01"), QantarError),
    ],
)
def test_wrong_questions_get_the_nearest_right_one(
    question: tuple[str, str, str, str], error: type[QantarError]
) -> None:
    with pytest.raises(error):
        _outcome(_record()).samples(*question)
