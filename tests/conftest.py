"""What several test files share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from qantar.base.provenance import load_references
from qantar.evidence.codebook import load_codebook
from qantar.packs.country import packs_home
from qantar.packs.parameters import load_parameters


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the template pack that a test may break."""
    folder = tmp_path / "arvenia"
    shutil.copytree(packs_home() / "template", folder)
    return folder


@cache
def common(load: Callable[[Path], object], path: Path) -> object:
    return load(path)


@pytest.fixture
def common_pack_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are read by every load, take most of its time and are not what is tested."""
    home = packs_home() / "common"

    def once(load: Callable[[Path], Any]) -> Callable[[Path], Any]:
        return lambda p: copy(common(load, p)) if p.is_relative_to(home) else load(p)

    monkeypatch.setattr("qantar.packs.loading.load_parameters", once(load_parameters))
    monkeypatch.setattr("qantar.packs.loading.load_references", once(load_references))
    monkeypatch.setattr("qantar.evidence.ledger.load_codebook", once(load_codebook))
