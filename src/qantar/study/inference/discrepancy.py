"""The prior of the model's discrepancy, by kind of fact: read from the common pack."""

from __future__ import annotations

from pathlib import Path

from qantar.country.pack import COMMON, packs_home
from qantar.country.parameters import load_parameters
from qantar.errors import FileError
from qantar.study.inference.likelihood import Discrepancy
from qantar.study.observations import KINDS, Kind

FILE = Path(COMMON) / "discrepancy.yaml"


def load_discrepancy() -> dict[Kind, Discrepancy]:
    """Return the prior of the standard deviation of the discrepancy of every kind of fact.

    Raises
    ------
    FileError
        If a kind is missing or its prior is not lognormal.
    """
    path = packs_home() / FILE
    declared = load_parameters(path)
    found: dict[Kind, Discrepancy] = {}
    for kind in KINDS:
        prior = declared[kind].prior if kind in declared else None
        if prior is None or prior.distribution != "lognormal":
            raise FileError(path, f"{kind}: needs a lognormal prior", expected=", ".join(KINDS))
        found[kind] = Discrepancy(prior.value_at(0.0), prior.sd or 0.0)
    return found
