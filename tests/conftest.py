"""What several test files share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qantar.country.pack import packs_home


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the template pack that a test may break."""
    folder = tmp_path / "arvenia"
    shutil.copytree(packs_home() / "template", folder)
    return folder
