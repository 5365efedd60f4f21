"""`qantar show` says in which file the code of a mechanism or an office is."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import run_qantar
from qantar.model.hour import MECHANISMS, offices

SOURCE = Path(__file__).parents[1] / "src"


@pytest.mark.parametrize(
    ("kind", "name"),
    [*(("mechanism", name) for name in MECHANISMS), *(("office", name) for name in offices())],
)
def test_the_code_that_is_named_exists_and_declares_it(kind: str, name: str) -> None:
    shown = run_qantar("show", kind, name)
    (line,) = [line for line in shown.stdout.splitlines() if line.startswith("  code ")]
    assert f'name="{name}"' in (SOURCE / line.split()[1]).read_text(encoding="utf-8")
