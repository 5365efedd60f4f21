"""The catalogue of mechanisms, found by looking: every module here that declares one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from qantar.model import mechanisms as _mechanisms
from qantar.model import offices as _offices
from qantar.model.hour import Switches
from qantar.model.mechanism import Mechanism
from qantar.model.offices.decide import Rules


@cache
def mechanisms() -> dict[str, Mechanism]:
    """Return every mechanism by name, in the order of the hour."""
    found = {module.MECHANISM.name: module.MECHANISM for module in mechanism_modules()}
    return {name: found[name] for name in Switches._fields}


def mechanism_modules() -> list[ModuleType]:
    """Return the modules of this package that declare a mechanism."""
    names = [info.name for info in pkgutil.iter_modules(_mechanisms.__path__)]
    modules = [importlib.import_module(f"{_mechanisms.__name__}.{name}") for name in names]
    return [module for module in modules if hasattr(module, "MECHANISM")]


@cache
def offices() -> dict[str, Mechanism]:
    """Return every office by name, in the order in which they decide."""
    package = _offices.__name__
    modules = [importlib.import_module(f"{package}.{name}") for name in Rules._fields]
    return {module.OFFICE.name: module.OFFICE for module in modules}
