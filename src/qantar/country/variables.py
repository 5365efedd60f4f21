"""The dictionary of a pack's variables."""

from __future__ import annotations

from pathlib import Path

from pydantic import RootModel

from qantar.country.tables import Variable
from qantar.reading import read_yaml


class _Variables(RootModel[dict[str, Variable]]):
    """A file of variables."""


def load_variables(path: Path) -> dict[str, Variable]:
    """Return the declared variables by name."""
    return read_yaml(path, _Variables).root
