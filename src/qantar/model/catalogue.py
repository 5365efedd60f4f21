"""The catalogue of what a reader can look up: mechanisms and offices."""

from __future__ import annotations

import importlib
from functools import cache

from qantar.model import offices as _offices
from qantar.model.hour import MECHANISMS
from qantar.model.mechanism import Mechanism
from qantar.model.offices.decide import Rules


def mechanisms() -> dict[str, Mechanism]:
    """Return every mechanism by name, in the order of the hour."""
    return dict(MECHANISMS)


@cache
def offices() -> dict[str, Mechanism]:
    """Return every office by name, in the order in which they decide."""
    package = _offices.__name__
    modules = [importlib.import_module(f"{package}.{name}") for name in Rules._fields]
    return {module.OFFICE.name: module.OFFICE for module in modules}
