"""What people import, and what that returns, says what goes in and what comes out."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import qantar
from qantar.analysis.outcomes import Layout, Outcome
from qantar.analysis.scores import Score
from qantar.analysis.whatif.result import WhatIf, World
from qantar.analysis.whatif.run import WhatIfSettings
from qantar.evidence import Claim, Ledger, Reconciled, Target
from qantar.packs.country import Country
from qantar.simulate.changes import Change, Changes

EXPORTED = [getattr(qantar, name) for name in qantar.__all__ if name != "__version__"]
RETURNED = [
    Change, Changes, Claim, Country, Layout, Ledger, Outcome, Reconciled, Score, Target, WhatIf,
    WhatIfSettings, World,
]  # fmt: skip
PUBLIC = [*EXPORTED, *RETURNED]


def functions(thing: Any) -> Iterator[Callable[..., Any]]:
    """Yield a function itself, or the public methods that a class of ours defines."""
    if inspect.isfunction(thing):
        yield thing
        return
    for name, member in vars(thing).items():
        if inspect.isfunction(member) and not name.startswith("_"):
            yield member


def section(text: str, title: str) -> str:
    """Return a section of a numpydoc docstring; empty if there is none."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\w[\w ]*\n-{{3,}}\n|\Z)", text, re.M | re.S)
    return found[1] if found else ""


def described(text: str, title: str) -> set[str]:
    """Return the names that a section describes."""
    lines = re.findall(r"^(\w[\w, ]*?)(?: : |$)", section(text, title), re.M)
    return {name for line in lines for name in re.split(r", ", line)}


@pytest.mark.parametrize("thing", PUBLIC, ids=lambda thing: thing.__name__)
def test_parameters_results_and_attributes_are_described(thing: Any) -> None:
    missing = []
    for function in functions(thing):
        text, signature = inspect.getdoc(function) or "", inspect.signature(function)
        wanted = {*signature.parameters} - {"self", "cls"}
        missing += [
            f"{function.__name__}: {name}" for name in wanted - described(text, "Parameters")
        ]
        if signature.return_annotation != "None" and not section(text, "Returns"):
            missing.append(f"{function.__name__}: what it returns")
    if inspect.isclass(thing):
        fields = getattr(thing, "model_fields", {})
        if dataclasses.is_dataclass(thing):
            fields = [field.name for field in dataclasses.fields(thing)]
        public = {name for name in fields if not name.startswith("_")}
        missing += sorted(public - described(inspect.getdoc(thing) or "", "Attributes"))
    assert missing == []
