"""What a sensitivity analysis says about itself: versions, design, luck, and whom to cite."""

from __future__ import annotations

import datetime as dt
from typing import Any

from qantar.study.manifest import circumstances, citations
from qantar.study.sensitivity.analysis import Analysis
from qantar.study.sensitivity.result import IDLE_BELOW, Method

_LIBRARIES = ("numpy", "numba", "pandas", "scipy", "SALib", "matplotlib")

_HERMAN = (
    "Herman, J. and Usher, W. (2017). SALib: an open-source Python library for sensitivity "
    "analysis. Journal of Open Source Software 2(9). https://doi.org/10.21105/joss.00097"
)
CITATIONS: dict[Method, tuple[str, ...]] = {
    "morris": (
        "Morris, M. D. (1991). Factorial sampling plans for preliminary computational "
        "experiments. Technometrics 33(2). https://doi.org/10.1080/00401706.1991.10484804",
        "Campolongo, F., Cariboni, J. and Saltelli, A. (2007). An effective screening design for "
        "sensitivity analysis of large models. Environmental Modelling & Software 22(10). "
        "https://doi.org/10.1016/j.envsoft.2006.10.004",
        _HERMAN,
    ),
    "sobol": (
        "Sobol, I. M. (2001). Global sensitivity indices for nonlinear mathematical models and "
        "their Monte Carlo estimates. Mathematics and Computers in Simulation 55(1-3). "
        "https://doi.org/10.1016/S0378-4754(00)00270-6",
        "Saltelli, A. et al. (2010). Variance based sensitivity analysis of model output. "
        "Computer Physics Communications 181(2). https://doi.org/10.1016/j.cpc.2009.09.018",
        _HERMAN,
    ),
}
"""Literature of each method."""


def manifest(analysis: Analysis, *, started: dt.datetime, wall_seconds: float) -> dict[str, Any]:
    """Return the manifest of a sensitivity analysis.

    Parameters
    ----------
    started : datetime
        When it began, UTC; a resumed one when it was resumed.
    wall_seconds : float
        How long it took since.
    """
    scenario = analysis.scenario
    return {
        **analysis.plan,
        "simulations": analysis.simulations,
        "belief": "prior",
        "idle_below": IDLE_BELOW[analysis.method],
        **circumstances(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "pack": scenario.country.header.name,
        "citations": [*citations(scenario), *CITATIONS[analysis.method]],
    }
