"""Coverage and CRPS of a run over its targets."""

from __future__ import annotations

import numpy as np
import pytest

from qantar.analysis.accuracy import EXACT, accuracy, crps_by_target
from qantar.analysis.observations import observations_of
from qantar.analysis.run import Run, run
from qantar.analysis.scores import PROBABILITIES, crps_with_error
from qantar.simulate.scenario import make_scenario


@pytest.fixture(scope="module")
def ran() -> Run:
    return run(make_scenario("january-2022", belief="prior"), members=8)


def test_coverage_counts_targets_with_a_range(ran: Run) -> None:
    found = accuracy(ran.outcome, ran.scenario.episode, ran.scores)
    ranged = [s for s in ran.scores if s.target.variable not in PROBABILITIES]
    assert found.ranged == len(ranged)
    assert found.overlapping == sum(s.verdict != "miss" for s in ranged)
    assert 0 < found.covered <= found.overlapping


def test_crps_is_in_standard_errors_of_the_observations(ran: Run) -> None:
    found = crps_by_target(ran.outcome, ran.scenario.episode, ran.scores)
    seen = observations_of(ran.scenario.episode, tuple(s.target for s in ran.scores))
    raw = crps_with_error(seen.read(ran.outcome), seen.value, seen.error)
    np.testing.assert_allclose(found, raw / seen.error)
    assert (found > EXACT - 1e-9).all()
    mean = accuracy(ran.outcome, ran.scenario.episode, ran.scores).crps
    assert mean == pytest.approx(found.mean())


def test_the_lowest_crps_is_that_of_exact_runs() -> None:
    assert crps_with_error(np.full((5, 1), 3.0), 3.0, 1.0)[0] == pytest.approx(EXACT)


def test_no_targets_have_no_score(ran: Run) -> None:
    found = accuracy(ran.outcome, ran.scenario.episode, [])
    assert (found.ranged, found.overlapping, found.covered) == (0, 0, 0)
    assert np.isnan(found.crps)
